//! Records in a transaction.

use bistro_engine::{Outcome, Session};
use bistro_problem::Problem;
use bistro_schema::{Roles, Value};
use bistro_store::Collect;

use super::filter::Filter;
use super::operation::{self, Asked};
use super::record::Record;

/// One open transaction over the system tables.
pub type Tx<'t> = Session<'t>;

/// What flows do with records. `set` is written by [`set!`](super::set).
pub trait Rows {
    /// The rows that a filter finds.
    fn find<T: Record>(&mut self, filter: Filter) -> impl Future<Output = Result<Vec<T>, Problem>> + Send;

    /// The first row that a filter finds.
    fn one<T: Record>(&mut self, filter: Filter) -> impl Future<Output = Result<Option<T>, Problem>> + Send;

    /// Adds a row.
    fn insert<T: Record>(&mut self, record: T) -> impl Future<Output = Result<(), Problem>> + Send;

    /// Changes the rows that a filter finds; how many there were. Rows are locked and judged once more, so that of two
    /// transactions with a condition that the first one makes false, the second finds none: what is used once is used so.
    fn update<T: Record>(
        &mut self,
        filter: Filter,
        set: Vec<(&'static str, Value)>,
    ) -> impl Future<Output = Result<u64, Problem>> + Send;

    /// Removes the rows that a filter finds; how many there were.
    fn delete<T: Record>(&mut self, filter: Filter) -> impl Future<Output = Result<u64, Problem>> + Send;
}

impl Rows for Session<'_> {
    async fn find<T: Record>(&mut self, filter: Filter) -> Result<Vec<T>, Problem> {
        let asked = operation::find::<T>(self.engine().schema(), filter);
        let mut collect = Collect::new();
        run(self, asked, &mut collect).await?;
        read(collect)
    }

    async fn one<T: Record>(&mut self, filter: Filter) -> Result<Option<T>, Problem> {
        Ok(self.find(filter.limit(1)).await?.pop())
    }

    async fn insert<T: Record>(&mut self, record: T) -> Result<(), Problem> {
        let asked = operation::insert(self.engine().schema(), record);
        run(self, asked, &mut Collect::new()).await.map(drop)
    }

    async fn update<T: Record>(
        &mut self,
        filter: Filter,
        set: Vec<(&'static str, Value)>,
    ) -> Result<u64, Problem> {
        let asked = operation::update::<T>(self.engine().schema(), filter, set);
        Ok(run(self, asked, &mut Collect::new()).await?.affected)
    }

    async fn delete<T: Record>(&mut self, filter: Filter) -> Result<u64, Problem> {
        let asked = operation::delete::<T>(self.engine().schema(), filter);
        Ok(run(self, asked, &mut Collect::new()).await?.affected)
    }
}

async fn run(session: &mut Session<'_>, asked: Asked, collect: &mut Collect) -> Result<Outcome, Problem> {
    let ready = session.engine().ready(Roles::SERVICE, &asked.operation)?;
    session.run(&ready, &asked.input, collect).await
}

/// The records that were collected.
pub(crate) fn read<T: Record>(collect: Collect) -> Result<Vec<T>, Problem> {
    let records = collect.values().into_iter().map(T::read);
    records.collect::<Option<_>>().ok_or_else(|| Problem::bug(format!("a row is no {}", T::TYPE)))
}

/// Values for columns: `set! { counter: counter + 1, refreshed_at: now }`.
macro_rules! set {
    ($($column:ident: $value:expr),* $(,)?) => {
        vec![$((stringify!($column), $crate::data::Column::give($value))),*]
    };
}

pub(crate) use set;
