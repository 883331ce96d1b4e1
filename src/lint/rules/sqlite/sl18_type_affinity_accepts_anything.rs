//! A table whose types are not enforced.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "SL18",
    name: "type-affinity-accepts-anything",
    dialect: Dialect::Sqlite,
    severity: Severity::Advice,
    summary: "A new table is not STRICT, so its columns take values of any type",
    reason: "The types of an ordinary table are only a preference: an INT column takes 'x', a VARCHAR(3) \
             takes a whole letter, a DATETIME takes anything. Wrong values show up much later, in the code \
             that reads them, and stand in the way of a move to another database. A table can be STRICT from \
             SQLite 3.37 on, and it is hard to make it so afterwards.",
    lock: "",
    recipe: "Write STRICT behind the table. Its columns can then be INT, INTEGER, REAL, TEXT, BLOB or \
             ANY.\n\n    \
             CREATE TABLE orders (\n        \
             id INTEGER PRIMARY KEY,\n        \
             ref TEXT NOT NULL CHECK (length(ref) <= 20)\n    \
             ) STRICT;",
    bad: &[Example { given: "", sql: "CREATE TABLE orders (id INTEGER PRIMARY KEY, qty INT);" }],
    good: &[
        Example { given: "", sql: "CREATE TABLE orders (id INTEGER PRIMARY KEY, qty INT) STRICT;" },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INTEGER PRIMARY KEY, qty INT) WITHOUT ROWID, \
                                   STRICT;",
        },
        Example { given: "", sql: "CREATE TEMP TABLE scratch (qty INT);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateTable(create) = &seen.statement.said else { return };
    let old_release = seen.before.version().is_some_and(|version| version < (3, 37));
    let strict = create.options.iter().any(|(name, _)| name == "strict");
    if strict || old_release || create.temporary || create.filled_from.is_some() {
        return;
    }
    let message = format!("the columns of {} take values of any type: it is not STRICT", create.name);
    hits.push(Hit::new(seen.statement.span, message));
}
