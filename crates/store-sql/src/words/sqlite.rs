//! SQLite's words. What its own functions cannot do is done by functions of `bistro-store-sqlite`, named `bistro_…`.

use bistro_ir::{Aggregate, JsonStep};
use bistro_schema::{Kind, Scalar};

use super::{Recase, Search, Sign, Words, path_text};
use crate::ddl;
use crate::dialect::Dialect;
use crate::encode::Encode;
use crate::form::Form;
use crate::lower::Slot;

/// SQLite with the functions of its store.
pub(crate) struct Sqlite;

/// The form of values that stand otherwise in tables that Bistro did not make.
fn foreign(scalar: Scalar) -> Option<Form> {
    let form = Form::of(scalar);
    let other = matches!(
        form,
        Form::Date | Form::Time | Form::DateTime | Form::Uuid | Form::Scaled(_) | Form::Sortable(_)
    );
    other.then_some(form)
}

impl Words for Sqlite {
    fn slot(&self, index: usize, _: &Slot) -> String {
        Dialect::Sqlite.slot(index)
    }

    fn stored(&self, index: usize) -> String {
        Dialect::Sqlite.slot(index)
    }

    fn unknown(&self) -> Option<Form> {
        None
    }

    fn read(&self, column: String, scalar: Scalar, _: &str) -> String {
        match foreign(scalar) {
            Some(form) => format!("bistro_read({column}, '{}')", form.code()),
            None => column,
        }
    }

    fn written(&self, value: String, scalar: Scalar, _: &str) -> String {
        match foreign(scalar) {
            Some(form) => format!("bistro_written({value}, '{}')", form.code()),
            None => value,
        }
    }

