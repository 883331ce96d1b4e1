//! The type of a column that something else is made of.

use super::around;
use super::words::list;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name};

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
            sql: "BEGIN; DROP VIEW v; ALTER TABLE accounts ALTER COLUMN email TYPE text; \
                  CREATE VIEW v AS SELECT id, email FROM accounts; COMMIT;",
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
        let (users, surely) = users(seen, table, column);
        if users.is_empty() {
            continue;
        }
        let (fails, use_) = if surely {
            ("this fails", "made of")
        } else {
            (
                "this may fail",
                "perhaps made \
                                                                                              of",
            )
        };
        let message = format!("{fails}: {} is {use_} {table}.{column}, whose type changes", list(&users));
        let hit = Hit::new(*span, message)
            .on(table)
            .note("drop it before, make it again after, and grant what was granted on it");
        hits.push(if surely { hit } else { hit.severity(Severity::Advice) });
    }
}

/// What uses a column, as far as it is known, and whether it surely does.
fn users(seen: &Seen<'_>, table: &Name, column: &str) -> (Vec<String>, bool) {
    let key = seen.before.key(table);
    let mut surely: Vec<String> = Vec::new();
    let mut perhaps: Vec<String> = Vec::new();
    let own = seen.before.relation(table);
    for generated in own.iter().flat_map(|own| &own.columns) {
        if generated.generated.is_some() && generated.generated_from.iter().any(|from| from == column) {
            surely.push(format!("the generated column {}", generated.name));
        }
    }
    let paths = [format!("{}.{column}", key.name), format!("{key}.{column}")];
    for (name, view) in &seen.before.schema.relations {
        let told = format!("the {} {name}", view.object.word());
        if view.reads_columns.iter().any(|path| paths.contains(path)) {
            surely.push(told);
        } else if view.reads.contains(&key) && view.reads_columns.is_empty() {
            // Only the names of its own columns are known.
            let shows = !view.columns_known || view.column(column).is_some();
            let list = if shows && view.reads.len() == 1 { &mut surely } else { &mut perhaps };
            list.push(told);
        }
    }
    if surely.is_empty() { (perhaps, false) } else { (surely, true) }
}
