//! ML11: several statements that commit by themselves in one change.

use crate::lint::effect::mysql::is_old;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "ML11",
    name: "ddl-commits-implicitly",
    dialect: Dialect::Mysql,
    severity: Severity::Advice,
    summary: "Every statement that changes a definition commits: the change can stop half-way",
    reason: "On MySQL and MariaDB each CREATE, ALTER, DROP, RENAME and TRUNCATE ends the transaction it \
        stands in and is one of its own. No ROLLBACK takes it back, nor what was written before it. If the \
        second of two such statements fails, the first stays, and the schema is in a state that no change \
        describes. change deploy notes each statement as it ends and goes on at the right one, but somebody \
        has to mend the cause first, while the application runs on half of a change.",
    lock: "",
    recipe: "One such statement per change, with a revert script of its own; several changes of one table \
        in one ALTER TABLE, which is done as a whole or not at all:\n\n    \
        ALTER TABLE orders ADD COLUMN note TEXT, ADD INDEX (placed_at);",
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN note TEXT; ALTER TABLE users ADD COLUMN note TEXT;",
        },
        Example {
            given: "",
            sql: "START TRANSACTION; UPDATE orders SET qty = 1 WHERE id = 5; ALTER TABLE orders ADD z INT; \
                COMMIT;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT, ADD COLUMN sent DATE;" },
        Example {
            given: "",
            sql: "CREATE TABLE a (id INT); CREATE TABLE b (id INT); CREATE INDEX i ON b (id);",
        },
        Example {
            given: "",
            sql: "START TRANSACTION; UPDATE orders SET qty = 1 WHERE id = 5; COMMIT; ALTER TABLE orders ADD \
                z INT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let all = seen.script.statements;
    let inside = all
        .get(seen.position)
        .is_none_or(|own| own.span != seen.statement.span || own.text != seen.statement.text);
    if inside || !commits(seen.statement) {
        return;
    }
    let before = all.get(..seen.position).unwrap_or_default();
    if open_with_rows(before) {
        let message =
            "this commits the transaction around it: what was written before can no longer be rolled back";
        hits.push(Hit::new(seen.statement.span, message));
        return;
    }
    // Said once, at the second; of tables that are new nobody misses a half.
    if before.iter().filter(|statement| commits(statement)).count() != 1 {
        return;
    }
    let made: Vec<&Name> = all.iter().filter_map(creates).collect();
    let changes = |statement: &Statement| {
        commits(statement)
            && creates(statement).is_none()
            && subjects(statement).iter().any(|name| !made.contains(name) && is_old(seen.before, name))
    };
    if !all.iter().any(changes) {
        return;
    }
    let count = all.iter().filter(|statement| commits(statement)).count();
    let message =
        format!("each of the {count} statements of this script that change a definition commits by itself");
    let hit = Hit::new(seen.statement.span, message);
    hits.push(hit.note("if one of them fails, those before it stay: the change is half done"));
}

/// Whether a statement commits what is open, and itself.
fn commits(statement: &Statement) -> bool {
    match &statement.said {
        Said::CreateTable(create) => !create.temporary,
        Said::AlterTable { .. } | Said::CreateIndex { .. } | Said::RenameTables { .. } => true,
        Said::Drop { object, .. } => matches!(object, Object::Table | Object::Schema | Object::View),
        Said::Truncate { .. } => true,
        _ => false,
    }
}

/// The table that a statement makes.
fn creates(statement: &Statement) -> Option<&Name> {
    match &statement.said {
        Said::CreateTable(create) => Some(&create.name),
        _ => None,
    }
}

/// The tables that a statement changes.
fn subjects(statement: &Statement) -> Vec<&Name> {
    match &statement.said {
        Said::AlterTable { table, .. } | Said::CreateIndex { table, .. } => vec![table],
        Said::RenameTables { pairs } => pairs.iter().map(|(old, _)| old).collect(),
        Said::Drop { object: Object::Table, names, if_exists: false, .. } => names.iter().collect(),
        Said::Truncate { tables, .. } => tables.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a transaction is open in which rows were written.
fn open_with_rows(before: &[Statement]) -> bool {
    let (mut open, mut wrote) = (false, false);
    for statement in before {
        match &statement.said {
            Said::Begin => (open, wrote) = (true, false),
            Said::Commit | Said::Rollback => (open, wrote) = (false, false),
            Said::Write(..) => wrote |= open,
            _ if commits(statement) => (open, wrote) = (false, false),
            _ => {}
        }
    }
    wrote
}
