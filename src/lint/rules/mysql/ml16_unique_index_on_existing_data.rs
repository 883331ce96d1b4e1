//! ML16: a unique index on rows that nobody has looked at.

use super::common::{approach_to, quoted, quoted_name};
use crate::lint::effect::mysql::{Why, is_old};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, ConstraintKind, Key, Name, Said, Span};

pub(super) static RULE: Rule = Rule {
    code: "ML16",
    name: "unique-index-on-existing-data",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "A unique index on rows that are there fails on doubles, or loses rows with some tools",
    reason: "The index is built while others read and write. If two rows are alike, the statement fails at \
        the end of that work. Tools that copy tables online are worse: those that copy with INSERT IGNORE \
        leave one of the two rows out and say nothing, and so does ALTER IGNORE TABLE. And from then on the \
        application is refused when it writes a double.",
    lock: "the exclusive metadata lock for a moment at the beginning and the end; reads and writes go on \
        between",
    recipe: "Count the doubles first, and decide what becomes of them:\n\n    \
        SELECT email, COUNT(*) FROM users GROUP BY email HAVING COUNT(*) > 1;\n\n\
        Put the same query into the change's verify script, so that it cannot be forgotten.",
    bad: &[
        Example { given: "", sql: "ALTER TABLE users ADD UNIQUE (email);" },
        Example { given: "", sql: "CREATE UNIQUE INDEX u ON users (email);" },
        Example { given: "", sql: "ALTER TABLE users ADD COLUMN code INT NOT NULL DEFAULT 0 UNIQUE;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE users ADD INDEX (email);" },
        Example {
            given: "",
            sql: "CREATE TABLE users (email TEXT); ALTER TABLE users ADD UNIQUE (email(20));",
        },
        Example { given: "", sql: "ALTER TABLE users ADD COLUMN code INT UNIQUE;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let refused = approach_to(seen).is_some_and(|approach| approach.refused.is_some());
    match &seen.statement.said {
        Said::CreateIndex { table, keys, unique: true, .. } if is_old(seen.before, table) && !refused => {
            one(table, keys, seen.statement.span, seen, hits);
        }
        Said::AlterTable { table, actions, .. } if is_old(seen.before, table) && !refused => {
            for (action, span) in actions {
                match action {
                    Action::AddIndex { keys, unique: true, .. } if !all_new(keys, actions) => {
                        one(table, keys, *span, seen, hits);
                    }
                    Action::AddColumn { column, .. } => {
                        let unique = |kind: &ConstraintKind| {
                            matches!(kind, ConstraintKind::Unique { .. }).then_some(())
                        };
                        let counts = |kind: &ConstraintKind| {
                            matches!(kind, ConstraintKind::Identity { .. }).then_some(())
                        };
                        let alike = column.default_value().is_some() || column.not_null();
                        if column.find(unique).is_some() && column.find(counts).is_none() && alike {
                            let message = format!(
                                "all rows of \"{}\" get the same value in \"{}\", which shall be unique",
                                table.name, column.name
                            );
                            hits.push(Hit::new(*span, message).on(table));
                        }
                    }
                    Action::Modify { column, .. } => {
                        let unique = |kind: &ConstraintKind| {
                            matches!(kind, ConstraintKind::Unique { .. }).then_some(())
                        };
                        if column.find(unique).is_some() {
                            one(table, &[Key::Column(column.name.clone())], *span, seen, hits);
                        }
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Whether one of the columns is added by the same statement, and null in all rows.
fn all_new(keys: &[Key], actions: &[(Action, Span)]) -> bool {
    actions.iter().any(|(action, _)| match action {
        Action::AddColumn { column, .. } => {
            let null = column.default_value().is_none() && !column.not_null();
            null && keys.iter().any(|key| *key == Key::Column(column.name.clone()))
        }
        _ => false,
    })
}

fn one(table: &Name, keys: &[Key], span: Span, seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let words: Vec<&str> = seen.statement.text.split_whitespace().take(3).collect();
    let ignores = words.iter().any(|word| word.eq_ignore_ascii_case("IGNORE"));
    let message = if ignores {
        format!("of rows of \"{}\" that are alike, all but one are deleted without a word", table.name)
    } else {
        format!(
            "two rows of \"{}\" that are alike make this fail, and writes of doubles are refused",
            table.name
        )
    };
    let key = |key: &Key| match key {
        Key::Column(name) => quoted(name),
        Key::Expression(text) => format!("({text})"),
    };
    let list = keys.iter().map(key).collect::<Vec<_>>().join(", ");
    let count =
        format!("SELECT {list}, COUNT(*) FROM {} GROUP BY {list} HAVING COUNT(*) > 1;", quoted_name(table));
    let approach = approach_to(seen);
    let online = approach.is_some_and(|approach| approach.has(Why::Unique) && !approach.under.stops_writes());
    let hit = Hit::new(span, message).on(table).note(format!("look first whether there are any: {count}"));
    hits.push(if online { hit.note("the index is built while others read and write") } else { hit });
}
