//! A table or a column gets another name.

use super::written::{WRITE_LOCK, actions};
use crate::lint::effect::How;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "SL16",
    name: "rename-rewrites-references",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A table or column is renamed, and running code that uses the old name fails",
    reason: "From the COMMIT on, every statement of the application that says the old name fails (\"no such \
             column\", \"no such table\") until the new release runs everywhere. SQLite edits the views, \
             triggers, indexes and foreign keys of the database along with it, unless PRAGMA \
             legacy_alter_table is on: then those of a table keep the old name and fail, too. A view keeps \
             its own column names where it has given them.",
    lock: WRITE_LOCK,
    recipe: "Expand, migrate, contract: add the new column, let the application write both, copy the old \
             values in batches, switch the readers, and drop the old column when nothing uses it any \
             more.\n\n    \
             -- expand\n    \
             ALTER TABLE users ADD COLUMN username TEXT;\n    \
             -- migrate, in batches\n    \
             UPDATE users SET username = user_name WHERE username IS NULL AND id BETWEEN 1 AND 5000;\n    \
             -- contract, in a later change\n    \
             ALTER TABLE users DROP COLUMN user_name;\n\n\
             For a table, a view with the old name serves the readers.",
    bad: &[
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY, user_name TEXT); CREATE VIEW names AS SELECT \
                    user_name FROM users;",
            sql: "ALTER TABLE users RENAME COLUMN user_name TO username;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY);",
            sql: "ALTER TABLE users RENAME TO \
                                                                               accounts;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY, user_name TEXT);",
            sql: "ALTER TABLE users ADD COLUMN username TEXT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, user_name TEXT);\n\
                  ALTER TABLE users RENAME COLUMN user_name TO username;\nALTER TABLE users RENAME TO \
                  accounts;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY, n INT);",
            sql: "CREATE TABLE new_users (id INTEGER PRIMARY KEY, n TEXT);\n\
                  INSERT INTO new_users SELECT id, n FROM users;\nDROP TABLE users;\n\
                  ALTER TABLE new_users RENAME TO users;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, action, span) in actions(seen) {
        let Some(broken) = seen.effects.broken.iter().find(|broken| broken.span == span) else { continue };
        let How::Renamed { to } = &broken.how else { continue };
        let hit = match action {
            Action::RenameColumn { name, .. } => {
                let message = format!("running code that says {table}.{name} fails: it is called {to} now");
                Hit::new(span, message).instead(format!(
                    "ALTER TABLE {table} ADD COLUMN {to};  -- then fill it, switch the code, and drop {name} \
                     later"
                ))
            }
            Action::RenameTo { .. } => match stand_in(seen, table) {
                Some(true) => continue,
                Some(false) => {
                    let message = format!(
                        "running code that writes to {table} fails: what has its name is a \
                                           view"
                    );
                    Hit::new(span, message).note("INSTEAD OF triggers on the view would pass the writes on")
                }
                None => {
                    let message = format!("running code that says {table} fails: it is called {to} now");
                    Hit::new(span, message).note(format!(
                        "CREATE VIEW {table} AS SELECT * FROM {to}, in the same transaction, serves those \
                         who only read"
                    ))
                }
            },
            _ => continue,
        };
        hits.push(edited(seen, hit, table).on(table));
    }
}

/// Whether a view takes the old name, and if so whether it passes writes on.
fn stand_in(seen: &Seen<'_>, table: &Name) -> Option<bool> {
    let later = seen.script.statements.get(seen.position + 1..).unwrap_or_default();
    let same = |name: &Name| name.name == table.name;
    later.iter().find(|next| matches!(&next.said, Said::CreateView { name, .. } if same(name)))?;
    Some(later.iter().any(|next| {
        matches!(&next.said, Said::CreateTrigger { table, timing, .. } if same(table) && timing == "INSTEAD \
                                                                                                    OF")
    }))
}

/// Says what SQLite edits along with it.
fn edited(seen: &Seen<'_>, hit: Hit, table: &Name) -> Hit {
    let speaking: Vec<String> = seen
        .before
        .speaking_of(table)
        .iter()
        .map(|(object, name)| format!("the {} {name}", object.word()))
        .collect();
    if speaking.is_empty() {
        return hit;
    }
    let names = super::written::list(&speaking);
    if seen.before.pragma("legacy_alter_table", false) {
        return hit.note(format!(
            "legacy_alter_table is on: {names} will go on saying the old name, and \
                                 fail"
        ));
    }
    hit.note(format!("SQLite edits {names} to say the new name"))
}
