//! Which members of `data` are fields of the row, and their values.

use bistro_problem::{Code, Problem};
use bistro_schema::names::constraint;
use bistro_schema::{
    Action, Field, FieldId, FieldKind, Kind, Relation, RelationKind, Scalar, Schema, SchemaView, Type,
    TypeId, Value, literal,
};
use serde_json::{Map, Value as Json};

/// A field and its new value.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) field: FieldId,
    pub(super) value: Value,
}

/// The members that name fields which people like this one may try to change. Others are nobody's mistake: `data` holds
/// whatever an application likes.
pub(super) fn given(view: &SchemaView, ty: TypeId, data: &Map<String, Json>) -> Result<Vec<Given>, Problem> {
    let mut all: Vec<Given> = Vec::new();
    if !view.type_allows(ty, Action::Update) || !view.type_allows(ty, Action::Read) {
        return Ok(all);
    }
    let of = view.schema().ty(ty);
    for (name, json) in data {
        let Some(field) = of.field_named(name).filter(|field| is_writable(view, ty, *field)) else {
            continue;
        };
        if all.iter().all(|given| given.field != field) {
            let value = value(view.schema(), of.field(field), json)?;
            all.push(Given { field, value });
        }
    }
    Ok(all)
}

/// Whether people like this one may try to change the field of the own row.
pub(super) fn is_writable(view: &SchemaView, ty: TypeId, id: FieldId) -> bool {
    let of = view.schema().ty(ty);
    let field = of.field(id);
    let own = of.key.contains(&id) || of.mirrors(id) || field.immutable || field.hidden || field.updated;
    !own && field.kind == FieldKind::Stored && view.field_allows(ty, id, Action::Update)
}

/// A JSON value as a value of the field.
fn value(schema: &Schema, field: &Field, json: &Json) -> Result<Value, Problem> {
    let wrong = || invalid(&field.name, "has no value of its type");
    match (json, field.scalar.list) {
        (Json::Null, _) if field.nullable => Ok(Value::Null),
        (Json::Null, _) => Err(invalid(&field.name, "is required")),
        (Json::Array(items), true) => {
            let one = Scalar { list: false, ..field.scalar };
            let items = items.iter().map(|item| single(schema, one, item));
            items.collect::<Option<Vec<Value>>>().map(Value::List).ok_or_else(wrong)
        }
        (_, true) => Err(wrong()),
        (json, false) => single(schema, field.scalar, json).ok_or_else(wrong),
    }
}

fn single(schema: &Schema, scalar: Scalar, json: &Json) -> Option<Value> {
    let text = match json {
        json if scalar.kind == Kind::Json => json.to_string(),
        Json::String(text) => text.clone(),
        Json::Number(_) | Json::Bool(_) => json.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    literal::parse(schema, scalar, &text).ok()
}

/// 422 that names a field.
pub(super) fn invalid(field: &str, why: &str) -> Problem {
    Problem::new(Code::ValidationFailed, format!("{field} {why}")).status(422).column(field)
}

/// What the engine says of values that do not fit, in the words of accounts: 422 that names the field.
pub(super) fn unfit(ty: &Type, problem: Problem) -> Problem {
    match problem.code {
        Code::NotNull
        | Code::CheckViolation
        | Code::ForeignKey
        | Code::TextTooLong
        | Code::OutOfRange
        | Code::InvalidText
        | Code::BadText
        | Code::DateSyntax
        | Code::DateRange => {
            let message = match blamed(ty, &problem) {
                Some(name) => format!("{name} does not fit: {}", problem.message),
                None => problem.message.clone(),
            };
            Problem { code: Code::ValidationFailed, status: 422, message, ..problem }
        }
        _ => problem,
    }
}

/// The field whose value was refused: the problem names it, or a constraint that is its own.
fn blamed<'t>(ty: &'t Type, problem: &'t Problem) -> Option<&'t str> {
    if let Some(column) = &problem.column {
        return Some(column);
    }
    let broken = |constraint: &str| problem.message.contains(&format!("\"{constraint}\""));
    let checked =
        |(_, field): &(FieldId, &Field)| broken(&constraint(&[&ty.collection, &field.name, "check"]));
    let led = |relation: &&Relation| relation.kind == RelationKind::ToOne && broken(&relation.constraint);
    let of_relation = ty.relations.iter().find(led).and_then(|relation| relation.pairs.first());
    ty.fields()
        .find(checked)
        .map(|(_, field)| field)
        .or_else(|| of_relation.map(|(near, _)| ty.field(*near)))
        .map(|field| field.name.as_str())
}
