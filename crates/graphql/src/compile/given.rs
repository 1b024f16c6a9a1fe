//! The values that a caller gives: literals of the document, variables, and literals with variables inside, read alike.

use std::borrow::Cow;
use std::sync::Arc;

use apollo_compiler::ast;
use apollo_compiler::response::{JsonMap, JsonValue};
use bistro_problem::{Code, Problem};
use bistro_schema::text::write_json_string;

/// One step into a variable's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Member(Box<str>),
    Element(usize),
}

/// Where in the variables a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) variable: Box<str>,
    /// From the outside in; shared, because ways are extended at each level of an input.
    pub(crate) steps: Arc<[Step]>,
}

impl Way {
    fn then(&self, step: Step) -> Self {
        Self { variable: self.variable.clone(), steps: self.steps.iter().cloned().chain([step]).collect() }
    }

    /// The place in the body of a request, as a JSON pointer. Names of GraphQL need no escapes.
    pub(crate) fn pointer(&self) -> String {
        self.steps.iter().fold(format!("/variables/{}", self.variable), |at, step| match step {
            Step::Member(name) => format!("{at}/{name}"),
            Step::Element(n) => format!("{at}/{n}"),
        })
    }

    /// The value that stands there; `None` where a request's variables have another structure.
    pub(crate) fn find<'v>(&self, variables: &'v JsonMap) -> Option<&'v JsonValue> {
        let start = variables.get(&*self.variable)?;
        self.steps.iter().try_fold(start, |at, step| match step {
            Step::Member(name) => at.as_object()?.get(&**name),
            Step::Element(n) => at.as_array()?.get(*n),
        })
    }
}

/// A value that was given and is not absent.
#[derive(Clone)]
pub(crate) enum Given<'a> {
    /// A literal of the document, which is not itself a variable.
    Literal(&'a ast::Value, &'a JsonMap),
    /// A variable, or a part of one.
    Variable(&'a JsonValue, Way),
}

impl<'a> Given<'a> {
    /// The value of an argument; `None` if it is a variable that was not given.
    pub(crate) fn new(value: &'a ast::Value, variables: &'a JsonMap) -> Option<Self> {
        match value {
            ast::Value::Variable(name) => {
                let found = variables.get(name.as_str())?;
                let way = Way { variable: name.as_str().into(), steps: Arc::from([]) };
                Some(Given::Variable(found, way))
            }
            literal => Some(Given::Literal(literal, variables)),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        match self {
            Given::Literal(value, _) => value.is_null(),
            Given::Variable(value, _) => value.is_null(),
        }
    }

    /// The members of an input object that were given, in the order in which they were; none of null. What is no object is
    /// refused: a variable inside an input may be declared as a list and pass validation.
    pub(crate) fn members(&self) -> Result<Vec<(&'a str, Given<'a>)>, Problem> {
        match self {
            Given::Literal(ast::Value::Object(members), variables) => Ok(members
                .iter()
                .filter_map(|(name, value)| Some((name.as_str(), Given::new(value, variables)?)))
                .collect()),
            Given::Variable(JsonValue::Object(members), way) => {
                let part = |name: &str| way.then(Step::Member(name.into()));
                let members = members.iter().map(|(name, v)| (name.as_str(), v));
                Ok(members.map(|(name, v)| (name, Given::Variable(v, part(name)))).collect())
            }
            given if given.is_null() => Ok(Vec::new()),
            Given::Variable(_, way) => {
                let message = format!("The variable ${} is no object where one is wanted", way.variable);
                Err(Problem::new(Code::Variables, message)
                    .hint("Declare it with the type of its place, without a list around it."))
            }
            Given::Literal(..) => {
                Err(Problem::new(Code::BadParameter, "There is no object where one is wanted"))
            }
        }
    }

    /// The elements of a list; a single value stands for a list of it. A variable that was not given is null.
    pub(crate) fn elements(&self) -> Vec<Given<'a>> {
        match self {
            Given::Literal(ast::Value::List(items), variables) => {
                let null: &'a ast::Value = &ast::Value::Null;
                let element =
                    |v: &'a ast::Value| Given::new(v, variables).unwrap_or(Given::Literal(null, variables));
                items.iter().map(|v| element(v)).collect()
            }
            Given::Variable(JsonValue::Array(items), way) => {
                let part = |n: usize| way.then(Step::Element(n));
                items.iter().enumerate().map(|(n, v)| Given::Variable(v, part(n))).collect()
            }
            single => vec![single.clone()],
        }
    }

