//! The service that a caller sees: what its roles cannot see is not in it, under no name and in no description.
//!
//! Made once for a set of roles and kept. `wsdl` and `schema` print it; compiling asks it what names mean.

mod filters;
mod markup;
mod operations;
mod rows;
mod schema;
mod shown;
mod values;
mod wsdl;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_schema::{SchemaView, Type, TypeId};

use crate::envelope::{Element, Space, Version, shown};

pub(crate) use operations::{Operation, Verb};
pub(crate) use shown::{Member, Shown};

/// What the description says besides the schema.
#[derive(Clone, Debug)]
pub struct About {
    /// The targetNamespace.
    pub namespace: String,
    /// Where the service is, without a slash at its end: `https://api.example.org/soap/v1`.
    pub address: String,
    /// Whether people can sign in.
    pub signs_in: bool,
    /// Rows of an included list.
    pub included: u64,
    /// Rows of a page without `first`.
    pub page: u64,
    /// The greatest `first`.
    pub page_most: u64,
    /// Whether `xsi:nil` is declared where it makes a field null. Clients of .NET would send it for every text that nobody
    /// set, so that the usual document has `clear` alone; `xsi:nil` is understood all the same.
    pub nillable: bool,
}

/// A view as a SOAP service.
#[derive(Debug)]
pub struct Described {
    view: Arc<SchemaView>,
    shown: Vec<Shown>,
    operations: Vec<Operation>,
    by_name: HashMap<Arc<str>, usize>,
}

impl Described {
    /// The service of a view; with `signs_in` there is `SignIn`.
    pub fn new(view: Arc<SchemaView>, signs_in: bool) -> Self {
        let shown = shown::all(&view);
        let operations = operations::all(view.schema(), &shown, signs_in);
        let by_name = operations.iter().enumerate().map(|(n, o)| (o.name.clone(), n)).collect();
        Self { view, shown, operations, by_name }
    }

    /// Whether nothing of the data can be seen or done.
    pub fn is_empty(&self) -> bool {
        self.operations.iter().all(|o| o.verb == Verb::SignIn)
    }

    /// The service as WSDL 1.1: all ports, or that of one version alone.
    pub fn wsdl(&self, about: &About, only: Option<Version>) -> String {
        wsdl::wsdl(self, about, only)
    }

    pub(crate) fn view(&self) -> &Arc<SchemaView> {
        &self.view
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation that the element of a body asks for. `own` is the namespace of the service.
    pub(crate) fn asked(&self, payload: &Element<'_>, own: &str) -> Result<&Operation, Problem> {
        let name = shown(&payload.name);
        if payload.space != Space::Own {
            let message = format!("The element {name} of the body is not in the namespace of the service");
            let problem = Problem::new(Code::SoapOperation, message);
            return Err(problem.hint(format!("Operations are in {own}.")));
        }
        self.by_name.get(&*payload.name).map(|n| &self.operations[*n]).ok_or_else(|| {
            let near = bistro_schema::names::nearest(&name, self.operations.iter().map(|o| &*o.name));
            Problem::new(Code::SoapOperation, format!("There is no operation {name}"))
                .hint_opt(near.map(|near| format!("Did you mean {near}?")))
        })
    }

    pub(crate) fn ty(&self, id: TypeId) -> &Type {
        self.view.schema().ty(id)
    }

    /// Whether rows of the type can be searched: some field of its full-text index is shown.
    pub(crate) fn searches(&self, id: TypeId) -> bool {
        let ty = self.ty(id);
        self.shown(id).fields.iter().any(|f| ty.field(*f).search)
    }

    /// What is shown of a type.
    pub(crate) fn shown(&self, id: TypeId) -> &Shown {
        &self.shown[usize::from(id.0)]
    }
}
