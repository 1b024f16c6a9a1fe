//! Mutations: the steps of one write, nested creates and connects included.

/// A write as steps of one transaction, for any values.
pub(crate) struct Writing {}

/// The rows and conditions of a write for one request.
pub(crate) struct BoundWriting {}
