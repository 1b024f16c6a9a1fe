//! Tables become types, and columns fields, before relations are known.

use std::collections::BTreeSet;

use bistro_schema::Kind;
use bistro_schema::names::{plural, snake};
use bistro_store::Catalogue;
use bistro_store::catalogue::{Column, ColumnSet, Nature, Table};

use crate::condition::{self, Bound, Says};
use crate::constant;
use crate::enums::{self, Choice};
use crate::model::{Field, Made, Type};
use crate::name::{self, Taken, pascal, singular, words};

/// The most types and fields that a file declares.
const MOST: usize = 1_000;
/// How the note on a default begins that a schema cannot say.
const FILLED: &str = "left out of a new row";
/// The most fields of an index.
const INDEXED_MOST: usize = 16;

/// The types of all tables that can be types.
pub(crate) fn types(catalogue: &Catalogue) -> Made<'_> {
    let mut made = Made::default();
    let mut taken = Taken::default();
    let mut collections = BTreeSet::new();
    let mut tables: Vec<&Table> = catalogue.tables.iter().collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    for table in tables {
        let clash = !collections.insert(table.name.to_lowercase());
        let why = if clash {
            Some("another table has its name, but for the case of letters".to_owned())
        } else if made.types.len() >= MOST {
            Some(format!("a schema has at most {MOST} types"))
        } else {
            name::no_collection(&table.name)
        };
        if let Some(why) = why {
            made.left_out.push((table.name.clone(), why));
            continue;
        }
        match model(&mut made, &mut taken, table) {
            Ok(ty) => made.types.push(ty),
            Err(why) => made.left_out.push((table.name.clone(), why)),
        }
    }
    made
}

fn model<'c>(made: &mut Made<'c>, taken: &mut Taken, table: &'c Table) -> Result<Type<'c>, String> {
    // A name is taken only where the table becomes a type.
    if !table.columns.iter().any(|c| c.nature.is_some() && name::is_column(&c.name)) {
        return Err("it has no column that Bistro has a kind for".to_owned());
    }
    let base = pascal(&singular(&words(&table.name)));
    let name = taken.model(&base);
    let named = plural(&snake(&name)) != table.name;
    let mut ty = Type {
        table,
        name,
        named,
        view: table.view,
        fields: Vec::new(),
        key: Vec::new(),
        inverses: Vec::new(),
        notes: Vec::new(),
    };
    let (limits, mut rest) = limits(table);
    for (at, column) in table.columns.iter().enumerate() {
        match left_out(&ty, column) {
            Some(why) => {
                let declared = if column.declared.is_empty() { "of no type" } else { &column.declared };
                ty.notes.push(format!("left out: {} {declared}: {why}", column.name));
            }
            None => field(made, taken, &mut ty, at, column, &limits, &mut rest),
        }
    }
    ty.notes.extend(rest.into_iter().map(|(name, text)| {
        let named = if name.is_empty() { String::new() } else { format!(" {name}") };
        format!("the database checks{named}: {text}")
    }));
    key(&mut ty);
    Ok(ty)
}

fn left_out(ty: &Type<'_>, column: &Column) -> Option<String> {
    if column.nature.is_none() {
        return Some("Bistro has no kind for its type".to_owned());
    }
    if !name::is_column(&column.name) {
        return Some("its name cannot be written in a schema".to_owned());
    }
    if ty.fields.len() >= MOST {
        return Some(format!("a type has at most {MOST} fields"));
    }
    let same = |f: &Field| ty.table.columns[f.column].name.eq_ignore_ascii_case(&column.name);
    ty.fields.iter().any(same).then(|| "another column has its name, but for the case of letters".to_owned())
}

/// What the checks of a table say of single columns, and the checks that say something else.
fn limits(table: &Table) -> (Vec<Says>, Vec<(String, String)>) {
    let (mut limits, mut rest) = (Vec::new(), Vec::new());
    let has = |name: &str| table.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
    for (name, text) in &table.checks {
        let said = condition::read(text).filter(|all| all.iter().all(|one| fits(one, has)));
        match said {
            Some(said) => limits.extend(said),
            None => rest.push((name.clone(), text.clone())),
        }
    }
    (limits, rest)
}

/// Whether a limit can be said of its column.
fn fits<'c>(says: &Says, has: impl Fn(&str) -> Option<&'c Column>) -> bool {
    let kind = |name: &str| match has(name).filter(|c| !c.list).and_then(|c| c.nature.as_ref()) {
        Some(Nature::Kind(kind)) => Some(*kind),
        _ => None,
    };
    match says {
        Says::OneOf(column, _) => kind(column) == Some(Kind::String),
        Says::Shortest(column, n) | Says::Longest(column, n) => {
            kind(column) == Some(Kind::String) && i32::try_from(*n).is_ok()
        }
        Says::Least(column, number, bound) | Says::Most(column, number, bound) => {
            kind(column).is_some_and(|k| limit(k, number, *bound, 0).is_some())
        }
        Says::Null(_) => false,
        Says::NotNull => true,
    }
}

