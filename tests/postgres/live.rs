//! A live application is changed by one plain `change deploy` while somebody holds what the change
//! needs: no request fails, none is slow, and the change is there as soon as that is let go.
//!
//! `CHANGE_LIVE=full cargo test --test postgres live -- --nocapture` is the long form, which holds
//! the tool to its budget without a margin and shows the figures.

use crate::Place;
use crate::server::{ADMIN, Server, program};
use crate::shop::{Figures, Request, Shop, connect};
use crate::support::Done;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    tables 2024-01-01T00:00:01Z P Q <p@q.r>\n\
    next 2024-01-01T00:00:02Z P Q <p@q.r>\n";
/// Enough that a dump of it does not fit into the buffers between `pg_dump` and who reads it.
pub(crate) const ORDERS: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, note TEXT NOT NULL);\n\
    INSERT INTO orders SELECT n, n % 1000, repeat('x', 200) FROM generate_series(0, 49999) n;\n\
    CREATE TABLE customers (id INTEGER PRIMARY KEY);\n";
pub(crate) const READ_AND_WRITE: &[Request] = &[
    &["SELECT id, customer, note FROM orders WHERE id = $1"],
    &["UPDATE orders SET customer = customer + 1 WHERE id = $1"],
    &["INSERT INTO orders SELECT max(id) + 1, $1::integer, '' FROM orders ON CONFLICT DO NOTHING"],
];
const TWO_TABLES: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);\n\
    INSERT INTO a SELECT n, 0 FROM generate_series(0, 99) n;\n\
    CREATE TABLE b (LIKE a INCLUDING ALL);\nINSERT INTO b SELECT * FROM a;\n";
const B_AND_A: Next = Next {
    deploy: "BEGIN;\nALTER TABLE b ADD COLUMN more INTEGER;\nALTER TABLE a ADD COLUMN more INTEGER;\nCOMMIT;\n",
    verify: "SELECT a.more, b.more FROM a, b WHERE false;\n",
    revert: "ALTER TABLE b DROP COLUMN more;\nALTER TABLE a DROP COLUMN more;\n",
};
/// The change that everybody knows, and that stops everybody when it has to wait for its lock.
const DISCOUNT: Next = Next {
    deploy: "BEGIN;\nALTER TABLE orders ADD COLUMN discount INTEGER;\nCOMMIT;\n",
    verify: "BEGIN;\nSELECT discount FROM orders WHERE false;\nROLLBACK;\n",
    revert: "BEGIN;\nALTER TABLE orders DROP COLUMN discount;\nCOMMIT;\n",
};

/// How long a change may make others wait: the default of `safety.lock_budget`.
const BUDGET: Duration = Duration::from_millis(100);
/// How late after the holder's end a change is there.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(1);
/// The same where the tool may not see how old the holder's transaction is, and has to find out.
const BLINDLY: Duration = Duration::from_secs(2);

/// The scripts of the change that the live application gets.
pub(crate) struct Next {
    pub(crate) deploy: &'static str,
    pub(crate) verify: &'static str,
    pub(crate) revert: &'static str,
}

/// Requests are measured here: one of these tests after the other.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server of their own: no other test stops it, fills its sessions, or lacks prepared transactions.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[("max_prepared_transactions", "5")]))
}

fn is_full() -> bool {
    std::env::var("CHANGE_LIVE").is_ok_and(|form| form == "full")
}

/// How long somebody holds what the change needs.
pub(crate) fn length() -> Duration {
    Duration::from_secs(if is_full() { 10 } else { 3 })
}

/// The budget; the short form runs beside other tests and has a margin.
fn budget() -> Duration {
    if is_full() { BUDGET } else { BUDGET.mul_f64(2.5) }
}

/// Fails if a request was slower than the budget allows, and than the machine made those requests
/// that no lock could slow down.
fn assert_in_budget(figures: &Figures, budget: Duration, said: &str) {
    assert!(figures.slowest <= budget + figures.slowest_control, "{}: {said}", figures.line());
}

