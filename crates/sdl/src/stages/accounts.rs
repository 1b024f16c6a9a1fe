//! `@account`: what signing up asks of the model, and what belongs to the account itself.

use bistro_problem::Diagnostic;
use bistro_schema::{Action, Field, FieldId, FieldKind, Kind, Type, TypeKind};

use crate::codes;
use crate::draft::{Draft, FieldDecl};
use crate::place::At;

/// Fixes the key of the account model, and says what signing up cannot do with it.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    for (decl, ty) in draft.types.iter().zip(&mut draft.schema.types) {
        if ty.kind != TypeKind::Account {
            continue;
        }
        // It is the subject of every token that was ever given out for it.
        ty.key.clone().into_iter().for_each(|key| ty.fields[usize::from(key.0)].immutable = true);
        nobody_creates(ty, &mut found);
        for field in &decl.fields {
            field.columns.iter().for_each(|id| column(ty, field, *id, &mut found));
        }
    }
    draft.diagnostics.extend(found);
}

fn nobody_creates(ty: &Type, found: &mut Vec<Diagnostic>) {
    for allow in ty.allows.iter().filter(|allow| allow.actions.contains(&Action::Create)) {
        let at = (allow.span.start, allow.span.end);
        let message = format!("`{}` is created by signing up alone, whatever its rules say", ty.name);
        let told = Diagnostic::warning(codes::ALLOW, at, message).label("lets nobody create");
        found.push(told.hint("leave CREATE out; what a sign-up may fill in is what UPDATE allows"));
    }
}

fn column(ty: &Type, field: &FieldDecl, id: FieldId, found: &mut Vec<Diagnostic>) {
    let column = ty.field(id);
    let (name, at) = (&field.node.name, field.node.name.at());
    if ty.mirrors(id) && (column.scalar.list || !matches!(column.scalar.kind, Kind::String | Kind::Email)) {
        let message = format!("`{name}` repeats what the account holds, which is text");
        let told = Diagnostic::error(codes::ACCOUNT, at, message).label("not text");
        found.push(told.hint(format!("write `{name}: String`, or give the field another name")));
    }
    // An account has an e-mail address unless the settings let people in without one.
    let known = column.name == "email" && ty.mirrors(id);
    if !needed(ty, column, id) || known {
        return;
    }
    let message = format!("`{name}` is required and has no default, so nobody signs up without bringing it");
    let told = Diagnostic::warning(codes::ACCOUNT, at, message);
    found.push(match ty.mirrors(id) || column.immutable || column.hidden {
        true => {
            told.label("no sign-up can bring it").hint("give it a default with @default, or let it be null")
        }
        false => told
            .label("a sign-up brings it in `data`, or is refused")
            .hint("give it a default with @default, let it be null, or ask for it where people sign up"),
    });
}

/// Whether a new row has to bring the field.
fn needed(ty: &Type, field: &Field, id: FieldId) -> bool {
    let filled = field.nullable || field.default.is_some() || field.updated || ty.key.contains(&id);
    !filled && field.kind == FieldKind::Stored
}
