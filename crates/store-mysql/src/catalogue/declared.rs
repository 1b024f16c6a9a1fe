//! What the words of columns mean: types, defaults, and the checks that stand for a type.

use bistro_schema::Kind;
use bistro_store::catalogue::Nature;

/// What a declared type says of a column's values, and the longest text.
pub(super) fn nature(declared: &str) -> (Option<Nature>, Option<u32>) {
    let lower = declared.to_ascii_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(lower.len());
    let (word, rest) = lower.split_at(end);
    let numbers: Vec<u32> = match rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
        Some((inner, _)) => inner.split(',').filter_map(|n| n.trim().parse().ok()).collect(),
        None => Vec::new(),
    };
    let first = numbers.first().copied();
    let unsigned = rest.contains("unsigned");
    let kind = match word {
        "tinyint" if first == Some(1) && !unsigned => Kind::Boolean,
        "bit" if first.unwrap_or(1) == 1 => Kind::Boolean,
        "int" | "integer" if unsigned => Kind::BigInt,
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "year" => Kind::Int,
        // Numbers above the greatest signed one are refused when they are read.
        "bigint" => Kind::BigInt,
        "float" | "double" | "real" => Kind::Float,
        "decimal" | "numeric" => return (decimal(&numbers).map(Nature::Kind), None),
        "char" | "varchar" => return (Some(Nature::Kind(Kind::String)), first.filter(|n| *n > 0)),
        "tinytext" | "text" | "mediumtext" | "longtext" | "set" => Kind::String,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Kind::Bytes,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "datetime" | "timestamp" => Kind::DateTime,
        "json" => Kind::Json,
        "uuid" => Kind::Uuid,
        "enum" => {
            let values = texts(declared.get(end..).unwrap_or_default());
            return (Some(Nature::Enum { name: None, values }), None);
        }
        _ => return (None, None),
    };
    (Some(Nature::Kind(kind)), None)
}

fn decimal(numbers: &[u32]) -> Option<Kind> {
    let (precision, scale) = match numbers {
        [] => (10, 0),
        [precision] => (*precision, 0),
        [precision, scale, ..] => (*precision, *scale),
    };
    let fits = (1..=38).contains(&precision) && scale <= 18 && scale <= precision;
    let (precision, scale) = (u8::try_from(precision).ok()?, u8::try_from(scale).ok()?);
    fits.then_some(Kind::Decimal { precision, scale, bare: false })
}

/// The quoted texts of a list.
fn texts(list: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut chars = list.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\'' {
            continue;
        }
        let mut text = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\'' if chars.peek() == Some(&'\'') => text.extend(chars.next()),
                '\'' => break,
                c => text.push(c),
            }
        }
        out.push(text);
    }
    out
}

/// A default as MariaDB tells it: an expression, with `NULL` for none.
pub(super) fn default_maria(text: String) -> Option<String> {
    (!text.eq_ignore_ascii_case("null")).then_some(text)
}

/// A default as MySQL tells it, as an expression: constants come without their quotes.
pub(super) fn default_mysql(text: String, extra: &str, declared: &str) -> String {
    let declared = declared.to_ascii_lowercase();
    let numeric = ["int", "decimal", "float", "double", "bit", "year", "numeric"];
    let expression =
        extra.contains("default_generated") || text.to_ascii_uppercase().starts_with("CURRENT_TIMESTAMP");
    if expression || numeric.iter().any(|word| declared.contains(word)) && !declared.starts_with("enum") {
        return text;
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// The column whose text a check holds to JSON.
pub(super) fn json_column(check: &str) -> Option<String> {
    let inner = check.trim().trim_start_matches('(').strip_prefix("json_valid(")?;
    // Names stand in the quotes that the session uses.
    let quote = inner.chars().next().filter(|c| matches!(c, '`' | '"'))?;
    let (name, rest) = inner[1..].rsplit_once(&format!("{quote})"))?;
    let doubled = format!("{quote}{quote}");
    rest.chars().all(|c| c == ')').then(|| name.replace(&doubled, &quote.to_string()))
}

/// A condition without the marks that MySQL puts on texts: `_utf8mb4\'a\'`.
pub(super) fn plain(check: &str) -> String {
    let mut out = check.replace("\\'", "'");
    for set in ["_utf8mb4'", "_utf8mb3'", "_latin1'", "_ascii'"] {
        out = out.replace(set, "'");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mysql_tells_is_read() {
        assert_eq!(default_mysql("it's".into(), "", "varchar(9)"), "'it''s'");
        assert_eq!(default_mysql("1.50".into(), "", "decimal(5,2)"), "1.50");
        assert_eq!(default_mysql("uuid()".into(), "default_generated", "char(36)"), "uuid()");
        assert_eq!(default_mysql("x".into(), "", "enum('x','point')"), "'x'");
        assert_eq!(plain("(`a` in (_utf8mb4\\'x\\',_utf8mb4\\'y\\'))"), "(`a` in ('x','y'))");
        assert_eq!(json_column("json_valid(`a``b`)").as_deref(), Some("a`b"));
        assert_eq!(json_column("json_valid(\"j\")").as_deref(), Some("j"));
        assert_eq!(json_column("json_valid(`a`) or 1"), None);
    }
}
