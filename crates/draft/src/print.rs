//! The text of the file.

use std::fmt::Write as _;

use crate::constant::string;
use crate::model::{By, Enum, Field, Inverse, Made, Over, Relation, Type};
use crate::relate::indexable;

/// The longest line of a type's directives.
const WIDTH: usize = 110;

/// The whole file.
pub(crate) fn file(made: &Made<'_>, engine: &str) -> String {
    let mut out = head(made, engine);
    for one in &made.enums {
        enumeration(&mut out, one);
    }
    for ty in &made.types {
        self::ty(&mut out, made, ty);
    }
    if !made.left_out.is_empty() {
        out.push_str("\n# Left out:\n");
        for (table, why) in &made.left_out {
            comment(&mut out, "", &format!("  {table}: {why}"));
        }
    }
    out
}

fn head(made: &Made<'_>, engine: &str) -> String {
    let mut out = format!("# The tables of a {engine} database, as `bistro pull` found them.\n#\n");
    out.push_str(
        "# Only the secret key sees anything yet: no type has a rule. Say in an @allow of each type who may do what:\n",
    );
    let example = made.types.iter().find(|t| !t.view).or(made.types.first());
    let name = example.map_or("Post", |t| t.name.as_str());
    let kind = example.map_or_else(|| "@model".to_owned(), kind);
    let _ = writeln!(out, "#\n#   type {name} {kind} @allow(to: [READ]) {{ … }}\n#");
    out.push_str(
        "# `managed = false` under [database] in bistro.toml serves these tables as they are. See `bistro check`,\n\
         # `bistro serve`.\n",
    );
    out
}

/// A line of comment; what would end it is taken out.
fn comment(out: &mut String, indent: &str, text: &str) {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let _ = writeln!(out, "{indent}# {}", line.trim_end());
}

fn description(out: &mut String, indent: &str, text: Option<&String>) {
    let clean = |line: &str| -> String { line.chars().filter(|c| !c.is_control()).collect() };
    let Some(text) = text.map(|t| t.trim()).filter(|t| !t.is_empty()) else { return };
    let lines: Vec<String> = text.lines().map(|l| clean(l).trim_end().to_owned()).collect();
    if let [one] = lines.as_slice() {
        let _ = writeln!(out, "{indent}{}", string(one));
        return;
    }
    let _ = writeln!(out, "{indent}\"\"\"");
    for line in lines {
        let _ = writeln!(out, "{}", format!("{indent}{}", line.replace("\"\"\"", "\\\"\"\"")).trim_end());
    }
    let _ = writeln!(out, "{indent}\"\"\"");
}

fn enumeration(out: &mut String, one: &Enum) {
    let whole = format!("enum {} {{ {} }}", one.name, one.values.join(" "));
    out.push('\n');
    if whole.len() <= WIDTH {
        let _ = writeln!(out, "{whole}");
        return;
    }
    let _ = writeln!(out, "enum {} {{", one.name);
    one.values.iter().for_each(|v| {
        let _ = writeln!(out, "  {v}");
    });
    out.push_str("}\n");
}

/// `@model(…)` or `@view(…)`.
fn kind(ty: &Type<'_>) -> String {
    let mut arguments = Vec::new();
    if ty.named {
        arguments.push(format!("name: {}", string(&ty.table.name)));
    }
    if !ty.view && !marked(ty) {
        let key: Vec<String> = ty.key.iter().map(|k| string(ty.fields[*k].shown())).collect();
        arguments.push(format!("key: [{}]", key.join(", ")));
    }
    let word = if ty.view { "@view" } else { "@model" };
    if arguments.is_empty() { word.to_owned() } else { format!("{word}({})", arguments.join(", ")) }
}

/// Whether the key is one field that is marked as such. A marked integer would count up, which only the database can say.
fn marked(ty: &Type<'_>) -> bool {
    let [one] = ty.key.as_slice() else { return false };
    let field = &ty.fields[*one];
    let column = &ty.table.columns[field.column];
    field.relation.is_none() && (column.counted || !matches!(field.word.as_str(), "Int" | "BigInt"))
}

fn ty(out: &mut String, made: &Made<'_>, ty: &Type<'_>) {
    out.push('\n');
    ty.notes.iter().for_each(|note| comment(out, "", note));
    description(out, "", ty.table.comment.as_ref());
    let mut marks = vec![kind(ty)];
    marks.extend(sets(ty));
    let one = format!("type {} {} {{", ty.name, marks.join(" "));
    if one.len() <= WIDTH {
        let _ = writeln!(out, "{one}");
    } else {
        let _ = writeln!(out, "type {} {}", ty.name, marks[0]);
        marks[1..].iter().for_each(|m| {
            let _ = writeln!(out, "  {m}");
        });
        out.push_str("{\n");
    }
    for (at, field) in ty.fields.iter().enumerate() {
        self::field(out, made, ty, at, field);
    }
    ty.inverses.iter().for_each(|i| inverse(out, made, i));
    out.push_str("}\n");
}

