//! Places in the user's file.

use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Node};
use bistro_schema::Span;

/// Bytes `start..end` of the user's file, as diagnostics hold them.
pub(crate) type Place = (u32, u32);

/// Anything that was parsed from the file.
pub(crate) trait At {
    /// Where it stands; `(0, 0)` for what the file does not hold.
    fn at(&self) -> Place;

    /// The same as a span of the schema.
    fn span(&self) -> Span {
        let (start, end) = self.at();
        Span { start, end }
    }
}

impl<T: ?Sized> At for Node<T> {
    fn at(&self) -> Place {
        place(self.location())
    }
}

impl At for Name {
    fn at(&self) -> Place {
        place(self.location())
    }
}

/// The bytes of a parsed span; files are limited to far less than 4 GiB, so offsets fit.
pub(crate) fn place(span: Option<SourceSpan>) -> Place {
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    span.map_or((0, 0), |s| (offset(s.offset()), offset(s.end_offset())))
}

/// Whether two places share a byte.
pub(crate) fn overlap(a: Place, b: Place) -> bool {
    a.0 < b.1.max(b.0 + 1) && b.0 < a.1.max(a.0 + 1)
}
