//! The type of a column that something else is made of.

use super::around;
use super::words::list;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PA24",
    name: "type-of-used-column",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "The type of a column changes that a view, generated column, policy or trigger uses",
    reason: "The server refuses it: \"cannot alter type of a column used by a view or rule\". The deploy \
             stops there. To drop and make again what uses the column gets past that, and loses its \
             privileges unless they are granted again.",
    lock: "None: it fails before.",
    recipe: "In one transaction: drop what uses the column, change the type, make it again, grant again. \
             Mind that the change of type may rewrite the table meanwhile.\n
    DROP VIEW active_accounts;
    ALTER TABLE accounts ALTER COLUMN email TYPE text;
    CREATE VIEW active_accounts AS SELECT id, email FROM accounts WHERE is_active;
    GRANT SELECT ON active_accounts TO app;",
    bad: &[
        Example {
            given: "CREATE TABLE accounts (id int, email varchar(255)); CREATE VIEW v AS SELECT id, email \
                    FROM accounts;",
            sql: "ALTER TABLE accounts ALTER COLUMN email TYPE text;",
        },
        Example {
            given: "CREATE TABLE docs (body text, len int GENERATED ALWAYS AS (length(body)) STORED);",
            sql: "ALTER TABLE docs ALTER COLUMN body TYPE varchar;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE accounts (id int, email varchar(255));",
            sql: "ALTER TABLE accounts ALTER COLUMN email TYPE text;",
        },
        Example {
            given: "CREATE TABLE accounts (id int, email varchar(255)); CREATE VIEW v AS SELECT id, email \
                    FROM accounts;",
            sql: "BEGIN; DROP VIEW v; ALTER TABLE accounts ALTER COLUMN email TYPE text; CREATE VIEW v AS \
                  SELECT id, email FROM accounts; COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    for (action, span) in actions {
        let Action::AlterType { column, ty, .. } = action else { continue };
        let known = around::column(seen, table, column).and_then(|own| own.ty.as_ref());
        if known == Some(ty) {
            continue;
        }
        let (users, surely) = around::users(seen, table, column);
        let users: Vec<String> = users.into_iter().map(|(_, told)| told).collect();
        if users.is_empty() {
            continue;
        }
        let message = if surely {
            format!("this fails: {table}.{column}, whose type changes, is used by {}", list(&users))
        } else {
            format!("the type of {table}.{column} changes: this fails if it is used by {}", list(&users))
        };
        let hit = Hit::new(*span, message)
            .on(table)
            .note("drop it before, make it again after, and grant what was granted on it");
        hits.push(if surely { hit } else { hit.severity(Severity::Advice) });
    }
}
