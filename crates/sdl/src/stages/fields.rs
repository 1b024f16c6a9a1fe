//! Fields become columns, in file order; a relation field becomes the columns of its foreign key.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use bistro_problem::Diagnostic;
use bistro_schema::{Field, FieldId, FieldKind, Kind, RuleText, Scalar, Span, TypeId, TypeKind};

use crate::codes;
use crate::draft::{Draft, FieldDecl, KeyColumn, Shape, TypeDecl, description, id, text, words};
use crate::place::{At, Place};
use crate::read::RULE_MAX;
use crate::stages::keys::foreign_columns;
use crate::stages::{defaults, limits};

/// Makes the columns of every type.
pub(crate) fn run(draft: &mut Draft) {
    for ty in draft.type_ids() {
        let mut found = Vec::new();
        let mut fields = Vec::new();
        for n in 0..draft.decl(ty).fields.len() {
            let made = columns(draft, ty, &draft.decl(ty).fields[n], &mut found);
            let ids = (fields.len()..fields.len() + made.len()).map(|n| FieldId(id(n))).collect();
            fields.extend(made);
            draft.types[ty.0 as usize].fields[n].columns = ids;
        }
        held(draft, ty, &fields, &mut found);
        taken(&fields, &mut found);
        let key = key_ids(draft.decl(ty), &fields);
        counter(draft, ty, &key, &mut fields);
        let made = &mut draft.schema.types[ty.0 as usize];
        made.fields = fields;
        made.key = key;
        draft.diagnostics.extend(found);
    }
}

fn columns(draft: &Draft, ty: TypeId, field: &FieldDecl, found: &mut Vec<Diagnostic>) -> Vec<Field> {
    if matches!(draft.schema.ty(ty).kind, TypeKind::View { .. }) {
        misfits(field, "a field of a view", ON_VIEWS, found);
    }
    match field.shape {
        Shape::Scalar(scalar) => vec![column(draft, field, scalar, None, found)],
        Shape::ToOne(target, _) => foreign(draft, ty, field, target, found),
        Shape::Inverse(..) | Shape::Many(..) => {
            misfits(field, "a list of rows", ON_LISTS, found);
            Vec::new()
        }
        // So that rules which name the field are not a second mistake.
        Shape::Broken => {
            vec![Field {
                nullable: true,
                ..bare(field, field.node.name.to_string(), Scalar::one(Kind::String))
            }]
        }
    }
}

/// The columns of a relation field. A target without a key is reported there; here it counts as `ID`.
fn foreign(
    draft: &Draft,
    ty: TypeId,
    field: &FieldDecl,
    target: TypeId,
    found: &mut Vec<Diagnostic>,
) -> Vec<Field> {
    misfits(field, "a relation", ON_RELATIONS, found);
    if held_by(field).is_some() {
        misfits(field, "a relation over fields", OVER_FIELDS, found);
        return Vec::new();
    }
    let fallback = [KeyColumn { name: "id".to_owned(), kind: Kind::Id }];
    let key = draft.decl(target).key.as_deref().unwrap_or(&fallback);
    if let ([_, _, ..], Some((_, at))) = (key, field.directive("relation").and_then(|d| text(d, "column"))) {
        let message = format!("`{}` has a key of several columns", draft.decl(target).name);
        let told = Diagnostic::error(codes::RELATION, at, message).label("one name for several columns");
        found.push(told.hint(format!("remove `column:`; the columns are named `{}_…`", field.node.name)));
    }
    let view = matches!(draft.schema.ty(ty).kind, TypeKind::View { .. });
    if draft.decl(target).key.is_none()
        && matches!(draft.schema.ty(target).kind, TypeKind::View { .. })
        && !view
    {
        let message = format!("the view `{}` has no key to refer to", draft.decl(target).name);
        let told = Diagnostic::error(codes::RELATION, field.node.name.at(), message);
        found.push(told.label("leads to a view").hint("let the relation lead to a model"));
    }
    let columns = foreign_columns(field, key);
    let single = columns.len() == 1;
    let mut made: Vec<Field> =
        columns.iter().map(|c| column(draft, field, Scalar::one(c.kind), Some(&c.name), found)).collect();
    if single {
        made[0].alias = Some(field.node.name.to_string()).filter(|alias| *alias != made[0].name);
    } else {
        made.iter_mut().for_each(|f| f.column = f.name.clone());
    }
    made
}

