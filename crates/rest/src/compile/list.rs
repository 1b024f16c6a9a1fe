//! The list of `in`: `(a,"b,c",d)`.

use std::borrow::Cow;

use bistro_problem::{Code, Problem};

use super::cursor::Cursor;

/// The elements of a text that is a list and nothing else.
pub(crate) fn whole(text: &str, most: usize) -> Result<Vec<Cow<'_, str>>, Problem> {
    let mut cursor = Cursor::new("filter", text);
    let elements = elements(&mut cursor, most)?;
    cursor.expect_end("end of input after the list")?;
    Ok(elements)
}

/// The elements of a list; `()` has none.
pub(crate) fn elements<'a>(cursor: &mut Cursor<'a>, most: usize) -> Result<Vec<Cow<'a, str>>, Problem> {
    cursor.expect("(", "\"(\"")?;
    if cursor.eat(")") {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    loop {
        if out.len() == most {
            return Err(Problem::new(Code::TooComplex, format!("A list has more than {most} values")));
        }
        out.push(element(cursor));
        if cursor.eat(")") {
            return Ok(out);
        }
        cursor.expect(",", "\",\" or \")\"")?;
    }
}

/// Quotes count only around a whole element: clients do not escape quotes inside one.
fn element<'a>(cursor: &mut Cursor<'a>) -> Cow<'a, str> {
    let mut ahead = cursor.clone();
    if let Ok(text) = ahead.quoted()
        && matches!(ahead.peek(), Some(',' | ')'))
    {
        *cursor = ahead;
        return text;
    }
    Cow::Borrowed(cursor.take_while(|c| !matches!(c, ',' | ')')))
}
