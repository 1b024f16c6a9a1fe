use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Letter, Template, Templates, Values, print};

fn values(data: &Map<String, Value>) -> Values<'_> {
    Values {
        site_url: "https://site",
        confirmation_url: "https://api/auth/v1/verify?token=a&type=signup",
        email: "a+b@c.d",
        new_email: "",
        token: "123456",
        token_hash: "a",
        redirect_to: "https://site/in?x=1&y=2",
        data,
    }
}

/// The body of a template, or its mistake as `line: text`.
fn body(html: &str, data: &Value) -> Result<String, String> {
    let template = Template::read(&format!("Subject: s\n{html}"), Letter::Invite);
    let template = template.map_err(|(line, message)| format!("{line}: {message}"))?;
    let mut out = String::new();
    print(&template.body, &values(data.as_object().unwrap()), &mut out);
    Ok(out)
}

#[test]
fn places_are_filled_and_mistakes_named() {
    let data = json!({"name": "<Ada>", "team": {"n": 7}, "language": "de"});
    let check = |html: &str, expected: Result<&str, &str>| match (body(html, &data), expected) {
        (Ok(made), Ok(expected)) => assert_eq!(made, expected, "{html}"),
        (Err(made), Err(expected)) => assert!(made.starts_with(expected), "{html}: {made}"),
        (made, _) => panic!("{html}: {made:?}"),
    };
    check("{{ .Token }} {{.Email}}", Ok("123456 a+b@c.d"));
    check("{{ .Data.name }} {{ .Data.team.n }} [{{ .Data.none }}]", Ok("&lt;Ada&gt; 7 []"));
    check("a {{- .Token -}} b", Ok("a123456b"));
    check("a{{/* a note */}}b", Ok("ab"));
    check("{{ if .NewEmail }}new{{ else }}old{{ end }}!", Ok("old!"));
    check("{{ if not .NewEmail }}old{{ end }}!", Ok("old!"));
    check("{{ if .Token }}{{ if .NewEmail }}x{{ end }}y{{ end }}", Ok("y"));
    check(
        "{{ if eq .Data.language \"en\" }}x{{ else if eq .Data.language \"fr\" \"de\" }}y{{ else }}z{{ end }}",
        Ok("y"),
    );
    check("{{ if ne .Data.language \"de\" }}x{{ else }}y{{ end }}", Ok("y"));
    check("\n{{ .Tokn }}", Err("3: {{ .Tokn }} stands for nothing"));
    check("{{ .Data. }}", Err("2: {{ .Data. }} stands for nothing"));
    check("{{ if .Token }}x", Err("2: {{ end }} is missing"));
    check("{{ if .Token }}x{{ else }}y{{ else }}z{{ end }}", Err("2: a second {{ else }}"));
    check("{{ .Token", Err("2: }} is missing"));
    check("{{ end }}", Err("2: {{ end }} stands in no {{ if }}"));
    check("{{ range .Data }}", Err("2: {{ range .Data }} stands for nothing"));
    check("{{ if and .Token .Email }}x{{ end }}", Err("2: an if asks"));
    check("{{ if eq .Token 1 }}x{{ end }}", Err("2: texts stand between"));
    check("<a href={{ .SiteURL }}>", Err("2: a place inside of a tag"));
    check("{{ if .Token }}<a href=\"{{ else }}<b>{{ end }}", Err("2: the branches of an if"));
    check(&"{{ if .Token }}".repeat(9), Err("2: ifs are nested too deep"));
    check(
        &format!("{{{{ if .Token }}}}{}", "{{ else if .Token }}".repeat(20)),
        Err("2: ifs are nested too deep"),
    );
}

