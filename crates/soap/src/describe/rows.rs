//! Rows as types of XML Schema: as they come, as they are given, and how one is named.

use bistro_schema::TypeId;

use super::Described;
use super::markup::Markup;
use super::values::{Standing, field};

/// What SOAP makes of the rows of a type.
pub(super) fn rows(m: &mut Markup, described: &Described, id: TypeId) {
    let shown = described.shown(id);
    if shown.rows() {
        row(m, described, id);
    }
    if !shown.keys.is_empty() {
        key(m, described, id);
    }
    if !shown.create.is_empty() {
        given(m, described, id, true);
    }
    if !shown.update.is_empty() && !shown.keys.is_empty() {
        given(m, described, id, false);
    }
}

fn row(m: &mut Markup, described: &Described, id: TypeId) {
    let (ty, shown, schema) = (described.ty(id), described.shown(id), described.view().schema());
    m.inside("xs:complexType", &[("name", &ty.name)], |m| {
        m.documented(ty.description.as_deref().unwrap_or_default().trim());
        m.inside("xs:sequence", &[], |m| {
            for f in &shown.fields {
                let of = ty.field(*f);
                field(m, schema, of, Standing { optional: of.may_be_null(), ..Standing::default() });
            }
            for r in &shown.relations {
                let relation = ty.relation(*r);
                let target = format!("tns:{}", described.ty(relation.target).name);
                let mut attributes =
                    vec![("name", relation.name.as_str()), ("type", &target), ("minOccurs", "0")];
                if !relation.to_one() {
                    attributes.push(("maxOccurs", "unbounded"));
                }
                let about = relation.description.as_deref().unwrap_or_default().trim();
                m.element(&attributes, format!("{about}\nComes where include names it.").trim_start());
            }
        });
        m.inside("xs:attribute", &[("name", "lossy"), ("type", "xs:boolean")], |m| {
            m.documented("True where a character that XML cannot carry was replaced by U+FFFD.");
        });
    });
}

/// The sets of fields that name one row, of which one is given.
fn key(m: &mut Markup, described: &Described, id: TypeId) {
    let (ty, schema) = (described.ty(id), described.view().schema());
    let name = format!("{}Key", ty.name);
    m.inside("xs:complexType", &[("name", &name)], |m| {
        m.documented("What names one row: one of these.");
        m.inside("xs:choice", &[], |m| {
            for set in &described.shown(id).keys {
                match set[..] {
                    [only] => field(m, schema, ty.field(only), Standing::default()),
                    _ => m.inside("xs:sequence", &[], |m| {
                        set.iter().for_each(|f| field(m, schema, ty.field(*f), Standing::default()));
                    }),
                }
            }
        });
    });
}

/// The values of a new row, or of a change.
fn given(m: &mut Markup, described: &Described, id: TypeId, new: bool) {
    let (ty, shown, schema) = (described.ty(id), described.shown(id), described.view().schema());
    let (end, fields, about) = match new {
        true => ("Create", &shown.create, "A new row. What is left out gets its default, or null."),
        false => ("Update", &shown.update, "A change. What is left out stays; xsi:nil makes it null."),
    };
    m.sequence(&format!("{}{end}", ty.name), about, |m| {
        for f in fields {
            let of = ty.field(*f);
            let optional = !new || !ty.requires(*f);
            // Where null is what a new row gets anyway, clients are spared the difference.
            let nillable = of.nullable && (!new || of.default.is_some());
            field(m, schema, of, Standing { optional, nillable, bounded: true });
        }
    });
}
