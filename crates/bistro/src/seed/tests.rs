//! Whatever a file holds, reading it ends with rows or with a mistake at one of its lines.

use proptest::prelude::*;

use super::place::Mistake;
use super::read::Seeds;
use super::{csv_rows, json_rows, row};

fn judge<T>(text: &str, read: Result<T, Mistake>) -> Result<(), TestCaseError> {
    if let Err(mistake) = read {
        prop_assert!((1..=text.lines().count() + 2).contains(&mistake.line), "{mistake:?} of {text:?}");
        prop_assert!(!mistake.message.is_empty());
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(text in r#"([\[\]{}:,"\\n]|"[a-c]{0,2}"|null|-?[0-9]{1,20}|\\u00|\PC){0,40}"#) {
        judge(&text, json_rows::document(&text))?;
        judge(&text, json_rows::lines(&text))?;
        judge(&text, json_rows::object(&text, 1))?;
    }

    #[test]
    fn any_csv_is_read_or_refused(text in r#"([a-c,"\r\n;]|\PC){0,60}"#) {
        judge(&text, csv_rows::read(&text))?;
    }

    #[test]
    fn any_row_is_decoded_or_refused(text in r#"\{("(id|text|tags|at|nope)": ?(null|true|"\PC{0,6}"|[0-9]{1,22}|\[[0-9,"a]{0,5}\]|\{\}),?){0,4}\}"#) {
        let schema = bistro_sdl::read("s", "type Note @model { id: Int! @id  text: String!  tags: [Int!]  at: DateTime }").schema;
        let ty = schema.by_collection("notes").expect("the type is there");
        let seeds = Seeds::one(ty, &text, "f");
        let table = &seeds.tables[0];
        judge(&text, row::decode(&schema, ty, &table.rows[0], &text, &[]))?;
    }
}