    /// The value of a Boolean. Part of a plan's shape, like enums and names.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self {
            Given::Literal(value, _) => value.to_bool(),
            Given::Variable(value, _) => value.as_bool(),
        }
    }

    /// The name of an enum's value. Part of a plan's shape.
    pub(crate) fn name(&self) -> Option<&'a str> {
        match self {
            Given::Literal(ast::Value::Enum(name), _) => Some(name.as_str()),
            Given::Variable(JsonValue::String(name), _) => Some(name.as_str()),
            _ => None,
        }
    }

    /// The value as JSON, variables inside filled in; enums are strings.
    pub(crate) fn json(&self) -> Cow<'a, JsonValue> {
        match self {
            Given::Literal(value, variables) => Cow::Owned(literal(value, variables)),
            Given::Variable(value, _) => Cow::Borrowed(value),
        }
    }

    /// Whether some part of it is a variable although it is a literal itself.
    pub(crate) fn mixed(&self) -> bool {
        fn holds(value: &ast::Value) -> bool {
            match value {
                ast::Value::Variable(_) => true,
                ast::Value::List(items) => items.iter().any(|v| holds(v)),
                ast::Value::Object(members) => members.iter().any(|(_, v)| holds(v)),
                _ => false,
            }
        }
        matches!(self, Given::Literal(value, _) if holds(value))
    }
}

/// A literal as JSON. A number that JSON's own cannot hold keeps its digits as a text, which every scalar reads as well.
pub(crate) fn literal(value: &ast::Value, variables: &JsonMap) -> JsonValue {
    match value {
        ast::Value::Null => JsonValue::Null,
        ast::Value::Enum(name) => JsonValue::String(name.as_str().into()),
        ast::Value::Variable(name) => variables.get(name.as_str()).cloned().unwrap_or(JsonValue::Null),
        ast::Value::String(text) => JsonValue::String(text.as_str().into()),
        ast::Value::Float(number) => number_of(number.as_str()),
        ast::Value::Int(number) => number_of(number.as_str()),
        ast::Value::Boolean(truth) => JsonValue::Bool(*truth),
        ast::Value::List(items) => JsonValue::Array(items.iter().map(|v| literal(v, variables)).collect()),
        ast::Value::Object(members) => {
            let given = members.iter().filter(|(_, v)| match &**v {
                ast::Value::Variable(name) => variables.contains_key(name.as_str()),
                _ => true,
            });
            JsonValue::Object(given.map(|(n, v)| (n.as_str().into(), literal(v, variables))).collect())
        }
    }
}

fn number_of(text: &str) -> JsonValue {
    match serde_json::from_str::<serde_json::Number>(text) {
        Ok(number) if number.to_string() == text => JsonValue::Number(number),
        _ => JsonValue::String(text.into()),
    }
}

/// A literal as the text of a JSON document, numbers as they are written; null where a variable was not given.
pub(super) fn document(value: &ast::Value, variables: &JsonMap) -> String {
    let mut out = Vec::new();
    write(value, variables, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn write(value: &ast::Value, variables: &JsonMap, out: &mut Vec<u8>) {
    match value {
        ast::Value::Null => out.extend_from_slice(b"null"),
        ast::Value::Boolean(truth) => out.extend_from_slice(truth.to_string().as_bytes()),
        ast::Value::Int(number) => out.extend_from_slice(number.as_str().as_bytes()),
        ast::Value::Float(number) => out.extend_from_slice(number.as_str().as_bytes()),
        ast::Value::String(text) => write_json_string(text, out),
        ast::Value::Enum(name) => write_json_string(name, out),
        ast::Value::Variable(name) => {
            let given = variables.get(name.as_str()).unwrap_or(&JsonValue::Null);
            out.extend_from_slice(given.to_string().as_bytes());
        }
        ast::Value::List(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                out.extend_from_slice(if n > 0 { b"," } else { b"" });
                write(item, variables, out);
            }
            out.push(b']');
        }
        ast::Value::Object(members) => {
            out.push(b'{');
            for (n, (name, member)) in members.iter().enumerate() {
                out.extend_from_slice(if n > 0 { b"," } else { b"" });
                write_json_string(name, out);
                out.push(b':');
                write(member, variables, out);
            }
            out.push(b'}');
        }
    }
}
