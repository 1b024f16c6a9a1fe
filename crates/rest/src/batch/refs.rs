//! References to earlier results: `$0.id` for a member of a body, `{$0.id}` in a path.

use std::borrow::Cow;
use std::collections::HashMap;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::value::RawValue;

use super::body::{Operation, PATH_MAX, is_json};

/// The most references of one operation, in its path and in its body each.
const REFS_MAX: usize = 100;
/// The longest body that references may make, in bytes: results may be much larger than what names them.
const BODY_MAX: usize = 8 << 20;

/// The index that a reference begins with.
pub(super) fn index(reference: &str) -> Option<usize> {
    reference.strip_prefix('$')?.split_once('.')?.0.parse().ok()
}

/// The references of a path, without their braces.
pub(super) fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split("{$").skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner).map(|inner| {
        // The dollar stands right before the inner text.
        let at = inner.as_ptr() as usize - path.as_ptr() as usize;
        &path[at - 1..at + inner.len()]
    })
}

/// The path with its references replaced, percent-encoded.
pub(super) fn path(path: &str, results: &[Response]) -> Result<String, Problem> {
    let mut out = String::with_capacity(path.len());
    let (mut rest, mut count) = (path, 0);
    while let Some((before, after)) = rest.split_once("{$") {
        let Some((inner, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        count += 1;
        check_count(count)?;
        let value = value(&format!("${inner}"), results)?;
        let text: Cow<'_, str> = match serde_json::from_str::<serde_json::Value>(value.get()) {
            Ok(serde_json::Value::String(text)) => text.into(),
            // Numbers keep the digits that they were printed with.
            Ok(serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => value.get().into(),
            _ => return Err(nowhere(&format!("${inner}"), "it is not a text or a number")),
        };
        check_length("path", out.len() + text.len(), PATH_MAX)?;
        crate::encode::push(&text, &mut out);
        rest = tail;
    }
    out.push_str(rest);
    check_length("path", out.len(), PATH_MAX)?;
    Ok(out)
}

/// The body with the members that `refs` names.
pub(super) fn body(operation: &Operation, results: &[Response]) -> Result<Vec<u8>, Problem> {
    let body = operation.body.as_ref().map_or("", |raw| raw.get().trim());
    if operation.refs.is_empty() {
        return Ok(body.as_bytes().to_vec());
    }
    check_count(operation.refs.len())?;
    let body = if body.is_empty() { "{}" } else { body };
    let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(body).map_err(|_| {
        Problem::new(Code::BatchReference, "refs needs a body that is an object")
            .hint("Refer from operations whose body is one row.")
    })?;
    let mut out = body.as_bytes()[..body.len() - 1].to_vec();
    let mut first = members.is_empty();
    let mut refs: Vec<_> = operation.refs.iter().collect();
    refs.sort_unstable();
    for (member, reference) in refs {
        if members.contains_key(member.as_str()) {
            let text = format!("The member {member} is in body and in refs");
            return Err(Problem::new(Code::BatchReference, text).hint("Leave it in one of them."));
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        bistro_schema::text::write_json_string(member, &mut out);
        out.push(b':');
        let value = value(reference, results)?;
        check_length("body", out.len() + value.get().len(), BODY_MAX)?;
        out.extend_from_slice(value.get().as_bytes());
    }
    out.push(b'}');
    Ok(out)
}

fn check_count(count: usize) -> Result<(), Problem> {
    if count <= REFS_MAX {
        return Ok(());
    }
    Err(Problem::new(Code::TooComplex, format!("An operation has more than {REFS_MAX} references")))
}

fn check_length(what: &str, bytes: usize, most: usize) -> Result<(), Problem> {
    if bytes <= most {
        return Ok(());
    }
    let message = format!("References make the {what} of an operation longer than {most} bytes");
    Err(Problem::new(Code::TooComplex, message))
}

/// What a reference leads to.
fn value(reference: &str, results: &[Response]) -> Result<Box<RawValue>, Problem> {
    let parsed = reference.strip_prefix('$').and_then(|r| r.split_once('.'));
    let Some((index, member)) = parsed.and_then(|(i, member)| Some((i.parse::<usize>().ok()?, member)))
    else {
        return Err(nowhere(reference, "it is not written $<index>.<member>"));
    };
    let Some(result) = results.get(index) else {
        return Err(nowhere(reference, "only earlier operations have results"));
    };
    if result.body.is_empty() || !is_json(result) {
        return Err(nowhere(reference, "that operation answered no rows"));
    }
    let mut row =
        row(&result.body).ok_or_else(|| nowhere(reference, "that operation did not answer one row"))?;
    let found = row.remove(member).ok_or_else(|| nowhere(reference, "the row has no such member"))?;
    Ok(found.to_owned())
}

/// The members of a body that is one row, or a list of one.
fn row(body: &[u8]) -> Option<HashMap<Cow<'_, str>, &RawValue>> {
    if body.first() == Some(&b'{') {
        return serde_json::from_slice(body).ok();
    }
    let mut rows: Vec<HashMap<Cow<'_, str>, &RawValue>> = serde_json::from_slice(body).ok()?;
    if rows.len() == 1 { rows.pop() } else { None }
}

fn nowhere(reference: &str, why: &str) -> Problem {
    Problem::new(Code::BatchReference, format!("The reference {reference} leads nowhere: {why}"))
        .hint("Refer to a member of an earlier result, such as $0.id; select that member there.")
}
