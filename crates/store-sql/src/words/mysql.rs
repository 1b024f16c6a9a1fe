//! MySQL's and MariaDB's words: what both read. Where they have different names for one thing, the name stands in a comment
//! that only the one reads.
//!
//! The session must have `div_precision_increment = 30`, and a backslash must escape in constants. Numbers of different
//! scales meet as `DECIMAL`, which the engine compares exactly; a bound decimal comes as text and is cast to one.

use bistro_ir::{Aggregate, JsonStep};
use bistro_schema::text::write_json_string;
use bistro_schema::{Kind, Scalar, names};

use super::{Batched, NewSlot, Recase, Search, Sign, Words};
use crate::decode::element_form;
use crate::dialect::Dialect;
use crate::encode::Encode;
use crate::form::Form;
use crate::lower::{MARK, Slot};

/// MySQL 8 and MariaDB 10.6 or later.
pub(crate) struct Mysql;

/// Any decimal of 38 digits.
const DECIMAL: &str = "DECIMAL(65,27)";
/// A text of a JSON document as a column of `JSON_TABLE`.
const TEXT: &str = "LONGTEXT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */";
/// The same where an index on a text serves.
const SHORT_TEXT: &str = "VARCHAR(768) CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */";
/// What makes a text compare as the texts of columns do. JSON functions answer in a collation of their own.
const COLLATED: &str = "/*M!100600 COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */";
/// The digits after the point of a quotient.
const QUOTIENT: u8 = 16;

/// The column of `JSON_TABLE` that holds values of a form, and what reads the value from it, by its name.
fn item(form: Form, name: &str) -> (&'static str, String) {
    match form {
        Form::Int | Form::Bool => ("BIGINT", name.to_owned()),
        Form::Real => ("DOUBLE", name.to_owned()),
        Form::Scaled(_) | Form::Sortable(_) | Form::Decimal => (DECIMAL, name.to_owned()),
        Form::Date => ("DATE", name.to_owned()),
        Form::Time => ("TIME(6)", name.to_owned()),
        Form::DateTime => ("DATETIME(6)", name.to_owned()),
        Form::Uuid => ("CHAR(32)", format!("UNHEX({name})")),
        Form::Bytes => (TEXT, format!("UNHEX({name})")),
        Form::Text | Form::Json | Form::List(_) => (TEXT, name.to_owned()),
    }
}

/// The column that holds elements of a stored list, which stand there in their JSON form; texts but for numbers.
fn stored_item(kind: Kind) -> &'static str {
    match kind {
        Kind::Int | Kind::BigInt => "BIGINT",
        Kind::Float => "DOUBLE",
        Kind::Decimal { .. } => DECIMAL,
        _ => TEXT,
    }
}

/// The elements of a JSON array as rows of `alias` with one column `v`.
fn items(array: &str, kind: &str, alias: &str) -> String {
    format!("JSON_TABLE({array}, '$[*]' COLUMNS (v {kind} PATH '$')) AS {alias}")
}

/// The kind of elements of two lists.
fn common(a: Option<Form>, b: Option<Form>) -> Option<Kind> {
    match (a, b) {
        (Some(Form::List(x)), Some(Form::List(y))) if x == y => Some(x),
        (Some(Form::List(x)), Some(Form::List(_))) if element_form(x) == Form::Real => Some(x),
        (Some(Form::List(Kind::Int | Kind::BigInt)), Some(Form::List(y))) => Some(y),
        (Some(Form::List(x)), _) | (_, Some(Form::List(x))) => Some(x),
        _ => None,
    }
}

/// Without zeros at the end, and without a point there.
fn trimmed(text: &str) -> String {
    format!("TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text}))")
}

/// A way into a document in the engine's words. MariaDB counts from the end of the first document that it meets, for all
/// that follow; so the place is counted from the start for each.
fn path(base: &str, steps: &[JsonStep]) -> String {
    let (mut parts, mut text) = (Vec::new(), String::from("$"));
    for (at, step) in steps.iter().enumerate() {
        match step {
            JsonStep::Key(key) => {
                let mut name = Vec::new();
                write_json_string(key, &mut name);
                text.push('.');
                text.push_str(&String::from_utf8_lossy(&name));
            }
            JsonStep::Index(n) if *n >= 0 => text.push_str(&format!("[{n}]")),
            JsonStep::Index(n) => {
                let (size, n) = (format!("JSON_LENGTH({})", part(base, &steps[..at])), n.unsigned_abs());
                parts.push(Dialect::Mysql.text(&format!("{text}[")));
                parts.push(format!("IF({size} >= {n}, {size} - {n}, NULL)"));
                text = String::from("]");
            }
        }
    }
    parts.push(Dialect::Mysql.text(&text));
    if parts.len() == 1 { parts.swap_remove(0) } else { format!("CONCAT({})", parts.join(", ")) }
}

