//! One rule text to a typed condition or value.
//!
//! Start at [`Compiler::condition`] and [`Compiler::value`]; names and paths are in `path`, operators in `operator`,
//! functions in `call`, and constants in `constant`.

mod call;
mod constant;
mod operator;
mod path;
mod value;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bistro_ir::{Expr, Operand, Root};
use bistro_problem::Diagnostic;
use bistro_schema::{FieldId, FieldKind, RuleText, Scalar, Schema, TypeId};

use crate::codes;
use crate::roots;
use crate::syntax::{self, Fault, Node, NodeKind, Place};
use value::Val;

/// The most parts that a rule may have after computed fields have been put in.
const PARTS_MAX: usize = 4_096;
/// The longest chain of computed fields over computed fields.
const CHAIN_MAX: usize = 16;
/// The longest part of a rule that a label repeats, in characters.
const LABEL_MAX: usize = 60;

/// What a rule is for: which names it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An `@allow`; which of `row` and `new` its actions have, and the words of those that lack one.
    Allow { row: Result<(), &'static str>, new: Result<(), &'static str> },
    /// A check: `new` alone.
    Check,
    /// A computed field: `row`.
    Computed,
    /// A default: no row.
    Default,
}

/// A mistake that has been reported already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported;

/// What compiling anything gives.
pub(crate) type Made<T> = Result<T, Reported>;

/// A compiled condition and the rows that it names.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) expr: Expr,
    pub(crate) row: bool,
    pub(crate) new: bool,
}

/// A computed field: being compiled, or compiled (`None`: not compilable) with its number of parts.
enum Computed {
    Open,
    Done(Option<Operand>, usize),
}

/// Compiles rules of one schema and collects their mistakes.
pub(crate) struct Compiler {
    pub(crate) schema: Arc<Schema>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) headers: BTreeSet<String>,
    computed: HashMap<(TypeId, FieldId), Computed>,
    chain: usize,
}

impl Compiler {
    pub(crate) fn new(schema: Arc<Schema>) -> Self {
        Self { schema, diagnostics: Vec::new(), headers: BTreeSet::new(), computed: HashMap::new(), chain: 0 }
    }

    /// A condition over a row of `ty`.
    pub(crate) fn condition(&mut self, ty: TypeId, rule: &RuleText, purpose: Purpose) -> Made<Condition> {
        let tree = self.parse(rule)?;
        let mut scope = Scope::new(self, rule, ty, purpose);
        let expr = scope.condition(&tree)?;
        let (row, new) = (scope.row, scope.new);
        Ok(Condition { expr, row, new })
    }

    /// A value of `scalar` over a row of `ty`, with its number of parts.
    pub(crate) fn value(
        &mut self,
        ty: TypeId,
        rule: &RuleText,
        purpose: Purpose,
        scalar: Scalar,
    ) -> Made<(Operand, usize)> {
        let tree = self.parse(rule)?;
        let mut scope = Scope::new(self, rule, ty, purpose);
        let value = scope.value(&tree)?;
        let operand = scope.as_result(value, scalar, tree.place)?;
        Ok((operand, scope.parts))
    }

    /// The value of a computed field over the row in scope 0; `None` if it has a mistake (reported once, at the field).
    pub(crate) fn computed(
        &mut self,
        ty: TypeId,
        field: FieldId,
    ) -> Result<Option<(Operand, usize)>, &'static str> {
        match self.computed.get(&(ty, field)) {
            Some(Computed::Open) => return Err("depends on itself"),
            Some(Computed::Done(operand, parts)) => return Ok(operand.clone().map(|o| (o, *parts))),
            None if self.chain >= CHAIN_MAX => return Err("depends on too many computed fields in a row"),
            None => {}
        }
        let schema = Arc::clone(&self.schema);
        let f = schema.ty(ty).field(field);
        let FieldKind::Computed(rule) = &f.kind else { return Ok(None) };
        self.computed.insert((ty, field), Computed::Open);
        self.chain += 1;
        let made = self.value(ty, rule, Purpose::Computed, f.scalar).ok();
        self.chain -= 1;
        let (operand, parts) = made.map_or((None, 0), |(o, n)| (Some(o), n));
        self.computed.insert((ty, field), Computed::Done(operand.clone(), parts));
        Ok(operand.map(|o| (o, parts)))
    }

    fn parse(&mut self, rule: &RuleText) -> Made<Node> {
        syntax::parse(&rule.text).map_err(|faults| {
            for fault in faults {
                self.diagnostics.push(told(rule, fault));
            }
            Reported
        })
    }
}

fn told(rule: &RuleText, fault: Fault) -> Diagnostic {
    let whole = (rule.span.start, rule.span.end);
    match fault {
        Fault::Length(0) => {
            Diagnostic::error(codes::LIMIT, whole, "the rule is empty").hint("write a condition, or drop it")
        }
        Fault::Length(n) => {
            let message = format!("the rule has {n} bytes; a rule has 1 to {}", syntax::TEXT_MAX);
            Diagnostic::error(codes::LIMIT, whole, message).hint("write alternatives as several @allow")
        }
        Fault::TooDeep => {
            let message = format!("the rule is nested more than {} levels deep", syntax::DEPTH_MAX);
            Diagnostic::error(codes::LIMIT, whole, message).hint("write alternatives as several @allow")
        }
        Fault::Syntax(message, at) => {
            let end = rule.text[at as usize..].chars().next().map_or(at, |c| at + c.len_utf8() as u32);
            at_place(rule, codes::SYNTAX, (at, end), format!("the rule is not CEL: {message}"))
        }
    }
}

