//! What a transaction does in one trip. The first of them may be run again on another connection.

use std::future::Future;

use bistro_schema::Value;
use bistro_store::store::Written;
use bistro_store::{Sink, Summary};
use bistro_store_sql::encode::Width;

use crate::execute::{Run, Trouble};
use crate::link::{Link, Text};
use crate::prepare::{Change, Program, Reading};
use crate::records;

/// One trip.
pub(super) trait Step: Send {
    /// What it answers.
    type Out: Send;

    /// Makes it.
    fn run(&mut self, link: &Link) -> impl Future<Output = Result<Self::Out, Trouble>> + Send;
}

/// A select or judgement.
pub(super) struct Select<'a> {
    pub(super) program: &'a Program,
    pub(super) reading: &'a Reading,
    pub(super) binds: &'a [Value],
    pub(super) sink: &'a mut dyn Sink,
}

impl Step for Select<'_> {
    type Out = Summary;

    async fn run(&mut self, link: &Link) -> Result<Summary, Trouble> {
        let (mut width, binds) = (Width::NARROW, self.binds);
        loop {
            let level = self.reading.level_for(&self.program.schema, width, binds)?;
            match (Run { link, binds, whole: true }).read(level, self.sink).await {
                // Values are fitted before a row is pushed; the sink may hold rows of the job's earlier reads.
                Err(Trouble::Wide(wider)) if width.or(wider) != width => width = width.or(wider),
                done => return done,
            }
        }
    }
}

/// A write.
pub(super) struct Put<'a> {
    pub(super) change: &'a Change,
    pub(super) binds: &'a [Value],
}

impl Step for Put<'_> {
    type Out = Written;

    async fn run(&mut self, link: &Link) -> Result<Written, Trouble> {
        (Run { link, binds: self.binds, whole: true }).write(self.change).await
    }
}

/// A text made ready.
pub(super) struct Prepare<'a>(pub(super) &'a Text);

impl Step for Prepare<'_> {
    type Out = ();

    async fn run(&mut self, link: &Link) -> Result<(), Trouble> {
        link.prepare(self.0).await?;
        Ok(())
    }
}

/// A look for a record.
pub(super) struct GetRecord<'a> {
    pub(super) space: &'a str,
    pub(super) key: &'a str,
    pub(super) now: i64,
}

impl Step for GetRecord<'_> {
    type Out = Option<Vec<u8>>;

    async fn run(&mut self, link: &Link) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(records::get(link, self.space, self.key, self.now).await?)
    }
}

/// A record kept.
pub(super) struct PutRecord<'a> {
    pub(super) space: &'a str,
    pub(super) key: &'a str,
    pub(super) value: &'a [u8],
    pub(super) expires: i64,
}

impl Step for PutRecord<'_> {
    type Out = ();

    async fn run(&mut self, link: &Link) -> Result<(), Trouble> {
        Ok(records::put(link, self.space, self.key, self.value, self.expires).await?)
    }
}
