//! What becomes of values when the kind of a field changes.

use bistro_schema::{Field, FieldId, Kind, RelationKind, Schema, Type};

/// What a change of kind does to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing, on any engine.
    Same,
    /// Nothing, but some engines store them otherwise.
    Fit,
    /// Every value has a counterpart.
    Convert,
    /// Values have counterparts or the change fails and says which has none.
    Read,
    /// Values have counterparts that say less.
    Lose(&'static str),
    /// There is no conversion.
    Refuse(&'static str),
}

const NONE: &str = "there is no conversion between the two; add a new field and copy what can be copied";
const LIST: &str = "a list cannot become a single value, or a single value a list; add a new field";
const FRACTION: &str = "digits after the point";

/// What becomes of values of `was` in `is`.
pub(crate) fn verdict(was: &Field, is: &Field) -> Verdict {
    let (from, to) = (was.scalar.kind, is.scalar.kind);
    if was.scalar.list != is.scalar.list {
        return Verdict::Refuse(LIST);
    }
    let verdict = single(from, to);
    match verdict {
        Verdict::Same | Verdict::Fit if was.scalar.list => Verdict::Same,
        Verdict::Same | Verdict::Fit => verdict,
        _ if was.scalar.list => {
            Verdict::Refuse("the elements of a list cannot change their kind; add a new field")
        }
        _ => verdict,
    }
}

fn single(from: Kind, to: Kind) -> Verdict {
    use Kind::{BigInt, Boolean, Bytes, Date, DateTime, Decimal, Float, Int};
    if from == to || from.is_uuid() && to.is_uuid() {
        return Verdict::Same;
    }
    match (from, to) {
        // How long they may be is `room`'s to say; which are allowed, of steps that look at rows.
        (from, to) if from.is_text() && to.is_text() => Verdict::Same,
        (Bytes, _) | (_, Bytes) => Verdict::Refuse(NONE),
        (Decimal { scale: s, precision: p, .. }, Decimal { scale, precision, .. }) => {
            decimals((p, s), (precision, scale))
        }
        (_, to) if to.is_text() => Verdict::Convert,
        (from, _) if from.is_text() => Verdict::Read,
        (Int, BigInt | Float) | (BigInt, Float) | (Boolean, Int | BigInt) | (Date, DateTime) => {
            Verdict::Convert
        }
        (BigInt, Int) | (Int | BigInt, Decimal { .. }) => Verdict::Read,
        (Decimal { .. } | Float, Int | BigInt) | (Float, Decimal { .. }) => Verdict::Lose(FRACTION),
        (Decimal { .. }, Float) => Verdict::Lose("digits beyond the 15th"),
        (DateTime, Date) => Verdict::Lose("the time of the day"),
        _ => Verdict::Refuse(NONE),
    }
}

fn decimals((precision, scale): (u8, u8), (to_precision, to_scale): (u8, u8)) -> Verdict {
    // SQLite keeps up to 18 digits as an integer, more as bytes.
    let stored_alike = scale == to_scale && (precision <= 18) == (to_precision <= 18);
    if to_scale < scale {
        Verdict::Lose(FRACTION)
    } else if (precision, scale) == (to_precision, to_scale) {
        Verdict::Same
    } else if stored_alike {
        Verdict::Fit
    } else {
        Verdict::Read
    }
}

/// What decides how long a text MySQL makes room for: a foreign key follows the key that it refers to.
pub(crate) fn room(schema: &Schema, ty: &Type, id: FieldId) -> Option<(u8, Option<u64>)> {
    let mut owned = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne);
    let far = owned.find_map(|r| {
        let pair = r.pairs.iter().find(|(near, _)| *near == id)?;
        Some((r.target, pair.1))
    });
    let field = match far {
        Some((target, far)) => schema.ty(target).field(far),
        None => ty.field(id),
    };
    if !field.scalar.kind.is_text() || field.scalar.list {
        return None;
    }
    Some(match field.scalar.kind {
        Kind::Enum(_) => (0, None),
        Kind::Email => (1, field.length.and_then(|(_, most)| most)),
        _ => (2, field.length.and_then(|(_, most)| most).filter(|n| *n <= 768)),
    })
}

/// The kind as people write it.
pub(crate) fn kind_name(schema: &Schema, field: &Field) -> String {
    let list = if field.scalar.list { "[]" } else { "" };
    match field.scalar.kind {
        Kind::Enum(e) => format!("{}{list}", schema.enum_type(e).name),
        Kind::Decimal { precision, scale, bare: false } => format!("numeric({precision},{scale}){list}"),
        _ => field.scalar.postgres_name().to_owned(),
    }
}
