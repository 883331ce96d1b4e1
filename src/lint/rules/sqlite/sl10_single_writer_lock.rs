//! Long work under the one lock that SQLite has.

use super::written::WRITE_LOCK;
use crate::lint::effect::{Cause, Effort};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "SL10",
    name: "single-writer-lock",
    dialect: Dialect::Sqlite,
    severity: Severity::Blocks,
    summary: "Long work (a big UPDATE, DELETE, copy, index build or VACUUM) under the only write lock there \
              is",
    reason: "SQLite has one writer at a time for the whole database. While this statement works through a \
             table, every write of the application, to any table, fails with \"database is locked\" or waits \
             for its busy_timeout; in a transaction the lock is kept until COMMIT, however short the \
             statements after it are. With a rollback journal, the default, readers are shut out, too, once \
             the changes no longer fit into the cache.",
    lock: WRITE_LOCK,
    recipe: "Change rows in batches, each its own transaction, so that others get their turn in between. The \
             directive lets the statements commit one by one.\n\n    \
             -- change: transaction=off\n    \
             UPDATE orders SET state = 'old' WHERE id BETWEEN 1 AND 5000;\n    \
             UPDATE orders SET state = 'old' WHERE id BETWEEN 5001 AND 10000;\n\n\
             An index, a copy or VACUUM cannot be cut into pieces: run it in a change of its own at a quiet \
             hour, with busy_timeout set in the application, best with journal_mode WAL.",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT); INSERT INTO orders VALUES (1, \
                    'new');",
            sql: "BEGIN;\nUPDATE orders SET state = 'old';\nCOMMIT;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT); INSERT INTO orders VALUES (1, \
                    'new');",
            sql: "DELETE FROM orders WHERE state = 'new';",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT); INSERT INTO orders VALUES (1, \
                    'new');",
            sql: "CREATE INDEX orders_state ON orders (state);",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT); INSERT INTO orders VALUES (1, \
                    'new');",
            sql: "CREATE TABLE archive AS SELECT * FROM orders;",
        },
        Example { given: "CREATE TABLE orders (id INTEGER PRIMARY KEY);", sql: "VACUUM;" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT); INSERT INTO orders VALUES (1, \
                    'new');",
            sql: "-- change: transaction=off\nUPDATE orders SET state = 'old' WHERE id BETWEEN 1 AND 5000;\n\
                  UPDATE orders SET state = 'old' WHERE id BETWEEN 5001 AND 10000;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT);\n\
                  CREATE INDEX orders_state ON orders (state);\nINSERT INTO orders (state) VALUES ('new');",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN state TEXT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in &seen.effects.efforts {
        // The copy is what takes long where a table is built again; its indexes belong to it.
        let part_of_rebuild = effort.cause == Cause::CreateIndex
            && seen.before.sqlite.rebuild_of(&effort.on).is_some_and(|rebuild| rebuild.drop < seen.position);
        let Some(what) = work(effort).filter(|_| !part_of_rebuild) else { continue };
        let message = format!(
            "{what}, and until that is done nobody else can write to any table of the \
                               database"
        );
        let mut hit = Hit::new(effort.span, message).on(&effort.on);
        if seen.before.in_transaction {
            hit = hit.note("it is part of a transaction: the lock is kept until COMMIT");
        }
        if effort.under.stops_reads() {
            hit = hit.note("with a rollback journal (no WAL) nobody can read it either");
        }
        if let Cause::Update | Cause::Delete = effort.cause {
            hit = hit.note(
                "do it in batches by key, each its own transaction: … WHERE rowid BETWEEN 1 AND \
                            5000",
            );
        }
        hits.push(hit);
    }
}

/// What is done to the rows; nothing if another rule speaks of it.
fn work(effort: &Effort) -> Option<String> {
    let table = &effort.on;
    Some(match effort.cause {
        Cause::Update => format!("this may change every row of {table}"),
        Cause::Delete => format!("this may delete any number of rows of {table}"),
        Cause::Copy | Cause::FilledTable => format!("all rows of {table} are copied"),
        Cause::CreateIndex => format!("all rows of {table} are read and sorted into an index"),
        Cause::Reindex => "indexes are built again".to_owned(),
        Cause::VacuumFull => "the whole database file is written anew".to_owned(),
        Cause::NotNull | Cause::Check | Cause::ColumnCheck => {
            format!("every row of {table} is read and tested")
        }
        _ => return None,
    })
}
