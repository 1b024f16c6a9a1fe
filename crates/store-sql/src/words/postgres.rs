//! PostgreSQL's words. Values stand in the server's own types; sessions are in UTC.
//!
//! Computed texts are put into the collation "C", in which managed columns are, so that they compare bytewise; what
//! folds case does so in "und-x-icu".

use bistro_ir::{Aggregate, JsonStep};
use bistro_schema::{EnumId, Field, Kind, Scalar, Type};

use super::{Batched, NewSlot, Recase, Search, Sign, Words};
use crate::decode::element_form;
use crate::dialect::Dialect;
use crate::encode::Encode;
use crate::form::Form;
use crate::lower::Slot;
use crate::search;

/// PostgreSQL 13 or later.
pub(crate) struct Postgres;

/// Every character of Unicode's white space.
const BLANKS: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\
\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// Digits of a quotient before it is rounded to what is kept: more than two numbers of 38 digits can need to be told
/// from a half.
const WORKING: u8 = 60;
/// Digits after the point that a quotient has at least.
const QUOTIENT: u8 = 16;
/// Conditions on related rows that the planner may make joins of.
const JOINED_MOST: usize = 16;
/// The first half of the number of the lock under which a key that was given moves its counter.
const COUNTING: i32 = 0x6b_65_79_73;

/// The type in which a value of a form is bound.
pub(crate) fn type_of(form: Form) -> &'static str {
    match form {
        Form::Bool => "boolean",
        Form::Int => "int8",
        Form::Real => "float8",
        Form::Text => "text",
        Form::Json => "jsonb",
        Form::Uuid => "uuid",
        Form::Bytes => "bytea",
        Form::Date => "date",
        Form::Time => "time",
        Form::DateTime => "timestamptz",
        Form::Scaled(_) | Form::Sortable(_) | Form::Decimal => "numeric",
        Form::List(Kind::Int) => "int4[]",
        Form::List(kind) => array_of(element_form(kind)),
    }
}

/// The type of an array of values of a form.
fn array_of(form: Form) -> &'static str {
    match form {
        Form::Bool => "boolean[]",
        Form::Int => "int8[]",
        Form::Real => "float8[]",
        Form::Text | Form::List(_) => "text[]",
        Form::Json => "jsonb[]",
        Form::Uuid => "uuid[]",
        Form::Bytes => "bytea[]",
        Form::Date => "date[]",
        Form::Time => "time[]",
        Form::DateTime => "timestamptz[]",
        Form::Scaled(_) | Form::Sortable(_) | Form::Decimal => "numeric[]",
    }
}

/// The type of a slot; `None` where the column beside it says.
fn slot_type(slot: &Slot) -> Option<&'static str> {
    let how = match slot {
        Slot::Bind(_, how) | Slot::Constant(_, how) => how,
        Slot::Keys(_, form) => return Some(array_of(*form)),
        Slot::Parent(_) | Slot::KeyRows(_) => return None,
    };
    match how {
        Encode::As(form, _) => Some(type_of(*form)),
        Encode::Each(form) => Some(array_of(*form)),
        Encode::Json => Some("jsonb"),
        Encode::JsonEach => Some("jsonb[]"),
        Encode::Limit | Encode::Offset => Some("int8"),
        Encode::Query { .. }
        | Encode::LikeLow
        | Encode::LikeHigh
        | Encode::Pattern
        | Encode::Regex { .. } => Some("text"),
        Encode::Natural | Encode::Label(_) => None,
    }
}

fn bytewise(text: String) -> String {
    format!("({text} COLLATE \"C\")")
}

/// Whether a type is one of the server's own for text, or can stand for it; one that is padded with blanks cannot.
fn is_text(declared: &str) -> bool {
    let name = declared.split(['(', '[']).next().unwrap_or_default();
    ["text", "character varying", "name", "citext"].contains(&name)
}

/// The name of the sequence behind a counted column.
fn sequence(ty: &Type, field: &Field) -> String {
    let dialect = Dialect::Postgres;
    let (table, column) = (dialect.text(&dialect.quote(&ty.collection)), dialect.text(&field.column));
    format!("pg_get_serial_sequence({table}, {column})")
}

