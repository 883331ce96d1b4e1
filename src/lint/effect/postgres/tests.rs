//! The locks and the work of statements, as they were measured.
//!
//! Each statement was run on a server; the locks were read from `pg_locks`, the rows read and the files
//! replaced from the statistics and the catalogue. Work on indexes counts as a scan of their table.

#![allow(clippy::unwrap_used)]

use super::of;
use crate::lint::effect::{Effects, Mode, Work};
use crate::lint::state::State;
use crate::schema::Schema;
use crate::sql::statement::{Name, Object, Statement};
use crate::sql::{Dialect, pg};

mod children;
mod measured;
mod types;

/// The database before.
const GIVEN: &str = "
CREATE SCHEMA util;
CREATE FUNCTION util.noop_trg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TYPE order_state AS ENUM ('new', 'paid');
CREATE DOMAIN plain_int AS int;
CREATE DOMAIN pos_int AS int CHECK (VALUE > 0);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email varchar(255), name varchar(100), nick text, score int,
  balance numeric(10,2) NOT NULL, status varchar(50), is_active boolean, created_at timestamp);
CREATE INDEX accounts_status_idx ON accounts (status);
CREATE VIEW active_accounts AS SELECT id, email FROM accounts WHERE is_active;
CREATE TABLE orders (id serial PRIMARY KEY, account_id bigint, note varchar(100), ext_ref text,
  qty int NOT NULL, total numeric(10,2), state order_state, placed timestamptz);
CREATE INDEX orders_placed_idx ON orders (placed);
CREATE TABLE order_items (id bigserial PRIMARY KEY,
  order_id int CONSTRAINT order_items_order_fk REFERENCES orders (id), qty int);
CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 (id bigint, at date NOT NULL, kind text);
CREATE TABLE metrics (id bigint, region text NOT NULL, v int) PARTITION BY LIST (region);
CREATE TABLE metrics_def PARTITION OF metrics DEFAULT;
CREATE TABLE metrics_us (id bigint, region text NOT NULL, v int, CHECK (region = 'us'));
CREATE TABLE bookings (id bigint, during tsrange);
CREATE TABLE settings (key text, value text);
CREATE TABLE contacts (id bigint, n plain_int);
CREATE TABLE docs (id bigint, body text, len int GENERATED ALWAYS AS (length(body)) STORED);
CREATE UNLOGGED TABLE scratch (id bigint);
CREATE TABLE parent (id bigint, v int);
CREATE TABLE child () INHERITS (parent);
CREATE MATERIALIZED VIEW order_totals AS SELECT account_id, sum(total) FROM orders GROUP BY 1;
";

fn statements(sql: &str) -> Vec<Statement> {
    let script = pg::script("a.sql", sql.as_bytes(), &[], &mut |_| Ok(Vec::new()));
    assert!(script.problems.is_empty(), "{sql}: {:?}", script.problems);
    script.statements
}

/// What the last statement does; all of them are one transaction.
fn effects(given: &[&str], sql: &str) -> Effects {
    let mut state = State::new(Dialect::Postgres, Schema::default());
    for script in given.iter().chain(&[sql]) {
        state.begin_script(true, false);
        let mut last = None;
        for statement in statements(script) {
            let effects = of(&statement, &state);
            assert_eq!(effects.opaque, None, "{}", statement.text);
            state.pass(&statement, &effects);
            last = Some(effects);
        }
        if *script == sql {
            return last.unwrap();
        }
    }
    Effects::default()
}

fn short(mode: Mode) -> &'static str {
    match mode {
        Mode::AccessShare => "AS",
        Mode::RowShare => "RS",
        Mode::RowExclusive => "RX",
        Mode::ShareUpdateExclusive => "SUE",
        Mode::Share => "S",
        Mode::ShareRowExclusive => "SRE",
        Mode::Exclusive => "X",
        Mode::AccessExclusive => "AX",
    }
}

fn sorted(mut all: Vec<String>) -> String {
    all.sort();
    all.dedup();
    all.join(", ")
}

/// The locks on tables.
fn locks(effects: &Effects) -> String {
    let tables = effects.locks.iter().filter(|lock| lock.object != Object::View);
    sorted(tables.map(|lock| format!("{} {}", lock.on.name, short(lock.mode))).collect())
}

/// The work on tables that have rows of their own.
fn work(effects: &Effects) -> String {
    let own = |on: &Name| !matches!(on.name.as_str(), "events" | "metrics");
    let efforts = effects.efforts.iter().filter(|effort| own(&effort.on));
    let word = |work: Work| match work {
        Work::Scan | Work::Index => "scan",
        Work::Rewrite => "rewrite",
        Work::Rows => "write",
    };
    sorted(efforts.map(|effort| format!("{} {}", word(effort.work), effort.on.name)).collect())
}

fn compare(rows: &[(&str, &str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (given, sql, expected_locks, expected_work) in rows {
        let found = effects(&[GIVEN, given], sql);
        if (locks(&found).as_str(), work(&found).as_str()) != (*expected_locks, *expected_work) {
            wrong.push(format!(
                "{sql}  -- after: {given}\n  found:    {} | {}\n  measured: {expected_locks} | \
                 {expected_work}",
                locks(&found),
                work(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_version_decides_what_is_possible() {
    let add = "ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES accounts (id) NOT VALID";
    for (version, fails) in [((17, 0), true), ((18, 0), false)] {
        let mut state = State::new(Dialect::Postgres, Schema { version: Some(version), ..Schema::default() });
        for statement in statements(GIVEN) {
            let effects = of(&statement, &state);
            state.pass(&statement, &effects);
        }
        state.begin_script(true, false);
        let statement = statements(add).remove(0);
        let found = of(&statement, &state);
        assert_eq!(found.failures.iter().any(|failure| failure.surely), fails, "{version:?}");
    }
}

#[test]
fn tables_without_a_name_count_with_and_without_a_catalogue() {
    for complete in [false, true] {
        for sql in ["VACUUM FULL", "CLUSTER", "REINDEX SCHEMA public", "REINDEX DATABASE app"] {
            let state = State::new(Dialect::Postgres, Schema { complete, ..Schema::default() });
            let found = of(&statements(sql).remove(0), &state);
            assert!(found.efforts.iter().any(|effort| effort.under.stops_writes()), "{sql} {complete}");
        }
    }
}

#[test]
fn what_is_dropped_at_the_same_time_stops_nothing() {
    let given = "CREATE TABLE one (id bigint PRIMARY KEY, other bigint);\n\
                 CREATE TABLE two (id bigint PRIMARY KEY REFERENCES one (id));\n\
                 ALTER TABLE one ADD FOREIGN KEY (other) REFERENCES two (id);";
    let fails = |sql: &str| !effects(&[given], sql).failures.is_empty();
    assert!(fails("DROP TABLE one") && !fails("DROP TABLE one, two") && !fails("DROP TABLE public.two, one"));
}
