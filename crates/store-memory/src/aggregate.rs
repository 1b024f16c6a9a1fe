//! Aggregates over the values of a group.

use bistro_ir::Aggregate;
use bistro_schema::{Decimal, Value};

use crate::compare::{compare, decimal, float};

/// The aggregate of values; `None` counts rows.
pub(crate) fn aggregate(function: Aggregate, rows: usize, values: Option<Vec<Value>>) -> Value {
    let Some(values) = values else { return Value::Int(rows as i64) };
    let values: Vec<Value> = values.into_iter().filter(|v| !v.is_null()).collect();
    match function {
        Aggregate::Count => Value::Int(values.len() as i64),
        _ if values.is_empty() => Value::Null,
        Aggregate::Min => extreme(values, std::cmp::Ordering::Less),
        Aggregate::Max => extreme(values, std::cmp::Ordering::Greater),
        Aggregate::Sum | Aggregate::Avg if matches!(values[0], Value::Float(_)) => {
            let sum: f64 = values.iter().filter_map(float).sum();
            Value::Float(if function == Aggregate::Avg { sum / values.len() as f64 } else { sum })
        }
        Aggregate::Sum | Aggregate::Avg => exact(function, &values),
    }
}

fn extreme(values: Vec<Value>, wanted: std::cmp::Ordering) -> Value {
    let better = |a: Value, b: Value| if compare(&b, &a) == Some(wanted) { b } else { a };
    values.into_iter().reduce(better).unwrap_or(Value::Null)
}

fn exact(function: Aggregate, values: &[Value]) -> Value {
    let decimals: Vec<Decimal> = values.iter().filter_map(decimal).collect();
    let scale = decimals.iter().map(|d| d.scale).max().unwrap_or(0);
    let sum: i128 = decimals.iter().filter_map(|d| d.rescale(scale)).map(|d| d.mantissa).sum();
    if function == Aggregate::Avg {
        return Value::Decimal(Decimal::avg(sum, scale, values.len() as u64));
    }
    match (&values[0], i64::try_from(sum)) {
        (Value::Int(_), Ok(sum)) => Value::Int(sum),
        _ => Value::Decimal(Decimal { mantissa: sum, scale }),
    }
}
