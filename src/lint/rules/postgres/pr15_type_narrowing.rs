//! PR15: a narrower type.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PR15",
    name: "type-narrowing",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER COLUMN … TYPE to a narrower type reads and writes the whole table anew, and may fail",
    reason: "Every value has to be looked at to see whether it fits, and every row is written anew, \
             while nobody can use the table, not even to read it. A value that does not fit ends it \
             after all that; digits may be rounded away without a word.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "Keep the type and limit the values, which can be validated while everybody goes on:\n\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_note_length CHECK (length(note) <= 50) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_note_length;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(100));",
            sql: "ALTER TABLE orders ALTER note TYPE varchar(50);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2));",
            sql: "ALTER TABLE orders ALTER total TYPE numeric(8,2);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, qty bigint);",
            sql: "ALTER TABLE orders ALTER qty TYPE int;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(100));",
            sql: "ALTER TABLE orders ALTER note TYPE varchar(500);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2));",
            sql: "ALTER TABLE orders ALTER total TYPE numeric(12,2);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::TypeNarrowing) {
        let Some((Action::AlterType { column, ty, .. }, _)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let name = common::told(&effort.on);
        let message = format!(
            "nobody can use {name} while every row is tested and written anew; a value that does not fit \
             ends it"
        );
        let hit = common::keys(seen, effort, common::work(seen, effort, message));
        let own = words::ident(column);
        let limit = ty.args.first().filter(|_| !ty.array);
        let rule = match (ty.name.as_str(), limit) {
            ("varchar" | "bpchar", Some(limit)) => Some(("length", format!("length({own}) <= {limit}"))),
            ("int2", _) => Some(("range", format!("{own} BETWEEN -32768 AND 32767"))),
            ("int4", _) => Some(("range", format!("{own} BETWEEN -2147483648 AND 2147483647"))),
            _ => None,
        };
        hits.push(match rule {
            Some((what, rule)) => {
                let check = words::ident(&format!("{}_{column}_{what}", effort.on.name));
                let sql = format!("CONSTRAINT {check} CHECK ({rule})");
                hit.instead(common::in_two_changes(&words::sql(&effort.on), &sql, &check))
            }
            None => hit.note("a CHECK on the column limits its values without a rewrite"),
        });
    }
}
