//! PL12: a new column with a default and a foreign key.

use super::{common, script, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL12",
    name: "add-column-references-with-default",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD COLUMN with REFERENCES and a default checks every row",
    reason: "ADD COLUMN … REFERENCES without a default takes a moment, because null points nowhere and \
             the server need not look. With a default every row points somewhere, and every row is \
             checked under the strongest lock, while writes to the other table wait as well.",
    lock: "ACCESS EXCLUSIVE on the table (every query waits, reads too) and SHARE ROW EXCLUSIVE on the \
           table it points to (writes wait).",
    recipe: concat!(
        "The column with its default first, then the key for new rows, and its validation in the next \
         change:\n\n",
        "    ALTER TABLE orders ADD COLUMN origin bigint DEFAULT 1;\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_origin_fkey\n",
        "      FOREIGN KEY (origin) REFERENCES origins (id) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_origin_fkey;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN origin bigint DEFAULT 1 REFERENCES origins (id);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN origin bigint NOT NULL DEFAULT 1 REFERENCES origins \
                  (id) ON DELETE CASCADE;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN origin bigint REFERENCES origins (id);" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN origin bigint DEFAULT NULL REFERENCES origins (id);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN origin bigint DEFAULT 1 REFERENCES origins (id);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::ColumnReferences) {
        // The other table is read for the same reason; it stands in the notes.
        if common::altered(seen) != Some(&effort.on) {
            continue;
        }
        let name = common::told(&effort.on);
        let message = format!("nobody can use {name} while the default of every row is looked up");
        let hit = common::work(seen, effort, message);
        hits.push(match common::column_at(seen, effort.span) {
            Some((column, whole, Some(constraint))) => {
                let (table, columns) = (common::table_sql(seen), std::slice::from_ref(&column.name));
                let name = words::ident(&common::name_of(&effort.on, constraint, columns));
                let keys = common::list(columns);
                let bare = common::without(seen, whole, constraint.span);
                let text = script::text(seen.statement, constraint.span);
                let references = text.to_ascii_uppercase().find("REFERENCES").unwrap_or_default();
                let references = text.get(references..).unwrap_or_default();
                let key = format!("CONSTRAINT {name} FOREIGN KEY ({keys}) {references}");
                let rest = common::in_two_changes(&table, &key, &name);
                hit.instead(format!("ALTER TABLE {table} {bare};\n{rest}"))
            }
            _ => hit,
        });
    }
}
