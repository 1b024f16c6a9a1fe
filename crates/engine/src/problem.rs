//! A store's failure becomes a problem in the dialect's words, never naming what the caller may not see.

use bistro_problem::{Code, Problem};
use bistro_schema::{SchemaView, Value};
use bistro_store::{StoreError, StoreErrorKind};

use crate::values::{check_violation, plain};

/// The problem for a store's failure. `row` is the row being written, for the details of a unique violation.
pub(crate) fn problem(
    view: &SchemaView,
    error: StoreError,
    row: &[(bistro_schema::FieldId, Value)],
) -> Problem {
    let schema = view.schema();
    let retry = |code, text: &str| Problem::new(code, text);
    let said = match &error.kind {
        StoreErrorKind::Unique { ty, constraint } => {
            let t = schema.ty(*ty);
            let unique = t.uniques.iter().find(|u| u.name == *constraint);
            let fields = unique.map_or(&t.key, |u| &u.fields);
            let message = format!("duplicate key value violates unique constraint \"{constraint}\"");
            let problem = Problem::new(Code::UniqueViolation, message);
            let shown = fields.iter().all(|f| view.field_allows(*ty, *f, bistro_schema::Action::Read));
            let value =
                |f: &bistro_schema::FieldId| row.iter().find(|(id, _)| id == f).map(|(_, v)| plain(v));
            let values: Option<Vec<String>> = fields.iter().map(value).collect();
            match values.filter(|_| shown) {
                Some(values) => {
                    let names: Vec<&str> = fields.iter().map(|f| t.field(*f).name.as_str()).collect();
                    problem.details(format!(
                        "Key ({})=({}) already exists.",
                        names.join(", "),
                        values.join(", ")
                    ))
                }
                None => problem,
            }
        }
        StoreErrorKind::ForeignKey => Problem::new(Code::ForeignKey, "a foreign key constraint is violated"),
        StoreErrorKind::NotNull { ty, field } => {
            let collection = &schema.ty(*ty).collection;
            let message = format!(
                "null value in column \"{field}\" of relation \"{collection}\" violates not-null constraint"
            );
            Problem::new(Code::NotNull, message)
        }
        StoreErrorKind::Check { constraint } => match schema.types.first() {
            Some(t) => check_violation(t, constraint),
            None => Problem::bug("a check of no type"),
        },
        StoreErrorKind::TimedOut => {
            retry(Code::StatementTimeout, "canceling statement due to statement timeout")
        }
        StoreErrorKind::Overloaded => retry(Code::Overloaded, "the queue of waiting statements is full"),
        StoreErrorKind::Unavailable => retry(Code::StoreUnavailable, "the store cannot be reached"),
        StoreErrorKind::Serialization => retry(Code::Serialization, "could not serialize access, try again"),
        StoreErrorKind::Full => retry(Code::DiskFull, "the disk is full; reads go on"),
        StoreErrorKind::ReadOnly => {
            Problem::new(Code::StoreUnavailable, "the store may only be read at the moment")
        }
        StoreErrorKind::CommitUnknown => retry(Code::CommitUnknown, "the result of the commit is unknown"),
        StoreErrorKind::Rejected(code, words) => Problem::new(*code, words.clone()),
        StoreErrorKind::Unsupported(what) => {
            Problem::new(Code::Unsupported, format!("the store cannot {what}"))
        }
        StoreErrorKind::RolledBack | StoreErrorKind::Bug => Problem::bug(error.cause.clone()),
    };
    if said.cause.is_some() { said } else { said.cause(error.to_string()) }
}
