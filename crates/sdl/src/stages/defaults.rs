//! `@default`: a value of the field's type that keeps the field's limits, or an expression.

use apollo_compiler::Node;
use apollo_compiler::ast::Value as Literal;
use bistro_problem::Diagnostic;
use bistro_schema::names::nearest;
use bistro_schema::{Default, EnumType, Field, Kind, Scalar, Schema, Value};

use crate::codes;
use crate::draft::{Draft, FieldDecl, literal};
use crate::place::At;
use crate::stages::fields::rule;
use crate::stages::limits::order;

/// Reads the default of a field into its column.
pub(crate) fn apply(draft: &Draft, field: &FieldDecl, made: &mut Field, found: &mut Vec<Diagnostic>) {
    let Some(directive) = field.directive("default") else { return };
    let (written, expr) = (literal(directive, "value"), literal(directive, "expr"));
    let written = match (written, expr) {
        (Some(value), None) => value,
        (None, Some(_)) => {
            made.default = rule(directive, "expr", found).map(Default::Expr);
            return;
        }
        (Some(_), Some(_)) => {
            let told = Diagnostic::error(codes::DEFAULT, directive.at(), "@default has both value and expr");
            found.push(told.label("two defaults").hint("keep one of them"));
            return;
        }
        (None, None) if !directive.arguments.is_empty() => return,
        (None, None) => {
            let told = Diagnostic::error(codes::DEFAULT, directive.at(), "@default says nothing");
            found.push(told.label("neither value nor expr").hint("write `value:` or `expr:`"));
            return;
        }
    };
    let values = match made.scalar.kind {
        Kind::Enum(e) => Some(draft.schema.enum_type(e)),
        _ => None,
    };
    let checked = value(&draft.schema, made.scalar, written).and_then(|v| keeps(made, v));
    match checked {
        Ok(value) => made.default = Some(Default::Value(value)),
        Err(why) => {
            let message = format!("the default of `{}` does not fit: {why}", field.node.name);
            let told = Diagnostic::error(codes::DEFAULT, written.at(), message).label("this value");
            found.push(told.hint(hint(made, values, written)));
        }
    }
}

fn hint(made: &Field, values: Option<&EnumType>, written: &Node<Literal>) -> String {
    let Some(values) = values else { return format!("give a value of the type of `{}`", made.name) };
    let names = values.values.iter().map(|(v, _)| v.as_str());
    let word = written.as_enum().map(|w| w.as_str()).or_else(|| written.as_str()).unwrap_or_default();
    match nearest(word, names.clone()) {
        Some(near) if near != word => format!("did you mean `{near}`?"),
        _ => format!("the values of `{}` are: {}", values.name, names.collect::<Vec<_>>().join(", ")),
    }
}

/// The value that a literal says, as one of `scalar`; or why it is none.
pub(crate) fn value(schema: &Schema, scalar: Scalar, written: &Node<Literal>) -> Result<Value, String> {
    if scalar.list {
        let Literal::List(items) = &**written else {
            return Err("a list is expected, such as `[]`".to_owned());
        };
        let items: Result<Vec<Value>, String> =
            items.iter().map(|v| value(schema, scalar.element(), v)).collect();
        return items.map(Value::List);
    }
    if let Literal::Null = &**written {
        return Err("null is what a field without a default gets".to_owned());
    }
    if let Kind::Enum(id) = scalar.kind {
        let values = &schema.enum_type(id).values;
        let word = written.as_enum().map(|w| w.as_str()).or_else(|| written.as_str());
        let known = |w: &&str| values.iter().any(|(v, _)| v == w);
        return match word {
            Some(word) if known(&word) => Ok(Value::text(word)),
            Some(word) => Err(format!("`{word}` is not a value of the enum")),
            None => Err("a value of the enum is expected".to_owned()),
        };
    }
    if scalar.kind == Kind::Json {
        let text = match written.as_str() {
            Some(text) => bistro_schema::literal::parse(schema, scalar, text).or_else(|_| {
                let mut quoted = String::new();
                json_text(text, &mut quoted);
                bistro_schema::literal::parse(schema, scalar, &quoted)
            }),
            None => bistro_schema::literal::parse(schema, scalar, &json(written)?),
        };
        return text.map_err(|e| e.to_string());
    }
    let text = match (&**written, scalar.kind) {
        (Literal::Boolean(b), Kind::Boolean) => b.to_string(),
        (Literal::Int(n), k) if k.is_number() => n.as_str().to_owned(),
        (Literal::Float(n), Kind::Float | Kind::Decimal { .. }) => n.as_str().to_owned(),
        (Literal::String(s), k) if !k.is_number() && k != Kind::Boolean => s.clone(),
        // A number too great for a literal's type may be written as text.
        (Literal::String(s), Kind::BigInt | Kind::Decimal { .. }) => s.clone(),
        (other, _) => return Err(format!("{} is not of its type", described(other))),
    };
    bistro_schema::literal::parse(schema, scalar, &text).map_err(|e| e.to_string())
}

fn described(value: &Literal) -> &'static str {
    match value {
        Literal::Null => "null",
        Literal::Enum(_) => "a bare word",
        Literal::Variable(_) => "a variable",
        Literal::String(_) => "a text",
        Literal::Float(_) => "a number with a point",
        Literal::Int(_) => "a whole number",
        Literal::Boolean(_) => "true or false",
        Literal::List(_) => "a list",
        Literal::Object(_) => "an object",
    }
}

/// A literal as JSON text. Nesting is bounded by the parser.
fn json(written: &Literal) -> Result<String, String> {
    let mut out = String::new();
    write_json(written, &mut out)?;
    Ok(out)
}

fn write_json(written: &Literal, out: &mut String) -> Result<(), String> {
    match written {
        Literal::Null => out.push_str("null"),
        Literal::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Literal::Int(n) => out.push_str(n.as_str()),
        Literal::Float(n) => out.push_str(n.as_str()),
        Literal::String(s) => json_text(s, out),
        Literal::Enum(_) | Literal::Variable(_) => return Err(format!("{} is not JSON", described(written))),
        Literal::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { "," } else { "" });
                write_json(item, out)?;
            }
            out.push(']');
        }
        Literal::Object(members) => {
            out.push('{');
            for (n, (name, item)) in members.iter().enumerate() {
                out.push_str(if n > 0 { "," } else { "" });
                json_text(name, out);
                out.push(':');
                write_json(item, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The value again if it keeps the field's own length, range and pattern.
fn keeps(made: &Field, value: Value) -> Result<Value, String> {
    if let (Value::Text(text), Some((min, max))) = (&value, made.length) {
        let count = text.chars().count() as u64;
        if min.is_some_and(|m| count < m) || max.is_some_and(|m| count > m) {
            return Err(format!("its {count} characters break @length"));
        }
    }
    if let Some((min, max)) = &made.range {
        let under = min.as_ref().is_some_and(|m| order(&value, m) == Some(std::cmp::Ordering::Less));
        let over = max.as_ref().is_some_and(|m| order(&value, m) == Some(std::cmp::Ordering::Greater));
        if under || over {
            return Err("it is outside @range".to_owned());
        }
    }
    Ok(value)
}
