//! An authorised operation and a store's capabilities become a plan.
