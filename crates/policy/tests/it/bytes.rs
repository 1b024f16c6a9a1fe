//! Whatever stands in a rule, compiling ends soon and with mistakes, not with a panic.

use std::sync::{Arc, OnceLock};

use bistro_policy::Rules;
use bistro_schema::{Action, Allow, Roles, RuleText, Schema, Span};
use proptest::prelude::*;

use crate::schema::{file, ty};

/// Compiles a text as the one rule of `Post`.
fn compile(text: &str) {
    static BASE: OnceLock<Schema> = OnceLock::new();
    let mut schema = BASE.get_or_init(|| bistro_sdl::read("s", &file("", "")).schema).clone();
    let post = ty(&schema, "Post");
    let span = Span { start: 10, end: 12 + text.len() as u32 };
    let when = Some(RuleText { text: text.to_owned(), span });
    schema.types[post.0 as usize].allows =
        vec![Allow { actions: vec![Action::Read], roles: Roles::EVERYBODY, when, span }];
    let started = std::time::Instant::now();
    let (_, diagnostics) = Rules::compile(Arc::new(schema));
    assert!(started.elapsed().as_secs() < 5, "too slow: {text}");
    for told in diagnostics {
        assert!(told.code.starts_with("BIS-2"), "{told:?}");
        assert!(!told.message.contains("thread could not run"), "{text:?} ended its thread");
        assert!(told.span.0 <= told.span.1 && told.span.1 <= span.end, "{told:?}");
        let within =
            [told.span.0, told.span.1].map(|at| text.is_char_boundary(at.saturating_sub(11) as usize));
        assert!((told.span.0, told.span.1) == (span.start, span.end) || within == [true, true], "{told:?}");
    }
}

/// Pieces that rules are made of, so that random texts get past the parser.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "row",
        "new",
        "auth",
        "now",
        "request",
        ".title",
        ".team",
        ".members",
        ".comments",
        ".author",
        ".id",
        ".labels",
        ".views",
        "['x']",
        " == ",
        " != ",
        " < ",
        " + ",
        " - ",
        " && ",
        " || ",
        " in ",
        " ? ",
        " : ",
        "!",
        "-",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".exists(m, ",
        ".all(c, ",
        ".map(m, ",
        "m.user",
        "c.body",
        "'text'",
        "5",
        "1.5",
        "null",
        "true",
        "size(",
        "has(",
        "duration('1h')",
        ".claims.a",
        ".startsWith('",
        "')",
        "r'\\d'",
        "\"\"\"",
        "\n",
        "é",
        "b'x'",
    ];
    proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        compile(&text);
    }

    #[test]
    fn any_pieces(pieces in proptest::collection::vec(piece(), 1..40)) {
        compile(&pieces.concat());
    }
}

#[test]
fn towers_of_one_character() {
    for piece in [
        "(",
        "[",
        "{",
        "!",
        "-",
        "a.",
        "a[",
        "f(",
        "a?",
        "row.x+",
        "'",
        "\"\"\"",
        "a&&",
        "a||(",
        "has(",
        "x in ",
        "a.exists(b,",
        "?:",
    ] {
        for size in [10, 100, 4_096 / piece.len(), 10_000] {
            compile(&piece.repeat(size));
            compile(&format!("{}a", piece.repeat(size)));
        }
    }
}
