//! Filters of one node: single ones, and the trees of `and=(…)` and `or=(…)`.

use std::borrow::Cow;

use bistro_ir::Expr;
use bistro_problem::{Code, Problem};
use bistro_schema::SchemaView;

use super::column;
use super::cursor::{Cursor, JsonPath};
use super::filter::Maker;
use super::node::{Condition, Nodes};
use super::operator::{self, Is, Operation, Test};

/// Where filters are put, and with what.
pub(crate) struct Filters<'f, 'a> {
    pub(crate) view: &'f SchemaView,
    pub(crate) nodes: &'f mut Nodes<'a>,
    pub(crate) maker: Maker<'f>,
}

/// The key of a filter: an embed path and what the last name means there.
struct Key<'a> {
    path: Vec<Cow<'a, str>>,
    name: Cow<'a, str>,
    json: Option<JsonPath>,
}

impl Filters<'_, '_> {
    /// `author.name=eq.x`
    pub(crate) fn filter(&mut self, key: &str, value: &str) -> Result<(), Problem> {
        let key = parse_key(key)?;
        let node = self.nodes.at(&key.path)?;
        let mut cursor = Cursor::new("filter", value);
        let test = operator::test(&mut cursor, false, self.maker.limits.in_list)?;
        let condition = self.condition(node, &key.name, key.json, &test)?;
        self.nodes.0[node].conditions.push(condition);
        Ok(())
    }

    /// `author.not.or=(…)`
    pub(crate) fn tree(&mut self, key: &str, value: &str) -> Result<(), Problem> {
        let (path, word) = key.rsplit_once('.').unwrap_or(("", key));
        let negated = path == "not" || path.ends_with(".not");
        let path =
            if negated { path.strip_suffix("not").unwrap_or(path).trim_end_matches('.') } else { path };
        let node = self.nodes.at(&parse_path(path)?)?;
        let mut cursor = Cursor::new("logic tree", value);
        cursor.skip_space();
        let condition = self.group(node, word == "or", &mut cursor, 0)?;
        cursor.skip_space();
        cursor.expect_end("end of input")?;
        let condition = if negated { Condition::Not(Box::new(condition)) } else { condition };
        self.nodes.0[node].conditions.push(condition);
        Ok(())
    }

    fn group(
        &mut self,
        node: usize,
        any: bool,
        cursor: &mut Cursor<'_>,
        depth: usize,
    ) -> Result<Condition, Problem> {
        if depth == self.maker.limits.tree_depth {
            let message =
                format!("Conditions nest deeper than the limit of {}", self.maker.limits.tree_depth);
            return Err(Problem::new(Code::TooComplex, message));
        }
        cursor.expect("(", "\"(\"")?;
        let mut parts = Vec::new();
        loop {
            cursor.skip_space();
            parts.push(self.tree_node(node, cursor, depth)?);
            cursor.skip_space();
            if cursor.eat(")") {
                break;
            }
            cursor.expect(",", "\",\" or \")\"")?;
        }
        Ok(if any { Condition::Any(parts) } else { Condition::All(parts) })
    }

    fn tree_node(
        &mut self,
        node: usize,
        cursor: &mut Cursor<'_>,
        depth: usize,
    ) -> Result<Condition, Problem> {
        let mut ahead = cursor.clone();
        let negated = ahead.eat("not.");
        for (word, any) in [("and", false), ("or", true)] {
            let mut group = ahead.clone();
            if !group.eat(word) {
                continue;
            }
            group.skip_space();
            if group.peek() == Some('(') {
                *cursor = group;
                let inner = self.group(node, any, cursor, depth + 1)?;
                return Ok(if negated { Condition::Not(Box::new(inner)) } else { inner });
            }
        }
        let name = cursor.name()?;
        let json = cursor.json_path()?;
        cursor.expect(".", "\".\" and an operator")?;
        let test = operator::test(cursor, true, self.maker.limits.in_list)?;
        self.condition(node, &name, json, &test)
    }

    fn condition(
        &mut self,
        node: usize,
        name: &str,
        json: Option<JsonPath>,
        test: &Test<'_>,
    ) -> Result<Condition, Problem> {
        let ty = self.nodes.0[node].ty;
        let child = if json.is_none() { self.nodes.child(node, name) } else { None };
        if let Some(child) = child {
            match test.operation {
                Operation::Is(is @ (Is::Null | Is::NotNull)) => {
                    let present = (is == Is::NotNull) != test.negated;
                    return Ok(Condition::Embed { child, present });
                }
                // The relation's name is also its column's.
                _ if self.view.readable(ty, name).is_some() => {}
                _ => return Err(embed_operator(name)),
            }
        }
        let column = column::resolve(self.view, ty, name, json)?;
        if matches!(test.operation, Operation::Search { .. }) {
            let searched = column.field.is_some_and(|f| self.view.schema().ty(ty).field(f).search);
            if !searched {
                return Err(self.maker.not_searched(column.scalar));
            }
        }
        self.maker.condition(column, test).map(Condition::Expr)
    }
}

fn embed_operator(name: &str) -> Problem {
    Problem::new(Code::EmbedOperator, format!("Bad operator on the '{name}' embedded resource"))
        .details("Only is null or not is null filters are allowed on embedded resources")
}

fn parse_key(text: &str) -> Result<Key<'_>, Problem> {
    let mut cursor = Cursor::new("tree path", text);
    let mut path = Vec::new();
    loop {
        let name = cursor.name()?;
        if cursor.eat(".") {
            path.push(name);
            continue;
        }
        let json = cursor.json_path()?;
        cursor.expect_end("\".\", \"->\" or end of input")?;
        return Ok(Key { path, name, json });
    }
}

/// The names of an embed path; an empty text is the root.
pub(crate) fn parse_path(text: &str) -> Result<Vec<Cow<'_, str>>, Problem> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let Key { mut path, name, json } = parse_key(text)?;
    if json.is_some() {
        return Err(Cursor::new("tree path", text).fail("the name of an embedded relation"));
    }
    path.push(name);
    Ok(path)
}

impl Condition {
    /// The condition as an expression; `some` answers whether an embed has rows.
    pub(crate) fn lower(&self, some: &impl Fn(usize) -> Expr) -> Expr {
        let all = |parts: &[Condition]| parts.iter().map(|p| p.lower(some)).collect::<Vec<_>>();
        match self {
            Condition::Expr(expr) => expr.clone(),
            Condition::Embed { child, present: true } => some(*child),
            Condition::Embed { child, present: false } => Expr::Not(Box::new(some(*child))),
            Condition::All(parts) => Expr::all(all(parts)),
            Condition::Any(parts) => Expr::any(all(parts)),
            Condition::Not(inner) => Expr::Not(Box::new(inner.lower(some))),
        }
    }
}