/// With this budget a watch that takes waiting for work always cancels an attempt before the server
/// does; with the default it is a race between the two.
const SMALL_BUDGET: &str = "[safety]\nlock_budget = \"60ms\"\n";

/// The tables are there, and the next change is not yet.
pub(crate) fn project(tables: &str, next: &Next) -> Place {
    let place = Place::on(server(), PLAN);
    place.world.write("deploy/tables.sql", tables);
    place.world.write("revert/tables.sql", "-- change: revert=nothing because \"nothing here goes back\"\n");
    place.world.write("deploy/next.sql", next.deploy);
    place.world.write("verify/next.sql", next.verify);
    place.world.write("revert/next.sql", next.revert);
    place.world.change("deploy --to tables").ok();
    place
}

/// What was seen of a deployment while the shop was open.
pub(crate) struct Seen {
    pub(crate) done: Done,
    pub(crate) figures: Figures,
    /// How long after the holder's end it ended; none if it ended before.
    pub(crate) late: Option<Duration>,
}

/// Deploys while the shop is open and somebody holds something. `hold` sends when it has what it
/// holds, and returns when it has let go.
pub(crate) fn deploy_behind(
    place: &Place,
    requests: &[Request],
    hold: impl FnOnce(&Sender<()>) + Send,
) -> Seen {
    deploy_behind_as(place, ADMIN, requests, hold)
}

/// The same with a shop of another role.
fn deploy_behind_as(
    place: &Place,
    user: &str,
    requests: &[Request],
    hold: impl FnOnce(&Sender<()>) + Send,
) -> Seen {
    let shop = Shop::open(&place.database, user, requests);
    let (holds, held) = channel();
    let (done, after, end) = std::thread::scope(|scope| {
        let holder = scope.spawn(move || {
            hold(&holds);
            Instant::now()
        });
        held.recv().unwrap();
        let done = place.world.change("deploy");
        (done, Instant::now(), holder.join().unwrap())
    });
    Seen { done, figures: shop.close(), late: after.checked_duration_since(end) }
}

impl Seen {
    /// Shows the figures, and fails unless nobody felt anything and the change came at once.
    pub(crate) fn assert_nobody_felt_it(&self, behind: &str, latest: Duration) {
        let Seen { done, figures, late } = self;
        println!("behind {behind}: {}; deployed {late:?} after its end", figures.line());
        let said = format!("behind {behind}: {}{}", done.out, done.err);
        assert_eq!(done.status, 0, "{said}");
        assert_eq!(figures.errors, Vec::<String>::new(), "{said}");
        assert_in_budget(figures, budget(), &said);
        let late = late.expect("the deployment did not have to wait: nothing was held");
        assert!(late < latest, "{late:?}: {said}");
    }

    fn assert_says(&self, text: &str) {
        let said = format!("{}{}", self.done.out, self.done.err);
        assert!(said.contains(text), "\"{text}\" is not in:\n{said}");
    }
}

pub(crate) fn deployed(place: &Place) -> String {
    place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes")
}

/// Reads the table, and goes on for long.
fn report(place: &Place, holds: &Sender<()>) {
    let mut session = connect(&place.database, "nightly report");
    session.batch_execute("BEGIN; SELECT count(*) FROM orders").unwrap();
    holds.send(()).unwrap();
    session.batch_execute(&format!("SELECT pg_sleep({}); COMMIT", length().as_secs())).unwrap();
}

#[test]
fn behind_a_report_nobody_waits() {
    let _alone = alone();
    let place = project(ORDERS, &DISCOUNT);
    let seen = deploy_behind(&place, READ_AND_WRITE, |holds| report(&place, holds));
    seen.assert_nobody_felt_it("a report", AT_ONCE);
    seen.assert_says("waiting for nightly report of user postgres");
    assert_eq!(place.ask("SELECT count(discount) FROM orders"), "0");
}

