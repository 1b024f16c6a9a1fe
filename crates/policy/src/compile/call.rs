//! Functions: of texts, `size`, and the constants `duration`, `timestamp` and `date`.

use bistro_ir::{AuthValue, Expr, Function, Operand};
use bistro_schema::{Kind, Scalar, Value, names};

use super::value::{Val, scalar_name};
use super::{Made, Scope};
use crate::codes;
use crate::syntax::{Node, NodeKind, Place};

/// The longest regular expression, in bytes.
const PATTERN_MAX: usize = 256;

/// Everything that can be called, for messages and "did you mean".
const FUNCTIONS: [&str; 14] = [
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "size",
    "lowerAscii",
    "upperAscii",
    "trim",
    "exists",
    "all",
    "map",
    "duration",
    "timestamp",
    "date",
];

const TEXT: Scalar = Scalar::one(Kind::String);

impl Scope<'_> {
    pub(super) fn call(
        &mut self,
        of: Option<&Node>,
        name: &str,
        at: Place,
        args: &[Node],
        place: Place,
    ) -> Made<Val> {
        match (name, of, args) {
            ("startsWith" | "endsWith" | "contains" | "matches", Some(of), [arg]) => {
                self.text_test(of, name, arg)
            }
            ("lowerAscii", Some(of), []) => self.text_function(of, Function::Lower),
            ("upperAscii", Some(of), []) => self.text_function(of, Function::Upper),
            ("trim", Some(of), []) => self.text_function(of, Function::Trim),
            ("size", Some(of), []) | ("size", None, [of]) => self.size(of),
            ("duration", None, [arg]) => {
                let text = self.constant_text(name, arg)?;
                match duration(text) {
                    Some(micros) => Ok(Val::Duration(micros)),
                    None => {
                        let hint =
                            "write it like '24h', '90m' or '1h30m'; units are h, m, s, ms, us".to_owned();
                        self.error(
                            codes::LITERAL,
                            arg.place,
                            format!("'{text}' is not a duration"),
                            Some(hint),
                        )
                    }
                }
            }
            ("timestamp", None, [arg]) => self.instant(name, arg, Kind::DateTime),
            ("date", None, [arg]) => self.instant(name, arg, Kind::Date),
            _ => self.no_function(name, at, place),
        }
    }

    fn no_function<T>(&mut self, name: &str, at: Place, place: Place) -> Made<T> {
        if FUNCTIONS.contains(&name) {
            let hint = match name {
                "exists" | "all" | "map" => format!("write `row.comments.{name}(c, …)`"),
                "size" => "write `size(row.title)` or `row.title.size()`".to_owned(),
                "duration" => "write `duration('24h')`".to_owned(),
                "timestamp" => "write `timestamp('2024-01-01T00:00:00Z')`".to_owned(),
                "date" => "write `date('2024-01-01')`".to_owned(),
                "lowerAscii" | "upperAscii" | "trim" => format!("write `row.title.{name}()`"),
                _ => format!("write `row.title.{name}('…')`"),
            };
            return self.error(
                codes::LACKING,
                place,
                format!("`{name}` is not called like this"),
                Some(hint),
            );
        }
        let near = names::nearest(name, FUNCTIONS).map(|n| format!("did you mean `{n}`?"));
        let hint = near.unwrap_or_else(|| format!("there are {}", FUNCTIONS.join(", ")));
        self.error(codes::LACKING, at, format!("rules do not have the function `{name}`"), Some(hint))
    }

    /// A part that must be a text.
    fn text(&mut self, node: &Node) -> Made<Operand> {
        let value = self.value(node)?;
        let (operand, scalar) = self.typed(value, node.place)?;
        if scalar.kind.is_text() && !scalar.list {
            return Ok(operand);
        }
        let name = scalar_name(&self.schema, scalar);
        let hint = scalar.list.then(|| "ask with `in`: `'a' in row.list`".to_owned());
        self.error(codes::TYPES, node.place, format!("a String is wanted here, not {name}"), hint)
    }

    fn constant_text<'n>(&mut self, function: &str, arg: &'n Node) -> Made<&'n str> {
        let NodeKind::Text(text) = &arg.kind else {
            let hint = Some(format!("write the text itself: `{function}('…')`"));
            return self.error(
                codes::LACKING,
                arg.place,
                format!("`{function}` takes a constant text"),
                hint,
            );
        };
        Ok(text)
    }

    fn text_test(&mut self, of: &Node, name: &str, arg: &Node) -> Made<Val> {
        let operand = self.text(of)?;
        let text = self.constant_text(name, arg)?;
        let literal = |t: String| Operand::Literal(Value::text(t), TEXT);
        if text.contains('\0') {
            return self.error(codes::LITERAL, arg.place, "no text holds the character NUL", None);
        }
        if name == "matches" {
            if let Err(why) = regular(text) {
                let hint =
                    "use a regular expression of at most 256 bytes without look-around and back-references";
                return self.error(codes::LITERAL, arg.place, why, Some(hint.to_owned()));
            }
            return Ok(Val::Condition(Expr::Match {
                operand,
                pattern: literal(text.to_owned()),
                fold: false,
            }));
        }
        let plain = escaped(text);
        let pattern = match name {
            "startsWith" => format!("{plain}%"),
            "endsWith" => format!("%{plain}"),
            _ => format!("%{plain}%"),
        };
        Ok(Val::Condition(Expr::Like { operand, pattern: literal(pattern), fold: false }))
    }

    fn text_function(&mut self, of: &Node, function: Function) -> Made<Val> {
        let operand = self.text(of)?;
        Ok(Val::Value(Operand::Call(function, vec![operand]), TEXT))
    }

    /// The length of a text or of a list.
    fn size(&mut self, of: &Node) -> Made<Val> {
        let int = Scalar::one(Kind::Int);
        let operand = match self.value(of)? {
            Val::Value(operand, scalar) if scalar.list || scalar.kind.is_text() => operand,
            Val::Claim(path) => Operand::Auth(AuthValue::Claim(path), TEXT),
            Val::Text(text) => return Ok(Val::Int(text.chars().count() as i64)),
            Val::List(parts) => return Ok(Val::Int(parts.len() as i64)),
            other => {
                let message =
                    format!("`size` takes a text or a list field, not {}", other.described(&self.schema));
                let hint = matches!(other, Val::Rows(_))
                    .then(|| "ask whether there is one: `.exists(m, …)`".to_owned());
                return self.error(codes::TYPES, of.place, message, hint);
            }
        };
        Ok(Val::Value(Operand::Call(Function::Size, vec![operand]), int))
    }

    fn instant(&mut self, name: &str, arg: &Node, kind: Kind) -> Made<Val> {
        let text = self.constant_text(name, arg)?.to_owned();
        let scalar = Scalar::one(kind);
        Ok(Val::Value(self.constant(&Val::Text(text), scalar, arg.place)?, scalar))
    }
}

