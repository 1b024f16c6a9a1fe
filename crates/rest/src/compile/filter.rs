//! A test of a column becomes a condition.

use bistro_engine::misread;
use bistro_ir::{Compare, Expr, Operand, SearchMode};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, Scalar, Schema};

use super::Limits;
use super::column::{Column, type_name};
use super::literal::{self, Reading, Slots};
use super::operator::{Is, Operation, Simple, Test};

/// PostgreSQL's configurations of text search. All are read alike: words, case folded, no stemming.
const CONFIGURATIONS: &[&str] = &[
    "simple",
    "arabic",
    "armenian",
    "basque",
    "catalan",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hindi",
    "hungarian",
    "indonesian",
    "irish",
    "italian",
    "lithuanian",
    "nepali",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "serbian",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
    "yiddish",
];

/// What conditions are made with.
pub(crate) struct Maker<'m> {
    pub(crate) schema: &'m Schema,
    pub(crate) limits: &'m Limits,
    pub(crate) slots: &'m mut Slots,
}

impl Maker<'_> {
    /// The condition that `test` puts on `column`.
    pub(crate) fn condition(&mut self, column: Column, test: &Test<'_>) -> Result<Expr, Problem> {
        let condition = match &test.operation {
            Operation::Simple(simple, value) => self.simple(column, *simple, value)?,
            Operation::Quantified(simple, all, value) => self.quantified(&column, *simple, *all, value)?,
            Operation::In(elements) => self.within(column, elements)?,
            Operation::Is(is) => self.is(column, *is)?,
            Operation::Search { mode, config, query } => self.search(&column, *mode, *config, query)?,
        };
        Ok(if test.negated { Expr::Not(Box::new(condition)) } else { condition })
    }

    fn simple(&mut self, column: Column, simple: Simple, text: &str) -> Result<Expr, Problem> {
        let (scalar, reading) = self.right_side(&column, simple)?;
        let right = self.slots.literal(self.schema, self.limits, (scalar, reading), text)?;
        Ok(apply(simple, column.operand, right))
    }

    /// What stands on the right of an operator on this column, or 42883.
    fn right_side(&self, column: &Column, simple: Simple) -> Result<(Scalar, Reading), Problem> {
        let scalar = column.scalar;
        let json = scalar == Scalar::one(Kind::Json);
        let text = scalar.kind.is_text() && !scalar.list;
        let pattern = Scalar::one(Kind::String);
        match simple {
            Simple::Compare(_) | Simple::Distinct => Ok((scalar.compared(), Reading::Compared)),
            Simple::Like { .. } if text => Ok((pattern, Reading::Like)),
            Simple::Match { .. } if text => Ok((pattern, Reading::Regex)),
            Simple::Contains | Simple::Contained if json || scalar.list => {
                Ok((scalar.compared(), Reading::Plain))
            }
            Simple::Overlaps if scalar.list => Ok((scalar.compared(), Reading::Plain)),
            _ => Err(self.no_operator(scalar, simple)),
        }
    }

    fn no_operator(&self, scalar: Scalar, simple: Simple) -> Problem {
        let name = type_name(self.schema, scalar);
        let message = format!("operator does not exist: {name} {} unknown", simple.sign());
        let problem = Problem::new(Code::BadOperator, message);
        match simple {
            Simple::Range(_) => {
                problem.hint("Range types are not served; compare the ends with gt, gte, lt, lte.")
            }
            _ => problem.hint("No operator matches the given name and argument types."),
        }
    }

    fn quantified(
        &mut self,
        column: &Column,
        simple: Simple,
        all: bool,
        text: &str,
    ) -> Result<Expr, Problem> {
        let elements = bistro_schema::literal::array_elements(text).map_err(|e| misread(&e))?;
        if elements.len() > self.limits.in_list {
            let message = format!("A list has more than {} values", self.limits.in_list);
            return Err(Problem::new(Code::TooComplex, message));
        }
        let parts = elements.iter().map(|element| match element {
            Some(text) => self.simple(column.clone(), simple, text),
            // A comparison with null is unknown.
            None => Ok(Expr::Const(None)),
        });
        let parts: Vec<Expr> = parts.collect::<Result<_, _>>()?;
        Ok(if all { Expr::all(parts) } else { Expr::any(parts) })
    }

    fn within(&mut self, column: Column, elements: &[std::borrow::Cow<'_, str>]) -> Result<Expr, Problem> {
        if column.scalar.list {
            let problem = self.no_operator(column.scalar, Simple::Compare(Compare::Eq));
            return Err(problem.hint("in takes single values; on a list use ov, cs, or eq(any)."));
        }
        let element = column.scalar.compared();
        let how = (element, Reading::Compared);
        let values = elements.iter().map(|e| literal::read(self.schema, self.limits, how, e));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let list = Scalar::list(element.kind);
        let id = self.slots.push(list, bistro_schema::Value::List(values))?;
        Ok(Expr::In(column.operand, Operand::Param(id)))
    }

    fn is(&self, column: Column, is: Is) -> Result<Expr, Problem> {
        let truth = match is {
            Is::Null => return Ok(Expr::IsNull(column.operand)),
            Is::NotNull => return Ok(Expr::Not(Box::new(Expr::IsNull(column.operand)))),
            Is::Truth(truth) => truth,
        };
        if column.scalar != Scalar::one(Kind::Boolean) {
            let word = truth.map_or("UNKNOWN", |t| if t { "TRUE" } else { "FALSE" });
            let name = type_name(self.schema, column.scalar);
            let message = format!("argument of IS {word} must be type boolean, not type {name}");
            return Err(Problem::new(Code::TypeMismatch, message));
        }
        Ok(Expr::Is(Box::new(Expr::Truth(column.operand)), truth))
    }

    fn search(
        &mut self,
        column: &Column,
        mode: SearchMode,
        config: Option<&str>,
        query: &str,
    ) -> Result<Expr, Problem> {
        if let Some(name) = config.filter(|name| !CONFIGURATIONS.contains(name)) {
            let message = format!("text search configuration \"{name}\" does not exist");
            return Err(Problem::new(Code::UnknownType, message));
        }
        let field = column.field.ok_or_else(|| self.not_searched(column.scalar))?;
        let string = Scalar::one(Kind::String);
        let query = self.slots.literal(self.schema, self.limits, (string, Reading::Plain), query)?;
        Ok(Expr::Search { field: Some(field), mode, query })
    }

    pub(crate) fn not_searched(&self, scalar: Scalar) -> Problem {
        let name = type_name(self.schema, scalar);
        Problem::new(Code::BadOperator, format!("operator does not exist: {name} @@ tsquery"))
            .hint("Full text is searched in fields that the schema marks with @search.")
    }
}

fn apply(simple: Simple, left: Operand, right: Operand) -> Expr {
    match simple {
        Simple::Compare(how) => Expr::Compare(how, left, right),
        Simple::Like { fold } => Expr::Like { operand: left, pattern: right, fold },
        Simple::Match { fold } => Expr::Match { operand: left, pattern: right, fold },
        Simple::Distinct => Expr::Distinct(left, right),
        Simple::Contains => Expr::Contains(left, right),
        Simple::Contained => Expr::Contains(right, left),
        Simple::Overlaps | Simple::Range(_) => Expr::Overlaps(left, right),
    }
}
