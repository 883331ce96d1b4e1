//! IF NOT EXISTS passes over something that is there and differs.

use super::words::list;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Relation;
use crate::sql::Dialect;
use crate::sql::statement::{Action, CreateTable, Said};

pub(super) static RULE: Rule = Rule {
    code: "PI02",
    name: "if-not-exists-hides-drift",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "IF NOT EXISTS skips what is there already, whatever it looks like",
    reason: "If there is a table of that name, with other columns perhaps, the statement does nothing and \
             reports success. The statements after it then meet the old table. Databases drift apart that \
             way without a word.",
    lock: "",
    recipe:
        "In a transaction write plain CREATE: it fails where something is in the way, and leaves nothing \
         behind. If it must be repeatable, let the verify script look at the shape.\n
    CREATE TABLE accounts (id bigint PRIMARY KEY, email text NOT NULL);
    -- verify
    SELECT id, email FROM accounts WHERE false;",
    bad: &[
        Example {
            given: "",
            sql: "CREATE TABLE IF NOT EXISTS accounts (id bigint PRIMARY KEY, email text);",
        },
        Example {
            given: "CREATE TABLE accounts (id int);",
            sql: "CREATE TABLE IF NOT EXISTS accounts (id int, email text);",
        },
        Example {
            given: "CREATE TABLE accounts (id int, email varchar(50));",
            sql: "ALTER TABLE accounts ADD COLUMN IF NOT EXISTS email text;",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE accounts (id bigint PRIMARY KEY);" },
        Example { given: "", sql: "CREATE TEMP TABLE IF NOT EXISTS work (id int);" },
        Example {
            given: "CREATE TABLE accounts (id int);",
            sql: "ALTER TABLE accounts ADD COLUMN IF NOT EXISTS email text;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    match &seen.statement.said {
        Said::CreateTable(create)
            if create.if_not_exists && !create.temporary && seen.before.is_old(&create.name) =>
        {
            hits.push(table(seen, create));
        }
        Said::AlterTable { table, actions, .. } if seen.before.is_old(table) => {
            for (action, span) in actions {
                let Action::AddColumn { column, if_not_exists: true } = action else { continue };
                let known = seen.before.relation(table).and_then(|own| own.column(&column.name));
                let Some((old, new)) = known.and_then(|own| own.ty.as_ref()).zip(column.ty.as_ref()) else {
                    continue;
                };
                if old != new && new.serial().is_none() {
                    let message = format!(
                        "{table} has a column {} of type {} already: this does nothing, and it does not \
                         become {}",
                        column.name,
                        old.written(),
                        new.written()
                    );
                    hits.push(Hit::new(*span, message).on(table));
                }
            }
        }
        _ => {}
    }
}

fn table(seen: &Seen<'_>, create: &CreateTable) -> Hit {
    let (name, span) = (&create.name, seen.statement.span);
    let Some(relation) = seen.before.relation(name) else {
        return Hit::new(
            span,
            format!("if there is a table {name} already, this does nothing, whatever that looks like"),
        )
        .note("plain CREATE TABLE fails then; the target's catalogue would tell whether it is there");
    };
    let differs = differences(relation, create);
    let told = match differs.as_slice() {
        [] => String::new(),
        differs => format!(", though it lacks {}", list(differs)),
    };
    Hit::new(span, format!("the {} {name} is there already: this does nothing{told}", relation.object.word()))
}

/// The columns that the statement wants and the table does not have.
fn differences(relation: &Relation, create: &CreateTable) -> Vec<String> {
    if !relation.columns_known {
        return Vec::new();
    }
    let wanted = create.columns.iter().map(|column| &column.name);
    wanted.filter(|name| relation.column(name).is_none()).cloned().collect()
}
