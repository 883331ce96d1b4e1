//! A table gets a new name.

use super::around;
use super::words::{list, sql};
use crate::lint::effect::{Broken, How};
use crate::lint::rule::Severity;
use crate::lint::rule::{Example, Hit, Rule, Seen};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object};

pub(super) static RULE: Rule = Rule {
    code: "PA01",
    name: "rename-table",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A table gets a new name while running code uses the old one",
    reason: "From the commit on, every statement that names the old table fails with \"relation does not \
             exist\". Old and new code run side by side during a deploy, so some of it always names the \
             wrong one. Views, foreign keys and triggers follow the table; text in the application and in \
             function bodies does not.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment; nothing is read or rewritten.",
    recipe:
        "Keep the old name as a view, with the same privileges, in the same transaction. A view over one \
         table takes writes, too. Drop it in a later change, when nothing uses the old name any more.\n
    ALTER TABLE orders RENAME TO purchases;
    CREATE VIEW orders AS SELECT * FROM purchases;
    GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders RENAME TO purchases;" },
        Example {
            given: "CREATE TABLE orders (id bigint); GRANT SELECT, INSERT ON orders TO app;",
            sql: "BEGIN; ALTER TABLE orders RENAME TO purchases; CREATE VIEW orders AS SELECT id FROM \
                  purchases; COMMIT;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint); GRANT SELECT, INSERT ON orders TO app;",
            sql: "BEGIN; ALTER TABLE orders RENAME TO purchases; CREATE VIEW orders AS SELECT id FROM \
                  purchases; GRANT SELECT, INSERT ON orders TO app; COMMIT;",
        },
        Example { given: "", sql: "CREATE TABLE t (id bigint); ALTER TABLE t RENAME TO u;" },
        Example {
            given: "CREATE TABLE orders (id bigint); CREATE INDEX orders_id ON orders (id);",
            sql: "ALTER INDEX orders_id RENAME TO orders_by_id;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        if let (Object::Table | Object::ForeignTable, How::Renamed { to }) = (broken.object, &broken.how) {
            hits.extend(renamed(seen, broken, to));
        }
    }
}

fn renamed(seen: &Seen<'_>, broken: &Broken, to: &str) -> Option<Hit> {
    let old = &broken.on;
    let key = seen.before.key(old);
    let relation = seen.before.relation(old);
    // ALTER TABLE renames indexes, too: nobody names those.
    if relation.is_none() && seen.before.schema.table_of_index(old).is_some() {
        return None;
    }
    let what = relation.map_or(broken.object, |relation| relation.object).word();
    let hit = Hit::new(
        broken.span,
        format!("the {what} {old} is called {to} from now on: running code that names {old} fails"),
    )
    .on(old);
    if super::pa15_swap_table::went(seen, &around::renamed_key(seen, old, to)).is_some() {
        return None;
    }
    // Queries go to the whole.
    if relation.is_some_and(|own| own.partition_of.is_some() && own.granted.is_empty()) {
        return Some(hit.severity(Severity::Advice).note("harmless if queries name the whole table only"));
    }
    let Some(stand_in) = around::stand_in(seen, &key) else {
        let to = Name { schema: old.schema.clone(), name: to.to_owned() };
        return Some(
            hit.note(
                "a view of the old name, granted to the same roles in the same transaction, keeps it \
                 working",
            )
            .instead(instead(seen, old, &to)),
        );
    };
    // Another table of that name is a swap, which has a rule of its own.
    if !stand_in.is_view() {
        return None;
    }
    let (severity, note) = stand_in.trouble(&key)?;
    Some(hit.note(note).severity(severity))
}

/// The rename with a view that keeps the old name.
fn instead(seen: &Seen<'_>, old: &Name, to: &Name) -> String {
    let granted = seen.before.relation(old).map(|relation| relation.granted.clone()).unwrap_or_default();
    let roles = if granted.is_empty() { "app".to_owned() } else { granted.join(", ") };
    let told = if granted.is_empty() {
        "  -- to the roles that use it".to_owned()
    } else {
        format!("  -- what {} had", list(&granted))
    };
    format!(
        "ALTER TABLE {old} RENAME TO {new};\nCREATE VIEW {old} AS SELECT * FROM {to};\n\
         GRANT SELECT, INSERT, UPDATE, DELETE ON {old} TO {roles};{told}",
        old = sql(old),
        new = super::words::ident(&to.name),
        to = sql(to),
    )
}
