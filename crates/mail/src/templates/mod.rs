//! The texts of mails: files with places in them, as people who come from the dialect write them.
//!
//! A file's first line is `Subject: …`, the rest is HTML. Places are `{{ .Token }}` and the like, or
//! `{{ if .NewEmail }}…{{ else }}…{{ end }}`. What is put into HTML is escaped.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::mail::Mail;
use crate::text;

/// The kinds of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// The link that confirms an address after signing up.
    Confirmation,
    /// The link or code that signs in.
    MagicLink,
    /// The link or code that recovers an account.
    Recovery,
    /// An invitation.
    Invite,
    /// The link that confirms a change of address.
    EmailChange,
    /// The code that proves who asks.
    Reauthentication,
    /// The password was changed.
    PasswordChanged,
    /// Somebody wanted to sign up with the address of an account.
    AlreadyRegistered,
}

impl Letter {
    const ALL: [Letter; 8] = [
        Letter::Confirmation,
        Letter::MagicLink,
        Letter::Recovery,
        Letter::Invite,
        Letter::EmailChange,
        Letter::Reauthentication,
        Letter::PasswordChanged,
        Letter::AlreadyRegistered,
    ];

    /// The file's name without its end.
    pub const fn name(self) -> &'static str {
        match self {
            Letter::Confirmation => "confirmation",
            Letter::MagicLink => "magic_link",
            Letter::Recovery => "recovery",
            Letter::Invite => "invite",
            Letter::EmailChange => "email_change",
            Letter::Reauthentication => "reauthentication",
            Letter::PasswordChanged => "password_changed",
            Letter::AlreadyRegistered => "already_registered",
        }
    }

    const fn usual(self) -> &'static str {
        match self {
            Letter::Confirmation => include_str!("../templates/confirmation.html"),
            Letter::MagicLink => include_str!("../templates/magic_link.html"),
            Letter::Recovery => include_str!("../templates/recovery.html"),
            Letter::Invite => include_str!("../templates/invite.html"),
            Letter::EmailChange => include_str!("../templates/email_change.html"),
            Letter::Reauthentication => include_str!("../templates/reauthentication.html"),
            Letter::PasswordChanged => include_str!("../templates/password_changed.html"),
            Letter::AlreadyRegistered => include_str!("../templates/already_registered.html"),
        }
    }
}

