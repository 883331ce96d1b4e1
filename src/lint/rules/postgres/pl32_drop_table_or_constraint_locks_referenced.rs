//! PL32: dropping a foreign key, or what has one, locks the other table too.

use super::common;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Constraint;
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL32",
    name: "drop-table-or-constraint-locks-referenced",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "dropping a foreign key, or a table or column with one, locks the table it points to",
    reason: "The triggers of a foreign key sit on both tables, so both are locked when it goes, even if \
             only the small one is named. The other is often the busiest table of all.",
    lock: "ACCESS EXCLUSIVE on the table and on every table that its foreign keys point to: every query \
           on any of them waits, reads too.",
    recipe: concat!(
        "One foreign key in a change, then the table in another; change bounds each wait and tries \
         again:\n\n",
        "    -- deploy/order_items_fk_gone.sql\n",
        "    ALTER TABLE order_items DROP CONSTRAINT order_items_order_fk;\n",
        "    \n",
        "    -- deploy/order_items_gone.sql\n",
        "    DROP TABLE order_items;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY);\n\
                    CREATE TABLE order_items (id bigint, order_id bigint REFERENCES orders (id));",
            sql: "DROP TABLE order_items;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY);\n\
                    CREATE TABLE order_items (id bigint, order_id bigint CONSTRAINT fk REFERENCES orders \
                    (id));",
            sql: "ALTER TABLE order_items DROP CONSTRAINT fk;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY);\n\
                    CREATE TABLE order_items (id bigint, order_id bigint REFERENCES orders (id));",
            sql: "ALTER TABLE order_items DROP COLUMN order_id;",
        },
        Example { given: "", sql: "ALTER TABLE order_items DROP CONSTRAINT order_items_order_id_fkey;" },
    ],
    good: &[
        Example { given: "CREATE TABLE settings (key text);", sql: "DROP TABLE settings;" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, qty int CONSTRAINT qty_min CHECK (qty > \
                    0));",
            sql: "ALTER TABLE orders DROP CONSTRAINT qty_min;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY);",
            sql: "CREATE TABLE order_items (id bigint, order_id bigint REFERENCES orders (id));\n\
                  ALTER TABLE order_items ADD COLUMN n int;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let dropped: Vec<(&Name, Option<&Action>)> = match &seen.statement.said {
        Said::Drop { object: Object::Table, names, .. } => names.iter().map(|name| (name, None)).collect(),
        Said::AlterTable { table, actions, .. } => {
            let drops = |action: &&Action| {
                matches!(action, Action::DropConstraint { .. } | Action::DropColumn { .. })
            };
            let actions = actions.iter().map(|(action, _)| action).filter(drops);
            actions.map(|action| (table, Some(action))).collect()
        }
        _ => return,
    };
    for (table, action) in dropped.iter().filter(|(table, _)| seen.before.is_old(table)) {
        let relation = seen.before.relation(table);
        let keys = relation.into_iter().flat_map(|own| &own.constraints).filter(|own| goes(own, *action));
        for referenced in keys.filter_map(|key| key.to.as_ref()) {
            let Some(lock) = common::strong(seen).find(|lock| seen.before.key(&lock.on) == *referenced)
            else {
                continue;
            };
            let message = format!(
                "{} is locked as well: a foreign key of {} points to it",
                common::told(referenced),
                common::told(table)
            );
            hits.push(
                common::brief(seen, lock, message)
                    .note(format!("so is {} itself, in the same way", common::told(table))),
            );
        }
        hits.extend(unknown(seen, table, *action));
    }
}

/// Whether a foreign key goes with what is dropped.
fn goes(own: &Constraint, action: Option<&Action>) -> bool {
    match action {
        None => true,
        Some(Action::DropConstraint { name, .. }) => own.name == *name,
        Some(Action::DropColumn { name, .. }) => own.columns.contains(name),
        Some(_) => false,
    }
}

/// A constraint that nobody knows, and whose name says that it is a foreign key.
fn unknown(seen: &Seen<'_>, table: &Name, action: Option<&Action>) -> Option<Hit> {
    let Some(Action::DropConstraint { name, .. }) = action else { return None };
    let known = seen.before.relation(table).is_some_and(|own| own.constraint(name).is_some());
    let lower = name.to_ascii_lowercase();
    let foreign = ["fk", "fkey", "foreign"].iter().any(|end| lower.ends_with(end)) || lower.starts_with("fk");
    if known || !foreign || seen.before.schema.complete {
        return None;
    }
    let lock = common::strong(seen).find(|lock| lock.on == *table)?;
    let message = format!("the table that \"{name}\" points to is locked as well as {}", common::told(table));
    Some(common::brief(seen, lock, message).note(common::depends("which table that is")))
}
