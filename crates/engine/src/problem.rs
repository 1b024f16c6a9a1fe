//! A store's failure becomes a problem in the dialect's words, never naming what the caller may not see.

use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, SchemaView, Type, TypeId, Value};
use bistro_store::{StoreError, StoreErrorKind};

use crate::values::plain;

/// The problem for a store's failure. `row` is the row being written, for the details of a unique violation.
pub(crate) fn problem(view: &SchemaView, error: StoreError, row: &[(FieldId, Value)]) -> Problem {
    let schema = view.schema();
    let retry = |code, text: &str| Problem::new(code, text);
    let said = match &error.kind {
        StoreErrorKind::Unique { ty, constraint } => {
            let t = schema.ty(*ty);
            let unique = t.uniques.iter().find(|u| u.name == *constraint);
            let fields = unique.map_or(&t.key, |u| &u.fields);
            // Somebody else's index may be over other things than the key: nothing is said of it then.
            let known = unique.is_some() || *constraint == key_constraint(t);
            // A constraint's name holds the names of its fields.
            let message = match unique.is_none() || named(view, *ty, fields) {
                true => format!("duplicate key value violates unique constraint \"{constraint}\""),
                false => format!("duplicate key value violates a unique constraint of \"{}\"", t.collection),
            };
            let problem = Problem::new(Code::UniqueViolation, message);
            let shown = fields.iter().all(|f| view.field_allows(*ty, *f, bistro_schema::Action::Read));
            let value = |f: &FieldId| row.iter().find(|(id, _)| id == f).map(|(_, v)| plain(v));
            let values: Option<Vec<String>> = fields.iter().map(value).collect();
            match values.filter(|_| shown && known) {
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
        StoreErrorKind::ForeignKey(_) => {
            Problem::new(Code::ForeignKey, "a foreign key constraint is violated")
        }
        StoreErrorKind::NotNull { ty, field } => {
            let t = schema.ty(*ty);
            let seen = t.field_named(field).is_none_or(|f| named(view, *ty, &[f]));
            let column = if seen { format!("column \"{field}\"") } else { "a column".to_owned() };
            let collection = &t.collection;
            let message =
                format!("null value in {column} of relation \"{collection}\" violates not-null constraint");
            Problem::new(Code::NotNull, message)
        }
        // A check that the schema does not know, on a table that somebody else keeps.
        StoreErrorKind::Check { .. } => {
            Problem::new(Code::CheckViolation, "the row violates a check constraint of the database")
        }
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

/// The name under which stores report a type's key.
fn key_constraint(ty: &Type) -> String {
    bistro_schema::names::constraint(&[&ty.collection, "pkey"])
}

/// Whether texts to the caller may name the fields: those that do not exist for it are named by none.
pub(crate) fn named(view: &SchemaView, ty: TypeId, fields: &[FieldId]) -> bool {
    view.roles().passes_rules() || fields.iter().all(|f| view.field_exists(ty, *f))
}

/// The refusal of a value that the caller did not give, of a field that does not exist for it: the same without names.
pub(crate) fn veiled(view: &SchemaView, ty: TypeId, field: FieldId, problem: Problem) -> Problem {
    if named(view, ty, &[field]) {
        return problem;
    }
    let collection = &view.schema().ty(ty).collection;
    let message = match problem.code {
        Code::NotNull => {
            format!("null value in a column of relation \"{collection}\" violates not-null constraint")
        }
        _ => format!("a value of the new row for relation \"{collection}\" is refused"),
    };
    Problem::new(problem.code, message).cause(problem.message)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bistro_schema::Roles;

    use super::*;

    const SCHEMA: &str = r#"
enum Role @roles { boss }
type Row @model @unique(fields: ["tenant", "slug"]) @allow(to: [READ, CREATE]) {
  id: ID!
  tenant: String! @unique @default(value: "t") @allow(to: [READ, CREATE], roles: ["boss"])
  slug: String! @unique
}
"#;

    #[test]
    fn regress_refusals_name_no_hidden_field() {
        let checked = bistro_sdl::read("schema.graphql", SCHEMA);
        let schema = Arc::new(checked.schema);
        let ty = schema.by_name("Row").unwrap();
        let t = schema.ty(ty);
        let boss = schema.roles_named(["boss"]);
        let row: Vec<_> = t.fields().map(|(id, f)| (id, Value::text(f.name.as_str()))).collect();
        let check = |roles: Roles, kind: StoreErrorKind| {
            let view = SchemaView::new(Arc::clone(&schema), roles);
            let told = problem(&view, StoreError::new(kind, "tenant"), &row);
            format!("{} {:?} {:?}", told.message, told.details, told.hint).contains("tenant")
        };
        for unique in &t.uniques {
            let hidden = unique.name.contains("tenant");
            let kind = || StoreErrorKind::Unique { ty, constraint: unique.name.clone() };
            assert_eq!(check(boss, kind()), hidden, "{}", unique.name);
            assert!(!check(Roles::ANON, kind()), "{}", unique.name);
        }
        let kind = || StoreErrorKind::NotNull { ty, field: "tenant".into() };
        assert!(check(boss, kind()) && !check(Roles::ANON, kind()));
        let tenant = t.field_named("tenant").unwrap();
        let refused = |roles| {
            let view = SchemaView::new(Arc::clone(&schema), roles);
            let given = Problem::new(Code::CheckViolation, "rows_tenant_check").hint("tenant");
            let told = veiled(&view, ty, tenant, given);
            format!("{} {:?}", told.message, told.hint).contains("tenant")
        };
        assert!(refused(boss) && !refused(Roles::ANON));
    }
}
