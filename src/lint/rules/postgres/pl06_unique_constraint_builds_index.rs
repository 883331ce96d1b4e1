//! PL06: a unique constraint that builds its index.

use super::{common, script, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL06",
    name: "unique-constraint-builds-index",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD UNIQUE builds its index while the table is locked",
    reason: "The constraint needs an index, and ADD UNIQUE builds it under the strongest lock: until \
             the table is read and sorted nobody can use it, not even to read it. The index can be \
             built beforehand, while everybody goes on.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. With USING INDEX it lasts for a \
           moment.",
    recipe: concat!(
        "Two changes. The first builds the index outside of a transaction:\n\n",
        "    CREATE UNIQUE INDEX CONCURRENTLY orders_ext_ref_key ON orders (ext_ref);\n\n",
        "The second makes it a constraint, which takes a moment:\n\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE USING INDEX orders_ext_ref_key;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD UNIQUE (ext_ref);" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, ext_ref text);",
            sql: "ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE (ext_ref);",
        },
    ],
    good: &[
        Example {
            given: "CREATE UNIQUE INDEX i ON orders (ext_ref);",
            sql: "ALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX i;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD UNIQUE (a);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Unique) {
        let message = format!("nobody can use {} while the index is built", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        let Some(constraint) = common::constraint_at(seen, effort.span) else { continue };
        let ConstraintKind::Unique { columns, .. } = &constraint.kind else { continue };
        let name = words::ident(&common::name_of(&effort.on, constraint, columns));
        let (table, keys) = (common::table_sql(seen), common::list(columns));
        if !common::is_plain_key(script::text(seen.statement, constraint.span)) {
            hits.push(
                hit.note("build its index CONCURRENTLY first, with the same options, and add it USING INDEX"),
            );
            continue;
        }
        hits.push(hit.instead(format!(
            "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({keys});\n\
             -- in the next change:\n\
             ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name};"
        )));
    }
}
