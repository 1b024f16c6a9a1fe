//! What a scalar field says of its values: `@length`, `@range`, `@pattern`, `@search`, `@updated`, `@decimal`.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use bistro_problem::Diagnostic;
use bistro_schema::{Field, Kind, Value};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::codes;
use crate::draft::{Draft, FieldDecl, int, literal, text};
use crate::place::{At, Place};
use crate::stages::defaults;

/// The longest pattern, in bytes.
const PATTERN_MAX: usize = 256;

/// The largest pattern with its repetitions written out, in ranges of characters; `\w` alone is some 800.
const PATTERN_SIZE_MAX: u64 = 200_000;

/// Reads the directives of a scalar field into its column.
pub(crate) fn apply(draft: &Draft, field: &FieldDecl, made: &mut Field, found: &mut Vec<Diagnostic>) {
    decimal(field, made, found);
    length(field, made, found);
    range(draft, field, made, found);
    pattern(field, made, found);
    if let Some(d) = field.directive("search") {
        made.search = fits(d, made, free_text(made), "String, Email, URL or Html", found);
    }
    if let Some(d) = field.directive("updated") {
        made.updated =
            fits(d, made, made.scalar.kind == Kind::DateTime && !made.scalar.list, "DateTime", found);
    }
}

/// Text whose values are not a fixed choice.
fn free_text(made: &Field) -> bool {
    made.scalar.kind.is_text() && !matches!(made.scalar.kind, Kind::Enum(_)) && !made.scalar.list
}

fn fits(d: &Node<Directive>, made: &Field, fits: bool, wanted: &str, found: &mut Vec<Diagnostic>) -> bool {
    if !fits {
        let message = format!("@{} does not fit the type of `{}`", d.name, made.name);
        let told = Diagnostic::error(codes::DOES_NOT_FIT, d.at(), message).label(format!("fits {wanted}"));
        found.push(told.hint(format!("remove @{}, or give the field a type that it fits", d.name)));
    }
    fits
}

fn decimal(field: &FieldDecl, made: &Field, found: &mut Vec<Diagnostic>) {
    if let Some(d) = field.directive("decimal") {
        fits(d, made, matches!(made.scalar.kind, Kind::Decimal { .. }), "Decimal", found);
    }
}

fn length(field: &FieldDecl, made: &mut Field, found: &mut Vec<Diagnostic>) {
    let Some(d) = field.directive("length") else { return };
    if !fits(d, made, free_text(made), "String, Email, URL or Html", found) {
        return;
    }
    let (min, max) = (bound(d, "min", found), bound(d, "max", found));
    if let (Some((min, _)), Some((max, at))) = (min, max)
        && min > max
    {
        bounds(at, format!("the longest text ({max}) is shorter than the shortest ({min})"), found);
        return;
    }
    if d.arguments.is_empty() {
        bounds(d.at(), "@length says neither min nor max".to_owned(), found);
        return;
    }
    made.length = Some((min.map(|m| m.0), max.map(|m| m.0)));
}

fn bound(d: &Node<Directive>, name: &str, found: &mut Vec<Diagnostic>) -> Option<(u64, Place)> {
    let (n, at) = int(d, name)?;
    match u64::try_from(n) {
        Ok(n) => Some((n, at)),
        Err(_) => {
            bounds(at, format!("a text cannot have {n} characters"), found);
            None
        }
    }
}

fn bounds(at: Place, message: String, found: &mut Vec<Diagnostic>) {
    let told = Diagnostic::error(codes::BOUNDS, at, message).label("this bound");
    found.push(told.hint("keep min at most max, and both within the field's type"));
}

fn range(draft: &Draft, field: &FieldDecl, made: &mut Field, found: &mut Vec<Diagnostic>) {
    let Some(d) = field.directive("range") else { return };
    let kind = made.scalar.kind;
    let ordered = kind.is_number() || matches!(kind, Kind::Date | Kind::Time | Kind::DateTime);
    if !fits(d, made, ordered && !made.scalar.list, "numbers, Date, Time and DateTime", found) {
        return;
    }
    let mut side = |name: &str| {
        let value = literal(d, name)?;
        match defaults::value(&draft.schema, made.scalar, value) {
            Ok(value) => Some((value, literal(d, name).map_or((0, 0), At::at))),
            Err(why) => {
                bounds(value.at(), format!("{name} is not a value of the field's type: {why}"), found);
                None
            }
        }
    };
    let (min, max) = (side("min"), side("max"));
    if let (Some((min, _)), Some((max, at))) = (&min, &max)
        && order(min, max) == Some(std::cmp::Ordering::Greater)
    {
        bounds(*at, "the greatest value is less than the least".to_owned(), found);
        return;
    }
    if d.arguments.is_empty() {
        bounds(d.at(), "@range says neither min nor max".to_owned(), found);
        return;
    }
    made.range = Some((min.map(|m| m.0), max.map(|m| m.0)));
}

/// Compares two values of one ordered kind.
pub(crate) fn order(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b))
        | (Value::Time(a), Value::Time(b))
        | (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.compare(*b)),
        _ => None,
    }
}

fn pattern(field: &FieldDecl, made: &mut Field, found: &mut Vec<Diagnostic>) {
    let Some(d) = field.directive("pattern") else { return };
    if !fits(d, made, free_text(made), "String, Email, URL or Html", found) {
        return;
    }
    let Some((regex, at)) = text(d, "regex") else { return };
    let why = if regex.len() > PATTERN_MAX {
        Some(format!("it has {} bytes; at most {PATTERN_MAX}", regex.len()))
    } else {
        // A small nesting limit keeps hostile patterns cheap; look-around and back-references are parse errors here.
        let parsed = regex_syntax::ParserBuilder::new().nest_limit(32).build().parse(regex);
        match parsed {
            Ok(hir) if size(&hir) > PATTERN_SIZE_MAX => Some("its repetitions make it too large".to_owned()),
            Ok(_) => None,
            Err(regex_syntax::Error::Parse(e)) => Some(e.kind().to_string()),
            Err(regex_syntax::Error::Translate(e)) => Some(e.kind().to_string()),
            Err(_) => Some("it is not a regular expression".to_owned()),
        }
    };
    match why {
        None => made.pattern = Some(regex.to_owned()),
        Some(why) => {
            let told = Diagnostic::error(codes::PATTERN, at, format!("the pattern cannot be used: {why}"));
            found.push(
                told.label("this pattern").hint("in a string, write a backslash as `\\\\`; no look-around"),
            );
        }
    }
}

/// How large a pattern is with its repetitions written out. Its depth is bounded by the parser.
fn size(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(l) => l.0.len() as u64,
        HirKind::Class(Class::Unicode(c)) => c.ranges().len() as u64,
        HirKind::Class(Class::Bytes(c)) => c.ranges().len() as u64,
        HirKind::Repetition(r) => {
            let times = u64::from(r.max.unwrap_or(r.min)).max(u64::from(r.min)).max(1);
            size(&r.sub).saturating_mul(times)
        }
        HirKind::Capture(c) => size(&c.sub),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().map(size).fold(0, u64::saturating_add),
    }
}