/// The text as a pattern that matches itself.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether every engine can run the regular expression.
fn regular(text: &str) -> Result<(), String> {
    if text.len() > PATTERN_MAX {
        return Err(format!("the regular expression has {} bytes; it may have {PATTERN_MAX}", text.len()));
    }
    let parsed = regex_syntax::ParserBuilder::new().nest_limit(32).build().parse(text);
    parsed.map(|_| ()).map_err(|e| {
        let why = match e {
            regex_syntax::Error::Parse(e) => e.kind().to_string(),
            regex_syntax::Error::Translate(e) => e.kind().to_string(),
            _ => "it cannot be read".to_owned(),
        };
        format!("the regular expression cannot be used: {why}")
    })
}

/// A duration as Go and CEL write it, in microseconds: `1h30m`, `-1.5s`.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |t| (-1, t));
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (number, after) = rest.split_at(digits);
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, after) = after.split_at(letters);
        let nanos: i128 = match unit {
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + part.len() == 0 || whole.len() > 12 || part.len() > 9 || part.contains('.') {
            return None;
        }
        let scaled: i128 = format!("0{whole}{part}").parse().ok()?;
        total += scaled * nanos / 10_i128.pow(part.len() as u32);
        rest = after;
    }
    i64::try_from(sign * total / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_read_as_cel_writes_them() {
        let cases = [
            ("24h", Some(86_400_000_000)),
            ("1h30m", Some(5_400_000_000)),
            ("-1.5s", Some(-1_500_000)),
            ("250ms", Some(250_000)),
            ("1d", None),
            ("", None),
            ("5", None),
            ("1.2.3s", None),
            (".s", None),
        ];
        for (text, micros) in cases {
            assert_eq!(duration(text), micros, "{text}");
        }
    }
}
