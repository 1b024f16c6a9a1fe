//! Tables follow the schema: what changes do, and how many rows stand in a change's way.

use bistro_problem::Code;
use bistro_schema::{Schema, Type};
use bistro_store::{Change, StoreError, StoreErrorKind};
use bistro_store_sql::ddl;
use tokio_postgres::{Client, Error};

use crate::error::{Verb, Writing, from_driver, from_write, lost};
use crate::prepare::POSTGRES;
use crate::server::Server;
use crate::system;

mod violations;

pub(crate) use violations::violations;

/// Carries out all changes in one transaction.
pub(crate) async fn apply(
    server: &Server,
    old: &Schema,
    next: &Schema,
    changes: &[Change],
    record: &str,
) -> Result<(), StoreError> {
    let link = server.own().await?;
    let client = link.client();
    client.batch_execute("BEGIN").await.map_err(|e| from_driver(&e))?;
    // A failure drops the connection, which takes all of it back.
    for statement in ddl::script(POSTGRES, old, next, changes)?.statements {
        let ran = client.batch_execute(&statement.sql).await;
        ran.map_err(|error| {
            let mut error = match statement.ty.map(|id| (id, next.ty(id))) {
                Some((_, ty)) if !ty.writable() => return broken(ty, &error),
                Some((ty, _)) => from_write(&error, Writing { schema: next, ty, verb: Verb::Change }),
                None => from_driver(&error),
            };
            error.cause = format!("{} in: {}", error.cause, statement.sql);
            server.met(error)
        })?;
    }
    read_views(client, next).await?;
    system::keep_schema(client, next.record(), record).await.map_err(|e| from_driver(&e))?;
    commit(client).await?;
    server.forget();
    Ok(())
}

/// Commits; a connection that is lost meanwhile leaves open whether it was done.
pub(crate) async fn commit(client: &Client) -> Result<(), StoreError> {
    client.batch_execute("COMMIT").await.map_err(|error| match lost(&error) {
        true => StoreError::new(StoreErrorKind::CommitUnknown, error.to_string()),
        false => from_driver(&error),
    })
}

/// Prepares a read of each view, so that a mistake shows now.
async fn read_views(client: &Client, next: &Schema) -> Result<(), StoreError> {
    for ty in next.types.iter().filter(|t| !t.writable()) {
        let fields: Vec<String> = ty.fields.iter().map(|f| POSTGRES.quote(&f.column)).collect();
        let read = format!("SELECT {} FROM {}", fields.join(", "), POSTGRES.quote(&ty.collection));
        client.prepare(&read).await.map_err(|error| broken(ty, &error))?;
    }
    Ok(())
}

fn broken(view: &Type, error: &Error) -> StoreError {
    let text = format!("the view {} does not work: {}", view.name, from_driver(error).cause);
    StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text)
}
