//! Files of SQL, each with the lines of its catalogue beside it. `UPDATE=1` writes the expected lines anew.

use std::path::Path;

use rusqlite::Connection;

fn check(case: &Path) {
    let sql = std::fs::read_to_string(case).expect("the case is there");
    let conn = Connection::open_in_memory().expect("memory is there");
    conn.execute_batch(&sql).expect("the SQL is sound");
    let said = super::read(&conn).expect("a catalogue is read").to_string();
    let path = case.with_extension("txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &said).expect("the case is written");
    }
    let expected = std::fs::read_to_string(&path).expect("the case has its lines");
    assert_eq!(said, expected, "{}", case.display());
}

#[test]
fn catalogues_are_as_pinned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalogue/cases");
    let cases =
        std::fs::read_dir(folder).expect("the cases are there").map(|entry| entry.expect("a file").path());
    let cases: Vec<_> = cases.filter(|path| path.extension().is_some_and(|e| e == "sql")).collect();
    assert!(cases.len() >= 5, "{cases:?}");
    cases.iter().for_each(|case| check(case));
}
