//! Reads whose shape was seen before: their literals are bound to a plan that waits, and nothing is compiled.
//!
//! Invariant: the key of an entry holds all that decides the plan and the form of its reply: the collection, the query
//! without its literals, the media type, the count, and the roles.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_ir::{Input, Operation};
use bistro_problem::Problem;
use quick_cache::sync::Cache;

use crate::call::Call;
use crate::compile::template::{self, Template};
use crate::media::Media;
use crate::prefer::{Count, Prefer};
use crate::read::ReadPlan;
use crate::router::Rest;

/// The longest shape that is kept, in bytes: callers write them, and many are kept.
const KEY_MAX: usize = 1_024;

/// The largest plan that is kept; see [`bistro_engine::Ready::weight`].
const WEIGHT_MAX: usize = 4_096;

/// A read that waits for literals.
pub(crate) struct Warm {
    operation: Operation,
    plan: Arc<ReadPlan>,
}

/// The reads of one surface.
pub(crate) struct Shapes(Cache<Vec<u8>, Arc<Warm>>);

impl Shapes {
    pub(crate) fn new(most: usize) -> Self {
        Self(Cache::new(most))
    }
}

impl Rest {
    /// The plan of a read and its input: found, or made and kept.
    pub(crate) fn read_plan(&self, cx: &Context, call: &Call<'_>) -> Result<(Arc<ReadPlan>, Input), Problem> {
        let Some(template) = self.template(cx, call) else {
            return self.cold(cx, call).map(|(_, plan, input)| (plan, input));
        };
        if let Some(warm) = self.shapes.0.get(template.key.as_slice()) {
            let mut input = self.bind(&warm.operation, &template)?;
            input.exactly_one = call.media.singular() && call.item.is_none();
            return Ok((Arc::clone(&warm.plan), input));
        }
        let (operation, plan, input) = self.cold(cx, call)?;
        // A shape is kept only if binding finds what compiling did.
        if template.key.len() <= KEY_MAX
            && plan.ready.weight() <= WEIGHT_MAX
            && self.bind(&operation, &template).is_ok_and(|bound| bound.params == input.params)
        {
            let warm = Arc::new(Warm { operation, plan: Arc::clone(&plan) });
            self.shapes.0.insert(template.key, warm);
        }
        Ok((plan, input))
    }

    fn cold(&self, cx: &Context, call: &Call<'_>) -> Result<(Operation, Arc<ReadPlan>, Input), Problem> {
        let (operation, plan, input) = ReadPlan::new(self.engine(), self.options(), cx, call)?;
        Ok((operation, Arc::new(plan), input))
    }

    fn bind(&self, operation: &Operation, template: &Template<'_>) -> Result<Input, Problem> {
        template::bind(self.engine().schema(), &self.options().limits, operation, template)
    }

    /// The shape and the literals of a request; `None` for what is always compiled.
    fn template<'c>(&self, cx: &Context, call: &Call<'c>) -> Option<Template<'c>> {
        if call.range.is_some() {
            return None;
        }
        let facts = facts(call)?;
        let limits = &self.options().limits;
        let mut template = template::split(&call.collection, call.item, call.query, facts, limits)?;
        template.key.extend_from_slice(&cx.caller.roles.0.to_le_bytes());
        Some(template)
    }
}

/// What of the headers decides a reply's form, in one byte; `None` where there is more to it.
fn facts(call: &Call<'_>) -> Option<u8> {
    let media = match call.media {
        Media::Json { decimal_strings } => u8::from(decimal_strings),
        Media::Array { nulls_stripped } => 2 + u8::from(nulls_stripped),
        Media::Object { nulls_stripped } => 4 + u8::from(nulls_stripped),
        Media::Csv => 6,
    };
    let count = match call.prefer.count {
        None => 0,
        Some(Count::Exact) => 1,
        Some(Count::Planned) => 2,
        Some(Count::Estimated) => 3,
    };
    let mut others = call.prefer.clone();
    others.count = None;
    (others == Prefer::default()).then_some(media | count << 3)
}
