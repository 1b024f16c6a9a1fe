//! What SOAP calls things: operations by the type's name, and the plural as GraphQL has it, where the reader of schema files
//! has seen to it that no two types share one.

use bistro_schema::Type;
use bistro_schema::names::graphql;

/// The namespace of the service unless `soap.namespace` names another.
pub const NAMESPACE: &str = "urn:bistro:v1";

/// The service.
pub(crate) const SERVICE: &str = "Bistro";

/// The element in every fault's detail.
pub(crate) const FAULT: &str = "BistroFault";

/// The message of every fault, from which generated clients name what they throw.
pub(crate) const EXCEPTION: &str = "BistroException";

/// The words of many rows: `Posts`, or `SheepList` where one and many are the same word.
pub(crate) fn many(ty: &Type) -> String {
    graphql::capital(&graphql::many(&ty.name, &ty.plural))
}

/// Whether a name of the file can be the name of an element. It always is but in schemas drawn from old databases.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}
