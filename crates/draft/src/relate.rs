//! Foreign keys become relations, and the other sides of these; join tables become lists on both sides.

use std::collections::BTreeMap;

use bistro_schema::OnDelete;
use bistro_schema::names::{plural, snake};
use bistro_store::catalogue::{Nature, Reference};

use crate::model::{By, Inverse, Made, Over, Relation, Type};
use crate::name::{self, is_field, is_relation};

/// Endings of columns that hold a key.
const ENDS: [&str; 12] =
    ["_id", "_uuid", "_guid", "_key", "_code", "_no", "_nr", "_num", "_number", "_fk", "_ref", "_pk"];

/// Why columns cannot make a relation.
const DIFFER: &str = "the columns are of different kinds";

/// A foreign key that can be a relation.
#[derive(Clone, Debug)]
struct Way {
    from: usize,
    to: usize,
    /// The fields here, in the order of the key there.
    fields: Vec<usize>,
    on_delete: OnDelete,
    /// Whether the relation owns its column, or stands over fields.
    owns: bool,
    /// Whether it can stand over fields: they hold what the key there holds.
    stands: bool,
}

/// Makes the relations of all types.
pub(crate) fn relate(made: &mut Made<'_>) {
    let mut ways = Vec::new();
    for from in 0..made.types.len() {
        let table = made.types[from].table;
        for reference in &table.references {
            match way(made, from, reference) {
                Ok(way) => ways.push(way),
                Err(why) => {
                    let (columns, to) = (reference.columns.join(", "), reference.to.join(", "));
                    let note = format!("no relation: ({columns}) to {} ({to}): {why}", reference.table);
                    made.types[from].notes.push(note);
                }
            }
        }
    }
    settle(made, &mut ways);
    let mut named = Vec::new();
    for way in &ways {
        named.push(own(made, way));
    }
    keyed(made, &ways);
    let joins = joins(made, &ways);
    for (way, name) in ways.iter().zip(&named) {
        if !joins.contains_key(&way.from) && !made.types[way.from].view {
            other_side(made, way, name, &ways);
        }
    }
    for (join, (near, far)) in joins {
        many(made, join, &ways[near], &ways[far], &named[far]);
    }
    indexes(made);
}

