//! `bistro migrate`.

use std::sync::Arc;

use bistro_schema::Schema;
use bistro_store::Store;

use crate::cli::{Migrate, MigrateLeave};
use crate::control::Ask;
use crate::database::Place;
use crate::error::Failure;
use crate::migrations::{self, Leave, Order, Written};
use crate::project::Project;
use crate::running::Held;
use crate::{offline, schema_file, tables, terminal};

/// Carries out what was typed.
pub(crate) async fn migrate(project: &Project, command: &Migrate) -> Result<(), Failure> {
    if !project.settings.database.managed {
        return Err(Failure::Usage(crate::unmanaged::WHY.into()));
    }
    let order = match command {
        Migrate::New { name, empty } => {
            let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
            terminal::err(&loaded.warnings);
            let written = migrations::write(project, &loaded, name, *empty)?;
            terminal::out(&told(&written));
            return Ok(());
        }
        Migrate::Plan { json } => Order::Plan { json: *json },
        Migrate::Status { json } => Order::Status { json: *json },
        Migrate::Up { to, leave, adapt } => Order::Up { to: to.clone(), leave: given(*leave, *adapt) },
        Migrate::Down { count, leave } => Order::Down { count: *count, leave: given(*leave, false) },
        Migrate::Redo { leave } => Order::Redo { leave: given(*leave, false) },
    };
    let text = asked(project, &order).await?;
    terminal::out(&text);
    Ok(())
}

fn given(leave: MigrateLeave, adapt: bool) -> Leave {
    Leave { destructive: leave.allow_destructive, drift: leave.allow_drift, adapt }
}

/// Asks the process that has the database: this one, or the server that holds the data folder.
async fn asked(project: &Project, order: &Order) -> Result<String, Failure> {
    match (Place::of(project)?, order) {
        (Place::File(path), Order::Plan { json }) if !path.exists() => {
            migrations::plan_alone(project, true, *json).await
        }
        (Place::File(path), Order::Status { json }) if !path.exists() => {
            migrations::status_alone(project, *json)
        }
        (Place::File(_), _) => {
            if let Some(text) = offline::ask(project, &Ask::Migrate { order: order.clone() }, |_, _| {})? {
                return Ok(text);
            }
            let held = Held::open(project).await?;
            let done = migrations::carry_out(project, held.store(), order).await;
            held.store.close();
            done
        }
        (place, order) => match (server(project, &place).await, order) {
            (Ok(store), _) => {
                let done = migrations::carry_out(project, Arc::clone(&store), order).await;
                store.close();
                done
            }
            (Err(failure), Order::Plan { json }) => {
                terminal::err(&format!("{failure}\nno rows are counted, and what is pending is not known\n"));
                migrations::plan_alone(project, false, *json).await
            }
            (Err(failure), _) => Err(failure),
        },
    }
}

/// A database on a server: other nodes may use it at the same time.
async fn server(project: &Project, place: &Place) -> Result<Arc<dyn Store>, Failure> {
    let opened = place.open(&project.settings, Arc::new(Schema::default())).await;
    opened.map_err(|error| tables::data(project, &error))
}

/// What `new` wrote, in lines.
fn told(written: &Written) -> String {
    let mut text = String::from("Wrote\n");
    for file in &written.files {
        text.push_str(&format!("  {}\n", file.display()));
    }
    for step in &written.difference.steps {
        text.push_str(&format!("{}\n", step.text));
    }
    for (engine, reason) in &written.impossible {
        text.push_str(&format!("not for {}: {reason}\n", engine.title()));
    }
    text.push_str("Look at the SQL, add steps for rows where they are needed, then run: bistro migrate up\n");
    text
}