/// A bound as a literal; `step` leads from a bound beyond to one within.
fn limit(kind: Kind, number: &str, bound: Bound, step: i64) -> Option<String> {
    match (kind, bound) {
        (Kind::Int, _) => {
            let n: i64 = number.parse().ok()?;
            let n = if bound == Bound::Beyond { n.checked_add(step)? } else { n };
            i32::try_from(n).ok().map(|n| n.to_string())
        }
        (Kind::BigInt, _) => {
            let n: i64 = number.parse().ok()?;
            let n = if bound == Bound::Beyond { n.checked_add(step)? } else { n };
            i32::try_from(n).map(|n| n.to_string()).ok()
        }
        (Kind::Float, Bound::Within) => constant::number(number),
        (Kind::Decimal { .. }, Bound::Within) => {
            let said = constant::default(number, kind, false, None, None)?;
            said.strip_prefix("@default(value: ")?.strip_suffix(')').map(str::to_owned)
        }
        _ => None,
    }
}

fn field(
    made: &mut Made<'_>,
    taken: &mut Taken,
    ty: &mut Type<'_>,
    at: usize,
    column: &Column,
    limits: &[Says],
    rest: &mut Vec<(String, String)>,
) {
    let Some(nature) = &column.nature else { return };
    let base = name::field(&column.name);
    // What is already the name of a later column stays that column's.
    let later = |name: &str| {
        name != base && ty.table.columns[at..].iter().any(|c| name::field(&c.name).eq_ignore_ascii_case(name))
    };
    let name = name::free(&base, |n| ty.is_free(n) && !later(n));
    let mut made_of =
        Values { word: String::new(), marks: Vec::new(), kind: Kind::String, choices: None, longest: None };
    values(made, taken, (&ty.name, &name), column, nature, limits, &mut made_of, rest);
    let in_key = ty.table.key.contains(&column.name);
    if ty.table.key == [column.name.clone()]
        && !ty.view
        && !column.list
        && made_of.word == "UUID"
        && column.default.as_deref().is_some_and(makes_uuid)
    {
        "ID".clone_into(&mut made_of.word);
    }
    let mut field = Field {
        column: at,
        name,
        word: made_of.word,
        list: column.list,
        required: !column.nullable || in_key && !ty.view,
        marks: made_of.marks,
        notes: Vec::new(),
        relation: None,
        over: Vec::new(),
        unique: false,
        indexed: false,
    };
    if column.generated && !ty.view {
        field.required = false;
        field.marks.push("@generated".to_owned());
    }
    default(ty, &mut field, column, made_of.kind, made_of.choices.as_deref(), made_of.longest);
    ty.fields.push(field);
}

/// What the type of a column becomes.
struct Values {
    word: String,
    marks: Vec<String>,
    kind: Kind,
    choices: Option<Vec<String>>,
    longest: Option<u64>,
}

#[expect(clippy::too_many_arguments, reason = "the parts of one field on their way")]
fn values(
    made: &mut Made<'_>,
    taken: &mut Taken,
    place: (&str, &str),
    column: &Column,
    nature: &Nature,
    limits: &[Says],
    out: &mut Values,
    rest: &mut Vec<(String, String)>,
) {
    let mine = |name: &str| name.eq_ignore_ascii_case(&column.name);
    let said = |says: &&Says| match says {
        Says::OneOf(name, _) => mine(name),
        _ => false,
    };
    let (database, choices) = match nature {
        Nature::Enum { name, values } => (name.as_deref(), Some(values.clone())),
        Nature::Kind(_) => (
            None,
            limits.iter().find(said).and_then(|s| match s {
                Says::OneOf(_, values) => Some(values.clone()),
                _ => None,
            }),
        ),
    };
    let longest = column.length.map(u64::from);
    if let Some(values) = choices {
        match enums::choice(made, taken, database, place, &values) {
            Choice::Enum(name) => {
                out.word = name;
                out.choices = Some(values);
                return;
            }
            // A pattern is for one value, not for a list.
            Choice::Pattern(mark) if !column.list => {
                out.marks.push(mark);
                out.choices = Some(values);
            }
            Choice::Pattern(_) | Choice::Text => {
                rest.push((String::new(), format!("{} is one of {values:?}", column.name)));
            }
        }
        out.word = "String".to_owned();
        return;
    }
    let Nature::Kind(kind) = nature else { return };
    out.kind = *kind;
    out.word = kind.word().unwrap_or("String").to_owned();
    if let Kind::Decimal { precision, scale, bare: false } = kind {
        out.marks.push(format!("@decimal(precision: {precision}, scale: {scale})"));
    }
    if column.list {
        return;
    }
    if *kind == Kind::String {
        let (length, longest) = lengths(column, limits, longest);
        out.longest = longest;
        out.marks.extend(length);
    }
    out.marks.extend(range(column, *kind, limits));
}