/// Unique sets and indexes of several fields.
fn sets(ty: &Type<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    if ty.view {
        return out;
    }
    let mut seen: Vec<(bool, Vec<usize>)> = vec![(true, ty.key.clone()), (false, ty.key.clone())];
    let uniques = ty.table.uniques.iter().map(|s| (true, s));
    for (unique, set) in uniques.chain(ty.table.indexes.iter().map(|s| (false, s))) {
        let Some(places) = ty.fields_of(&set.columns).filter(|p| (2..=16).contains(&p.len())) else {
            continue;
        };
        let distinct = places.iter().all(|p| places.iter().filter(|q| *q == p).count() == 1);
        if !distinct || !places.iter().all(|p| indexable(ty, *p)) || seen.contains(&(unique, places.clone()))
        {
            continue;
        }
        let held = |o: &&Over| o.fields == places;
        if !unique && ty.fields.iter().flat_map(|f| &f.over).any(|o| held(&o)) {
            continue;
        }
        let names: Vec<String> = places.iter().map(|p| string(ty.fields[*p].shown())).collect();
        let word = if unique { "@unique" } else { "@index" };
        out.push(format!("{word}(fields: [{}])", names.join(", ")));
        seen.push((unique, places));
    }
    out
}

fn field(out: &mut String, made: &Made<'_>, ty: &Type<'_>, at: usize, field: &Field) {
    let column = &ty.table.columns[field.column];
    field.notes.iter().for_each(|note| comment(out, "  ", note));
    if field.list {
        comment(
            out,
            "  ",
            "an array may hold nulls, and have further dimensions: an array that does is refused where it is read",
        );
    }
    description(out, "  ", column.comment.as_ref());
    let mut marks = Vec::new();
    let word = match &field.relation {
        Some(relation) => {
            marks.extend(relation_mark(relation, &[], Some(&field.name)));
            made.types[relation.target].name.clone()
        }
        None if field.list => format!("[{}!]", field.word),
        None => field.word.clone(),
    };
    let key_by_name = field.name == "id" && field.word == "ID";
    if ty.key == [at] && !ty.view && marked(ty) && !key_by_name {
        marks.push("@id".to_owned());
    }
    if field.unique {
        marks.push("@unique".to_owned());
    } else if field.indexed && ty.key != [at] {
        marks.push("@index".to_owned());
    }
    marks.extend(field.marks.iter().cloned());
    if field.name != column.name {
        marks.push(format!("@column(name: {})", string(&column.name)));
    }
    line(out, field.shown(), &word, field.required, &marks);
    for over in &field.over {
        let names: Vec<String> = over.fields.iter().map(|f| ty.fields[*f].name.clone()).collect();
        let mark = relation_mark(&over.relation, &names, None);
        let target = &made.types[over.relation.target].name;
        line(out, &over.relation.name, target, over.required, mark.as_slice());
    }
}

fn line(out: &mut String, name: &str, word: &str, required: bool, marks: &[String]) {
    let required = if required { "!" } else { "" };
    let marks: String = marks.iter().map(|m| format!(" {m}")).collect();
    let _ = writeln!(out, "  {name}: {word}{required}{marks}");
}

/// `@relation(…)`, if there is anything to say; `column` is the name of the relation's column.
fn relation_mark(relation: &Relation, fields: &[String], column: Option<&str>) -> Option<String> {
    let mut arguments = Vec::new();
    if !fields.is_empty() {
        let names: Vec<String> = fields.iter().map(|f| string(f)).collect();
        arguments.push(format!("fields: [{}]", names.join(", ")));
    }
    if let Some(column) = column.filter(|c| **c != format!("{}_id", relation.name)) {
        arguments.push(format!("column: {}", string(column)));
    }
    arguments.extend(relation.on_delete.map(|action| format!("onDelete: {action}")));
    (!arguments.is_empty()).then(|| format!("@relation({})", arguments.join(", ")))
}

fn inverse(out: &mut String, made: &Made<'_>, inverse: &Inverse) {
    let there = &made.types[inverse.of].name;
    let mark = match &inverse.by {
        By::Field(field) => format!("@inverse(of: {})", string(field)),
        By::Through(join) => format!("@relation(through: {})", string(&made.types[*join].name)),
    };
    let word = if inverse.list { format!("[{there}!]!") } else { there.clone() };
    let _ = writeln!(out, "  {}: {word} {mark}", inverse.name);
}
