//! PL07: a primary key that builds its index.

use super::{common, script, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL07",
    name: "primary-key-builds-index",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD PRIMARY KEY builds its index, and looks for nulls, while the table is locked",
    reason: "The key needs a unique index and columns without nulls. ADD PRIMARY KEY does both under \
             the strongest lock: until the table is read and sorted nobody can use it, not even to read \
             it. Both can be done beforehand, while everybody goes on.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. With USING INDEX over columns \
           that are NOT NULL it lasts for a moment.",
    recipe: concat!(
        "First the columns are made NOT NULL (PL05 says how), then the index is built, then it becomes \
         the key; each in a change of its own:\n\n",
        "    CREATE UNIQUE INDEX CONCURRENTLY metrics_pkey ON metrics (id);\n",
        "    -- in the next change:\n",
        "    ALTER TABLE metrics ADD CONSTRAINT metrics_pkey PRIMARY KEY USING INDEX metrics_pkey;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE metrics ADD PRIMARY KEY (id);" },
        Example {
            given: "CREATE TABLE metrics (id bigint NOT NULL);",
            sql: "ALTER TABLE metrics ADD CONSTRAINT metrics_pk PRIMARY KEY (id);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE metrics (id bigint NOT NULL);\n\
                    CREATE UNIQUE INDEX i ON metrics (id);",
            sql: "ALTER TABLE metrics ADD PRIMARY KEY USING INDEX i;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD PRIMARY KEY (a);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::PrimaryKey) {
        let message = format!("nobody can use {} while the key's index is built", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        let Some(constraint) = common::constraint_at(seen, effort.span) else { continue };
        let ConstraintKind::PrimaryKey { columns, .. } = &constraint.kind else { continue };
        let name = words::ident(&common::name_of(&effort.on, constraint, columns));
        let (table, keys) = (common::table_sql(seen), common::list(columns));
        let relation = seen.before.relation(&effort.on);
        let nullable = |column: &&String| {
            relation.and_then(|own| own.column(column)).is_none_or(|column| !column.not_null)
        };
        let hit = match columns.iter().find(nullable) {
            Some(column) => hit.note(format!("\"{column}\" must be NOT NULL before: PL05 says how")),
            None => hit,
        };
        if !common::is_plain_key(script::text(seen.statement, constraint.span)) {
            hits.push(
                hit.note("build its index CONCURRENTLY first, with the same options, and add it USING INDEX"),
            );
            continue;
        }
        hits.push(hit.instead(format!(
            "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({keys});\n\
             -- in the next change:\n\
             ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name};"
        )));
    }
}
