//! What each field's type says: a scalar, an enum, a row of another type, or a list of either.

use apollo_compiler::ast::Type as Written;
use bistro_problem::Diagnostic;
use bistro_schema::names::nearest;
use bistro_schema::{EnumId, Kind, OnDelete, Relation, RelationId, RelationKind, Scalar, TypeId};

use crate::codes;
use crate::directives::{GRAPHQL_SCALARS, SCALARS};
use crate::draft::{Draft, FieldDecl, Shape, description, id, int};
use crate::place::At;

/// A bare `Decimal`: what every engine holds exactly.
const BARE: Kind = Kind::Decimal { precision: 38, scale: 9, bare: true };

/// Classifies every field, and gives every relation its slot, in file order.
pub(crate) fn run(draft: &mut Draft) {
    for ty in draft.type_ids() {
        for n in 0..draft.decl(ty).fields.len() {
            let mut found = Vec::new();
            let slot = RelationId(id(draft.schema.ty(ty).relations.len()));
            let shape = shape(draft, &draft.decl(ty).fields[n], slot, &mut found);
            draft.diagnostics.extend(found);
            draft.types[ty.0 as usize].fields[n].shape = shape;
            if let Some((target, _)) = draft.decl(ty).fields[n].relation() {
                let relation = slot_of(&draft.decl(ty).fields[n], target);
                draft.schema.types[ty.0 as usize].relations.push(relation);
            }
        }
    }
}

/// The relation as far as its own field tells.
fn slot_of(field: &FieldDecl, target: TypeId) -> Relation {
    let kind = match (field.shape, field.node.ty.is_list()) {
        (Shape::ToOne(..), _) => RelationKind::ToOne,
        (Shape::Inverse(..), false) => RelationKind::ToOneInverse,
        _ => RelationKind::ToMany,
    };
    Relation {
        name: field.node.name.to_string(),
        declared: true,
        description: description(field.node.description.as_ref()),
        target,
        kind,
        pairs: Vec::new(),
        constraint: String::new(),
        on_delete: OnDelete::NoAction,
        inverse: None,
        allows: Vec::new(),
        span: field.node.name.span(),
    }
}

fn shape(draft: &Draft, field: &FieldDecl, slot: RelationId, found: &mut Vec<Diagnostic>) -> Shape {
    let (list, element) = match &field.node.ty {
        Written::Named(_) | Written::NonNullNamed(_) => (false, &field.node.ty),
        Written::List(inner) | Written::NonNullList(inner) => (true, &**inner),
    };
    let name = element.inner_named_type();
    if list && !element.is_non_null() || element.is_list() {
        let told = Diagnostic::error(codes::UNSUPPORTED, name.at(), list_message(field, element));
        found.push(told.label("of this list").hint(format!("write `[{name}!]!`")));
        if element.is_list() {
            return Shape::Broken;
        }
    }
    if let Some(kind) = scalar(name) {
        return Shape::Scalar(Scalar { kind: digits(field, kind, found), list });
    }
    if let Some(n) = draft.enums.iter().position(|e| e.name == *name) {
        return Shape::Scalar(Scalar { kind: Kind::Enum(EnumId(id(n))), list });
    }
    if let Some(target) = draft.type_named(name) {
        return match (field.directive("inverse"), list) {
            (Some(_), _) => Shape::Inverse(target, slot),
            (None, true) => Shape::Many(target, slot),
            (None, false) => Shape::ToOne(target, slot),
        };
    }
    unknown(draft, name, found);
    Shape::Broken
}

fn list_message(field: &FieldDecl, element: &Written) -> String {
    let name = &field.node.name;
    if element.is_list() {
        return format!("the field `{name}` is a list of lists");
    }
    format!("the elements of `{name}` may be null")
}

fn unknown(draft: &Draft, name: &apollo_compiler::Name, found: &mut Vec<Diagnostic>) {
    if draft.refused.iter().any(|r| *name == r.as_str()) {
        return;
    }
    if draft.roles.as_ref().is_some_and(|r| r.name == *name) {
        let told =
            Diagnostic::error(codes::UNKNOWN_TYPE, name.at(), format!("`{name}` declares roles, not values"));
        found.push(told.label("the enum marked @roles").hint("declare another enum for stored values"));
        return;
    }
    let types = draft.types.iter().map(|t| t.name.as_str());
    let enums = draft.enums.iter().map(|e| e.name.as_str());
    let all = SCALARS.iter().chain(GRAPHQL_SCALARS).copied().chain(types).chain(enums);
    let told = Diagnostic::error(codes::UNKNOWN_TYPE, name.at(), format!("the type `{name}` is unknown"));
    let hint = match foreign(name).or_else(|| nearest(name, all)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it: `type {name} @model {{ id: ID! }}`"),
    };
    found.push(told.label("no such type").hint(hint));
}

/// Words of other schema languages for our scalars.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "text" | "str" | "varchar" => "String",
        "bool" => "Boolean",
        "integer" | "int32" | "number" => "Int",
        "long" | "int64" => "BigInt",
        "double" | "real" => "Float",
        "numeric" | "money" => "Decimal",
        "timestamp" | "timestamptz" | "datetime" | "instant" => "DateTime",
        "jsonb" | "object" | "json" => "JSON",
        "blob" | "bytea" | "binary" => "Bytes",
        "uri" | "url" => "URL",
        "uuid" | "guid" => "UUID",
        _ => return None,
    })
}

fn scalar(name: &str) -> Option<Kind> {
    Some(match name {
        "ID" => Kind::Id,
        "Int" => Kind::Int,
        "BigInt" => Kind::BigInt,
        "Float" => Kind::Float,
        "Decimal" => BARE,
        "String" => Kind::String,
        "Boolean" => Kind::Boolean,
        "Date" => Kind::Date,
        "Time" => Kind::Time,
        "DateTime" => Kind::DateTime,
        "JSON" => Kind::Json,
        "Bytes" => Kind::Bytes,
        "Email" => Kind::Email,
        "URL" => Kind::Url,
        "UUID" => Kind::Uuid,
        "Html" => Kind::Html,
        _ => return None,
    })
}

/// `@decimal` on a `Decimal`.
fn digits(field: &FieldDecl, kind: Kind, found: &mut Vec<Diagnostic>) -> Kind {
    let Some(directive) = field.directive("decimal") else { return kind };
    if !matches!(kind, Kind::Decimal { .. }) {
        return kind;
    }
    let (Some((precision, at)), Some((scale, scale_at))) =
        (int(directive, "precision"), int(directive, "scale"))
    else {
        return kind;
    };
    let mut refuse = |at, message: String| {
        let told = Diagnostic::error(codes::DECIMAL, at, message).label("out of range");
        found.push(told.hint("precision is 1–38; scale is 0–18 and at most the precision"));
    };
    if !(1..=38).contains(&precision) {
        refuse(at, format!("a precision of {precision} digits cannot be stored"));
    } else if !(0..=18).contains(&scale) || scale > precision {
        refuse(scale_at, format!("a scale of {scale} digits does not fit a precision of {precision}"));
    } else {
        let small = |n: i64| u8::try_from(n).expect("checked to be at most 38");
        return Kind::Decimal { precision: small(precision), scale: small(scale), bare: false };
    }
    kind
}
