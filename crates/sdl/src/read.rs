//! The road from text to schema.

use bistro_problem::Diagnostic;
use bistro_schema::Schema;

use crate::draft::Draft;
use crate::{codes, parse, stages};

/// The largest file, in bytes.
pub const FILE_MAX: usize = 1_000_000;
/// The longest rule text, in bytes.
pub const RULE_MAX: usize = 4_096;

/// What reading a schema file gives.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The schema, as far as it could be resolved; fit to be served only without errors.
    pub schema: Schema,
    /// The mistakes, errors first, each kind in file order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether the schema must not be served.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Reads a schema file. `name` is the file's name for messages; nothing is opened.
///
/// ```
/// let checked = bistro_sdl::read("schema.graphql", "type Note @model { id: ID!  text: Strng }");
/// assert!(checked.has_errors());
/// assert_eq!(checked.diagnostics[0].hint.as_deref(), Some("did you mean `String`?"));
/// ```
pub fn read(name: &str, text: &str) -> Checked {
    if text.len() > FILE_MAX {
        return too_large(text.len());
    }
    let (document, syntax) = parse::parse(name, text);
    let mut draft = Draft::default();
    stages::declare::run(&mut draft, &document);
    if draft.diagnostics.iter().any(|d| d.code == codes::LIMIT)
        || syntax.iter().any(|d| d.code == codes::LIMIT)
    {
        let mut diagnostics = syntax;
        diagnostics.append(&mut draft.diagnostics);
        return finish(Schema::default(), diagnostics);
    }
    stages::known::run(&mut draft);
    stages::roles::run(&mut draft);
    stages::enums::run(&mut draft);
    stages::models::run(&mut draft);
    stages::shapes::run(&mut draft);
    stages::keys::run(&mut draft);
    stages::fields::run(&mut draft);
    stages::allows::run(&mut draft);
    stages::owners::run(&mut draft);
    stages::indexes::run(&mut draft);
    stages::checks::run(&mut draft);
    // What is unique and what is allowed decides the other sides, so these come last.
    stages::inverses::run(&mut draft);
    stages::joins::run(&mut draft);
    stages::reverse::run(&mut draft);
    stages::reserved::run(&mut draft);
    stages::was::run(&mut draft);
    let Draft { schema, mut diagnostics, .. } = draft;
    diagnostics.truncate(parse::MISTAKES_MAX);
    if syntax.is_empty() {
        let more = parse::validate(&document, text.len(), &diagnostics);
        diagnostics.extend(more);
    } else {
        diagnostics = stages::broken::keep(text, &document, &syntax, diagnostics);
        diagnostics.extend(syntax);
    }
    finish(schema, diagnostics)
}

fn too_large(bytes: usize) -> Checked {
    let message = format!("the file has {bytes} bytes; a schema file has at most {FILE_MAX}");
    let told = Diagnostic::error(codes::LIMIT, (0, 0), message).hint("shorten the file");
    finish(Schema::default(), vec![told])
}

/// Errors first, then by place; what is said twice of one place is said once.
fn finish(schema: Schema, mut diagnostics: Vec<Diagnostic>) -> Checked {
    diagnostics.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.span.cmp(&b.span)));
    diagnostics.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
    Checked { schema, diagnostics }
}
