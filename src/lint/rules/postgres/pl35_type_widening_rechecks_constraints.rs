//! PL35: a harmless change of type of a column with a check or an index that must be looked at again.

use super::{common, script, words};
use crate::lint::effect::{Cause, Work};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Kind;
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name};

pub(super) static RULE: Rule = Rule {
    code: "PL35",
    name: "type-widening-rechecks-constraints",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "a change of type that rewrites nothing still tests the checks on the column, or builds \
              indexes on it anew",
    reason: "Making a varchar longer costs nothing by itself. But the server cannot be sure that a \
             CHECK on the column means the same for the new type, and reads every row to test it; so it \
             is with an index on an expression, which it builds anew. Nobody can use the table \
             meanwhile.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "Take the check off, change the type, add the check again without reading, and validate it in \
         the next change:\n\n",
        "    ALTER TABLE orders DROP CONSTRAINT orders_note_check;\n",
        "    ALTER TABLE orders ALTER COLUMN note TYPE varchar(300);\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_note_check CHECK (note <> '') NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_note_check;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(100) CHECK (note <> ''));",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE varchar(300);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(100));\n\
                    CREATE INDEX orders_note_idx ON orders (lower(note));",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE text;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(100));",
            sql: "ALTER TABLE orders ALTER note TYPE varchar(300);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(100), qty int CHECK (qty > \
                    0));\n\
                    CREATE INDEX ON orders (note);",
            sql: "ALTER TABLE orders ALTER note TYPE varchar(300);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::TypeRecheck) {
        let name = common::told(&effort.on);
        let what = match effort.work {
            Work::Index => "an index on the column is built anew",
            _ => "every row is tested against the checks on the column again",
        };
        let mut hit = common::work(seen, effort, format!("nobody can use {name} while {what}"));
        if let Some((Action::AlterType { column, .. }, span)) = common::action_at(seen, effort.span) {
            let sql = apart(seen, &effort.on, column, script::text(seen.statement, span));
            hit = match sql.filter(|_| effort.work == Work::Scan) {
                Some(sql) => hit.instead(sql),
                None => hit.note("drop the index first and build it again afterwards, both CONCURRENTLY"),
            };
        }
        hits.push(hit);
    }
}

/// The checks off, the type changed, the checks on again.
fn apart(seen: &Seen<'_>, table: &Name, column: &String, action: &str) -> Option<String> {
    let relation = seen.before.relation(table)?;
    let checks = relation.constraints.iter().filter(|own| own.kind == Kind::Check);
    let checks: Vec<_> = checks.filter(|own| own.columns.contains(column)).collect();
    let sql = words::sql(table);
    let mut lines = Vec::new();
    for own in &checks {
        lines.push(format!("ALTER TABLE {sql} DROP CONSTRAINT {};", words::ident(&own.name)));
    }
    lines.push(format!("ALTER TABLE {sql} {action};"));
    for own in &checks {
        let (name, text) = (words::ident(&own.name), own.text.as_deref()?);
        lines.push(format!("ALTER TABLE {sql} ADD CONSTRAINT {name} CHECK ({text}) NOT VALID;"));
    }
    lines.push("-- in the next change:".to_owned());
    for own in &checks {
        lines.push(format!("ALTER TABLE {sql} VALIDATE CONSTRAINT {};", words::ident(&own.name)));
    }
    Some(lines.join("\n"))
}
