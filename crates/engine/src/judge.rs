//! Verdicts on rows: what a condition that did not hold says to the caller.

use bistro_plan::Judged;
use bistro_problem::{Code, Problem};
use bistro_schema::{Type, Value};

use crate::values::check_violation;

/// Refuses if some verdict is not true; `verdicts` stand in the order of `judged`.
pub(crate) fn refuse_unless_all(
    ty: &Type,
    judged: &[Judged],
    verdicts: &[Value],
    rule: &str,
) -> Result<(), Problem> {
    let failed = judged.iter().zip(verdicts).find(|(_, v)| !matches!(v, Value::Bool(true)));
    match failed {
        None => Ok(()),
        Some((Judged::Rule, _)) => Err(row_refused(ty).rule(rule)),
        Some((Judged::Immutable(field), _)) => {
            let name = &ty.field(*field).name;
            let message = format!("column \"{name}\" can only be written when the row is created");
            Err(Problem::new(Code::GeneratedColumn, message)
                .hint(format!("Leave {name} out, or send its stored value.")))
        }
        Some((Judged::Check { name, message }, _)) => {
            Err(check_violation(ty, name).hint_opt(message.clone()))
        }
    }
}

/// The dialect's words for a row that the rules refuse.
pub(crate) fn row_refused(ty: &Type) -> Problem {
    let message = format!("new row violates row-level security policy for table \"{}\"", ty.collection);
    Problem::new(Code::Forbidden, message)
}
