//! ML17: a column that goes, or gets another name.

use super::common::{quoted, quoted_name};
use crate::lint::effect::How;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::directive::Phase;
use crate::sql::statement::Object;

pub(super) static RULE: Rule = Rule {
    code: "ML17",
    name: "drop-or-rename-column",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "A column is dropped or renamed while the application still uses it",
    reason: "The statement takes a moment. But the application that runs was written for the old columns: \
        from that moment on, each of its queries that names the column fails, and so do those of the new \
        version until it has been rolled out everywhere. What was in a dropped column is lost: no revert \
        script brings it back.",
    lock: "the exclusive metadata lock for a moment (before MySQL 8.0.29 and MariaDB 10.4, dropping a \
        column builds the table anew while others read and write)",
    recipe: "Rename in three changes: add the new column; have the application write both, and fill the old \
        rows; when nothing reads the old one any more, drop it. Before a drop, hide the column for a while, \
        so that whatever still needs it is found, and can have it back at once:\n\n    \
        ALTER TABLE users ALTER COLUMN name SET INVISIBLE;   -- MySQL 8.0.23\n    \
        ALTER TABLE users MODIFY name VARCHAR(50) INVISIBLE; -- MariaDB 10.3",
    bad: &[
        Example { given: "", sql: "ALTER TABLE users DROP COLUMN name;" },
        Example { given: "", sql: "ALTER TABLE users RENAME COLUMN name TO full_name;" },
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20));",
            sql: "ALTER TABLE users CHANGE name full_name VARCHAR(20);",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE users ADD COLUMN full_name VARCHAR(20);" },
        Example {
            given: "",
            sql: "CREATE TABLE users (id INT, name TEXT); ALTER TABLE users DROP COLUMN name;",
        },
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20));",
            sql: "ALTER TABLE users CHANGE name name VARCHAR(20);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let contracts = seen.script.directives.phase == Some(Phase::Contract);
    for broken in seen.effects.broken.iter().filter(|broken| broken.object == Object::Column) {
        let Some(name) = &broken.part else { continue };
        let table = &broken.on.name;
        let hit = match &broken.how {
            How::Gone => {
                let message = format!(
                    "\"{name}\" of \"{table}\" is gone with all its values, and whatever still names it fails"
                );
                Hit::new(broken.span, message)
            }
            How::Renamed { to } => {
                let message = format!(
                    "\"{name}\" of \"{table}\" is \"{to}\" from now on, and whatever says \"{name}\" fails"
                );
                let table = quoted_name(&broken.on);
                let instead = format!(
                    "ALTER TABLE {table} ADD COLUMN {} …;\n-- write both, then:\n\
                     UPDATE {table} SET {0} = {} WHERE …;",
                    quoted(to),
                    quoted(name)
                );
                Hit::new(broken.span, message).instead(instead)
            }
            _ => continue,
        };
        let hit = hit.on(&broken.on);
        // Somebody has thought of it: this is the last step of the sequence.
        hits.push(if contracts {
            hit.note("the change is marked phase=contract: be sure that no running version names it any more")
        } else {
            hit
        });
    }
}
