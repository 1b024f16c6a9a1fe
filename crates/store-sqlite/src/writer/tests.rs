//! What the writer does when the disk or a statement fails it.

use super::*;
use crate::connect::Site;

/// Pages that the database may have; the smallest that SQLite accepts is what it has already.
fn limit(conn: &Connection, pages: u32) {
    conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
}

fn add(conn: &Connection, size: i64) -> Result<(), StoreError> {
    conn.execute("INSERT INTO t VALUES (zeroblob(?1))", [size]).map(drop).map_err(from_driver)
}

fn heard(answer: Answer) -> Heard {
    Heard(Box::new(|_| {}), answer)
}

#[test]
fn a_full_disk_refuses_and_heals() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site { path: dir.path().join("full.db"), mmap: false, managed: true };
    let (conn, watch) = site.writer().unwrap();
    let mut writer = Writer::new(conn, watch, Duration::from_secs(5));
    writer.alone(Box::new(|c| c.execute_batch("CREATE TABLE t (b BLOB)").map_err(from_driver))).unwrap();
    limit(&writer.conn, 4);
    let full = writer.alone(Box::new(|c| add(c, 100_000))).unwrap_err();
    assert_eq!(full.kind, StoreErrorKind::Full);
    assert!(writer.conn.is_autocommit());
    limit(&writer.conn, 1_000);
    writer.alone(Box::new(|c| add(c, 100_000))).unwrap();
}

#[test]
fn after_a_failed_disk_nothing_is_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site { path: dir.path().join("broken.db"), mmap: false, managed: true };
    let (conn, watch) = site.writer().unwrap();
    let mut writer = Writer::new(conn, watch, Duration::from_secs(5));
    writer.alone(Box::new(|c| c.execute_batch("CREATE TABLE t (b BLOB)").map_err(from_driver))).unwrap();
    writer.broken = Some("disk I/O error".into());
    let refused = writer.alone(Box::new(|c| add(c, 1))).unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::Unavailable);
    assert!(refused.cause.contains("disk I/O error"));
}

#[test]
fn jobs_of_a_group_hear_their_own_end_unless_the_group_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site { path: dir.path().join("lost.db"), mmap: false, managed: true };
    let (conn, watch) = site.writer().unwrap();
    let mut writer = Writer::new(conn, watch, Duration::from_secs(5));
    let queue = Arc::new(Queue::new(8));
    let (first, mut first_told) = oneshot::channel();
    let (second, mut second_told) = oneshot::channel();
    let harmless: Job = Box::new(|_| Box::pin(std::future::ready(Ok(()))));
    queue
        .push(Work::Job(
            Box::new(|_| Box::pin(std::future::ready(Err(StoreError::rolled_back())))),
            heard(second),
        ))
        .ok();
    writer.group(harmless, heard(first), &queue);
    assert!(first_told.try_recv().unwrap().is_ok());
    assert_eq!(second_told.try_recv().unwrap().unwrap_err().kind, StoreErrorKind::RolledBack);
    let (answer, mut told) = oneshot::channel();
    lost(vec![(heard(answer), Ok(()))]);
    assert_eq!(told.try_recv().unwrap().unwrap_err().kind, StoreErrorKind::Serialization);
}

#[test]
fn the_writer_waits_for_the_disk_and_only_readers_map_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site { path: dir.path().join("tuned.db"), mmap: true, managed: true };
    let (writer, _) = site.writer().unwrap();
    let (reader, _) = site.reader().unwrap();
    let ask = |conn: &Connection, name: &str| {
        conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let cases = [
        ("synchronous", 2),
        ("mmap_size", 0),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
    ];
    for (name, expected) in cases {
        assert_eq!(ask(&writer, name), expected, "{name}");
    }
    assert!(ask(&reader, "mmap_size") > 0 && ask(&reader, "query_only") == 1);
    assert!(reader.execute_batch("CREATE TABLE t (a INTEGER)").is_err());
}
