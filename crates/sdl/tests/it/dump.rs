//! A schema as text, for people and snapshots.

use std::fmt::Write;

use bistro_schema::{
    Allow, Default, Field, FieldId, FieldKind, Kind, Relation, RelationKind, RuleText, Schema, Type, TypeKind,
};

/// The whole schema, a line for each thing.
pub(crate) fn dump(schema: &Schema) -> String {
    let mut out = String::new();
    for role in &schema.roles {
        writeln!(out, "role {} closure={:?}", role.name, schema.role_names(role.closure))
            .expect("writes to memory");
    }
    for en in &schema.enums {
        let values: Vec<&str> = en.values.iter().map(|(v, _)| v.as_str()).collect();
        writeln!(out, "enum {} {values:?}", en.name).expect("writes to memory");
    }
    for ty in &schema.types {
        one(schema, ty, &mut out).expect("writes to memory");
    }
    out
}

fn one(schema: &Schema, ty: &Type, out: &mut String) -> std::fmt::Result {
    let kind = match &ty.kind {
        TypeKind::Model => "model".to_owned(),
        TypeKind::Account => "account".to_owned(),
        TypeKind::View { sql, .. } => format!("view {sql:?}"),
        TypeKind::Join { owner, relation } => {
            let owner = schema.ty(*owner);
            format!("join of {}.{}", owner.name, owner.relation(*relation).name)
        }
    };
    writeln!(out, "\ntype {} ({kind}) collection={:?} plural={}", ty.name, ty.collection, ty.plural)?;
    if let Some(text) = &ty.description {
        writeln!(out, "  about {text:?}")?;
    }
    writeln!(out, "  key {}", names(ty, &ty.key))?;
    ty.fields.iter().try_for_each(|f| field(schema, f, out))?;
    ty.relations.iter().try_for_each(|r| relation(schema, ty, r, out))?;
    for u in &ty.uniques {
        writeln!(out, "  unique {} {}", u.name, names(ty, &u.fields))?;
    }
    for i in &ty.indexes {
        writeln!(out, "  index {} {}", i.name, names(ty, &i.fields))?;
    }
    for c in &ty.checks {
        writeln!(out, "  check {} {} message={:?}", c.name, rule(&c.rule), c.message)?;
    }
    ty.allows.iter().try_for_each(|a| writeln!(out, "  {}", allow(schema, a)))
}

fn names(ty: &Type, ids: &[FieldId]) -> String {
    let names: Vec<&str> = ids.iter().map(|f| ty.field(*f).name.as_str()).collect();
    format!("({})", names.join(", "))
}

fn rule(rule: &RuleText) -> String {
    assert!(rule.span.end > rule.span.start, "a rule has a place");
    format!("{:?}", rule.text)
}

fn field(schema: &Schema, f: &Field, out: &mut String) -> std::fmt::Result {
    let kind = match f.scalar.kind {
        Kind::Enum(e) => schema.enum_type(e).name.clone(),
        kind => format!("{kind:?}"),
    };
    let (open, close) = if f.scalar.list { ("[", "]") } else { ("", "") };
    let null = if f.nullable { "?" } else { "" };
    write!(out, "  field {}: {open}{kind}{close}{null}", f.name)?;
    if f.column != f.name {
        write!(out, " column={:?}", f.column)?;
    }
    if let Some(alias) = &f.alias {
        write!(out, " alias={alias}")?;
    }
    match &f.kind {
        FieldKind::Stored => {}
        FieldKind::Counter => write!(out, " counter")?,
        FieldKind::Generated => write!(out, " generated")?,
        FieldKind::Computed(text) => write!(out, " computed={}", rule(text))?,
    }
    match &f.default {
        None => {}
        Some(Default::Value(value)) => write!(out, " default={value:?}")?,
        Some(Default::Expr(text)) => write!(out, " default expr={}", rule(text))?,
    }
    let flags =
        [("updated", f.updated), ("immutable", f.immutable), ("hidden", f.hidden), ("search", f.search)];
    flags.iter().filter(|(_, on)| *on).try_for_each(|(name, _)| write!(out, " {name}"))?;
    if let Some(length) = f.length {
        write!(out, " length={length:?}")?;
    }
    if let Some(range) = &f.range {
        write!(out, " range={range:?}")?;
    }
    if let Some(pattern) = &f.pattern {
        write!(out, " pattern={pattern:?}")?;
    }
    if let Some(reason) = &f.deprecated {
        write!(out, " deprecated={reason:?}")?;
    }
    if let Some(text) = &f.description {
        write!(out, " about={text:?}")?;
    }
    writeln!(out)?;
    f.allows.iter().try_for_each(|a| writeln!(out, "    {}", allow(schema, a)))
}

fn relation(schema: &Schema, ty: &Type, r: &Relation, out: &mut String) -> std::fmt::Result {
    let target = schema.ty(r.target);
    let over = match &r.kind {
        RelationKind::ManyToMany(t) => {
            let join = schema.ty(t.join);
            format!(" over {} ({} → {})", join.name, join.relation(t.near).name, join.relation(t.far).name)
        }
        _ => String::new(),
    };
    let kind = match &r.kind {
        RelationKind::ManyToMany(_) => "ManyToMany".to_owned(),
        kind => format!("{kind:?}"),
    };
    let pairs: Vec<String> =
        r.pairs.iter().map(|(n, f)| format!("{}={}", ty.field(*n).name, target.field(*f).name)).collect();
    let declared = if r.declared { "" } else { " undeclared" };
    let inverse = r.inverse.map_or("none", |i| target.relation(i).name.as_str());
    writeln!(
        out,
        "  relation {}: {} {kind}{over} ({}) {} on_delete={:?} inverse={inverse}{declared}",
        r.name,
        target.name,
        pairs.join(", "),
        r.constraint,
        r.on_delete
    )?;
    r.allows.iter().try_for_each(|a| writeln!(out, "    {}", allow(schema, a)))
}

fn allow(schema: &Schema, a: &Allow) -> String {
    let actions: Vec<&str> = a.actions.iter().map(|x| x.word()).collect();
    let when = a.when.as_ref().map_or_else(String::new, |r| format!(" when {}", rule(r)));
    format!("allow {} to {}{when}", actions.join(","), schema.role_names(a.roles).join(","))
}
