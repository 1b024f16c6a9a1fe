//! The JSON Schemas of rows: as read, as created, as updated.

use std::collections::HashMap;

use bistro_schema::{
    Action, Allow, Default, Field, FieldId, FieldKind, Kind, RelationKind, SchemaView, TypeId,
};
use serde_json::{Map, Value, json};

use super::example::{example, plain};
use super::reads;

/// The names of the schemas in the components: distinct, and by the words of the file.
pub(super) struct Names {
    rows: HashMap<TypeId, [String; 3]>,
    enums: HashMap<usize, String>,
    operations: Vec<String>,
}

impl Names {
    pub(super) fn new(view: &SchemaView) -> Self {
        let mut used: Vec<String> = vec!["Problem".into(), "Batch".into(), "BatchResults".into()];
        let mut take = |name: String| {
            let mut name = super::component_key(&name);
            while used.contains(&name) {
                name.push('_');
            }
            used.push(name.clone());
            name
        };
        let mut names = Self { rows: HashMap::new(), enums: HashMap::new(), operations: Vec::new() };
        for (n, e) in view.schema().enums.iter().enumerate() {
            names.enums.insert(n, take(e.name.clone()));
        }
        let bases: Vec<_> = view.types().map(|(id, ty)| (id, take(ty.name.clone()))).collect();
        for (id, base) in bases {
            let forms = [base.clone(), take(format!("{base}Create")), take(format!("{base}Update"))];
            names.rows.insert(id, forms);
        }
        names
    }

    /// The name of a row's schema: as read, as created, as updated.
    pub(super) fn row(&self, ty: TypeId, form: Form) -> &str {
        &self.rows[&ty][form as usize]
    }

    pub(super) fn enum_name(&self, id: usize) -> &str {
        &self.enums[&id]
    }

    /// A name that no operation has yet.
    pub(super) fn operation(&mut self, name: String) -> String {
        let mut name = super::component_key(&name);
        while self.operations.contains(&name) {
            name.push('_');
        }
        self.operations.push(name.clone());
        name
    }
}

/// In which direction a row goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Read = 0,
    Create = 1,
    Update = 2,
}

impl Form {
    fn action(self) -> Action {
        match self {
            Form::Read => Action::Read,
            Form::Create => Action::Create,
            Form::Update => Action::Update,
        }
    }
}

