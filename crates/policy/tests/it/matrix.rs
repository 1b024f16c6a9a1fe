//! Role × type × field × position: nothing gets through that the names say must not, and every guard is in place.
//!
//! The schema's names say what is expected: types and fields called `open`, `own` (on a condition), `editors` (a role's),
//! `hidden` and `closed` (nobody's).

use bistro_ir::{
    Action, Aggregate, Body, Compare, Conflict, Embed, Expr, Item, Operand, Operation, Order, Read, Root,
    SearchMode, Write, text,
};
use bistro_policy::{AuthorizeError, AuthorizedBody, Rules, authorize};
use bistro_schema::{FieldId, Roles, Schema, TypeId, Value};

use crate::schema::{field, relation, sound, ty};

/// What the rule of a type, and of a field, becomes: each is found again in the text of what is authorised.
const TYPE_RULE: &str = "owner_id = auth.id";
const FIELD_RULE: &str = "keeper_id = auth.id";

/// The schema.
const FILE: &str = include_str!("matrix.graphql");

/// Where a name is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Select,
    Filter,
    Order,
    Aggregate,
    Search,
    Some,
    NotSome,
    Via,
    Embed,
    EmbedFilter,
    EmbedOrder,
    Returning,
    UpdateFilter,
    DeleteFilter,
    Conflict,
}

const POSITIONS: [Position; 15] = [
    Position::Select,
    Position::Filter,
    Position::Order,
    Position::Aggregate,
    Position::Search,
    Position::Some,
    Position::NotSome,
    Position::Via,
    Position::Embed,
    Position::EmbedFilter,
    Position::EmbedOrder,
    Position::Returning,
    Position::UpdateFilter,
    Position::DeleteFilter,
    Position::Conflict,
];

impl Position {
    /// Whether the type is reached over a relation of `Hub`.
    fn related(self) -> bool {
        use Position::{Embed, EmbedFilter, EmbedOrder, NotSome, Some, Via};
        matches!(self, Some | NotSome | Via | Embed | EmbedFilter | EmbedOrder)
    }
}

fn plain(ty: TypeId) -> Read {
    Read { ty, select: vec![], filter: Expr::TRUE, order: vec![], limit: None, offset: None, total: false }
}

fn equals(field: FieldId) -> Expr {
    let text = Operand::Literal(Value::text("x"), bistro_schema::Scalar::one(bistro_schema::Kind::String));
    Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), field), text)
}

fn term(operand: Operand) -> Order {
    Order { operand, descending: false, nulls_first: false }
}

/// The operation that mentions one field of one type at one position.
fn operation(schema: &Schema, of: &str, field: FieldId, position: Position) -> Body {
    let (target, hub) = (ty(schema, of), ty(schema, "Hub"));
    let way = relation(schema, hub, &of.to_lowercase());
    let value = Operand::Field(Root::Scope(0), field);
    let item = Item::Value { key: "x".into(), operand: value.clone(), cast: None };
    let some = Expr::Some { root: Root::Scope(0), via: vec![way], filter: Box::new(equals(field)) };
    let embed = |read: Read| {
        let embed = Embed {
            key: "e".into(),
            relation: way,
            read: Box::new(read),
            when: Box::new(Expr::TRUE),
            link: Box::new(Expr::TRUE),
            spread: false,
        };
        Body::Read(Read { select: vec![Item::Embed(embed)], ..plain(hub) })
    };
    let write = |action, returning| Body::Write(Write { ty: target, action, returning });
    let via = Operand::Via { root: Root::Scope(0), via: vec![way], operand: Box::new(value.clone()) };
    match position {
        Position::Select => Body::Read(Read { select: vec![item], ..plain(target) }),
        Position::Filter => Body::Read(Read { filter: equals(field), ..plain(target) }),
        Position::Order => Body::Read(Read { order: vec![term(value)], ..plain(target) }),
        Position::Aggregate => {
            let item = Item::Aggregate {
                key: "n".into(),
                function: Aggregate::Max,
                operand: Some(value),
                cast: None,
            };
            Body::Read(Read { select: vec![item], ..plain(target) })
        }
        Position::Search => {
            let filter = Expr::Search { field: Some(field), mode: SearchMode::Web, query: Operand::Now };
            Body::Read(Read { filter, ..plain(target) })
        }
        Position::Some => Body::Read(Read { filter: some, ..plain(hub) }),
        Position::NotSome => Body::Read(Read { filter: Expr::Not(Box::new(some)), ..plain(hub) }),
        Position::Via => Body::Read(Read { order: vec![term(via)], ..plain(hub) }),
        Position::Embed => embed(Read { select: vec![item], ..plain(target) }),
        Position::EmbedFilter => embed(Read { filter: equals(field), ..plain(target) }),
        Position::EmbedOrder => embed(Read { order: vec![term(value)], ..plain(target) }),
        Position::Returning => {
            let action = Action::Insert { columns: vec![], conflict: None };
            write(action, Some(Read { select: vec![item], ..plain(target) }))
        }
        Position::UpdateFilter => write(Action::Update { filter: equals(field), columns: vec![] }, None),
        Position::DeleteFilter => write(Action::Delete { filter: equals(field) }, None),
        Position::Conflict => {
            let conflict = Some(Conflict { fields: vec![field], merge: true });
            write(Action::Insert { columns: vec![], conflict }, None)
        }
    }
}

