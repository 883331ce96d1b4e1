//! The server makes up a name.

use super::script;
use super::words::{ident, sql};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Constraint, ConstraintKind, Key, Name, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PI05",
    name: "unnamed-object",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "A constraint or index without a name of its own",
    reason: "The server makes a name up, with a number behind it where that is taken: it may differ from \
             database to database, and long names are cut. The revert script and later changes then name \
             something that is not there, and run again, the same index is built twice.",
    lock: "",
    recipe: "Give it a name.\n
    ALTER TABLE orders ADD CONSTRAINT orders_qty_positive CHECK (qty > 0) NOT VALID;
    -- in a change of its own:
    CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD CHECK (qty > 0);" },
        Example { given: "", sql: "CREATE INDEX ON orders (note);" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0);" },
        Example { given: "", sql: "CREATE INDEX orders_note_idx ON orders (note);" },
        Example { given: "", sql: "CREATE TEMP TABLE work (id int); CREATE INDEX ON work (id);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    match &seen.statement.said {
        Said::CreateIndex { name: None, table, keys, .. } if !is_temporary(seen, table) => {
            let words: Vec<&str> = keys
                .iter()
                .map(|key| match key {
                    Key::Column(name) => name.as_str(),
                    Key::Expression(_) => "expr",
                })
                .collect();
            let name = format!("{}_{}_idx", table.name, words.join("_"));
            let hit = Hit::new(
                seen.statement.span,
                format!(
                    "this index of {table} has no name: the server makes one up, and run again, builds it \
                     twice"
                ),
            );
            hits.push(match named_index(seen.statement, &name) {
                Some(sql) => hit.instead(sql),
                None => hit,
            });
        }
        Said::AlterTable { table, actions, .. } if !is_temporary(seen, table) => {
            for (action, span) in actions {
                let Action::AddConstraint(constraint) = action else { continue };
                let (None, Some(end)) = (&constraint.name, ending(constraint)) else { continue };
                let message = format!("this constraint of {table} has no name: the server makes one up");
                let hit = Hit::new(*span, message).note(
                    "the revert script has to know the name, and it may differ from database to database",
                );
                hits.push(match named(seen.statement, table, constraint, end) {
                    Some(sql) => hit.instead(sql),
                    None => hit,
                });
            }
        }
        _ => {}
    }
}

fn is_temporary(seen: &Seen<'_>, table: &Name) -> bool {
    seen.before.key(table).schema.as_deref() == Some("pg_temp")
        || seen.before.schema.relations.contains_key(&Name::within("pg_temp", &table.name))
}

/// What a name of such a constraint usually ends in; none for those whose made-up name is always the same.
fn ending(constraint: &Constraint) -> Option<&'static str> {
    match constraint.kind {
        ConstraintKind::Check(_) => Some("check"),
        ConstraintKind::Foreign(_) => Some("fkey"),
        ConstraintKind::Unique { using_index: None, .. } => Some("key"),
        ConstraintKind::Exclude => Some("excl"),
        _ => None,
    }
}

/// The statement with a name for the constraint.
fn named(statement: &Statement, table: &Name, constraint: &Constraint, end: &str) -> Option<String> {
    let columns = match &constraint.kind {
        ConstraintKind::Check(expr) => &expr.columns,
        ConstraintKind::Foreign(foreign) => &foreign.columns,
        ConstraintKind::Unique { columns, .. } => columns,
        _ => return None,
    };
    let body = statement.text.get(constraint.span.start..constraint.span.end)?.trim();
    let word = body.split([' ', '(', '\n']).next()?.to_ascii_uppercase();
    if !matches!(word.as_str(), "CHECK" | "FOREIGN" | "UNIQUE") {
        return None;
    }
    let mut parts = vec![table.name.clone()];
    parts.extend(columns.first().cloned());
    parts.push(end.to_owned());
    Some(format!("ALTER TABLE {} ADD CONSTRAINT {} {body};", sql(table), ident(&parts.join("_"))))
}

/// The statement with a name for the index.
fn named_index(statement: &Statement, name: &str) -> Option<String> {
    let text = script::text(statement, statement.span);
    let upper = text.to_ascii_uppercase();
    let at = upper.find(" ON ").or_else(|| upper.find("\nON "))?;
    let (before, after) = text.split_at_checked(at)?;
    Some(format!("{before} {}{after};", ident(name)))
}
