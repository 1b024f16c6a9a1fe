//! Diagnostics as code frames.

use std::ops::Range;

use ariadne::{CharSet, Color, Config, IndexType, Label, Report, ReportKind, Source};
use bistro_problem::Diagnostic;

/// How many frames are drawn; the last line counts all.
const FRAMES_MAX: usize = 100;
/// The longest line that a frame draws whole, in bytes.
const LINE_MAX: usize = 500;

/// Renders the mistakes of a file: errors first, each kind in file order, and a last line that counts them. The text is
/// empty when there are none.
///
/// ```
/// let text = "type Note @model { text: String }";
/// let checked = bistro_sdl::read("schema.graphql", text);
/// let told = bistro_sdl::report("schema.graphql", text, &checked.diagnostics, false);
/// assert!(told.contains("schema.graphql:1:6") && told.ends_with("1 error, 0 warnings\n"));
/// ```
pub fn report(name: &str, text: &str, diagnostics: &[Diagnostic], colour: bool) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.span.cmp(&b.span)));
    let mut out = String::new();
    let source = Source::from(text);
    for diagnostic in sorted.iter().take(FRAMES_MAX) {
        match short(name, text, diagnostic) {
            Some(short) => out.push_str(&short),
            None => out.push_str(&frame(name, text, &source, diagnostic, colour)),
        }
        out.push('\n');
    }
    if sorted.len() > FRAMES_MAX {
        out.push_str(&format!("The first {FRAMES_MAX} are shown.\n"));
    }
    let errors = sorted.iter().filter(|d| d.is_error()).count();
    let warnings = sorted.len() - errors;
    if !sorted.is_empty() {
        out.push_str(&format!("{}, {}\n", counted(errors, "error"), counted(warnings, "warning")));
    }
    out
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn frame(name: &str, text: &str, source: &Source<&str>, diagnostic: &Diagnostic, colour: bool) -> String {
    let (kind, paint) = if diagnostic.is_error() {
        (ReportKind::Error, Color::Red)
    } else {
        (ReportKind::Warning, Color::Yellow)
    };
    let place = (name, within(text, diagnostic.span));
    let config = Config::default()
        .with_color(colour)
        .with_index_type(IndexType::Byte)
        .with_char_set(if colour { CharSet::Unicode } else { CharSet::Ascii });
    let label = if diagnostic.label.is_empty() { "here" } else { &diagnostic.label };
    let mut built = Report::build(kind, place.clone())
        .with_config(config)
        .with_code(diagnostic.code)
        .with_message(&diagnostic.message)
        .with_label(Label::new(place).with_message(label).with_color(paint));
    for (span, words) in &diagnostic.related {
        let label = Label::new((name, within(text, *span))).with_message(words).with_color(Color::Blue);
        built = built.with_label(label);
    }
    if let Some(hint) = &diagnostic.hint {
        built = built.with_help(hint);
    }
    let mut bytes = Vec::new();
    // Writing to memory does not fail; a frame that could not be drawn would still leave its message.
    if built.finish().write((name, source), &mut bytes).is_err() || bytes.is_empty() {
        return format!("{}: {}\n", diagnostic.code, diagnostic.message);
    }
    let drawn = String::from_utf8_lossy(&bytes);
    drawn.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// A frame of one line, with a piece of a line that is too long to draw.
fn short(name: &str, text: &str, diagnostic: &Diagnostic) -> Option<String> {
    let place = within(text, diagnostic.span);
    let from = text[..place.start].rfind('\n').map_or(0, |n| n + 1);
    let length = text[from..].find('\n').unwrap_or(text.len() - from);
    if length <= LINE_MAX && place.len() <= 20 * LINE_MAX {
        return None;
    }
    let line = text[..place.start].matches('\n').count() + 1;
    let column = text[from..place.start].chars().count() + 1;
    let piece: String = text[place.start..].chars().take_while(|c| *c != '\n').take(60).collect();
    let kind = if diagnostic.is_error() { "Error" } else { "Warning" };
    let (code, message, label) = (diagnostic.code, &diagnostic.message, &diagnostic.label);
    let hint = diagnostic.hint.as_ref().map_or_else(String::new, |h| format!("  Help: {h}\n"));
    Some(format!("[{code}] {kind}: {message}\n  {name}:{line}:{column}: {piece} … {label}\n{hint}"))
}

/// A span inside the text, on character boundaries.
fn within(text: &str, (start, end): (u32, u32)) -> Range<usize> {
    let mut start = (start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (end as usize).clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}
