//! A CSV body: a header line of columns, then a row a line. The cell `NULL` is null, an empty cell is empty text.

use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Value};

use super::{Reader, Rows, pointer};

/// Reads a CSV body.
pub(super) fn read(reader: &Reader<'_>, text: &str) -> Result<Rows, Problem> {
    if let Some(line) = open_quote(text) {
        return Err(Problem::new(Code::Body, "The CSV cannot be read")
            .details(format!("The quote that begins on line {line} does not end."))
            .hint("Within quotes, write a quote as two."));
    }
    let mut lines = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = lines.headers().map_err(|e| fault(&e))?.clone();
    if header.is_empty() || (header.len() == 1 && header[0].is_empty()) {
        return Err(Problem::new(Code::Body, "Empty CSV: the first line names the columns"));
    }
    let cells: Vec<(usize, FieldId)> = match &reader.columns {
        None => reader.fields(header.iter())?.into_iter().enumerate().collect(),
        Some(chosen) => chosen.iter().filter_map(|c| place(reader, &header, *c).map(|at| (at, *c))).collect(),
    };
    let columns: Vec<FieldId> = match &reader.columns {
        None => cells.iter().map(|(_, field)| *field).collect(),
        Some(chosen) => chosen.clone(),
    };
    let mut rows = Vec::new();
    for (at, line) in lines.records().enumerate() {
        let line = line.map_err(|e| fault(&e))?;
        let mut row = Vec::with_capacity(columns.len());
        for column in &columns {
            let cell = cells.iter().find(|(_, field)| field == column).and_then(|(at, _)| line.get(*at));
            row.push(match cell {
                None => reader.absent(),
                Some("NULL") => Some(Value::Null),
                Some(text) => {
                    let name = &reader.view.schema().ty(reader.ty).field(*column).name;
                    Some(reader.parse(*column, text).map_err(|p| p.pointer(pointer(Some(at), name)))?)
                }
            });
        }
        rows.push(row);
    }
    Ok(Rows { columns, rows })
}

/// Where the header names a column.
fn place(reader: &Reader<'_>, header: &csv::StringRecord, column: FieldId) -> Option<usize> {
    let field = reader.view.schema().ty(reader.ty).field(column);
    header.iter().position(|name| name == field.name || field.alias.as_deref() == Some(name))
}

/// The line of a quote that never ends; the parser would take all that follows it as one cell.
fn open_quote(text: &str) -> Option<usize> {
    let (mut line, mut opened, mut begins) = (1, None, true);
    for byte in text.bytes() {
        let within = opened.is_some();
        match byte {
            b'"' if within => opened = None,
            b'"' if begins => opened = Some(line),
            _ => {}
        }
        // Two quotes within quotes close and open again; elsewhere a quote is a character like any other.
        begins = matches!(byte, b',' | b'\n' | b'\r') || (byte == b'"' && within);
        line += usize::from(byte == b'\n');
    }
    opened
}

fn fault(error: &csv::Error) -> Problem {
    if matches!(error.kind(), csv::ErrorKind::UnequalLengths { .. }) {
        return Problem::new(Code::Body, "All lines must have same number of fields")
            .details(error.to_string());
    }
    Problem::new(Code::Body, "The CSV cannot be read").details(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::open_quote;

    #[test]
    fn a_quote_that_never_ends_is_found() {
        let cases = [
            ("a,b\n1,\"x\"\n", None),
            ("a,b\n1,\"x\"\"y\"\n", None),
            ("a,b\n1,\"\"\n", None),
            ("a,b\n1,\"x\ny,z\"\n", None),
            ("a\nx\"y\n", None),
            ("a\nx\"\"y\n", None),
            ("a,b\n1,\"x\n", Some(2)),
            ("a,b\n1,\"x\"\"\n", Some(2)),
            ("a\n\"x\"\n\"\"\"", Some(3)),
            ("\"", Some(1)),
        ];
        for (text, line) in cases {
            assert_eq!(open_quote(text), line, "{text:?}");
        }
    }
}
