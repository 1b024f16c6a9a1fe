//! From the text of an embed to a relation: by the relation's field, the target's collection, the foreign key's column
//! or its constraint, with an optional hint; none is PGRST200, several are PGRST201.

use bistro_problem::{Code, Problem};
use bistro_schema::text::write_json_string;
use bistro_schema::{Relation, RelationId, RelationKind, Schema, SchemaView, Type, TypeId, names};

/// The relation of `ty` that `name` and `hint` mean.
pub(crate) fn resolve(
    view: &SchemaView,
    ty: TypeId,
    name: &str,
    hint: Option<&str>,
) -> Result<RelationId, Problem> {
    let found = Finder { view, schema: view.schema(), from: ty, name, hint };
    for way in [Way::Field, Way::Table, Way::Column, Way::Constraint] {
        let matches: Vec<RelationId> = view
            .relations(ty)
            .filter(|(_, r)| found.named(way, r) && found.hinted(way, r))
            .map(|(id, _)| id)
            .collect();
        match matches.as_slice() {
            [] => {}
            [one] => return Ok(*one),
            several => return found.own(several).ok_or_else(|| found.ambiguous(several)),
        }
    }
    Err(found.none(view))
}

/// What a text may name, the most particular first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Field,
    Table,
    Column,
    Constraint,
}

struct Finder<'a> {
    view: &'a SchemaView,
    schema: &'a Schema,
    from: TypeId,
    name: &'a str,
    hint: Option<&'a str>,
}

