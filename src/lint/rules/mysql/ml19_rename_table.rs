//! ML19: a table that gets another name.

use super::common::quoted_name;
use crate::lint::effect::How;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "ML19",
    name: "rename-table",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "A table is renamed while the application still uses the old name",
    reason: "The statement takes a moment. From then on every query of the running application that names \
        the table fails, until the version with the new name runs everywhere; rolled out the other way \
        round, the new version fails first. Triggers and foreign keys go along, views and procedures do not.",
    lock: "the exclusive metadata lock of the table for a moment",
    recipe: "Leave a view under the old name, which can be written through, until nothing uses it any more:\
        \n\n    \
        RENAME TABLE users TO accounts;\n    \
        CREATE VIEW users AS SELECT * FROM accounts;\n\n\
        To put another table in the place of one, rename both in one statement; nobody sees a moment \
        without:\n\n    \
        RENAME TABLE users TO users_old, users_new TO users;",
    bad: &[
        Example { given: "", sql: "RENAME TABLE users TO accounts;" },
        Example { given: "", sql: "ALTER TABLE users RENAME TO accounts;" },
    ],
    good: &[
        Example { given: "", sql: "RENAME TABLE users TO users_old, users_new TO users;" },
        Example {
            given: "",
            sql: "RENAME TABLE users TO accounts; CREATE VIEW users AS SELECT * FROM accounts;",
        },
        Example { given: "", sql: "CREATE TABLE a (id INT); RENAME TABLE a TO b;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in seen.effects.broken.iter().filter(|broken| broken.object == Object::Table) {
        let How::Renamed { to } = &broken.how else { continue };
        if is_viewed(seen, &broken.on) {
            continue;
        }
        let old = &broken.on;
        let message = format!(
            "\"{}\" is \"{to}\" from now on, and whatever still says \"{}\" fails",
            old.name, old.name
        );
        let new = Name::new(to.rsplit('.').next().unwrap_or(to));
        let instead = format!(
            "RENAME TABLE {0} TO {1};\nCREATE VIEW {0} AS SELECT * FROM {1};",
            quoted_name(old),
            quoted_name(&new)
        );
        hits.push(Hit::new(broken.span, message).on(old).instead(instead));
    }
}

/// Whether the script leaves a view under the old name.
fn is_viewed(seen: &Seen<'_>, old: &Name) -> bool {
    let after = seen.script.statements.get(seen.position + 1..).unwrap_or_default();
    after.iter().any(|statement| matches!(&statement.said, Said::CreateView { name, .. } if name == old))
}
