//! What a project's engine does otherwise than the others by its nature, said once at start where the schema meets it.

use bistro_schema::{Kind, Schema};
use bistro_store::Capabilities;

/// The notes for a schema on a store, each a sentence.
pub(crate) fn notes(can: &Capabilities, schema: &Schema) -> Vec<&'static str> {
    let searched = schema.types.iter().any(|ty| !ty.search_fields().is_empty());
    let documents = schema.types.iter().flat_map(|ty| &ty.fields).any(|f| f.scalar.kind == Kind::Json);
    let all = [
        (!can.short_words && searched, "full text finds no words of fewer than three letters on this engine"),
        (
            !can.fresh_words && searched,
            "full text finds what a transaction wrote only after its commit on this engine",
        ),
        (
            !can.documents_as_written && documents,
            "JSON comes back with its members in the engine's own order",
        ),
        (!can.documents_in_order && documents, "JSON documents are ordered as texts on this engine"),
        (
            !can.whole_changes,
            "a change of tables is resumed, not undone, when it is interrupted on this engine",
        ),
    ];
    all.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect()
}

#[cfg(test)]
mod tests {
    use bistro_store::Capabilities;

    use super::notes;

    #[test]
    fn only_what_the_schema_meets_is_said() {
        let check = |text: &str, expected: usize| {
            let schema = bistro_sdl::read("schema.graphql", text).schema;
            let can = Capabilities {
                short_words: false,
                fresh_words: false,
                documents_as_written: false,
                documents_in_order: false,
                ..Capabilities::ALL
            };
            assert_eq!(notes(&can, &schema).len(), expected, "{text}");
            assert!(notes(&Capabilities::ALL, &schema).is_empty());
        };
        check("type A @model { id: Int! @id }", 0);
        check("type A @model { id: Int! @id\n text: String! @search }", 2);
        check("type A @model { id: Int! @id\n text: String! @search\n more: JSON }", 4);
    }
}
