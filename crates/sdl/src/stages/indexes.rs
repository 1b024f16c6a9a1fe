//! `@unique` and `@index`, on fields and on types.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use bistro_problem::Diagnostic;
use bistro_schema::names::{constraint, nearest};
use bistro_schema::{FieldId, FieldKind, Index, Kind, Type, TypeId, TypeKind, Unique};

use crate::codes;
use crate::draft::{Draft, FieldDecl, Shape, TypeDecl, literal, words};
use crate::place::{At, Place};

/// How many fields one index may have.
const FIELDS_MAX: usize = 16;

/// Makes the unique sets and indexes of every type.
pub(crate) fn run(draft: &mut Draft) {
    for ty in draft.type_ids() {
        let mut found = Vec::new();
        let (uniques, indexes) = made(draft, ty, &mut found);
        let ty = &mut draft.schema.types[ty.0 as usize];
        ty.uniques = uniques;
        ty.indexes = indexes;
        draft.diagnostics.extend(found);
    }
}

fn made(draft: &Draft, id: TypeId, found: &mut Vec<Diagnostic>) -> (Vec<Unique>, Vec<Index>) {
    let (decl, ty) = (draft.decl(id), draft.schema.ty(id));
    let mut asked: Vec<(bool, Vec<FieldId>, Place)> = Vec::new();
    for field in &decl.fields {
        for d in field.directives("unique").chain(field.directives("index")) {
            on_field(ty, field, d, &mut asked, found);
        }
    }
    for d in decl.directives.iter().filter(|d| d.name == "unique" || d.name == "index") {
        if let Some(fields) = listed(decl, ty, d, found) {
            asked.push((is_unique(d), fields, d.at()));
        }
    }
    if let ([(_, _, at), ..], TypeKind::View { .. }) = (&asked[..], &ty.kind) {
        let told = Diagnostic::error(codes::VIEW, *at, "a view has no indexes of its own")
            .label("means nothing here");
        found.push(told.hint("index the models that the view reads"));
        return (Vec::new(), Vec::new());
    }
    let (mut uniques, mut indexes) = (Vec::<Unique>::new(), Vec::<Index>::new());
    for (unique, fields, at) in asked {
        let same = if unique {
            uniques.iter().any(|u| u.fields == fields)
        } else {
            indexes.iter().any(|i| i.fields == fields)
        };
        if same {
            let told =
                Diagnostic::warning(codes::INDEX, at, "the same fields have this twice").label("the second");
            found.push(told.hint("remove one of them"));
        } else if unique && fields != ty.key {
            uniques.push(Unique { name: named(ty, &fields, "key"), fields });
        } else if !unique && !indexed_anyway(ty, &fields) {
            indexes.push(Index { name: named(ty, &fields, "idx"), fields });
        }
    }
    (uniques, indexes)
}

fn is_unique(d: &Node<Directive>) -> bool {
    d.name == "unique" || literal(d, "unique").and_then(|v| v.to_bool()) == Some(true)
}

/// The key and each foreign key have an index without asking; a second would only cost writes.
fn indexed_anyway(ty: &Type, fields: &[FieldId]) -> bool {
    let owned = ty.relations.iter().filter(|r| r.kind == bistro_schema::RelationKind::ToOne);
    ty.key == fields
        || owned.into_iter().any(|r| r.pairs.iter().map(|(near, _)| *near).eq(fields.iter().copied()))
}

fn named(ty: &Type, fields: &[FieldId], end: &str) -> String {
    let mut parts = vec![ty.collection.as_str()];
    parts.extend(fields.iter().map(|f| ty.field(*f).column.as_str()));
    parts.push(end);
    constraint(&parts)
}

