//! The header `Accept`: in which form a reply is made.

use bistro_problem::{Code, Problem};

/// The form of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// A JSON array of rows.
    Json {
        /// `decimals=string`: decimals as strings.
        decimal_strings: bool,
    },
    /// The same under its own name.
    Array {
        /// `nulls=stripped`: members that are null are left out.
        nulls_stripped: bool,
    },
    /// One JSON object, or 406.
    Object {
        /// `nulls=stripped`: members that are null are left out.
        nulls_stripped: bool,
    },
    /// A header line and a line a row.
    Csv,
}

impl Media {
    /// The plain form.
    pub const JSON: Media = Media::Json { decimal_strings: false };

    /// The `Content-Type` of the reply.
    pub const fn content_type(self) -> &'static str {
        match self {
            Media::Json { .. } => "application/json; charset=utf-8",
            Media::Array { nulls_stripped: false } => "application/vnd.pgrst.array+json; charset=utf-8",
            Media::Array { nulls_stripped: true } => {
                "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8"
            }
            Media::Object { nulls_stripped: false } => "application/vnd.pgrst.object+json; charset=utf-8",
            Media::Object { nulls_stripped: true } => {
                "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8"
            }
            Media::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Whether the reply must be exactly one row.
    pub const fn singular(self) -> bool {
        matches!(self, Media::Object { .. })
    }

    /// Whether members that are null are left out.
    pub const fn nulls_stripped(self) -> bool {
        matches!(self, Media::Array { nulls_stripped: true } | Media::Object { nulls_stripped: true })
    }
}

/// The best form that the client accepts; PGRST107 if there is none.
pub fn negotiate(accept: Option<&str>) -> Result<Media, Problem> {
    // What most clients send costs nothing.
    let Some(accept) = accept.filter(|a| !matches!(*a, "" | "*/*" | "application/json")) else {
        return Ok(Media::JSON);
    };
    let mut best: Option<(u16, Media)> = None;
    for range in ranges(accept) {
        let Some(media) = known(&range) else { continue };
        // Of equal weights the first wins.
        if range.weight > 0 && best.is_none_or(|(weight, _)| range.weight > weight) {
            best = Some((range.weight, media));
        }
    }
    best.map(|(_, media)| media).ok_or_else(|| {
        let names: Vec<&str> = ranges(accept).map(|range| range.full).collect();
        let message = format!("None of these media types are available: {}", names.join(", "));
        Problem::new(Code::MediaType, message)
    })
}

/// Whether errors are wanted as `application/problem+json`.
pub fn wants_problem(accept: Option<&str>) -> bool {
    accept.is_some_and(|accept| {
        ranges(accept).any(|r| r.weight > 0 && r.name.eq_ignore_ascii_case("application/problem+json"))
    })
}

/// One element of `Accept`.
struct Range<'a> {
    full: &'a str,
    name: &'a str,
    parameters: &'a str,
    /// Thousandths.
    weight: u16,
}

impl Range<'_> {
    fn has(&self, name: &str, value: &str) -> bool {
        self.parameters.split(';').filter_map(|p| p.split_once('=')).any(|(n, v)| {
            n.trim().eq_ignore_ascii_case(name) && v.trim().trim_matches('"').eq_ignore_ascii_case(value)
        })
    }
}

fn ranges(accept: &str) -> impl Iterator<Item = Range<'_>> {
    accept.split(',').map(str::trim).filter(|full| !full.is_empty()).map(|full| {
        let (name, parameters) = full.split_once(';').unwrap_or((full, ""));
        let quality = parameters.split(';').filter_map(|p| p.trim().strip_prefix("q=")).next();
        let weight = quality.and_then(|q| q.trim().parse::<f32>().ok()).unwrap_or(1.0).clamp(0.0, 1.0);
        // Between 0 and 1000 after the clamp.
        Range { full, name: name.trim(), parameters, weight: (weight * 1000.0) as u16 }
    })
}

fn known(range: &Range<'_>) -> Option<Media> {
    let nulls_stripped = range.has("nulls", "stripped");
    match range.name.to_ascii_lowercase().as_str() {
        "*/*" | "application/*" => Some(Media::JSON),
        // A client that asks for problems gets data as JSON.
        "application/json" | "application/problem+json" => {
            Some(Media::Json { decimal_strings: range.has("decimals", "string") })
        }
        "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => {
            Some(Media::Object { nulls_stripped })
        }
        "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => {
            Some(Media::Array { nulls_stripped })
        }
        "text/csv" | "text/*" => Some(Media::Csv),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_best_form_wins() {
        let plain = |media: Media| Some(media);
        let cases = [
            (None, plain(Media::JSON)),
            (Some("*/*"), plain(Media::JSON)),
            (Some("Application/JSON; charset=utf-8"), plain(Media::JSON)),
            (Some("application/json;decimals=string"), plain(Media::Json { decimal_strings: true })),
            (Some("text/html, text/csv;q=0.5, application/json;q=0.1"), plain(Media::Csv)),
            (Some("text/csv, application/json"), plain(Media::Csv)),
            (Some("application/vnd.pgrst.object"), plain(Media::Object { nulls_stripped: false })),
            (
                Some("application/vnd.pgrst.object+json;nulls=stripped"),
                plain(Media::Object { nulls_stripped: true }),
            ),
            (Some("application/geo+json"), None),
            (Some("application/vnd.pgrst.plan+json; for=\"application/json\"; options=;"), None),
            (Some("application/json;q=0"), None),
        ];
        for (accept, media) in cases {
            assert_eq!(negotiate(accept).ok(), media, "{accept:?}");
        }
        let problem = negotiate(Some("image/png")).unwrap_err();
        assert_eq!(problem.message, "None of these media types are available: image/png");
        assert!(wants_problem(Some("application/problem+json")) && !wants_problem(Some("application/json")));
    }
}
