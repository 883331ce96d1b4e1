//! Servers that say at login that they are CockroachDB or YugabyteDB get none of what those do not
//! know. Neither was run: a relay speaks for them, in front of a real PostgreSQL.

use crate::Place;
use crate::server::server;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Forwards everything, adds to what the server says of itself, and keeps what it is asked.
struct Pretender {
    port: u16,
    asked: Arc<Mutex<Vec<u8>>>,
}

impl Pretender {
    fn start(name: &'static str, value: &'static str) -> Pretender {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || pretend(client, &parameter(name, value), &kept));
            }
        });
        Pretender { port, asked }
    }

    fn was_asked(&self, words: &str) -> bool {
        self.asked.lock().unwrap().windows(words.len()).any(|window| window == words.as_bytes())
    }
}

/// A `ParameterStatus` message.
fn parameter(name: &str, value: &str) -> Vec<u8> {
    let body = [name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat();
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [b"S".as_slice(), &length, &body].concat()
}

fn pretend(mut client: TcpStream, says: &[u8], asked: &Mutex<Vec<u8>>) {
    let mut server_side = TcpStream::connect(("127.0.0.1", server().port())).unwrap();
    let (mut from_server, mut to_client) = (server_side.try_clone().unwrap(), client.try_clone().unwrap());
    let says = says.to_owned();
    std::thread::spawn(move || {
        let mut begun = false;
        let mut buffer = [0; 65536];
        while let Ok(count @ 1..) = from_server.read(&mut buffer) {
            let bytes = &buffer[..count];
            // The first ReadyForQuery ends the login.
            let ready = bytes.windows(6).position(|window| window == b"Z\0\0\0\x05I").filter(|_| !begun);
            let sent = match ready {
                Some(at) => {
                    begun = true;
                    to_client.write_all(&[&bytes[..at], &says, &bytes[at..]].concat())
                }
                None => to_client.write_all(bytes),
            };
            if sent.is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let mut buffer = [0; 65536];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        asked.lock().unwrap().extend_from_slice(&buffer[..count]);
        if server_side.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = server_side.shutdown(Shutdown::Write);
}

fn deploys_through(name: &'static str, value: &'static str, scheme: &str) -> Pretender {
    let place = Place::with_plan(
        "%syntax-version=1.0.0\n%project=acme\n\nalpha 2024-01-01T00:00:01Z P Q <p@q.r>\n\
         bravo [alpha] 2024-01-01T00:00:02Z P Q <p@q.r>\n",
    );
    place.write_table_scripts("alpha");
    place.write_table_scripts("bravo");
    place.world.write(
        "deploy/bravo.sql",
        "CREATE TABLE t_bravo (id INTEGER);\nCREATE INDEX CONCURRENTLY bravo_id ON t_bravo (id);\n",
    );
    let pretender = Pretender::start(name, value);
    let uri = format!("db:{scheme}://postgres@127.0.0.1:{}/{}", pretender.port, place.database.name);
    place.world.change(&format!("deploy --target {uri}")).ok();
    assert_eq!(
        place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes"),
        "alpha bravo"
    );
    place.world.change(&format!("verify --target {uri}")).ok();
    place.world.change(&format!("revert -y --target {uri}")).ok();
    assert_eq!(place.schema(), "");
    pretender
}

#[test]
fn cockroachdb_is_asked_for_nothing_that_it_does_not_know() {
    let asked = deploys_through("crdb_version", "CockroachDB CCL v23.1.0", "cockroach");
    for words in ["advisory", "LOCK TABLE", "SET CONSTRAINTS", "1 / (count(*) = 0)", "BEGIN;\nCREATE SCHEMA"]
    {
        assert!(!asked.was_asked(words), "{words}");
    }
    assert!(asked.was_asked("CREATE SCHEMA"));
}

#[test]
fn yugabytedb_is_asked_for_no_locks() {
    let asked = deploys_through("server_version", "11.2-YB-2.18.0.0-b0", "yugabyte");
    for words in ["advisory", "LOCK TABLE", "1 / (count(*) = 0)"] {
        assert!(!asked.was_asked(words), "{words}");
    }
    assert!(asked.was_asked("SET CONSTRAINTS") && asked.was_asked("BEGIN;\nCREATE SCHEMA"));
}