impl Finder<'_> {
    fn named(&self, way: Way, relation: &Relation) -> bool {
        let owned = relation.kind == RelationKind::ToOne;
        match way {
            Way::Field => relation.declared && relation.name == self.name,
            Way::Table => self.schema.ty(relation.target).collection == self.name,
            Way::Column => owned && self.key_column(relation).is_some_and(|c| c == self.name),
            Way::Constraint => owned && relation.constraint == self.name,
        }
    }

    fn hinted(&self, way: Way, relation: &Relation) -> bool {
        let Some(hint) = self.hint else { return true };
        // One foreign key of a table to itself is two relations: by the table's name the hint means the many.
        if way == Way::Table && relation.target == self.from && relation.kind == RelationKind::ToOne {
            return relation.declared && relation.name == hint && self.key_column(relation) != Some(hint);
        }
        // Security: a hint tries only names that exist for the caller.
        let inverse = relation.inverse.filter(|id| self.view.relation_exists(relation.target, *id));
        let inverse = inverse.map(|id| self.schema.ty(relation.target).relation(id));
        let by_field = |r: &Relation| r.declared && r.name == hint;
        by_field(relation)
            || inverse.is_some_and(by_field)
            || match &relation.kind {
                RelationKind::ManyToMany(through) => {
                    let join = self.schema.ty(through.join);
                    join.collection == hint
                        || [through.near, through.far].iter().any(|id| join.relation(*id).constraint == hint)
                }
                _ => relation.constraint == hint || self.key_column(relation) == Some(hint),
            }
    }

    /// The one of several whose own field is the hint: of a type related to itself, the end that the hint names.
    fn own(&self, several: &[RelationId]) -> Option<RelationId> {
        let from = self.schema.ty(self.from);
        let named = |id: &&RelationId| {
            let relation = from.relation(**id);
            relation.declared && Some(relation.name.as_str()) == self.hint
        };
        let mut own = several.iter().filter(named);
        own.next().filter(|_| own.next().is_none()).copied()
    }

    /// The column of a foreign key of one column, whoever owns it.
    fn key_column(&self, relation: &Relation) -> Option<&str> {
        let [(near, far)] = relation.pairs.as_slice() else { return None };
        let (owner, field) = match relation.kind {
            RelationKind::ToOne => (self.from, *near),
            _ => (relation.target, *far),
        };
        Some(&self.schema.ty(owner).field(field).name)
    }

    fn ambiguous(&self, several: &[RelationId]) -> Problem {
        let from = self.schema.ty(self.from);
        let relations: Vec<&Relation> = several.iter().map(|id| from.relation(*id)).collect();
        let message = format!(
            "Could not embed because more than one relationship was found for '{}' and '{}'",
            from.collection, self.name
        );
        let mut choices: Vec<String> =
            relations.iter().map(|r| format!("'{}!{}'", self.name, self.hint_for(r))).collect();
        choices.dedup();
        let hint = format!(
            "Try changing '{}' to one of the following: {}. Find the desired relationship in the 'details' key.",
            self.name,
            choices.join(", ")
        );
        let details: Vec<String> = relations.iter().map(|r| self.describe(from, r)).collect();
        Problem::new(Code::AmbiguousRelationship, message)
            .details_json(format!("[{}]", details.join(",")))
            .hint(hint)
    }

    fn hint_for<'r>(&'r self, relation: &'r Relation) -> &'r str {
        match &relation.kind {
            RelationKind::ManyToMany(through) => &self.schema.ty(through.join).collection,
            _ => &relation.constraint,
        }
    }

    /// One element of the details: cardinality, the two ends, and over what.
    fn describe(&self, from: &Type, relation: &Relation) -> String {
        let target = self.schema.ty(relation.target);
        let cardinality = match relation.kind {
            RelationKind::ToOne if unique(from, relation) => "one-to-one",
            RelationKind::ToOne => "many-to-one",
            RelationKind::ToMany => "one-to-many",
            RelationKind::ToOneInverse => "one-to-one",
            RelationKind::ManyToMany(_) => "many-to-many",
        };
        let text = match &relation.kind {
            RelationKind::ManyToMany(through) => {
                let join = self.schema.ty(through.join);
                let side = |id: RelationId| {
                    let r = join.relation(id);
                    format!("{}({})", r.constraint, columns(join, r.pairs.iter().map(|p| p.0)))
                };
                format!("{} using {} and {}", join.collection, side(through.near), side(through.far))
            }
            _ => format!(
                "{} using {}({}) and {}({})",
                relation.constraint,
                from.collection,
                columns(from, relation.pairs.iter().map(|p| p.0)),
                target.collection,
                columns(target, relation.pairs.iter().map(|p| p.1)),
            ),
        };
        let mut out = format!("{{\"cardinality\":\"{cardinality}\",\"embedding\":").into_bytes();
        write_json_string(&format!("{} with {}", from.collection, target.collection), &mut out);
        out.extend_from_slice(b",\"relationship\":");
        write_json_string(&text, &mut out);
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }

    fn none(&self, view: &SchemaView) -> Problem {
        let (from, name) = (&self.schema.ty(self.from).collection, self.name);
        let mut candidates: Vec<&str> = Vec::new();
        for (_, relation) in view.relations(self.from) {
            candidates.push(&self.schema.ty(relation.target).collection);
            if relation.declared {
                candidates.push(&relation.name);
            }
        }
        let near = names::nearest(name, candidates).filter(|n| *n != name);
        let hinted = self.hint.map_or_else(String::new, |h| format!("using the hint '{h}' "));
        let message =
            format!("Could not find a relationship between '{from}' and '{name}' in the schema cache");
        let details = format!(
            "Searched for a foreign key relationship between '{from}' and '{name}' {hinted}in the schema 'public', but no matches were found."
        );
        Problem::new(Code::NoRelationship, message)
            .details(details)
            .hint_opt(near.map(|n| format!("Perhaps you meant '{n}' instead of '{name}'.")))
    }
}

fn unique(ty: &Type, relation: &Relation) -> bool {
    let fields: Vec<_> = relation.pairs.iter().map(|p| p.0).collect();
    ty.unique_over(&fields)
}

fn columns(ty: &Type, fields: impl Iterator<Item = bistro_schema::FieldId>) -> String {
    fields.map(|f| ty.field(f).name.as_str()).collect::<Vec<_>>().join(", ")
}
