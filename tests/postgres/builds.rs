//! Indexes are built concurrently in a live application: behind old transactions, and after the
//! program that built one was killed.

use crate::Place;
use crate::live::{
    AT_ONCE, Next, ORDERS, READ_AND_WRITE, Seen, alone, deploy_behind, deployed, length, project,
};
use crate::shop::connect;
use std::time::Duration;

const INDEX: Next = Next {
    deploy: "-- change: transaction=off\nCREATE INDEX CONCURRENTLY orders_customer ON orders (customer);\n",
    verify: "SELECT 'orders_customer'::regclass;\n",
    revert: "-- change: transaction=off\nDROP INDEX CONCURRENTLY IF EXISTS orders_customer;\n",
};

/// A transaction that needs what it saw of another table.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM customers";
/// A transaction that has written to the table.
const WRITER: &str = "BEGIN; UPDATE orders SET note = '' WHERE id = 40000";

#[test]
fn an_index_is_built_while_an_old_snapshot_is_in_use() {
    let _alone = alone();
    let place = project(ORDERS, &INDEX);
    let seen = deploy_behind(&place, READ_AND_WRITE, |holds| {
        let mut session = connect(&place.database, "backup");
        session.batch_execute(SNAPSHOT).unwrap();
        holds.send(()).unwrap();
        std::thread::sleep(length());
        session.batch_execute("COMMIT").unwrap();
    });
    seen.assert_nobody_felt_it("an unrelated snapshot", AT_ONCE);
    assert_eq!(indexes(&place), "orders_customer t");
}

/// The indexes besides the key, and whether they are valid.
fn indexes(place: &Place) -> String {
    place.ask(
        "SELECT string_agg(indexrelid::regclass || ' ' || CASE WHEN indisvalid THEN 't' ELSE 'f' END, ', ') \
         FROM pg_index WHERE indrelid = 'orders'::regclass AND NOT indisprimary",
    )
}

/// Kills the program while it builds an index and somebody keeps the build in this phase.
fn kill_while_building(place: &Place, phase: &str) {
    let mut child = place.deploy_command().spawn().unwrap();
    let builds = format!(
        "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase = '{phase}'"
    );
    while place.ask(&builds) != "1" {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was built");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_build_that_was_killed_leaves_no_invalid_index_to_the_next_deployment() {
    let _alone = alone();
    for (begin, phase) in
        [(SNAPSHOT, "waiting for old snapshots"), (WRITER, "waiting for writers before build")]
    {
        let place = project(ORDERS, &INDEX);
        let mut holder = connect(&place.database, "holder");
        holder.batch_execute(begin).unwrap();
        kill_while_building(&place, phase);
        // The server notices at last, and gives up.
        place.ask("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_progress_create_index WHERE datname = current_database()");
        assert_eq!(indexes(&place), "orders_customer f", "{phase}");
        holder.batch_execute("COMMIT").unwrap();
        place.world.change("deploy").ok();
        assert_eq!(indexes(&place), "orders_customer t", "{phase}");
        assert_eq!(deployed(&place), "tables next", "{phase}");
    }
}

/// Kills the program, and deploys again while the server still builds for it; what the build waits
/// for ends `after` this time.
fn deploy_while_a_build_goes_on(begin: &str, phase: &str, after: Duration) {
    let place = project(ORDERS, &INDEX);
    let seen = deploy_behind(&place, READ_AND_WRITE, |holds| {
        let mut holder = connect(&place.database, "holder");
        holder.batch_execute(begin).unwrap();
        kill_while_building(&place, phase);
        holds.send(()).unwrap();
        std::thread::sleep(after);
        holder.batch_execute("COMMIT").unwrap();
    });
    let Seen { done, figures, late } = &seen;
    println!("a build that goes on, {phase}: {}; deployed {late:?} after its end", figures.line());
    let said = format!("{phase}: {}{}", done.out, done.err);
    assert_eq!(done.status, 0, "{said}");
    assert_eq!(figures.errors, Vec::<String>::new(), "{said}");
    assert_eq!(indexes(&place), "orders_customer t", "{said}");
    assert_eq!(deployed(&place), "tables next", "{said}");
}

#[test]
fn a_build_that_goes_on_without_the_killed_program_is_no_hindrance() {
    let _alone = alone();
    deploy_while_a_build_goes_on(SNAPSHOT, "waiting for old snapshots", Duration::from_secs(1));
    // The server looks for deadlocks after a second, so that this one is that of the old build.
    deploy_while_a_build_goes_on(WRITER, "waiting for writers before build", Duration::from_secs(3));
}

#[test]
fn a_build_that_comes_to_its_end_meanwhile_is_no_hindrance() {
    let _alone = alone();
    deploy_while_a_build_goes_on(WRITER, "waiting for writers before build", Duration::from_millis(600));
}
