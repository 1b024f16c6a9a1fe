//! The text of an HTML mail, for those who read none.

/// The text: tags are left out, blocks become lines, links are followed by their address.
pub(crate) fn of_html(html: &str) -> String {
    let mut out = String::new();
    let mut link: Option<String> = None;
    let mut rest = html;
    while let Some((text, tail)) = rest.split_once('<') {
        put(&mut out, text);
        let Some((tag, tail)) = tail.split_once('>') else { break };
        rest = tail;
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        match name.to_ascii_lowercase().as_str() {
            "style" | "title" | "head" => rest = after(rest, &name),
            "a" => link = attribute(tag, "href"),
            "/a" => {
                if let Some(to) =
                    link.take().map(|to| unescaped(&to)).filter(|to| !out.ends_with(to.as_str()))
                {
                    out.push_str(": ");
                    out.push_str(&to);
                }
            }
            "br" | "br/" | "/div" | "/li" | "/tr" => out.push('\n'),
            "/p" | "/h1" | "/h2" | "/h3" => out.push_str("\n\n"),
            _ => {}
        }
    }
    if !rest.contains('<') {
        put(&mut out, rest);
    }
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    let joined = lines.join("\n");
    let mut shown = String::new();
    for part in joined.split("\n\n").map(str::trim).filter(|part| !part.is_empty()) {
        shown.push_str(part);
        shown.push_str("\n\n");
    }
    shown.trim_end().to_owned() + "\n"
}

/// Adds a text in which any white space is one space.
fn put(out: &mut String, text: &str) {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if words.is_empty() {
        return;
    }
    if !out.is_empty() && !out.ends_with(char::is_whitespace) && text.starts_with(char::is_whitespace) {
        out.push(' ');
    }
    out.push_str(&unescaped(&words.join(" ")));
    if text.ends_with(char::is_whitespace) {
        out.push(' ');
    }
}

/// What follows the end of an element.
fn after<'t>(text: &'t str, name: &str) -> &'t str {
    let end = format!("</{}", name.to_ascii_lowercase());
    let lower = text.to_ascii_lowercase();
    lower.find(&end).map_or("", |at| &text[at..])
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    tag[start..].split_once('"').map(|(value, _)| value.to_owned())
}

pub(crate) fn unescaped(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::of_html;

    #[test]
    fn html_becomes_text() {
        let check = |html: &str, expected: &str| assert_eq!(of_html(html), expected, "{html}");
        check("<p>Hello <b>you</b>!</p>\n<p>Bye.</p>", "Hello you!\n\nBye.\n");
        check("<a href=\"https://x/?a=1&amp;b=2\">Confirm</a>", "Confirm: https://x/?a=1&b=2\n");
        check("<a href=\"https://x/\">https://x/</a>", "https://x/\n");
        check("<style>p { color: red }</style><p>x &lt; y</p>", "x < y\n");
        check("one<br>two", "one\ntwo\n");
        check("", "\n");
        check("<p>broken <a href=", "broken\n");
    }
}
