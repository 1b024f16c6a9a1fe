//! Rows for any schema, and rows as text.

use std::sync::Arc;

use bistro_conformance::runtime::wait;
use bistro_ir::{Expr, Operand, Order, Root};
use bistro_schema::text::write_json;
use bistro_schema::{Field, FieldId, FieldKind, Kind, RelationKind, Schema, Type, TypeId, Value, literal};
use bistro_store::{Collect, Cost, Load, Loading, NewRow, Output, Select, Statement, Store};

/// How many rows each table gets. In the first, all that may be null is.
const ROWS: usize = 3;
/// A time after all that rows are given: the clock's.
const CLOCK: i64 = 1_760_000_000_000_000;

/// Puts the same rows into every table, or those that are given: a line for each, `collection {"column": "text"}`.
pub(crate) fn fill(store: &Arc<dyn Store>, schema: &Arc<Schema>, given: Option<&str>) {
    wait(store.loading(Loading::Begin)).unwrap();
    for (id, ty) in schema.types().filter(|(_, t)| t.writable()) {
        let rows = match given {
            None => (0..ROWS).map(|n| row(schema, id, n)).collect(),
            Some(text) => given_rows(schema, ty, text),
        };
        load(store, id, ty, rows);
    }
    wait(store.loading(Loading::End)).unwrap();
}

/// One row more in every table: whatever stands on the tables still takes it.
pub(crate) fn one_more(store: &Arc<dyn Store>, schema: &Arc<Schema>) {
    wait(store.loading(Loading::Begin)).unwrap();
    for (id, ty) in schema.types().filter(|(_, t)| t.writable()) {
        load(store, id, ty, vec![row(schema, id, 90)]);
    }
    wait(store.loading(Loading::End)).unwrap();
}

fn load(store: &Arc<dyn Store>, ty: TypeId, of: &Type, rows: Vec<Vec<Value>>) {
    let fields: Vec<FieldId> = stored(of).map(|(id, _)| id).collect();
    if !rows.is_empty() {
        let name = &of.collection;
        wait(store.load(Load { ty, fields, rows, record: None })).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

fn stored(ty: &Type) -> impl Iterator<Item = (FieldId, &Field)> {
    ty.fields().filter(|(_, f)| !matches!(f.kind, FieldKind::Computed(_)))
}

fn given_rows(schema: &Schema, ty: &Type, text: &str) -> Vec<Vec<Value>> {
    let lines = text.lines().filter_map(|l| l.strip_prefix(&format!("{} ", ty.collection)));
    lines
        .map(|line| {
            let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            let value = |(_, f): (FieldId, &Field)| match row.get(&f.name) {
                Some(serde_json::Value::String(text)) => literal::parse(schema, f.scalar, text).unwrap(),
                _ => Value::Null,
            };
            stored(ty).map(value).collect()
        })
        .collect()
}

fn row(schema: &Schema, id: TypeId, n: usize) -> Vec<Value> {
    stored(schema.ty(id)).map(|(field, _)| value(schema, id, field, n)).collect()
}

fn value(schema: &Schema, id: TypeId, field_id: FieldId, n: usize) -> Value {
    let ty = schema.ty(id);
    let field = ty.field(field_id);
    let key = ty.key.contains(&field_id);
    if field.nullable && n == 0 && !key {
        return Value::Null;
    }
    let mut owned = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne);
    let far = owned.find_map(|r| {
        let pair = r.pairs.iter().find(|(near, _)| *near == field_id)?;
        Some((r.target, pair.1))
    });
    match far {
        Some((target, far)) => value(schema, target, far, n),
        None if field.scalar.list => Value::List(vec![one(schema, field, n), one(schema, field, n + 1)]),
        None => one(schema, field, n),
    }
}

fn one(schema: &Schema, field: &Field, n: usize) -> Value {
    let text = match field.scalar.kind {
        Kind::Id | Kind::Uuid => format!("00000000-0000-4000-8000-{n:012}"),
        Kind::Int | Kind::BigInt => (n + 1).to_string(),
        Kind::Float => format!("{}.5", n + 1),
        Kind::Decimal { .. } => format!("{}.{}5", n + 1, n % 10),
        Kind::String => format!("Word{n}"),
        Kind::Html => format!("<b>{n}</b>"),
        Kind::Email => format!("a{n}@example.com"),
        Kind::Url => format!("https://example.com/{n}"),
        Kind::Boolean => (n % 2 == 1).to_string(),
        Kind::Date => format!("2024-02-{:02}", n % 28 + 1),
        Kind::Time => format!("0{}:30:00.25", n % 10),
        Kind::DateTime => format!("2024-02-{:02}T23:59:59.75Z", n % 28 + 1),
        Kind::Json => format!("{{\"n\":{n}}}"),
        Kind::Bytes => format!("\\x{n:04x}"),
        Kind::Enum(of) => {
            let values = &schema.enum_type(of).values;
            values[n % values.len()].0.clone()
        }
    };
    literal::parse(schema, field.scalar.element(), &text).unwrap()
}

/// Every row of every table and view as text, in the order of their keys.
pub(crate) fn all(store: &Arc<dyn Store>, schema: &Arc<Schema>) -> String {
    let mut out = String::new();
    for (id, ty) in schema.types() {
        out.push_str(&format!(
            "{} ({})\n",
            ty.collection,
            stored(ty).map(|(_, f)| f.name.as_str()).collect::<Vec<_>>().join(", ")
        ));
        for row in read(store, id, ty) {
            let cells: Vec<String> = row.into_iter().map(|v| text(&v)).collect();
            out.push_str(&format!("  {}\n", cells.join(" ")));
        }
    }
    out
}

fn read(store: &Arc<dyn Store>, id: TypeId, ty: &Type) -> Vec<Vec<Value>> {
    let own = |field: FieldId| Operand::Field(Root::Scope(0), field);
    let select = Select {
        ty: id,
        outputs: stored(ty).map(|(f, field)| Output::Value(own(f), field.scalar)).collect(),
        filter: Expr::TRUE,
        order: ty
            .key
            .iter()
            .map(|f| Order { operand: own(*f), descending: false, nulls_first: false })
            .collect(),
        limit: None,
        offset: None,
        total: false,
        new: NewRow::default(),
        lock: false,
        cost: Cost::Unbounded,
    };
    let prepared = store.prepare(&Statement::Select(select)).unwrap();
    let (sink, _) = wait(store.read(prepared, Vec::new(), Box::new(Collect::new()))).unwrap();
    sink.into_any().downcast::<Collect>().unwrap().values()
}

fn text(value: &Value) -> String {
    match value {
        Value::DateTime(at) if *at > CLOCK => "now".into(),
        Value::Json(json) => serde_json::from_str::<serde_json::Value>(json).unwrap().to_string(),
        value => {
            let mut out = Vec::new();
            write_json(value.borrow(), &mut out);
            String::from_utf8(out).unwrap()
        }
    }
}
