//! The schemas that Bistro serves in a run.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, Result};

/// Which schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// `bench/schema.graphql`.
    WithRules,
    /// `bench/schema-norules.graphql`: the same tables, everything readable.
    WithoutRules,
    /// Fifty types, for the idle memory.
    FiftyTypes,
}

impl Schema {
    /// The schema's text.
    pub(super) fn text(self) -> Result<String> {
        let file = match self {
            Schema::WithRules => "schema.graphql",
            Schema::WithoutRules => "schema-norules.graphql",
            Schema::FiftyTypes => return Ok(many_types(50)),
        };
        let path = super::project().join("bench").join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }
}

/// A schema of that many types, each with a dozen fields, a relation to the one before, indexes and rules.
fn many_types(count: usize) -> String {
    let mut out = String::from("enum Stage { draft open closed }\n");
    for n in 1..=count {
        let before = if n == 1 { count } else { n - 1 };
        write!(
            out,
            r#"
"""Something of kind {n}."""
type Thing{n} @model
  @index(fields: ["stage", "created_at"])
  @allow(to: [READ], when: "row.stage != 'draft' || row.owner == auth.id")
  @allow(to: [CREATE], when: "new.owner == auth.id")
  @allow(to: [UPDATE, DELETE], when: "row.owner == auth.id") {{
  id: ID!
  owner: UUID!
  name: String! @length(min: 1, max: 200)
  code: String! @unique
  note: String
  stage: Stage! @default(value: draft)
  amount: Decimal! @decimal(precision: 12, scale: 2) @default(value: 0)
  count: Int! @default(value: 0)
  size: BigInt
  ratio: Float
  active: Boolean! @default(value: true)
  day: Date
  related: Thing{before}
  created_at: DateTime! @default(expr: "now")
}}
"#
        )
        .expect("a String takes all that is written");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_form_a_ring() {
        let text = many_types(3);
        for line in ["type Thing1 @model", "related: Thing3", "type Thing3 @model", "related: Thing2"] {
            assert!(text.lines().any(|found| found.trim() == line), "{line} in {text}");
        }
    }

    #[test]
    fn both_files_differ_in_the_rules_of_posts_alone() {
        let with = Schema::WithRules.text().unwrap();
        let without = Schema::WithoutRules.text().unwrap();
        let differing: Vec<_> = with.lines().zip(without.lines()).filter(|(a, b)| a != b).collect();
        assert_eq!(with.lines().count(), without.lines().count());
        assert_eq!(differing.len(), 3, "{differing:?}");
        assert!(differing[1..].iter().all(|(a, b)| a.contains("when:") && !b.contains("when:")));
    }
}
