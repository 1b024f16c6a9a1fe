//! The header of an envelope: what must be understood, and is not, is a fault.

use bistro_problem::{Code, Problem};

use super::{Element, Space, Version, refused, shown, truth};

/// Blocks of one header.
pub(super) const BLOCKS_MAX: usize = 64;

/// The `wsse:Security` block that is meant for the last receiver, which we are. Blocks for others are theirs. `namespaces` are
/// those of the blocks.
///
/// # Errors
/// Blocks that must be understood and are not are all named in the details, as `{namespace}name`, one in a line.
pub(super) fn security<'x>(
    header: Element<'x>,
    namespaces: &[Box<str>],
    version: Version,
) -> Result<Option<Element<'x>>, Problem> {
    if header.children.len() > BLOCKS_MAX {
        return Err(Problem::new(Code::TooComplex, format!("A header has more than {BLOCKS_MAX} blocks")));
    }
    if !header.text.trim_ascii().is_empty() {
        return Err(refused("A Header holds blocks, not text"));
    }
    let (mut security, mut unknown) = (None, Vec::new());
    for (block, namespace) in header.children.into_iter().zip(namespaces) {
        if !is_ours(&block, version) {
            continue;
        }
        if block.is(&Space::Wsse, "Security") {
            if security.replace(block).is_some() {
                return Err(Problem::new(
                    Code::SecurityHeader,
                    "There are two Security headers for one receiver",
                ));
            }
        } else if must_understand(&block, version)? {
            unknown.push((namespace, block.name));
        }
    }
    let Some((_, first)) = unknown.first() else { return Ok(security) };
    let message = format!("The header {} must be understood, and is not known here", shown(first));
    let all: Vec<_> = unknown.iter().map(|(namespace, name)| format!("{{{namespace}}}{name}")).collect();
    Err(Problem::new(Code::SoapHeader, message)
        .details(all.join("\n"))
        .hint("Send it without mustUnderstand, or not at all; wsse:Security is what is known."))
}

/// Whether a block is for the next or the last receiver.
fn is_ours(block: &Element<'_>, version: Version) -> bool {
    let receiver = match version {
        Version::V11 => block.attribute(&Space::Soap11, "actor"),
        Version::V12 => block.attribute(&Space::Soap12, "role"),
    };
    match receiver {
        None | Some("") => true,
        Some(role) => matches!(
            role,
            "http://schemas.xmlsoap.org/soap/actor/next"
                | "http://www.w3.org/2003/05/soap-envelope/role/next"
                | "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"
        ),
    }
}

fn must_understand(block: &Element<'_>, version: Version) -> Result<bool, Problem> {
    match block.attribute(&version.space(), "mustUnderstand") {
        None => Ok(false),
        Some(said) if matches!(said.trim_ascii(), "0" | "1" | "true" | "false") => Ok(truth(said)),
        Some(_) => Err(refused("mustUnderstand is 0 or 1")),
    }
}
