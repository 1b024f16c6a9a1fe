//! Which fields are the key of each type, and which columns these are.

use bistro_problem::Diagnostic;
use bistro_schema::names::nearest;
use bistro_schema::{Kind, TypeId, TypeKind};

use crate::codes;
use crate::draft::{Draft, FieldDecl, KeyColumn, Shape, TypeDecl, literal, text, words};
use crate::place::{At, Place};
use crate::stages::fields::held_by;

/// A field of a key (by its index in the declaration) and where the file says so.
type KeyField = (usize, Place);

/// Finds the key of every type, following relations that are part of keys.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    let named: Vec<Vec<KeyField>> = draft.type_ids().map(|ty| named(draft, ty, &mut found)).collect();
    let mut states: Vec<State> = named.iter().map(|_| State::Fresh).collect();
    for ty in draft.type_ids() {
        resolve(draft, &named, ty, &mut states, &mut found);
    }
    for (decl, state) in draft.types.iter_mut().zip(states) {
        decl.key = match state {
            State::Done(key) => key,
            State::Fresh | State::Open => None,
        };
    }
    draft.diagnostics.extend(found);
}

enum State {
    Fresh,
    Open,
    Done(Option<Vec<KeyColumn>>),
}

/// The fields of the key as the file names them; empty where there is none.
fn named(draft: &Draft, ty: TypeId, found: &mut Vec<Diagnostic>) -> Vec<KeyField> {
    let decl = draft.decl(ty);
    let kind = &draft.schema.ty(ty).kind;
    let key = if let Some(listed) = decl.directive("model").and_then(|d| words(d, "key")) {
        listed_fields(decl, &listed, found)
    } else {
        marked_fields(decl, found)
    };
    if *kind == TypeKind::Account {
        account_key(decl, &key, found);
    } else if key.is_empty() && !matches!(kind, TypeKind::View { .. }) && !is_refused_kind(decl) {
        no_key(decl, found);
    }
    key
}

/// A type that this version lacks, or one without any kind, is reported for that alone.
fn is_refused_kind(decl: &TypeDecl) -> bool {
    decl.directive("model").is_none() || decl.directive("model").and_then(|d| words(d, "key")).is_some()
}

fn listed_fields(decl: &TypeDecl, listed: &[(&str, Place)], found: &mut Vec<Diagnostic>) -> Vec<KeyField> {
    let mut key: Vec<KeyField> = Vec::new();
    let empty = decl.directive("model").and_then(|d| literal(d, "key")).and_then(|v| v.as_list());
    if empty.is_some_and(<[_]>::is_empty) {
        no_key(decl, found);
    }
    for (name, at) in listed {
        let position =
            decl.fields.iter().position(|f| f.node.name == *name || column_of(f).as_deref() == Some(name));
        match position {
            None => {
                let message = format!("`{}` has no field `{name}`", decl.name);
                let told = Diagnostic::error(codes::KEY, *at, message).label("no such field");
                let near = nearest(name, decl.fields.iter().map(|f| f.node.name.as_str()));
                found.push(match near {
                    Some(near) => told.hint(format!("did you mean `{near}`?")),
                    None => told.hint("name fields of this type"),
                });
            }
            Some(n) if key.iter().any(|(m, _)| *m == n) => {
                let told = Diagnostic::error(codes::KEY, *at, format!("`{name}` is in the key twice"));
                found.push(told.label("the second time").hint("name each field once"));
            }
            Some(n) => key.push((n, *at)),
        }
    }
    key
}

/// The column that a relation field would have over a key of one column.
fn column_of(field: &FieldDecl) -> Option<String> {
    (matches!(field.shape, Shape::ToOne(..)) && held_by(field).is_none()).then(|| foreign_name(field))
}

fn marked_fields(decl: &TypeDecl, found: &mut Vec<Diagnostic>) -> Vec<KeyField> {
    let marks: Vec<KeyField> =
        decl.fields.iter().enumerate().filter_map(|(n, f)| f.directive("id").map(|d| (n, d.at()))).collect();
    if let [first, second, ..] = marks[..] {
        let names: Vec<String> =
            marks.iter().map(|(n, _)| format!("\"{}\"", decl.fields[*n].node.name)).collect();
        let told = Diagnostic::error(codes::KEY, second.1, format!("`{}` has several @id", decl.name))
            .label("the second")
            .related(first.1, "the first")
            .hint(format!("for a key of several fields write `@model(key: [{}])`", names.join(", ")));
        found.push(told);
        return vec![first];
    }
    if !marks.is_empty() {
        return marks;
    }
    let by_name =
        decl.fields.iter().position(|f| f.node.name == "id" && f.node.ty.inner_named_type() == "ID");
    by_name.map(|n| (n, decl.fields[n].node.name.at())).into_iter().collect()
}

