//! What one set of roles can see of a schema: the only way from a name in a request to an id.
//!
//! Hidden and unknown answer alike: a lookup here returns `None` for both. `when` never changes what exists, so a view
//! depends on roles alone and is shared by all callers that hold them.

use std::sync::Arc;

use crate::model::{Allow, Field, FieldId, Relation, RelationId, Schema, Type, TypeId, TypeKind};
use crate::roles::{Action, Roles};

/// A schema as holders of some roles see it.
#[derive(Clone, Debug)]
pub struct SchemaView {
    schema: Arc<Schema>,
    roles: Roles,
}

impl SchemaView {
    /// The view of `roles`.
    pub fn new(schema: Arc<Schema>, roles: Roles) -> Self {
        Self { schema, roles }
    }

    /// The whole schema. Names found through it are not checked: use the lookups for anything a caller mentions.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Whose view it is.
    pub fn roles(&self) -> Roles {
        self.roles
    }

    /// The types that exist for these roles.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &Type)> {
        self.schema.types().filter(|(id, _)| self.type_exists(*id))
    }

    /// The type with this collection name, if it exists for these roles.
    pub fn by_collection(&self, collection: &str) -> Option<TypeId> {
        self.schema.by_collection(collection).filter(|id| self.type_exists(*id))
    }

    /// Whether some rule of the type speaks of these roles.
    pub fn type_exists(&self, id: TypeId) -> bool {
        Action::ALL.iter().any(|a| self.type_allows(id, *a))
    }

    /// Whether some rule lets these roles try `action` on the type (its `when` is judged by rows).
    pub fn type_allows(&self, id: TypeId, action: Action) -> bool {
        let ty = self.schema.ty(id);
        if self.roles.passes_rules() {
            return action == Action::Read || ty.writable();
        }
        match &ty.kind {
            TypeKind::Join { owner, relation } => self.join_allows(*owner, *relation, action),
            // Who has an account signed up for it.
            TypeKind::Account if action == Action::Create => false,
            TypeKind::Model | TypeKind::Account | TypeKind::View { .. } => {
                speaks(&ty.allows, self.roles, action)
            }
        }
    }

    /// A link is readable if both ends are; made or removed by whoever may update the owner and read the target.
    fn join_allows(&self, owner: TypeId, relation: RelationId, action: Action) -> bool {
        let target = self.schema.ty(owner).relation(relation).target;
        let relation_visible = self.relation_exists(owner, relation);
        relation_visible
            && match action {
                Action::Read => {
                    self.type_allows(owner, Action::Read) && self.type_allows(target, Action::Read)
                }
                Action::Create | Action::Delete => {
                    self.type_allows(owner, Action::Update)
                        && self.type_allows(owner, Action::Read)
                        && self.type_allows(target, Action::Read)
                }
                Action::Update => false,
            }
    }

    /// Whether the field exists for these roles at all.
    pub fn field_exists(&self, ty: TypeId, field: FieldId) -> bool {
        let f = self.schema.ty(ty).field(field);
        !f.hidden
            && (self.roles.passes_rules()
                || f.allows.is_empty()
                || f.allows.iter().any(|a| a.roles.meets(self.roles)))
    }

    /// Whether these roles may try `action` on the field, given that they may on the type.
    pub fn field_allows(&self, ty: TypeId, field: FieldId, action: Action) -> bool {
        let f = self.schema.ty(ty).field(field);
        if f.hidden {
            // It never leaves, but somebody must be able to fill it: the project itself.
            return self.roles.passes_rules() && matches!(action, Action::Create | Action::Update);
        }
        if self.roles.passes_rules() {
            return true;
        }
        // Creating is refused by the type already.
        let mirrored = action == Action::Update && self.schema.ty(ty).mirrors(field);
        !mirrored && field_speaks(&f.allows, self.roles, action)
    }

    /// The field that the caller calls `name` (or by its relation's name), if it exists and may be read.
    pub fn readable(&self, ty: TypeId, name: &str) -> Option<FieldId> {
        self.schema.ty(ty).field_named(name).filter(|f| self.field_allows(ty, *f, Action::Read))
    }

    /// The fields that `*` prints, with their ids.
    pub fn readable_fields(&self, ty: TypeId) -> impl Iterator<Item = (FieldId, &Field)> {
        self.schema.ty(ty).fields().filter(move |(id, _)| self.field_allows(ty, *id, Action::Read))
    }

    /// Whether the relation and the type that it leads to exist for these roles. A many-to-many over a named model
    /// needs READ on that model too, and on its columns that make the links.
    pub fn relation_exists(&self, ty: TypeId, relation: RelationId) -> bool {
        let r = self.schema.ty(ty).relation(relation);
        if self.roles.passes_rules() {
            return true;
        }
        let columns = r.pairs.iter().all(|(near, far)| {
            self.field_allows(ty, *near, Action::Read) && self.field_allows(r.target, *far, Action::Read)
        });
        let through = match &r.kind {
            crate::RelationKind::ManyToMany(t) => match self.schema.ty(t.join).kind {
                TypeKind::Join { .. } => true,
                TypeKind::Model | TypeKind::Account | TypeKind::View { .. } => {
                    let ends = [t.near, t.far];
                    self.type_allows(t.join, Action::Read)
                        && ends.iter().all(|end| self.relation_exists(t.join, *end))
                }
            },
            _ => true,
        };
        columns
            && through
            && field_speaks(&r.allows, self.roles, Action::Read)
            && self.type_allows(r.target, Action::Read)
    }

    /// The relations that exist for these roles, with their ids.
    pub fn relations(&self, ty: TypeId) -> impl Iterator<Item = (RelationId, &Relation)> {
        self.schema.ty(ty).relations().filter(move |(id, _)| self.relation_exists(ty, *id))
    }
}

/// Whether some `@allow` of a type names the action for these roles; none means closed.
fn speaks(allows: &[Allow], roles: Roles, action: Action) -> bool {
    allows.iter().any(|a| a.roles.meets(roles) && a.actions.contains(&action))
}

/// The same for a field, where none means as the type. An action that no `@allow` of the field names at all is as the
/// type too: a field rule narrows only what it speaks of.
fn field_speaks(allows: &[Allow], roles: Roles, action: Action) -> bool {
    let named = allows.iter().any(|a| a.actions.contains(&action));
    if !named {
        // A field closed to other roles by its READ rule is closed to their writes as well.
        return allows.is_empty() || allows.iter().any(|a| a.roles.meets(roles));
    }
    speaks(allows, roles, action)
}
