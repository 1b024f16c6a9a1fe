//! The servers come, answer, break when told to, and are gone with their process.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bistro_testkit::proxy::Mode;
use bistro_testkit::{Database, Engine, Proxy, Server, Settings, mysql, postgres};

#[test]
fn each_database_is_fresh_and_dropped_with_its_value() {
    for make in [postgres, mysql] {
        let (one, two) = (make(), make());
        one.sql("CREATE TABLE t (a int)").unwrap();
        two.sql("CREATE TABLE t (a int)").unwrap();
        one.sql("INSERT INTO t VALUES (7)").unwrap();
        assert_eq!(one.sql("SELECT a FROM t").unwrap(), "7");
        assert_eq!(two.sql("SELECT count(*) FROM t").unwrap(), "0");
        let name = one.name().to_owned();
        drop(one);
        let left = two
            .sql(&format!("SELECT count(*) FROM information_schema.schemata WHERE schema_name = '{name}'"));
        assert_eq!(left.unwrap(), "0");
    }
}

#[test]
fn a_server_stops_starts_freezes_and_refuses_writes() {
    for engine in Engine::ALL {
        let server = Server::start(engine, &Settings { durable: true, ..Settings::default() }).unwrap();
        let database = Database::on(&server).unwrap();
        database.sql("CREATE TABLE t (a int)").unwrap();
        server.stop().unwrap();
        assert!(database.sql("SELECT 1").is_err(), "stopped");
        server.resume().unwrap();
        database.sql("INSERT INTO t VALUES (1)").unwrap();
        server.kill().unwrap();
        server.resume().unwrap();
        assert_eq!(
            database.sql("SELECT a FROM t").unwrap(),
            "1",
            "what was committed is there after a crash"
        );
        server.set_readonly(true).unwrap();
        let refused = database.sql("INSERT INTO t VALUES (2)").unwrap_err().to_string();
        assert!(refused.contains("read-only"), "{refused}");
        server.set_readonly(false).unwrap();
        database.sql("INSERT INTO t VALUES (2)").unwrap();
        server.pause().unwrap();
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| database.sql("SELECT count(*) FROM t"));
            std::thread::sleep(Duration::from_millis(300));
            assert!(!asking.is_finished(), "a frozen server does not answer");
            server.unpause().unwrap();
            assert_eq!(asking.join().unwrap().unwrap(), "2");
        });
    }
}

#[test]
fn a_proxy_passes_holds_refuses_and_cuts() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let proxy = Proxy::to(listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut word = [0; 4];
                while stream.read_exact(&mut word).is_ok() && stream.write_all(&word).is_ok() {}
            });
        }
    });
    let open = || TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    let say = |stream: &mut TcpStream, word: &[u8; 4]| {
        let mut heard = [0; 4];
        stream.write_all(word).and_then(|()| stream.read_exact(&mut heard)).map(|()| heard)
    };
    let mut stream = open();
    assert_eq!(&say(&mut stream, b"ping").unwrap(), b"ping");
    proxy.cut_after(Some(b"last"));
    assert!(say(&mut stream, b"last").is_err());
    assert_eq!(proxy.cuts(), 1);
    let mut stream = open();
    assert_eq!(&say(&mut stream, b"last").unwrap(), b"last", "it cuts once");
    proxy.cut();
    assert!(say(&mut stream, b"ping").is_err());
    let mut stream = open();
    proxy.set(Mode::Hold);
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(say(&mut stream, b"ping").is_err());
    proxy.set(Mode::Refuse);
    assert!(say(&mut open(), b"ping").is_err());
}

/// Not a test of its own: [`servers_are_gone_when_their_process_is_killed`] runs it in another process.
#[test]
fn hold_servers_until_killed() {
    if std::env::var_os("BISTRO_TESTKIT_HOLD").is_none() {
        return;
    }
    let databases = [postgres(), mysql()];
    println!("\nheld {} {}", databases[0].url(), databases[1].url());
    std::thread::sleep(Duration::from_secs(120));
}

#[test]
fn servers_are_gone_when_their_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut open = std::fs::metadata(folder.path()).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut open, 0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let mut held = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_servers_until_killed", "--nocapture"])
        .env("BISTRO_TESTKIT_HOLD", "1")
        .env("TMPDIR", folder.path())
        .env_remove("BISTRO_TEST_POSTGRES_URL")
        .env_remove("BISTRO_TEST_MYSQL_URL")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(held.stdout.take().unwrap()));
    let line = lines.map(Result::unwrap).find(|line| line.starts_with("held ")).unwrap();
    let port = |url: &str| -> u16 {
        url.rsplit_once(':').and_then(|(_, end)| end.split_once('/')).unwrap().0.parse().unwrap()
    };
    let ports: Vec<u16> = line.split(' ').skip(1).map(port).collect();
    assert!(ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()));
    held.kill().unwrap();
    held.wait().unwrap();
    let began = Instant::now();
    let left = || std::fs::read_dir(folder.path()).unwrap().count();
    let heard = || ports.iter().filter(|port| TcpStream::connect(("127.0.0.1", **port)).is_ok()).count();
    while left() + heard() > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "{} folders, {} servers", left(), heard());
        std::thread::sleep(Duration::from_millis(50));
    }
}
