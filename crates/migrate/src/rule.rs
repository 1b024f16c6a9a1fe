//! Rules before and after: they change no table, but people want to see them.

use bistro_schema::{Allow, Schema, Type};

use crate::Difference;
use crate::pair::Pairs;

/// Notes how many rules of each type changed.
pub(crate) fn compare(found: &mut Difference, pairs: &Pairs<'_>) {
    let (old, new) = (pairs.old, pairs.new);
    for (id, after) in new.types() {
        let Some(before) = pairs.old_type(id).map(|was| old.ty(was)) else { continue };
        let (was, is) = (rules(old, before), rules(new, after));
        let changed = is
            .iter()
            .filter(|r| !was.contains(r))
            .count()
            .max(was.iter().filter(|r| !is.contains(r)).count());
        if changed > 0 {
            let many = if changed == 1 { "rule" } else { "rules" };
            found.notes.push(format!("~ {changed} {many} of {}", after.collection));
        }
    }
}

/// Every rule of a type as text, apart from where it stands in the file.
fn rules(schema: &Schema, ty: &Type) -> Vec<String> {
    let text = |place: &str, a: &Allow| {
        let actions: Vec<&str> = a.actions.iter().map(|a| a.word()).collect();
        let when = a.when.as_ref().map_or("", |w| w.text.as_str());
        format!("{place} {} {:?} {when}", actions.join(","), schema.role_names(a.roles))
    };
    let own = ty.allows.iter().map(|a| text("", a));
    let fields = ty.fields.iter().flat_map(|f| f.allows.iter().map(move |a| text(&f.name, a)));
    own.chain(fields).collect()
}
