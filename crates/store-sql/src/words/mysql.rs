//! MySQL's and MariaDB's words: what both read. Values stand as the driver binds them for each form.

use bistro_ir::{Aggregate, JsonStep};
use bistro_schema::Kind;

use super::{Batched, NewSlot, Recase, Search, Sign, Words, path_text};
use crate::dialect::Dialect;
use crate::encode::Encode;
use crate::form::Form;
use crate::lower::Slot;

/// MySQL 8 and MariaDB 10.6 or later.
pub(crate) struct Mysql;

impl Words for Mysql {
    fn slot(&self, index: usize, _: &Slot) -> String {
        self.stored(index)
    }

    fn stored(&self, index: usize) -> String {
        // A mark that `Emitter::finish` replaces by a question mark.
        format!("\u{1}{index}\u{1}")
    }

    fn positional(&self) -> bool {
        true
    }

    fn unknown(&self) -> Option<Form> {
        Some(Form::Json)
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

    fn text(&self, value: &str, _: Form) -> String {
        format!("CAST({value} AS CHAR)")
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
        value
    }

    fn list_key(&self, value: String) -> String {
        value
    }

    fn instant(&self, date: &str) -> String {
        format!("CAST({date} AS DATETIME(6))")
    }

    fn within(&self, value: &str, _: Form, all: &str) -> String {
        format!("({value} IN (SELECT j.v FROM JSON_TABLE({all}, '$[*]' COLUMNS (v TEXT PATH '$')) AS j))")
    }

    fn within_unknown(&self, one: &str, all: &str) -> String {
        format!("JSON_CONTAINS({all}, {one})")
    }

    fn has(&self, list: &str, _: Kind, value: &str, _: Form) -> String {
        format!("JSON_CONTAINS({list}, JSON_ARRAY({value}))")
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

    fn contains(&self, (a, _): (&str, Option<Form>), (b, _): (&str, Option<Form>)) -> String {
        format!("JSON_CONTAINS({a}, {b})")
    }

    fn overlaps(&self, (a, _): (&str, Option<Form>), (b, _): (&str, Option<Form>)) -> String {
        format!("JSON_OVERLAPS({a}, {b})")
    }

    fn search(&self, search: &Search<'_>) -> String {
        let fields = search.ty.search_fields();
        let fields = search.field.map_or(fields.as_slice(), |at| &fields[at..=at]);
        let column = |f: &bistro_schema::FieldId| {
            let name = format!("bistro_search_{}", search.ty.field(*f).column);
            format!("{}.{}", search.alias, Dialect::Mysql.quote(&name))
        };
        let columns: Vec<String> = fields.iter().map(column).collect();
        format!("(MATCH ({}) AGAINST ({} IN BOOLEAN MODE))", columns.join(", "), search.query)
    }

    fn json(&self, base: &str, path: &[JsonStep], text: bool) -> String {
        let path = Dialect::Mysql.text(&path_text(path));
        match text {
            false => format!("JSON_EXTRACT({base}, {path})"),
            true => format!("JSON_UNQUOTE(JSON_EXTRACT({base}, {path}))"),
        }
    }

    fn recase(&self, how: Recase, text: &str) -> String {
        match how {
            Recase::Lower => format!("LOWER({text})"),
            Recase::Upper => format!("UPPER({text})"),
            Recase::Trim => format!("TRIM({text})"),
        }
    }

    fn size(&self, value: &str, form: Option<Form>) -> String {
        match form {
            Some(Form::List(_) | Form::Json) => format!("JSON_LENGTH({value})"),
            _ => format!("CHAR_LENGTH({value})"),
        }
    }

    fn concat(&self, parts: &[String]) -> String {
        format!("CONCAT({})", parts.join(", "))
    }

    fn later(&self, at: &str, micros: &str) -> String {
        format!("({at} + INTERVAL {micros} MICROSECOND)")
    }

    fn arithmetic(&self, sign: Sign, a: &str, b: &str, form: Option<Form>) -> (String, Option<Form>) {
        match (sign, form) {
            (Sign::Divide, Some(Form::Int)) => (format!("({a} DIV {b})"), form),
            _ => (format!("({a} {} {b})", sign.text()), form),
        }
    }

    fn aggregate(&self, function: Aggregate, value: &str, form: Form, kind: Kind) -> (String, Form) {
        let exact = if form == Form::Real { Form::Real } else { Form::Decimal };
        match function {
            Aggregate::Count => (format!("COUNT({value})"), Form::Int),
            Aggregate::Sum if form == Form::Int && kind == Kind::Int => {
                (format!("CAST(SUM({value}) AS SIGNED)"), Form::Int)
            }
            Aggregate::Sum => (format!("SUM({value})"), exact),
            Aggregate::Avg => (format!("AVG({value})"), exact),
            Aggregate::Min => (format!("MIN({value})"), form),
            Aggregate::Max => (format!("MAX({value})"), form),
        }
    }

    fn group(&self, _: &str, place: usize, _: Option<Form>) -> String {
        place.to_string()
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
        Some(match form {
            Form::Uuid | Form::Bytes => format!("UNHEX(p.k{pair})"),
            _ => format!("p.k{pair}"),
        })
    }

    fn batch(&self, parts: &Batched<'_>, slot: NewSlot<'_>) -> String {
        let keys = slot(Slot::KeyRows(parts.keys.to_vec()));
        let key = |(at, form): (usize, &Form)| {
            let kind = if *form == Form::Int { "BIGINT" } else { "TEXT" };
            format!(", k{at} {kind} PATH '$[{at}]'")
        };
        let keys_in = parts.keys.iter().enumerate().map(key).collect::<String>();
        let Batched { from, conditions, groups, .. } = parts;
        let parents = format!("JSON_TABLE({keys}, '$[*]' COLUMNS (i FOR ORDINALITY{keys_in})) AS p");
        let paged = parts.limit.is_some() || parts.offset.is_some();
        let named: Vec<String> =
            parts.columns.iter().enumerate().map(|(at, c)| format!("{c} AS c{at}")).collect();
        let groups = match (parts.always, groups.strip_prefix(" GROUP BY ")) {
            (true, _) => " GROUP BY p.i".to_owned(),
            (false, Some(rest)) => format!(" GROUP BY p.i, {rest}"),
            (false, None) => String::new(),
        };
        let body = format!("{} FROM {parents} JOIN ({from}){conditions}{groups}", named.join(", "));
        let by = parts.order.strip_prefix(" ORDER BY ").map_or_else(String::new, |o| format!(", {o}"));
        if !paged {
            return format!("SELECT p.i, {body} ORDER BY p.i{by}");
        }
        let first = parts.offset.unwrap_or("0");
        let until = parts.limit.map_or_else(String::new, |l| format!(" AND x.n <= {first} + {l}"));
        let columns: Vec<String> = (0..parts.columns.len()).map(|at| format!("x.c{at}")).collect();
        format!(
            "SELECT x.i, {} FROM (SELECT p.i, ROW_NUMBER() OVER (PARTITION BY p.i{}) AS n, {body}) AS x \
             WHERE x.n > {first}{until} ORDER BY x.i, x.n",
            columns.join(", "),
            if by.is_empty() { String::new() } else { parts.order.to_owned() },
        )
    }

    fn batch_answers_all(&self) -> bool {
        false
    }

    fn insert_defaults(&self, table: &str) -> String {
        format!("INSERT INTO {table} () VALUES ()")
    }
}