/// What is authorised, as text without what only speaks of the new row.
fn shown(schema: &Schema, body: &AuthorizedBody) -> String {
    match body {
        AuthorizedBody::Read(read) => {
            text::operation(schema, &Operation { body: Body::Read(read.clone()), params: vec![] })
        }
        AuthorizedBody::Write(write) => {
            let (action, returning) = (write.action.clone(), write.returning.clone());
            let body = Body::Write(Write { ty: write.ty, action, returning });
            let operation = text::operation(schema, &Operation { body, params: vec![] });
            format!("{operation}{}", text::expr(schema, write.ty, &write.update_row))
        }
    }
}

fn judge(
    rules: &Rules,
    schema: &Schema,
    roles: Roles,
    of: &str,
    name: &str,
    position: Position,
) -> Result<(), String> {
    let field = field(schema, ty(schema, of), name);
    let body = operation(schema, of, field, position);
    let made = authorize(rules, roles, &Operation { body, params: vec![] });
    let (passes, editor) = (roles.passes_rules(), roles.meets(Roles::declared(0)));
    let type_seen = passes || of == "Open" || of == "Own" || (of == "Editors" && editor);
    let field_seen = name != "hidden" && (passes || name != "editors" || editor);
    let has = |made: &Result<_, AuthorizeError>| format!("{made:?}");
    if !type_seen {
        let unknown =
            matches!(made, Err(AuthorizeError::UnknownTable { .. } | AuthorizeError::UnknownRelation { .. }));
        return if unknown { Ok(()) } else { Err(format!("wanted an unknown type, got {}", has(&made))) };
    }
    if !field_seen {
        let unknown = matches!(made, Err(AuthorizeError::UnknownColumn { .. }));
        return if unknown { Ok(()) } else { Err(format!("wanted an unknown field, got {}", has(&made))) };
    }
    let authorized = made.map_err(|e| format!("refused: {e}"))?;
    let text = shown(schema, authorized.body());
    let guards = [(TYPE_RULE, of == "Own" && !passes), (FIELD_RULE, name == "own" && !passes)];
    for (rule, wanted) in guards {
        if text.contains(rule) != wanted {
            return Err(format!("`{rule}` is {} in\n{text}", if wanted { "missing" } else { "too much" }));
        }
    }
    Ok(())
}

#[test]
fn every_name_at_every_position_is_judged() {
    let (rules, schema) = sound(FILE);
    let editor = Roles::AUTHENTICATED.with(Roles::declared(0));
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for roles in [Roles::ANON, Roles::AUTHENTICATED, editor, Roles::ADMIN, Roles::SERVICE, Roles::NONE] {
        for of in ["Open", "Own", "Editors", "Closed"] {
            for name in ["open", "own", "editors", "hidden"] {
                for position in POSITIONS.into_iter().filter(|p| roles != Roles::NONE || !p.related()) {
                    judged += 1;
                    let type_unseen = roles == Roles::NONE;
                    let verdict = if type_unseen {
                        nobody(&rules, &schema, of, name, position)
                    } else {
                        judge(&rules, &schema, roles, of, name, position)
                    };
                    wrong.extend(
                        verdict.err().map(|why| format!("{roles:?} {of}.{name} {position:?}: {why}")),
                    );
                }
            }
        }
    }
    assert!(judged > 1_000, "{judged}");
    assert!(wrong.is_empty(), "{} of {judged} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// Without a role, nothing exists.
fn nobody(rules: &Rules, schema: &Schema, of: &str, name: &str, position: Position) -> Result<(), String> {
    let body = operation(schema, of, field(schema, ty(schema, of), name), position);
    match authorize(rules, Roles::NONE, &Operation { body, params: vec![] }) {
        Err(AuthorizeError::UnknownTable { .. }) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn every_field_that_is_written_is_judged() {
    let (rules, schema) = sound(FILE);
    let editor = Roles::AUTHENTICATED.with(Roles::declared(0));
    for roles in [Roles::ANON, editor, Roles::SERVICE] {
        for (name, seen) in
            // A hidden field is written by the project itself, and read by nobody.
            [
                ("open", true),
                ("own", true),
                ("editors", roles != Roles::ANON),
                ("hidden", roles == Roles::SERVICE),
            ]
        {
            for of in ["Open", "Own"] {
                let target = ty(&schema, of);
                let columns = vec![field(&schema, target, name)];
                let insert = Action::Insert { columns: columns.clone(), conflict: None };
                for action in [insert, Action::Update { filter: Expr::TRUE, columns }] {
                    let body = Body::Write(Write { ty: target, action, returning: None });
                    let made = authorize(&rules, roles, &Operation { body, params: vec![] });
                    let unknown = matches!(made, Err(AuthorizeError::UnknownWriteColumn { .. }));
                    assert_eq!((made.is_ok(), unknown), (seen, !seen), "{roles:?} {of}.{name}: {made:?}");
                }
            }
        }
    }
}