fn no_key(decl: &TypeDecl, found: &mut Vec<Diagnostic>) {
    let told =
        Diagnostic::error(codes::NO_KEY, decl.name.at(), format!("the model `{}` has no key", decl.name));
    let told = told.label("no field is marked as the key");
    found.push(match decl.field("id") {
        Some(id) if id.node.ty.inner_named_type() != "ID" => {
            let hint = format!("mark it: `id: {} @id`", id.node.ty);
            told.related(id.node.name.at(), "a field `id` that is not of type `ID`").hint(hint)
        }
        _ => told.hint("add `id: ID!`, or mark a field with @id"),
    });
}

fn account_key(decl: &TypeDecl, key: &[KeyField], found: &mut Vec<Diagnostic>) {
    let right = match key {
        [(n, _)] => {
            let field = &decl.fields[*n].node;
            field.name == "id" && field.ty.to_string() == "ID!"
        }
        _ => false,
    };
    if !right {
        let at = decl.field("id").map_or_else(|| decl.name.at(), |f| f.node.name.at());
        let message = format!("the key of the account model `{}` is not `id: ID!`", decl.name);
        let told = Diagnostic::error(codes::ACCOUNT, at, message).label("an account is known by its `id`");
        found.push(told.hint("write `id: ID!` and no other key"));
    }
}

fn resolve(
    draft: &Draft,
    named: &[Vec<KeyField>],
    ty: TypeId,
    states: &mut [State],
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<KeyColumn>> {
    let at = ty.0 as usize;
    match &states[at] {
        State::Done(key) => return key.clone(),
        State::Open => return None,
        State::Fresh => states[at] = State::Open,
    }
    let decl = draft.decl(ty);
    let mut key = (!named[at].is_empty()).then(Vec::new);
    for (n, place) in &named[at] {
        let field = &decl.fields[*n];
        let columns = match field.shape {
            // Refused below.
            Shape::ToOne(..) if held_by(field).is_some() => None,
            Shape::ToOne(target, _) if matches!(states[target.0 as usize], State::Open) => {
                cycle(decl, field, *place, found);
                None
            }
            Shape::ToOne(target, _) => {
                resolve(draft, named, target, states, found).map(|k| foreign_columns(field, &k))
            }
            Shape::Scalar(scalar) => {
                Some(vec![KeyColumn { name: field.node.name.to_string(), kind: scalar.kind }])
            }
            Shape::Inverse(..) | Shape::Many(..) | Shape::Broken => None,
        };
        let fits = fits(field, *place, found);
        key = match (key, columns) {
            (Some(mut key), Some(columns)) if fits => {
                key.extend(columns);
                Some(key)
            }
            _ => None,
        };
    }
    states[at] = State::Done(key.clone());
    key
}

fn cycle(decl: &TypeDecl, field: &FieldDecl, at: Place, found: &mut Vec<Diagnostic>) {
    let message = format!("the key of `{}` contains itself through `{}`", decl.name, field.node.name);
    let told = Diagnostic::error(codes::KEY, at, message).label("leads back to this key");
    found.push(told.hint("give one of the types a key of its own, for example `id: ID!`"));
}

/// Whether a field may be part of a key; says why not.
fn fits(field: &FieldDecl, at: Place, found: &mut Vec<Diagnostic>) -> bool {
    let name = &field.node.name;
    let (why, hint) = match field.shape {
        Shape::ToOne(..) if held_by(field).is_some() => {
            ("has no columns of its own", "name the fields that it is over")
        }
        Shape::Inverse(..) | Shape::Many(..) => {
            ("is a list of rows, not a column", "name a scalar or a to-one relation")
        }
        Shape::Scalar(s) if s.list => ("is a list", "name a field with a single value"),
        Shape::Scalar(s) if matches!(s.kind, Kind::Json | Kind::Float | Kind::Html) => (
            "has a type whose values cannot be compared exactly",
            "use ID, Int, BigInt, String, UUID, Date or an enum",
        ),
        _ if field.directive("computed").is_some() => ("is computed", "name a stored field"),
        _ if field.directive("generated").is_some() => ("is generated", "name a field that is written"),
        _ if field.directive("hidden").is_some() => {
            ("is hidden", "remove @hidden: a key appears in every link")
        }
        _ if !field.node.ty.is_non_null() => ("may be null", "add `!` to its type"),
        _ => return true,
    };
    let told = Diagnostic::error(codes::KEY, at, format!("the key field `{name}` {why}"));
    found.push(told.label("cannot be in a key").hint(hint));
    false
}

/// The name of a foreign key over a key of one column.
pub(crate) fn foreign_name(field: &FieldDecl) -> String {
    let given = field.directive("relation").and_then(|d| text(d, "column")).map(|(s, _)| s.to_owned());
    given.unwrap_or_else(|| format!("{}_id", field.node.name))
}

/// The columns of a relation field over the key of its target.
pub(crate) fn foreign_columns(field: &FieldDecl, key: &[KeyColumn]) -> Vec<KeyColumn> {
    match key {
        [one] => vec![KeyColumn { name: foreign_name(field), kind: one.kind }],
        several => several
            .iter()
            .map(|k| KeyColumn { name: format!("{}_{}", field.node.name, k.name), kind: k.kind })
            .collect(),
    }
}
