//! PL34: another collation of a column with an index.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Index;
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PL34",
    name: "collation-change-rebuilds-index",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER TYPE … COLLATE builds the indexes of the column anew",
    reason: "The rows stay as they are, but an index is sorted by the collation: each one on the column \
             is built anew while nobody can use the table, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "Without an index it takes a moment. Drop the indexes of the column and build them again \
         afterwards, each in a change of its own:\n\n",
        "    DROP INDEX CONCURRENTLY accounts_name_idx;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE accounts ALTER COLUMN name TYPE text COLLATE \"C\";\n",
        "    -- in the change after it:\n",
        "    CREATE INDEX CONCURRENTLY accounts_name_idx ON accounts (name);",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, name text);\n\
                    CREATE INDEX accounts_name_idx ON accounts (name);",
            sql: "ALTER TABLE accounts ALTER COLUMN name TYPE text COLLATE \"C\";",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, name varchar(50) UNIQUE);",
            sql: "ALTER TABLE accounts ALTER name TYPE varchar(50) COLLATE \"de-x-icu\";",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, name text);",
            sql: "ALTER TABLE accounts ALTER name TYPE text COLLATE \"C\";",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, name text);\n\
                    CREATE INDEX accounts_name_idx ON accounts (name);",
            sql: "ALTER TABLE accounts ALTER name TYPE varchar;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Collation) {
        let message = format!(
            "nobody can use {} while the indexes on the column are built anew",
            common::told(&effort.on)
        );
        let hit = common::work(seen, effort, message);
        let Some((Action::AlterType { column, .. }, _)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let relation = seen.before.relation(&effort.on);
        let indexes = relation.into_iter().flat_map(|own| &own.indexes);
        let indexes = indexes.filter(|index| index.columns.contains(column));
        let (keys, plain): (Vec<_>, Vec<_>) = indexes.partition(|index| index.constraint.is_some());
        let names =
            |all: Vec<&Index>| words::listed(&all.iter().map(|own| own.name.as_str()).collect::<Vec<_>>());
        let mut hit = hit;
        if !plain.is_empty() {
            hit = hit.note(format!(
                "drop {} first and build it again afterwards, both CONCURRENTLY",
                names(plain)
            ));
        }
        if !keys.is_empty() {
            hit = hit.note(format!(
                "{} goes and comes with its constraint: drop that first, and add it again USING INDEX",
                names(keys)
            ));
        }
        hits.push(hit);
    }
}
