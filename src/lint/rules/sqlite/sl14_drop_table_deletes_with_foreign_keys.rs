//! A table is dropped to which foreign keys of others point.

use super::written::{WRITE_LOCK, failures, list};
use crate::lint::effect::{Fails, How, Loss, Refusal};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "SL14",
    name: "drop-table-deletes-with-foreign-keys",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A table is dropped to which foreign keys of other tables point",
    reason: "With foreign keys on, DROP TABLE first deletes every row: rows of other tables that point there \
             with ON DELETE CASCADE are deleted with them, silently, even if the table is made again a line \
             later; with other keys the statement fails. With foreign keys off, as at the start of a script, \
             the other tables keep keys that point to nothing: the application, which has them on, can no \
             longer insert into them (\"no such table\").",
    lock: WRITE_LOCK,
    recipe: "To build a table again, switch foreign keys off before BEGIN. To drop it for good, first build \
             the tables that point to it again without the key.\n\n    \
             PRAGMA foreign_keys = OFF;\n    \
             BEGIN;\n    \
             CREATE TABLE new_orders (id INTEGER PRIMARY KEY, user_id INT);\n    \
             INSERT INTO new_orders (id, user_id) SELECT id, user_id FROM orders;\n    \
             DROP TABLE orders;\n    \
             ALTER TABLE new_orders RENAME TO orders;\n    \
             DROP TABLE users;\n    \
             PRAGMA foreign_key_check;\n    \
             COMMIT;",
    bad: &[
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY, user_id INT REFERENCES users (id) ON DELETE CASCADE); INSERT INTO users VALUES (1); \
                    INSERT INTO orders VALUES (1, 1);",
            sql: "PRAGMA foreign_keys = ON;\nBEGIN;\nCREATE TABLE new_users (id INTEGER PRIMARY KEY, name \
                  TEXT);\n\
                  INSERT INTO new_users (id) SELECT id FROM users;\nDROP TABLE users;\n\
                  ALTER TABLE new_users RENAME TO users;\nCOMMIT;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY, user_id INT REFERENCES users (id)); INSERT INTO users VALUES (1); INSERT INTO \
                    orders VALUES (1, 1);",
            sql: "DROP TABLE users;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY, user_id INT REFERENCES users (id)); INSERT INTO users VALUES (1); INSERT INTO \
                    orders VALUES (1, 1);",
            sql: "PRAGMA foreign_keys = ON;\nDROP TABLE users;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY, user_id INT REFERENCES users (id) ON DELETE CASCADE); INSERT INTO users VALUES (1); \
                    INSERT INTO orders VALUES (1, 1);",
            sql: "PRAGMA foreign_keys = OFF;\nBEGIN;\nCREATE TABLE new_users (id INTEGER PRIMARY KEY, name \
                  TEXT);\n\
                  INSERT INTO new_users (id) SELECT id FROM users;\nDROP TABLE users;\n\
                  ALTER TABLE new_users RENAME TO users;\nPRAGMA foreign_key_check;\nCOMMIT;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (user_id INT REFERENCES \
                    users (id));",
            sql: "DROP TABLE users;\nDROP TABLE orders;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE notes (id INTEGER PRIMARY \
                    KEY);",
            sql: "PRAGMA foreign_keys = ON;\nDROP TABLE notes;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Drop { object: Object::Table, names, .. } = &seen.statement.said else { return };
    let Some(table) = names.first() else { return };
    let whole = seen.statement.span;
    let own = |name: &Name| name.name == table.name;
    let cascading: Vec<String> = seen
        .effects
        .lost
        .iter()
        .filter(|lost| lost.what == Loss::SomeRows && !own(&lost.on) && !rebuilt_here(seen, &lost.on))
        .map(|lost| lost.on.to_string())
        .collect();
    if !cascading.is_empty() {
        let message = format!(
            "foreign keys are on: every row of {table} is deleted first, and with it the rows of {} that \
             point there",
            list(&cascading)
        );
        hits.push(Hit::new(whole, message).note("put PRAGMA foreign_keys = OFF before BEGIN").on(table));
    }
    for failure in failures(seen, Fails::ExistingRows) {
        let hit = Hit::new(failure.span, format!("foreign keys are on: {}", failure.why)).on(table);
        hits.push(hit.note("put PRAGMA foreign_keys = OFF before BEGIN, if the table is made again"));
    }
    let refuses = How::Refuses(Refusal::ConstraintOnNewRows);
    let dangling: Vec<String> = seen
        .effects
        .broken
        .iter()
        .filter(|broken| broken.object == Object::Table && broken.how == refuses && !own(&broken.on))
        .map(|broken| broken.on.to_string())
        .collect();
    if cascading.is_empty() && !dangling.is_empty() {
        let message = format!(
            "foreign keys of {} will point to a table that is gone: no row can be inserted there while \
             foreign keys are on",
            list(&dangling)
        );
        hits.push(Hit::new(whole, message).note("build that table again without the key first").on(table));
    }
}

/// Whether a table is the one that is built again, under any of its names.
fn rebuilt_here(seen: &Seen<'_>, name: &Name) -> bool {
    seen.before.sqlite.rebuild_dropping(name).is_some()
}
