//! What of each type a caller can see and do over SOAP: decided once for a set of roles, before anything is described.

use std::collections::HashSet;

use bistro_schema::{Action, Field, FieldId, FieldKind, RelationId, SchemaView, Type, TypeId, TypeKind};

use crate::names;

/// One type, as far as it is shown. All lists are empty for what is not.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Readable fields that no relation of the same name hides.
    pub(crate) fields: Vec<FieldId>,
    /// Declared relations that lead to shown types.
    pub(crate) relations: Vec<RelationId>,
    /// The sets of fields that name one row; no field is in two of them, so that a key says by its members which it is.
    pub(crate) keys: Vec<Vec<FieldId>>,
    /// What a new row may be given.
    pub(crate) create: Vec<FieldId>,
    /// What may be changed.
    pub(crate) update: Vec<FieldId>,
    /// Whether rows may be removed.
    pub(crate) delete: bool,
}

/// What a name means in a row or a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Field(FieldId),
    Relation(RelationId),
}

impl Shown {
    /// Whether rows can be seen.
    pub(crate) fn rows(&self) -> bool {
        !self.fields.is_empty()
    }

    /// What a name means in a row of `ty`, or in a filter on it.
    pub(crate) fn member(&self, ty: &Type, name: &str) -> Option<Member> {
        let field = self.fields.iter().find(|f| ty.field(**f).name == name);
        let relation = || self.relations.iter().find(|r| ty.relation(**r).name == name);
        field.map(|f| Member::Field(*f)).or_else(|| relation().map(|r| Member::Relation(*r)))
    }
}

/// What is shown of every type of the schema, by its id.
pub(crate) fn all(view: &SchemaView) -> Vec<Shown> {
    let schema = view.schema();
    let taken: HashSet<String> =
        schema.types().filter(|(_, ty)| !is_join(ty)).flat_map(|(_, ty)| made_of(ty)).collect();
    let met = |ty: &Type| is_join(ty) && made_of(ty).any(|name| taken.contains(&name));
    let shown = |(id, ty): (TypeId, &Type)| if met(ty) { Shown::default() } else { alone(view, id, ty) };
    let mut all: Vec<Shown> = schema.types().map(shown).collect();
    for (id, ty) in schema.types().filter(|(_, ty)| names::is_name(&ty.name)) {
        let leads = |r: RelationId| {
            let relation = ty.relation(r);
            let target = &all[usize::from(relation.target.0)];
            relation.declared && names::is_name(&relation.name) && target.rows()
        };
        let relations = view.relations(id).map(|(r, _)| r).filter(|r| leads(*r)).collect();
        if all[usize::from(id.0)].rows() {
            all[usize::from(id.0)].relations = relations;
        }
    }
    all
}

fn is_join(ty: &Type) -> bool {
    matches!(ty.kind, TypeKind::Join { .. })
}

/// The types of XML Schema that are made of a type. Those of declared types never meet, since the reader of schema files has
/// seen to it; the file does not name join types, and one that meets another is left out.
fn made_of(ty: &Type) -> impl Iterator<Item = String> {
    let ends = ["", "Key", "Filter", "ListFilter", "Order", "Create", "Update"];
    ends.into_iter().map(|end| format!("{}{end}", ty.name))
}

/// What is shown of a type apart from its relations.
fn alone(view: &SchemaView, id: TypeId, ty: &Type) -> Shown {
    if !names::is_name(&ty.name) {
        return Shown::default();
    }
    let may = |action| view.type_allows(id, action);
    let some = |action: Action, fits: &dyn Fn(&Field) -> bool| -> Vec<FieldId> {
        let fields = ty.fields().filter(|(f, field)| {
            may(action) && names::is_name(&field.name) && fits(field) && view.field_allows(id, *f, action)
        });
        fields.map(|(f, _)| f).collect()
    };
    let writable = ty.writable();
    let written =
        |field: &Field| writable && !matches!(field.kind, FieldKind::Computed(_) | FieldKind::Generated);
    let readable = some(Action::Read, &|_| true);
    Shown {
        keys: keys(ty, &readable),
        fields: readable.into_iter().filter(|f| !ty.is_shadowed(ty.field(*f))).collect(),
        create: some(Action::Create, &written),
        update: some(Action::Update, &|f| written(f) && !f.immutable),
        delete: writable && may(Action::Delete),
        relations: Vec::new(),
    }
}

/// The key, and each unique set whose fields are in no set before it.
fn keys(ty: &Type, readable: &[FieldId]) -> Vec<Vec<FieldId>> {
    let mut keys: Vec<Vec<FieldId>> = Vec::new();
    for set in std::iter::once(&ty.key).chain(ty.uniques.iter().map(|u| &u.fields)) {
        let shown = !set.is_empty() && set.iter().all(|f| readable.contains(f));
        if shown && !keys.iter().flatten().any(|f| set.contains(f)) {
            keys.push(set.clone());
        }
    }
    keys
}
