//! Reads: every item, term and embed.

use bistro_ir::{Bound, Embed, Expr, Item, Order, Read};
use bistro_schema::{Action, TypeId, TypeKind};

use super::name::{Step, Walk};
use super::relation::Embedded;
use crate::absorb;
use crate::error::AuthorizeError;
use crate::predicate::Power;

impl Walk<'_> {
    /// Whether the type exists for the caller and the action may be tried.
    pub(super) fn may(&self, ty: TypeId, action: Action) -> Step<()> {
        if usize::from(ty.0) >= self.schema().types.len() {
            return Err(AuthorizeError::Malformed("a type that is not there"));
        }
        if self.rules.power == Power::System || self.view.type_allows(ty, action) {
            return Ok(());
        }
        let collection = self.collection(ty);
        let signs_up = action == Action::Create && self.schema().ty(ty).kind == TypeKind::Account;
        Err(match self.view.type_exists(ty) {
            true if signs_up => AuthorizeError::SignUp { collection },
            true => AuthorizeError::Forbidden { collection },
            false => AuthorizeError::UnknownTable { collection },
        })
    }

    /// A read of a type's own rows.
    pub(super) fn root(&mut self, read: &Read) -> Step<Read> {
        self.may(read.ty, Action::Read)?;
        let rows = self.rules.read(read.ty);
        self.read(read, rows)
    }

    /// A read of rows that must meet `rows` besides the caller's filter.
    fn read(&mut self, read: &Read, rows: Expr) -> Step<Read> {
        // Embedded rows never refer to the rows around them, so each read starts with its own row alone.
        let outer = std::mem::take(&mut self.scopes);
        let made = self.within(read.ty, |walk| {
            let select = read.select.iter().map(|item| walk.item(read.ty, item)).collect::<Step<Vec<_>>>()?;
            let filter = absorb::all([rows, walk.expr(&read.filter)?]);
            let order = read.order.iter().map(|o| walk.order(o)).collect::<Step<Vec<_>>>()?;
            for bound in [read.limit, read.offset].into_iter().flatten() {
                walk.bound(bound)?;
            }
            Ok(Read { select, filter, order, ..read.clone() })
        });
        self.scopes = outer;
        made
    }

    fn order(&mut self, order: &Order) -> Step<Order> {
        Ok(Order { operand: self.operand(&order.operand)?, ..order.clone() })
    }

    fn bound(&self, bound: Bound) -> Step<()> {
        match bound {
            Bound::Param(id) if usize::from(id.0) >= self.params => {
                Err(AuthorizeError::Malformed("a parameter that is not there"))
            }
            Bound::Param(_) | Bound::Fixed(_) => Ok(()),
        }
    }

    fn item(&mut self, ty: TypeId, item: &Item) -> Step<Item> {
        Ok(match item {
            Item::Value { key, operand, cast } => {
                Item::Value { key: key.clone(), operand: self.operand(operand)?, cast: *cast }
            }
            Item::Aggregate { key, function, operand, cast } => {
                let operand = operand.as_ref().map(|o| self.operand(o)).transpose()?;
                Item::Aggregate { key: key.clone(), function: *function, operand, cast: *cast }
            }
            Item::Embed(embed) => Item::Embed(self.embed(ty, embed)?),
        })
    }

    fn embed(&mut self, ty: TypeId, embed: &Embed) -> Step<Embed> {
        let relation = self.relation(ty, embed.relation)?;
        if embed.read.ty != relation.target {
            return Err(AuthorizeError::Malformed("an embed of another type"));
        }
        if !(embed.when.is_true() && embed.link.is_true()) {
            return Err(AuthorizeError::Malformed("an embed whose way is judged already"));
        }
        let Embedded { when, link, rows } = self.embedded(ty, embed.relation);
        let read = Box::new(self.read(&embed.read, rows)?);
        Ok(Embed { key: embed.key.clone(), relation: embed.relation, read, when, link, spread: embed.spread })
    }
}
