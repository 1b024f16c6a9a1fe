//! A database that newer nodes have migrated already: whether a node with an older schema may go on serving it.

use bistro_migrate::difference;
use bistro_schema::{Schema, TypeId};
use bistro_store::Change;
use bistro_store::catalogue::Catalogue;

/// What of the database's newer schema an older node cannot work with; empty if it may serve.
///
/// What newer nodes added does not matter to it, as long as rows can be written without it; what they took away, renamed
/// or made narrower does.
pub(crate) fn in_the_way(own: &Schema, ahead: &Schema, catalogue: Option<&Catalogue>) -> Vec<String> {
    let way = difference(own, ahead);
    let refused = way.refused.iter().map(|r| r.text.clone());
    let steps = way.steps.iter().filter(|s| !harmless(&s.change, own, ahead, catalogue));
    refused.chain(steps.map(|s| s.text.clone())).collect()
}

fn harmless(change: &Change, own: &Schema, ahead: &Schema, catalogue: Option<&Catalogue>) -> bool {
    let new_to_own = |id: TypeId, column: &str| {
        let collection = &ahead.ty(id).collection;
        let was = own.types.iter().find(|t| t.collection == *collection);
        was.is_none_or(|t| !t.fields.iter().any(|f| f.column == column))
    };
    match change {
        // A view that changed may lack what the older one showed.
        Change::CreateType(id) => !own.types.iter().any(|t| t.collection == ahead.ty(*id).collection),
        Change::AddField(id, field) => {
            let (ty, field) = (ahead.ty(*id), ahead.ty(*id).field(*field));
            field.nullable || fills_itself(catalogue, &ty.collection, &field.column)
        }
        Change::AddRelation(id, relation) => {
            let (ty, relation) = (ahead.ty(*id), ahead.ty(*id).relation(*relation));
            relation.pairs.iter().all(|(near, _)| {
                let field = ty.field(*near);
                field.nullable || fills_itself(catalogue, &ty.collection, &field.column)
            })
        }
        Change::AddIndex(..) | Change::DropIndex(..) | Change::RenameIndex(..) | Change::Release(..) => true,
        // A set over new columns alone cannot clash with rows that do not fill them.
        Change::AddUnique(id, at) => {
            let ty = ahead.ty(*id);
            ty.uniques[*at].fields.iter().all(|f| new_to_own(*id, &ty.field(*f).column))
        }
        _ => false,
    }
}

/// Whether the database has a value for the column where a statement has none.
fn fills_itself(catalogue: Option<&Catalogue>, table: &str, column: &str) -> bool {
    let Some(catalogue) = catalogue else { return true };
    let column = catalogue.table(table).and_then(|t| t.column(column));
    column.is_none_or(|c| c.default.is_some() || c.counted || c.generated || c.nullable)
}

#[cfg(test)]
mod tests {
    use super::in_the_way;

    fn check(own: &str, ahead: &str, expected: &[&str]) {
        let read = |text: &str| {
            let checked = bistro_sdl::read("schema.graphql", text);
            assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
            checked.schema
        };
        let found = in_the_way(&read(own), &read(ahead), None);
        assert_eq!(found, expected, "{ahead}");
    }

    #[test]
    fn what_was_added_does_not_matter_and_what_went_does() {
        let own = "type Note @model { id: ID!  text: String!  mark: String }";
        check(own, own, &[]);
        check(own, "type Note @model { id: ID!  text: String!  mark: String  more: Int @unique }", &[]);
        check(own, "type Note @model { id: ID!  text: String! @index  mark: String }", &[]);
        check(
            own,
            "type Note @model { id: ID!  text: String!  mark: String  pad: Pad } type Pad @model { id: ID! }",
            &[],
        );
        check(
            own,
            "type Note @model { id: ID!  text: String!  mark: String  n: Int! @default(value: 1) }",
            &[],
        );
        check(own, "type Note @model { id: ID!  text: String! }", &["- column notes.mark"]);
        check(
            own,
            "type Note @model { id: ID!  text: String!  mark: String @unique }",
            &["+ unique notes (mark)"],
        );
        check(own, "type Pad @model { id: ID! }", &["- table notes"]);
    }
}
