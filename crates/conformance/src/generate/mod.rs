//! Operations made from the schema and a seed: reads, writes, and the values in them.

mod filter;
mod read;
mod value;
mod write;

use bistro_ir::{Input, Operation, Param, ParamId};
use bistro_schema::{Scalar, Schema, Value};

use crate::rng::Rng;

/// An operation and its values.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is asked.
    pub operation: Operation,
    /// The values.
    pub input: Input,
}

/// Collects parameters while an operation is made.
struct Params {
    params: Vec<Param>,
    values: Vec<Value>,
}

impl Params {
    fn slot(&mut self, scalar: Scalar, value: Value) -> ParamId {
        self.params.push(Param { scalar });
        self.values.push(value);
        ParamId(self.params.len() as u16 - 1)
    }
}

/// One operation; an insert where tables are still to be filled.
pub fn case(schema: &Schema, rng: &mut Rng, filling: bool) -> Case {
    let mut params = Params { params: Vec::new(), values: Vec::new() };
    let (body, rows) = match rng.below(10) {
        0..=5 if !filling => (bistro_ir::Body::Read(read::read(schema, rng, &mut params)), Vec::new()),
        _ => write::write(schema, rng, &mut params, filling),
    };
    let input = Input { params: params.values, rows, ..Input::default() };
    Case { operation: Operation { body, params: params.params }, input }
}
