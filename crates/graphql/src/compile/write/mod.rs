//! Mutations: the steps of one write, nested creates and connects included.

/// A write as steps of one transaction, for any values.
pub(crate) struct Writing {}

/// The rows and conditions of a write for one request.
pub(crate) struct BoundWriting {}

impl Writing {
    /// The steps of a field of `Mutation`.
    pub(crate) fn compile<'a>(
        compiler: &super::Compiler<'a>,
        field: &super::Field<'a>,
        means: crate::describe::RootField,
    ) -> Result<Self, crate::failure::Failure> {
        let _ = (compiler, field, means);
        Err(bistro_problem::Problem::bug("nothing can be written yet").into())
    }

    /// The values of a request.
    pub(crate) fn bind(
        &self,
        rules: super::Rules<'_>,
        variables: &apollo_compiler::response::JsonMap,
    ) -> Result<BoundWriting, bistro_problem::Problem> {
        let _ = (rules, variables);
        Ok(BoundWriting {})
    }

    /// The operations of its steps, in order.
    pub(crate) fn operations(&self) -> Vec<bistro_ir::Operation> {
        Vec::new()
    }
}
