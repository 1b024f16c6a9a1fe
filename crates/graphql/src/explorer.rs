//! The page at `/graphql`: GraphiQL from the binary itself.
//!
//! Its sources are in `explorer/`; `cargo xtask explorer` builds them into `assets/explorer`, which is kept with them, so that
//! the binary needs no Node to be built and the page no other server.

use bistro_wire::files::{CSS, File, Files, HTML, JS};
use bistro_wire::{Request, Response};

/// Scripts, workers and requests (sockets among them) come from and go to this server only. Styles may stand in the page,
/// because the editor places its lines and colours by them; icons in the style sheets are data.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; \
    font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page at `/graphql`, and its files at `/graphql/assets`.
pub struct Explorer {
    files: Files,
}

impl Explorer {
    /// The page under a title. With a publishable key (in development) it starts with that key entered.
    pub fn new(title: &str, publishable: Option<&str>) -> Self {
        let config = serde_json::json!({ "title": title, "publishable": publishable }).to_string();
        macro_rules! built {
            ($name:literal, $content_type:expr) => {
                File::gzip(
                    concat!("/graphql/assets/", $name),
                    $content_type,
                    include_bytes!(concat!("../assets/explorer/", $name, ".gz")),
                )
            };
        }
        let files = vec![
            File::new("/graphql", HTML, &include_bytes!("../explorer/index.html")[..]),
            File::new("/graphql/assets/config.json", "application/json; charset=utf-8", config),
            built!("explorer.js", JS),
            built!("style.css", CSS),
            built!("codicon.ttf", "font/ttf"),
            built!("editor.worker.js", JS),
            built!("graphql.worker.js", JS),
            built!("json.worker.js", JS),
            built!("LICENSES.txt", "text/plain; charset=utf-8"),
        ];
        let hint = "The explorer is at /graphql, the endpoint at /graphql/v1.";
        Self { files: Files::new("/graphql", POLICY, hint, files) }
    }

    /// Answers a request whose path is `/graphql`, or lies below it and is no endpoint's.
    pub fn handle(&self, request: &Request<'_>) -> Response {
        self.files.handle(request)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use bistro_wire::{Request, Response};
    use bytes::Bytes;

    use super::Explorer;

    fn get(path: &str) -> Response {
        let (headers, body) = (Vec::new(), Bytes::new());
        let request =
            Request { method: "GET", path, query: "", headers: &headers, body: &body, id: "r1", now: 0 };
        Explorer::new("A \"title\"", Some("sb_publishable_x")).handle(&request)
    }

    fn text(path: &str) -> String {
        let answer = get(path);
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.body.to_vec()).expect("the file is UTF-8")
    }

    #[test]
    fn the_page_and_what_it_names_are_served() {
        let page = text("/graphql");
        let named: Vec<&str> = page.split('"').filter(|part| part.starts_with("graphql/")).collect();
        assert_eq!(named.len(), 2, "{named:?}");
        let script = text("/graphql/assets/explorer.js");
        let workers = ["editor", "graphql", "json"].map(|name| format!("graphql/assets/{name}.worker.js"));
        for file in named.into_iter().map(str::to_owned).chain(workers) {
            assert_eq!(get(&format!("/{file}")).status, 200, "{file}");
            let name = file.rsplit('/').next().expect("a path has a last segment");
            assert!(page.contains(&file) || script.contains(name), "{file} is not asked for");
        }
        assert!(text("/graphql/assets/style.css").contains("codicon.ttf"));
        assert_eq!(
            text("/graphql/assets/config.json"),
            r#"{"title":"A \"title\"","publishable":"sb_publishable_x"}"#
        );
        assert_eq!(get("/graphql/v2").status, 404);
    }

    /// Fails when `explorer/` was changed and `assets/explorer` was not built again: `cargo xtask explorer`.
    #[test]
    fn what_is_served_was_built_from_the_sources() {
        let crate_path = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sum = |path: &str| {
            let bytes = std::fs::read(crate_path.join("explorer").join(path))
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            let mut sum = flate2::Crc::new();
            sum.update(&bytes);
            format!("{:08x}", sum.sum())
        };
        let built = include_str!("../assets/explorer/sources.txt");
        let mut of = BTreeSet::new();
        for line in built.lines() {
            let (then, path) = line.split_once(' ').expect("a sum and a path");
            assert_eq!(then, sum(path), "{path} was changed: run `cargo xtask explorer`");
            of.insert(path.to_owned());
        }
        let sources = std::fs::read_dir(crate_path.join("explorer/src")).expect("the sources are there");
        for source in sources.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        {
            assert!(of.contains(&format!("src/{source}")), "{source} is new: run `cargo xtask explorer`");
        }
    }
}
