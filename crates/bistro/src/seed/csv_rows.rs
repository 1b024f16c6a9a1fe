//! Rows of CSV: a header of column names, then one record a row.

use csv::{ReaderBuilder, StringRecord};

use super::place::Mistake;

/// A CSV file.
#[derive(Debug)]
pub(super) struct Csv {
    /// The column names.
    pub(super) header: StringRecord,
    /// The records, each with its line.
    pub(super) records: Vec<(StringRecord, usize)>,
}

/// Reads a whole CSV text. Quotes, line ends and a mark at the start are as RFC 4180 and spreadsheets have them.
pub(super) fn read(text: &str) -> Result<Csv, Mistake> {
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| mistake(&e))?.clone();
    if header.is_empty() {
        return Err(Mistake::at(1, "the first line must name the columns"));
    }
    if let Some(twice) =
        header.iter().enumerate().find(|(n, name)| header.iter().take(*n).any(|other| other == *name))
    {
        return Err(Mistake::at(1, format!("the column {:?} stands twice in the header", twice.1)));
    }
    let mut records = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(|e| mistake(&e))?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        records.push((record, line));
    }
    if !text.bytes().filter(|b| *b == b'"').count().is_multiple_of(2) {
        let line = records.last().map_or(1, |(_, line)| *line);
        return Err(Mistake::at(line, "a quote that begins here or before does not end"));
    }
    Ok(Csv { header, records })
}

fn mistake(error: &csv::Error) -> Mistake {
    let line = error.position().map_or(1, |p| p.line() as usize);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} fields, the header {expected_len}")
        }
        _ => error.to_string(),
    };
    Mistake::at(line, message)
}
