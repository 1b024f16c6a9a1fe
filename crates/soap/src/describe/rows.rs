//! Rows as types of XML Schema: as they come, as they are given, and how one is named.

use bistro_schema::{FieldId, TypeId};

use super::markup::Markup;
use super::values::{Standing, field};
use super::{About, Described};

/// What SOAP makes of the rows of a type.
pub(super) fn rows(m: &mut Markup, described: &Described, about: &About, id: TypeId) {
    let shown = described.shown(id);
    if shown.rows() {
        row(m, described, id, about.included);
    }
    if !shown.keys.is_empty() {
        key(m, described, id);
    }
    if !shown.create.is_empty() {
        given(m, described, id, (true, about.nillable));
    }
    if !shown.update.is_empty() && !shown.keys.is_empty() {
        given(m, described, id, (false, about.nillable));
    }
}

fn row(m: &mut Markup, described: &Described, id: TypeId, included: u64) {
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
        let mut attribute = |name: &str, about: &str| {
            let attributes = [("name", name), ("type", "xs:boolean")];
            m.inside("xs:attribute", &attributes, |m| m.documented(about));
        };
        attribute("lossy", "True where a character that XML cannot carry was replaced by U+FFFD.");
        attribute("moreRows", &format!("True on the last row of an included list that is cut after {included} rows. List them by themselves."));
    });
}

/// The sets of fields that name one row, of which one is given. Where there are several, all may be missing: a choice would be
/// exact, and generated clients would call its members `Item`.
fn key(m: &mut Markup, described: &Described, id: TypeId) {
    let (ty, schema, keys) = (described.ty(id), described.view().schema(), &described.shown(id).keys);
    let names =
        |set: &Vec<FieldId>| set.iter().map(|f| ty.field(*f).name.as_str()).collect::<Vec<_>>().join(" and ");
    let one_of = keys.iter().map(names).collect::<Vec<_>>().join(", or ");
    let standing = Standing { optional: keys.len() > 1, ..Standing::default() };
    m.sequence(&format!("{}Key", ty.name), &format!("What names one row: {one_of}."), |m| {
        keys.iter().flatten().for_each(|f| field(m, schema, ty.field(*f), standing));
    });
}

/// The values of a new row, or of a change.
fn given(m: &mut Markup, described: &Described, id: TypeId, (new, nillable): (bool, bool)) {
    let (ty, shown, schema) = (described.ty(id), described.shown(id), described.view().schema());
    let (end, fields, about) = match new {
        true => ("Create", &shown.create, "A new row. What is left out gets its default, or null."),
        false => ("Update", &shown.update, "A change. What is left out stays; clear makes it null."),
    };
    m.sequence(&format!("{}{end}", ty.name), about, |m| {
        for f in fields {
            let of = ty.field(*f);
            let optional = !new || !ty.requires(*f);
            // Where null is what a new row gets anyway, clients are spared the difference.
            let nillable = nillable && of.nullable && (!new || of.default.is_some());
            field(m, schema, of, Standing { optional, nillable, bounded: true });
        }
    });
}
