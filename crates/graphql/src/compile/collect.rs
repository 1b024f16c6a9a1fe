//! The fields of an object, fragments written out.

use apollo_compiler::executable::SelectionSet;

use super::{Compiler, Field, Given};
use crate::failure::Failure;

impl<'a> Compiler<'a> {
    /// The fields that a row of this type answers, in the order of their first mention.
    pub(crate) fn collect(
        &self,
        type_name: &str,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Field<'a>>, Failure> {
        let _ = (type_name, sets);
        Ok(Vec::new())
    }

    /// The value of an argument, defaults of the schema included; `None` if it is absent.
    pub(crate) fn argument(&self, field: &Field<'a>, name: &str) -> Option<Given<'a>> {
        let _ = (field, name);
        None
    }
}
