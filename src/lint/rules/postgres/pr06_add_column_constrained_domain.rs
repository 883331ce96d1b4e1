//! PR06: a new column of a domain with constraints.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name};

pub(super) static RULE: Rule = Rule {
    code: "PR06",
    name: "add-column-constrained-domain",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD COLUMN of a domain that has constraints writes the table anew, even without a default",
    reason: "For a plain type a new column takes a moment. For a domain with a CHECK or NOT NULL the \
             server tests the value of every row, and writes all of them anew for it, while nobody can \
             use the table, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "A column of the type below the domain, and the rule as a check of the table:\n\n",
        "    ALTER TABLE orders ADD COLUMN points int;\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_points_check CHECK (points > 0) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_points_check;",
    ),
    bad: &[
        Example {
            given: "CREATE DOMAIN pos_int AS int CHECK (VALUE > 0);",
            sql: "ALTER TABLE orders ADD COLUMN points pos_int;",
        },
        Example {
            given: "CREATE DOMAIN label AS text NOT NULL;",
            sql: "ALTER TABLE orders ADD COLUMN tag label DEFAULT '-';",
        },
    ],
    good: &[
        Example {
            given: "CREATE DOMAIN plain_int AS int;",
            sql: "ALTER TABLE orders ADD COLUMN points plain_int;",
        },
        Example {
            given: "CREATE DOMAIN pos_int AS int CHECK (VALUE > 0);",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN points pos_int;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::ConstrainedDomain) {
        let Some((Action::AddColumn { column, .. }, _)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let Some(ty) = &column.ty else { continue };
        let name = common::told(&effort.on);
        let message = format!(
            "nobody can use {name} while every row is written anew: the domain \"{}\" has constraints",
            ty.name
        );
        let domain = Name { schema: ty.schema.clone(), name: ty.name.clone() };
        let schema = &seen.before.schema;
        let base =
            schema.resolve(&schema.domains, &domain).and_then(|key| schema.domains.get(&key)?.base.clone());
        let base = base.map_or_else(|| "…".to_owned(), |base| common::type_sql(&base));
        let (table, own) = (words::sql(&effort.on), words::ident(&column.name));
        let check = words::ident(&format!("{}_{}_check", effort.on.name, column.name));
        let rest = common::in_two_changes(
            &table,
            &format!("CONSTRAINT {check} CHECK (…the rule of the domain…)"),
            &check,
        );
        hits.push(
            common::work(seen, effort, message)
                .instead(format!("ALTER TABLE {table} ADD COLUMN {own} {base};\n{rest}")),
        );
    }
}
