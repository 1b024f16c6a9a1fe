//! What a filter asks of one value: `<eq>1</eq>`, `<in>1</in><in>2</in>`, `<at><path>a</path><text>…</text></at>`.

use bistro_ir::{Expr, JsonStep, Operand, Test};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, Scalar, Value};

use super::filter::{asks_something, not_null};
use super::members::{Members, check_once, unknown};
use super::place::{inside, inside_nth};
use super::{Compiler, Slots, value};
use crate::envelope::{Element, misplaced};

/// How many steps a way into a JSON value may have.
const STEPS_MAX: usize = 32;

/// A value that is asked about.
#[derive(Clone)]
pub(super) struct Tested {
    pub(super) operand: Operand,
    pub(super) scalar: Scalar,
}

impl Compiler<'_> {
    /// All conditions of a filter on one value.
    pub(super) fn tests(
        &self,
        slots: &mut Slots,
        of: &Tested,
        filter: &Element<'_>,
    ) -> Result<Expr, Problem> {
        asks_something(filter)?;
        let tests = filter.members()?;
        let mut parts = Vec::with_capacity(tests.len());
        for (n, test) in tests.iter().enumerate() {
            let among = &*test.name == "in" && !of.scalar.list;
            if among {
                // All elements of the name are one condition, where the first of them stands.
                if tests[..n].iter().all(|other| &*other.name != "in") {
                    slots.condition()?;
                    let list: Vec<_> = tests.iter().filter(|other| &*other.name == "in").collect();
                    parts.push(self.among(slots, of, &list)?);
                }
                continue;
            }
            slots.condition()?;
            check_once(tests, n)?;
            let part = not_null(test).and_then(|()| self.test(slots, of, test, &filter.name));
            parts.push(part.map_err(|problem| match problem.code {
                // It names its place already.
                Code::SoapElement if problem.pointer.is_some() => problem,
                _ => inside(problem, &test.name),
            })?);
        }
        Ok(Expr::all(parts))
    }

    /// Equal to one of several values.
    fn among(&self, slots: &mut Slots, of: &Tested, list: &[&Element<'_>]) -> Result<Expr, Problem> {
        if list.len() > self.limits.in_list {
            let message = format!("A list has more than {} values", self.limits.in_list);
            return Err(inside(Problem::new(Code::TooComplex, message), "in"));
        }
        let (schema, scalar) = (self.described.view().schema(), of.scalar.compared());
        let values = list.iter().enumerate().map(|(n, element)| {
            let value = not_null(element).and_then(|()| value::compared(schema, scalar, element));
            value.map_err(|problem| inside_nth(problem, "in", n))
        });
        let values = values.collect::<Result<_, _>>().map(Value::List)?;
        let right = slots.operand(Scalar::list(scalar.kind), values)?;
        Ok(Test::In.expr(of.operand.clone(), right))
    }

    fn test(
        &self,
        slots: &mut Slots,
        of: &Tested,
        test: &Element<'_>,
        filter: &str,
    ) -> Result<Expr, Problem> {
        let left = of.operand.clone();
        match &*test.name {
            "isNull" => {
                let is_null = Expr::IsNull(left);
                return Ok(if value::boolean(test)? { is_null } else { is_null.opposite() });
            }
            "not" => return self.tests(slots, of, test).map(Expr::opposite),
            "at" if of.scalar == Scalar::one(Kind::Json) => return self.at(slots, of, test),
            _ => {}
        }
        let words = Test::words(of.scalar);
        let named = Test::named(&test.name).filter(|_| words.contains(&&*test.name));
        let named =
            named.ok_or_else(|| unknown(&test.name, filter, words.iter().chain(&["isNull", "not"])))?;
        let (scalar, value) = self.right_side(named, of.scalar, test)?;
        let right = slots.operand(scalar, value)?;
        Ok(named.expr(left, right))
    }

    /// What stands on the right of a condition.
    fn right_side(
        &self,
        test: Test,
        left: Scalar,
        element: &Element<'_>,
    ) -> Result<(Scalar, Value), Problem> {
        let (schema, most) = (self.described.view().schema(), self.limits.pattern_bytes);
        let text = Scalar::one(Kind::String);
        let scalar = left.compared();
        Ok(match test {
            Test::Like(_) => (text, value::like(element.value()?, most)?),
            Test::StartsWith => (text, value::prefix(element.value()?, most)?),
            Test::Match(_) => (text, value::regex(element.value()?, most)?),
            Test::Contains | Test::ContainedBy | Test::Overlaps => {
                (scalar, value::plain(schema, scalar, element)?)
            }
            Test::Compare(_) | Test::Distinct | Test::In => {
                (scalar, value::compared(schema, scalar, element)?)
            }
        })
    }

    /// Conditions on a place within a JSON value.
    fn at(&self, slots: &mut Slots, of: &Tested, at: &Element<'_>) -> Result<Expr, Problem> {
        let mut members = Members::of(at)?;
        let (path, text, json) = (members.all("path"), members.maybe("text")?, members.maybe("json")?);
        members.finish()?;
        if text.is_none() && json.is_none() {
            return Err(misplaced("at wants an element text or json, with what is asked of the place"));
        }
        if path.len() > STEPS_MAX {
            let message = format!("A path has more than {STEPS_MAX} steps");
            return Err(Problem::new(Code::TooComplex, message));
        }
        let path = path.into_iter().map(|step| step.value().map(json_step));
        let path = path.collect::<Result<Vec<_>, _>>()?;
        let parts = [(text, true), (json, false)].into_iter().filter_map(|(part, text)| Some((part?, text)));
        let parts = parts.map(|(part, text)| {
            let kind = if text { Kind::String } else { Kind::Json };
            let (base, path) = (Box::new(of.operand.clone()), path.clone());
            let operand = if path.is_empty() && !text { *base } else { Operand::Json { base, path, text } };
            let tests = self.tests(slots, &Tested { operand, scalar: Scalar::one(kind) }, part);
            tests.map_err(|problem| inside(problem, &part.name))
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, _>>()?))
    }
}

/// One step of a way into a JSON value: a position in a list where it is a whole number, otherwise a member.
fn json_step(text: &str) -> JsonStep {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let index = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(at) if index => JsonStep::Index(at),
        _ => JsonStep::Key(text.to_owned()),
    }
}
