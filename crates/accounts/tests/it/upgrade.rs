//! The system tables of another Bistro: an older one's are changed, a newer one's are left alone.

use std::sync::Arc;

use bistro_accounts::data::Data;
use serde_json::{Value, json};

use crate::seat::{Backend, PASSWORD, RUNTIME, SCHEMA, Seat, settings};

const TEXT: &str = include_str!("../../src/data/schema.graphql");

/// Gives the tables the form of another text, as the Bistro that brought it would have.
fn recast(seat: &Seat, text: &str) {
    let system = |text: &str| bistro_sdl::read_system("system.graphql", text).schema;
    let (now, then) = (system(TEXT), system(text));
    let changes = bistro_migrate::difference(&now, &then).steps.into_iter().map(|step| step.change).collect();
    let store = seat.store().with_schema(Arc::new(now));
    RUNTIME.block_on(store.apply(Arc::new(then), changes, text.to_owned())).unwrap();
}

#[test]
fn tables_of_an_older_bistro_are_changed_and_keep_what_is_in_them() {
    let older = [
        ("  used_at: DateTime! @default(expr: \"now\")\n", "a column that must have a value"),
        ("  factor_id: ID\n", "a column that may be empty"),
        (" @index(fields: [\"tag\"])", "an index"),
    ];
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        let person = seat.sign_up("ada@example.org");
        let mut text = TEXT.to_owned();
        for (part, what) in older {
            let without = text.replacen(part, "", 1);
            assert_ne!(without, text, "the file has no longer {what}");
            text = without;
        }
        // An index is over the column that goes.
        recast(&seat, &text.replace(" @index(fields: [\"used_at\"])", ""));
        let newer = seat.node();
        let body = json!({"refresh_token": person.at("/refresh_token")});
        let on = newer.ask("POST /token?grant_type=refresh_token", body, None);
        assert_eq!(on.status, 200, "{backend:?}: the session goes on: {}", on.text);
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(newer.ask("POST /token?grant_type=password", body, None).status, 200, "{backend:?}");
        assert_eq!(newer.ask("GET /user", Value::Null, Some(on.at("/access_token"))).status, 200);
    }
}

#[test]
fn tables_of_a_newer_bistro_are_left_alone() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        seat.sign_up("ada@example.org");
        let newer = format!("{TEXT}\ntype Later @model(name: \"bistro_later\") {{ id: ID! }}\n");
        recast(&seat, &newer);
        let refused = RUNTIME.block_on(Data::open(seat.store(), Arc::clone(&seat.engine)));
        let said = refused.err().expect("an older Bistro does not take the tables").to_string();
        assert!(said.contains("the tables of accounts are those of another Bistro"), "{backend:?}: {said}");
        assert!(said.contains("bistro_later") || said.contains("Later"), "{backend:?}: {said}");
    }
}
