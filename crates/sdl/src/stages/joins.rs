//! Many-to-many lists: over a join table of ours, or through a model of the file.

use bistro_problem::Diagnostic;
use bistro_schema::names::{nearest, snake};
use bistro_schema::{
    Field, FieldId, FieldKind, OnDelete, Relation, RelationId, RelationKind, Scalar, Span, Through, Type,
    TypeId, TypeKind,
};

use crate::codes;
use crate::draft::{Draft, FieldDecl, Shape, id, text};
use crate::place::At;
use crate::stages::owners::foreign_key;

/// Resolves every list without `@inverse`, and the inverses of such lists.
pub(crate) fn run(draft: &mut Draft) {
    for ty in draft.type_ids() {
        for n in 0..draft.decl(ty).fields.len() {
            let Shape::Many(target, slot) = draft.decl(ty).fields[n].shape else { continue };
            let mut found = Vec::new();
            if allowed(draft, ty, n, target, &mut found)
                && let Some(through) = through(draft, ty, n, target, &mut found)
            {
                connect(draft, ty, slot, target, through);
            }
            draft.diagnostics.extend(found);
        }
    }
}

/// The join of a list: the model that it names, or a new table.
fn through(
    draft: &mut Draft,
    ty: TypeId,
    n: usize,
    target: TypeId,
    found: &mut Vec<Diagnostic>,
) -> Option<Through> {
    let field = &draft.decl(ty).fields[n];
    if field.directive("relation").is_some_and(|d| text(d, "through").is_some()) {
        return model(draft, ty, field, target, found);
    }
    table(draft, ty, n, target)
}

fn allowed(draft: &Draft, ty: TypeId, n: usize, target: TypeId, found: &mut Vec<Diagnostic>) -> bool {
    let field = &draft.decl(ty).fields[n];
    let is_view = |t: TypeId| matches!(draft.schema.ty(t).kind, TypeKind::View { .. });
    if is_view(ty) || is_view(target) {
        let message = format!("`{}` joins a view, and a view has no links of its own", field.node.name);
        let told = Diagnostic::error(codes::VIEW, field.node.name.at(), message).label("many-to-many");
        found.push(told.hint("let the view have a column with the key instead"));
        return false;
    }
    if draft.schema.ty(target).key.is_empty() || draft.schema.ty(ty).key.is_empty() {
        return false;
    }
    let Some(other) = other_side(draft, ty, field, target) else { return true };
    let (mine, there) = (&draft.decl(ty).name, &draft.decl(target).name);
    // Said once, at the later of the two; of an owner's foreign key the list is the other side.
    if matches!(other.shape, Shape::Many(..)) && target < ty {
        return false;
    }
    let later = if matches!(other.shape, Shape::Many(..)) { other } else { field };
    let first = if matches!(other.shape, Shape::Many(..)) { field } else { other };
    let message = format!(
        "`{mine}.{}` and `{there}.{}` do not say whether they are one relation",
        field.node.name, other.node.name
    );
    found.push(
        Diagnostic::error(codes::MANY, later.node.name.at(), message)
            .label("the one side")
            .related(first.node.name.at(), "the other side")
            .hint(format!("write `@inverse(of: \"{}\")` on `{}`", first.node.name, later.node.name)),
    );
    false
}

/// A plain list of the target that leads back without `@inverse`, through no other model than this one.
fn other_side<'a>(draft: &'a Draft, ty: TypeId, field: &FieldDecl, target: TypeId) -> Option<&'a FieldDecl> {
    let through =
        |f: &FieldDecl| f.directive("relation").and_then(|d| text(d, "through").map(|(s, _)| s.to_owned()));
    if target == ty || through(field).is_some() {
        return None;
    }
    let claimed = |slot: RelationId| draft.schema.ty(ty).relation(slot).inverse.is_some();
    if field.relation().is_some_and(|(_, slot)| claimed(slot)) {
        return None;
    }
    draft.decl(target).fields.iter().find(|f| {
        matches!(f.shape, Shape::Many(back, slot) if back == ty && through(f).is_none()
            && draft.schema.ty(target).relation(slot).inverse.is_none())
    })
}

/// The join table that the file does not name.
fn table(draft: &mut Draft, ty: TypeId, n: usize, target: TypeId) -> Option<Through> {
    let field = &draft.decl(ty).fields[n];
    let (_, slot) = field.relation()?;
    let (owner, other) = (draft.schema.ty(ty), draft.schema.ty(target));
    let name = format!("{}{}", owner.name, pascal(&field.node.name));
    let collection = format!("{}_{}", owner.collection, field.node.name);
    let near_name = snake(&owner.name);
    let far_name = if target == ty { field.node.name.to_string() } else { snake(&other.name) };
    let span = field.node.name.span();
    let mut join = Type {
        name,
        plural: collection.clone(),
        collection,
        description: Some(format!("Links of `{}.{}`.", owner.name, field.node.name)),
        kind: TypeKind::Join { owner: ty, relation: slot },
        fields: Vec::new(),
        relations: Vec::new(),
        key: Vec::new(),
        uniques: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        allows: Vec::new(),
        span,
    };
    end(&mut join, owner, ty, &near_name);
    end(&mut join, other, target, &far_name);
    let joined = TypeId(id(draft.schema.types.len()));
    draft.schema.types.push(join);
    Some(Through { join: joined, near: RelationId(0), far: RelationId(1) })
}

