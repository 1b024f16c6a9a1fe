//! Rows from one store to the other: pages are read ahead while the ones before are written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bistro_ir::{Expr, Order};
use bistro_schema::Value;
use bistro_store::{Load, Store, StoreError};
use tokio::sync::mpsc;

use super::canon::Checksum;
use super::pages::Pages;
use super::progress::Progress;
use super::source::Source;
use super::state::{Done, State};
use super::table::Table;

/// Pages that may wait to be written.
const AHEAD: usize = 2;

/// What copying a table came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    /// Rows written now, not before an interruption.
    pub(super) rows: u64,
    /// In this time.
    pub(super) time: Duration,
}

/// Why a table was not copied.
#[derive(Debug)]
pub(super) enum Broken {
    /// The source could not be read.
    Read(StoreError),
    /// The target did not take the rows.
    Write(StoreError),
}

/// A page with its checksum.
struct Page {
    rows: Vec<Vec<Value>>,
    checksum: Checksum,
}

/// Copies what is not there yet of a table. Each batch is durable together with the state that counts it.
pub(super) async fn copy(
    source: &Arc<Source>,
    target: &Arc<dyn Store>,
    table: &Table,
    batch: u64,
    state: &mut State,
    progress: &Progress,
) -> Result<Copied, Broken> {
    let began = Instant::now();
    let mut checksum = state.tables.get(&table.name).cloned().unwrap_or_default().checksum();
    let before = checksum.rows;
    let after = if before == 0 { None } else { last(target, table).await.map_err(Broken::Write)? };
    let pages = Pages::new(source, table, batch, after).map_err(Broken::Read)?;
    let mut ahead = read_ahead(pages);
    while let Some(page) = ahead.recv().await {
        let Page { rows, checksum: more } = page.map_err(Broken::Read)?;
        checksum.join(more);
        state.tables.insert(table.name.clone(), Done::of(checksum, false));
        let record = Some(state.record());
        let load = Load { ty: table.ty, fields: table.fields.clone(), rows, record };
        target.load(load).await.map_err(Broken::Write)?;
        progress.add(more.rows);
    }
    state.tables.insert(table.name.clone(), Done::of(checksum, true));
    super::state::keep(target, vec![state.record()]).await.map_err(Broken::Write)?;
    Ok(Copied { rows: checksum.rows - before, time: began.elapsed() })
}

/// Reads pages and sums them up while others are written.
fn read_ahead(mut pages: Pages) -> mpsc::Receiver<Result<Page, StoreError>> {
    let (send, receive) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut scratch = Vec::new();
        while let Some(page) = pages.next().await.transpose() {
            let page = page.map(|rows| {
                let mut checksum = Checksum::default();
                rows.iter().for_each(|row| checksum.add(row, &mut scratch));
                Page { rows, checksum }
            });
            let failed = page.is_err();
            if send.send(page).await.is_err() || failed {
                break;
            }
        }
    });
    receive
}

/// The greatest key of a table: rows come in the order of their keys, so that it is the last that is there.
async fn last(target: &Arc<dyn Store>, table: &Table) -> Result<Option<Vec<Value>>, StoreError> {
    let source = Source::alone(Arc::clone(target));
    let mut select = table.select(target.schema(), &table.key_fields(), Expr::TRUE, Some(1));
    let backwards = |order: Order| Order { descending: true, ..order };
    select.order = select.order.into_iter().map(backwards).collect();
    let (rows, _) = source.rows(select, Vec::new()).await?;
    Ok(rows.into_iter().next())
}
