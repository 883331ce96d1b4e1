//! Rows that are there have to meet something new.

use super::written::{WRITE_LOCK, failures};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, ConstraintKind, Key, Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "SL23",
    name: "constraint-on-existing-rows",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A unique index, NOT NULL or CHECK is added to a table that has rows",
    reason: "If one row that is there does not meet it, the statement fails and the deployment stops: test \
             data seldom shows that. If all do, every later write of the running application that does not \
             meet it fails from now on.",
    lock: WRITE_LOCK,
    recipe: "Look first, mend what does not meet it in a change before this one, and let the application \
             stop writing such rows.\n\n    \
             -- before\n    \
             SELECT email, count(*) FROM users GROUP BY email HAVING count(*) > 1;\n    \
             -- then\n    \
             CREATE UNIQUE INDEX users_email ON users (email);",
    bad: &[
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users (email) \
                    VALUES ('a'), ('a');",
            sql: "CREATE UNIQUE INDEX users_email ON users (email);",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users (email) \
                    VALUES (NULL);",
            sql: "ALTER TABLE users ALTER COLUMN email SET NOT NULL;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY, age INT); INSERT INTO users (age) VALUES \
                    (-1);",
            sql: "ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 0);",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n\
                  CREATE UNIQUE INDEX users_email ON users (email);",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users (email) \
                    VALUES ('a'), ('a');",
            sql: "CREATE INDEX users_email ON users (email);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if let Said::CreateIndex { table, keys, .. } = &seen.statement.said {
        // The rows of a new table are those that the scripts put there.
        if seen.before.is_new(table) {
            return;
        }
        for failure in failures(seen, Fails::Duplicates) {
            let columns: Vec<&str> = keys.iter().map(text).collect();
            let columns = columns.join(", ");
            let hit = Hit::new(failure.span, failure.why.clone()).on(table);
            hits.push(hit.note(format!(
                "look first: SELECT {columns}, count(*) FROM {table} GROUP BY {columns} HAVING count(*) > 1"
            )));
        }
    }
    let Said::AlterTable { table, actions, .. } = &seen.statement.said else { return };
    for (action, span) in actions.iter().filter(|_| !seen.before.is_new(table)) {
        let Some(condition) = violated(action) else { continue };
        for failure in failures(seen, Fails::ExistingRows).filter(|failure| failure.span == *span) {
            hits.push(found(failure.why.clone(), *span, table, &condition));
        }
    }
}

fn found(why: String, span: crate::sql::statement::Span, table: &Name, condition: &str) -> Hit {
    let look = format!("look first: SELECT count(*) FROM {table} WHERE {condition}");
    Hit::new(span, why).note(look).on(table)
}

/// What holds for the rows that stand in the way.
fn violated(action: &Action) -> Option<String> {
    match action {
        Action::SetNotNull { column } => Some(format!("{column} IS NULL")),
        Action::AddConstraint(constraint) => match &constraint.kind {
            ConstraintKind::Check(expr) => Some(format!("NOT ({})", expr.text)),
            _ => None,
        },
        _ => None,
    }
}

fn text(key: &Key) -> &str {
    match key {
        Key::Column(name) => name,
        Key::Expression(text) => text,
    }
}
