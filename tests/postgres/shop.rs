//! An application that reads and writes all the time, and what its users felt.

use crate::server::{ADMIN, Database};
use postgres::{Client, NoTls};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const CLIENTS: usize = 12;
/// Clients besides, whose requests touch no table: what slows them down is the machine.
const CONTROLS: usize = 4;
const CONTROL: Request = &["SELECT $1::integer"];
/// Between two requests of one client.
const PAUSE: Duration = Duration::from_millis(5);

/// The statements of one request, each with the client's own number as `$1`. More than one are a
/// transaction.
pub(crate) type Request = &'static [&'static str];

/// A running application.
pub(crate) struct Shop {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Figures>>,
}

/// What happened to the requests.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) requests: usize,
    pub(crate) slowest: Duration,
    /// The slowest of those requests that no lock could slow down.
    pub(crate) slowest_control: Duration,
    pub(crate) errors: Vec<String>,
}

impl Shop {
    /// Opens with a dozen clients of this role, each of which always makes the same of these requests; returns
    /// when all of them are being served.
    pub(crate) fn open(database: &Database, user: &str, requests: &[Request]) -> Shop {
        let stop = Arc::new(AtomicBool::new(false));
        let (served, first) = mpsc::channel();
        let client = |(number, request): (usize, &Request)| {
            let (mut session, request, served) =
                (connect_as(database, user, "shop"), *request, served.clone());
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || serve(&mut session, number, request, &served, &stop))
        };
        let all = requests.iter().cycle().take(CLIENTS).chain([&CONTROL; CONTROLS]);
        let clients: Vec<_> = all.enumerate().map(client).collect();
        for _ in 0..CLIENTS + CONTROLS {
            first.recv().unwrap();
        }
        Shop { stop, clients }
    }

    /// Stops all clients.
    pub(crate) fn close(self) -> Figures {
        self.stop.store(true, Ordering::Relaxed);
        let mut sum = Figures::default();
        for (number, client) in self.clients.into_iter().enumerate() {
            let figures = client.join().unwrap();
            sum.errors.extend(figures.errors);
            if number >= CLIENTS {
                sum.slowest_control = sum.slowest_control.max(figures.slowest);
                continue;
            }
            sum.requests += figures.requests;
            sum.slowest = sum.slowest.max(figures.slowest);
        }
        sum
    }
}

fn serve(
    session: &mut Client,
    number: usize,
    request: Request,
    served: &mpsc::Sender<()>,
    stop: &AtomicBool,
) -> Figures {
    let id = i32::try_from(number).unwrap();
    // As a pool does: prepared once, so that a plan that has gone stale is found out, too.
    let prepared: Vec<_> = request.iter().map(|sql| session.prepare(sql).unwrap()).collect();
    let mut figures = Figures::default();
    while !stop.load(Ordering::Relaxed) {
        let sent = Instant::now();
        let answer = match prepared.as_slice() {
            [one] => session.query(one, &[&id]).map(|_| ()),
            several => transaction(session, several, id),
        };
        figures.slowest = figures.slowest.max(sent.elapsed());
        figures.requests += 1;
        figures.errors.extend(answer.err().map(|error| format!("{error:?}")));
        if figures.requests == 1 {
            served.send(()).unwrap();
        }
        std::thread::sleep(PAUSE);
    }
    figures
}

fn transaction(
    session: &mut Client,
    statements: &[postgres::Statement],
    id: i32,
) -> Result<(), postgres::Error> {
    let mut transaction = session.transaction()?;
    for statement in statements {
        transaction.query(statement, &[&id])?;
    }
    transaction.commit()
}

impl Figures {
    /// In one line.
    pub(crate) fn line(&self) -> String {
        format!(
            "{} requests, {} failed, the slowest {:.1?} (where no lock is, {:.1?})",
            self.requests,
            self.errors.len(),
            self.slowest,
            self.slowest_control
        )
    }
}

/// A session of a program with this name.
pub(crate) fn connect(database: &Database, program: &str) -> Client {
    connect_as(database, ADMIN, program)
}

fn connect_as(database: &Database, user: &str, program: &str) -> Client {
    let settings = format!(
        "host={} port={} dbname={} user={user} application_name='{program}'",
        database.folder.display(),
        database.port,
        database.name
    );
    Client::connect(&settings, NoTls).unwrap()
}