#[test]
fn behind_a_transaction_that_does_nothing_nobody_waits() {
    let _alone = alone();
    let place = project(ORDERS, &DISCOUNT);
    let seen = deploy_behind(&place, READ_AND_WRITE, |holds| {
        let mut session = connect(&place.database, "lunch break");
        session.batch_execute("BEGIN; SELECT count(*) FROM orders").unwrap();
        holds.send(()).unwrap();
        std::thread::sleep(length());
        session.batch_execute("COMMIT").unwrap();
    });
    seen.assert_nobody_felt_it("a transaction that does nothing", AT_ONCE);
    seen.assert_says("waiting for lunch break of user postgres");
    seen.assert_says("idle in transaction");
}

/// The role that deploys owns the table and the registry, and is nothing more: of the sessions of
/// others the server tells it neither the query nor the age.
fn behind_a_report_as_an_ordinary_role(shop_is_theirs: bool) -> Seen {
    let place = project(ORDERS, &DISCOUNT);
    let role = format!("r_{}", place.database.name);
    place.ask(&format!(
        "CREATE ROLE {role} LOGIN; ALTER TABLE orders OWNER TO {role}; GRANT USAGE ON SCHEMA sqitch TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sqitch TO {role}; \
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA sqitch TO {role}"
    ));
    let target = place.database.uri.replace(ADMIN, &role);
    let settings = format!("[core]\n\tengine = pg\n[engine \"pg\"]\n\ttarget = {target}\n");
    place.world.write("sqitch.conf", &settings);
    let shop = if shop_is_theirs { &role } else { ADMIN };
    if shop_is_theirs {
        place.world.write("change.toml", SMALL_BUDGET);
    }
    deploy_behind_as(&place, shop, READ_AND_WRITE, |holds| report(&place, holds))
}

#[test]
fn behind_a_report_an_ordinary_role_keeps_nobody_waiting() {
    let _alone = alone();
    behind_a_report_as_an_ordinary_role(false)
        .assert_nobody_felt_it("a report, as an ordinary role", BLINDLY);
}

#[test]
fn an_ordinary_role_waits_for_a_report_whose_details_it_may_not_see() {
    let _alone = alone();
    let seen = behind_a_report_as_an_ordinary_role(false);
    seen.assert_says("waiting for a session of user postgres");
    seen.assert_nobody_felt_it("a report, as an ordinary role", AT_ONCE);
}

#[test]
fn an_ordinary_role_whose_shop_it_is_keeps_nobody_waiting() {
    let _alone = alone();
    let seen = behind_a_report_as_an_ordinary_role(true);
    seen.assert_nobody_felt_it("a report, as the role of the shop", BLINDLY);
}

