//! Both sides against each other, after the copying.

use std::sync::Arc;

use bistro_schema::{Schema, Value};
use bistro_store::StoreError;

use super::canon::{Checksum, hash};
use super::pages::Pages;
use super::progress::Progress;
use super::source::Source;
use super::table::Table;

/// The checksum of a table as a store gives it back.
pub(super) async fn checksum(
    source: &Arc<Source>,
    table: &Table,
    batch: u64,
    progress: &Progress,
) -> Result<Checksum, StoreError> {
    let mut pages = Pages::new(source, table, batch, None)?;
    let (mut checksum, mut scratch) = (Checksum::default(), Vec::new());
    while let Some(rows) = pages.next().await? {
        rows.iter().for_each(|row| checksum.add(row, &mut scratch));
        progress.add(rows.len() as u64);
    }
    Ok(checksum)
}

/// The first place at which two sides differ, in words; `None` if they do not.
pub(super) async fn difference(
    source: &Arc<Source>,
    target: &Arc<Source>,
    table: &Table,
    batch: u64,
) -> Result<Option<String>, StoreError> {
    let (mut here, mut there) = (Rows::new(source, table, batch)?, Rows::new(target, table, batch)?);
    loop {
        let found = match (here.next().await?, there.next().await?) {
            (None, None) => return Ok(None),
            (Some(row), None) => format!("the row {} is not there", table.shown_key(&row)),
            (None, Some(row)) => format!("the row {} is there only", table.shown_key(&row)),
            (Some(a), Some(b)) => {
                let (ha, hb) = (hash(&a, &mut Vec::new()), hash(&b, &mut Vec::new()));
                if ha == hb {
                    continue;
                }
                if hash(&table.key_of(&a), &mut Vec::new()) == hash(&table.key_of(&b), &mut Vec::new()) {
                    fields(source.schema(), table, &a, &b)
                } else {
                    format!(
                        "the rows {} here and {} there stand at the same place",
                        table.shown_key(&a),
                        table.shown_key(&b)
                    )
                }
            }
        };
        return Ok(Some(found));
    }
}

/// Names the fields in which two rows of one key differ.
fn fields(schema: &Schema, table: &Table, a: &[Value], b: &[Value]) -> String {
    let one = |value: &Value| hash(std::slice::from_ref(value), &mut Vec::new());
    let differs = (0..table.fields.len()).filter(|at| one(&a[*at]) != one(&b[*at]));
    let names: Vec<&str> =
        differs.map(|at| schema.ty(table.ty).field(table.fields[at]).name.as_str()).collect();
    format!("the row {} differs in {}", table.shown_key(a), names.join(", "))
}

/// Rows one by one.
struct Rows {
    pages: Pages,
    page: std::vec::IntoIter<Vec<Value>>,
}

impl Rows {
    fn new(source: &Arc<Source>, table: &Table, batch: u64) -> Result<Self, StoreError> {
        Ok(Self { pages: Pages::new(source, table, batch, None)?, page: Vec::new().into_iter() })
    }

    async fn next(&mut self) -> Result<Option<Vec<Value>>, StoreError> {
        if let Some(row) = self.page.next() {
            return Ok(Some(row));
        }
        let Some(page) = self.pages.next().await? else { return Ok(None) };
        self.page = page.into_iter();
        Ok(self.page.next())
    }
}
