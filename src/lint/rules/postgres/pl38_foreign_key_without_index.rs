//! PL38: a foreign key whose columns have no index.

use super::{common, script, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::lint::settings::SMALL_TABLE_ROWS;
use crate::sql::Dialect;
use crate::sql::statement::{Action, Column, Constraint, ConstraintKind, Key, Name, Said, Span, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PL38",
    name: "foreign-key-without-index",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a foreign key on columns that no index begins with",
    reason: "Whenever a row of the other table is deleted, or its key changes, this table is searched \
             for rows that point to it. Without an index that is a scan of the whole table for each \
             row, while the deleted row stays locked.",
    lock: "ROW SHARE on the table for each such search; the scan is long, not the lock.",
    recipe: concat!(
        "An index on the columns before the key, in a change of its own:\n\n",
        "    CREATE INDEX CONCURRENTLY orders_account_id_idx ON orders (account_id);",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint);",
            sql: "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts \
                  (id) NOT VALID;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint REFERENCES accounts \
                  (id));",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN account_id bigint REFERENCES accounts (id);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint);\n\
                    CREATE INDEX ON orders (account_id);",
            sql: "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts \
                  (id) NOT VALID;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint REFERENCES accounts (id));\n\
                  CREATE INDEX ON orders (account_id, id);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (account_id bigint REFERENCES accounts (id), n int, PRIMARY KEY \
                  (account_id, n));",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts \
                  (id) NOT VALID;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let (table, keys, of_statement) = match &seen.statement.said {
        Said::CreateTable(create) => {
            let copied = !create.like.is_empty() || create.partitioning.of.is_some();
            if copied || create.temporary {
                return;
            }
            let inline = create.columns.iter().flat_map(of_column);
            (&create.name, inline.chain(create.constraints.iter().map(alone)).collect::<Vec<_>>(), true)
        }
        Said::AlterTable { table, actions, .. } => {
            let keys = actions.iter().flat_map(|(action, _)| match action {
                Action::AddColumn { column, .. } => of_column(column),
                Action::AddConstraint(constraint) => vec![alone(constraint)],
                _ => Vec::new(),
            });
            (table, keys.collect(), false)
        }
        _ => return,
    };
    let relation = seen.before.relation(table).filter(|_| !of_statement);
    if relation.and_then(|own| own.rows).is_some_and(|rows| rows <= SMALL_TABLE_ROWS) {
        return;
    }
    let known = of_statement || relation.is_some_and(|own| own.columns_known);
    let old = relation.into_iter().flat_map(|own| &own.indexes).filter(|index| !index.partial);
    let mut indexes: Vec<Vec<String>> = old.map(|index| index.columns.clone()).collect();
    indexes.extend(keys.iter().filter(|key| key.indexed).map(|key| key.columns.clone()));
    let after = seen.script.statements.iter().skip(seen.position + 1);
    indexes.extend(after.filter_map(|statement| made_later(seen, statement, table)));
    for key in keys.iter().filter(|key| key.to.is_some()) {
        let begins = |index: &Vec<String>| {
            let first = index.get(..key.columns.len());
            first.is_some_and(|first| key.columns.iter().all(|column| first.contains(column)))
        };
        if !(known || key.new) || key.columns.is_empty() || indexes.iter().any(begins) {
            continue;
        }
        let to = key.to.map(common::told).unwrap_or_default();
        let message = format!(
            "no index begins with {}: a delete in {to} scans {}",
            words::listed(&key.columns),
            common::told(table)
        );
        let concurrently = if seen.before.is_old(table) && !of_statement { " CONCURRENTLY" } else { "" };
        let (table, columns) = (words::sql(table), common::list(&key.columns));
        let hit = Hit::new(script::at(seen.statement, key.span), message);
        if relation.is_some_and(|own| own.partitioned) {
            hits.push(hit.note("PL19 says how a partitioned table gets an index"));
            continue;
        }
        hits.push(hit.instead(format!("CREATE INDEX{concurrently} ON {table} ({columns});")));
    }
}

/// A constraint with its columns.
struct Keyed<'a> {
    columns: Vec<String>,
    /// The table that a foreign key points to.
    to: Option<&'a Name>,
    /// Whether it has an index.
    indexed: bool,
    /// Whether its column is new, so that no older index can know it.
    new: bool,
    span: Span,
}

fn of_column(column: &Column) -> Vec<Keyed<'_>> {
    let own = |constraint| Keyed { columns: vec![column.name.clone()], new: true, ..alone(constraint) };
    column.constraints.iter().map(own).collect()
}

fn alone(constraint: &Constraint) -> Keyed<'_> {
    let keyed = |columns: &[String], to, indexed| Keyed {
        columns: columns.to_vec(),
        to,
        indexed,
        new: false,
        span: constraint.span,
    };
    match &constraint.kind {
        ConstraintKind::Foreign(foreign) => keyed(&foreign.columns, Some(&foreign.table), false),
        ConstraintKind::Unique { columns, .. } | ConstraintKind::PrimaryKey { columns, .. } => {
            keyed(columns, None, true)
        }
        _ => keyed(&[], None, false),
    }
}

/// The columns of an index that a later statement of the script makes.
fn made_later(seen: &Seen<'_>, statement: &Statement, on: &Name) -> Option<Vec<String>> {
    let Said::CreateIndex { table, keys, filter: None, .. } = &statement.said else { return None };
    if seen.before.key(table) != seen.before.key(on) {
        return None;
    }
    let column = |key: &Key| match key {
        Key::Column(name) => Some(name.clone()),
        Key::Expression(_) => None,
    };
    Some(keys.iter().map_while(column).collect())
}