/// What a way leads to.
fn part(base: &str, steps: &[JsonStep]) -> String {
    match steps.is_empty() {
        true => base.to_owned(),
        false => format!("JSON_EXTRACT({base}, {})", path(base, steps)),
    }
}

impl Words for Mysql {
    fn slot(&self, index: usize, slot: &Slot) -> String {
        let text = self.stored(index);
        match slot {
            Slot::Bind(_, Encode::As(form, _)) | Slot::Constant(_, Encode::As(form, _))
                if form.is_decimal() =>
            {
                format!("CAST({text} AS {DECIMAL})")
            }
            _ => text,
        }
    }

    fn stored(&self, index: usize) -> String {
        // A mark that `Emitter::finish` replaces by a question mark.
        format!("{MARK}{index}{MARK}")
    }

    fn positional(&self) -> bool {
        true
    }

    fn unknown(&self) -> Option<Form> {
        None
    }

    fn read(&self, column: String, scalar: Scalar, declared: &str) -> String {
        // MariaDB's own type is text to all but itself.
        if scalar.kind.is_uuid() && declared == "uuid" {
            return format!("UNHEX(REPLACE({column}, '-', ''))");
        }
        // A bit is a byte of zeros and ones until it is counted with.
        if declared.starts_with("bit") { format!("({column} + 0)") } else { column }
    }

    fn written(&self, value: String, scalar: Scalar, declared: &str) -> String {
        match declared {
            "uuid" if scalar.kind.is_uuid() => format!("HEX({value})"),
            _ if declared.starts_with("bit") => format!("({value} + 0)"),
            _ => value,
        }
    }

