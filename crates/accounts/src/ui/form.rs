//! Forms as HTML.

use super::page::escaped;

/// A form that posts to a page of ours.
pub(super) struct Form {
    html: String,
}

impl Form {
    /// One that posts to the page of this name.
    pub(super) fn to(page: &str) -> Self {
        Self { html: format!("<form method=\"post\" action=\"{}\">", escaped(&super::path(page))) }
    }

    /// Something that the person need not see.
    pub(super) fn hidden(mut self, name: &str, value: &str) -> Self {
        let value = escaped(value);
        self.html.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));
        self
    }

    /// Something that the person fills in.
    pub(super) fn field(mut self, field: &Field<'_>) -> Self {
        self.html.push_str(&field.html());
        self
    }

    /// A choice of one.
    pub(super) fn select<'a>(
        mut self,
        name: &str,
        label: &str,
        options: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let option = |(value, label): (&str, &str)| {
            format!("<option value=\"{}\">{}</option>", escaped(value), escaped(label))
        };
        let options: String = options.map(option).collect();
        let (name, label) = (escaped(name), escaped(label));
        self.html.push_str(&format!(
            "<label for=\"{name}\">{label}</label><select id=\"{name}\" name=\"{name}\">{options}</select>"
        ));
        self
    }

    /// What sends it, and the whole.
    pub(super) fn button(self, label: &str) -> String {
        format!("{}<button>{}</button></form>", self.html, escaped(label))
    }

    /// The same for what is not the first thing to do on its page.
    pub(super) fn plain_button(self, label: &str) -> String {
        format!("{}<button class=\"plain\">{}</button></form>", self.html, escaped(label))
    }
}

/// Something to fill in.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    /// Its name in the form.
    pub(super) name: &'a str,
    /// Its name in the page, where that is another; empty where it is not.
    pub(super) id: &'a str,
    /// What the person reads.
    pub(super) label: &'a str,
    /// A line that explains it; empty for none.
    pub(super) hint: &'a str,
    /// The type of the input.
    pub(super) kind: &'a str,
    /// What stands in it already.
    pub(super) value: &'a str,
    /// What the browser may fill in.
    pub(super) autocomplete: &'a str,
    /// Whether it may stay empty.
    pub(super) optional: bool,
}

impl Default for Field<'_> {
    fn default() -> Self {
        Self {
            name: "",
            id: "",
            label: "",
            hint: "",
            kind: "text",
            value: "",
            autocomplete: "off",
            optional: false,
        }
    }
}

impl<'a> Field<'a> {
    /// An address for mail.
    pub(super) fn email(value: &'a str) -> Self {
        Self {
            name: "email",
            label: "E-mail address",
            kind: "email",
            value,
            autocomplete: "username",
            ..Self::default()
        }
    }

    /// The password of somebody who has one.
    pub(super) fn password() -> Self {
        Self {
            name: "password",
            label: "Password",
            kind: "password",
            autocomplete: "current-password",
            ..Self::default()
        }
    }

    /// A password that is chosen now.
    pub(super) fn new_password(hint: &'a str) -> Self {
        Self { autocomplete: "new-password", hint, ..Self::password() }
    }

    /// Six digits that somebody types from a mail or an authenticator.
    pub(super) fn code(label: &'a str) -> Self {
        Self { name: "code", label, autocomplete: "one-time-code", ..Self::default() }
    }

    fn html(&self) -> String {
        let (name, label, kind) = (escaped(self.name), escaped(self.label), self.kind);
        let id = if self.id.is_empty() { name.clone() } else { escaped(self.id) };
        let digits = if self.autocomplete == "one-time-code" { " inputmode=\"numeric\"" } else { "" };
        let required = if self.optional { "" } else { " required" };
        let (described, hint) = match self.hint {
            "" => (String::new(), String::new()),
            hint => (
                format!(" aria-describedby=\"{id}-hint\""),
                format!("<p class=\"dim\" id=\"{id}-hint\">{}</p>", escaped(hint)),
            ),
        };
        if kind == "checkbox" {
            return format!(
                "<label class=\"check\"><input type=\"checkbox\" name=\"{name}\" value=\"true\"{described}> {label}</label>{hint}"
            );
        }
        format!(
            "<label for=\"{id}\">{label}</label><input id=\"{id}\" name=\"{name}\" type=\"{kind}\" value=\"{}\" \
             autocomplete=\"{}\"{digits}{described}{required}>{hint}",
            escaped(self.value),
            self.autocomplete,
        )
    }
}
