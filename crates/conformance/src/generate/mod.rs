//! Operations made from the schema and a seed: reads, writes, and the values in them.

mod condition;
mod filter;
mod order;
mod read;
mod value;
mod write;

use bistro_ir::{Input, Operation, Param, ParamId};
use bistro_schema::{Scalar, Schema, Value};
use bistro_store::Capabilities;

use crate::rng::Rng;

/// An operation and its values.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is asked.
    pub operation: Operation,
    /// The values.
    pub input: Input,
}

/// Makes one operation.
struct Maker<'m> {
    schema: &'m Schema,
    rng: &'m mut Rng,
    /// What the store under examination has; what it has not is not asked.
    able: &'m Capabilities,
    /// Whether full text may be asked for here.
    search: bool,
    params: Vec<Param>,
    values: Vec<Value>,
}

impl Maker<'_> {
    /// A parameter of this scalar with its value.
    fn slot(&mut self, scalar: Scalar, value: Value) -> ParamId {
        self.params.push(Param { scalar });
        self.values.push(value);
        ParamId(self.params.len() as u16 - 1)
    }
}

/// One operation; an insert where tables are still to be filled.
pub fn case(schema: &Schema, able: &Capabilities, rng: &mut Rng, filling: bool) -> Case {
    let reads = rng.below(10) < 6 && !filling;
    let mut maker =
        Maker { schema, rng, able, search: able.full_text, params: Vec::new(), values: Vec::new() };
    let (body, rows) =
        if reads { (bistro_ir::Body::Read(maker.read()), Vec::new()) } else { maker.write(filling) };
    let (max_affected, exactly_one) = match (reads, maker.rng.below(24)) {
        (false, 0) => (Some(maker.rng.below(4) as u64), false),
        (_, 1) => (None, true),
        _ => (None, false),
    };
    let input = Input { params: maker.values, rows, max_affected, exactly_one };
    Case { operation: Operation { body, params: maker.params }, input }
}