/// A field with nothing said about it.
fn bare(field: &FieldDecl, name: String, scalar: Scalar) -> Field {
    Field {
        column: name.clone(),
        name,
        declared: None,
        alias: None,
        description: description(field.node.description.as_ref()),
        scalar,
        nullable: !field.node.ty.is_non_null(),
        kind: FieldKind::Stored,
        default: None,
        updated: false,
        immutable: false,
        hidden: false,
        search: false,
        length: None,
        range: None,
        pattern: None,
        deprecated: None,
        allows: Vec::new(),
        span: field.node.name.span(),
    }
}

/// One column of a field; `name` where it is not the field's.
fn column(
    draft: &Draft,
    field: &FieldDecl,
    scalar: Scalar,
    name: Option<&str>,
    found: &mut Vec<Diagnostic>,
) -> Field {
    let own = name.is_none();
    let mut made = bare(field, name.unwrap_or(&field.node.name).to_owned(), scalar);
    if let Some((column, at)) = field.directive("column").and_then(|d| text(d, "name")) {
        if column.trim().is_empty()
            || column.len() > 63
            || column.chars().any(|c| c.is_control() || c == '"' || c == '`')
        {
            let told =
                Diagnostic::error(codes::NAME_TOO_LONG, at, format!("{column:?} cannot name a column"));
            found.push(
                told.label("not usable").hint("use 1 to 63 bytes without quotes and control characters"),
            );
        } else {
            made.column = column.to_owned();
        }
    }
    made.immutable = field.directive("immutable").is_some();
    made.hidden = field.directive("hidden").is_some();
    made.deprecated = field.directive("deprecated").map(|d| {
        text(d, "reason").map_or_else(|| "No longer supported".to_owned(), |(reason, _)| reason.to_owned())
    });
    if own {
        limits::apply(draft, field, &mut made, found);
        computed(field, &mut made, found);
        generated(field, &mut made, found);
    }
    defaults::apply(draft, field, &mut made, found);
    made
}

fn computed(field: &FieldDecl, made: &mut Field, found: &mut Vec<Diagnostic>) {
    let Some(directive) = field.directive("computed") else { return };
    if let Some(rule) = rule(directive, "expr", found) {
        made.kind = FieldKind::Computed(rule);
    }
    for other in [
        "default",
        "updated",
        "immutable",
        "search",
        "unique",
        "index",
        "column",
        "length",
        "range",
        "pattern",
    ] {
        if let Some(d) = field.directive(other) {
            let message = format!("`{}` is computed, so @{other} means nothing", field.node.name);
            let told =
                Diagnostic::error(codes::DOES_NOT_FIT, d.at(), message).label("not on a computed field");
            found.push(told.hint(format!("remove @{other}")));
        }
    }
}

fn generated(field: &FieldDecl, made: &mut Field, found: &mut Vec<Diagnostic>) {
    if field.directive("generated").is_none() {
        return;
    }
    made.kind = FieldKind::Generated;
    for other in ["computed", "default", "updated", "immutable", "id"] {
        if let Some(d) = field.directive(other) {
            let message = format!("`{}` is generated, so @{other} means nothing", field.node.name);
            let told =
                Diagnostic::error(codes::DOES_NOT_FIT, d.at(), message).label("not on a generated field");
            found.push(told.hint(format!("remove @{other}")));
        }
    }
}

