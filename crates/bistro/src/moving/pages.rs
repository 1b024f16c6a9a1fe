//! All rows of a table in the order of its key, page by page.

use std::any::Any;
use std::sync::Arc;

use bistro_ir::Expr;
use bistro_schema::{Value, ValueRef};
use bistro_store::{Prepared, Sink, StoreError};

use super::source::Source;
use super::table::Table;

/// A page ends here, in bytes of its texts and bytes; one row may be larger.
const PAGE: usize = 4 << 20;

/// Rows of a table, from some key on.
pub(super) struct Pages {
    source: Arc<Source>,
    table: Table,
    most: u64,
    next: Prepared,
    first: Option<Prepared>,
    last: Vec<Value>,
    over: bool,
}

impl Pages {
    /// The rows after the one with this key, or all; at most `most` a page.
    pub(super) fn new(
        source: &Arc<Source>,
        table: &Table,
        most: u64,
        after: Option<Vec<Value>>,
    ) -> Result<Self, StoreError> {
        let schema = source.schema();
        let whole = |filter| source.prepare(table.select(schema, &table.fields, filter, Some(most)));
        let next = whole(table.after())?;
        let first = if after.is_none() { Some(whole(Expr::TRUE)?) } else { None };
        let last = after.unwrap_or_default();
        Ok(Self { source: Arc::clone(source), table: table.clone(), most, next, first, last, over: false })
    }

    /// The next page; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Vec<Value>>>, StoreError> {
        if self.over {
            return Ok(None);
        }
        let sink = Box::new(Page { width: self.table.fields.len(), ..Page::default() });
        let (sink, _) = match &self.first {
            Some(first) => self.source.read(first, Vec::new(), sink).await?,
            None => self.source.read(&self.next, self.last.clone(), sink).await?,
        };
        let page = sink.into_any().downcast::<Page>();
        let Page { rows, full, .. } = *page.map_err(|_| StoreError::bug("another sink came back"))?;
        self.first = None;
        self.over = !full && (rows.len() as u64) < self.most;
        let Some(last) = rows.last() else { return Ok(None) };
        self.last = self.table.key_of(last);
        Ok(Some(rows))
    }
}

/// Takes rows until they are large.
#[derive(Default)]
struct Page {
    rows: Vec<Vec<Value>>,
    row: Vec<Value>,
    width: usize,
    bytes: usize,
    full: bool,
}

impl Sink for Page {
    fn begin_row(&mut self) {
        self.row = Vec::with_capacity(self.width);
    }

    fn value(&mut self, _index: usize, value: ValueRef<'_>) {
        self.bytes += match value {
            ValueRef::Text(text) | ValueRef::Json(text) => text.len(),
            ValueRef::Bytes(bytes) => bytes.len(),
            ValueRef::List(items) => items.len() * 32,
            _ => 0,
        };
        self.row.push(value.to_owned());
    }

    fn begin_nested(&mut self, _index: usize) {}

    fn end_nested(&mut self, _index: usize) {}

    fn end_row(&mut self) -> bool {
        self.rows.push(std::mem::take(&mut self.row));
        self.full = self.bytes >= PAGE;
        !self.full
    }

    fn reset(&mut self) {
        *self = Self { width: self.width, ..Self::default() };
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}
