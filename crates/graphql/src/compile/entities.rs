//! Federation: `_entities(representations:)`, rows of several types by any of their keys, in the order in which they are
//! named. One read a type and key set; the rows come with their keys, and are put in order when all are there.

use std::collections::HashMap;

use bistro_ir::{Bound, Compare, Expr, Item, Operand, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Scalar, Schema, TypeId, Value};
use serde_json::value::RawValue;

use super::connection::Hang;
use super::row::{Row, print};
use super::scalar::plain;
use super::select::read;
use super::{Compiler, Draft, Field, Slots, cursor, global_id};
use crate::describe::Meaning;
use crate::failure::Failure;
use crate::plan::{Reading, Rows, Work};
use crate::render::{Form, Piece, Slot, Text, write_value};

/// Rows that a gateway names.
pub(crate) struct Entities {
    pub(crate) reading: Reading,
    key: Box<str>,
    /// The part in which each row is found and by which text; nothing where no row can be meant.
    order: Vec<Option<(usize, String)>>,
}

/// Rows of one type that are named by the same fields.
struct Group {
    ty: TypeId,
    fields: Vec<FieldId>,
    keys: Vec<Vec<Value>>,
}

impl Entities {
    /// The reply in the order asked for. `read` is what the reading printed: an array a part of pairs of key and row.
    pub(crate) fn arrange(&self, read: &[u8]) -> Result<Vec<u8>, Problem> {
        let parts: Vec<Vec<(&str, &RawValue)>> =
            serde_json::from_slice(read).map_err(|e| Problem::bug(format!("rows of entities: {e}")))?;
        let rows = parts
            .iter()
            .enumerate()
            .flat_map(|(n, rows)| rows.iter().map(move |(key, row)| ((n, *key), row)));
        let rows: HashMap<(usize, &str), &&RawValue> = rows.collect();
        let mut out = format!("\"{}\":[", self.key).into_bytes();
        for (n, wanted) in self.order.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            let row = wanted.as_ref().and_then(|(part, key)| rows.get(&(*part, key.as_str())));
            out.extend_from_slice(row.map_or("null", |row| row.get()).as_bytes());
        }
        out.push(b']');
        Ok(out)
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn entities(&self, field: &Field<'a>) -> Result<Work, Failure> {
        // Which types and keys are named is a part of what is asked.
        self.only_once();
        let named = self.said(field, "representations").map(|given| given.json().into_owned());
        let named = named.as_ref().and_then(|json| json.as_array()).map_or(&[][..], Vec::as_slice);
        if named.len() as u64 > self.limits.page_most {
            let message = format!("_entities takes at most {} representations", self.limits.page_most);
            return Err(Failure::at(Problem::new(Code::TooComplex, message), field.place));
        }
        let mut groups: Vec<Group> = Vec::new();
        let order = named.iter().map(|json| {
            let (ty, fields, key) = self.represented(json)?;
            let at = groups.iter().position(|g| g.ty == ty && g.fields == fields).unwrap_or(groups.len());
            if at == groups.len() {
                groups.push(Group { ty, fields, keys: Vec::new() });
            }
            let text = key_text(self.view.schema(), &groups[at], &key);
            if !groups[at].keys.contains(&key) {
                groups[at].keys.push(key);
            }
            Some((at, text))
        });
        let order = order.collect();
        let reading = self.reading(field, |draft, row, hang| {
            // It is arranged before it is a part of the reply.
            row.text = Text::default();
            row.text.push("[");
            for (n, group) in groups.into_iter().enumerate() {
                if n > 0 {
                    row.text.push(",");
                }
                self.group(draft, row, hang, group, field)?;
            }
            row.text.push("]");
            Ok(())
        })?;
        Ok(Work::Entities(Box::new(Entities { reading, key: field.key.into(), order })))
    }