/// The schema of a type's rows in one direction.
pub(super) fn row(view: &SchemaView, names: &Names, ty: TypeId, form: Form) -> Value {
    let (mut properties, mut required, mut sample) = (Map::new(), Vec::new(), Map::new());
    for (id, field) in view.schema().ty(ty).fields() {
        if !takes(view, ty, id, field, form) {
            continue;
        }
        let is_needed = is_required(view, ty, id, form);
        if is_needed {
            required.push(json!(field.name));
        }
        let value = example(view.schema(), field);
        let needed = form != Form::Create || is_needed;
        match value {
            Some(value) if needed && form != Form::Read => {
                sample.insert(field.name.clone(), value);
            }
            _ => {}
        }
        properties.insert(field.name.clone(), property(view, names, ty, id, form));
    }
    if form == Form::Read {
        embeds(view, names, ty, &mut properties);
    }
    let mut schema =
        json!({ "type": "object", "description": about(view, ty, form), "properties": properties });
    let whole = required.iter().all(|r| r.as_str().is_some_and(|name| sample.contains_key(name)));
    if form != Form::Read && whole && !sample.is_empty() {
        schema["examples"] = json!([sample]);
    }
    if !required.is_empty() {
        schema["required"] = Value::Array(required);
    }
    if form != Form::Read {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn about(view: &SchemaView, ty: TypeId, form: Form) -> String {
    let t = view.schema().ty(ty);
    let text = t.description.as_deref().map(|d| format!("{d}\n\n")).unwrap_or_default();
    match form {
        Form::Read => {
            format!("{text}A row of `{}` with all its fields; `select` may ask for others.", t.collection)
        }
        Form::Create => format!("{text}A new row of `{}`.", t.collection),
        Form::Update => format!("{text}What changes of a row of `{}`.", t.collection),
    }
}

/// Whether the field is part of rows in this direction.
fn takes(view: &SchemaView, ty: TypeId, id: FieldId, field: &Field, form: Form) -> bool {
    let written = match form {
        Form::Read => return reads(view, ty, id),
        Form::Create => !matches!(field.kind, FieldKind::Computed(_) | FieldKind::Generated),
        Form::Update => {
            !matches!(field.kind, FieldKind::Computed(_) | FieldKind::Generated) && !field.immutable
        }
    };
    written && !field.hidden && view.field_allows(ty, id, form.action())
}

fn is_required(view: &SchemaView, ty: TypeId, id: FieldId, form: Form) -> bool {
    let t = view.schema().ty(ty);
    let field = t.field(id);
    match form {
        Form::Read => true,
        Form::Update => false,
        Form::Create => {
            let refers = t
                .relations
                .iter()
                .any(|r| r.kind == RelationKind::ToOne && r.pairs.iter().any(|(near, _)| *near == id));
            let own_key = field.scalar.kind == Kind::Id && t.key.contains(&id) && !refers;
            let made =
                field.default.is_some() || field.updated || field.kind == FieldKind::Counter || own_key;
            !field.nullable && !made
        }
    }
}

/// One member of a row.
fn property(view: &SchemaView, names: &Names, ty: TypeId, id: FieldId, form: Form) -> Value {
    let field = view.schema().ty(ty).field(id);
    let mut schema = value(names, field);
    let nullable = field.nullable || (form == Form::Read && is_conditional(view, &field.allows));
    if nullable {
        schema = or_null(schema);
    }
    let members = schema.as_object_mut().expect("a schema is an object");
    let mut text = field.description.clone().unwrap_or_default();
    let notes = notes(view, ty, id, form);
    if !notes.is_empty() {
        text = if text.is_empty() { notes } else { format!("{text}\n\n{notes}") };
    }
    if !text.is_empty() {
        members.insert("description".into(), json!(text));
    }
    if let Some(value) = example(view.schema(), field) {
        members.insert("examples".into(), json!([value]));
    }
    if let (Form::Create, Some(Default::Value(value))) = (form, &field.default) {
        members.insert("default".into(), plain(value));
    }
    if field.deprecated.is_some() {
        members.insert("deprecated".into(), json!(true));
    }
    let computed = matches!(field.kind, FieldKind::Computed(_) | FieldKind::Generated);
    if form == Form::Read && (computed || field.updated) {
        members.insert("readOnly".into(), json!(true));
    }
    schema
}

/// What the types cannot say.
fn notes(view: &SchemaView, ty: TypeId, id: FieldId, form: Form) -> String {
    let t = view.schema().ty(ty);
    let field = t.field(id);
    let mut notes = Vec::new();
    if t.key == [id] {
        notes.push("The key of the row.".to_owned());
    }
    for (_, relation) in view.relations(ty) {
        if relation.kind == RelationKind::ToOne && relation.pairs.iter().any(|(near, _)| *near == id) {
            let target = &view.schema().ty(relation.target).collection;
            notes.push(format!(
                "Refers to a row of `{target}`; embed it with `select=*,{}(*)`.",
                relation.name
            ));
        }
    }
    if form == Form::Read && is_conditional(view, &field.allows) {
        notes.push("Null where a rule hides it.".to_owned());
    }
    if form == Form::Create && matches!(field.default, Some(Default::Expr(_))) {
        notes.push("Made by the server when left out.".to_owned());
    }
    if field.search {
        notes.push("Part of the full-text index: filter it with `plfts.`, `phfts.` or `wfts.`.".to_owned());
    }
    if matches!(field.scalar.kind, Kind::Decimal { .. }) {
        notes.push("Exact; `Accept: application/json;decimals=string` prints it as a string.".to_owned());
    }
    if let Some(reason) = &field.deprecated {
        notes.push(format!("Deprecated: {reason}"));
    }
    notes.join(" ")
}

/// Whether a rule may turn the field to null for these roles.
fn is_conditional(view: &SchemaView, allows: &[Allow]) -> bool {
    let roles = view.roles();
    let mine: Vec<&Allow> =
        allows.iter().filter(|a| a.roles.meets(roles) && a.actions.contains(&Action::Read)).collect();
    !roles.passes_rules() && !mine.is_empty() && mine.iter().all(|a| a.when.is_some())
}

/// The related rows that `select` may embed.
fn embeds(view: &SchemaView, names: &Names, ty: TypeId, properties: &mut Map<String, Value>) {
    for (_, relation) in view.relations(ty) {
        if !relation.declared || properties.contains_key(&relation.name) {
            continue;
        }
        let target = names.row(relation.target, Form::Read);
        let own = relation.description.as_deref().map(|d| format!("{d}\n\n")).unwrap_or_default();
        let text = format!(
            "{own}Only where `select` embeds it, with the members of `{target}` that it names: `{}(*)`.",
            relation.name
        );
        let schema = if relation.to_one() {
            json!({ "type": ["object", "string", "integer", "null"], "description": text })
        } else {
            json!({ "type": "array", "items": { "type": "object" }, "description": text })
        };
        properties.insert(relation.name.clone(), schema);
    }
}

fn or_null(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
        schema
    } else if schema.get("$ref").is_some() {
        json!({ "anyOf": [schema, { "type": "null" }] })
    } else {
        schema
    }
}

/// The schema of a field's value, apart from null.
pub(super) fn value(names: &Names, field: &Field) -> Value {
    let mut one = kind(names, field.scalar.kind);
    if let Some((min, max)) = field.length {
        set(&mut one, "minLength", min.map(Value::from));
        set(&mut one, "maxLength", max.map(Value::from));
    }
    if let Some((min, max)) = field.range.as_ref().filter(|_| field.scalar.kind.is_number()) {
        set(&mut one, "minimum", min.as_ref().map(plain));
        set(&mut one, "maximum", max.as_ref().map(plain));
    }
    set(&mut one, "pattern", field.pattern.clone().map(Value::from));
    if field.scalar.list { json!({ "type": "array", "items": one }) } else { one }
}

fn set(schema: &mut Value, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        schema[key] = value;
    }
}

fn kind(names: &Names, kind: Kind) -> Value {
    match kind {
        Kind::Id | Kind::Uuid => json!({ "type": "string", "format": "uuid" }),
        Kind::Int => {
            json!({ "type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX })
        }
        Kind::BigInt => json!({ "type": "integer", "format": "int64" }),
        Kind::Float => json!({ "type": "number", "format": "double" }),
        Kind::Decimal { .. } => json!({ "type": "number" }),
        Kind::String => json!({ "type": "string" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Time => json!({ "type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?$" }),
        Kind::DateTime => json!({ "type": "string", "format": "date-time" }),
        Kind::Json => json!({}),
        Kind::Bytes => json!({ "type": "string", "pattern": "^\\\\x([0-9a-f]{2})*$" }),
        Kind::Email => json!({ "type": "string", "format": "email" }),
        Kind::Url => json!({ "type": "string", "format": "uri" }),
        Kind::Html => json!({ "type": "string", "contentMediaType": "text/html" }),
        Kind::Enum(id) => {
            json!({ "$ref": format!("#/components/schemas/{}", names.enum_name(id.0 as usize)) })
        }
    }
}
