//! PL08: a primary key from an index, over columns that may be null.

use super::{common, script, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL08",
    name: "primary-key-using-index-nullable",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "PRIMARY KEY USING INDEX where the columns are not NOT NULL yet",
    reason: "The index is there already, but a key may hold no null: where that is not known, the \
             statement sets the columns NOT NULL first and reads the whole table for it. Nobody can use \
             the table meanwhile, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. It lasts for a moment when the \
           columns are NOT NULL, or a validated CHECK (c IS NOT NULL) proves it.",
    recipe: concat!(
        "Prove it first, in changes of their own:\n\n",
        "    ALTER TABLE metrics ADD CONSTRAINT metrics_id_present CHECK (id IS NOT NULL) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE metrics VALIDATE CONSTRAINT metrics_id_present;\n",
        "    -- in the change after it:\n",
        "    ALTER TABLE metrics ADD PRIMARY KEY USING INDEX metrics_id_idx;\n",
        "    ALTER TABLE metrics DROP CONSTRAINT metrics_id_present;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE metrics (id bigint);\n\
                    CREATE UNIQUE INDEX i ON metrics (id);",
            sql: "ALTER TABLE metrics ADD PRIMARY KEY USING INDEX i;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE metrics ADD CONSTRAINT metrics_pkey PRIMARY KEY USING INDEX i;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE metrics (id bigint NOT NULL);\n\
                    CREATE UNIQUE INDEX i ON metrics (id);",
            sql: "ALTER TABLE metrics ADD PRIMARY KEY USING INDEX i;",
        },
        Example {
            given: "CREATE TABLE metrics (id bigint);\n\
                    CREATE UNIQUE INDEX i ON metrics (id);\n\
                    ALTER TABLE metrics ADD CHECK (id IS NOT NULL);",
            sql: "ALTER TABLE metrics ADD PRIMARY KEY USING INDEX i;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::PrimaryKeyUsingIndex) {
        let message = format!(
            "nobody can use {} while every row is looked at for a null: the index alone is not enough",
            common::told(&effort.on)
        );
        let hit = common::work(seen, effort, message);
        let Some(constraint) = common::constraint_at(seen, effort.span) else { continue };
        let ConstraintKind::PrimaryKey { using_index: Some(index), .. } = &constraint.kind else { continue };
        let relation = seen.before.relation(&effort.on);
        let columns = relation.and_then(|own| own.index(index)).map(|index| index.columns.as_slice());
        let Some(columns) = columns.filter(|columns| !columns.is_empty()) else {
            hits.push(hit);
            continue;
        };
        let proof = columns.iter().map(|column| format!("{} IS NOT NULL", words::ident(column)));
        let proof = proof.collect::<Vec<_>>().join(" AND ");
        let (table, name) = (common::table_sql(seen), format!("{}_key_present", effort.on.name));
        let check = format!("CONSTRAINT {} CHECK ({proof})", words::ident(&name));
        let first = common::in_two_changes(&table, &check, &words::ident(&name));
        let text = script::text(seen.statement, constraint.span);
        hits.push(hit.instead(format!(
            "{first}\n-- in the change after it:\nALTER TABLE {table} ADD {text};\n\
             ALTER TABLE {table} DROP CONSTRAINT {};",
            words::ident(&name)
        )));
    }
}
