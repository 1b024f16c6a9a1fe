//! A text becomes a document: its length first, then its grammar, then what it comes to, then whether it fits the schema.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::{DiagnosticList, Valid};
use bistro_problem::{Code, Problem};

use super::count;
use crate::Limits;
use crate::describe::Described;
use crate::failure::Failure;
use crate::plan::Place;

/// How deep brackets of all sorts may nest in the grammar.
const RECURSION_MAX: usize = 200;
/// How many mistakes of a document are told at once.
const MISTAKES_MAX: usize = 10;
/// How many characters of a message are kept: it may repeat what the caller wrote.
const MESSAGE_MAX: usize = 500;

/// Refuses a text that is too long to be looked at.
pub(super) fn check_length(text: &str, limits: &Limits) -> Result<(), Failure> {
    if text.len() <= limits.document_bytes {
        return Ok(());
    }
    let message = format!("The document has {} bytes; the limit is {}", text.len(), limits.document_bytes);
    Err(Problem::new(Code::TooComplex, message).into())
}

/// The document of a text.
pub(super) fn parse(
    described: &Described,
    text: &str,
    limits: &Limits,
) -> Result<Valid<ExecutableDocument>, Vec<Failure>> {
    let mut parser = Parser::new().token_limit(limits.tokens).recursion_limit(RECURSION_MAX);
    let parsed = parser.parse_ast(text, "document.graphql");
    let ast = parsed.map_err(|e| failures(&e.errors, Code::GraphqlSyntax))?;
    if ast.definitions.is_empty() {
        return Err(vec![Problem::new(Code::GraphqlSyntax, "The document is empty").into()]);
    }
    count::check(&ast, limits).map_err(|failure| vec![failure])?;
    ast.to_executable_validate(&described.schema).map_err(|e| failures(&e.errors, Code::GraphqlInvalid))
}

/// What is wrong, each with its place.
fn failures(errors: &DiagnosticList, code: Code) -> Vec<Failure> {
    let failures = errors.iter().take(MISTAKES_MAX).map(|diagnostic| {
        let plain = diagnostic.error.to_string();
        // The parser says in words alone that a limit of ours was met.
        let limit = code == Code::GraphqlSyntax && plain.contains("limit");
        let code = if limit { Code::TooComplex } else { code };
        let message = diagnostic.error.unstable_compat_message().unwrap_or(plain);
        let message: String = message.chars().take(MESSAGE_MAX).collect();
        let place = diagnostic.line_column_range();
        let places = place.map(|range| Place { line: range.start.line, column: range.start.column });
        Failure {
            problem: Problem::new(code, message),
            places: places.into_iter().collect(),
            path: Vec::new(),
        }
    });
    failures.collect()
}
