//! Parameter slots, and how the text of a filter becomes the value in one.
//!
//! A literal is read in the same way by the full compile and by a template's bind, so that both give equal inputs.

use bistro_engine::misread;
use bistro_ir::{Operand, Param, ParamId};
use bistro_problem::{Code, Problem};
use bistro_schema::{Decimal, Kind, Scalar, Schema, Value};

use super::{Limits, list, pattern};

/// How the text of a literal is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As a value of the slot, such as a column could hold.
    Plain,
    /// As a value to compare with: a decimal keeps its own digits.
    Compared,
    /// As a pattern of `*`, `%` and `_`.
    Like,
    /// As a regular expression.
    Regex,
    /// As the list of `in`.
    In,
    /// As the number of rows of a page.
    Limit,
    /// As the number of rows of an embedded list.
    EmbedLimit,
    /// As a number of rows to skip.
    Offset,
}

/// The slots filled so far.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    pub(crate) params: Vec<Param>,
    pub(crate) values: Vec<Value>,
}

impl Slots {
    /// Puts a value into the next slot.
    pub(crate) fn push(&mut self, scalar: Scalar, value: Value) -> Result<ParamId, Problem> {
        let id = u16::try_from(self.params.len())
            .map_err(|_| Problem::new(Code::TooComplex, "The request holds more than 65536 values"))?;
        self.params.push(Param { scalar });
        self.values.push(value);
        Ok(ParamId(id))
    }

    /// Reads a literal into the next slot.
    pub(crate) fn literal(
        &mut self,
        schema: &Schema,
        limits: &Limits,
        (scalar, reading): (Scalar, Reading),
        text: &str,
    ) -> Result<Operand, Problem> {
        if self.params.len() >= limits.values {
            let message = format!("The request compares with more than {} values", limits.values);
            return Err(Problem::new(Code::TooComplex, message)
                .hint("Put the values of one column into a list: in.(…) counts as one."));
        }
        let value = read(schema, limits, (scalar, reading), text)?;
        self.push(scalar, value).map(Operand::Param)
    }
}

/// The value of a literal's text for a slot of `scalar`.
pub(crate) fn read(
    schema: &Schema,
    limits: &Limits,
    (scalar, reading): (Scalar, Reading),
    text: &str,
) -> Result<Value, Problem> {
    match reading {
        Reading::Plain => parse(schema, scalar, text),
        Reading::Compared => compared(schema, scalar, text),
        Reading::Like => pattern::like(text, limits.pattern_bytes).map(Value::text),
        Reading::Regex => pattern::regex(text, limits.pattern_bytes).map(Value::text),
        Reading::In => {
            let elements = list::whole(text, limits.in_list)?;
            let element = scalar.element();
            let values: Result<Vec<Value>, Problem> =
                elements.iter().map(|e| compared(schema, element, e)).collect();
            values.map(Value::List)
        }
        Reading::Limit => rows(text, limits.max_rows),
        Reading::EmbedLimit => rows(text, limits.embed_rows),
        Reading::Offset => rows(text, i64::MAX as u64),
    }
}

/// Only what is stored is rounded to the column's digits: 10.001 equals no price.
fn compared(schema: &Schema, scalar: Scalar, text: &str) -> Result<Value, Problem> {
    if let (false, Kind::Decimal { .. }) = (scalar.list, scalar.kind)
        && let Ok(exact) = Decimal::parse(text.trim_ascii())
    {
        return Ok(Value::Decimal(exact));
    }
    parse(schema, scalar, text)
}

fn parse(schema: &Schema, scalar: Scalar, text: &str) -> Result<Value, Problem> {
    bistro_schema::literal::parse(schema, scalar, text).map_err(|e| misread(&e))
}

fn rows(digits: &str, most: u64) -> Result<Value, Problem> {
    let rows = digits.parse::<u64>().unwrap_or(u64::MAX).min(most);
    Ok(Value::Int(i64::try_from(rows).unwrap_or(i64::MAX)))
}
