//! A table takes the name of another one that goes.

use super::around::{self, Grants};
use super::words::{list, sql};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Relation;
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said, Span};

pub(super) static RULE: Rule = Rule {
    code: "PA15",
    name: "swap-table",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A table takes the name of another, without what hung from that",
    reason: "The name goes over, and nothing else does: privileges, foreign keys that point in, triggers, \
             policies, publications and the ownership of sequences stay with the old table. The \
             application's role gets \"permission denied\", and foreign keys of other tables go on checking \
             the old rows. What was written to the old table after its rows were copied is missing in the \
             new one.",
    lock: "ACCESS EXCLUSIVE on both tables, for a moment.",
    recipe:
        "Copy everything before the swap, and keep both tables in step with a trigger until then. In one \
         transaction: take the lock, rename both, grant, and point the foreign keys to the new table, NOT \
         VALID first.\n
    ALTER TABLE orders RENAME TO orders_old;
    ALTER TABLE orders_new RENAME TO orders;
    GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app;
    ALTER TABLE order_items DROP CONSTRAINT order_items_order_fk;
    ALTER TABLE order_items ADD CONSTRAINT order_items_order_fk
        FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;",
    bad: &[
        Example {
            given: "",
            sql: "BEGIN; ALTER TABLE orders RENAME TO orders_old; ALTER TABLE orders_new RENAME TO orders; \
                  COMMIT;",
        },
        Example {
            given: "CREATE TABLE a (id bigint PRIMARY KEY); GRANT SELECT ON a TO app;",
            sql: "BEGIN; CREATE TABLE a_new (id bigint); INSERT INTO a_new SELECT id FROM a; ALTER TABLE a \
                  RENAME TO a_old; ALTER TABLE a_new RENAME TO a; COMMIT;",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE a (id int); ALTER TABLE a RENAME TO b;" },
        Example {
            given: "",
            sql: "BEGIN; ALTER TABLE orders RENAME TO purchases; CREATE VIEW orders AS SELECT id FROM \
                  purchases; GRANT SELECT ON orders TO app; COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    for (action, span) in actions {
        let key = match action {
            Action::RenameTo { to } => around::renamed_key(seen, table, to),
            Action::SetSchema { to } => Name::within(to, &table.name),
            _ => continue,
        };
        if let Some(old) = went(seen, &key) {
            hits.extend(swapped(seen, table, &key, old.as_ref(), *span));
        }
    }
}

/// The table that had this name before this script took it away: its name now, if it still is there.
pub(super) fn went(seen: &Seen<'_>, key: &Name) -> Option<Option<Name>> {
    let moved = seen.before.renamed.iter().rev().find(|(old, _)| old == key);
    if let Some((_, new)) = moved {
        let is_table = seen.before.relation(new).is_none_or(|own| own.object == Object::Table);
        return (is_table && !seen.before.is_new(new)).then(|| Some(new.clone()));
    }
    let dropped = around::earlier(seen).into_iter().any(|statement| match &statement.said {
        Said::Drop { object: Object::Table, names, .. } => {
            names.iter().any(|name| seen.before.schema.key(name) == *key)
        }
        _ => false,
    });
    (dropped && seen.before.dropped.contains(key) && !around::made_before(seen, key)).then_some(None)
}

fn swapped(seen: &Seen<'_>, table: &Name, key: &Name, old: Option<&Name>, span: Span) -> Option<Hit> {
    let was = old.and_then(|name| seen.before.relation(name));
    let own = seen.before.relation(table);
    let mut lost = missing(was, own);
    let pointing: Vec<&Name> = old
        .into_iter()
        .flat_map(|name| seen.before.schema.referencing(name))
        .map(|(child, _)| child)
        .filter(|child| old != Some(*child) && !repointed(seen, child))
        .collect();
    let mut severity = Severity::Advice;
    match grants(seen, was, own, key) {
        Grants::Kept => {}
        Grants::Lacking(roles) => {
            severity = Severity::Breaks;
            lost.insert(0, format!("the privileges of {}", list(&roles)));
        }
        Grants::Unsure { walked } => {
            severity = if walked { Severity::Advice } else { Severity::Breaks };
            lost.insert(0, "its privileges".to_owned());
        }
    }
    if !pointing.is_empty() {
        severity = Severity::Breaks;
        lost.push(format!("the foreign keys of {}", list(&pointing)));
    }
    let mut hit = Hit::new(
        span,
        match lost.as_slice() {
            [] => format!(
                "{table} takes the place of {}: triggers, policies and publications do not go over",
                key.name
            ),
            lost => format!("{table} takes the place of {}, without {}", key.name, list(lost)),
        },
    )
    .on(key)
    .severity(severity)
    .note("rows written to the old table after the copy are missing in the new one");
    if old.is_some() && was.is_none() {
        hit = hit.note("what hangs from the old table would be known from the catalogue");
    }
    Some(hit.instead(format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO app;  -- to every role that uses it, in the same \
         transaction",
        sql(&Name { schema: table.schema.clone(), name: key.name.clone() })
    )))
}

/// What is granted on the new table by then, compared with the old one.
fn grants(seen: &Seen<'_>, was: Option<&Relation>, own: Option<&Relation>, key: &Name) -> Grants {
    match around::grants(seen, was, key, &around::later(seen)) {
        Grants::Kept => Grants::Kept,
        Grants::Lacking(mut roles) => {
            let granted = own.map_or(&[][..], |own| &own.granted);
            roles.retain(|role| !granted.contains(role));
            if roles.is_empty() { Grants::Kept } else { Grants::Lacking(roles) }
        }
        unsure => {
            if own.is_some_and(|own| !own.granted.is_empty()) {
                Grants::Kept
            } else {
                unsure
            }
        }
    }
}

/// What the old table has and the new one does not.
fn missing(was: Option<&Relation>, own: Option<&Relation>) -> Vec<String> {
    let Some(was) = was else { return Vec::new() };
    let lacks = |names: &[String], own: &[String]| -> Vec<String> {
        names.iter().filter(|name| !own.contains(name)).cloned().collect()
    };
    let empty = Relation::default();
    let own = own.unwrap_or(&empty);
    let mut lost = Vec::new();
    let triggers = lacks(&was.triggers, &own.triggers);
    if !triggers.is_empty() {
        lost.push(format!("the triggers {}", list(&triggers)));
    }
    let policies = lacks(&was.policies, &own.policies);
    if !policies.is_empty() {
        lost.push(format!("the policies {}", list(&policies)));
    }
    lost
}

/// Whether a later statement drops or adds a foreign key of the table, so that it points to the new one.
fn repointed(seen: &Seen<'_>, child: &Name) -> bool {
    around::actions_on(seen, &around::later(seen), child)
        .into_iter()
        .any(|action| matches!(action, Action::DropConstraint { .. } | Action::AddConstraint(_)))
}
