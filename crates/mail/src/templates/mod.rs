//! The texts of mails: files with places in them, as people who come from the dialect write them.
//!
//! A file is HTML. Its subject is a first line `Subject: …`, or its `<title>`, or the usual one. Places are `{{ .Token }}` and
//! the like; `{{ if .NewEmail }}…{{ else if eq .Data.language "de" }}…{{ else }}…{{ end }}` chooses. A file `….txt` beside
//! it is the text for those who read no HTML; without it, that is made of the HTML.
//!
//! Invariant: what a place stands for is text wherever it is put: it begins no tag, ends no attribute, names no scheme in an
//! address, begins no line of a subject.

mod context;
mod letter;
mod place;
mod print;
mod read;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::mail::Mail;
use crate::text;
pub use letter::{Letter, Values};
use print::print;
use read::{Mistake, Piece, pieces};

/// The largest file, in bytes.
const LARGEST: usize = 256 << 10;

/// A template that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {message}", path.display())]
pub struct TemplateError {
    /// The file.
    pub path: PathBuf,
    /// The line.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub message: String,
}

/// The templates in force.
#[derive(Clone, Debug)]
pub struct Templates(Vec<Template>);

#[derive(Clone, Debug)]
struct Template {
    subject: Vec<Piece>,
    body: Vec<Piece>,
    text: Option<Vec<Piece>>,
}

impl Templates {
    /// The usual ones, or those of a folder where it has a file of the name.
    ///
    /// # Errors
    /// A file that cannot be read or has a mistake, with its line.
    pub fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        Letter::ALL
            .into_iter()
            .map(|letter| Template::load(folder, letter))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The mail of a kind to an address.
    pub fn write(&self, letter: Letter, to: &str, values: &Values<'_>) -> Mail {
        let template = &self.0[letter as usize];
        let written = |pieces: &[Piece]| {
            let mut out = String::new();
            print(pieces, values, &mut out);
            out
        };
        let html = written(&template.body);
        Mail {
            to: to.to_owned(),
            subject: written(&template.subject).trim().to_owned(),
            text: template.text.as_deref().map_or_else(|| text::of_html(&html), written),
            html: Some(html),
        }
    }
}

impl Template {
    fn load(folder: Option<&Path>, letter: Letter) -> Result<Self, TemplateError> {
        let usual = PathBuf::from(format!("{}.html", letter.name()));
        let mut template = Self::read(letter.usual(), letter).map_err(at(&usual))?;
        let Some(folder) = folder else { return Ok(template) };
        let path = folder.join(&usual);
        if let Some(html) = file(&path)? {
            template = Self::read(&html, letter).map_err(at(&path))?;
        }
        let path = folder.join(format!("{}.txt", letter.name()));
        if let Some(text) = file(&path)? {
            template.text = Some(pieces(&text, 1, false).map_err(at(&path))?);
        }
        Ok(template)
    }

    fn read(html: &str, letter: Letter) -> Result<Self, Mistake> {
        let (subject, body, line) = match html.strip_prefix("Subject:") {
            Some(rest) => {
                let (subject, body) = rest.split_once('\n').unwrap_or((rest, ""));
                (pieces(subject.trim(), 1, false)?, body, 2)
            }
            None => (subject(html, letter)?, html, 1),
        };
        Ok(Self { subject, body: pieces(body, line, true)?, text: None })
    }
}

/// The subject of a file that does not begin with it: its title, or the usual one.
fn subject(html: &str, letter: Letter) -> Result<Vec<Piece>, Mistake> {
    let lower = html.to_ascii_lowercase();
    if let Some(start) = lower.find("<title>").map(|at| at + "<title>".len())
        && let Some(length) = lower[start..].find("</title>")
    {
        let line = 1 + html[..start].matches('\n').count();
        let title = text::unescaped(html[start..start + length].trim());
        return pieces(&title, line, false);
    }
    let first = letter.usual().lines().next().and_then(|line| line.strip_prefix("Subject:"));
    pieces(first.unwrap_or("").trim(), 1, false)
}

fn at(path: &Path) -> impl FnOnce(Mistake) -> TemplateError {
    |(line, message)| TemplateError { path: path.to_owned(), line, message }
}

/// The text of a file, if there is one.
fn file(path: &Path) -> Result<Option<String>, TemplateError> {
    let fail = |message: String| at(path)((1, message));
    match std::fs::read_to_string(path) {
        Ok(text) if text.len() > LARGEST => Err(fail(format!("it is larger than {LARGEST} bytes"))),
        // Editors of some systems begin files with a mark.
        Ok(text) => Ok(Some(text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fail(format!("it cannot be read: {error}"))),
    }
}