impl Words for Postgres {
    fn slot(&self, index: usize, slot: &Slot) -> String {
        match slot_type(slot) {
            Some(name) => format!("${}::{name}", index + 1),
            None => self.stored(index),
        }
    }

    fn stored(&self, index: usize) -> String {
        Dialect::Postgres.slot(index)
    }

    fn unknown(&self) -> Option<Form> {
        Some(Form::Json)
    }

    fn label(&self, of: EnumId) -> Option<Encode> {
        Some(Encode::Label(of))
    }

    fn read(&self, column: String, scalar: Scalar, declared: &str) -> String {
        match scalar.kind {
            // Arrays compare only with arrays of the very same type.
            _ if scalar.list => format!("{column}::{}", type_of(Form::of(scalar))),
            Kind::Decimal { .. } if declared == "money" => format!("{column}::numeric"),
            Kind::Json if declared == "json" => format!("{column}::jsonb"),
            // Types of users, such as enumerations whose values are no words.
            Kind::String | Kind::Email | Kind::Url | Kind::Html if !is_text(declared) => {
                format!("{column}::text")
            }
            _ => column,
        }
    }

    fn written(&self, value: String, scalar: Scalar, declared: &str) -> String {
        match scalar.kind {
            Kind::Decimal { .. } if declared == "money" && !scalar.list => format!("{value}::numeric::money"),
            _ => value,
        }
    }