fn way(made: &Made<'_>, from: usize, reference: &Reference) -> Result<Way, &'static str> {
    let Some(to) = made.types.iter().position(|t| t.table.name == reference.table) else {
        return Err("that table is not in this schema");
    };
    let (mine, there) = (&made.types[from], &made.types[to]);
    if there.view || there.key.is_empty() {
        return Err("that table has no key that a schema can have");
    }
    let near = mine.fields_of(&reference.columns).ok_or("one of its columns was left out")?;
    let far = there.fields_of(&reference.to).ok_or("one of the columns there was left out")?;
    if far.len() != there.key.len() || near.len() != far.len() || !there.key.iter().all(|k| far.contains(k)) {
        return Err("it does not lead to the key there");
    }
    let fields: Vec<usize> =
        there.key.iter().filter_map(|k| far.iter().position(|f| f == k).map(|at| near[at])).collect();
    let nature = |ty: &Type<'_>, f: usize| ty.table.columns[ty.fields[f].column].nature.clone();
    let pairs = || fields.iter().zip(&there.key);
    if !pairs().all(|(f, k)| alike(nature(mine, *f), nature(there, *k)) && !mine.fields[*f].list) {
        return Err(DIFFER);
    }
    let distinct = fields.iter().all(|f| fields.iter().filter(|g| *g == f).count() == 1);
    if !distinct {
        return Err("it uses one column twice");
    }
    // What a relation makes of its column is what the key there is; a field of another word stands by itself.
    let same = pairs().all(|(f, k)| {
        nature(mine, *f) == nature(there, *k) && same_word(&mine.fields[*f].word, &there.fields[*k].word)
            || both_text(&nature(mine, *f), &nature(there, *k))
    });
    let generated = fields.iter().any(|f| mine.table.columns[mine.fields[*f].column].generated);
    let owns = fields.len() == 1 && same && !generated;
    let stands = pairs().all(|(f, k)| {
        let (a, b) = (mine.fields[*f].word.as_str(), there.fields[*k].word.as_str());
        let whole = |w: &str| matches!(w, "Int" | "BigInt");
        same_word(a, b) && (a != "Decimal" || nature(mine, *f) == nature(there, *k)) || whole(a) && whole(b)
    });
    if !owns && !stands {
        return Err(DIFFER);
    }
    Ok(Way { from, to, fields, on_delete: reference.on_delete, owns, stands })
}

fn same_word(a: &str, b: &str) -> bool {
    let uuid = |w: &str| matches!(w, "ID" | "UUID");
    a == b || uuid(a) && uuid(b)
}

fn both_text(a: &Option<Nature>, b: &Option<Nature>) -> bool {
    use bistro_schema::Kind::String;
    let text = |n: &Option<Nature>| matches!(n, Some(Nature::Kind(String)));
    text(a) && text(b)
}

/// Whether values of one nature can be those of the other.
fn alike(a: Option<Nature>, b: Option<Nature>) -> bool {
    use bistro_schema::Kind::{BigInt, Int};
    let whole = |n: &Option<Nature>| matches!(n, Some(Nature::Kind(Int | BigInt)));
    a == b || whole(&a) && whole(&b)
}

/// Decides which relations own their column: one of each column, none in a key that would contain itself, and none whose
/// field was made another than the key there by a check.
fn settle(made: &mut Made<'_>, ways: &mut Vec<Way>) {
    for n in 0..ways.len() {
        let (before, rest) = ways.split_at_mut(n);
        let Some((way, after)) = rest.split_first_mut() else { continue };
        let shares =
            |other: &Way| other.from == way.from && other.fields.iter().any(|f| way.fields.contains(f));
        // A column under several relations stands by itself, under all of them.
        if before.iter().chain(after.iter()).any(shares) {
            way.owns = false;
        }
    }
    // A key is sound if all that it leads to is; what never becomes sound goes around in a circle.
    let in_key = |w: &Way| w.owns && w.fields.iter().any(|f| made.types[w.from].key.contains(f));
    let mut sound = vec![false; made.types.len()];
    loop {
        let before = sound.iter().filter(|s| **s).count();
        for at in 0..sound.len() {
            sound[at] = sound[at] || ways.iter().filter(|w| w.from == at && in_key(w)).all(|w| sound[w.to]);
        }
        if sound.iter().filter(|s| **s).count() == before {
            break;
        }
    }
    for way in ways.iter_mut().filter(|w| in_key(w)) {
        way.owns &= sound[way.from];
    }
    for way in ways.iter().filter(|w| !w.owns && !w.stands) {
        let table = made.types[way.to].table.name.clone();
        made.types[way.from].notes.push(format!("no relation to {table}: {DIFFER}"));
    }
    ways.retain(|w| w.owns || w.stands);
}

/// Puts a relation into its type; its name.
fn own(made: &mut Made<'_>, way: &Way) -> String {
    let target = snake(&made.types[way.to].name);
    let ty = &mut made.types[way.from];
    let last = *way.fields.iter().max().expect("a foreign key has columns");
    let base = match way.fields.as_slice() {
        [one] => ty.fields[*one].name.clone(),
        _ => String::new(),
    };
    let name = relation_name(ty, &base, &target);
    let nullable = way.fields.iter().any(|f| !ty.fields[*f].required);
    let on_delete = match way.on_delete {
        // Nobody deletes through a view.
        _ if ty.view => None,
        OnDelete::Cascade => Some("CASCADE"),
        OnDelete::Restrict => Some("RESTRICT"),
        OnDelete::SetNull if nullable => Some("SET_NULL"),
        OnDelete::SetNull | OnDelete::NoAction => None,
    };
    let relation = Relation { name: name.clone(), target: way.to, on_delete };
    if way.owns {
        let field = &mut ty.fields[last];
        let misfit = ["@decimal", "@length", "@range", "@pattern"];
        field.marks.retain(|m| !misfit.iter().any(|d| m.starts_with(d)));
        field.relation = Some(relation);
    } else {
        let fields = way.fields.clone();
        ty.fields[last].over.push(Over { relation, fields, required: !nullable });
    }
    name
}

/// A free name for a relation over a column: the column's without its ending, or with the target's.
fn relation_name(ty: &Type<'_>, column: &str, target: &str) -> String {
    let stem = ENDS.iter().find_map(|end| column.strip_suffix(end));
    let stem = stem.or_else(|| column.strip_prefix("id_").or_else(|| column.strip_prefix("fk_")));
    let whole = || {
        let joined: String = target.split('_').collect();
        let is = |end: &str| column.strip_suffix(end).is_some_and(|s| s == joined || s == target);
        ["id", "no", "code"].iter().any(|end| is(end)).then(|| target.to_owned())
    };
    let stem = stem.filter(|s| !s.is_empty()).map(str::to_owned).or_else(whole);
    let with_target =
        if column.is_empty() || column == target { target.to_owned() } else { format!("{column}_{target}") };
    let candidates = [stem, Some(with_target), Some(format!("{target}_row"))];
    let fits = |name: &str| is_relation(name) && ty.is_free(name);
    let found = candidates.into_iter().flatten().find(|name| fits(name));
    found.unwrap_or_else(|| name::free(&format!("{target}_row"), fits))
}

/// A key that a relation is part of is required.
fn keyed(made: &mut Made<'_>, ways: &[Way]) {
    for way in ways.iter().filter(|w| !w.owns) {
        let ty = &mut made.types[way.from];
        let required = way.fields.iter().all(|f| ty.fields[*f].required);
        let over = ty.fields.iter_mut().flat_map(|f| &mut f.over).filter(|o| o.fields == way.fields);
        over.for_each(|o| o.required = required);
    }
}

/// Types that only join two others: two relations that own their columns, which are the key, and nothing else.
fn joins(made: &Made<'_>, ways: &[Way]) -> BTreeMap<usize, (usize, usize)> {
    let mut out = BTreeMap::new();
    for (at, ty) in made.types.iter().enumerate() {
        let mine: Vec<usize> = (0..ways.len()).filter(|n| ways[*n].from == at).collect();
        let [one, two] = mine[..] else { continue };
        let held = ways[one].fields.len() + ways[two].fields.len();
        let only = ty.fields.len() == held && ty.table.columns.len() == held && ty.key.len() == held;
        let apart = !ways[one].fields.iter().any(|f| ways[two].fields.contains(f));
        if ty.view || !only || !apart || ways[one].to == at || ways[two].to == at {
            continue;
        }
        // The one that the key begins with is the near side.
        let first = ways[one].fields.contains(&ty.key[0]);
        out.insert(at, if first { (one, two) } else { (two, one) });
    }
    out
}

/// The other side of a relation: a list, or one row where the foreign key is unique.
fn other_side(made: &mut Made<'_>, way: &Way, relation: &str, ways: &[Way]) {
    let owner = &made.types[way.from];
    let one = is_unique(owner, &way.fields);
    let (words, several) = {
        let apart = ways.iter().filter(|w| w.from == way.from && w.to == way.to).count() > 1;
        (snake(&owner.name), apart || way.from == way.to)
    };
    let base = if one { words } else { plural(&words) };
    let base = if several { format!("{base}_by_{relation}") } else { base };
    let target = &mut made.types[way.to];
    let base = if is_field(&base) { base } else { format!("{base}_") };
    let name = name::free(&base, |n| target.is_free(n) && is_field(n));
    target.inverses.push(Inverse { name, of: way.from, list: !one, by: By::Field(relation.to_owned()) });
}

/// Whether no two rows share the values of these fields.
fn is_unique(ty: &Type<'_>, fields: &[usize]) -> bool {
    let same = |set: &[usize]| set.len() == fields.len() && set.iter().all(|f| fields.contains(f));
    same(&ty.key) || ty.table.uniques.iter().any(|u| ty.fields_of(&u.columns).is_some_and(|set| same(&set)))
}

/// The lists over a join type, on both of its sides.
fn many(made: &mut Made<'_>, join: usize, near: &Way, far: &Way, far_name: &str) {
    let base = if near.to == far.to { far_name.to_owned() } else { snake(&made.types[far.to].name) };
    let base = plural(&base);
    let by = snake(&made.types[join].name);
    let list = free_list(&made.types[near.to], &base, &by);
    let inverse = Inverse { name: list.clone(), of: far.to, list: true, by: By::Through(join) };
    made.types[near.to].inverses.push(inverse);
    // A list of a type over itself is led by its first relation; the way back is another question.
    if near.to == far.to {
        return;
    }
    let back = plural(&snake(&made.types[near.to].name));
    let name = free_list(&made.types[far.to], &back, &by);
    made.types[far.to].inverses.push(Inverse { name, of: near.to, list: true, by: By::Field(list) });
}

fn free_list(ty: &Type<'_>, base: &str, by: &str) -> String {
    let fits = |name: &str| is_field(name) && ty.is_free(name);
    if fits(base) {
        return base.to_owned();
    }
    name::free(&format!("{base}_by_{by}"), fits)
}

/// Marks the fields that are unique or indexed by themselves.
fn indexes(made: &mut Made<'_>) {
    for ty in made.types.iter_mut().filter(|t| !t.view) {
        let table = ty.table;
        let alone = |columns: &[String]| match columns {
            [one] => ty.field_of(one).filter(|f| ty.key != [*f] && indexable(ty, *f)),
            _ => None,
        };
        let uniques: Vec<usize> = table.uniques.iter().filter_map(|u| alone(&u.columns)).collect();
        let indexes: Vec<usize> = table.indexes.iter().filter_map(|u| alone(&u.columns)).collect();
        uniques.into_iter().for_each(|f| ty.fields[f].unique = true);
        for field in indexes {
            // A foreign key is indexed without asking.
            ty.fields[field].indexed = ty.fields[field].relation.is_none();
        }
    }
}

/// Whether a field may be in an index.
pub(crate) fn indexable(ty: &Type<'_>, field: usize) -> bool {
    let column = &ty.table.columns[ty.fields[field].column];
    !column.list && !matches!(column.nature, Some(Nature::Kind(bistro_schema::Kind::Json)))
}
