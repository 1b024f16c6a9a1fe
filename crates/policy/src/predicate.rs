//! Rules of one set of roles as conditions: what a row must meet for an action.

use bistro_ir::{Expr, Root};
use bistro_schema::{Action, FieldId, RelationId, Roles, Schema, TypeId, TypeKind};

use crate::absorb;
use crate::roots;
use crate::rules::{Rule, Rules};

/// Who is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// A caller with these roles.
    Caller(Roles),
    /// The system itself: no rule applies, and hidden fields exist.
    System,
}

impl Power {
    /// Whether no rule applies.
    pub(crate) fn passes(self) -> bool {
        match self {
            Power::Caller(roles) => roles.passes_rules(),
            Power::System => true,
        }
    }
}

/// What an update must meet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Update {
    /// Over the stored row in scope 0: rows that fail are not touched.
    pub(crate) row: Expr,
    /// Over the stored row in scope 0 and the new row: rows that fail are refused.
    pub(crate) new: Expr,
}

/// The conditions of one set of roles.
#[derive(Clone, Copy)]
pub(crate) struct Predicates<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) power: Power,
}

impl<'a> Predicates<'a> {
    fn schema(&self) -> &'a Schema {
        self.rules.schema()
    }

    /// The rules among these that speak of the action to the roles.
    pub(crate) fn matching<'r>(
        &self,
        rules: &'r [Rule],
        action: Action,
    ) -> impl Iterator<Item = &'r Rule> + use<'r> {
        let roles = match self.power {
            Power::Caller(roles) => roles,
            Power::System => Roles::NONE,
        };
        rules.iter().filter(move |r| r.roles.meets(roles) && r.actions.contains(&action))
    }

    fn any(&self, rules: &[Rule], action: Action) -> Expr {
        Expr::any(self.matching(rules, action).map(|r| r.condition.clone()))
    }

    /// Which rows of the type may be read; scope 0 is the row.
    pub(crate) fn read(&self, ty: TypeId) -> Expr {
        if self.power.passes() {
            return Expr::TRUE;
        }
        match self.schema().ty(ty).kind {
            TypeKind::Join { owner, relation } => {
                self.link(ty, owner, relation, Root::Scope(0), self.read(owner))
            }
            TypeKind::Model | TypeKind::Account | TypeKind::View { .. } => {
                self.any(&self.rules.of(ty).allows, Action::Read)
            }
        }
    }

    /// Which rows may be created; over the new row.
    pub(crate) fn create(&self, ty: TypeId) -> Expr {
        if self.power.passes() {
            return Expr::TRUE;
        }
        match self.schema().ty(ty).kind {
            TypeKind::Join { owner, relation } => {
                self.link(ty, owner, relation, Root::New, self.linkable(owner, relation))
            }
            TypeKind::Model | TypeKind::Account | TypeKind::View { .. } => {
                self.any(&self.rules.of(ty).allows, Action::Create)
            }
        }
    }

    /// Which rows may be deleted, besides that they may be read; scope 0 is the row.
    pub(crate) fn delete(&self, ty: TypeId) -> Expr {
        if self.power.passes() {
            return Expr::TRUE;
        }
        match self.schema().ty(ty).kind {
            TypeKind::Join { owner, relation } => {
                self.link(ty, owner, relation, Root::Scope(0), self.linkable(owner, relation))
            }
            TypeKind::Model | TypeKind::Account | TypeKind::View { .. } => {
                self.any(&self.rules.of(ty).allows, Action::Delete)
            }
        }
    }

    /// What an update of a row must meet, besides that it may be read.
    pub(crate) fn update(&self, ty: TypeId) -> Update {
        if self.power.passes() {
            return Update { row: Expr::TRUE, new: Expr::TRUE };
        }
        let (both, either) = self.split(&self.rules.of(ty).allows);
        let stored = Expr::any(both.iter().map(|r| r.condition.clone()));
        let again = roots::rebase(&stored, Root::New);
        if either.is_empty() {
            return Update { row: stored, new: again };
        }
        let alone =
            |r: &&Rule| Expr::all(conjuncts(&r.condition).into_iter().filter(|e| !roots::mentions(e).1));
        let row = Expr::any([stored.clone()].into_iter().chain(either.iter().map(alone)));
        let new = Expr::any(
            [Expr::all([stored, again])].into_iter().chain(either.iter().map(|r| r.condition.clone())),
        );
        Update { row, new }
    }

    /// The UPDATE rules that are judged of both rows, and those that name `new` and are judged once. They are never
    /// mixed: one rule for the stored row and another for the new one would let a row be taken over.
    fn split<'r>(&self, rules: &'r [Rule]) -> (Vec<&'r Rule>, Vec<&'r Rule>) {
        self.matching(rules, Action::Update).partition(|r| !r.new)
    }

    /// On which rows links of the relation may be made and removed: they may be read and updated, and the relation's own
    /// UPDATE rules hold. Nothing changes in the row itself.
    fn linkable(&self, owner: TypeId, relation: RelationId) -> Expr {
        let any = |rules: &[Rule]| {
            Expr::any(self.matching(rules, Action::Update).map(|r| roots::unchanged(&r.condition)))
        };
        let own = self.rules.relation(owner, relation);
        let named = own.iter().any(|r| r.actions.contains(&Action::Update));
        let own = if named { any(own) } else { Expr::TRUE };
        absorb::all([self.read(owner), any(&self.rules.of(owner).allows), own])
    }

    /// A link between two rows: the owner meets `owner_must`, the relation's own rules hold of it, and the target may be
    /// read.
    fn link(&self, join: TypeId, owner: TypeId, relation: RelationId, root: Root, owner_must: Expr) -> Expr {
        let schema = self.schema();
        let bistro_schema::RelationKind::ManyToMany(through) = &schema.ty(owner).relation(relation).kind
        else {
            return Expr::FALSE;
        };
        let own = self.narrowed(self.rules.relation(owner, relation), Action::Read);
        let target = schema.ty(join).relation(through.far).target;
        let end = |via: RelationId, filter: Expr| match filter {
            filter if filter.is_true() || filter.is_false() => filter,
            filter => Expr::Some { root, via: vec![via], filter: Box::new(filter) },
        };
        Expr::all([end(through.near, Expr::all([owner_must, own])), end(through.far, self.read(target))])
    }

    /// What the rules of a field or relation add to those of the type. An action that none of them names is as the type.
    fn narrowed(&self, rules: &[Rule], action: Action) -> Expr {
        if self.power.passes() || !rules.iter().any(|r| r.actions.contains(&action)) {
            return Expr::TRUE;
        }
        self.any(rules, action)
    }

    /// On which rows the field may be read; scope 0 is the row.
    pub(crate) fn field_read(&self, ty: TypeId, field: FieldId) -> Expr {
        self.narrowed(&self.rules.field(ty, field).allows, Action::Read)
    }

    /// On which new rows the field may be given.
    pub(crate) fn field_create(&self, ty: TypeId, field: FieldId) -> Expr {
        self.narrowed(&self.rules.field(ty, field).allows, Action::Create)
    }

    /// On which changes of a row the field may be given; over the stored row in scope 0 and the new row.
    pub(crate) fn field_update(&self, ty: TypeId, field: FieldId) -> Expr {
        let rules = &self.rules.field(ty, field).allows;
        if self.power.passes() || !rules.iter().any(|r| r.actions.contains(&Action::Update)) {
            return Expr::TRUE;
        }
        let (both, either) = self.split(rules);
        let stored = Expr::any(both.iter().map(|r| r.condition.clone()));
        let again = roots::rebase(&stored, Root::New);
        Expr::any([Expr::all([stored, again])].into_iter().chain(either.iter().map(|r| r.condition.clone())))
    }

    /// On which rows the relation may be followed; scope 0 is the row that it starts from.
    pub(crate) fn leave(&self, ty: TypeId, relation: RelationId) -> Expr {
        let mut parts = vec![self.narrowed(self.rules.relation(ty, relation), Action::Read)];
        for (near, _) in &self.schema().ty(ty).relation(relation).pairs {
            let own = self.field_read(ty, *near);
            if !parts.contains(&own) {
                parts.push(own);
            }
        }
        Expr::all(parts)
    }

    /// To which rows the relation may be followed; scope 0 is the row that it leads to.
    pub(crate) fn arrive(&self, ty: TypeId, relation: RelationId) -> Expr {
        let relation = self.schema().ty(ty).relation(relation);
        let fields = relation.pairs.iter().map(|(_, far)| self.field_read(relation.target, *far));
        Expr::all([self.read(relation.target)].into_iter().chain(fields))
    }
}

/// The conditions that must all hold.
fn conjuncts(expr: &Expr) -> Vec<Expr> {
    match expr {
        Expr::And(parts) => parts.clone(),
        other => vec![other.clone()],
    }
}
