//! ML21: all rows of a table are written at once.

use super::common::{quoted_name, with_clause};
use crate::lint::effect::Cause;
use crate::lint::effect::mysql::is_old;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Reach, Said, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "ML21",
    name: "update-delete-without-where",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "All rows of a table are updated, deleted or copied in one statement",
    reason: "InnoDB locks each row it touches, and keeps all of them locked until the statement has \
        committed: whoever wants to change one of them waits, up to innodb_lock_wait_timeout, and then \
        fails. The old versions of all rows have to be kept meanwhile, which slows every query down, and a \
        replica repeats the whole of it as one piece and lags as long. If it is stopped half-way, taking it \
        back takes even longer. What the rows held before is lost. INSERT … SELECT and CREATE TABLE … AS \
        lock the rows that they only read, too, unless the session reads what is committed only.",
    lock: "an exclusive lock on every row (a shared one on those that are only read), until the end of the \
        transaction",
    recipe: "Write some thousand rows at a time, by their primary key, each batch in a transaction of its \
        own:\n\n    \
        UPDATE orders SET state = 1 WHERE id BETWEEN 1 AND 5000;\n    \
        UPDATE orders SET state = 1 WHERE id BETWEEN 5001 AND 10000; -- and so on",
    bad: &[
        Example { given: "", sql: "UPDATE orders SET state = 1;" },
        Example { given: "", sql: "DELETE FROM orders;" },
        Example { given: "", sql: "UPDATE orders SET state = 1 WHERE 1 = 1;" },
        Example { given: "", sql: "CREATE TABLE copy (id INT); INSERT INTO copy SELECT id FROM orders;" },
    ],
    good: &[
        Example {
            given: "",
            sql: "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; CREATE TABLE copy AS SELECT * \
                FROM orders;",
        },
        Example { given: "", sql: "UPDATE orders SET state = 1 WHERE id BETWEEN 1 AND 5000;" },
        Example { given: "", sql: "DELETE FROM orders WHERE state = 9 LIMIT 5000;" },
        Example { given: "", sql: "CREATE TABLE orders (id INT, state INT); UPDATE orders SET state = 1;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in seen.effects.efforts.iter().filter(|effort| effort.cause == Cause::FilledTable) {
        let message = format!(
            "this reads every row of \"{}\" to fill another table, and whoever wants to change one of them \
             waits until all are read",
            effort.on.name
        );
        let hit = Hit::new(effort.span, message).on(&effort.on);
        hits.push(hit.instead(format!(
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\n{}",
            with_clause(seen, "")
        )));
    }
    let Said::Write(writes, _) = &seen.statement.said else { return };
    for write in writes.iter().filter(|write| write.reach == Reach::All && is_old(seen.before, &write.table))
    {
        let table = &write.table;
        let (does, verb) = match write.kind {
            WriteKind::Update => ("updates every row of", "UPDATE … SET …"),
            WriteKind::Delete => ("deletes every row of", "DELETE FROM …"),
            _ => continue,
        };
        let message = format!(
            "this {does} \"{}\" at once, and whoever wants to change one of them waits until all are done",
            table.name
        );
        let hit = Hit::new(write.span, message).on(table);
        let name = quoted_name(table);
        let instead = match write.kind {
            WriteKind::Update => {
                let sets: Vec<String> =
                    write.sets.iter().map(|(column, expr)| format!("{column} = {}", expr.text)).collect();
                format!("UPDATE {name} SET {} WHERE id BETWEEN 1 AND 5000; -- and so on", sets.join(", "))
            }
            _ => format!("DELETE FROM {name} WHERE id BETWEEN 1 AND 5000; -- and so on"),
        };
        hits.push(hit.note(format!("{verb} without a condition")).instead(instead));
    }
}