    fn truth(&self, truth: bool) -> &'static str {
        if truth { "TRUE" } else { "FALSE" }
    }

    fn null(&self, _: Form) -> String {
        "NULL".into()
    }

    fn distinct(&self, a: &str, b: &str) -> String {
        format!("(NOT ({a} <=> {b}))")
    }

    fn text(&self, value: &str, form: Form) -> String {
        match form {
            Form::Bool => format!("CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"),
            Form::Uuid => format!(
                "LOWER(INSERT(INSERT(INSERT(INSERT(HEX({value}), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'))"
            ),
            Form::Bytes => format!("CONCAT('\\\\x', LOWER(HEX({value})))"),
            Form::Time => trimmed(&format!("CAST(CAST({value} AS TIME(6)) AS CHAR)")),
            Form::DateTime => {
                let local = format!("DATE_FORMAT(CAST({value} AS DATETIME(6)), '%Y-%m-%dT%H:%i:%s.%f')");
                format!("CONCAT({}, '+00:00')", trimmed(&local))
            }
            Form::Decimal => {
                format!(
                    "CASE WHEN {value} IS NOT NULL THEN {} END",
                    trimmed(&format!("CAST({value} AS CHAR)"))
                )
            }
            Form::Text | Form::Json | Form::List(_) => value.to_owned(),
            _ => format!("CAST({value} AS CHAR)"),
        }
    }

    fn loose(&self, value: &str, _: Form) -> String {
        value.to_owned()
    }

    fn real(&self, value: &str, _: Form) -> String {
        format!("({value} + 0e0)")
    }

    fn key(&self, value: String) -> String {
        value
    }

    fn json_key(&self, value: String) -> String {
        // One text that sorts as the value does: its kind, then a text's bytes, or all digits of a number, beyond which
        // numbers come by their own text. Arrays and objects come by size, and then by their text.
        let whole = format!("(/*M!100700 JSON_NORMALIZE(*/{value}/*M!100700 )*/ {COLLATED})");
        let size = format!("LPAD(JSON_LENGTH({value}), 10, '0'), {whole}");
        let digits =
            format!("LPAD(CAST({value} AS DECIMAL(65,26)) + CAST('1e38' AS DECIMAL(65,26)), 66, '0')");
        // MySQL's own documents have one form a number as they are.
        let rest = format!(
            "(/*M!100700 JSON_NORMALIZE(*//*!80000 LEFT(*/{value}/*M!100700 )*//*!80000 , 0)*/ {COLLATED})"
        );
        let number = format!(
            "IF(ABS({value} + 0e0) < 1e38, CONCAT({digits}, {rest}), \
             CONCAT(IF({value} + 0e0 > 0, 'z', '!'), {whole}))"
        );
        format!(
            "(CASE JSON_TYPE({value}) WHEN 'NULL' THEN '0' WHEN 'STRING' THEN CONCAT('1', HEX(JSON_UNQUOTE({value}))) \
             WHEN 'BOOLEAN' THEN IF({value} = 'true', '31', '30') \
             WHEN 'ARRAY' THEN IF(JSON_LENGTH({value}) = 0, '', CONCAT('4', {size})) \
             WHEN 'OBJECT' THEN CONCAT('5', {size}) ELSE CONCAT('2', {number}) END {COLLATED})"
        )
    }

    fn list_key(&self, value: String, of: Kind) -> String {
        // One text of the keys of all elements: each ends with a blank, which is less than what keys are made of, and null
        // is greater than all of them.
        let kind = stored_item(of);
        let key = match kind {
            TEXT => "HEX(j.v)".to_owned(),
            _ => "LPAD(CAST(j.v AS DECIMAL(65,26)) + CAST('1e38' AS DECIMAL(65,26)), 66, '0')".to_owned(),
        };
        let rows = format!("JSON_TABLE({value}, '$[*]' COLUMNS (i FOR ORDINALITY, v {kind} PATH '$')) AS j");
        format!(
            "CASE WHEN {value} IS NOT NULL THEN COALESCE((SELECT GROUP_CONCAT(COALESCE({key}, 'z'), ' ' \
             ORDER BY j.i SEPARATOR '') FROM {rows}), '') END"
        )
    }

    fn instant(&self, date: &str) -> String {
        format!("CAST({date} AS DATETIME(6))")
    }

    fn within(&self, value: &str, form: Form, all: &str) -> String {
        let (kind, read) = item(form, "j.v");
        if form == Form::Json {
            let (value, read) = (self.json_key(value.to_owned()), self.json_key(read));
            return format!("({value} IN (SELECT {read} FROM {}))", items(all, kind, "j"));
        }
        format!("({value} IN (SELECT {read} FROM {}))", items(all, kind, "j"))
    }

    fn within_unknown(&self, one: &str, all: &str) -> String {
        format!("({one} IN (SELECT j.v FROM {}))", items(all, TEXT, "j"))
    }

    fn has(&self, list: &str, of: Kind, value: &str, form: Form) -> String {
        let kind = stored_item(of);
        let value = if kind == TEXT { self.text(value, form) } else { value.to_owned() };
        format!("({value} IN (SELECT j.v FROM {}))", items(list, kind, "j"))
    }

    fn like_pattern(&self) -> Option<Encode> {
        Some(Encode::Pattern)
    }

    fn like(&self, text: &str, pattern: &str, fold: bool) -> String {
        match fold {
            false => format!("({text} LIKE {pattern})"),
            true => format!("(LOWER({text}) LIKE LOWER({pattern}))"),
        }
    }

    fn like_between(&self, text: &str, pattern: &str, low: &str, high: &str) -> String {
        format!("({text} >= {low} AND {text} < {high} AND {text} LIKE {pattern})")
    }

    fn pattern(&self, fold: bool) -> Option<Encode> {
        Some(Encode::Regex { dialect: Dialect::Mysql, fold })
    }

    fn regex(&self, text: &str, pattern: &str, _: bool) -> String {
        format!("({text} REGEXP {pattern})")
    }

    fn contains(&self, (a, x): (&str, Option<Form>), (b, y): (&str, Option<Form>)) -> String {
        let Some(kind) = common(x, y) else { return format!("JSON_CONTAINS({a}, {b})") };
        let kind = stored_item(kind);
        let (have, want) = (items(a, kind, "h"), items(b, kind, "w"));
        format!(
            "CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM {want} WHERE w.v IS NULL \
             OR NOT EXISTS (SELECT 1 FROM {have} WHERE h.v = w.v)) END"
        )
    }

    fn overlaps(&self, (a, x): (&str, Option<Form>), (b, y): (&str, Option<Form>)) -> String {
        let kind = common(x, y).map_or(TEXT, stored_item);
        let (have, want) = (items(a, kind, "h"), items(b, kind, "w"));
        format!(
            "CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL \
             THEN EXISTS (SELECT 1 FROM {have} JOIN {want} ON w.v = h.v) END"
        )
    }

    fn search(&self, search: &Search<'_>) -> String {
        let fields = search.ty.search_fields();
        let fields = search.field.map_or(fields.as_slice(), |at| &fields[at..=at]);
        let column = |f: &bistro_schema::FieldId| {
            let name = names::constraint(&["bistro_search", &search.ty.field(*f).column]);
            format!("{}.{}", search.alias, Dialect::Mysql.quote(&name))
        };
        let columns: Vec<String> = fields.iter().map(column).collect();
        format!("(MATCH ({}) AGAINST ({} IN BOOLEAN MODE))", columns.join(", "), search.query)
    }

    fn json(&self, base: &str, steps: &[JsonStep], text: bool) -> String {
        let found = part(base, steps);
        // An index into what is no array finds nothing; the engine would take what stands there for its one element.
        let indexed = steps.iter().enumerate().filter(|(_, s)| matches!(s, JsonStep::Index(_)));
        let arrays: Vec<String> =
            indexed.map(|(at, _)| format!("JSON_TYPE({}) = 'ARRAY'", part(base, &steps[..at]))).collect();
        let way = if arrays.is_empty() { String::new() } else { format!("{} AND ", arrays.join(" AND ")) };
        match text {
            // MariaDB puts blanks into what it takes out; MySQL has no word against them.
            true => format!(
                "(CASE WHEN {way}JSON_TYPE({found}) IN ('OBJECT', 'ARRAY') \
                 THEN /*M!100600 JSON_COMPACT(*/{found}/*M!100600 )*/ \
                 WHEN {way}JSON_TYPE({found}) <> 'NULL' THEN JSON_UNQUOTE({found}) END {COLLATED})"
            ),
            false if arrays.is_empty() => found,
            false => format!("CASE WHEN {} THEN {found} END", arrays.join(" AND ")),
        }
    }

    fn recase(&self, how: Recase, text: &str) -> String {
        match how {
            Recase::Lower => format!("LOWER({text})"),
            Recase::Upper => format!("UPPER({text})"),
            Recase::Trim => format!("REGEXP_REPLACE({text}, '^\\\\s+|\\\\s+$', '')"),
        }
    }

    fn size(&self, value: &str, form: Option<Form>) -> String {
        match form {
            Some(Form::List(_)) => format!("JSON_LENGTH({value})"),
            Some(Form::Json) => format!(
                "CASE WHEN JSON_TYPE({value}) = 'ARRAY' THEN JSON_LENGTH({value}) WHEN {value} IS NOT NULL THEN 0 END"
            ),
            Some(Form::Bytes) => format!("LENGTH({value})"),
            Some(_) => format!("CHAR_LENGTH({value})"),
            None => format!(
                "CASE WHEN LEFT({value}, 1) = '[' AND JSON_VALID({value}) THEN JSON_LENGTH({value}) \
                 ELSE CHAR_LENGTH({value}) END"
            ),
        }
    }

    fn concat(&self, parts: &[String]) -> String {
        format!("CONCAT({})", parts.join(", "))
    }

    fn later(&self, at: &str, micros: &str) -> String {
        format!("(CAST({at} AS DATETIME(6)) + INTERVAL {micros} MICROSECOND)")
    }

    fn arithmetic(&self, sign: Sign, a: &str, b: &str, form: Option<Form>) -> (String, Option<Form>) {
        let text = format!("({a} {} {b})", sign.text());
        match form {
            Some(Form::Int) if sign == Sign::Divide => (format!("({a} DIV {b})"), form),
            Some(of) if of.is_decimal() => match sign {
                Sign::Divide => {
                    (format!("ROUND({text}, {})", of.scale().unwrap_or(0).max(QUOTIENT)), Some(Form::Decimal))
                }
                _ => (text, Some(Form::Decimal)),
            },
            _ => (text, form),
        }
    }

    fn aggregate(&self, function: Aggregate, value: &str, form: Form, kind: Kind) -> (String, Form) {
        match function {
            Aggregate::Count => (format!("COUNT({value})"), Form::Int),
            Aggregate::Sum if form == Form::Real => (format!("SUM({value})"), form),
            Aggregate::Avg if form == Form::Real => (format!("AVG({value})"), form),
            Aggregate::Sum if form == Form::Int && kind == Kind::Int => {
                (format!("CAST(SUM({value}) AS SIGNED)"), Form::Int)
            }
            Aggregate::Sum => (format!("SUM({value})"), Form::Decimal),
            // The quotient is made where it is read: how many digits it has follows from both numbers.
            Aggregate::Avg => (format!("CONCAT(SUM({value}), '/', COUNT({value}))"), Form::Decimal),
            Aggregate::Min => (format!("MIN({value})"), form),
            Aggregate::Max => (format!("MAX({value})"), form),
        }
    }

    fn group(&self, column: &str, _: usize, form: Option<Form>) -> String {
        match form {
            Some(Form::Json) => self.json_key(column.to_owned()),
            _ => column.to_owned(),
        }
    }

    fn order(&self, value: &str, descending: bool, nulls_first: bool, nullable: bool) -> String {
        match (descending, nulls_first) {
            (false, false) if nullable => format!("{value} IS NULL, {value}"),
            (true, true) if nullable => format!("{value} IS NULL DESC, {value} DESC"),
            (false, _) => value.to_owned(),
            (true, _) => format!("{value} DESC"),
        }
    }

    fn page(&self, limit: Option<&str>, offset: Option<&str>) -> String {
        match (limit, offset) {
            (None, None) => String::new(),
            (Some(limit), None) => format!(" LIMIT {limit}"),
            (limit, Some(offset)) => {
                format!(" LIMIT {} OFFSET {offset}", limit.unwrap_or("9223372036854775807"))
            }
        }
    }

    fn derived(&self, select: &str) -> String {
        format!("({select}) AS x")
    }

    fn lock(&self, _: &str) -> String {
        " FOR UPDATE".into()
    }

    fn parent(&self, pair: usize, form: Form) -> Option<String> {
        Some(item(form, &format!("p.k{pair}")).1)
    }

    fn batch(&self, parts: &Batched<'_>, slot: NewSlot<'_>) -> String {
        let keys = slot(Slot::KeyRows(parts.keys.to_vec()));
        let key = |(at, form): (usize, &Form)| {
            let kind = if *form == Form::Text { SHORT_TEXT } else { item(*form, "").0 };
            format!(", k{at} {kind} PATH '$[{at}]'")
        };
        let kept: String = parts.keys.iter().enumerate().map(key).collect();
        let Batched { columns, from, conditions, order, .. } = parts;
        let parents = format!("JSON_TABLE({keys}, '$[*]' COLUMNS (i FOR ORDINALITY{kept})) AS p");
        let groups = match (parts.always, parts.groups.strip_prefix(" GROUP BY ")) {
            (true, _) => " GROUP BY p.i".to_owned(),
            (false, Some(rest)) => format!(" GROUP BY p.i, {rest}"),
            (false, None) => String::new(),
        };
        // The parents first: each finds its rows by an index.
        let body = format!("FROM {parents} STRAIGHT_JOIN ({from}){conditions}{groups}");
        if parts.limit.is_none() && parts.offset.is_none() {
            return format!("SELECT p.i, {} {body}{order}", columns.join(", "));
        }
        let named: Vec<String> = columns.iter().enumerate().map(|(at, c)| format!("{c} AS c{at}")).collect();
        let first = parts.offset.unwrap_or("0");
        let until = parts.limit.map_or_else(String::new, |l| format!(" AND x.n - {first} <= {l}"));
        let outer: Vec<String> = (0..columns.len()).map(|at| format!("x.c{at}")).collect();
        format!(
            "SELECT x.i, {} FROM (SELECT p.i AS i, ROW_NUMBER() OVER (PARTITION BY p.i{order}) AS n, {} {body}) AS x \
             WHERE x.n > {first}{until} ORDER BY x.n",
            outer.join(", "),
            named.join(", "),
        )
    }

    fn batch_answers_all(&self) -> bool {
        false
    }

    fn insert_defaults(&self, table: &str) -> String {
        format!("INSERT INTO {table} () VALUES ()")
    }
}
