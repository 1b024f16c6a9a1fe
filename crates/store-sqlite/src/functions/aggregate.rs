//! Sums, means and extremes of exact numbers in their loose form, in 128 bits.

use bistro_problem::Code;
use std::cmp::Ordering;

use bistro_schema::Decimal;
use bistro_store_sql::encode::loose_bytes;
use rusqlite::functions::{Aggregate, Context};
use rusqlite::{Connection, Result};

use super::number::number;
use super::{FLAGS, refuse};

pub(super) fn register(conn: &Connection) -> Result<()> {
    conn.create_aggregate_function("bistro_sum", 1, FLAGS, Total { mean: false })?;
    conn.create_aggregate_function("bistro_avg", 1, FLAGS, Total { mean: true })?;
    conn.create_aggregate_function("bistro_min", 1, FLAGS, Extreme(Ordering::Less))?;
    conn.create_aggregate_function("bistro_max", 1, FLAGS, Extreme(Ordering::Greater))
}

/// The sum, or the mean.
struct Total {
    mean: bool,
}

impl Aggregate<(Decimal, u64), Option<Vec<u8>>> for Total {
    fn init(&self, _: &mut Context<'_>) -> Result<(Decimal, u64)> {
        Ok((Decimal::ZERO, 0))
    }

    fn step(&self, context: &mut Context<'_>, (sum, count): &mut (Decimal, u64)) -> Result<()> {
        if let Some(next) = number(context.get_raw(0), 0)? {
            *sum = sum
                .checked_add(next)
                .ok_or_else(|| refuse(Code::OutOfRange, "value overflows numeric format"))?;
            *count += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, taken: Option<(Decimal, u64)>) -> Result<Option<Vec<u8>>> {
        let result = taken.filter(|(_, count)| *count > 0).map(|(sum, count)| match self.mean {
            true => Decimal::avg(sum.mantissa, sum.scale, count),
            false => sum,
        });
        Ok(result.map(|d| loose_bytes(d).to_vec()))
    }
}

/// The least or the greatest.
struct Extreme(Ordering);

impl Aggregate<Option<Decimal>, Option<Vec<u8>>> for Extreme {
    fn init(&self, _: &mut Context<'_>) -> Result<Option<Decimal>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, best: &mut Option<Decimal>) -> Result<()> {
        if let Some(next) = number(context.get_raw(0), 0)?
            && best.is_none_or(|b| next.compare(b) == self.0)
        {
            *best = Some(next);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, best: Option<Option<Decimal>>) -> Result<Option<Vec<u8>>> {
        Ok(best.flatten().map(|d| loose_bytes(d).to_vec()))
    }
}
