//! What engines say differently. One implementation an engine; the emitter in [`crate::lower`] asks and never names one.
//!
//! Every method answers a text that can stand inside another; values come as texts of slots or of what was written
//! before. Texts are made once a shape of statement, so that a dynamic call costs nothing that counts.

mod mysql;
mod postgres;
mod sqlite;

use bistro_ir::{Aggregate, JsonStep};
use bistro_schema::{Field, Kind, Scalar, Type};

use crate::dialect::Dialect;
use crate::encode::Encode;
use crate::form::Form;
use crate::lower::Slot;

impl Dialect {
    /// Whether a column that somebody else made, of a type in the engine's words, takes and gives values in Bistro's own
    /// form, so that nobody needs to know who made it.
    pub fn as_own(self, scalar: Scalar, declared: &str) -> bool {
        let words = self.words();
        let same = |text: &str, made: String| made == text;
        same("v", words.read("v".into(), scalar, declared))
            && same("v", words.written("v".into(), scalar, declared))
    }

    /// The engine's words.
    pub(crate) fn words(self) -> &'static dyn Words {
        match self {
            Dialect::Sqlite => &sqlite::Sqlite,
            Dialect::Postgres => &postgres::Postgres,
            Dialect::Mysql => &mysql::Mysql,
        }
    }
}

/// What a text becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recase {
    Lower,
    Upper,
    /// Without white space around it.
    Trim,
}

/// A sign between two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Sign {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Sign::Add => "+",
            Sign::Subtract => "-",
            Sign::Multiply => "*",
            Sign::Divide => "/",
            Sign::Remainder => "%",
        }
    }
}

/// A full-text condition: on the row of `alias`, in one field of the index or in all.
pub(crate) struct Search<'a> {
    pub(crate) alias: &'a str,
    pub(crate) ty: &'a Type,
    /// The position of the field among the type's search fields.
    pub(crate) field: Option<usize>,
    pub(crate) query: &'a str,
}

/// A nested select for all rows of the enclosing level at once, in parts.
pub(crate) struct Batched<'a> {
    /// What each row answers.
    pub(crate) columns: &'a [String],
    /// The tables.
    pub(crate) from: &'a str,
    /// `WHERE …` with a blank before it, or nothing: what ties the rows to [`Words::parent`], and the filter.
    pub(crate) conditions: &'a str,
    /// `GROUP BY …` with a blank before it, or nothing.
    pub(crate) groups: &'a str,
    /// `ORDER BY …` with a blank before it, or nothing.
    pub(crate) order: &'a str,
    /// How many rows a parent gets at most.
    pub(crate) limit: Option<&'a str>,
    /// How many rows of each parent are skipped.
    pub(crate) offset: Option<&'a str>,
    /// The forms of the parts of a parent's key.
    pub(crate) keys: &'a [Form],
    /// Aggregates that nothing groups: one row a parent.
    pub(crate) always: bool,
    /// Whether only the first row of a key counts.
    pub(crate) one: bool,
}

/// Makes slots for [`Words::batch`].
pub(crate) type NewSlot<'s> = &'s mut dyn FnMut(Slot) -> String;

/// What an engine says differently.
pub(crate) trait Words: Sync {
    /// Slot number `index`, from 0, where a value is read; with a cast where the engine cannot infer its type.
    fn slot(&self, index: usize, slot: &Slot) -> String;

    /// The same where the value goes into a column, which gives it its type.
    fn stored(&self, index: usize) -> String;

    /// Whether slots are known by their place in the text alone, each filled once.
    fn positional(&self) -> bool {
        false
    }

    /// The form of a value that only its bind knows; `None` where slots have no types.
    fn unknown(&self) -> Option<Form>;

    /// How a label of an enumeration is bound, if not as text.
    fn label(&self, _of: bistro_schema::EnumId) -> Option<Encode> {
        None
    }

    /// A column of a table that Bistro did not make, as a value of Bistro's form. `declared` is its type in the engine's
    /// words.
    fn read(&self, column: String, _scalar: Scalar, _declared: &str) -> String {
        column
    }

    /// A value of Bistro's form as such a column takes it.
    fn written(&self, value: String, _scalar: Scalar, _declared: &str) -> String {
        value
    }

    /// True or false.
    fn truth(&self, truth: bool) -> &'static str;

    /// Null of a form.
    fn null(&self, form: Form) -> String;

    /// Different, where null equals null.
    fn distinct(&self, a: &str, b: &str) -> String;

    /// A value's text, as [`bistro_schema::text::write_plain`] writes it.
    fn text(&self, value: &str, form: Form) -> String;

    /// A column of labels as text.
    fn label_text(&self, value: &str) -> String {
        value.to_owned()
    }

    /// An exact number in the form in which numbers of different scales meet.
    fn loose(&self, value: &str, from: Form) -> String;

    /// A float of an exact number.
    fn real(&self, value: &str, from: Form) -> String;

    /// What orders and tells apart numbers in their loose form.
    fn key(&self, value: String) -> String;

    /// What orders and tells apart documents.
    fn json_key(&self, value: String) -> String;

    /// Two lists whose elements can be compared.
    fn lists(&self, a: (&str, Kind), b: (&str, Kind)) -> (String, String) {
        (a.0.to_owned(), b.0.to_owned())
    }

    /// What orders lists of values of a kind.
    fn list_key(&self, value: String, of: Kind) -> String;

    /// The first instant of a day.
    fn instant(&self, date: &str) -> String;

