//! ML06: a column that may be null becomes `NOT NULL`.

use super::common::{approach_to, quoted, quoted_name, settled};
use crate::lint::effect::mysql::Why;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML06",
    name: "null-to-not-null",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "A column becomes NOT NULL: rows without a value make it fail, or are changed silently",
    reason: "The table is built anew (others can write meanwhile). If a row has no value there, the \
        statement fails after all that work when the SQL mode is strict; when it is not, the row silently \
        gets 0 or an empty string. And from then on the application's INSERTs that leave the column out, or \
        write NULL, are refused.",
    lock: "the exclusive metadata lock for a moment at the beginning and the end; reads and writes go on \
        between",
    recipe: "Let the application write a value first, fill in the rows without one in batches, look that \
        none is left, and only then:\n\n    \
        SET sql_mode = 'STRICT_ALL_TABLES';\n    \
        ALTER TABLE orders MODIFY qty INT NOT NULL DEFAULT 0, ALGORITHM=INPLACE, LOCK=NONE;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, qty INT);",
            sql: "ALTER TABLE orders MODIFY qty INT NOT NULL;",
        },
        Example { given: "", sql: "ALTER TABLE orders MODIFY qty INT NOT NULL;" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, qty INT NOT NULL);",
            sql: "ALTER TABLE orders MODIFY qty INT NOT NULL COMMENT 'pieces';",
        },
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, qty INT NOT NULL);",
            sql: "ALTER TABLE orders MODIFY qty INT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some(approach) = approach_to(seen) else { return };
    for part in approach.parts.iter().filter(|part| part.why == Why::NotNull) {
        let name = &part.subject;
        let message = format!(
            "a row of \"{}\" that has no \"{name}\" makes this fail, and writes that leave it out are \
             refused \
             from then on",
            approach.table.name
        );
        let count =
            format!("SELECT COUNT(*) FROM {} WHERE {} IS NULL;", quoted_name(approach.table), quoted(name));
        let hit = Hit::new(part.span, message).on(approach.table);
        let hit = hit.note(format!("look first whether there is any: {count}"));
        hits.push(settled(hit.note("the table is built anew for it, while others read and write"), part));
    }
}
