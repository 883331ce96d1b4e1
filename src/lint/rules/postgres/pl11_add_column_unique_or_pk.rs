//! PL11: a new column that is unique.

use super::{common, words};
use crate::lint::effect::{Cause, Effort, Work};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL11",
    name: "add-column-unique-or-pk",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD COLUMN with UNIQUE or PRIMARY KEY builds an index while the table is locked",
    reason: "ADD COLUMN alone takes a moment. UNIQUE or PRIMARY KEY behind it builds an index over all \
             rows under the strongest lock; nobody can use the table meanwhile, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "The column first, then its index, then the constraint; each in a change of its own:\n\n",
        "    ALTER TABLE orders ADD COLUMN ext_ref text;\n",
        "    -- in the next change:\n",
        "    CREATE UNIQUE INDEX CONCURRENTLY orders_ext_ref_key ON orders (ext_ref);\n",
        "    -- in the change after it:\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE USING INDEX orders_ext_ref_key;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN ext_ref text UNIQUE;" },
        Example {
            given: "CREATE TABLE logs (line text);",
            sql: "ALTER TABLE logs ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN ext_ref text;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN b int UNIQUE;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::ColumnUnique) {
        let name = common::told(&effort.on);
        let message = format!("nobody can use {name} while the index of the new column is built");
        let hit = common::work(seen, effort, message);
        let rewrites = |own: &Effort| own.work == Work::Rewrite && own.on == effort.on;
        if seen.effects.efforts.iter().any(rewrites) {
            hits.push(hit.note("the column itself makes every row be written anew: see the other finding"));
            continue;
        }
        hits.push(match common::column_at(seen, effort.span) {
            Some((column, whole, Some(constraint))) => {
                let columns = std::slice::from_ref(&column.name);
                let kind = match constraint.kind {
                    ConstraintKind::PrimaryKey { .. } => "PRIMARY KEY",
                    _ => "UNIQUE",
                };
                let name = words::ident(&common::name_of(&effort.on, constraint, columns));
                let (table, keys) = (common::table_sql(seen), common::list(columns));
                let bare = common::without(seen, whole, constraint.span);
                hit.instead(format!(
                    "ALTER TABLE {table} {bare};\n\
                     -- in the next change:\n\
                     CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({keys});\n\
                     -- in the change after it:\n\
                     ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name};"
                ))
            }
            _ => hit,
        });
    }
}