fn lengths(column: &Column, limits: &[Says], mut longest: Option<u64>) -> (Option<String>, Option<u64>) {
    let mut shortest: Option<u64> = None;
    for says in limits {
        match says {
            Says::Shortest(name, n) if name.eq_ignore_ascii_case(&column.name) => {
                shortest = Some(shortest.map_or(*n, |m| m.max(*n)));
            }
            Says::Longest(name, n) if name.eq_ignore_ascii_case(&column.name) => {
                longest = Some(longest.map_or(*n, |m| m.min(*n)));
            }
            _ => {}
        }
    }
    // A contradiction is the database's to refuse.
    let shortest = shortest.filter(|s| longest.is_none_or(|l| *s <= l));
    let parts: Vec<String> = [shortest.map(|n| format!("min: {n}")), longest.map(|n| format!("max: {n}"))]
        .into_iter()
        .flatten()
        .collect();
    ((!parts.is_empty()).then(|| format!("@length({})", parts.join(", "))), longest)
}

fn range(column: &Column, kind: Kind, limits: &[Says]) -> Option<String> {
    let mine = |name: &str| name.eq_ignore_ascii_case(&column.name);
    let least = limits.iter().find_map(|says| match says {
        Says::Least(name, number, bound) if mine(name) => limit(kind, number, *bound, 1),
        _ => None,
    });
    let most = limits.iter().find_map(|says| match says {
        Says::Most(name, number, bound) if mine(name) => limit(kind, number, *bound, -1),
        _ => None,
    });
    let value = |s: &String| s.parse::<f64>().unwrap_or_default();
    let most = most.filter(|m| least.as_ref().is_none_or(|l| value(l) <= value(m)));
    let parts: Vec<String> = [least.map(|n| format!("min: {n}")), most.map(|n| format!("max: {n}"))]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| format!("@range({})", parts.join(", ")))
}

/// Whether a default is a new UUID.
fn makes_uuid(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["gen_random_uuid()", "uuid_generate_v4()", "uuid_generate_v1()", "uuidv7()", "uuid()"]
        .iter()
        .any(|f| lower.trim_matches(['(', ')']) == f.trim_matches(['(', ')']))
}

/// A default that can be said; otherwise the field may be left out, and the database fills it.
fn default(
    ty: &Type<'_>,
    field: &mut Field,
    column: &Column,
    kind: Kind,
    choices: Option<&[String]>,
    longest: Option<u64>,
) {
    if ty.view || column.generated {
        return;
    }
    let alone_in_key = ty.table.key.len() == 1 && ty.table.key[0] == column.name;
    if let Some(text) = &column.default {
        let within_limits = !field.marks.iter().any(|m| m.starts_with("@range"))
            && !field.marks.iter().any(|m| m.starts_with("@length(min"));
        let said = constant::default(text, kind, column.list, choices, longest).filter(|_| within_limits);
        match said {
            Some(mark) => field.marks.push(mark),
            None if alone_in_key && field.word == "ID" => {}
            None => filled(ty, field, column, text),
        }
    } else if column.counted && !alone_in_key {
        filled(ty, field, column, "the next number");
    }
}

fn filled(ty: &Type<'_>, field: &mut Field, column: &Column, text: &str) {
    // A part of a key must be given all the same: a new row is found by it.
    if !ty.table.key.contains(&column.name) {
        field.notes.push(format!("{FILLED}, the database fills it: {text}"));
        field.required = false;
    }
}

/// Finds the key: the primary one, or a unique set without nulls.
fn key(ty: &mut Type<'_>) {
    if ty.view {
        return;
    }
    let table = ty.table;
    let usable = |columns: &[String], primary: bool| -> Option<Vec<usize>> {
        let places = ty.fields_of(columns).filter(|p| !p.is_empty() && p.len() <= INDEXED_MOST)?;
        places
            .iter()
            .all(|p| fits_key(&ty.fields[*p], &table.columns[ty.fields[*p].column], primary))
            .then_some(places)
    };
    let from_uniques = || table.uniques.iter().find_map(|u: &ColumnSet| usable(&u.columns, false));
    match usable(&table.key, true).or_else(from_uniques) {
        Some(key) => {
            for place in &key {
                ty.fields[*place].required = true;
                ty.fields[*place].notes.retain(|n| !n.starts_with(FILLED));
            }
            ty.key = key;
        }
        None => {
            ty.view = true;
            let why = if table.key.is_empty() { "has no key" } else { "has a key that a schema cannot have" };
            ty.notes.insert(0, format!("the table {why}, so its rows can only be read"));
            // What nobody writes has no default.
            for field in &mut ty.fields {
                field.marks.retain(|m| !m.starts_with("@default") && m != "@generated");
                field.notes.retain(|n| !n.starts_with(FILLED));
            }
        }
    }
}

fn fits_key(field: &Field, column: &Column, primary: bool) -> bool {
    let exact = !matches!(column.nature, None | Some(Nature::Kind(Kind::Json | Kind::Float | Kind::Html)));
    exact && !field.list && !column.generated && (primary || !column.nullable)
}