/// The text of a rule with its place; says so when it is empty or too long.
pub(crate) fn rule(
    directive: &Node<Directive>,
    argument: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<RuleText> {
    let (written, at) = text(directive, argument)?;
    let bytes = written.len();
    if written.trim().is_empty() {
        let told = Diagnostic::error(codes::RULE_TEXT, at, format!("`{argument}` is empty"));
        found.push(told.label("no rule").hint("write a condition, or remove the argument"));
        return None;
    }
    if bytes > RULE_MAX {
        let told = Diagnostic::error(
            codes::RULE_TEXT,
            at,
            format!("the rule has {bytes} bytes; at most {RULE_MAX}"),
        );
        found.push(told.label("too long").hint("split it over several @allow, which are alternatives"));
        return None;
    }
    Some(RuleText { text: written.to_owned(), span: Span { start: at.0, end: at.1 } })
}

/// Directives that mean nothing on a list of rows.
const ON_LISTS: &[&str] = &[
    "id",
    "decimal",
    "column",
    "length",
    "range",
    "pattern",
    "default",
    "updated",
    "immutable",
    "computed",
    "generated",
    "search",
    "hidden",
    "unique",
    "index",
];
/// Directives that belong to the fields that hold a relation's key, where the type declares these.
const OVER_FIELDS: &[&str] = &["column", "default", "immutable", "hidden", "id"];
/// Directives that mean nothing where nothing is written.
const ON_VIEWS: &[&str] = &["default", "updated", "immutable", "search", "computed", "generated"];
/// Directives that mean nothing on a relation that owns its column.
const ON_RELATIONS: &[&str] =
    &["decimal", "length", "range", "pattern", "updated", "computed", "search", "generated"];

fn misfits(field: &FieldDecl, what: &str, names: &[&str], found: &mut Vec<Diagnostic>) {
    for name in names {
        if let Some(d) = field.directive(name) {
            let message = format!("`{}` is {what}, which takes no @{name}", field.node.name);
            let told =
                Diagnostic::error(codes::DOES_NOT_FIT, d.at(), message).label(format!("not on {what}"));
            found.push(told.hint(format!("remove @{name}")));
        }
    }
}

/// The names of the fields that hold a relation's key, if the relation says so.
pub(crate) fn held_by(field: &FieldDecl) -> Option<Vec<(&str, Place)>> {
    field.directive("relation").and_then(|d| words(d, "fields"))
}

/// Gives relations over fields of their own type the columns of these. They come after all columns are made.
fn held(draft: &mut Draft, ty: TypeId, fields: &[Field], found: &mut Vec<Diagnostic>) {
    for n in 0..draft.decl(ty).fields.len() {
        let field = &draft.decl(ty).fields[n];
        let (Some(names), Shape::ToOne(target, _)) = (held_by(field), field.shape) else { continue };
        let columns = resolved(draft, ty, target, &names, fields, field, found);
        draft.types[ty.0 as usize].fields[n].columns = columns;
    }
}

/// The columns behind the names, where they fit the key of the target; none, with the reason, where not.
fn resolved(
    draft: &Draft,
    ty: TypeId,
    target: TypeId,
    names: &[(&str, Place)],
    fields: &[Field],
    field: &FieldDecl,
    found: &mut Vec<Diagnostic>,
) -> Vec<FieldId> {
    let refuse = |at, message: String, hint: String, found: &mut Vec<Diagnostic>| {
        found.push(Diagnostic::error(codes::RELATION, at, message).label("does not fit").hint(hint));
    };
    let mut columns = Vec::new();
    if let Some((_, at)) = field.directive("relation").and_then(|d| text(d, "column")) {
        let hint = "remove `column:`".to_owned();
        refuse(at, "the fields of the relation have columns already".to_owned(), hint, found);
    }
    let Some(key) = draft.decl(target).key.as_deref() else { return columns };
    if key.len() != names.len() {
        let at = field.node.name.at();
        let parts: Vec<&str> = key.iter().map(|k| k.name.as_str()).collect();
        let message = format!("the key of `{}` has {} fields", draft.decl(target).name, key.len());
        refuse(at, message, format!("name one field for each of: {}", parts.join(", ")), found);
        return Vec::new();
    }
    for ((name, at), part) in names.iter().zip(key) {
        let Some(at_field) = fields.iter().position(|f| f.name == *name) else {
            let message = format!("`{}` has no field `{name}`", draft.decl(ty).name);
            refuse(*at, message, "name fields of this type".to_owned(), found);
            return Vec::new();
        };
        let held = fields[at_field].scalar;
        if held.list || !alike(held.kind, part.kind) {
            let message = format!("`{name}` cannot hold `{}` of `{}`", part.name, draft.decl(target).name);
            refuse(*at, message, "give both fields the same type".to_owned(), found);
            return Vec::new();
        }
        if fields[at_field].nullable && field.node.ty.is_non_null() {
            let hint = format!("write `{}: {}`", field.node.name, draft.decl(target).name);
            refuse(*at, format!("`{name}` may be null, so `{}` may be, too", field.node.name), hint, found);
        }
        columns.push(FieldId(id(at_field)));
    }
    columns
}

/// Whether values of one kind can be those of the other.
fn alike(a: Kind, b: Kind) -> bool {
    let whole = |k| matches!(k, Kind::Int | Kind::BigInt);
    let text = |k: Kind| k.is_text() && !matches!(k, Kind::Enum(_));
    a == b || whole(a) && whole(b) || a.is_uuid() && b.is_uuid() || text(a) && text(b)
}

/// Names and columns are compared without case, as the embedded engine does.
fn taken(fields: &[Field], found: &mut Vec<Diagnostic>) {
    for (n, field) in fields.iter().enumerate() {
        let same = |f: &&Field| {
            f.name.eq_ignore_ascii_case(&field.name) || f.column.eq_ignore_ascii_case(&field.column)
        };
        let Some(first) = fields[..n].iter().find(same) else {
            aliased(fields, field, found);
            continue;
        };
        let shared = if first.name.eq_ignore_ascii_case(&field.name) { &field.name } else { &field.column };
        let message = format!("two fields share the column `{shared}`");
        let hint = match (&first.alias, &field.alias) {
            (Some(relation), _) | (_, Some(relation)) => format!(
                "the relation `{relation}` already makes this column: remove the other field, or write \
                 `@relation(column: \"…\")`"
            ),
            _ => "rename one of them; case alone does not tell columns apart".to_owned(),
        };
        found.push(
            Diagnostic::error(codes::COLUMN_TAKEN, (field.span.start, field.span.end), message)
                .label("the second")
                .related((first.span.start, first.span.end), "the first")
                .hint(hint),
        );
    }
}

/// A relation field with the name of another field's column would make the name mean two things.
fn aliased(fields: &[Field], field: &Field, found: &mut Vec<Diagnostic>) {
    let Some(alias) = &field.alias else { return };
    let Some(other) = fields.iter().find(|f| f.name.eq_ignore_ascii_case(alias) && f.name != field.name)
    else {
        return;
    };
    let message = format!("the relation `{alias}` has the name of another relation's column");
    found.push(
        Diagnostic::error(codes::COLUMN_TAKEN, (field.span.start, field.span.end), message)
            .label("this relation")
            .related((other.span.start, other.span.end), format!("makes the column `{}`", other.name))
            .hint("rename one of the two"),
    );
}

fn key_ids(decl: &TypeDecl, fields: &[Field]) -> Vec<FieldId> {
    let names = decl.key.iter().flatten();
    names.filter_map(|k| fields.iter().position(|f| f.name == k.name)).map(|n| FieldId(id(n))).collect()
}

/// `id: Int! @id` counts up, unless it is also a reference or has a default of its own.
fn counter(draft: &Draft, ty: TypeId, key: &[FieldId], fields: &mut [Field]) {
    let view = matches!(draft.schema.ty(ty).kind, TypeKind::View { .. });
    let ([only], false) = (key, view) else { return };
    let marked = draft.decl(ty).fields.iter().any(|f| {
        f.columns.contains(only) && f.directive("id").is_some() && matches!(f.shape, Shape::Scalar(_))
    });
    let field = &mut fields[only.0 as usize];
    if marked && field.default.is_none() && matches!(field.scalar.kind, Kind::Int | Kind::BigInt) {
        field.kind = FieldKind::Counter;
    }
}
