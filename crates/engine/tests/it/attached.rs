//! What follows rows of the account type is told of each that goes or changes, in the transaction and after its commit.

use std::sync::{Arc, Mutex};

use bistro_engine::{AccountKey, Attached, Mirrored, Session};
use bistro_problem::{Code, Problem};
use bistro_store::Collect;
use futures_util::future::BoxFuture;

use crate::seat::{Seat, person, seats_of, service};

const SCHEMA: &str = r#"
type User @account @allow(to: [READ]) {
  id: ID!
  name: String! @default(value: "")
  email: String
  phone: String
  team: Team @relation(onDelete: CASCADE)
  mentor: User @relation(onDelete: CASCADE)
  buddy: User @relation(onDelete: SET_NULL)
}
type Team @model { id: Int! @id  club: Club @relation(onDelete: CASCADE) }
type Club @model { id: Int! @id }
type Note @model { id: Int! @id  author: User! @relation(onDelete: RESTRICT) }
type Log @model { id: Int! @id }
"#;

/// Writes down what it is told; the e-mail address `taken` is refused, and a deletion is logged in a table.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

fn names(accounts: &[AccountKey]) -> String {
    let mut names: Vec<String> = accounts.iter().map(|id| id[15].to_string()).collect();
    names.sort();
    names.join(" ")
}

impl Attached for Notes {
    fn deleted<'s>(
        &'s self,
        session: &'s mut Session<'_>,
        accounts: &'s [AccountKey],
    ) -> BoxFuture<'s, Result<(), Problem>> {
        Box::pin(async move {
            self.note(format!("deleted {}", names(accounts)));
            let engine = Arc::clone(session.engine());
            let log: bistro_engine::Work<()> = Box::new(|session| {
                Box::pin(async move {
                    let log = session.engine().schema().by_name("Log").unwrap();
                    let action = bistro_ir::Action::Insert { columns: vec![], conflict: None };
                    let body = bistro_ir::Body::Write(bistro_ir::Write { ty: log, action, returning: None });
                    let operation = bistro_ir::Operation { body, params: vec![] };
                    let ready = session.engine().ready(service().caller.roles, &operation)?;
                    let input = bistro_ir::Input { rows: vec![vec![]], ..Default::default() };
                    session.run(&ready, &input, &mut Collect::new()).await.map(drop)
                })
            });
            session.beside(&engine, service(), log).await
        })
    }

    fn changed<'s>(
        &'s self,
        _: &'s mut Session<'_>,
        mirrored: &'s [Mirrored],
    ) -> BoxFuture<'s, Result<(), Problem>> {
        Box::pin(async move {
            for Mirrored { account, email, phone } in mirrored {
                self.note(format!("changed {} {email:?} {phone:?}", account[15]));
                if email.as_ref().is_some_and(|email| email.as_deref() == Some("taken")) {
                    return Err(Problem::new(Code::UniqueViolation, "taken"));
                }
            }
            Ok(())
        })
    }

    fn committed(&self, accounts: &[AccountKey]) {
        self.note(format!("committed {}", names(accounts)));
    }
}

const DATA: &str = "insert Club id=1; insert Team id=1 club_id=1 / id=2 club_id=null; \
                    insert User id=1 name=a team_id=1 mentor_id=null; insert User id=2 name=b team_id=1 mentor_id=null; \
                    insert User id=3 name=c team_id=null mentor_id=2; insert User id=4 name=d team_id=2 mentor_id=null; \
                    insert Note id=1 author_id=4";

fn logs(seat: &Seat) -> usize {
    // A row of the log that is there already is refused.
    (1..9)
        .take_while(|n| {
            seat.transact(&format!("insert Log id={n}; fail")).unwrap_err().code == Code::UniqueViolation
        })
        .count()
}

#[test]
fn accounts_are_followed_wherever_their_rows_go() {
    let cases: [(&str, &[&str], usize); 16] = [
        ("delete User id=1", &["deleted 1", "committed 1"], 1),
        ("delete User id=2", &["deleted 2 3", "committed 2 3"], 1),
        ("delete User id=9", &[], 0),
        ("delete Team id=1", &["deleted 1 2 3", "committed 1 2 3"], 1),
        ("delete Club id=1", &["deleted 1 2 3", "committed 1 2 3"], 1),
        ("delete Team id=7", &[], 0),
        (
            "delete Note id=1; delete User id=4; delete User id=1",
            &["deleted 4", "deleted 1", "committed 1 4"],
            2,
        ),
        ("delete User id=1; fail", &["deleted 1"], 0),
        // The rows refer to one that stays.
        ("delete User id=4", &[], 0),
        ("delete Note id=1", &[], 0),
        ("insert User id=5 email=x", &[], 0),
        ("update User id=1 set name=z", &[], 0),
        (
            "update User id=1 set email=x phone=null",
            &["changed 1 Some(Some(\"x\")) Some(None)", "committed 1"],
            0,
        ),
        ("update User id=1 set email=taken", &["changed 1 Some(Some(\"taken\")) None"], 0),
        ("upsert User id=1 email=y", &["changed 1 Some(Some(\"y\")) None", "committed 1"], 0),
        ("upsert User id=6 email=y", &[], 0),
    ];
    for (line, expected, logged) in cases {
        for seat in seats_of(SCHEMA) {
            seat.transact(DATA).unwrap();
            let notes = Arc::new(Notes::default());
            seat.engine.attach(Arc::clone(&notes) as Arc<dyn Attached>);
            let done = seat.transact(line);
            assert_eq!(*notes.0.lock().unwrap(), expected, "{}: {line}: {done:?}", seat.name);
            assert_eq!(logs(&seat), logged, "{}: {line}", seat.name);
            let stays = seat.transact("insert User id=1; fail").unwrap_err().code == Code::UniqueViolation;
            let gone =
                done.is_ok() && expected.iter().any(|told| told.starts_with("deleted") && told.contains('1'));
            assert_eq!(stays, !gone, "{}: {line}", seat.name);
        }
    }
}

#[test]
fn the_key_of_an_account_never_changes() {
    for seat in seats_of(SCHEMA) {
        seat.transact(DATA).unwrap();
        assert!(seat.transact("update User id=1 set id=8").is_err(), "{}", seat.name);
        assert!(seat.transact("update User id=1 set id=1 name=z").is_ok(), "{}", seat.name);
        assert_eq!(person(1)[15], 1);
    }
}

#[test]
fn accounts_that_go_along_are_never_too_many_to_be_told() {
    let [_, seat] = seats_of(SCHEMA);
    seat.transact("insert Team id=1 club_id=null").unwrap();
    let rows: Vec<String> = (0..10_001).map(|_| "team_id=1".to_owned()).collect();
    seat.transact(&format!("insert User {}", rows.join(" / "))).unwrap();
    seat.engine.attach(Arc::new(Notes::default()));
    assert_eq!(seat.transact("delete Team id=1").unwrap_err().code, Code::TooComplex);
}
