//! The page at `/docs`: Swagger UI from the binary itself, and the error codes at `/docs/errors`.
//!
//! Everything is served from memory with an ETag; the policy of the page lets it load from this server alone.

use bistro_problem::Code;
use bistro_wire::files::{CSS, File, Files, HTML, JS};
use bistro_wire::{Request, Response};

use crate::headers::JSON;

/// Scripts, styles and requests go to this server only; the icons inside the style sheet are data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What there is besides for the page to lead to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside {
    /// The explorer at `/graphql`.
    pub explorer: bool,
    /// The WSDL at `/soap/v1?wsdl`.
    pub wsdl: bool,
}

/// The page at `/docs`.
pub struct Docs {
    files: Files,
}

impl Docs {
    /// The page under a title. With a publishable key (in development) it starts authorised with it.
    pub fn new(title: &str, publishable: Option<&str>, beside: Beside) -> Self {
        let Beside { explorer, wsdl } = beside;
        let config = serde_json::json!({
            "title": title, "publishable": publishable, "explorer": explorer, "wsdl": wsdl
        });
        let config = config.to_string();
        let fixed = |path, content_type, body: &'static [u8]| File::new(path, content_type, body);
        let files = vec![
            fixed("/docs", HTML, include_bytes!("../assets/docs/index.html")),
            fixed("/docs/docs.js", JS, include_bytes!("../assets/docs/docs.js")),
            fixed("/docs/docs.css", CSS, include_bytes!("../assets/docs/docs.css")),
            fixed("/docs/favicon.png", "image/png", include_bytes!("../assets/docs/favicon.png")),
            File::gzip(
                "/docs/swagger-ui-bundle.js",
                JS,
                include_bytes!("../assets/docs/swagger-ui-bundle.js.gz"),
            ),
            File::gzip("/docs/swagger-ui.css", CSS, include_bytes!("../assets/docs/swagger-ui.css.gz")),
            File::new("/docs/config.json", JSON, config),
            File::new("/docs/errors", HTML, errors_page()),
        ];
        let hint = "The documentation is at /docs, the error codes at /docs/errors.";
        Self { files: Files::new("/docs", POLICY, hint, files) }
    }

    /// Answers a request whose path is `/docs` or lies below it.
    pub fn handle(&self, request: &Request<'_>) -> Response {
        self.files.handle(request)
    }
}

/// The catalogue as a page; each code is an anchor, which is where the `type` of a problem leads.
fn errors_page() -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Error codes</title>\n\
         <link rel=\"icon\" type=\"image/png\" href=\"favicon.png\">\n<link rel=\"stylesheet\" href=\"docs.css\">\n\
         </head>\n<body class=\"plain\">\n<main class=\"codes\">\n<h1>Error codes</h1>\n\
         <p>Every refusal is a JSON object with <code>code</code>, <code>message</code>, <code>details</code> and \
         <code>hint</code>; <code>type</code> leads to the code's place on this page, and <code>instance</code> is the \
         id under which the server's log has the request. <a href=\"../docs\">Back to the API</a></p>\n",
    );
    for code in Code::ALL {
        let shared = Code::ALL.iter().find(|c| c.wire_text() == code.wire_text());
        let id = if shared == Some(code) { code.wire_text() } else { code.text() };
        page.push_str(&format!(
            "<section id=\"{id}\">\n<h2><code>{}</code> {} <span class=\"status\">{}</span></h2>\n<p>{}</p>\n</section>\n",
            code.wire_text(),
            html(code.title()),
            code.status(),
            html(code.mend()),
        ));
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Text inside an element.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use bistro_wire::{Request, Response};
    use bytes::Bytes;

    use super::{Beside, Docs};

    fn get(method: &str, path: &str) -> Response {
        let headers = Vec::new();
        let body = Bytes::new();
        let request = Request { method, path, query: "", headers: &headers, body: &body, id: "r1", now: 0 };
        let beside = Beside { explorer: true, wsdl: true };
        Docs::new("A \"title\"", Some("sb_publishable_x"), beside).handle(&request)
    }

    fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
        response.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_ref())
    }

    #[test]
    fn the_page_and_its_files_are_served() {
        let check = |method, path, status, content_type| {
            let answer = get(method, path);
            assert_eq!(
                (answer.status, header(&answer, "content-type")),
                (status, content_type),
                "{method} {path}"
            );
            answer
        };
        let html = Some("text/html; charset=utf-8");
        let page = check("GET", "/docs", 200, html);
        let page = std::str::from_utf8(&page.body).expect("the page is UTF-8");
        for file in page.split('"').filter(|part| part.starts_with("docs/") && *part != "docs/errors") {
            assert_eq!(get("GET", &format!("/{file}")).status, 200, "{file}");
        }
        let config = check("GET", "/docs/config.json", 200, Some("application/json; charset=utf-8"));
        assert_eq!(
            &config.body[..],
            br#"{"title":"A \"title\"","publishable":"sb_publishable_x","explorer":true,"wsdl":true}"#
        );
        check("HEAD", "/docs", 200, html);
        let json = Some("application/json; charset=utf-8");
        check("GET", "/docs/nothing", 404, json);
        check("POST", "/docs", 405, json);
        check("GET", "/docs/", 308, None);
    }

    #[test]
    fn every_code_has_its_anchor_once() {
        let page = get("GET", "/docs/errors");
        let page = std::str::from_utf8(&page.body).expect("the page is UTF-8");
        for code in bistro_problem::Code::ALL {
            assert_eq!(page.matches(&format!("id=\"{}\"", code.wire_text())).count(), 1, "{}", code.text());
        }
    }
}
