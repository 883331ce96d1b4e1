//! ML09: a foreign key for a table with rows.

use super::common::{approach_to, waits, with_clause};
use crate::lint::effect::mysql::{Part, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML09",
    name: "add-foreign-key",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "A foreign key for a table with rows copies the table while writes wait",
    reason: "To be sure that every row points to one that exists, the server copies the whole table, and \
        writes to it wait. It needs the metadata locks of both tables: a long query on the one that is \
        pointed to is enough to hold up everything. Tools that copy tables online cannot follow foreign \
        keys, so that every later change of either table gets harder, too.",
    lock: "SHARED (no writes) on the table for the whole copy; the exclusive metadata lock of both tables \
        for a moment",
    recipe: "Look for rows that point to nothing, then add the key without having the server look again:\n\n    \
        SELECT COUNT(*) FROM items LEFT JOIN orders ON orders.id = items.order_id\n    \
        WHERE items.order_id IS NOT NULL AND orders.id IS NULL;\n\n    \
        SET foreign_key_checks = 0;\n    \
        ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders (id), ALGORITHM=INPLACE, LOCK=NONE;\n    \
        SET foreign_key_checks = 1;\n\n\
        Rows that came in between are not looked at: count again afterwards. Or do without the foreign key.",
    bad: &[
        Example { given: "", sql: "ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders (id);" },
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY);",
            sql: "ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders (id);",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "SET foreign_key_checks = 0; ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES \
                orders (id), ALGORITHM=INPLACE, LOCK=NONE; SET foreign_key_checks = 1;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE items (id INT, order_id INT, FOREIGN KEY (order_id) REFERENCES orders (id));",
        },
        Example {
            given: "",
            sql: "CREATE TABLE items (id INT, order_id INT); ALTER TABLE items ADD FOREIGN KEY (order_id) \
                REFERENCES orders (id);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let before = hits.len();
    let what = |part: &Part| format!("checking that each row points to one of \"{}\"", part.subject);
    waits(seen, &[Why::ForeignKey], what, hits);
    let alone = approach_to(seen).is_some_and(|approach| approach.parts.len() == 1);
    let clause = if alone { with_clause(seen, ", ALGORITHM=INPLACE, LOCK=NONE") } else { return };
    for hit in hits.iter_mut().skip(before) {
        hit.instead = Some(format!("SET foreign_key_checks = 0;\n{clause}\nSET foreign_key_checks = 1;"));
    }
}
