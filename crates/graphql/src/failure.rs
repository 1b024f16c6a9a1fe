//! One entry of `errors`.

use bistro_problem::{Details, Problem};
use serde_json::{Map, Value, json};

use crate::plan::Place;

/// A problem, and where in the document and in the reply it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Boxed, since what is refused travels through all of the compiler's results.
    pub(crate) problem: Box<Problem>,
    pub(crate) places: Vec<Place>,
    /// The root field that failed; `None` for what concerns the whole request. Below a root nothing fails alone.
    pub(crate) path: Option<Box<str>>,
}

impl Failure {
    /// A failure at one place of the text.
    pub(crate) fn at(problem: Problem, place: Place) -> Self {
        Self { problem: Box::new(problem), places: vec![place], path: None }
    }

    /// The failure of a root field.
    pub(crate) fn of(mut self, key: &str) -> Self {
        self.path = Some(key.into());
        self
    }

    /// The error as its clients read it.
    pub(crate) fn json(&self) -> Value {
        let mut error = Map::new();
        error.insert("message".into(), self.problem.message.clone().into());
        if !self.places.is_empty() {
            let places = self.places.iter().map(|p| json!({ "line": p.line, "column": p.column }));
            error.insert("locations".into(), places.collect());
        }
        if let Some(key) = &self.path {
            error.insert("path".into(), json!([key]));
        }
        error.insert("extensions".into(), self.extensions());
        error.into()
    }

    fn extensions(&self) -> Value {
        let mut said = Map::new();
        said.insert("code".into(), self.problem.code.graphql().into());
        said.insert("reason".into(), self.problem.code.wire_text().into());
        match &self.problem.details {
            Details::None => {}
            Details::Text(text) => drop(said.insert("details".into(), text.clone().into())),
            Details::Json(text) => {
                let details = serde_json::from_str(text).unwrap_or_else(|_| text.clone().into());
                said.insert("details".into(), details);
            }
        }
        if let Some(hint) = &self.problem.hint {
            said.insert("hint".into(), hint.clone().into());
        }
        if let Some(pointer) = &self.problem.pointer {
            said.insert("pointer".into(), pointer.clone().into());
        }
        said.into()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), places: Vec::new(), path: None }
    }
}