/// A mistake at a place of the rule's text. Where the literal holds the text as it is, the file's place is exact;
/// otherwise it is the whole literal, and the label repeats the text of the place.
fn at_place(rule: &RuleText, code: &'static str, place: Place, message: String) -> Diagnostic {
    let (start, end) = (rule.span.start, rule.span.end);
    let length = rule.text.len() as u32;
    let quotes = match end.saturating_sub(start).checked_sub(length) {
        Some(2) => 1,
        Some(6) => 3,
        _ => {
            let part = rule.text.get(place.0 as usize..place.1 as usize).unwrap_or_default();
            let part: String = part.chars().take(LABEL_MAX).collect();
            return Diagnostic::error(code, (start, end), message).label(format!("at `{part}`"));
        }
    };
    let place = (start + quotes + place.0.min(length), start + quotes + place.1.min(length));
    Diagnostic::error(code, place, message)
}

/// A variable in scope.
struct Variable {
    name: String,
    ty: TypeId,
    /// Which scope it is, counted from the outermost.
    level: u8,
}

/// Compiles one rule.
pub(crate) struct Scope<'a> {
    pub(crate) compiler: &'a mut Compiler,
    schema: Arc<Schema>,
    rule: &'a RuleText,
    ty: TypeId,
    purpose: Purpose,
    variables: Vec<Variable>,
    /// How many scopes there are; the outermost is the row of the rule.
    depth: u8,
    row: bool,
    new: bool,
    parts: usize,
}

impl<'a> Scope<'a> {
    fn new(compiler: &'a mut Compiler, rule: &'a RuleText, ty: TypeId, purpose: Purpose) -> Self {
        let schema = Arc::clone(&compiler.schema);
        let variables = Vec::new();
        Self { compiler, schema, rule, ty, purpose, variables, depth: 1, row: false, new: false, parts: 0 }
    }

    /// Reports a mistake.
    fn error<T>(
        &mut self,
        code: &'static str,
        place: Place,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Made<T> {
        let mut told = at_place(self.rule, code, place, message.into());
        told.hint = hint;
        self.compiler.diagnostics.push(told);
        Err(Reported)
    }

    /// A condition.
    fn condition(&mut self, node: &Node) -> Made<Expr> {
        let value = self.value(node)?;
        self.as_condition(value, node.place)
    }

    /// All of the conditions; every mistake in them is reported.
    fn conditions(&mut self, nodes: &[Node]) -> Made<Vec<Expr>> {
        let made: Vec<Made<Expr>> = nodes.iter().map(|n| self.condition(n)).collect();
        made.into_iter().collect()
    }

    /// Any value.
    fn value(&mut self, node: &Node) -> Made<Val> {
        self.grow(1, node.place)?;
        match &node.kind {
            NodeKind::Ident(name) => self.ident(name, node.place),
            NodeKind::Select { of, name, at } => self.select(of, name, *at),
            NodeKind::Has { of, name, at } => self.has(of, name, *at),
            NodeKind::Index(base, index) => self.index(base, index),
            NodeKind::Null => Ok(Val::Null),
            NodeKind::Bool(b) => Ok(Val::Bool(*b)),
            NodeKind::Int(i) => Ok(Val::Int(*i)),
            NodeKind::Float(f) => Ok(Val::Float(*f)),
            NodeKind::Text(text) => Ok(Val::Text(text.clone())),
            NodeKind::List(parts) => {
                let made: Vec<Made<(Val, Place)>> =
                    parts.iter().map(|p| self.value(p).map(|v| (v, p.place))).collect();
                Ok(Val::List(made.into_iter().collect::<Made<Vec<_>>>()?))
            }
            NodeKind::Not(inner) => Ok(Val::Condition(Expr::Not(Box::new(self.condition(inner)?)))),
            NodeKind::Negate(inner) => self.negate(inner),
            NodeKind::And(parts) => Ok(Val::Condition(Expr::all(self.conditions(parts)?))),
            NodeKind::Or(parts) => Ok(Val::Condition(Expr::any(self.conditions(parts)?))),
            NodeKind::Choose(parts) => self.choose(parts),
            NodeKind::Binary(op, sides) => self.binary(*op, &sides[0], &sides[1], node.place),
            NodeKind::Call { of, name, at, args } => self.call(of.as_deref(), name, *at, args, node.place),
            NodeKind::Macro { which, over, var, body, at } => self.quantify(*which, over, var, body, *at),
            NodeKind::Lacking(what) => {
                let hint =
                    "rules have literals, lists, comparisons, paths and the functions of the reference"
                        .to_owned();
                self.error(codes::LACKING, node.place, format!("rules do not have {what}"), Some(hint))
            }
        }
    }

    /// Counts parts, so that computed fields over computed fields stay small.
    fn grow(&mut self, parts: usize, place: Place) -> Made<()> {
        self.parts += parts;
        if self.parts <= PARTS_MAX {
            return Ok(());
        }
        let message = format!("with its computed fields, the rule has more than {PARTS_MAX} parts");
        self.error(codes::COMPUTED, place, message, Some("compute from fewer fields".to_owned()))
    }

    /// A field of a row, or what a computed one stands for.
    fn field(&mut self, root: Root, ty: TypeId, field: FieldId, place: Place) -> Made<Operand> {
        let schema = Arc::clone(&self.schema);
        let f = schema.ty(ty).field(field);
        if !matches!(f.kind, FieldKind::Computed(_)) {
            return Ok(Operand::Field(root, field));
        }
        match self.compiler.computed(ty, field) {
            Ok(Some((operand, parts))) => {
                self.grow(parts, place)?;
                Ok(roots::rebase_operand(&operand, root))
            }
            Ok(None) => Err(Reported),
            Err(why) => {
                let message = format!("the computed field `{}` {why}", f.name);
                self.error(codes::COMPUTED, place, message, Some("compute it from stored fields".to_owned()))
            }
        }
    }
}
