//! Values for a new row that its schema is likely to accept.

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_ir::Caller;
use bistro_schema::{
    Action, Field, FieldId, FieldKind, Kind, RelationKind, Scalar, Schema, Type, TypeId, Value, literal, text,
};

use super::sample::first;

/// Texts that are tried where a pattern asks for something: the first that works is shown.
const TEXTS: [&str; 3] = ["Hello from curl", "hello-from-curl", "hello"];

/// A new row.
#[derive(Debug)]
pub(super) struct Filled {
    /// The fields given.
    pub(super) columns: Vec<FieldId>,
    /// Their values.
    pub(super) values: Vec<Option<Value>>,
    /// The row as JSON, without single quotes.
    pub(super) json: String,
    /// The filter that finds it.
    pub(super) read_back: String,
}

/// Rows to try, the plainest first; none if the caller may not make rows of this type at all.
pub(super) async fn bodies(engine: &Arc<Engine>, ty: TypeId, caller: &Caller) -> Vec<Filled> {
    let view = engine.view(caller.roles);
    if !view.type_allows(ty, Action::Create) || !view.type_allows(ty, Action::Read) {
        return Vec::new();
    }
    let schema = engine.schema();
    let t = schema.ty(ty);
    let needed: Vec<FieldId> =
        t.fields().filter(|(id, f)| must_be_given(t, *id, f)).map(|(id, _)| id).collect();
    if needed.is_empty() || !needed.iter().all(|f| view.field_allows(ty, *f, Action::Create)) {
        return Vec::new();
    }
    let mut related = Vec::new();
    for field in &needed {
        let owner = t
            .relations
            .iter()
            .find(|r| r.kind == RelationKind::ToOne && r.pairs.first().is_some_and(|p| p.0 == *field));
        let value = match owner {
            Some(relation) => first(engine, relation.target, &[relation.pairs[0].1], 1)
                .await
                .pop()
                .and_then(|mut r| r.pop()),
            None => None,
        };
        related.push(value);
    }
    TEXTS.iter().filter_map(|text| fill(schema, t, &needed, &related, text)).collect()
}

/// Whether a row without this field would be refused.
fn must_be_given(ty: &Type, id: FieldId, field: &Field) -> bool {
    let made = field.default.is_some() || field.updated || field.kind != FieldKind::Stored;
    let new_id = ty.key == [id] && field.scalar.kind == Kind::Id && field.alias.is_none();
    !(made || new_id || field.nullable)
}

fn fill(
    schema: &Schema,
    ty: &Type,
    needed: &[FieldId],
    related: &[Option<Value>],
    words: &str,
) -> Option<Filled> {
    let mut filled =
        Filled { columns: Vec::new(), values: Vec::new(), json: String::from("{"), read_back: String::new() };
    for (field_id, related) in needed.iter().zip(related) {
        let field = ty.field(*field_id);
        let value = match related {
            Some(value) => value.clone(),
            None => value(schema, ty, *field_id, words)?,
        };
        let mut json = Vec::new();
        text::write_json(value.borrow(), &mut json);
        let json = String::from_utf8(json).ok().filter(|json| !json.contains('\''))?;
        let comma = if filled.columns.is_empty() { "" } else { ", " };
        filled.json.push_str(&format!("{comma}\"{}\": {json}", field.name));
        if filled.read_back.is_empty() && !field.scalar.list {
            let mut plain = Vec::new();
            text::write_plain(value.borrow(), &mut plain);
            filled.read_back = format!("{}=eq.{}", field.name, encoded(&plain));
        }
        filled.columns.push(*field_id);
        filled.values.push(Some(value));
    }
    filled.json.push('}');
    Some(filled)
}

/// A value of the field; unique texts get an ending of their own.
fn value(schema: &Schema, ty: &Type, id: FieldId, words: &str) -> Option<Value> {
    let field = ty.field(id);
    if field.scalar.list {
        return Some(Value::List(Vec::new()));
    }
    if let Some((Some(least), _)) = &field.range {
        return Some(least.clone());
    }
    let unique = ty.unique_over(&[id]) || ty.uniques.iter().any(|u| u.fields.contains(&id));
    let random = || uuid::Uuid::now_v7().simple().to_string();
    let text = match field.scalar.kind {
        Kind::Id | Kind::Uuid => uuid::Uuid::now_v7().to_string(),
        Kind::Int | Kind::BigInt | Kind::Float | Kind::Decimal { .. } => "1".into(),
        Kind::Boolean => "true".into(),
        Kind::Date => "2026-01-01".into(),
        Kind::Time => "12:00:00".into(),
        Kind::DateTime => "2026-01-01T12:00:00Z".into(),
        Kind::Json => "{}".into(),
        Kind::Bytes => "\\x00".into(),
        Kind::Email => format!("{}@example.org", &random()[26..]),
        Kind::Url => "https://example.org/".into(),
        Kind::Enum(of) => schema.enum_type(of).values.first()?.0.clone(),
        Kind::String | Kind::Html => {
            let words = if field.pattern.is_some() { words } else { TEXTS[0] };
            let joint = if words.contains(' ') { ' ' } else { '-' };
            let words = if unique { format!("{words}{joint}{}", &random()[26..]) } else { words.to_owned() };
            let (least, most) = field.length.unwrap_or_default();
            let mut words: String =
                words.chars().take(most.unwrap_or(u64::MAX).try_into().unwrap_or(usize::MAX)).collect();
            while (words.chars().count() as u64) < least.unwrap_or(0) {
                words.push('o');
            }
            words
        }
    };
    literal::parse(schema, Scalar::one(field.scalar.kind), &text).ok()
}

/// Text for a query string.
fn encoded(text: &[u8]) -> String {
    text.iter()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => {
                (*b as char).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
