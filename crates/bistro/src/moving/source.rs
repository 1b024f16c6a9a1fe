//! A store that is read: through one long snapshot where other processes may write to it meanwhile.

use std::sync::Arc;

use bistro_schema::{Schema, Value};
use bistro_store::{Collect, Prepared, Select, Sink, Statement, Store, StoreError, StoreErrorKind, Summary};
use tokio::sync::{mpsc, oneshot};

type Read = Result<(Box<dyn Sink>, Summary), StoreError>;

/// A read that the snapshot's job shall do.
struct Ask {
    prepared: Prepared,
    binds: Vec<Value>,
    sink: Box<dyn Sink>,
    answer: oneshot::Sender<Read>,
}

/// A store that is read.
pub(super) struct Source {
    /// The store, under the schema that is moved.
    pub(super) store: Arc<dyn Store>,
    /// The way to the snapshot's job, which ends when this is dropped.
    snapshot: Option<mpsc::Sender<Ask>>,
}

impl Source {
    /// A store that nobody else writes to.
    pub(super) fn alone(store: Arc<dyn Store>) -> Self {
        Self { store, snapshot: None }
    }

    /// A store that others may write to: all reads see the state of now, if the store can do that.
    pub(super) async fn shared(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        if store.capabilities().embedded {
            return Ok(Self::alone(store));
        }
        let (asks, mut asked) = mpsc::channel::<Ask>(1);
        let (begun, begins) = oneshot::channel();
        let job = store.snapshot(Box::new(move |transaction| {
            Box::pin(async move {
                let _ = begun.send(());
                while let Some(Ask { prepared, binds, mut sink, answer }) = asked.recv().await {
                    let read = transaction.read(&prepared, &binds, &mut *sink).await;
                    let _ = answer.send(read.map(|summary| (sink, summary)));
                }
                Ok(())
            })
        }));
        let job = tokio::spawn(job);
        if begins.await.is_ok() {
            return Ok(Self { store, snapshot: Some(asks) });
        }
        match job.await {
            Ok(Err(error)) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => Ok(Self::alone(store)),
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Err(StoreError::bug("a snapshot ended before it began")),
        }
    }

    /// The schema.
    pub(super) fn schema(&self) -> &Arc<Schema> {
        self.store.schema()
    }

    /// Makes a read ready.
    pub(super) fn prepare(&self, select: Select) -> Result<Prepared, StoreError> {
        self.store.prepare(&Statement::Select(select))
    }

    /// Reads into a sink.
    pub(super) async fn read(&self, prepared: &Prepared, binds: Vec<Value>, sink: Box<dyn Sink>) -> Read {
        let Some(asks) = &self.snapshot else {
            return self.store.read(Arc::clone(prepared), binds, sink).await;
        };
        let (answer, told) = oneshot::channel();
        let gone = || StoreError::new(StoreErrorKind::Unavailable, "the connection of the snapshot is gone");
        let ask = Ask { prepared: Arc::clone(prepared), binds, sink, answer };
        asks.send(ask).await.map_err(|_| gone())?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Reads a few rows.
    pub(super) async fn rows(
        &self,
        select: Select,
        binds: Vec<Value>,
    ) -> Result<(Vec<Vec<Value>>, Summary), StoreError> {
        let prepared = self.prepare(select)?;
        let (sink, summary) = self.read(&prepared, binds, Box::new(Collect::new())).await?;
        let collect = sink.into_any().downcast::<Collect>();
        let collect = collect.map_err(|_| StoreError::bug("another sink came back"))?;
        Ok((collect.values(), summary))
    }
}