    fn truth(&self, truth: bool) -> &'static str {
        if truth { "TRUE" } else { "FALSE" }
    }

    fn null(&self, form: Form) -> String {
        format!("NULL::{}", type_of(form))
    }

    fn distinct(&self, a: &str, b: &str) -> String {
        format!("({a} IS DISTINCT FROM {b})")
    }

    fn text(&self, value: &str, form: Form) -> String {
        let shortened = |format: &str| format!("rtrim(rtrim(to_char({format}.US'), '0'), '.')");
        bytewise(match form {
            Form::Bytes => format!("('\\x' || encode({value}, 'hex'))"),
            Form::Date => format!("to_char({value}, 'YYYY-MM-DD')"),
            Form::Time => shortened(&format!("{value}, 'HH24:MI:SS")),
            Form::DateTime => {
                let local = format!("{value} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS");
                format!("({} || '+00:00')", shortened(&local))
            }
            Form::List(_) => format!("array_to_json({value})::text"),
            _ => format!("{value}::text"),
        })
    }

    fn label_text(&self, value: &str) -> String {
        format!("{value}::text")
    }

    fn loose(&self, value: &str, _: Form) -> String {
        value.to_owned()
    }

    fn real(&self, value: &str, _: Form) -> String {
        format!("{value}::float8")
    }

    fn key(&self, value: String) -> String {
        value
    }

    fn json_key(&self, value: String) -> String {
        value
    }

    fn lists(&self, a: (&str, Kind), b: (&str, Kind)) -> (String, String) {
        same_lists((a.0, Some(Form::List(a.1))), (b.0, Some(Form::List(b.1))))
    }

    fn list_key(&self, value: String, _: Kind) -> String {
        value
    }

    fn instant(&self, date: &str) -> String {
        format!("({date}::timestamp AT TIME ZONE 'UTC')")
    }

    fn within(&self, value: &str, _: Form, all: &str) -> String {
        format!("({value} = ANY ({all}))")
    }

    fn within_unknown(&self, one: &str, all: &str) -> String {
        format!("({one} = ANY ({all}))")
    }

    fn has(&self, list: &str, _: Kind, value: &str, _: Form) -> String {
        format!("({value} = ANY ({list}))")
    }

    fn like(&self, text: &str, pattern: &str, fold: bool) -> String {
        match fold {
            false => format!("({text} LIKE {pattern})"),
            true => format!("({text} COLLATE \"und-x-icu\" ILIKE {pattern})"),
        }
    }

    fn like_between(&self, text: &str, pattern: &str, low: &str, high: &str) -> String {
        // On a column of another collation the bounds are true too, but no index of that collation serves.
        let c = "COLLATE \"C\"";
        format!("({text} {c} >= {low} AND {text} {c} < {high} AND {text} LIKE {pattern})")
    }

    fn pattern(&self, fold: bool) -> Option<Encode> {
        Some(Encode::Regex { dialect: Dialect::Postgres, fold })
    }

    fn regex(&self, text: &str, pattern: &str, fold: bool) -> String {
        format!("({text} COLLATE \"und-x-icu\" {} {pattern})", if fold { "~*" } else { "~" })
    }

    fn contains(&self, a: (&str, Option<Form>), b: (&str, Option<Form>)) -> String {
        let (a, b) = same_lists(a, b);
        format!("({a} @> {b})")
    }

    fn overlaps(&self, a: (&str, Option<Form>), b: (&str, Option<Form>)) -> String {
        let (a, b) = same_lists(a, b);
        format!("({a} && {b})")
    }

    fn search(&self, search: &Search<'_>) -> String {
        let fields = search.ty.search_fields();
        let fields = search.field.map_or(fields.as_slice(), |at| &fields[at..=at]);
        let words = search::expression(search.ty, fields, &format!("{}.", search.alias));
        format!("({words} @@ {}::tsquery)", search.query)
    }

    fn json(&self, base: &str, path: &[JsonStep], text: bool) -> String {
        let mut here = base.to_owned();
        for (at, step) in path.iter().enumerate() {
            let arrow = if text && at + 1 == path.len() { "->>" } else { "->" };
            here = match step {
                JsonStep::Key(key) => format!("({here} {arrow} {})", Dialect::Postgres.text(key)),
                // PostgreSQL takes a scalar for an array of one, and no array has elements beyond 32 bits.
                JsonStep::Index(n) => {
                    let n = (*n).clamp(i64::from(i32::MIN) + 1, i64::from(i32::MAX));
                    match n {
                        -1 | 0 => {
                            format!("CASE jsonb_typeof({here}) WHEN 'array' THEN {here} {arrow} {n} END")
                        }
                        _ => format!("({here} {arrow} {n})"),
                    }
                }
            };
        }
        match (text, path.is_empty()) {
            (true, true) => bytewise(format!("({here} #>> '{{}}')")),
            (true, false) => bytewise(here),
            (false, _) => here,
        }
    }

    fn json_shown(&self, base: &str, path: &[JsonStep]) -> String {
        let (part, text) = (self.json(base, path, false), self.json(base, path, true));
        // A string is kept as it stands; outside of them the blank after a comma or colon goes.
        let blanks = r#"'("(?:[^"\\]|\\.)*")|([:,]) ', '\1\2', 'g'"#;
        format!(
            "CASE WHEN jsonb_typeof({part}) IN ('object', 'array') \
             THEN regexp_replace({part}::text, {blanks}) ELSE {text} END"
        )
    }

    fn recase(&self, how: Recase, text: &str) -> String {
        bytewise(match how {
            Recase::Lower => format!("lower({text} COLLATE \"und-x-icu\")"),
            Recase::Upper => format!("upper({text} COLLATE \"und-x-icu\")"),
            Recase::Trim => format!("btrim({text}, '{BLANKS}')"),
        })
    }

    fn size(&self, value: &str, form: Option<Form>) -> String {
        let array = format!("WHEN jsonb_typeof({value}) = 'array' THEN jsonb_array_length({value})");
        match form {
            Some(Form::List(_)) => format!("cardinality({value})"),
            Some(Form::Json) => format!("CASE {array} WHEN {value} IS NOT NULL THEN 0 END"),
            Some(_) => format!("length({value})"),
            None => format!("CASE {array} ELSE length({value} #>> '{{}}') END"),
        }
    }

    fn later(&self, at: &str, micros: &str) -> String {
        // In two steps: an interval is multiplied by a float, which holds no 64-bit number of microseconds.
        format!(
            "({at} + ({micros}::int8 / 1000000) * interval '1 second' \
             + ({micros}::int8 % 1000000) * interval '1 microsecond')"
        )
    }

    fn arithmetic(&self, sign: Sign, a: &str, b: &str, form: Option<Form>) -> (String, Option<Form>) {
        let s = sign.text();
        match form {
            Some(Form::Real) => (real_arithmetic(sign, a, b), form),
            Some(Form::Json) | None => {
                let number = |v: &str| format!("({v} #>> '{{}}')::numeric");
                (unknown_arithmetic(sign, &number(a), &number(b)), Some(Form::Decimal))
            }
            Some(of) if of.is_decimal() => (exact_arithmetic(sign, a, b, of), Some(Form::Decimal)),
            Some(_) => {
                let (a, b) = (format!("{a}::int8"), format!("{b}::int8"));
                let text = match sign {
                    Sign::Divide | Sign::Remainder => format!("({a} {s} nullif({b}, 0))"),
                    _ => format!("({a} {s} {b})"),
                };
                (text, form)
            }
        }
    }

    fn aggregate(&self, function: Aggregate, value: &str, form: Form, kind: Kind) -> (String, Form) {
        match function {
            Aggregate::Count => (format!("count({value})"), Form::Int),
            Aggregate::Sum if form == Form::Real => (format!("sum({value})"), form),
            Aggregate::Avg if form == Form::Real => (format!("avg({value})"), form),
            Aggregate::Sum if form == Form::Int && kind == Kind::Int => {
                (format!("sum({value})::int8"), Form::Int)
            }
            Aggregate::Sum if form == Form::Int => (format!("sum({value}::int8)"), Form::Decimal),
            Aggregate::Sum => (format!("sum({value})"), Form::Decimal),
            Aggregate::Avg => (format!("avg({value})"), Form::Decimal),
            Aggregate::Min => (extreme("min", value, form), form),
            Aggregate::Max => (extreme("max", value, form), form),
        }
    }

    fn group(&self, _: &str, place: usize, _: Option<Form>) -> String {
        place.to_string()
    }

    fn order(&self, value: &str, descending: bool, nulls_first: bool, nullable: bool) -> String {
        match (descending, nulls_first) {
            (false, true) if nullable => format!("{value} NULLS FIRST"),
            (true, false) if nullable => format!("{value} DESC NULLS LAST"),
            (false, _) => value.to_owned(),
            (true, _) => format!("{value} DESC"),
        }
    }

    fn page(&self, limit: Option<&str>, offset: Option<&str>) -> String {
        let limit = limit.map_or_else(String::new, |l| format!(" LIMIT {l}"));
        offset.map_or(limit.clone(), |o| format!("{limit} OFFSET {o}"))
    }

    fn derived(&self, select: &str) -> String {
        format!("({select}) AS x")
    }

    fn exists(&self, select: &str, earlier: usize) -> String {
        // The planner makes a join of each and weighs all orders of them: with a hundred it takes seconds. An offset stops it.
        let apart = if earlier < JOINED_MOST { "" } else { " OFFSET 0" };
        format!("EXISTS ({select}{apart})")
    }

    fn lock(&self, alias: &str) -> String {
        format!(" FOR UPDATE OF {alias}")
    }

    fn parent(&self, pair: usize, _: Form) -> Option<String> {
        Some(format!("p.k{pair}"))
    }

    fn batch(&self, parts: &Batched<'_>, slot: NewSlot<'_>) -> String {
        let arrays: Vec<String> =
            parts.keys.iter().enumerate().map(|(at, form)| slot(Slot::Keys(at, *form))).collect();
        let names: Vec<String> = (0..parts.keys.len()).map(|at| format!("k{at}, ")).collect();
        let (arrays, names) = (arrays.join(", "), names.concat());
        let Batched { from, conditions, groups, order, .. } = parts;
        // The one row is wanted by its key: without the limit a scan of the table is made for a handful of keys.
        let one = parts.one && !parts.always && parts.groups.is_empty();
        let page = self.page(parts.limit.or(one.then_some("1")), parts.offset);
        let inner =
            format!("SELECT {} FROM {from}{conditions}{groups}{order}{page}", parts.columns.join(", "));
        format!(
            "SELECT p.i, x.* FROM unnest({arrays}) WITH ORDINALITY AS p({names}i) CROSS JOIN LATERAL ({inner}) AS x"
        )
    }

    fn counted(&self, ty: &Type, field: &Field, slot: String) -> String {
        let (key, sequence) = (format!("{slot}::int8"), sequence(ty, field));
        // Looking and setting are two steps: two nodes that took them at once could leave the counter below a stored key.
        format!(
            "CASE WHEN {key} IS NULL THEN nextval({sequence}) \
             WHEN {key} > coalesce(pg_sequence_last_value({sequence}), 0) \
             THEN (SELECT {key} FROM (SELECT setval({sequence}, greatest({key}, pg_sequence_last_value({sequence}))) \
             FROM (SELECT pg_advisory_xact_lock({COUNTING}, hashtext({sequence}))) AS l) AS s) ELSE {key} END"
        )
    }

    fn returning(&self, columns: &[String]) -> Option<String> {
        Some(match columns.is_empty() {
            true => String::new(),
            false => format!(" RETURNING {}", columns.join(", ")),
        })
    }

    fn recount(&self, ty: &Type, field: &Field) -> Option<String> {
        let (sequence, column) = (sequence(ty, field), Dialect::Postgres.quote(&field.column));
        let table = Dialect::Postgres.quote(&ty.collection);
        Some(format!(
            "SELECT setval({sequence}, m.top) FROM (SELECT max({column}) AS top FROM {table}) AS m \
             WHERE m.top > coalesce(pg_sequence_last_value({sequence}), 0)"
        ))
    }
}

