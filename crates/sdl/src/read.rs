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
    let mut draft = Draft::default();
    read_into(&mut draft, name, text)
}

/// Reads the schema of Bistro's own tables: the names that belong to the system are its own.
pub fn read_system(name: &str, text: &str) -> Checked {
    let mut draft = Draft::default();
    draft.schema.system = true;
    read_into(&mut draft, name, text)
}

fn read_into(draft: &mut Draft, name: &str, text: &str) -> Checked {
    if text.len() > FILE_MAX {
        return too_large(text.len());
    }
    let (document, syntax) = parse::parse(name, text);
    stages::declare::run(draft, &document);
    if draft.diagnostics.iter().any(|d| d.code == codes::LIMIT)
        || syntax.iter().any(|d| d.code == codes::LIMIT)
    {
        let mut diagnostics = syntax;
        diagnostics.append(&mut draft.diagnostics);
        return finish(Schema::default(), diagnostics);
    }
    stages::known::run(draft);
    stages::roles::run(draft);
    stages::enums::run(draft);
    stages::models::run(draft);
    stages::shapes::run(draft);
    stages::keys::run(draft);
    stages::fields::run(draft);
    stages::allows::run(draft);
    stages::owners::run(draft);
    stages::indexes::run(draft);
    stages::checks::run(draft);
    stages::accounts::run(draft);
    // What is unique and what is allowed decides the other sides, so these come last.
    stages::inverses::run(draft);
    stages::joins::run(draft);
    stages::reverse::run(draft);
    stages::reserved::run(draft);
    stages::was::run(draft);
    let Draft { schema, mut diagnostics, .. } = std::mem::take(draft);
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