    /// Whether a value is in the list of a slot of [`Encode::Each`].
    fn within(&self, value: &str, form: Form, all: &str) -> String;

    /// The same of two values that only their binds know: [`Encode::Json`] and [`Encode::JsonEach`].
    fn within_unknown(&self, one: &str, all: &str) -> String;

    /// Whether a list holds a value.
    fn has(&self, list: &str, of: Kind, value: &str, form: Form) -> String;

    /// How the pattern of a `LIKE` is bound, if not as any text.
    fn like_pattern(&self) -> Option<Encode> {
        None
    }

    /// `LIKE`, or `ILIKE`.
    fn like(&self, text: &str, pattern: &str, fold: bool) -> String;

    /// `LIKE` with bounds beside it, so that an index on the column narrows what the pattern's beginning says.
    fn like_between(&self, text: &str, pattern: &str, low: &str, high: &str) -> String;

    /// How the pattern of a regular expression is bound, if not as it is written.
    fn pattern(&self, fold: bool) -> Option<Encode>;

    /// Whether a regular expression finds something.
    fn regex(&self, text: &str, pattern: &str, fold: bool) -> String;

    /// Whether the first holds all of the second: lists or documents.
    fn contains(&self, a: (&str, Option<Form>), b: (&str, Option<Form>)) -> String;

    /// Whether two lists share an element.
    fn overlaps(&self, a: (&str, Option<Form>), b: (&str, Option<Form>)) -> String;

    /// A full-text condition.
    fn search(&self, search: &Search<'_>) -> String;

    /// A part of a document, as JSON or as text.
    fn json(&self, base: &str, path: &[JsonStep], text: bool) -> String;

    /// The text of a part of a document as it goes out: that of an object or array is compact.
    fn json_shown(&self, base: &str, path: &[JsonStep]) -> String {
        self.json(base, path, true)
    }

    /// A text in another case.
    fn recase(&self, how: Recase, text: &str) -> String;

    /// The length of a value.
    fn size(&self, value: &str, form: Option<Form>) -> String;

    /// Texts joined; null if one is.
    fn concat(&self, parts: &[String]) -> String {
        format!("({})", parts.join(" || "))
    }

    /// An instant so many microseconds later.
    fn later(&self, at: &str, micros: &str) -> String;

    /// Two numbers of one form, or of forms that only their binds know, and the form of what comes out. Integers and
    /// decimals are exact and refuse to overflow; division by zero is null.
    fn arithmetic(&self, sign: Sign, a: &str, b: &str, form: Option<Form>) -> (String, Option<Form>);

    /// A function over a group of values that have this form, and the form of what comes out; `kind` is what the schema
    /// says of the value.
    fn aggregate(&self, function: Aggregate, value: &str, form: Form, kind: Kind) -> (String, Form);

    /// What makes groups of a column: its text, its place counted from 1, its form.
    fn group(&self, column: &str, place: usize, form: Option<Form>) -> String;

    /// A term of an order. Where nulls stand is written only where it differs from the engine's own way, so that
    /// indexes serve.
    fn order(&self, value: &str, descending: bool, nulls_first: bool, nullable: bool) -> String;

    /// `LIMIT` and `OFFSET` with a blank before them, or nothing.
    fn page(&self, limit: Option<&str>, offset: Option<&str>) -> String;

    /// A select in brackets as a table.
    fn derived(&self, select: &str) -> String;

    /// Whether `select` has a row. `earlier` is how many such conditions the statement has before this one.
    fn exists(&self, select: &str, _earlier: usize) -> String {
        format!("EXISTS ({select})")
    }

    /// What locks the rows of the alias until the transaction ends, with a blank before it; or nothing.
    fn lock(&self, alias: &str) -> String;

    /// What stands for part `pair` of the enclosing row's key in a select for all of them at once; `None` where nested
    /// selects run once a row and bind [`Slot::Parent`].
    fn parent(&self, _pair: usize, _form: Form) -> Option<String> {
        None
    }

    /// A nested select for all rows of the enclosing level: first the row's number from 1, then the columns. The order
    /// of the rows of one parent is kept.
    fn batch(&self, _parts: &Batched<'_>, _slot: NewSlot<'_>) -> String {
        String::new()
    }

    /// Whether [`Words::batch`] answers a row of aggregates for a parent without rows too.
    fn batch_answers_all(&self) -> bool {
        true
    }

    /// An insert of nothing but defaults.
    fn insert_defaults(&self, table: &str) -> String {
        format!("INSERT INTO {table} DEFAULT VALUES")
    }

    /// What a counted column gets for a given key, which may be null, so that later counted keys do not clash.
    fn counted(&self, _ty: &Type, _field: &Field, slot: String) -> String {
        slot
    }

    /// What makes an insert answer columns, with a blank before it; `None` where the driver knows what was counted.
    fn returning(&self, _columns: &[String]) -> Option<String> {
        None
    }

    /// A statement that sets the counter of a column above all that the table holds, if it does not do so by itself.
    fn recount(&self, _ty: &Type, _field: &Field) -> Option<String> {
        None
    }
}

/// A path into a document as a JSON array of names and indexes.
fn path_text(path: &[JsonStep]) -> String {
    let mut steps = Vec::with_capacity(path.len());
    for step in path {
        match step {
            JsonStep::Key(key) => {
                let mut out = Vec::new();
                bistro_schema::text::write_json_string(key, &mut out);
                steps.push(String::from_utf8_lossy(&out).into_owned());
            }
            JsonStep::Index(index) => steps.push(index.to_string()),
        }
    }
    format!("[{}]", steps.join(","))
}
