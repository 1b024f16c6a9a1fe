//! The table of results, for people.

use crate::ability::Mark;
use crate::place::Place;

/// The lines of one store: a name and how it came out.
pub type Column = Vec<(String, Mark)>;

/// The table in Markdown: a line a row, a store a column.
pub fn table(columns: &[(Place, Column)]) -> String {
    let lines = columns.iter().map(|(_, column)| column).max_by_key(|c| c.len());
    let names = lines.into_iter().flatten().map(|(name, _)| name.as_str());
    let heads: Vec<&str> = columns.iter().map(|(place, _)| place.name).collect();
    let mut out = format!("| | {} |\n|---|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    for name in names {
        let cells = columns.iter().map(|(_, column)| {
            column.iter().find(|(n, _)| n == name).map_or("**not run**", |(_, mark)| word(mark))
        });
        out.push_str(&format!("| {name} | {} |\n", cells.collect::<Vec<_>>().join(" | ")));
    }
    out
}

/// What failed, with the reason.
pub fn failures(columns: &[(Place, Column)]) -> Vec<String> {
    let failed = |(place, column): &(Place, Column)| -> Vec<String> {
        let told = |(name, mark): &(String, Mark)| match mark {
            Mark::Fail(why) => Some(format!("{}: {name}: {why}", place.name)),
            _ => None,
        };
        column.iter().filter_map(told).collect()
    };
    columns.iter().flat_map(failed).collect()
}

fn word(mark: &Mark) -> &'static str {
    match mark {
        Mark::Pass => "pass",
        Mark::Unsupported => "unsupported by declaration",
        Mark::NotRun => "**not run**",
        Mark::Fail(_) => "FAIL",
    }
}
