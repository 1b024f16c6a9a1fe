//! The members of a JSON body. Clients send null for what they leave out, and members that nobody knows.

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value};

/// The deepest nesting of a body.
const DEPTH_MOST: usize = 32;

/// A JSON object whose members are read by name.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Map<String, Value>);

impl Fields {
    /// From a body; an empty one has no members.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let wrong = |why: &str| Problem::new(Code::BadJson, format!("Could not read the body: {why}"));
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) if map.values().all(|value| shallow(value, DEPTH_MOST)) => Ok(Self(map)),
            Ok(Value::Object(_)) => Err(wrong("it is nested too deep")),
            Ok(_) => Err(wrong("it is no JSON object")),
            Err(error) => Err(wrong(&error.to_string())),
        }
    }

    /// The member, unless it is null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text, if there is one. NUL characters are refused.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.contains('\0') => {
                Err(invalid(format!("{name} holds a NUL character")))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("{name} must be a string"))),
        }
    }

    /// A text that must be there and not be empty.
    pub fn needed(&self, name: &str) -> Result<&str, Problem> {
        let found = self.text(name)?.filter(|text| !text.is_empty());
        found.ok_or_else(|| invalid(format!("{name} is required")))
    }

    /// A truth value; absent is false.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.flag_or(name)?.unwrap_or(false))
    }

    /// A truth value, if there is one.
    pub fn flag_or(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(_) => Err(invalid(format!("{name} must be true or false"))),
        }
    }

    /// An object, if there is one. NUL characters in it are refused, which not every store can keep.
    pub fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(value @ Value::Object(map)) if !has_nul(value) => Ok(Some(map)),
            Some(Value::Object(_)) => Err(invalid(format!("{name} holds a NUL character"))),
            Some(_) => Err(invalid(format!("{name} must be an object"))),
        }
    }

    /// A list of texts, if there is one.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        let wrong = || invalid(format!("{name} must be a list of strings"));
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
                texts.collect::<Option<_>>().map(Some).ok_or_else(wrong)
            }
            Some(_) => Err(wrong()),
        }
    }
}

fn invalid(message: String) -> Problem {
    Problem::new(Code::ValidationFailed, message)
}

fn shallow(value: &Value, left: usize) -> bool {
    match value {
        _ if left == 0 => false,
        Value::Array(items) => items.iter().all(|item| shallow(item, left - 1)),
        Value::Object(map) => map.values().all(|item| shallow(item, left - 1)),
        _ => true,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(map) => map.iter().any(|(name, item)| name.contains('\0') || has_nul(item)),
        _ => false,
    }
}