#[test]
fn behind_a_slow_dump_nobody_waits() {
    let _alone = alone();
    let place = project(ORDERS, &DISCOUNT);
    let database = &place.database;
    let seen = deploy_behind(&place, READ_AND_WRITE, |holds| {
        let mut dump = Command::new(program("pg_dump"));
        dump.args([
            "-U",
            ADMIN,
            "-d",
            &database.name,
            "-p",
            &database.port.to_string(),
            "-t",
            "orders",
            "-h",
        ]);
        let mut dump = dump.arg(&database.folder).stdout(Stdio::piped()).spawn().unwrap();
        // Where it goes is full for a while, in the middle of the data.
        let mut text = BufReader::new(dump.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("COPY public.orders") {
            line.clear();
            assert_ne!(text.read_line(&mut line).unwrap(), 0, "the dump has no data");
        }
        holds.send(()).unwrap();
        std::thread::sleep(length());
        std::io::copy(&mut text, &mut std::io::sink()).unwrap();
        assert!(dump.wait().unwrap().success());
    });
    seen.assert_nobody_felt_it("a slow dump", AT_ONCE);
    seen.assert_says("waiting for pg_dump of user postgres");
}

#[test]
fn behind_a_prepared_transaction_nobody_waits() {
    let _alone = alone();
    let place = project(ORDERS, &DISCOUNT);
    place.world.write("change.toml", SMALL_BUDGET);
    let seen = deploy_behind(&place, READ_AND_WRITE, |holds| {
        let mut session = connect(&place.database, "two phases");
        session
            .batch_execute("BEGIN; INSERT INTO orders VALUES (-1, 1, ''); PREPARE TRANSACTION 'later'")
            .unwrap();
        holds.send(()).unwrap();
        std::thread::sleep(length());
        session.batch_execute("COMMIT PREPARED 'later'").unwrap();
    });
    seen.assert_nobody_felt_it("a prepared transaction", AT_ONCE);
    seen.assert_says("later");
    assert_eq!(place.ask("SELECT count(*) FROM orders WHERE id = -1 AND discount IS NULL"), "1");
}

#[test]
fn locks_in_the_opposite_order_of_the_application_do_not_hurt_it() {
    let _alone = alone();
    let place = project(TWO_TABLES, &B_AND_A);
    let first_a_then_b: Request =
        &["UPDATE a SET n = n + 1 WHERE id = $1", "UPDATE b SET n = n + 1 WHERE id = $1"];
    let shop = Shop::open(&place.database, ADMIN, &[first_a_then_b]);
    let start = Instant::now();
    let done = place.world.change("deploy");
    let took = start.elapsed();
    let figures = shop.close();
    println!("locks in the opposite order: {}; deployed in {took:?}", figures.line());
    let said = format!("{}{}", done.out, done.err);
    assert_eq!(done.status, 0, "{said}");
    assert_eq!(figures.errors, Vec::<String>::new(), "{said}");
    assert_eq!(deployed(&place), "tables next", "{said}");
    let differ = place.ask("SELECT count(*) FROM a JOIN b USING (id) WHERE a.n <> b.n");
    assert_eq!(differ, "0");
}

/// Transactions of some milliseconds that read a table, one after the other, until `end`.
fn read_briefly(place: &Place, table: &str, milliseconds: u32, end: Instant) {
    let mut session = connect(&place.database, "brief");
    let read =
        format!("BEGIN; SELECT count(*) FROM {table}; SELECT pg_sleep({milliseconds} / 1000.0); COMMIT");
    while Instant::now() < end {
        session.batch_execute(&read).unwrap();
    }
}

#[test]
fn the_locks_of_one_script_share_the_budget() {
    let _alone = alone();
    let place = project(TWO_TABLES, &B_AND_A);
    let one_table: &[Request] =
        &[&["UPDATE a SET n = n + 1 WHERE id = $1"], &["UPDATE b SET n = n + 1 WHERE id = $1"]];
    let seen = deploy_behind(&place, one_table, |holds| {
        let end = Instant::now() + length();
        std::thread::scope(|scope| {
            scope.spawn(|| read_briefly(&place, "b", 80, end));
            scope.spawn(|| read_briefly(&place, "a", 300, end));
            scope.spawn(|| read_briefly(&place, "a", 310, end));
            holds.send(()).unwrap();
        });
    });
    let Seen { done, figures, .. } = &seen;
    let said = format!("{}{}", done.out, done.err);
    println!("brief transactions on two tables: {}", figures.line());
    assert_eq!(done.status, 0, "{said}");
    assert_eq!(figures.errors, Vec::<String>::new(), "{said}");
    // Less than what two waits as long as the budget add up to.
    let budget = if is_full() { BUDGET } else { BUDGET.mul_f64(1.3) };
    assert_in_budget(figures, budget, &said);
}

#[test]
fn a_verify_script_that_takes_long_makes_nobody_wait() {
    let _alone = alone();
    // It runs before the commit, while the change has its locks.
    let verify = "SELECT discount FROM orders WHERE false;\nSELECT pg_sleep(1);\n";
    let place = project(ORDERS, &Next { verify, ..DISCOUNT });
    let shop = Shop::open(&place.database, ADMIN, READ_AND_WRITE);
    let done = place.world.change("deploy");
    let figures = shop.close();
    let said = format!("{}{}", done.out, done.err);
    println!("a verify script that takes long: {}", figures.line());
    assert_ne!(done.status, 0, "{said}");
    assert!(done.err.contains("others had waited"), "{said}");
    assert_eq!(figures.errors, Vec::<String>::new(), "{said}");
    assert_in_budget(&figures, budget(), &said);
    assert_eq!(deployed(&place), "tables");
}
