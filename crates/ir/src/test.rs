//! What one value is asked, by the words that the typed surfaces share: `eq`, `in`, `startsWith` …

use bistro_schema::{Kind, Scalar};

use crate::expr::{Compare, Expr, Operand};

/// A question about a value that has another side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `eq`, `neq`, `gt`, `gte`, `lt`, `lte`.
    Compare(Compare),
    /// `in`: equal to one of a list.
    In,
    /// `distinct`: not equal, where null is a value like others.
    Distinct,
    /// `contains`: holds all of a list or a document.
    Contains,
    /// `containedBy`: the other way round.
    ContainedBy,
    /// `overlaps`: shares an element.
    Overlaps,
    /// `like`, `ilike`: a pattern of `%` and `_`; whether case is folded.
    Like(bool),
    /// `startsWith`.
    StartsWith,
    /// `match`, `imatch`: a regular expression; whether case is folded.
    Match(bool),
}

impl Test {
    /// The test that a word names.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Test::Compare(Compare::Eq),
            "neq" => Test::Compare(Compare::Ne),
            "gt" => Test::Compare(Compare::Gt),
            "gte" => Test::Compare(Compare::Ge),
            "lt" => Test::Compare(Compare::Lt),
            "lte" => Test::Compare(Compare::Le),
            "in" => Test::In,
            "distinct" => Test::Distinct,
            "contains" => Test::Contains,
            "containedBy" => Test::ContainedBy,
            "overlaps" => Test::Overlaps,
            "like" => Test::Like(false),
            "ilike" => Test::Like(true),
            "startsWith" => Test::StartsWith,
            "match" => Test::Match(false),
            "imatch" => Test::Match(true),
            _ => return None,
        })
    }

    /// The words that values of a kind, or lists of it, are asked, in the order in which they are told.
    pub fn words(scalar: Scalar) -> &'static [&'static str] {
        match (scalar.list, scalar.kind) {
            (true, _) => &["eq", "neq", "contains", "containedBy", "overlaps"],
            (_, Kind::Boolean) => &["eq", "neq", "distinct"],
            (_, Kind::String | Kind::Email | Kind::Url | Kind::Html) => &[
                "eq",
                "neq",
                "gt",
                "gte",
                "lt",
                "lte",
                "in",
                "like",
                "ilike",
                "match",
                "imatch",
                "startsWith",
                "distinct",
            ],
            (_, Kind::Json) => {
                &["eq", "neq", "gt", "gte", "lt", "lte", "in", "contains", "containedBy", "distinct"]
            }
            _ => &["eq", "neq", "gt", "gte", "lt", "lte", "in", "distinct"],
        }
    }

    /// The condition that a value meets the other side.
    pub fn expr(self, left: Operand, right: Operand) -> Expr {
        match self {
            Test::Compare(how) => Expr::Compare(how, left, right),
            Test::In => Expr::In(left, right),
            Test::Distinct => Expr::Distinct(left, right),
            Test::Contains => Expr::Contains(left, right),
            Test::ContainedBy => Expr::Contains(right, left),
            Test::Overlaps => Expr::Overlaps(left, right),
            Test::Like(fold) => Expr::Like { operand: left, pattern: right, fold },
            Test::StartsWith => Expr::Like { operand: left, pattern: right, fold: false },
            Test::Match(fold) => Expr::Match { operand: left, pattern: right, fold },
        }
    }
}