/// Two lists whose elements have one type.
fn same_lists(a: (&str, Option<Form>), b: (&str, Option<Form>)) -> (String, String) {
    match (a.1, b.1) {
        (Some(Form::List(x)), Some(Form::List(y)))
            if type_of(Form::List(x)) != type_of(Form::List(y)) && [x, y].into_iter().all(is_number) =>
        {
            (format!("{}::numeric[]", a.0), format!("{}::numeric[]", b.0))
        }
        _ => (a.0.to_owned(), b.0.to_owned()),
    }
}

const fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Int | Kind::BigInt | Kind::Float | Kind::Decimal { .. })
}

fn real_arithmetic(sign: Sign, a: &str, b: &str) -> String {
    match sign {
        Sign::Divide => format!("({a} / nullif({b}, 0))"),
        // By way of text: the server's own cast to numeric keeps fifteen digits.
        Sign::Remainder => format!("(({a})::text::numeric % nullif(({b})::text::numeric, 0))::float8"),
        _ => format!("({a} {} {b})", sign.text()),
    }
}

fn exact_arithmetic(sign: Sign, a: &str, b: &str, form: Form) -> String {
    match sign {
        Sign::Divide => quotient(a, b, form.scale().unwrap_or(0).max(QUOTIENT)),
        Sign::Remainder => format!("({a} % nullif({b}, 0))"),
        _ => format!("({a} {} {b})", sign.text()),
    }
}

