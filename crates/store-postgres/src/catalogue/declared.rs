//! What the server's types mean: its own, arrays of them, enums, and domains over any of these.

use std::collections::HashMap;

use bistro_schema::Kind;
use bistro_store::catalogue::Nature;
use tokio_postgres::{Client, Error};

/// Every type: id, name, whether the server's own, what it is, the base of a domain with its modifier, the element of an
/// array, whether a domain forbids null, a domain's default.
const TYPES: &str = "
SELECT t.oid, t.typname::text, n.nspname = 'pg_catalog', t.typtype::text, t.typbasetype, t.typtypmod,
  CASE WHEN t.typlen = -1 AND t.typcategory = 'A' THEN t.typelem ELSE 0::oid END, t.typnotnull, t.typdefault
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm')";
/// The values of enums: type, value, in order.
const VALUES: &str = "SELECT enumtypid, enumlabel::text FROM pg_enum ORDER BY enumtypid, enumsortorder";
/// The checks of domains: type, name, condition.
const CHECKS: &str = "SELECT contypid, conname::text, pg_get_expr(conbin, 0) FROM pg_constraint \
                      WHERE contype = 'c' AND contypid <> 0 ORDER BY contypid, conname::text";

struct Type {
    name: String,
    built_in: bool,
    what: String,
    base: u32,
    modifier: i32,
    element: u32,
    required: bool,
    default: Option<String>,
}

/// The types of a database.
pub(super) struct Types {
    types: HashMap<u32, Type>,
    values: HashMap<u32, Vec<String>>,
    checks: HashMap<u32, Vec<(String, String)>>,
}

/// What a column's type comes to.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    pub(super) nature: Option<Nature>,
    pub(super) list: bool,
    pub(super) length: Option<u32>,
    pub(super) required: bool,
    pub(super) default: Option<String>,
    pub(super) checks: Vec<(String, String)>,
}

impl Types {
    pub(super) async fn read(client: &Client) -> Result<Self, Error> {
        let mut types = HashMap::new();
        for row in client.query(TYPES, &[]).await? {
            let made = Type {
                name: row.get(1),
                built_in: row.get(2),
                what: row.get(3),
                base: row.get(4),
                modifier: row.get(5),
                element: row.get(6),
                required: row.get(7),
                default: row.get(8),
            };
            types.insert(row.get::<_, u32>(0), made);
        }
        let mut values: HashMap<u32, Vec<String>> = HashMap::new();
        for row in client.query(VALUES, &[]).await? {
            values.entry(row.get(0)).or_default().push(row.get(1));
        }
        let mut checks: HashMap<u32, Vec<(String, String)>> = HashMap::new();
        for row in client.query(CHECKS, &[]).await? {
            checks.entry(row.get(0)).or_default().push((row.get(1), row.get(2)));
        }
        Ok(Self { types, values, checks })
    }

    /// What values of a type with a modifier (-1 for none) are.
    pub(super) fn meaning(&self, id: u32, modifier: i32) -> Meaning {
        let (mut id, mut modifier) = (id, modifier);
        let mut meaning = Meaning::default();
        // Domains over domains end at a type; the server allows no cycle.
        while let Some(domain) = self.types.get(&id).filter(|t| t.what == "d") {
            meaning.required |= domain.required;
            meaning.default = meaning.default.or_else(|| domain.default.clone());
            meaning.checks.extend(self.checks.get(&id).into_iter().flatten().cloned());
            (id, modifier) = (domain.base, domain.modifier);
        }
        let Some(mut ty) = self.types.get(&id) else { return meaning };
        if ty.element != 0 {
            let Some(element) = self.types.get(&ty.element).filter(|t| t.what != "d") else { return meaning };
            meaning.list = true;
            (id, ty) = (ty.element, element);
        }
        if ty.what == "e" {
            let values = self.values.get(&id).cloned().unwrap_or_default();
            meaning.nature = Some(Nature::Enum { name: Some(ty.name.clone()), values });
            return meaning;
        }
        let kind = if ty.built_in { kind(&ty.name, modifier) } else { foreign(&ty.name) };
        if matches!(ty.name.as_str(), "varchar" | "bpchar") && modifier > 4 {
            meaning.length = u32::try_from(modifier - 4).ok();
        }
        meaning.nature = kind.map(Nature::Kind);
        meaning
    }
}

/// Types of extensions that are text.
fn foreign(name: &str) -> Option<Kind> {
    (name == "citext").then_some(Kind::String)
}

fn kind(name: &str, modifier: i32) -> Option<Kind> {
    Some(match name {
        "bool" => Kind::Boolean,
        "int2" | "int4" => Kind::Int,
        "int8" => Kind::BigInt,
        "float4" | "float8" => Kind::Float,
        "numeric" => return decimal(modifier),
        "money" => Kind::Decimal { precision: 19, scale: 2, bare: false },
        "text" | "varchar" | "bpchar" | "name" => Kind::String,
        "bytea" => Kind::Bytes,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "timestamp" | "timestamptz" => Kind::DateTime,
        "json" | "jsonb" => Kind::Json,
        "uuid" => Kind::Uuid,
        _ => return None,
    })
}

/// The digits that a modifier of `numeric` says: 11 bits of scale with their sign under 16 of precision, plus 4.
fn decimal(modifier: i32) -> Option<Kind> {
    if modifier < 4 {
        return Some(Kind::Decimal { precision: 38, scale: 9, bare: true });
    }
    let packed = modifier - 4;
    let (precision, scale) = (packed >> 16, packed & 0x7ff);
    let scale = if scale > 1_023 { scale - 2_048 } else { scale };
    let fits = (1..=38).contains(&precision) && (0..=18).contains(&scale) && scale <= precision;
    let (precision, scale) = (u8::try_from(precision).ok()?, u8::try_from(scale).ok()?);
    fits.then_some(Kind::Decimal { precision, scale, bare: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_from_the_modifier() {
        let of = |precision: i32, scale: i32| decimal(((precision << 16) | (scale & 0x7ff)) + 4);
        let want = |precision, scale| Some(Kind::Decimal { precision, scale, bare: false });
        assert_eq!(of(10, 2), want(10, 2));
        assert_eq!(of(38, 18), want(38, 18));
        assert_eq!(of(39, 2), None);
        assert_eq!(of(5, -2), None);
        assert_eq!(of(2, 5), None);
        assert_eq!(decimal(-1), Some(Kind::Decimal { precision: 38, scale: 9, bare: true }));
    }
}