/// One end of a join table: its columns, and the relation over them.
fn end(join: &mut Type, to: &Type, target: TypeId, name: &str) {
    let first = join.fields.len();
    for key in &to.key {
        let there = to.field(*key);
        let single = to.key.len() == 1;
        let column = if single { format!("{name}_id") } else { format!("{name}_{}", there.name) };
        join.fields.push(Field {
            alias: single.then(|| name.to_owned()),
            ..link_column(column, there.scalar, join.span)
        });
    }
    let near: Vec<FieldId> = (first..join.fields.len()).map(|n| FieldId(id(n))).collect();
    let columns: Vec<&str> = join.fields[first..].iter().map(|f| f.column.as_str()).collect();
    join.relations.push(Relation {
        name: name.to_owned(),
        declared: true,
        description: None,
        target,
        kind: RelationKind::ToOne,
        pairs: near.iter().copied().zip(to.key.iter().copied()).collect(),
        constraint: foreign_key(&join.collection, &columns),
        on_delete: OnDelete::Cascade,
        inverse: None,
        allows: Vec::new(),
        span: join.span,
    });
    join.key.extend(near);
}

fn link_column(name: String, scalar: Scalar, span: Span) -> Field {
    Field {
        column: name.clone(),
        name,
        declared: None,
        alias: None,
        description: None,
        scalar,
        nullable: false,
        kind: FieldKind::Stored,
        default: None,
        updated: false,
        immutable: false,
        hidden: false,
        search: false,
        length: None,
        range: None,
        pattern: None,
        deprecated: None,
        allows: Vec::new(),
        span,
    }
}

/// `blog_tags` → `BlogTags`.
fn pascal(field: &str) -> String {
    let camel = bistro_schema::names::lower_camel(field);
    let mut chars = camel.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// The model that `through:` names, with one relation to each side.
fn model(
    draft: &Draft,
    ty: TypeId,
    field: &FieldDecl,
    target: TypeId,
    found: &mut Vec<Diagnostic>,
) -> Option<Through> {
    let (name, at) = text(field.directive("relation")?, "through")?;
    let Some(join) = draft.type_named(name) else {
        let told = Diagnostic::error(codes::THROUGH, at, format!("the type `{name}` is unknown"))
            .label("no such type");
        let near = nearest(name, draft.types.iter().map(|t| t.name.as_str()));
        found.push(match near {
            Some(near) => told.hint(format!("did you mean `{near}`?")),
            None => told.hint("name a model of this file"),
        });
        return None;
    };
    let to = |side: TypeId| -> Vec<RelationId> {
        let all = draft.schema.ty(join).relations();
        all.filter(|(_, r)| r.kind == RelationKind::ToOne && r.target == side).map(|(id, _)| id).collect()
    };
    let (near, far) = (to(ty), to(target));
    match (&near[..], &far[..]) {
        ([near, far], _) if ty == target => Some(Through { join, near: *near, far: *far }),
        ([near], [far]) if ty != target => Some(Through { join, near: *near, far: *far }),
        _ => {
            let (mine, there) = (&draft.decl(ty).name, &draft.decl(target).name);
            let message = format!("`{name}` does not join `{mine}` and `{there}` in exactly one way");
            let hint = if ty == target {
                format!("give `{name}` two relations to `{mine}`: the first leads here, the second there")
            } else {
                format!("give `{name}` one relation to `{mine}` and one to `{there}`")
            };
            let told = Diagnostic::error(codes::THROUGH, at, message).label("not a join of the two");
            found.push(told.hint(hint));
            None
        }
    }
}

/// Fills a list and, if it has one, its inverse.
fn connect(draft: &mut Draft, ty: TypeId, slot: RelationId, target: TypeId, through: Through) {
    let join = draft.schema.ty(through.join);
    let (near, far) =
        (join.relation(through.near).constraint.clone(), join.relation(through.far).constraint.clone());
    let back = Through { join: through.join, near: through.far, far: through.near };
    let inverse = twin(draft, ty, slot, target, &back);
    let types = &mut draft.schema.types;
    let list = &mut types[ty.0 as usize].relations[slot.0 as usize];
    list.kind = RelationKind::ManyToMany(through);
    list.constraint = near;
    list.on_delete = OnDelete::Cascade;
    list.inverse = inverse;
    if let Some(inverse) = inverse {
        let other = &mut types[target.0 as usize].relations[inverse.0 as usize];
        other.kind = RelationKind::ManyToMany(back);
        other.constraint = far;
        other.on_delete = OnDelete::Cascade;
        other.inverse = Some(slot);
    }
}

/// The other side: a declared inverse, or a list of the target through the same model.
fn twin(draft: &Draft, ty: TypeId, slot: RelationId, target: TypeId, back: &Through) -> Option<RelationId> {
    let declared = draft.schema.ty(ty).relation(slot).inverse;
    declared.or_else(|| {
        let mut all = draft.schema.ty(target).relations();
        let same = |r: &Relation| r.kind == RelationKind::ManyToMany(back.clone()) && r.inverse.is_none();
        all.find(|(_, r)| r.target == ty && same(r)).map(|(id, _)| id)
    })
}
