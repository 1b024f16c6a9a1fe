//! The values of one operation, and how many there may be.

use bistro_ir::{Operand, Param, ParamId};
use bistro_problem::{Code, Problem};
use bistro_schema::{Scalar, Value};

/// Values that one operation may hold.
const VALUES_MAX: usize = 10_000;
/// Conditions of one filter.
const CONDITIONS_MAX: usize = 5_000;

/// The slots filled so far.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    pub(crate) params: Vec<Param>,
    pub(crate) values: Vec<Value>,
    conditions: usize,
}

impl Slots {
    /// Counts one more condition.
    pub(super) fn condition(&mut self) -> Result<(), Problem> {
        self.conditions += 1;
        if self.conditions <= CONDITIONS_MAX {
            return Ok(());
        }
        Err(too_many(format!("The filter comes to more than {CONDITIONS_MAX} conditions")))
    }

    /// Puts a value into the next slot.
    pub(crate) fn push(&mut self, scalar: Scalar, value: Value) -> Result<ParamId, Problem> {
        if self.params.len() >= VALUES_MAX {
            return Err(too_many(format!("The operation holds more than {VALUES_MAX} values")));
        }
        let id = ParamId(self.params.len() as u16);
        self.params.push(Param { scalar });
        self.values.push(value);
        Ok(id)
    }

    /// The same, as an operand.
    pub(crate) fn operand(&mut self, scalar: Scalar, value: Value) -> Result<Operand, Problem> {
        self.push(scalar, value).map(Operand::Param)
    }
}

fn too_many(message: String) -> Problem {
    Problem::new(Code::TooComplex, message)
        .hint("Put the values of one field into a list: repeated in elements count as one condition.")
}
