//! Operations with every predicate in place.

mod name;
mod read;
mod relation;
mod write;

use bistro_ir::{Action, Body, Expr, Operation, Param, Read};
use bistro_schema::{Action as Verb, Roles, SchemaView, TypeId};

use crate::error::AuthorizeError;
use crate::predicate::{Power, Predicates};
use crate::rules::{NamedCheck, Rules};
use name::Walk;

/// An operation that its caller may try, with every rule inside it as an ordinary condition.
///
/// Only this crate builds one:
///
/// ```compile_fail
/// let forged = bistro_policy::Authorized { body: todo!(), params: vec![], reason: None, texts: vec![] };
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Authorized {
    body: AuthorizedBody,
    params: Vec<Param>,
    reason: Option<&'static str>,
    texts: Vec<(Verb, String)>,
}

/// What is done.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "built once for each shape and borrowed from then on")]
pub enum AuthorizedBody {
    /// Rows out. The filter of this read and of every embed holds the READ rules.
    Read(Read),
    /// Rows in, or away.
    Write(AuthorizedWrite),
}

/// A write and what judges it. In every condition, scope 0 is the stored row.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizedWrite {
    /// Whose rows.
    pub ty: TypeId,
    /// What happens; the filter of an update or delete holds the READ rules and those of the action.
    pub action: Action,
    /// Insert: what a new row ([`bistro_ir::Root::New`]) must meet; refused with 42501 unless true. Otherwise true.
    pub create: Expr,
    /// Insert that merges: what the stored row must meet; refused with 42501 unless true. Otherwise true (an update's is
    /// in its filter).
    pub update_row: Expr,
    /// Update, and insert that merges: what the stored and the new row together must meet; refused with 42501 unless true.
    pub update_new: Expr,
    /// Conditions on every new row of an insert or update: broken (23514) when false, kept when true or unknown. They
    /// hold for every caller, the service key and the system included.
    pub checks: Vec<NamedCheck>,
    /// Which rows the caller may read afterwards.
    pub readable: Expr,
    /// What comes back; its filter holds `readable`, so a row that it does not find is hidden (42501).
    pub returning: Option<Read>,
}

impl Authorized {
    /// What is done.
    pub fn body(&self) -> &AuthorizedBody {
        &self.body
    }

    /// What each parameter slot holds, as the operation had it.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// Whose rows are read or written.
    pub fn ty(&self) -> TypeId {
        match &self.body {
            AuthorizedBody::Read(read) => read.ty,
            AuthorizedBody::Write(write) => write.ty,
        }
    }

    /// Why the rules were passed by, where the system asked.
    pub fn system_reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// The texts of the rules on the root type that applied to an action, one a line, for the log of `dev`; `always` for
    /// a rule without a condition, empty where no rule was asked.
    pub fn rule_texts(&self, action: Verb) -> String {
        let of = self.texts.iter().filter(|(a, _)| *a == action).map(|(_, text)| text.as_str());
        of.collect::<Vec<_>>().join("\n")
    }
}

/// Puts the rules of `roles` into an operation, and refuses names that do not exist for them. The surface's own look-ups
/// are not trusted: every name is judged here again.
///
/// # Errors
/// What the caller may not name or try.
pub fn authorize(rules: &Rules, roles: Roles, operation: &Operation) -> Result<Authorized, AuthorizeError> {
    build(rules, Power::Caller(roles), None, operation)
}

/// The one way past the rules: the system's own work, with a reason for the log. Checks hold still.
///
/// # Errors
/// An operation that does not hold together, or writes a computed field.
pub fn authorize_system(
    rules: &Rules,
    reason: &'static str,
    operation: &Operation,
) -> Result<Authorized, AuthorizeError> {
    build(rules, Power::System, Some(reason), operation)
}

fn build(
    rules: &Rules,
    power: Power,
    reason: Option<&'static str>,
    operation: &Operation,
) -> Result<Authorized, AuthorizeError> {
    let roles = match power {
        Power::Caller(roles) => roles,
        Power::System => Roles::SERVICE,
    };
    let view = SchemaView::new(rules.schema().clone(), roles);
    let mut walk = Walk {
        rules: Predicates { rules, power },
        view: &view,
        params: operation.params.len(),
        scopes: Vec::new(),
    };
    let body = match &operation.body {
        Body::Read(read) => AuthorizedBody::Read(walk.root(read)?),
        Body::Write(write) => AuthorizedBody::Write(walk.write(write)?),
    };
    let params = operation.params.clone();
    let mut authorized = Authorized { body, params, reason, texts: Vec::new() };
    authorized.texts = texts(&walk.rules, authorized.ty());
    Ok(authorized)
}

fn texts(predicates: &Predicates<'_>, ty: TypeId) -> Vec<(Verb, String)> {
    if predicates.power.passes() {
        return Vec::new();
    }
    let allows = &predicates.rules.of(ty).allows;
    let of = |action| predicates.matching(allows, action).map(move |rule| (action, rule.text.clone()));
    let all = Verb::ALL.into_iter().flat_map(of);
    all.map(|(action, text)| (action, text.unwrap_or_else(|| "always".to_owned()))).collect()
}
