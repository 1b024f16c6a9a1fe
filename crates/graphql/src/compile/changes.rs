//! `postChanges`: which changes of a type a subscriber is told of, and what of their rows.

/// A subscription to the changes of a type.
pub(crate) struct Changes {}

impl Changes {
    /// What `postChanges` asks.
    pub(crate) fn compile<'a>(
        compiler: &super::Compiler<'a>,
        field: &super::Field<'a>,
        ty: bistro_schema::TypeId,
    ) -> Result<Self, crate::failure::Failure> {
        let _ = (compiler, field, ty);
        Err(bistro_problem::Problem::bug("changes cannot be followed yet").into())
    }

    /// The values of a request.
    pub(crate) fn bind(
        &self,
        rules: super::Rules<'_>,
        variables: &apollo_compiler::response::JsonMap,
    ) -> Result<bistro_ir::Input, bistro_problem::Problem> {
        let _ = (rules, variables);
        Ok(bistro_ir::Input::default())
    }
}
