//! JSON documents as documents: stores may order members otherwise and write numbers otherwise.

use bistro_schema::Value;
use bistro_store::sink::{Cell, Row};
use serde_json::Value as Json;

/// The row with every document in one form.
pub fn canonical(row: &mut Row) {
    for cell in &mut row.cells {
        match cell {
            Cell::Value(value) => *value = one(std::mem::replace(value, Value::Null)),
            Cell::Nested(rows) => rows.iter_mut().for_each(canonical),
        }
    }
}

fn one(value: Value) -> Value {
    match value {
        Value::Json(text) => match serde_json::from_str::<Json>(&text) {
            Ok(json) => Value::Json(sorted(json).to_string().into()),
            // Left as it is: the comparison then tells of it.
            Err(_) => Value::Json(text),
        },
        Value::List(values) => Value::List(values.into_iter().map(one).collect()),
        other => other,
    }
}

/// Members by name, whole numbers without a fraction.
fn sorted(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<_> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(members.into_iter().collect())
        }
        Json::Array(elements) => Json::Array(elements.into_iter().map(sorted).collect()),
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.as_i64().is_none() && float.fract() == 0.0 && float.abs() < 1e15 => {
                Json::from(float as i64)
            }
            _ => Json::Number(number),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_compared_as_documents() {
        let check = |a: &str, b: &str, same: bool| {
            let form = |text: &str| {
                let mut row = Row { cells: vec![Cell::Value(Value::Json(text.into()))] };
                canonical(&mut row);
                row
            };
            assert_eq!(form(a) == form(b), same, "{a} {b}");
        };
        check(r#"{"b":1,"a":[1.0]}"#, r#"{"a": [1], "b": 1}"#, true);
        check(r#"[1,2]"#, r#"[2,1]"#, false);
        check(r#""ü""#, r#""\u00fc""#, true);
        check("1.5", "1.50", true);
        check("1.5", "1", false);
        check("9007199254740993", "9007199254740992", false);
    }
}
