//! A unique index goes that INSERT … ON CONFLICT may name.

use super::words::idents;
use super::{around, words};
use crate::lint::effect::{Broken, How, Refusal};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Relation;
use crate::sql::Dialect;
use crate::sql::statement::{Action, ConstraintKind, Key, Name, Object, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PA16",
    name: "drop-arbiter-index",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A unique index or constraint that ON CONFLICT may rely on is dropped",
    reason: "INSERT … ON CONFLICT (columns) needs a unique index over just these columns. Without it every \
             such statement fails when it is planned: \"there is no unique or exclusion constraint matching \
             the ON CONFLICT specification\". And nothing keeps doubles out any more.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment; SHARE UPDATE EXCLUSIVE with CONCURRENTLY.",
    recipe: "Build the index that takes its place first, and drop the old one when it is valid.\n
    CREATE UNIQUE INDEX CONCURRENTLY accounts_email_uq ON accounts (email);
    -- in a later change
    DROP INDEX CONCURRENTLY accounts_email_old;",
    bad: &[
        Example {
            given: "CREATE TABLE accounts (id bigint, email text); CREATE UNIQUE INDEX accounts_email ON \
                    accounts (email);",
            sql: "DROP INDEX CONCURRENTLY accounts_email;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint, email text, CONSTRAINT one_email UNIQUE (email));",
            sql: "ALTER TABLE accounts DROP CONSTRAINT one_email;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE accounts (id bigint, email text); CREATE INDEX accounts_email ON accounts \
                    (email);",
            sql: "DROP INDEX CONCURRENTLY accounts_email;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint, email text); CREATE UNIQUE INDEX one ON accounts \
                    (email); CREATE UNIQUE INDEX two ON accounts (email);",
            sql: "DROP INDEX CONCURRENTLY one;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint, email text, CONSTRAINT one_email UNIQUE (email));",
            sql: "BEGIN; ALTER TABLE accounts DROP CONSTRAINT one_email; ALTER TABLE accounts ADD CONSTRAINT \
                  one_email UNIQUE (email); COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        if broken.how == How::Refuses(Refusal::NoArbiter) {
            hits.extend(dropped(seen, broken));
        }
    }
}

fn dropped(seen: &Seen<'_>, broken: &Broken) -> Option<Hit> {
    let name = broken.part.as_deref().unwrap_or(&broken.on.name);
    let found = find(seen, broken, name);
    let Some((table, relation)) = found else {
        // Nobody knows what it is: the server's own name for a key says enough.
        let speaks = name.ends_with("_key") || name.ends_with("_pkey");
        let message = format!("if {name} is unique, INSERT … ON CONFLICT on its columns fails without it");
        return speaks.then(|| Hit::new(broken.span, message).severity(Severity::Advice));
    };
    let index = relation.index(name)?;
    if !index.unique || covered(relation, name, &index.columns) {
        return None;
    }
    let columns = &index.columns;
    let again = |statement: &Statement| makes_unique(seen, statement, &table, columns);
    let mut statements = vec![seen.statement];
    statements.extend(around::later(seen));
    if statements.into_iter().any(again) {
        return None;
    }
    let columns = if columns.iter().any(|column| column.starts_with('(')) {
        columns.join(", ")
    } else {
        idents(columns)
    };
    let message =
        format!("nothing keeps {columns} of {table} unique any more: INSERT … ON CONFLICT ({columns}) fails");
    let hit = Hit::new(broken.span, message).on(&table);
    let hit = if index.partial {
        hit.severity(Severity::Advice)
            .note("the index covers some of the rows only; few statements rely on such")
    } else {
        hit.note("harmless if no statement names these columns in ON CONFLICT, and doubles do no harm")
    };
    Some(hit.instead(format!(
        "CREATE UNIQUE INDEX CONCURRENTLY ON {} ({columns});  -- first, if the uniqueness is to stay",
        words::sql(&table)
    )))
}

/// The table that has the index, as far as it is known.
fn find<'a>(seen: &Seen<'a>, broken: &Broken, name: &str) -> Option<(Name, &'a Relation)> {
    if broken.object == Object::Index && broken.part.is_none() {
        let (table, relation) = seen.before.schema.table_of_index(&broken.on)?;
        return Some((words::shown(seen, table), relation));
    }
    let relation = seen.before.relation(&broken.on)?;
    relation.index(name).map(|_| (words::shown(seen, &broken.on), relation))
}

/// Whether another index keeps the same columns unique.
fn covered(relation: &Relation, name: &str, columns: &[String]) -> bool {
    relation.indexes.iter().any(|other| {
        other.name != name && other.unique && !other.partial && other.valid && same(&other.columns, columns)
    })
}

fn same(some: &[String], others: &[String]) -> bool {
    some.len() == others.len() && some.iter().all(|column| others.contains(column))
}

/// Whether a statement builds a unique index over these columns.
fn makes_unique(seen: &Seen<'_>, statement: &Statement, table: &Name, columns: &[String]) -> bool {
    let on = |name: &Name| seen.before.key(name) == seen.before.key(table);
    match &statement.said {
        Said::CreateIndex { table: own, keys, unique: true, filter: None, .. } if on(own) => {
            let keys: Vec<String> = keys
                .iter()
                .map(|key| match key {
                    Key::Column(name) => name.clone(),
                    Key::Expression(text) => format!("({text})"),
                })
                .collect();
            same(&keys, columns)
        }
        Said::AlterTable { table: own, actions, .. } if on(own) => {
            actions.iter().any(|(action, _)| match action {
                Action::AddConstraint(constraint) => match &constraint.kind {
                    ConstraintKind::Unique { columns: own, using_index }
                    | ConstraintKind::PrimaryKey { columns: own, using_index } => {
                        using_index.is_some() || same(own, columns)
                    }
                    _ => false,
                },
                _ => false,
            })
        }
        _ => false,
    }
}
