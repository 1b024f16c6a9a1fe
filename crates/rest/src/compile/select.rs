//! The grammar of `select`: what each row of the reply holds, before any name is looked up.

use std::borrow::Cow;

use bistro_ir::Aggregate;
use bistro_problem::{Code, Problem};

use super::Limits;
use super::cursor::{Cursor, JsonPath};

/// One item of `select`, as written.
#[derive(Clone, Debug)]
pub(crate) enum Item<'a> {
    /// `*`
    All,
    Field {
        alias: Option<Cow<'a, str>>,
        name: Cow<'a, str>,
        path: Option<JsonPath>,
        /// The cast before the aggregate, or the only one.
        cast: Option<&'a str>,
        aggregate: Option<Aggregate>,
        /// The cast after the aggregate.
        cast_after: Option<&'a str>,
    },
    /// `count()`
    Count {
        alias: Option<Cow<'a, str>>,
        cast: Option<&'a str>,
    },
    Embed(Embed<'a>),
}

/// A relation of `select`, as written.
#[derive(Clone, Debug)]
pub(crate) struct Embed<'a> {
    pub(crate) alias: Option<Cow<'a, str>>,
    pub(crate) relation: Cow<'a, str>,
    pub(crate) hint: Option<Cow<'a, str>>,
    pub(crate) inner: bool,
    pub(crate) spread: bool,
    pub(crate) items: Vec<Item<'a>>,
}

/// Reads the value of `select`; an empty one is `*`.
pub(crate) fn parse<'a>(text: &'a str, limits: &Limits) -> Result<Vec<Item<'a>>, Problem> {
    let mut parser = Parser { cursor: Cursor::new("select parameter", text), limits, count: 0 };
    parser.cursor.skip_space();
    if parser.cursor.done() {
        return Ok(vec![Item::All]);
    }
    let items = parser.items(0)?;
    parser.cursor.expect_end("\",\" or end of input")?;
    Ok(items)
}

struct Parser<'a, 'l> {
    cursor: Cursor<'a>,
    limits: &'l Limits,
    count: usize,
}

impl<'a> Parser<'a, '_> {
    fn items(&mut self, depth: usize) -> Result<Vec<Item<'a>>, Problem> {
        let mut items = Vec::new();
        loop {
            self.count += 1;
            if self.count > self.limits.select_items {
                let message = format!("select has more than {} items", self.limits.select_items);
                return Err(Problem::new(Code::TooComplex, message));
            }
            self.cursor.skip_space();
            items.push(self.item(depth)?);
            self.cursor.skip_space();
            if !self.cursor.eat(",") {
                return Ok(items);
            }
        }
    }

    fn item(&mut self, depth: usize) -> Result<Item<'a>, Problem> {
        if self.cursor.eat("*") {
            return Ok(Item::All);
        }
        if self.cursor.eat("...") {
            let relation = self.cursor.name()?;
            return self.embed(None, relation, true, depth);
        }
        let mut name = self.cursor.name()?;
        let mut alias = None;
        if self.cursor.peek() == Some(':') && !self.cursor.rest().starts_with("::") {
            self.cursor.advance(1);
            self.cursor.skip_space();
            alias = Some(std::mem::replace(&mut name, self.cursor.name()?));
        }
        if name == "count" && self.cursor.eat("()") {
            return Ok(Item::Count { alias, cast: self.cast()? });
        }
        if matches!(self.cursor.peek(), Some('(' | '!')) {
            return self.embed(alias, name, false, depth);
        }
        self.field(alias, name)
    }

    fn field(&mut self, alias: Option<Cow<'a, str>>, name: Cow<'a, str>) -> Result<Item<'a>, Problem> {
        let path = self.cursor.json_path()?;
        let cast = self.cast()?;
        let aggregate = self.aggregate()?;
        let cast_after = if aggregate.is_some() { self.cast()? } else { None };
        Ok(Item::Field { alias, name, path, cast, aggregate, cast_after })
    }

    fn cast(&mut self) -> Result<Option<&'a str>, Problem> {
        if !self.cursor.eat("::") {
            return Ok(None);
        }
        let start = self.cursor.clone();
        let word =
            self.cursor.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | '[' | ']')).trim();
        if word.is_empty() { Err(start.fail("the name of a type")) } else { Ok(Some(word)) }
    }

    fn aggregate(&mut self) -> Result<Option<Aggregate>, Problem> {
        let start = self.cursor.clone();
        if !self.cursor.eat(".") {
            return Ok(None);
        }
        let function = match self.cursor.take_while(|c| c.is_ascii_lowercase()) {
            "sum" => Aggregate::Sum,
            "avg" => Aggregate::Avg,
            "count" => Aggregate::Count,
            "max" => Aggregate::Max,
            "min" => Aggregate::Min,
            _ => {
                return Err(
                    start.fail("\"::\", \".sum()\", \".avg()\", \".count()\", \".max()\" or \".min()\"")
                );
            }
        };
        self.cursor.expect("()", "\"()\"")?;
        Ok(Some(function))
    }

    fn embed(
        &mut self,
        alias: Option<Cow<'a, str>>,
        relation: Cow<'a, str>,
        spread: bool,
        depth: usize,
    ) -> Result<Item<'a>, Problem> {
        if depth == self.limits.embed_depth {
            let message =
                format!("Embedded relations nest deeper than the limit of {}", self.limits.embed_depth);
            return Err(Problem::new(Code::TooComplex, message));
        }
        let mut embed = Embed { alias, relation, hint: None, inner: false, spread, items: Vec::new() };
        for _ in 0..2 {
            if !self.cursor.eat("!") {
                break;
            }
            match self.cursor.name()? {
                word if word == "inner" => embed.inner = true,
                word if word == "left" => {}
                hint => embed.hint = Some(hint),
            }
        }
        self.cursor.expect("(", "\"(\"")?;
        self.cursor.skip_space();
        if !self.cursor.eat(")") {
            embed.items = self.items(depth + 1)?;
            self.cursor.expect(")", "\",\" or \")\"")?;
        }
        Ok(Item::Embed(embed))
    }
}
