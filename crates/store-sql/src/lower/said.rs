//! What a slot holds, in words for people.

use crate::encode::Encode;
use crate::form::Form;
use crate::lower::{Batch, Slot};

impl Slot {
    /// What fills the slot: as in `bind 0, a list of uuid` or `column 2 of the enclosing rows`. Columns count from 1.
    /// `batch` is that of the slot's query.
    pub fn said(&self, batch: Option<&Batch>) -> String {
        let column = |part: usize| match batch.and_then(|b| b.keys.get(part)) {
            Some((column, _)) => format!("column {}", column + 1),
            None => format!("part {} of the key", part + 1),
        };
        match self {
            Slot::Bind(id, how) => format!("bind {}{}", id.0, way(how)),
            Slot::Constant(value, how) => format!("the constant {value:?}{}", way(how)),
            Slot::Parent(column) => format!("column {} of the enclosing row", column + 1),
            Slot::Keys(part, form) => {
                format!("{} of the enclosing rows, a list of {}", column(*part), name(*form))
            }
            Slot::KeyRows(forms) => {
                let columns: Vec<String> = (0..forms.len()).map(column).collect();
                format!("{} of the enclosing rows, a JSON list", columns.join(" and "))
            }
        }
    }
}

/// How a value is written, where that is not its own way.
fn way(how: &Encode) -> String {
    let what = match how {
        Encode::Natural => return String::new(),
        Encode::As(form, _) => name(*form),
        Encode::Each(form) => return format!(", a list of {}", name(*form)),
        Encode::Json => "JSON",
        Encode::JsonEach => "a JSON list",
        Encode::Limit => "the limit",
        Encode::Offset => "the offset",
        Encode::Query { .. } => "a full-text query",
        Encode::LikeLow => "the least text that its beginning allows",
        Encode::LikeHigh => "the text after all that its beginning allows",
        Encode::Pattern => "a pattern",
        Encode::Label(_) => "a label",
        Encode::Regex { .. } => "a regular expression",
    };
    format!(", {what}")
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Bool => "boolean",
        Form::Int => "integer",
        Form::Real => "float",
        Form::Text => "text",
        Form::Json => "JSON",
        Form::Uuid => "uuid",
        Form::Bytes => "bytes",
        Form::Date => "date",
        Form::Time => "time",
        Form::DateTime => "date and time",
        Form::Scaled(_) | Form::Sortable(_) | Form::Decimal => "decimal",
        Form::List(_) => "list",
    }
}

#[cfg(test)]
mod tests {
    use bistro_ir::ParamId;

    use super::*;

    #[test]
    fn slots_say_where_their_value_comes_from() {
        let batch = Batch { keys: vec![(1, Form::Uuid), (3, Form::Int)], one: false, empty: None };
        let check = |slot: Slot, expected: &str| assert_eq!(slot.said(Some(&batch)), expected);
        check(Slot::Bind(ParamId(2), Encode::Natural), "bind 2");
        check(Slot::Bind(ParamId(0), Encode::Each(Form::Uuid)), "bind 0, a list of uuid");
        check(Slot::Bind(ParamId(0), Encode::Limit), "bind 0, the limit");
        check(Slot::Parent(1), "column 2 of the enclosing row");
        check(Slot::Keys(1, Form::Int), "column 4 of the enclosing rows, a list of integer");
        let both = Slot::KeyRows(vec![Form::Uuid, Form::Int]);
        check(both, "column 2 and column 4 of the enclosing rows, a JSON list");
        assert_eq!(
            Slot::Keys(0, Form::Uuid).said(None),
            "part 1 of the key of the enclosing rows, a list of uuid"
        );
    }
}
