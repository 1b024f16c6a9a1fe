//! Parameter slots, and how what a caller gives becomes the value in one: when a plan is made and, in the same way, when it
//! is run again for other variables.

use apollo_compiler::response::{JsonMap, JsonValue};
use bistro_ir::{Operand, Param, ParamId};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, Scalar, Schema, Value};

use super::cursor;
use super::given::{self, Given, Way};
use super::scalar;

/// How many values one operation may bind.
const VALUES_MAX: usize = 10_000;
/// How many conditions one operation may come to.
const CONDITIONS_MAX: usize = 5_000;

/// How a given value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As a value that a field could hold.
    Plain,
    /// As a value to compare with: a decimal keeps its own digits, an address need not be one.
    Compared,
    /// As the list of `in`: at most `limits.in_list` values, none null.
    Among {
        /// Which value of the key of which type an element may be as a global id, see [`Reading::Key`].
        key: Option<(usize, u16)>,
    },
    /// As a pattern of `%` and `_`.
    Like,
    /// As the beginning of a text, which becomes a pattern.
    Prefix,
    /// As a regular expression.
    Regex,
    /// As a number of rows of a page, and so many more.
    Rows {
        /// The most that may be asked for.
        most: u64,
        /// What is added: 1 to learn whether more follows.
        plus: u64,
    },
    /// As a number of rows to skip.
    Skip,
    /// As the n-th value of a cursor, of a list whose order has this signature.
    Cursor {
        /// Which value.
        at: usize,
        /// See [`cursor::signature`].
        signature: u32,
    },
    /// As a key: the n-th value of a global id of a type with this index, or the raw value.
    Key {
        /// Which value of the key.
        at: usize,
        /// The type's index in the schema.
        ty: u16,
    },
}

/// Where the value of a slot comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// The document says it.
    Fixed(Value),
    /// A variable, or a part of one.
    Variable {
        /// Which.
        way: Way,
        /// How it is read.
        reading: Reading,
    },
    /// A literal that holds variables: such plans are not kept.
    Mixed(Value),
}

/// What reading needs to know besides the value.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'r> {
    pub(crate) schema: &'r Schema,
    pub(crate) limits: &'r crate::Limits,
}

/// The slots of one operation, filled so far.
#[derive(Clone, Default)]
pub(crate) struct Slots {
    pub(crate) params: Vec<Param>,
    pub(crate) sources: Vec<Source>,
    conditions: usize,
}

impl Slots {
    /// Counts one more condition.
    pub(super) fn condition(&mut self) -> Result<(), Problem> {
        self.conditions += 1;
        if self.conditions <= CONDITIONS_MAX {
            return Ok(());
        }
        let message = format!("The filters come to more than {CONDITIONS_MAX} conditions");
        Err(Problem::new(Code::TooComplex, message)
            .hint("Put the values of one field into a list: in counts as one."))
    }

    /// Reads a given value into the next slot.
    pub(crate) fn given(
        &mut self,
        rules: Rules<'_>,
        (scalar, reading): (Scalar, Reading),
        given: &Given<'_>,
    ) -> Result<ParamId, Problem> {
        let source = source_of(rules, (scalar, reading), given)?;
        self.source(scalar, source)
    }

    /// The same, as an operand.
    pub(crate) fn operand(
        &mut self,
        rules: Rules<'_>,
        how: (Scalar, Reading),
        given: &Given<'_>,
    ) -> Result<Operand, Problem> {
        self.given(rules, how, given).map(Operand::Param)
    }

    /// Puts a constant of ours into the next slot.
    pub(crate) fn fixed(&mut self, scalar: Scalar, value: Value) -> Result<ParamId, Problem> {
        self.source(scalar, Source::Fixed(value))
    }

    /// Puts a value that was read elsewhere into the next slot.
    pub(crate) fn source(&mut self, scalar: Scalar, source: Source) -> Result<ParamId, Problem> {
        if self.params.len() >= VALUES_MAX {
            let message = format!("The operation holds more than {VALUES_MAX} values");
            return Err(Problem::new(Code::TooComplex, message)
                .hint("Put the values of one field into a list: in counts as one."));
        }
        let id = ParamId(self.params.len() as u16);
        self.params.push(Param { scalar });
        self.sources.push(source);
        Ok(id)
    }
}

/// Where the value of what is given comes from, if it is one; also for the cells of rows to write.
pub(crate) fn source_of(
    rules: Rules<'_>,
    how: (Scalar, Reading),
    given: &Given<'_>,
) -> Result<Source, Problem> {
    let value = match given {
        // Numbers of JSON keep the digits that the document writes.
        Given::Literal(literal, variables) if how.0 == Scalar::one(Kind::Json) => {
            scalar::document(rules.schema, &given::document(literal, variables))?
        }
        Given::Variable(json, way) => {
            // Read for its mistakes alone: the value is read again when the plan is bound.
            read(rules, how, json).map_err(|problem| problem.pointer(way.pointer()))?;
            return Ok(Source::Variable { way: way.clone(), reading: how.1 });
        }
        given => read(rules, how, &given.json())?,
    };
    Ok(if given.mixed() { Source::Mixed(value) } else { Source::Fixed(value) })
}

/// The value of a source for a request's variables.
pub(crate) fn bind(
    rules: Rules<'_>,
    scalar: Scalar,
    source: &Source,
    variables: &JsonMap,
) -> Result<Value, Problem> {
    match source {
        Source::Fixed(value) | Source::Mixed(value) => Ok(value.clone()),
        Source::Variable { way, reading } => {
            let found = way.find(variables);
            let found =
                found.ok_or_else(|| Problem::bug("a plan was bound to variables of another structure"))?;
            read(rules, (scalar, *reading), found).map_err(|problem| problem.pointer(way.pointer()))
        }
    }
}

/// The value of a JSON value for a slot.
fn read(rules: Rules<'_>, (scalar, reading): (Scalar, Reading), json: &JsonValue) -> Result<Value, Problem> {
    match reading {
        Reading::Plain => scalar::plain(rules.schema, scalar, json),
        Reading::Compared => scalar::compared(rules.schema, scalar, json),
        Reading::Among { key } => scalar::among(rules, scalar, json, key),
        Reading::Like => scalar::like(rules, json),
        Reading::Prefix => scalar::prefix(rules, json),
        Reading::Regex => scalar::regex(rules, json),
        Reading::Rows { most, plus } => scalar::rows(json, most, plus),
        Reading::Skip => scalar::skip(json),
        Reading::Cursor { at, signature } => cursor::value(rules.schema, scalar, json, (at, signature)),
        Reading::Key { at, ty } => scalar::key(rules.schema, scalar, json, (at, ty)),
    }
}
