//! A form body: one row, whose members are texts.

use bistro_problem::{Code, Problem};

use super::super::query;
use super::{Reader, Rows, pointer};

/// How many members a form may have.
const MEMBERS_MAX: usize = 2_000;

/// Reads a form body.
pub(super) fn read(reader: &Reader<'_>, text: &str) -> Result<Rows, Problem> {
    let pairs = query::split(text, MEMBERS_MAX)?;
    let of = reader.view.schema().ty(reader.ty);
    let columns = match &reader.columns {
        Some(columns) => columns.clone(),
        None => reader.fields(pairs.iter().map(|p| p.key.as_ref()))?,
    };
    let mut row = Vec::with_capacity(columns.len());
    for column in &columns {
        let field = of.field(*column);
        let means = |name: &str| name == field.name || field.alias.as_deref() == Some(name);
        let mut found = pairs.iter().filter(|p| means(&p.key));
        row.push(match (found.next(), found.next()) {
            (None, _) => reader.absent(),
            (Some(pair), None) => {
                let place = pointer(None, &pair.key);
                Some(reader.parse(*column, &pair.value).map_err(|p| p.pointer(place))?)
            }
            (Some(pair), Some(_)) => {
                let message = format!("The member '{}' is given twice", pair.key);
                return Err(Problem::new(Code::Body, message).pointer(pointer(None, &pair.key)));
            }
        });
    }
    Ok(Rows { columns, rows: vec![row] })
}
