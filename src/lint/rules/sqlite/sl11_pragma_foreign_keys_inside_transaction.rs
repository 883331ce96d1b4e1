//! Foreign keys are switched where SQLite ignores it.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "SL11",
    name: "pragma-foreign-keys-inside-transaction",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "PRAGMA foreign_keys inside a transaction, where SQLite ignores it without a word",
    reason: "Foreign keys can be switched on and off only while no transaction is open. Inside one, PRAGMA \
             foreign_keys does nothing and reports nothing. A rebuild that relies on OFF then runs with \
             foreign keys on: DROP TABLE deletes every row first, and the rows of other tables that point \
             there are deleted with them (ON DELETE CASCADE) or the statement fails.",
    lock: "",
    recipe: "Put the pragma before BEGIN, and check the keys before COMMIT.\n\n    \
             PRAGMA foreign_keys = OFF;\n    \
             BEGIN;\n    \
             -- build the table again\n    \
             PRAGMA foreign_key_check;\n    \
             COMMIT;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY);",
            sql: "PRAGMA foreign_keys = ON;\nBEGIN;\nPRAGMA foreign_keys = OFF;\nCOMMIT;",
        },
        Example { given: "", sql: "SAVEPOINT s;\nPRAGMA foreign_keys(1);\nRELEASE s;" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY);",
            sql: "PRAGMA foreign_keys = OFF;\nBEGIN;\nALTER TABLE orders ADD COLUMN n INT;\nCOMMIT;\n\
                  PRAGMA foreign_keys = ON;",
        },
        Example { given: "", sql: "BEGIN;\nPRAGMA foreign_keys;\nPRAGMA defer_foreign_keys = ON;\nCOMMIT;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Set { name, value, .. } = &seen.statement.said else { return };
    if name == "pragma foreign_keys" && seen.before.sqlite.inside() {
        let value = value.as_deref().unwrap_or_default();
        let message = format!(
            "SQLite ignores this inside a transaction: foreign keys are not set to \
                               {value}"
        );
        hits.push(
            Hit::new(seen.statement.span, message)
                .note("no error tells you so")
                .instead(format!("PRAGMA foreign_keys = {value};  -- before BEGIN")),
        );
    }
}
