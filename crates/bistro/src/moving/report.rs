//! What the command prints.

use indicatif::HumanCount;

use super::check::{Misfit, TableReport};

/// The type report of a dry run.
pub(super) fn types(reports: &[TableReport]) -> String {
    let mut out = String::new();
    for table in reports {
        out.push_str(&format!("{}: {}\n", table.name, rows(table.rows)));
        let width = |of: fn(&super::check::ColumnReport) -> &str| {
            table.columns.iter().map(|c| of(c).chars().count()).max().unwrap_or(0)
        };
        let (names, kinds, types) = (width(|c| &c.name), width(|c| &c.kind), width(|c| &c.declared));
        for c in &table.columns {
            let fits = if c.misfits.is_empty() { "fits" } else { "does not fit" };
            let (name, kind, declared) = (&c.name, &c.kind, &c.declared);
            out.push_str(&format!("  {name:names$}  {kind:kinds$}  {declared:types$}  {fits}\n"));
            c.misfits.iter().for_each(|m| out.push_str(&misfit(m)));
        }
        table.refused.iter().for_each(|why| out.push_str(&format!("  cannot be made: {why}\n")));
        table.misfits.iter().for_each(|m| out.push_str(&misfit(m)));
    }
    out
}

/// Only what does not fit.
pub(super) fn misfits(reports: &[TableReport]) -> String {
    let mut out = String::new();
    for table in reports {
        let name = &table.name;
        table.refused.iter().for_each(|why| out.push_str(&format!("  {name} cannot be made: {why}\n")));
        for c in &table.columns {
            for m in &c.misfits {
                out.push_str(&format!("  {name}.{}{}", c.name, misfit(m).trim_start_matches("   ")));
            }
        }
        table
            .misfits
            .iter()
            .for_each(|m| out.push_str(&format!("  {name}{}", misfit(m).trim_start_matches("   "))));
    }
    out
}

fn misfit(m: &Misfit) -> String {
    let more = if m.rows > m.keys.len() as u64 { ", …" } else { "" };
    format!("    {}: {} (key {}{more})\n", m.why, rows(m.rows), m.keys.join(", "))
}

/// `1 row`, `1,234 rows`.
pub(super) fn rows(count: u64) -> String {
    if count == 1 { "1 row".into() } else { format!("{} rows", HumanCount(count)) }
}

/// `1 table`, `12 tables`.
pub(super) fn tables(count: usize) -> String {
    if count == 1 { "1 table".into() } else { format!("{count} tables") }
}

/// One line of the table at the end.
pub(super) struct Line {
    /// The table.
    pub(super) name: String,
    /// Its rows.
    pub(super) rows: u64,
    /// Rows a second; `None` where nothing was left to copy.
    pub(super) speed: Option<u64>,
    /// The checksum of both sides.
    pub(super) checksum: String,
}

/// The table at the end.
pub(super) fn done(lines: &[Line]) -> String {
    let cells = lines.iter().map(|l| {
        let speed = l.speed.map_or_else(|| "-".into(), |s| HumanCount(s).to_string());
        [l.name.clone(), HumanCount(l.rows).to_string(), speed, format!("{} same", l.checksum)]
    });
    let head = ["table", "rows", "rows/s", "checksum"].map(str::to_owned);
    let all: Vec<[String; 4]> = std::iter::once(head).chain(cells).collect();
    let width = |at: usize| all.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let (a, b, c) = (width(0), width(1), width(2));
    all.iter()
        .map(|[name, rows, speed, sum]| format!("{name:a$}  {rows:>b$}  {speed:>c$}  {sum}\n"))
        .collect()
}
