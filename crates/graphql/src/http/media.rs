//! `Accept` and `Content-Type`: what comes in, and in which form the reply goes out.

use bistro_problem::{Code, Problem};

/// The form of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`: the status tells of the request alone, 200 for every one that can be read.
    Json,
    /// `application/graphql-response+json`: the status tells of the document too.
    GraphQl,
    /// `text/event-stream`.
    Events,
}

impl Media {
    /// In the order of preference where the client has none.
    const ALL: [(Media, &str, &str); 3] = [
        (Media::Json, "application", "json"),
        (Media::GraphQl, "application", "graphql-response+json"),
        (Media::Events, "text", "event-stream"),
    ];

    /// The `Content-Type` of the reply.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphQl => "application/graphql-response+json; charset=utf-8",
            Media::Events => "text/event-stream; charset=utf-8",
        }
    }
}

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The form that it likes best.
    pub(crate) best: Media,
    /// Whether it takes a stream of events, liked best or not: subscriptions have no other form here.
    pub(crate) events: bool,
}

/// Reads `Accept`; 406 where nothing in it can be made.
pub(crate) fn negotiate(accept: Option<&str>) -> Result<Accepted, Problem> {
    // What most clients send costs nothing.
    let Some(accept) = accept.filter(|a| !matches!(*a, "" | "*/*" | "application/json")) else {
        return Ok(Accepted { best: Media::Json, events: accept.is_none_or(|a| a != "application/json") });
    };
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::read).collect();
    let liking = |(media, kind, form): (Media, &str, &str)| {
        let (place, range) = ranges
            .iter()
            .enumerate()
            .filter_map(|(place, range)| range.specificity(kind, form).map(|s| (s, place, range)))
            .max_by_key(|(specificity, place, _)| (*specificity, std::cmp::Reverse(*place)))
            .map(|(_, place, range)| (place, range))?;
        (range.weight > 0).then_some((range.weight, std::cmp::Reverse(place), media))
    };
    let liked: Vec<_> = Media::ALL.into_iter().filter_map(liking).collect();
    // Of equals the first in the header, and then ours.
    let best = liked.iter().rev().max_by_key(|(weight, place, _)| (*weight, *place));
    let events = liked.iter().any(|(.., media)| *media == Media::Events);
    best.map(|(.., best)| Accepted { best: *best, events }).ok_or_else(|| {
        let names: Vec<&str> = accept.split(',').map(str::trim).take(10).collect();
        let message = format!("None of these media types are available: {}", names.join(", "));
        Problem::new(Code::MediaType, message)
            .hint("Accept application/graphql-response+json, application/json, or text/event-stream.")
    })
}

/// One element of `Accept`.
struct Range<'a> {
    kind: &'a str,
    form: &'a str,
    /// Thousandths.
    weight: u16,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
        let (kind, form) = name.trim().split_once('/')?;
        let named = |p: &'a str| p.split_once('=').filter(|(n, _)| n.trim().eq_ignore_ascii_case("q"));
        let quality = parameters.split(';').find_map(named).and_then(|(_, q)| q.trim().parse::<f32>().ok());
        // Between 0 and 1000 after the clamp.
        Some(Self { kind, form, weight: (quality.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0) as u16 })
    }

    /// How closely the range names a media type; `None` where it does not mean it.
    fn specificity(&self, kind: &str, form: &str) -> Option<u8> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        match (self.kind, self.form) {
            (k, f) if same(k, kind) && same(f, form) => Some(2),
            (k, "*") if same(k, kind) => Some(1),
            ("*", "*") => Some(0),
            _ => None,
        }
    }
}

/// Refuses bodies that are not JSON in UTF-8. Among them are all that a page of another site can send without asking first.
pub(crate) fn check_content_type(header: Option<&str>) -> Result<(), Problem> {
    let refused = |message: String| {
        Err(Problem::new(Code::ContentType, message).hint("Send JSON as content-type: application/json."))
    };
    let Some(header) = header else { return refused("The body has no content type".into()) };
    let mut parts = header.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    if !name.eq_ignore_ascii_case("application/json") {
        return refused(format!("A body of type {} is not read here", shown(name)));
    }
    let charset =
        parts.filter_map(|p| p.split_once('=')).find(|(n, _)| n.trim().eq_ignore_ascii_case("charset"));
    match charset.map(|(_, c)| c.trim().trim_matches('"')) {
        Some(charset) if !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("utf8") => {
            refused(format!("The charset {} is not read here, only utf-8", shown(charset)))
        }
        _ => Ok(()),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::Media::{Events, GraphQl, Json};
    use super::*;

    #[test]
    fn the_form_that_is_liked_best_wins() {
        let check = |accept: Option<&str>, expected: Option<(Media, bool)>| {
            let found = negotiate(accept).ok().map(|a| (a.best, a.events));
            assert_eq!(found, expected, "{accept:?}");
        };
        check(None, Some((Json, true)));
        check(Some(""), Some((Json, true)));
        check(Some("*/*"), Some((Json, true)));
        check(Some("application/json"), Some((Json, false)));
        check(Some("Application/JSON; charset=utf-8"), Some((Json, false)));
        check(Some("application/*"), Some((Json, false)));
        check(Some("application/graphql-response+json"), Some((GraphQl, false)));
        // Apollo Client, graphql-request, urql, and a browser's address line.
        check(Some("application/graphql-response+json,application/json;q=0.9"), Some((GraphQl, false)));
        check(Some("application/graphql-response+json, application/json"), Some((GraphQl, false)));
        let urql = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, \
                    multipart/mixed";
        check(Some(urql), Some((GraphQl, true)));
        check(Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some((Json, true)));
        check(Some("text/event-stream"), Some((Events, true)));
        check(
            Some("application/json;q=0.5, application/graphql-response+json;q=0.6"),
            Some((GraphQl, false)),
        );
        check(Some("application/json, application/graphql-response+json"), Some((Json, false)));
        check(Some("*/*, application/json;q=0"), Some((GraphQl, true)));
        check(Some("application/json;q=0"), None);
        check(Some("image/png, text/html"), None);
        check(Some("nonsense"), None);
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        let check = |header: Option<&str>, message: Option<&str>| {
            let found = check_content_type(header).err().map(|problem| problem.message);
            assert_eq!(found.as_deref(), message, "{header:?}");
        };
        check(Some("application/json"), None);
        check(Some("Application/JSON;charset=UTF-8"), None);
        check(Some("application/json; profile=x; charset=\"utf-8\""), None);
        check(None, Some("The body has no content type"));
        check(
            Some("application/json; charset=latin1"),
            Some("The charset latin1 is not read here, only utf-8"),
        );
        for simple in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"] {
            let name = simple.split(';').next().expect("a name");
            check(Some(simple), Some(&format!("A body of type {name} is not read here")));
        }
        check(Some("application/graphql"), Some("A body of type application/graphql is not read here"));
        check(
            Some("text/plain, application/json"),
            Some("A body of type text/plain, application/json is not read here"),
        );
    }
}