    fn truth(&self, truth: bool) -> &'static str {
        if truth { "1" } else { "0" }
    }

    fn null(&self, _: Form) -> String {
        "NULL".into()
    }

    fn distinct(&self, a: &str, b: &str) -> String {
        format!("({a} IS NOT {b})")
    }

    fn text(&self, value: &str, form: Form) -> String {
        format!("bistro_text({value}, '{}')", form.code())
    }

    fn loose(&self, value: &str, from: Form) -> String {
        match from.scale() {
            Some(scale) => format!("bistro_loose({value}, {scale})"),
            None => value.to_owned(),
        }
    }

    fn real(&self, value: &str, from: Form) -> String {
        format!("bistro_real({})", self.loose(value, from))
    }

    fn key(&self, value: String) -> String {
        format!("bistro_key({value})")
    }

    fn json_key(&self, value: String) -> String {
        format!("bistro_json_key({value})")
    }

    fn list_key(&self, value: String, _: Kind) -> String {
        format!("bistro_list_key({value})")
    }

    fn instant(&self, date: &str) -> String {
        format!("({date} * 86400000000)")
    }

    fn within(&self, value: &str, form: Form, all: &str) -> String {
        let value = value.to_owned();
        let (left, item) = match form {
            Form::Uuid | Form::Bytes | Form::Sortable(_) => (value, "unhex(value)"),
            Form::Decimal => (format!("bistro_key({value})"), "bistro_key(unhex(value))"),
            Form::Real => (value, "bistro_bits(value)"),
            Form::Json => (format!("bistro_json_key({value})"), "bistro_json_key(value)"),
            _ => (value, "value"),
        };
        format!("({left} IN (SELECT {item} FROM json_each({all})))")
    }

    fn within_unknown(&self, one: &str, all: &str) -> String {
        format!("({one} IN (SELECT value FROM json_each({all})))")
    }

    fn has(&self, list: &str, _: Kind, value: &str, form: Form) -> String {
        format!("bistro_has({list}, {value}, '{}')", form.code())
    }

    fn like(&self, text: &str, pattern: &str, fold: bool) -> String {
        format!("{}({text}, {pattern})", if fold { "bistro_ilike" } else { "bistro_like" })
    }

    fn like_between(&self, text: &str, pattern: &str, low: &str, high: &str) -> String {
        format!("({text} >= {low} AND {text} < {high} AND bistro_like({text}, {pattern}))")
    }

    fn pattern(&self, _: bool) -> Option<Encode> {
        None
    }

    fn regex(&self, text: &str, pattern: &str, fold: bool) -> String {
        format!("bistro_match({text}, {pattern}, {})", u8::from(fold))
    }

    fn contains(&self, (a, _): (&str, Option<Form>), (b, _): (&str, Option<Form>)) -> String {
        format!("bistro_contains({a}, {b})")
    }

    fn overlaps(&self, (a, _): (&str, Option<Form>), (b, _): (&str, Option<Form>)) -> String {
        format!("bistro_overlaps({a}, {b})")
    }

    fn search(&self, search: &Search<'_>) -> String {
        let index = Dialect::Sqlite.quote(&ddl::search_table(search.ty));
        let row = Dialect::Sqlite.quote(&ddl::row_column(search.ty));
        let (alias, query) = (search.alias, search.query);
        format!("({alias}.{row} IN (SELECT rowid FROM {index} WHERE {index} MATCH {query}))")
    }

    fn json(&self, base: &str, path: &[JsonStep], text: bool) -> String {
        let name = if text { "bistro_json_text" } else { "bistro_json" };
        format!("{name}({base}, {})", Dialect::Sqlite.text(&path_text(path)))
    }

    fn recase(&self, how: Recase, text: &str) -> String {
        match how {
            Recase::Lower => format!("bistro_lower({text})"),
            Recase::Upper => format!("bistro_upper({text})"),
            Recase::Trim => format!("bistro_trim({text})"),
        }
    }

    fn size(&self, value: &str, form: Option<Form>) -> String {
        let name = match form {
            Some(Form::List(_) | Form::Json) => "json_array_length",
            Some(_) => "length",
            None => "bistro_size",
        };
        format!("{name}({value})")
    }

    fn later(&self, at: &str, micros: &str) -> String {
        format!("bistro_int('+', {at}, {micros})")
    }

    fn arithmetic(&self, sign: Sign, a: &str, b: &str, form: Option<Form>) -> (String, Option<Form>) {
        let s = sign.text();
        match form {
            Some(Form::Real) if sign == Sign::Remainder => (format!("bistro_rem({a}, {b})"), form),
            Some(Form::Real) => (format!("({a} {s} {b})"), form),
            Some(from) if from.is_decimal() => {
                let (a, b) = (self.loose(a, from), self.loose(b, from));
                (format!("bistro_decimal('{s}', {a}, {b})"), Some(Form::Decimal))
            }
            Some(_) => (format!("bistro_int('{s}', {a}, {b})"), form),
            None => (format!("bistro_any('{s}', {a}, {b})"), None),
        }
    }

    fn aggregate(&self, function: Aggregate, value: &str, form: Form, kind: Kind) -> (String, Form) {
        match function {
            Aggregate::Count => (format!("count({value})"), Form::Int),
            Aggregate::Sum if form == Form::Real => (format!("sum({value})"), Form::Real),
            Aggregate::Avg if form == Form::Real => (format!("avg({value})"), Form::Real),
            Aggregate::Sum if form == Form::Int && kind == Kind::Int => (format!("sum({value})"), Form::Int),
            Aggregate::Sum => (format!("bistro_sum({})", self.loose(value, form)), Form::Decimal),
            Aggregate::Avg => (format!("bistro_avg({})", self.loose(value, form)), Form::Decimal),
            Aggregate::Min if form == Form::Decimal => (format!("bistro_min({value})"), form),
            Aggregate::Max if form == Form::Decimal => (format!("bistro_max({value})"), form),
            Aggregate::Min => (format!("min({value})"), form),
            Aggregate::Max => (format!("max({value})"), form),
        }
    }

    fn group(&self, column: &str, place: usize, form: Option<Form>) -> String {
        match form {
            Some(Form::Json) => format!("bistro_json_key({column})"),
            _ => place.to_string(),
        }
    }

    fn order(&self, value: &str, descending: bool, nulls_first: bool, nullable: bool) -> String {
        match (descending, nulls_first) {
            (false, false) if nullable => format!("{value} NULLS LAST"),
            (true, true) if nullable => format!("{value} DESC NULLS FIRST"),
            (false, _) => value.to_owned(),
            (true, _) => format!("{value} DESC"),
        }
    }

    fn page(&self, limit: Option<&str>, offset: Option<&str>) -> String {
        match (limit, offset) {
            (None, None) => String::new(),
            (Some(limit), None) => format!(" LIMIT {limit}"),
            (limit, Some(offset)) => format!(" LIMIT {} OFFSET {offset}", limit.unwrap_or("-1")),
        }
    }

    fn derived(&self, select: &str) -> String {
        format!("({select})")
    }

    fn lock(&self, _: &str) -> String {
        String::new()
    }
}
