//! `@inverse(of:)`: the other side of a relation.

use bistro_problem::Diagnostic;
use bistro_schema::names::nearest;
use bistro_schema::{RelationId, RelationKind, TypeId};

use crate::codes;
use crate::draft::{Draft, FieldDecl, Shape, text};
use crate::place::At;

/// Resolves the inverses of to-one relations; those of many-to-many lists follow in [`super::joins`].
pub(crate) fn run(draft: &mut Draft) {
    for ty in draft.type_ids() {
        for n in 0..draft.decl(ty).fields.len() {
            let mut found = Vec::new();
            inverse(draft, ty, n, &mut found);
            draft.diagnostics.extend(found);
        }
    }
}

fn inverse(draft: &mut Draft, ty: TypeId, n: usize, found: &mut Vec<Diagnostic>) {
    let field = &draft.decl(ty).fields[n];
    let Shape::Inverse(target, slot) = field.shape else { return };
    let Some(owner) = named(draft, ty, field, target, found) else { return };
    let list = field.node.ty.is_list();
    let (owner_slot, many) = match owner.shape {
        Shape::ToOne(back, slot) if back == ty => (slot, false),
        Shape::Many(back, slot) if back == ty => (slot, true),
        _ => {
            leads_elsewhere(draft, ty, field, target, owner, found);
            return;
        }
    };
    if let Some(first) = draft.schema.ty(target).relation(owner_slot).inverse {
        second(draft, ty, field, first, found);
        return;
    }
    if many && !list || !many && list == one_to_one(draft, target, owner) {
        wrong_number(draft, field, target, owner, found);
    }
    let types = &mut draft.schema.types;
    let owned = &mut types[target.0 as usize].relations[owner_slot.0 as usize];
    owned.inverse = Some(slot);
    let pairs = owned.pairs.iter().map(|(near, far)| (*far, *near)).collect();
    let (constraint, on_delete) = (owned.constraint.clone(), owned.on_delete);
    let mine = &mut types[ty.0 as usize].relations[slot.0 as usize];
    mine.inverse = Some(owner_slot);
    if !many {
        mine.kind = if list { RelationKind::ToMany } else { RelationKind::ToOneInverse };
        mine.pairs = pairs;
        mine.constraint = constraint;
        mine.on_delete = on_delete;
    }
}

/// Whether at most one row of `ty` holds the same foreign key.
fn one_to_one(draft: &Draft, ty: TypeId, owner: &FieldDecl) -> bool {
    // A unique set that was refused still says what its author meant.
    owner.directive("unique").is_some() || draft.schema.ty(ty).unique_over(&owner.columns)
}

fn named<'a>(
    draft: &'a Draft,
    ty: TypeId,
    field: &FieldDecl,
    target: TypeId,
    found: &mut Vec<Diagnostic>,
) -> Option<&'a FieldDecl> {
    let (name, at) = text(field.directive("inverse")?, "of")?;
    let there = draft.decl(target);
    if let Some(owner) = there.field(name) {
        return Some(owner);
    }
    let back = there.fields.iter().filter(|f| f.relation().is_some_and(|(t, _)| t == ty));
    let names: Vec<&str> = back.map(|f| f.node.name.as_str()).collect();
    let told = Diagnostic::error(codes::INVERSE, at, format!("`{}` has no field `{name}`", there.name));
    let hint = match (nearest(name, names.iter().copied()), &names[..]) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, [only]) => format!("`{}` leads back to `{}`", only, draft.decl(ty).name),
        (None, []) => format!("add a field to `{}` whose type is `{}`", there.name, draft.decl(ty).name),
        (None, several) => format!("these lead back to `{}`: {}", draft.decl(ty).name, several.join(", ")),
    };
    found.push(told.label("no such field").hint(hint));
    None
}

fn leads_elsewhere(
    draft: &Draft,
    ty: TypeId,
    field: &FieldDecl,
    target: TypeId,
    owner: &FieldDecl,
    found: &mut Vec<Diagnostic>,
) {
    if owner.shape == Shape::Broken {
        return;
    }
    let at =
        field.directive("inverse").and_then(|d| text(d, "of")).map_or_else(|| field.node.name.at(), |t| t.1);
    let (mine, there) = (&draft.decl(ty).name, &draft.decl(target).name);
    let message = format!("`{there}.{}` does not lead back to `{mine}`", owner.node.name);
    let hint = match owner.shape {
        Shape::Inverse(..) => "it is itself an @inverse: keep @inverse on one of the two only".to_owned(),
        _ => format!("name a field of `{there}` whose type is `{mine}`"),
    };
    found.push(
        Diagnostic::error(codes::INVERSE, at, message)
            .label("not its other side")
            .related(owner.node.name.at(), format!("of type `{}`", owner.node.ty))
            .hint(hint),
    );
}

fn second(draft: &Draft, ty: TypeId, field: &FieldDecl, first: RelationId, found: &mut Vec<Diagnostic>) {
    let first = draft.schema.ty(ty).relation(first);
    let message = format!("`{}` and `{}` are inverses of the same relation", first.name, field.node.name);
    found.push(
        Diagnostic::error(codes::INVERSE, field.node.name.at(), message)
            .label("the second")
            .related((first.span.start, first.span.end), "the first")
            .hint("keep one of them"),
    );
}

fn wrong_number(
    draft: &Draft,
    field: &FieldDecl,
    target: TypeId,
    owner: &FieldDecl,
    found: &mut Vec<Diagnostic>,
) {
    let there = format!("{}.{}", draft.decl(target).name, owner.node.name);
    let of = &owner.node.name;
    let (name, element) = (&field.node.name, field.node.ty.inner_named_type());
    let (message, hint) = match owner.shape {
        Shape::Many(..) => (
            format!("`{there}` is a list, so its other side is a list too"),
            format!("write `{name}: [{element}!]! @inverse(of: \"{of}\")`"),
        ),
        _ if field.node.ty.is_list() => (
            format!("`{there}` is unique, so its other side is one row, not a list"),
            format!("write `{name}: {element} @inverse(of: \"{of}\")`"),
        ),
        _ => (
            format!("several rows may have the same `{there}`, so its other side is a list"),
            format!("write `{name}: [{element}!]! @inverse(of: \"{of}\")`, or mark `{there}` with @unique"),
        ),
    };
    found.push(
        Diagnostic::error(codes::INVERSE, field.node.name.at(), message)
            .label("the other side")
            .related(owner.node.name.at(), "the owning side")
            .hint(hint),
    );
}
