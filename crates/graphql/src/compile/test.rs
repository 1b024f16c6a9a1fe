//! What a filter asks of one value: `{eq: 1}`, `{in: [1, 2]}`, `{at: {path: ["a"], text: {eq: "b"}}}`.

use bistro_ir::{Expr, JsonStep, Operand, Test};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, Scalar};

use super::filter::null;
use super::{Compiler, Given, Reading, Slots};

/// How many steps a way into a JSON value may have.
const STEPS_MAX: usize = 32;
/// How deep `not` may nest.
const NEST_MAX: usize = 32;

/// A value that is asked about.
#[derive(Clone)]
pub(super) struct Tested {
    pub(super) operand: Operand,
    pub(super) scalar: Scalar,
    /// How global ids are read where the value is a part of a key.
    pub(super) key: Option<Reading>,
}

impl<'a> Compiler<'a> {
    /// All conditions of a filter on one value.
    pub(super) fn tests(&self, slots: &mut Slots, of: &Tested, given: &Given<'a>) -> Result<Expr, Problem> {
        self.nested_tests(slots, of, given, 0)
    }

    fn nested_tests(
        &self,
        slots: &mut Slots,
        of: &Tested,
        given: &Given<'a>,
        depth: usize,
    ) -> Result<Expr, Problem> {
        if depth > NEST_MAX {
            let message = format!("Conditions nest deeper than the limit of {NEST_MAX}");
            return Err(Problem::new(Code::TooComplex, message));
        }
        let parts = given.members()?.into_iter().map(|(name, value)| {
            slots.condition()?;
            match name {
                _ if value.is_null() => Err(null(name)),
                "not" => self.nested_tests(slots, of, &value, depth + 1).map(Expr::opposite),
                "at" => self.inside(slots, of, &value),
                name => self.test(slots, of, name, &value),
            }
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, _>>()?))
    }

    fn test(&self, slots: &mut Slots, of: &Tested, name: &str, value: &Given<'a>) -> Result<Expr, Problem> {
        let left = of.operand.clone();
        if name == "isNull" {
            let is_null = Expr::IsNull(left);
            return match value.boolean() {
                Some(true) => Ok(is_null),
                Some(false) => Ok(is_null.opposite()),
                None => Err(Problem::new(Code::BadParameter, "isNull is true or false")),
            };
        }
        let right = slots.operand(self.rules(), right_side(of, name), value)?;
        let test = Test::named(name);
        let test = test.ok_or_else(|| Problem::bug("a filter has a condition that is not described"))?;
        Ok(test.expr(left, right))
    }

    /// Conditions on a place within a JSON value.
    fn inside(&self, slots: &mut Slots, of: &Tested, given: &Given<'a>) -> Result<Expr, Problem> {
        let members = given.members()?;
        let path = members.iter().find(|(name, _)| *name == "path").map(|(_, path)| path);
        let path = self.json_path(path.ok_or_else(|| null("path"))?)?;
        let parts = members.iter().filter(|(name, _)| *name != "path").map(|(name, value)| {
            if value.is_null() {
                return Err(null(name));
            }
            let text = *name == "text";
            let kind = if text { Kind::String } else { Kind::Json };
            let (base, path) = (Box::new(of.operand.clone()), path.clone());
            let operand = if path.is_empty() && !text { *base } else { Operand::Json { base, path, text } };
            self.tests(slots, &Tested { operand, scalar: Scalar::one(kind), key: None }, value)
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, _>>()?))
    }

    /// The steps of a way into a JSON value. They are part of what is asked and no values of slots.
    pub(super) fn json_path(&self, given: &Given<'a>) -> Result<Vec<JsonStep>, Problem> {
        if matches!(given, Given::Variable(..)) || given.mixed() {
            self.only_once();
        }
        let elements = given.elements();
        if elements.len() > STEPS_MAX {
            let message = format!("A path has more than {STEPS_MAX} steps");
            return Err(Problem::new(Code::TooComplex, message));
        }
        let steps = elements.iter().map(|element| {
            let json = element.json();
            let text = super::scalar::string(&json, "path")?;
            let digits = text.strip_prefix('-').unwrap_or(text);
            let index = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            Ok(match text.parse::<i64>() {
                Ok(at) if index => JsonStep::Index(at),
                _ => JsonStep::Key(text.to_owned()),
            })
        });
        steps.collect()
    }
}

/// What stands on the right of a condition.
fn right_side(of: &Tested, name: &str) -> (Scalar, Reading) {
    let scalar = of.scalar.compared();
    match name {
        "in" => {
            let key = match of.key {
                Some(Reading::Key { at, ty }) => Some((at, ty)),
                _ => None,
            };
            (Scalar::list(scalar.kind), Reading::Among { key })
        }
        "like" | "ilike" => (Scalar::one(Kind::String), Reading::Like),
        "startsWith" => (Scalar::one(Kind::String), Reading::Prefix),
        "match" | "imatch" => (Scalar::one(Kind::String), Reading::Regex),
        "contains" | "containedBy" | "overlaps" => (scalar, Reading::Plain),
        _ => (scalar, of.key.unwrap_or(Reading::Compared)),
    }
}
