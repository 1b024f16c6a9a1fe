//! Which rows of a list make a page: `first`, `after`, `last`, `before`, `offset`.

use bistro_ir::keyset::{self, Term};
use bistro_ir::{Bound, Expr};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, Scalar, TypeId};

use super::{Compiler, Field, Given, Reading, Slots};

const ROWS: Scalar = Scalar::one(Kind::BigInt);

/// What the caller says of a page.
pub(super) struct Asked<'a> {
    first: Option<Given<'a>>,
    last: Option<Given<'a>>,
    after: Option<Given<'a>>,
    before: Option<Given<'a>>,
    offset: Option<Given<'a>>,
    /// Whether the page is cut from the end, and its rows are read last first.
    pub(super) backward: bool,
    /// The greatest page.
    pub(super) most: u64,
}

/// The bounds of a page within its operation.
pub(super) struct Cut {
    /// The rows that lie beyond the cursors.
    pub(super) condition: Expr,
    pub(super) limit: Bound,
    pub(super) offset: Option<Bound>,
    pub(super) from_cursor: bool,
}

impl Asked<'_> {
    /// Whether the page depends on where single rows stand.
    pub(super) fn by_place(&self) -> bool {
        self.after.is_some() || self.before.is_some() || self.last.is_some()
    }
}

impl<'a> Compiler<'a> {
    /// What the arguments of a list say of its page.
    pub(super) fn asked(&self, field: &Field<'a>, most: u64) -> Result<Asked<'a>, Problem> {
        let said = |name| self.said(field, name);
        let (first, last) = (said("first"), said("last"));
        let (after, before, offset) = (said("after"), said("before"), said("offset"));
        if first.is_some() && last.is_some() {
            return Err(clash("first", "last").hint("first counts from the start, last from the end."));
        }
        let backward = last.is_some() || (before.is_some() && first.is_none());
        if backward && offset.is_some() {
            let with = if last.is_some() { "last" } else { "before" };
            return Err(clash("offset", with).hint("offset counts from the start: use it with first."));
        }
        Ok(Asked { first, last, after, before, offset, backward, most })
    }

    /// Puts the bounds of a page into slots. `terms` is the order as the caller means it, not yet turned round.
    pub(super) fn cut(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        (asked, terms): (&Asked<'a>, &[Term]),
        extra: bool,
    ) -> Result<Cut, Problem> {
        let mut conditions = Vec::new();
        for (cursor, turned) in [(&asked.after, false), (&asked.before, true)] {
            if let Some(cursor) = cursor {
                conditions.push(self.beyond(slots, ty, (cursor, terms), turned)?);
            }
        }
        let from = if asked.backward { &asked.before } else { &asked.after };
        let plus = u64::from(extra);
        let limit = match asked.first.as_ref().or(asked.last.as_ref()) {
            Some(rows) => Bound::Param(slots.given(
                self.rules(),
                (ROWS, Reading::Rows { most: asked.most, plus }),
                rows,
            )?),
            None => Bound::Fixed(self.limits.page.min(asked.most) + plus),
        };
        let offset = asked.offset.as_ref().map(|rows| slots.given(self.rules(), (ROWS, Reading::Skip), rows));
        let offset = offset.transpose()?.map(Bound::Param);
        Ok(Cut { condition: Expr::all(conditions), limit, offset, from_cursor: from.is_some() })
    }

    /// The rows behind the one of a cursor, or before it where the order is turned round.
    fn beyond(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        (cursor, terms): (&Given<'a>, &[Term]),
        turned: bool,
    ) -> Result<Expr, Problem> {
        let signature = self.signature(ty, terms);
        let values = terms.iter().enumerate().map(|(at, term)| {
            slots.operand(self.rules(), (term.scalar, Reading::Cursor { at, signature }), cursor)
        });
        let values = values.collect::<Result<Vec<_>, _>>()?;
        Ok(keyset::beyond(terms, values, turned))
    }
}

fn clash(one: &str, other: &str) -> Problem {
    Problem::new(Code::BadParameter, format!("{one} and {other} cannot be given together"))
}
