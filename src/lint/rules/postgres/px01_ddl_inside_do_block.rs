//! PX01: tables are altered inside a `DO` block.

use super::{script, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PX01",
    name: "ddl-inside-do-block",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a DO block alters tables that were there before",
    reason: "Whether the statements inside are run at all is decided while the block runs; here they are \
             judged as if all were. The block is one transaction: the locks of its first statement last \
             until its last.",
    lock: "Those of the statements inside, all of them until the block ends.",
    recipe: concat!(
        "Write the statement plainly; most conditions have a form of their own:\n\n",
        "    ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
        "    DROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;",
    ),
    bad: &[
        Example { given: "", sql: "DO $$ BEGIN ALTER TABLE orders ALTER note SET NOT NULL; END $$;" },
        Example {
            given: "",
            sql: "DO $$\nBEGIN\n  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'qty_ok') THEN\n\
                  \x20   ALTER TABLE orders ADD CONSTRAINT qty_ok CHECK (qty > 0) NOT VALID;\n  END IF;\n\
                  END $$;",
        },
    ],
    good: &[
        Example { given: "", sql: "DO $$ BEGIN RAISE NOTICE 'x'; END $$;" },
        Example {
            given: "",
            sql: "DO $$\nBEGIN\n  CREATE TABLE fresh (id bigint PRIMARY KEY);\n  \
                  ALTER TABLE fresh ADD COLUMN n int;\nEND $$;",
        },
        Example {
            given: "",
            sql: "DO $$\nBEGIN\n  CREATE TYPE state AS ENUM ('new');\nEXCEPTION WHEN duplicate_object THEN \
                  NULL;\nEND $$;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    // A block in a block is told with the outer one.
    if !matches!(seen.statement.said, Said::Do { .. }) || !script::is_top(seen) {
        return;
    }
    let mut made = Vec::new();
    let mut found: Vec<(String, Name)> = Vec::new();
    look(seen, &seen.statement.body, &mut made, &mut found);
    let Some((command, table)) = found.first() else { return };
    let mut names: Vec<String> = found.iter().map(|(_, name)| name.to_string()).collect();
    names.dedup();
    let message = match found.len() {
        1 => {
            format!("{command} on \"{table}\" stands inside a DO block: its lock lasts until the block ends")
        }
        _ => format!(
            "{} statements of this DO block lock {}, each until the whole block ends",
            found.len(),
            words::listed(&names)
        ),
    };
    let hit = Hit::new(seen.statement.span, message)
        .note("whether a statement inside is run is decided only then; here each is judged as if it were");
    hits.push(hit);
}

/// The statements that lock something which was there before the block.
fn look(seen: &Seen<'_>, body: &[Statement], made: &mut Vec<Name>, found: &mut Vec<(String, Name)>) {
    for statement in body {
        for table in locked(&statement.said) {
            if seen.before.is_old(table) && !made.contains(table) {
                found.push((script::command(statement), table.clone()));
                break;
            }
        }
        match &statement.said {
            Said::CreateTable(create) => made.push(create.name.clone()),
            Said::CreateView { name, .. } => made.push(name.clone()),
            _ => {}
        }
        look(seen, &statement.body, made, found);
    }
}

/// What a statement of DDL locks, by the names it gives.
fn locked(said: &Said) -> Vec<&Name> {
    match said {
        Said::AlterTable { table, .. }
        | Said::CreateIndex { table, .. }
        | Said::CreateTrigger { table, .. }
        | Said::CreateRule { table, .. }
        | Said::CreatePolicy { table, .. }
        | Said::AlterPolicy { table, .. } => vec![table],
        Said::Drop { object, names, on, .. } => match (object, on) {
            (Object::Table | Object::View | Object::MaterializedView | Object::Index, _) => {
                names.iter().collect()
            }
            (Object::Trigger | Object::Rule | Object::Policy, Some(table)) => vec![table],
            _ => Vec::new(),
        },
        Said::Truncate { tables, .. } | Said::Lock { tables, .. } => tables.iter().collect(),
        Said::Refresh { view, .. } => vec![view],
        Said::Reindex { name: Some(name), .. } | Said::Cluster { table: Some(name) } => vec![name],
        _ => Vec::new(),
    }
}