/// What the places of a template stand for.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// `.SiteURL`.
    pub site_url: &'a str,
    /// `.ConfirmationURL`.
    pub confirmation_url: &'a str,
    /// `.Email`.
    pub email: &'a str,
    /// `.NewEmail`.
    pub new_email: &'a str,
    /// `.Token`.
    pub token: &'a str,
    /// `.TokenHash`.
    pub token_hash: &'a str,
    /// `.RedirectTo`.
    pub redirect_to: &'a str,
    /// `.Data.name`: what the account's owner says of it.
    pub data: &'a Map<String, Value>,
}

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

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Place(Place),
    If { place: Place, then: Vec<Piece>, otherwise: Vec<Piece> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Named(&'static str),
    Data(String),
}

const PLACES: [&str; 7] =
    ["SiteURL", "ConfirmationURL", "Email", "NewEmail", "Token", "TokenHash", "RedirectTo"];

#[derive(Clone, Debug)]
struct Template {
    subject: Vec<Piece>,
    body: Vec<Piece>,
}

/// The templates in force.
#[derive(Clone, Debug)]
pub struct Templates(Vec<Template>);

impl Templates {
    /// The usual ones, or those of a folder where it has a file of the name.
    ///
    /// # Errors
    /// A file that cannot be read or has a mistake, with its line.
    pub fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        let one = |letter: Letter| {
            let name = format!("{}.html", letter.name());
            let path = folder.map_or_else(|| PathBuf::from(&name), |folder| folder.join(&name));
            let fail = |(line, message)| TemplateError { path: path.clone(), line, message };
            let text = match folder.map(|_| std::fs::read_to_string(&path)) {
                None => letter.usual().to_owned(),
                Some(Ok(text)) => text,
                Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => letter.usual().to_owned(),
                Some(Err(error)) => return Err(fail((1, format!("it cannot be read: {error}")))),
            };
            Template::read(&text).map_err(fail)
        };
        Letter::ALL.into_iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    /// The mail of a kind to an address.
    pub fn write(&self, letter: Letter, to: &str, values: &Values<'_>) -> Mail {
        let template = &self.0[letter as usize];
        let mut subject = String::new();
        print(&template.subject, values, false, &mut subject);
        let mut html = String::new();
        print(&template.body, values, true, &mut html);
        Mail {
            to: to.to_owned(),
            subject: subject.trim().to_owned(),
            text: text::of_html(&html),
            html: Some(html),
        }
    }
}

impl Template {
    fn read(text: &str) -> Result<Self, (usize, String)> {
        let (first, body) = text.split_once('\n').unwrap_or((text, ""));
        let subject = first.trim().strip_prefix("Subject:");
        let subject = subject.ok_or((1, "the first line must be: Subject: …".to_owned()))?;
        let mut reader = Reader { rest: subject, line: 1 };
        let subject = reader.pieces(0)?;
        let mut reader = Reader { rest: body, line: 2 };
        Ok(Self { subject, body: reader.pieces(0)? })
    }
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    /// The pieces up to the end of the text, or inside of an `if` up to its `else` or `end`, which stays.
    fn pieces(&mut self, depth: usize) -> Result<Vec<Piece>, (usize, String)> {
        let mut out = Vec::new();
        while let Some(at) = self.rest.find("{{") {
            self.take(at, &mut out);
            let (inside, tail) =
                self.rest[2..].split_once("}}").ok_or((self.line, "}} is missing".to_owned()))?;
            let words = inside.trim();
            if depth > 0 && matches!(words, "else" | "end") {
                return Ok(out);
            }
            self.line += inside.matches('\n').count();
            self.rest = tail;
            match words.strip_prefix("if ") {
                Some(name) if depth < 8 => out.push(self.branches(name, depth)?),
                Some(_) => return Err((self.line, "ifs are nested too deep".to_owned())),
                None => out.push(Piece::Place(self.place(words)?)),
            }
        }
        if depth > 0 {
            return Err((self.line, "{{ end }} is missing".to_owned()));
        }
        self.take(self.rest.len(), &mut out);
        Ok(out)
    }

    fn branches(&mut self, name: &str, depth: usize) -> Result<Piece, (usize, String)> {
        let place = self.place(name)?;
        let then = self.pieces(depth + 1)?;
        let otherwise = match self.word()? {
            "else" => {
                let pieces = self.pieces(depth + 1)?;
                match self.word()? {
                    "end" => pieces,
                    _ => return Err((self.line, "a second {{ else }}".to_owned())),
                }
            }
            _ => Vec::new(),
        };
        Ok(Piece::If { place, then, otherwise })
    }

    /// The word of the braces that stand first.
    fn word(&mut self) -> Result<&'static str, (usize, String)> {
        let (inside, tail) =
            self.rest[2..].split_once("}}").ok_or((self.line, "}} is missing".to_owned()))?;
        self.rest = tail;
        Ok(if inside.trim() == "else" { "else" } else { "end" })
    }

    fn place(&self, words: &str) -> Result<Place, (usize, String)> {
        let name = words.trim().strip_prefix('.').unwrap_or("");
        if let Some(member) = name.strip_prefix("Data.").filter(|member| !member.is_empty()) {
            return Ok(Place::Data(member.to_owned()));
        }
        PLACES.iter().find(|known| **known == name).map(|known| Place::Named(known)).ok_or_else(|| {
            let known: Vec<String> = PLACES.iter().map(|name| format!(".{name}")).collect();
            (
                self.line,
                format!(
                    "{{{{ {} }}}} stands for nothing; there are {}, .Data.name",
                    words.trim(),
                    known.join(", ")
                ),
            )
        })
    }

    fn take(&mut self, bytes: usize, out: &mut Vec<Piece>) {
        let (text, rest) = self.rest.split_at(bytes);
        self.line += text.matches('\n').count();
        self.rest = rest;
        if !text.is_empty() {
            out.push(Piece::Text(text.to_owned()));
        }
    }
}

fn print(pieces: &[Piece], values: &Values<'_>, html: bool, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Place(place) => escape(&value(place, values), html, out),
            Piece::If { place, then, otherwise } => {
                let branch = if value(place, values).is_empty() { otherwise } else { then };
                print(branch, values, html, out);
            }
        }
    }
}

