//! `bistro move` between real databases: [`everything`] is the schema and its data, [`people`] accounts with all that
//! hangs on them, [`end`] a database to move to.

mod directions;
mod end;
mod everything;
mod fit;
mod interrupted;
mod people;
mod refused;

/// The lines of the table at the end: name, rows, checksum of both sides.
fn moved(out: &str) -> Vec<(String, String, String)> {
    let lines = out.lines().skip_while(|l| !l.starts_with("table ")).skip(1).take_while(|l| !l.is_empty());
    let cells = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    cells
        .map(|cells| {
            assert_eq!(cells.len(), 5, "{cells:?}");
            assert_eq!(cells[4], "same");
            (cells[0].to_owned(), cells[1].to_owned(), cells[3].to_owned())
        })
        .collect()
}
