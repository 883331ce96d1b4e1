//! PX02: SQL that is put together while it runs.

use super::{script, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PX02",
    name: "dynamic-sql",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "EXECUTE runs a text that is known only then",
    reason: "The text is put together from variables or from rows of the database. What it locks, rewrites \
             or loses cannot be told from the script, so this statement is not judged.",
    lock: "Unknown.",
    recipe: concat!(
        "Write the statement plainly. Constant text and format() with constant arguments is read:\n\n",
        "    EXECUTE format('ALTER TABLE %I ADD COLUMN note text', 'orders');\n\n",
        "Where it must be dynamic, try it on a copy of the database and look at pg_locks.",
    ),
    bad: &[
        Example {
            given: "",
            sql: "DO $$\nDECLARE t text;\nBEGIN\n  FOR t IN SELECT tablename FROM pg_tables LOOP\n    \
                  EXECUTE 'ALTER TABLE ' || t || ' ADD COLUMN z int';\n  END LOOP;\nEND $$;",
        },
        Example {
            given: "",
            sql: "DO $$\nDECLARE t text := current_setting('app.table');\nBEGIN\n  \
                  EXECUTE 'DROP TABLE ' || t;\nEND $$;",
        },
    ],
    good: &[
        Example { given: "", sql: "DO $$ BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN z int'; END $$;" },
        Example {
            given: "",
            sql: "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN z int', 'orders'); END $$;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if seen.statement.said != Said::Dynamic {
        return;
    }
    let text = words::shortened(script::text(seen.statement, seen.statement.span));
    let what = if text.is_empty() { String::new() } else { format!(" ({text})") };
    let message = format!("this runs SQL that is known only then{what}: nobody can tell what it does");
    let hit = Hit::new(seen.statement.span, message)
        .note("it is not judged; constant text, or format() with constant arguments, would be");
    hits.push(hit);
}