fn value(place: &Place, values: &Values<'_>) -> String {
    let text = match place {
        Place::Data(member) => {
            let found = member.split('.').try_fold(None, |found: Option<&Value>, name| {
                let next = found.map_or_else(|| values.data.get(name), |value| value.get(name));
                next.map(Some)
            });
            return match found.flatten() {
                Some(Value::String(text)) => text.clone(),
                None | Some(Value::Null) => String::new(),
                Some(other) => other.to_string(),
            };
        }
        Place::Named("SiteURL") => values.site_url,
        Place::Named("ConfirmationURL") => values.confirmation_url,
        Place::Named("Email") => values.email,
        Place::Named("NewEmail") => values.new_email,
        Place::Named("Token") => values.token,
        Place::Named("TokenHash") => values.token_hash,
        Place::Named(_) => values.redirect_to,
    };
    text.to_owned()
}

fn escape(text: &str, html: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' if html => out.push_str("&lt;"),
            '>' if html => out.push_str("&gt;"),
            '&' if html => out.push_str("&amp;"),
            '"' if html => out.push_str("&quot;"),
            '\'' if html => out.push_str("&#39;"),
            c if c.is_control() => {
                // A line end in a value must not begin a line of its own.
                let _ = write!(out, " ");
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::{Letter, Template, Templates, Values, print};

    fn values(data: &Map<String, serde_json::Value>) -> Values<'_> {
        Values {
            site_url: "https://site",
            confirmation_url: "https://api/auth/v1/verify?token=a&type=signup",
            email: "a@b.c",
            new_email: "",
            token: "123456",
            token_hash: "a",
            redirect_to: "",
            data,
        }
    }

    #[test]
    fn places_are_filled_and_mistakes_named() {
        let data = json!({"name": "<Ada>", "team": {"n": 7}});
        let values = values(data.as_object().unwrap());
        let check = |text: &str, expected: Result<&str, &str>| {
            let made = Template::read(&format!("Subject: s\n{text}")).map(|template| {
                let mut out = String::new();
                print(&template.body, &values, true, &mut out);
                out
            });
            let made = made.map_err(|(line, message)| format!("{line}: {message}"));
            match (made, expected) {
                (Ok(made), Ok(expected)) => assert_eq!(made, expected, "{text}"),
                (Err(made), Err(expected)) => assert!(made.starts_with(expected), "{text}: {made}"),
                (made, _) => panic!("{text}: {made:?}"),
            }
        };
        check("{{ .Token }} {{.Email}}", Ok("123456 a@b.c"));
        check("{{ .Data.name }} {{ .Data.team.n }} [{{ .Data.none }}]", Ok("&lt;Ada&gt; 7 []"));
        check(
            "<a href=\"{{ .ConfirmationURL }}\">",
            Ok("<a href=\"https://api/auth/v1/verify?token=a&amp;type=signup\">"),
        );
        check("{{ if .NewEmail }}new{{ else }}old{{ end }}!", Ok("old!"));
        check("{{ if .Token }}{{ if .NewEmail }}x{{ end }}y{{ end }}", Ok("y"));
        check("\n{{ .Tokn }}", Err("3: {{ .Tokn }} stands for nothing"));
        check("{{ if .Token }}x", Err("2: {{ end }} is missing"));
        check("{{ .Token", Err("2: }} is missing"));
        check("{{ end }}", Err("2: {{ end }} stands for nothing"));
        assert!(Template::read("<p>no subject</p>").is_err());
    }

    #[test]
    fn every_usual_letter_is_written() {
        let templates = Templates::load(None).unwrap();
        let data = Map::new();
        for letter in Letter::ALL {
            let mail = templates.write(letter, "a@b.c", &values(&data));
            assert!(!mail.subject.is_empty() && mail.text.len() > 20, "{letter:?}: {mail:?}");
            assert!(!mail.text.contains("{{") && !mail.text.contains('<'), "{letter:?}: {}", mail.text);
        }
    }

    #[test]
    fn files_of_the_project_come_first() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("recovery.html"),
            "Subject: Mine {{ .Token }}\n<p>{{ .Token }}</p>",
        )
        .unwrap();
        let templates = Templates::load(Some(folder.path())).unwrap();
        let data = Map::new();
        assert_eq!(templates.write(Letter::Recovery, "a@b.c", &values(&data)).subject, "Mine 123456");
        assert_ne!(templates.write(Letter::Invite, "a@b.c", &values(&data)).subject, "Mine 123456");
        std::fs::write(folder.path().join("invite.html"), "Subject: x\n\n{{ .Nobody }}").unwrap();
        let error = Templates::load(Some(folder.path())).unwrap_err();
        assert_eq!((error.line, error.path.ends_with("invite.html")), (3, true));
    }
}
