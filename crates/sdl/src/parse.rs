//! Text to syntax tree, and GraphQL's own validation: the only module that runs `apollo-compiler`.

use apollo_compiler::Schema;
use apollo_compiler::ast::Document;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::{FileId, Parser};
use apollo_compiler::validation::DiagnosticList;
use bistro_problem::Diagnostic;

use crate::place::{Place, overlap, place};
use crate::{codes, directives};

/// How deeply values and types may nest.
const NESTING_MAX: usize = 64;
/// How many tokens a file of the allowed size may hold.
const TOKENS_MAX: usize = 500_000;

/// How many mistakes of one kind of check are worth reading; more would only cost time.
pub(crate) const MISTAKES_MAX: usize = 500;

/// Parses the file; the tree holds what could be understood.
pub(crate) fn parse(name: &str, text: &str) -> (Document, Vec<Diagnostic>) {
    let mut parser = Parser::new().recursion_limit(NESTING_MAX).token_limit(TOKENS_MAX);
    match parser.parse_ast(text, name) {
        Ok(document) => (document, Vec::new()),
        Err(failed) => {
            let mut found = Vec::new();
            mapped(&failed.errors, user_file(&failed.partial), text.len(), &mut found);
            (failed.partial, first_of_each(text, found))
        }
    }
}

/// One missing mark makes the parser stumble on everything up to the next definition: only the first stumble of each
/// definition is a mistake. A file without anything but comments has none.
fn first_of_each(text: &str, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let blank = text
        .lines()
        .all(|l| l.trim_start_matches('\u{feff}').trim().is_empty() || l.trim_start().starts_with('#'));
    let mut kept: Vec<Diagnostic> = Vec::new();
    for d in found {
        let again = d.code == codes::SYNTAX
            && kept.last().is_some_and(|k| {
                let between = text.get(k.span.0 as usize..d.span.0 as usize).unwrap_or_default();
                k.code == codes::SYNTAX && !between.lines().skip(1).any(begins_definition)
            });
        if !blank && !again {
            kept.push(d);
        }
    }
    kept
}

/// Whether a line begins a definition at its left edge.
fn begins_definition(line: &str) -> bool {
    ["type ", "enum ", "extend ", "interface ", "union ", "input ", "scalar "]
        .iter()
        .any(|word| line.starts_with(word))
}

/// GraphQL's own rules, checked with the prelude; without what overlaps a mistake that is known already.
pub(crate) fn validate(document: &Document, length: usize, known: &[Diagnostic]) -> Vec<Diagnostic> {
    let builder = Schema::builder().adopt_orphan_extensions().parse(directives::prelude(), "prelude");
    let mut found = Vec::new();
    let file = user_file(document);
    let schema = match builder.add_ast(document).build() {
        Ok(schema) => schema,
        Err(failed) => {
            mapped(&failed.errors, file, length, &mut found);
            failed.partial
        }
    };
    if let Err(failed) = schema.validate() {
        mapped(&failed.errors, file, length, &mut found);
    }
    let mut kept: Vec<Diagnostic> = Vec::new();
    for d in found {
        let again = known.iter().chain(&kept).any(|k| overlap(k.span, d.span));
        if !again {
            kept.push(d);
        }
    }
    kept
}

fn user_file(document: &Document) -> Option<FileId> {
    document.sources.keys().copied().find(|id| *id != FileId::BUILT_IN)
}

/// Maps the compiler's mistakes that stand in the user's file.
fn mapped(errors: &DiagnosticList, file: Option<FileId>, length: usize, found: &mut Vec<Diagnostic>) {
    for error in errors.iter().take(MISTAKES_MAX) {
        let location = error.error.location();
        if location.is_some_and(|l| Some(l.file_id()) != file) {
            continue;
        }
        let (start, end) = location.map_or((0, 0), |l| place(Some(l)));
        let last = u32::try_from(length).unwrap_or(u32::MAX);
        found.push(translate(&error.error.to_string(), (start.min(last), end.min(last))));
    }
}

/// One mistake of the compiler in our words: the first row whose text its message holds.
fn translate(message: &str, at: Place) -> Diagnostic {
    let (_, code, hint) = MESSAGES.iter().find(|(part, _, _)| message.contains(part)).copied().unwrap_or((
        "",
        codes::UNSUPPORTED,
        "",
    ));
    let mut message = message.strip_prefix("syntax error: ").unwrap_or(message).to_owned();
    for (token, sign) in TOKENS {
        message = message.replace(token, sign);
    }
    let told = Diagnostic::error(code, at, message).label("here");
    if hint.is_empty() { told } else { told.hint(hint) }
}

/// Names inside the parser, as people write them.
const TOKENS: &[(&str, &str)] = &[
    ("R_CURLY", "`}`"),
    ("L_CURLY", "`{`"),
    ("R_PAREN", "`)`"),
    ("L_PAREN", "`(`"),
    ("R_BRACK", "`]`"),
    ("L_BRACK", "`[`"),
    ("COLON", "`:`"),
    ("StringValue, Name or OperationDefinition", "definition such as `type` or `enum`"),
    ("BistroAction", "Action"),
    ("BistroOnDelete", "OnDelete"),
    ("BistroName", "String"),
];

/// A part of a message, the code it gets, and the hint.
const MESSAGES: &[(&str, &str, &str)] = &[
    (
        "limit reached",
        codes::LIMIT,
        "nest values and types less deeply, or split the text into smaller parts",
    ),
    ("too much recursion", codes::LIMIT, "nest values and types less deeply"),
    ("too much nesting", codes::LIMIT, "nest types less deeply"),
    ("syntax error", codes::SYNTAX, "check the braces, colons, quotes and types just before this place"),
    ("cannot find type", codes::UNKNOWN_TYPE, "declare the type, or use a scalar of the schema language"),
    ("cannot find directive", codes::UNKNOWN_DIRECTIVE, "use a directive of the schema language"),
    ("is not supported by", codes::UNKNOWN_ARGUMENT, "use one of the directive's own arguments"),
    ("required argument", codes::ARGUMENT, "add the argument"),
    ("expected value of type", codes::ARGUMENT, "give a value of that type"),
    ("does not exist on `BistroAction`", codes::ARGUMENT, "use READ, CREATE, UPDATE or DELETE"),
    ("does not exist on `BistroOnDelete`", codes::ARGUMENT, "use CASCADE, RESTRICT, SET_NULL or NO_ACTION"),
    ("does not exist on", codes::ARGUMENT, "use one of the listed words"),
    ("cannot represent", codes::ARGUMENT, "give a value within the type"),
    ("not supported for", codes::MISPLACED, "move the directive to a place where it may stand"),
    ("non-repeatable directive", codes::MISPLACED, "write it once"),
    ("multiple times", codes::DUPLICATE, "rename or remove one of them"),
    ("duplicate definitions", codes::DUPLICATE, "rename or remove one of them"),
    ("reserved", codes::RESERVED_NAME, "choose a name that does not begin with two underscores"),
    ("has no fields", codes::UNSUPPORTED, "give the type at least one field"),
    ("has no enum values", codes::UNSUPPORTED, "give the enum at least one value"),
];
