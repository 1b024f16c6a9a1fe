//! What of each type these roles can see and do: decided once, before anything is described.

use apollo_compiler::Name;
use bistro_schema::{
    Action, Field, FieldId, FieldKind, RelationId, Schema, SchemaView, Type, TypeId, TypeKind,
};

use super::Options;
use super::meaning::{KeyMember, UniqueSet};
use crate::names;

/// One type, as far as it is shown. All lists are empty for what is not.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Whether rows can be seen: it is a GraphQL type.
    pub(super) rows: bool,
    /// Readable fields.
    pub(super) columns: Vec<FieldId>,
    /// Those of them that no relation of the same name hides.
    pub(super) fields: Vec<FieldId>,
    /// Declared relations that lead to shown types.
    pub(super) relations: Vec<RelationId>,
    /// The ways to name one row; empty unless the whole key is readable.
    pub(super) keys: Vec<KeyMember>,
    /// Whether it has a global id.
    pub(super) node: bool,
    /// What a new row may be given, relations aside; empty where none may be made.
    pub(super) create: Vec<FieldId>,
    /// What may be changed, relations aside; empty where nothing may be.
    pub(super) update: Vec<FieldId>,
    /// Whether rows may be removed.
    pub(super) delete: bool,
}

impl Shown {
    /// Whether the whole key is readable.
    pub(super) fn keyed(&self) -> bool {
        !self.keys.is_empty()
    }
}

/// What is shown of every type of the schema, by its id.
pub(super) fn all(view: &SchemaView, options: Options) -> Vec<Shown> {
    let schema = view.schema();
    let mut all: Vec<Shown> = schema.types().map(|(id, ty)| alone(view, id, ty)).collect();
    settle(view, &mut all);
    for (id, ty) in schema.types() {
        let shown = &mut all[usize::from(id.0)];
        if shown.rows {
            shown.keys = keys(ty, &shown.columns);
            shown.node = options.global_ids && shown.keyed() && may_be_node(ty);
        }
    }
    close(schema, &mut all);
    all
}

/// Takes out writes to which nothing could be given: every field is hidden by a relation that these roles cannot use.
fn close(schema: &Schema, all: &mut [Shown]) {
    for (id, ty) in schema.types() {
        let is_some_given = |fields: &[FieldId]| fields.iter().any(|f| is_given(all, id, ty, *f));
        let own = &all[usize::from(id.0)];
        let [creates, updates] = [&own.create, &own.update].map(|fields| is_some_given(fields));
        let own = &mut all[usize::from(id.0)];
        if !creates {
            own.create.clear();
        }
        if !updates {
            own.update.clear();
        }
    }
}

/// Whether an input has a member for the field: its own, or that of the relation that hides it.
fn is_given(all: &[Shown], id: TypeId, ty: &Type, f: FieldId) -> bool {
    match ty.relation_named(&ty.field(f).name) {
        Some(r) => {
            let shown = all[usize::from(id.0)].relations.contains(&r);
            shown && all[usize::from(ty.relation(r).target.0)].keyed()
        }
        None => true,
    }
}

/// What is shown of a type apart from its relations.
fn alone(view: &SchemaView, id: TypeId, ty: &Type) -> Shown {
    if matches!(ty.kind, TypeKind::Join { .. }) || !is_name(&ty.name) {
        return Shown::default();
    }
    let may = |action| view.type_allows(id, action);
    let some = |action: Action, fits: &dyn Fn(&Field) -> bool| -> Vec<FieldId> {
        let fields = ty.fields().filter(|(f, field)| {
            may(action) && is_name(&field.name) && fits(field) && view.field_allows(id, *f, action)
        });
        fields.map(|(f, _)| f).collect()
    };
    let columns = some(Action::Read, &|_| true);
    let written = |field: &Field| !matches!(field.kind, FieldKind::Computed(_) | FieldKind::Generated);
    let writable = ty.writable();
    Shown {
        rows: !columns.is_empty(),
        fields: columns.iter().copied().filter(|f| !ty.is_shadowed(ty.field(*f))).collect(),
        columns,
        create: some(Action::Create, &|f| writable && written(f)),
        update: some(Action::Update, &|f| writable && written(f) && !f.immutable),
        delete: writable && may(Action::Delete),
        ..Shown::default()
    }
}

/// Finds the relations, and takes out types of which nothing is left, until both agree.
fn settle(view: &SchemaView, all: &mut [Shown]) {
    let schema = view.schema();
    loop {
        let rows: Vec<bool> = all.iter().map(|s| s.rows).collect();
        for (id, ty) in schema.types().filter(|(id, _)| rows[usize::from(id.0)]) {
            let shown = &mut all[usize::from(id.0)];
            let leads = |r: RelationId| {
                let relation = ty.relation(r);
                relation.declared && is_name(&relation.name) && rows[usize::from(relation.target.0)]
            };
            shown.relations = view.relations(id).map(|(r, _)| r).filter(|r| leads(*r)).collect();
            shown.rows = !shown.fields.is_empty() || !shown.relations.is_empty();
        }
        if all.iter().map(|s| s.rows).eq(rows) {
            return;
        }
    }
}

fn keys(ty: &Type, readable: &[FieldId]) -> Vec<KeyMember> {
    if ty.key.is_empty() || !ty.key.iter().all(|f| readable.contains(f)) {
        return Vec::new();
    }
    let uniques = ty.uniques.iter().enumerate().map(|(n, u)| (UniqueSet::Unique(n), &u.fields));
    let sets = std::iter::once((UniqueSet::Key, &ty.key)).chain(uniques);
    let mut members: Vec<KeyMember> = Vec::new();
    for (set, fields) in sets.filter(|(_, fields)| fields.iter().all(|f| readable.contains(f))) {
        let name = names::key_member(fields.iter().map(|f| ty.field(*f)));
        if members.iter().all(|m| m.name != name) {
            members.push(KeyMember { name, set, fields: fields.clone() });
        }
    }
    members
}

/// Whether `id` and `key` are free to mean the global id and the key.
fn may_be_node(ty: &Type) -> bool {
    let free = |name: &str| ty.relation_named(name).is_none() && ty.fields.iter().all(|f| f.name != name);
    let id = ty.fields().find(|(_, f)| f.name == "id");
    let key = id.is_none_or(|(f, _)| ty.key.contains(&f));
    free("key") && key && ty.relation_named("id").is_none()
}

/// Whether the text can be a name of GraphQL that is not GraphQL's own.
fn is_name(text: &str) -> bool {
    Name::is_valid_syntax(text) && !text.starts_with("__")
}

/// Whether the input of a new row demands the field. A reference may be given by its relation instead.
pub(super) fn is_demanded(ty: &Type, id: FieldId) -> bool {
    ty.requires(id) && !ty.refers(id)
}
