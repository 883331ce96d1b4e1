//! PL29: a strong lock for which nobody set `lock_timeout`.

use super::{common, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL29",
    name: "missing-lock-timeout",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a strong lock is asked for without lock_timeout",
    reason: "A statement that waits for a strong lock makes every query that comes later wait behind \
             it, even those that the lock would not concern yet. Without lock_timeout that lasts as \
             long as the longest query that happens to run. change deploy sets a limit and tries again; \
             this is about files that something else runs.",
    lock: "That of the statement; it is the waiting that does the harm.",
    recipe: concat!(
        "A limit of a few seconds before the first strong lock, and another attempt when it is reached:\n\n",
        "    SET lock_timeout = '2s';\n",
        "    ALTER TABLE orders ADD COLUMN note text;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note text;" },
        Example { given: "", sql: "CREATE INDEX orders_note_idx ON orders (note);" },
    ],
    good: &[
        Example {
            given: "",
            sql: "SET lock_timeout = '3s';\n\
                  ALTER TABLE orders ADD COLUMN note text;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN b int;",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  SET LOCAL lock_timeout TO 500;\n\
                  ALTER TABLE orders ADD COLUMN note text;\n\
                  COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    // Once for each transaction is enough.
    if seen.script.limited || !common::held(seen).is_empty() {
        return;
    }
    let Some(lock) = common::strong(seen).next() else { return };
    if seen.before.settings.contains_key("lock_timeout") {
        return;
    }
    let message = format!("nothing limits how long this waits for {}", common::told(&lock.on));
    hits.push(
        Hit::new(script::at(seen.statement, lock.span), message)
            .on(&lock.on)
            .note("while it waits behind a long query, every later query waits behind it")
            .instead(format!(
                "SET lock_timeout = '2s';\n{};",
                script::text(seen.statement, seen.statement.span)
            )),
    );
}
