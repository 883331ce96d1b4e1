//! IF NOT EXISTS takes an INVALID index for a good one.

use super::around;
use super::script;
use super::words::sql;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PI03",
    name: "invalid-index-hidden-by-if-not-exists",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "CREATE INDEX CONCURRENTLY IF NOT EXISTS accepts what a failed build left",
    reason: "A concurrent build that fails (doubles, a timeout, a cancelled session) leaves an INVALID index \
             of that name: every write keeps it up, no query uses it, and a unique one guarantees nothing. \
             IF NOT EXISTS finds the name taken and reports success.",
    lock: "",
    recipe:
        "Drop what a failed build may have left, then build; in the verify script look whether the index is \
         valid.\n
    DROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;
    CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);
    -- verify
    SELECT 1 / count(*) FROM pg_index WHERE indexrelid = 'orders_note_idx'::regclass AND indisvalid;",
    bad: &[
        Example {
            given: "",
            sql: "-- change: transaction=off\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON \
                  orders (note);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, note text);",
            sql: "-- change: transaction=off\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_note ON \
                  orders (note);",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "-- change: transaction=off\nDROP INDEX CONCURRENTLY IF EXISTS i;\n\
                  CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (note);",
        },
        Example { given: "", sql: "CREATE INDEX IF NOT EXISTS i ON orders (note);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateIndex { name: Some(name), table, concurrently: true, if_not_exists: true, .. } =
        &seen.statement.said
    else {
        return;
    };
    let relation = seen.before.relation(table);
    let known = relation.and_then(|relation| relation.index(&name.name));
    let settled = match known {
        Some(index) => index.valid,
        None => seen.before.schema.complete,
    };
    if settled || !seen.before.is_old(table) || dropped_before(seen, name) {
        return;
    }
    let message = match known {
        Some(_) => format!("the index {name} is there and INVALID: this does nothing, and no query uses it"),
        None => format!("if a failed build left {name} INVALID, this does nothing and reports success"),
    };
    let full = around::index_name(seen, name, table);
    hits.push(Hit::new(seen.statement.span, message).on(table).instead(format!(
        "DROP INDEX CONCURRENTLY IF EXISTS {};\n{};",
        sql(&full),
        script::text(seen.statement, seen.statement.span)
    )));
}

/// Whether the script drops the index before.
fn dropped_before(seen: &Seen<'_>, name: &Name) -> bool {
    around::earlier(seen).into_iter().any(|old| match &old.said {
        Said::Drop { names, .. } => names.iter().any(|own| own.name == name.name),
        _ => false,
    })
}
