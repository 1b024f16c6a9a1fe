//! What the dearest operations of a running server cost, and the indexes that would help them.

use std::fmt::Write as _;
use std::time::Duration;

use bistro_engine::{Advice, Engine, Shape};
use serde_json::{Value, json};

/// How many shapes are shown and looked at.
const SHAPES: usize = 20;

/// The report, as text or as JSON.
pub(crate) async fn report(engine: &Engine, calls: u64, as_json: bool) -> String {
    let mut shapes = engine.shapes();
    shapes.retain(|shape| shape.calls >= calls);
    shapes.truncate(SHAPES);
    let advice = engine.advise(SHAPES, calls).await;
    if as_json { document(engine, &shapes, &advice).to_string() } else { text(engine, &shapes, &advice) }
}

fn text(engine: &Engine, shapes: &[Shape], advice: &[Advice]) -> String {
    if shapes.is_empty() {
        return "No operation has run often enough to say anything; ask again later, or with --calls 1.\n"
            .into();
    }
    let mut out = String::from("The operations that cost most since the server started\n\n");
    for (n, shape) in shapes.iter().enumerate() {
        let rows = shape.rows / shape.calls.max(1);
        let _ = writeln!(
            out,
            "{:>3}. {} in all: {} calls, {} on average, {} the slowest, {rows} rows a call, for {}",
            n + 1,
            time(shape.total),
            shape.calls,
            time(shape.mean()),
            time(shape.slowest),
            engine.schema().role_names(shape.roles).join(" and "),
        );
        for line in shape.operation.lines() {
            let _ = writeln!(out, "       {line}");
        }
    }
    if advice.is_empty() {
        out.push_str("\nNo index would help them.\n");
        return out;
    }
    out.push_str("\nIndexes that would help\n");
    for one in advice {
        let fields: Vec<String> = one.fields.iter().map(|f| format!("\"{f}\"")).collect();
        let _ = writeln!(out, "\n  type {} @index(fields: [{}])", one.ty, fields.join(", "));
        match &one.tried {
            Ok(tried) => {
                let _ = writeln!(out, "    the planner now:        {}", indented(&tried.before));
                let _ = writeln!(out, "    the planner with it:    {}", indented(&tried.after));
            }
            Err(cause) => {
                let _ = writeln!(
                    out,
                    "    judged by the operations' shape alone; it could not be tried: {cause}"
                );
            }
        }
        for operation in &one.operations {
            let _ =
                writeln!(out, "    for: {}", operation.lines().map(str::trim).collect::<Vec<_>>().join("; "));
        }
    }
    out
}

fn indented(plan: &str) -> String {
    plan.trim_end().replace('\n', "\n                            ")
}

/// A time with three digits at most.
fn time(of: Duration) -> String {
    match of.as_micros() {
        micros @ 0..1_000 => format!("{micros} µs"),
        micros @ 1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        micros => format!("{:.1} s", micros as f64 / 1e6),
    }
}

fn document(engine: &Engine, shapes: &[Shape], advice: &[Advice]) -> Value {
    let micros = |of: Duration| u64::try_from(of.as_micros()).unwrap_or(u64::MAX);
    let shapes = shapes.iter().map(|s| {
        json!({
            "operation": s.operation, "roles": engine.schema().role_names(s.roles), "calls": s.calls,
            "failed": s.failed, "total_us": micros(s.total), "mean_us": micros(s.mean()),
            "slowest_us": micros(s.slowest), "rows": s.rows,
        })
    });
    let indexes = advice.iter().map(|a| {
        let tried = a.tried.as_ref().ok().map(|t| json!({ "before": t.before, "after": t.after }));
        json!({ "type": a.ty, "fields": a.fields, "tried": tried, "operations": a.operations })
    });
    json!({ "shapes": shapes.collect::<Vec<_>>(), "indexes": indexes.collect::<Vec<_>>() })
}