#[test]
fn values_are_written_for_where_they_stand() {
    let check = |html: &str, value: &str, expected: &str| {
        assert_eq!(body(html, &json!({"x": value})).unwrap(), expected, "{html} {value:?}");
    };
    check("<p>{{ .Data.x }}", "<b>&\"'", "<p>&lt;b&gt;&amp;&quot;&#39;");
    check("<p title=\"{{ .Data.x }}\">", "\" onclick=\"x", "<p title=\"&quot; onclick=&quot;x\">");
    check("<!-- {{ .Data.x }} -->", "--><script>", "<!-- --&gt;&lt;script&gt; -->");
    let link = "<a href=\"{{ .Data.x }}\">";
    check(link, "https://x/?a=1&b=2", "<a href=\"https://x/?a=1&amp;b=2\">");
    check(link, "javascript:alert(1)", "<a href=\"#\">");
    check(link, " JAVASCRIPT:alert(1)", "<a href=\"#\">");
    check(link, "//evil.example", "<a href=\"%2F%2Fevil.example\">");
    check(link, "https://x/\" onclick=\"y", "<a href=\"https://x/&quot; onclick=&quot;y\">");
    check("<a href=\"https://x/{{ .Data.x }}/y\">", "../a?b#c", "<a href=\"https://x/..%2Fa%3Fb%23c/y\">");
    check("<a href=\"https://x/?q={{ .Data.x }}\">", "a&b=c d", "<a href=\"https://x/?q=a%26b%3Dc%20d\">");
    check("<a href=\"mailto:{{ .Email }}\">", "", "<a href=\"mailto:a+b@c.d\">");
    check(
        "<a href=\"{{ .ConfirmationURL }}\">",
        "",
        "<a href=\"https://api/auth/v1/verify?token=a&amp;type=signup\">",
    );
    check(
        "<a href=\"{{ .SiteURL }}/auth/confirm?token_hash={{ .TokenHash }}&type=email&next={{ .RedirectTo }}\">",
        "",
        "<a href=\"https://site/auth/confirm?token_hash=a&type=email&next=https%3A%2F%2Fsite%2Fin%3Fx%3D1%26y%3D2\">",
    );
    check(
        "<a href=\"{{ .ConfirmationURL }}&to={{ .Email }}\">",
        "",
        "<a href=\"https://api/auth/v1/verify?token=a&amp;type=signup&to=a%2Bb%40c.d\">",
    );
    check("{{ .Data.x }}", "a\r\nb\0", "a  b ");
    check("{{ .Data.x }}", &"ä".repeat(300), &format!("{}…", "ä".repeat(200)));
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
fn a_subject_is_a_line_a_title_or_the_usual_one() {
    let check = |html: &str, data: Value, expected: &str| {
        let template = Template::read(html, Letter::Invite).unwrap();
        let mut out = String::new();
        print(&template.subject, &values(data.as_object().unwrap()), &mut out);
        assert_eq!(out, expected, "{html}");
    };
    check("Subject: Hi {{ .Data.name }}\n<p>", json!({"name": "Ada & Co"}), "Hi Ada & Co");
    check("Subject: {{ .Data.name }}\n<p>", json!({"name": "a\r\nBcc: b@c.d"}), "a  Bcc: b@c.d");
    check("<html><title> You &amp; {{ .Data.name }} </title>", json!({"name": "<b>"}), "You & <b>");
    check("<p>Hello</p>", json!({}), "You are invited");
}

#[test]
fn files_of_the_project_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let load = || Templates::load(Some(folder.path()));
    put("recovery.html", "\u{feff}Subject: Mine {{ .Token }}\r\n<p>{{ .Token }}</p>");
    put("recovery.txt", "Only text: {{ .Token }} & {{ .Data.name }}");
    let templates = load().unwrap();
    let data = json!({"name": "<Ada>"});
    let values = values(data.as_object().unwrap());
    let mail = templates.write(Letter::Recovery, "a@b.c", &values);
    assert_eq!((mail.subject.as_str(), mail.html.as_deref()), ("Mine 123456", Some("<p>123456</p>")));
    assert_eq!(mail.text, "Only text: 123456 & <Ada>");
    assert_ne!(templates.write(Letter::Invite, "a@b.c", &values).subject, "Mine 123456");
    let check = |name: &str, text: &str, line: usize, told: &str| {
        put(name, text);
        let error = load().unwrap_err();
        assert_eq!((error.line, error.path.ends_with(name)), (line, true), "{error}");
        assert!(error.message.contains(told), "{error}");
        std::fs::remove_file(folder.path().join(name)).unwrap();
    };
    check("invite.html", "Subject: x\n\n{{ .Nobody }}", 3, "stands for nothing");
    check("invite.html", "<title>\n{{ .Nobody }}</title>", 1, "stands for nothing");
    check("invite.txt", "x\n{{ if }}", 2, "stands for nothing");
    check("invite.html", &" ".repeat(super::LARGEST + 1), 1, "larger");
    assert!(Templates::load(Some(Path::new("/nowhere"))).is_ok());
}