    /// The type of a representation, the fields of the key that it has, and their values.
    fn represented(
        &self,
        json: &apollo_compiler::response::JsonValue,
    ) -> Option<(TypeId, Vec<FieldId>, Vec<Value>)> {
        let schema = self.view.schema();
        let object = json.as_object()?;
        let Some(Meaning::Object(ty)) = self.described.meaning(object.get("__typename")?.as_str()?) else {
            return None;
        };
        let of = schema.ty(ty);
        let node = self.described.node_types().contains(&ty);
        let read = |field: &FieldId, json: &_| plain(schema, of.field(*field).scalar, json).ok();
        if let Some(id) = object.get("id").filter(|_| node) {
            let parts =
                global_id::read(id.as_str()?, &of.name).filter(|parts| parts.len() == of.key.len())?;
            let values = of.key.iter().zip(&parts).map(|(f, text)| read(f, &text.as_str().into()));
            return Some((ty, of.key.clone(), values.collect::<Option<_>>()?));
        }
        let sets = self.described.keys(ty).iter();
        sets.filter_map(|set| {
            let values = set.fields.iter().map(|f| {
                let name = of.field(*f).name.as_str();
                let name = if node && name == "id" { "key" } else { name };
                read(f, object.get(name)?).filter(|value| !value.is_null())
            });
            Some((ty, set.fields.clone(), values.collect::<Option<Vec<_>>>()?))
        })
        .next()
    }

    fn group(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        hang: &mut Hang,
        group: Group,
        field: &Field<'a>,
    ) -> Result<(), Failure> {
        let of = self.view.schema().ty(group.ty);
        draft.begin(hang);
        let mut inner = Row::default();
        for (n, id) in group.fields.iter().enumerate() {
            let operand = Operand::Field(Root::Scope(0), *id);
            let item = Item::Value { key: format!("representation.{n}"), operand, cast: None };
            inner.keep(Slot::Cursor, item, print(of.field(*id).scalar));
        }
        inner.text.push("[");
        inner.place(Piece::Cursor(0));
        inner.text.push(",");
        let outer = std::mem::take(&mut draft.cost);
        self.members(draft, &mut inner, group.ty, (&of.name, &field.sets), 0)?;
        inner.text.push("]");
        let cost = std::mem::replace(&mut draft.cost, outer);
        let rows = Rows { part: draft.part, bound: Bound::Fixed(group.keys.len() as u64), plus: 0 };
        draft.cost.lists.push((rows, cost));
        let filter = self.any_of(&mut draft.slots, &group)?;
        let (select, level) = inner.finish();
        let level = draft.level(level);
        draft.hang(row, hang, (of.name.clone(), read(group.ty, select, filter)), (Form::Many, level, None));
        Ok(())
    }

    /// The rows with one of the keys.
    fn any_of(&self, slots: &mut Slots, group: &Group) -> Result<Expr, Problem> {
        let of = self.view.schema().ty(group.ty);
        let left = |id: FieldId| Operand::Field(Root::Scope(0), id);
        let scalar = |id: FieldId| of.field(id).scalar.compared();
        if let [id] = group.fields[..] {
            let values = group.keys.iter().flatten().cloned().collect();
            let list = slots.fixed(Scalar::list(scalar(id).kind), Value::List(values))?;
            return Ok(Expr::In(left(id), Operand::Param(list)));
        }
        let rows = group.keys.iter().map(|key| {
            let fields = group.fields.iter().zip(key).map(|(id, value)| {
                let right = Operand::Param(slots.fixed(scalar(*id), value.clone())?);
                Ok(Expr::Compare(Compare::Eq, left(*id), right))
            });
            fields.collect::<Result<Vec<_>, Problem>>().map(Expr::all)
        });
        rows.collect::<Result<Vec<_>, _>>().map(Expr::any)
    }
}

/// What the row with this key prints as its place.
fn key_text(schema: &Schema, group: &Group, key: &[Value]) -> String {
    let mut values = vec![b'['];
    for (n, (id, value)) in group.fields.iter().zip(key).enumerate() {
        if n > 0 {
            values.push(b',');
        }
        write_value(value.borrow(), print(schema.ty(group.ty).field(*id).scalar), &mut values);
    }
    values.push(b']');
    cursor::write(0, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Cost;

    #[test]
    fn rows_stand_in_the_order_asked_and_what_is_not_there_is_null() {
        let (parts, pages, cost) = (Vec::new(), Vec::new(), Cost::default());
        let reading = Reading { parts, shape: Default::default(), pages, cost };
        let wanted = |part, key: &str| Some((part, key.to_owned()));
        let order =
            vec![wanted(1, "a"), None, wanted(0, "b"), wanted(0, "a"), wanted(1, "a"), wanted(0, "c")];
        let entities = Entities { reading, key: "e".into(), order };
        let read = br#"[[["a",{"id":1}],["b",{"id":2}]],[["a",{"name":"\"]"}]]]"#;
        let reply = String::from_utf8(entities.arrange(read).unwrap()).unwrap();
        assert_eq!(reply, r#""e":[{"name":"\"]"},null,{"id":2},{"id":1},{"name":"\"]"},null]"#);
    }
}