fn quotient(a: &str, b: &str, scale: u8) -> String {
    format!("round(round({a}::numeric, {WORKING}) / nullif({b}, 0), {scale})")
}

/// Numbers that only their binds know: integers are divided as such.
fn unknown_arithmetic(sign: Sign, a: &str, b: &str) -> String {
    match sign {
        Sign::Divide => format!(
            "CASE WHEN scale({a}) = 0 AND scale({b}) = 0 THEN div({a}, nullif({b}, 0)) ELSE {} END",
            quotient(a, b, QUOTIENT)
        ),
        _ => exact_arithmetic(sign, a, b, Form::Decimal),
    }
}

/// The least or greatest of values; for some types the server has no such function.
fn extreme(name: &str, value: &str, form: Form) -> String {
    match form {
        Form::Bool if name == "min" => format!("bool_and({value})"),
        Form::Bool => format!("bool_or({value})"),
        Form::Uuid => format!("{name}({value}::text COLLATE \"C\")::uuid"),
        Form::Bytes => format!("decode({name}(encode({value}, 'hex') COLLATE \"C\"), 'hex')"),
        Form::Json => {
            let down = if name == "max" { " DESC" } else { "" };
            format!("(array_agg({value} ORDER BY {value}{down}) FILTER (WHERE {value} IS NOT NULL))[1]")
        }
        _ => format!("{name}({value})"),
    }
}
