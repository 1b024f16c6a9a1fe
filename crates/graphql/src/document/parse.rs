//! A text becomes a document: its length first, then its grammar, then what it comes to, then whether it fits the schema.

use apollo_compiler::parser::{LineColumn, Parser};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Name};
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
    let ast = parsed.map_err(|e| failures(described, &e.errors, Code::GraphqlSyntax))?;
    if ast.definitions.is_empty() {
        return Err(vec![Problem::new(Code::GraphqlSyntax, "The document is empty").into()]);
    }
    count::check(&ast, limits).map_err(|failure| vec![failure])?;
    ast.to_executable_validate(&described.schema)
        .map_err(|e| failures(described, &e.errors, Code::GraphqlInvalid))
}

/// What is wrong, each with its place.
fn failures(described: &Described, errors: &DiagnosticList, code: Code) -> Vec<Failure> {
    let mut failures: Vec<Failure> = Vec::new();
    let mut unknown: Vec<LineColumn> = Vec::new();
    // What stands inside is told first, so that an object of unknown fields alone is not called empty as well.
    let (empty, others): (Vec<_>, Vec<_>) =
        errors.iter().partition(|d| d.error.unstable_error_name() == Some("MissingSubselection"));
    for diagnostic in others.iter().chain(&empty).take(MISTAKES_MAX) {
        let range = diagnostic.line_column_range();
        let holds = |at: &LineColumn| {
            range.as_ref().is_some_and(|r| place(r.start) <= place(*at) && place(*at) < place(r.end))
        };
        let name = diagnostic.error.unstable_error_name();
        if name == Some("MissingSubselection") && unknown.iter().any(holds) {
            continue;
        }
        unknown.extend(range.as_ref().filter(|_| name == Some("UndefinedField")).map(|r| r.start));
        let places = range.map(|r| Place { line: r.start.line, column: r.start.column });
        let problem = problem(
            described,
            &diagnostic.error.to_string(),
            diagnostic.error.unstable_compat_message(),
            code,
        );
        let same = |f: &Failure| *f.problem == problem && f.places.first() == places.as_ref();
        if !failures.iter().any(same) {
            failures.push(Failure {
                problem: Box::new(problem),
                places: places.into_iter().collect(),
                path: None,
            });
        }
    }
    failures.sort_by_key(|failure| failure.places.first().map(|at| (at.line, at.column)));
    failures
}

fn place(at: LineColumn) -> (usize, usize) {
    (at.line, at.column)
}

fn problem(described: &Described, plain: &str, usual: Option<String>, code: Code) -> Problem {
    if code == Code::GraphqlSyntax {
        // The parser says in words alone that a limit of ours was met.
        return match plain {
            "token limit reached, aborting lexing" => too_complex("has more tokens than the limit"),
            "parser recursion limit reached" => too_complex("nests brackets deeper than the limit"),
            plain => Problem::new(code, cut(&in_signs(plain))),
        };
    }
    let message = usual.unwrap_or_else(|| plain.to_owned());
    Problem::new(code, cut(&message)).hint_opt(near(described, &message))
}

fn too_complex(what: &str) -> Problem {
    Problem::new(Code::TooComplex, format!("The document {what}")).hint("Ask for less at once.")
}

fn cut(message: &str) -> String {
    message.chars().take(MESSAGE_MAX).collect()
}

/// The parser's message, with signs as one writes them.
fn in_signs(message: &str) -> String {
    let signs = [
        ("L_CURLY", "{"),
        ("R_CURLY", "}"),
        ("L_PAREN", "("),
        ("R_PAREN", ")"),
        ("L_BRACK", "["),
        ("R_BRACK", "]"),
        ("COLON", ":"),
        ("<EOF>", "the end of the document"),
        ("EOF", "the end of the document"),
    ];
    signs.iter().fold(message.to_owned(), |text, (name, sign)| text.replace(name, sign))
}

/// A name like the one that is not there: of a field, an argument, or a member of an input.
fn near(described: &Described, message: &str) -> Option<String> {
    let mut quoted = message.split('"').skip(1).step_by(2);
    let (name, of) = (quoted.next()?, quoted.next()?);
    let types = &described.schema.types;
    let near = if message.starts_with("Cannot query field") {
        match types.get(of)? {
            ExtendedType::Object(object) => nearest(name, object.fields.keys()),
            ExtendedType::Interface(interface) => nearest(name, interface.fields.keys()),
            _ => None,
        }
    } else if message.starts_with("Unknown argument") {
        let (type_name, field) = of.split_once('.')?;
        let field = described.schema.type_field(type_name, field).ok()?;
        nearest(name, field.arguments.iter().map(|argument| &argument.name))
    } else if message.contains("is not defined by type") {
        nearest(name, types.get(of)?.as_input_object()?.fields.keys())
    } else {
        None
    };
    near.map(|name| format!("Perhaps you meant {name}."))
}

fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n Name>) -> Option<&'n str> {
    bistro_schema::names::nearest(name, names.map(|n| n.as_str()))
}