fn on_field(
    ty: &Type,
    field: &FieldDecl,
    d: &Node<Directive>,
    asked: &mut Vec<(bool, Vec<FieldId>, Place)>,
    found: &mut Vec<Diagnostic>,
) {
    if let Some(fields) = literal(d, "fields") {
        let told =
            Diagnostic::error(codes::INDEX, fields.at(), format!("@{} on a field names no fields", d.name));
        found.push(
            told.label("for types only").hint(format!("move it to the type, or write `@{}` alone", d.name)),
        );
        return;
    }
    if usable(ty, field, &field.columns, d.at(), found) {
        asked.push((is_unique(d), field.columns.clone(), d.at()));
    }
}

fn usable(ty: &Type, field: &FieldDecl, columns: &[FieldId], at: Place, found: &mut Vec<Diagnostic>) -> bool {
    let why = match field.shape {
        // Said already.
        Shape::Broken | Shape::Inverse(..) | Shape::Many(..) => return false,
        Shape::Scalar(s) if s.list => "is a list",
        Shape::Scalar(s) if s.kind == Kind::Json => "is JSON, which has no order",
        _ if columns.iter().any(|c| matches!(ty.field(*c).kind, FieldKind::Computed(_))) => return false,
        _ => return true,
    };
    let told = Diagnostic::error(codes::INDEX, at, format!("`{}` {why}", field.node.name))
        .label("cannot be indexed");
    found.push(told.hint("index scalars, enums and to-one relations"));
    false
}

/// The columns of `fields:`; relation names stand for their columns.
fn listed(
    decl: &TypeDecl,
    ty: &Type,
    d: &Node<Directive>,
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<FieldId>> {
    let names = words(d, "fields").unwrap_or_default();
    if names.is_empty() {
        let told = Diagnostic::error(codes::INDEX, d.at(), format!("@{} on a type names no fields", d.name));
        found.push(told.label("of which fields?").hint(format!("write `@{}(fields: [\"…\"])`", d.name)));
        return None;
    }
    let before = found.len();
    let mut columns: Vec<FieldId> = Vec::new();
    for (name, at) in names {
        let more = one(decl, ty, name, at, d, found);
        if more.iter().any(|c| columns.contains(c)) {
            let told = Diagnostic::error(codes::INDEX, at, format!("`{name}` is named twice"))
                .label("the second time");
            found.push(told.hint("name each field once"));
        }
        columns.extend(more);
    }
    if columns.len() > FIELDS_MAX {
        let message = format!("an index has at most {FIELDS_MAX} columns");
        found.push(Diagnostic::error(codes::INDEX, d.at(), message).label("too many"));
    }
    (found.len() == before && !columns.is_empty()).then_some(columns)
}

fn one(
    decl: &TypeDecl,
    ty: &Type,
    name: &str,
    at: Place,
    d: &Node<Directive>,
    found: &mut Vec<Diagnostic>,
) -> Vec<FieldId> {
    if let Some(field) = decl.field(name) {
        if let Shape::Inverse(..) | Shape::Many(..) = field.shape {
            let told =
                Diagnostic::error(codes::INDEX, at, format!("`{name}` is a list of rows, not a column"));
            found.push(told.label("cannot be indexed").hint("index scalars, enums and to-one relations"));
            return Vec::new();
        }
        let computed = field.directive("computed").is_some();
        if computed {
            let told = Diagnostic::error(codes::INDEX, at, format!("`{name}` is computed, not stored"));
            found.push(told.label("cannot be indexed").hint("index the fields that it is computed from"));
        }
        let fits = !computed && usable(ty, field, &field.columns, at, found);
        return if fits { field.columns.clone() } else { Vec::new() };
    }
    if let Some(column) = ty.fields().find(|(_, f)| f.name == name) {
        return vec![column.0];
    }
    let told = Diagnostic::error(codes::INDEX, at, format!("`{}` has no field `{name}`", decl.name));
    let near = nearest(name, decl.fields.iter().map(|f| f.node.name.as_str()));
    found.push(match near {
        Some(near) => told.label("no such field").hint(format!("did you mean `{near}`?")),
        None => told.label("no such field").hint(format!("@{} names fields of its own type", d.name)),
    });
    Vec::new()
}
