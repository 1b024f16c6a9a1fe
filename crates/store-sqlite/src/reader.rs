//! Read-only connections, one a thread and store.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bistro_store::StoreError;
use rusqlite::Connection;

use crate::connect::Site;
use crate::watch::Watch;

/// A thread's connection to one store.
pub(crate) struct Reader {
    pub(crate) conn: Connection,
    pub(crate) watch: Watch,
}

/// What a thread keeps of a store.
struct Kept {
    store: u64,
    closed: Arc<AtomicBool>,
    reader: Rc<Reader>,
}

thread_local! {
    static READERS: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// Names a store and tells when it is closed.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) store: u64,
    pub(crate) closed: Arc<AtomicBool>,
}

/// This thread's connection to the store, opened on first use. Connections to closed stores are dropped on the way.
pub(crate) fn reader(site: &Site, life: &Life) -> Result<Rc<Reader>, StoreError> {
    READERS.with_borrow_mut(|kept| {
        if let Some(found) = kept.iter().find(|k| k.store == life.store) {
            return Ok(found.reader.clone());
        }
        kept.retain(|k| !k.closed.load(Ordering::Acquire));
        let (conn, watch) = site.reader()?;
        let reader = Rc::new(Reader { conn, watch });
        kept.push(Kept { store: life.store, closed: life.closed.clone(), reader: reader.clone() });
        Ok(reader)
    })
}
