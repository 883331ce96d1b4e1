//! A table is dropped.

use super::words::{list, sql};
use super::{around, words};
use crate::lint::effect::{Broken, How};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PD01",
    name: "drop-table",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A table is dropped, with all its rows",
    reason: "The rows are gone for good once this is committed: the revert script can make the table again, \
             not what was in it. Running code that names it fails at once; a job that runs once a week fails \
             a week later, and so does the restore if nobody noticed until then.",
    lock: "ACCESS EXCLUSIVE on the table and on every table that its foreign keys point to, for a moment.",
    recipe: "Drop it in a contract change of its own, after a snapshot and when the statistics show no use. \
             Take the privileges away some weeks before: whoever still needs it speaks up, and GRANT brings \
             it back at once. Drop its foreign keys first, each alone, so that no other table is locked with \
             it.\n
    REVOKE ALL ON orders FROM app;
    -- weeks later, after a snapshot
    ALTER TABLE orders DROP CONSTRAINT orders_account_fk;
    DROP TABLE orders;",
    bad: &[
        Example { given: "", sql: "DROP TABLE orders;" },
        Example { given: "CREATE TABLE orders (id bigint);", sql: "DROP TABLE IF EXISTS orders CASCADE;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id int); DROP TABLE t;" },
        Example { given: "", sql: "CREATE TEMP TABLE work (id int); DROP TABLE work;" },
        Example {
            given: "CREATE TABLE orders (id bigint);",
            sql: "CREATE TABLE work AS SELECT id FROM orders; DROP TABLE work;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Drop { object: Object::Table | Object::ForeignTable, if_exists, .. } = &seen.statement.said
    else {
        return;
    };
    for broken in &seen.effects.broken {
        let is_table = matches!(broken.object, Object::Table | Object::ForeignTable);
        if is_table && broken.how == How::Gone {
            hits.extend(dropped(seen, broken, *if_exists));
        }
    }
}

fn dropped(seen: &Seen<'_>, broken: &Broken, if_exists: bool) -> Option<Hit> {
    let table = &broken.on;
    let relation = seen.before.relation(table);
    // A partition has a rule of its own.
    if relation.is_some_and(|relation| relation.partition_of.is_some()) {
        return None;
    }
    let key = seen.before.key(table);
    if let Some(holder) = held_by(seen, table) {
        return Some(
            Hit::new(broken.span, format!("this fails: {holder} depends on {table}"))
                .on(table)
                .note("drop that first, by name: CASCADE would take it along unseen"),
        );
    }
    let copies = around::copied_to(seen, table);
    let again = around::made_again(seen, &key);
    let what = match (relation.and_then(|relation| relation.rows), broken.object) {
        (_, Object::ForeignTable) => "the rows stay with the other server".to_owned(),
        (Some(rows), _) => format!("about {rows} rows are lost for good"),
        (None, _) => "its rows are lost for good".to_owned(),
    };
    let message = match &again {
        Some(_) => format!("the table {table} is dropped before it is made again: {what}"),
        None => format!("the table {table} is gone, and running code that names it fails: {what}"),
    };
    let mut hit = Hit::new(broken.span, message).on(table);
    if !copies.is_empty() {
        hit = hit.note(format!("this script copied rows of it to {}", list(&copies)));
        // Copied and back under its name, it is missed by nobody.
        if again.is_some_and(|(_, at_once)| at_once) {
            return Some(hit.severity(Severity::Advice));
        }
    } else if relation.and_then(|relation| relation.rows) == Some(0) {
        hit = hit.note("the server counts no rows in it");
    } else {
        hit = hit.note("take a snapshot first; the revert script cannot bring the rows back");
    }
    if if_exists && relation.is_none() {
        hit = hit.note("nothing is known of it: the target's catalogue would tell whether it is there");
    }
    Some(match again {
        Some(_) => hit,
        None => hit.instead(format!(
            "REVOKE ALL ON {} FROM app;  -- the roles that use it: GRANT takes it back; drop it weeks later",
            sql(table)
        )),
    })
}

/// What makes a `DROP` without `CASCADE` fail.
fn held_by(seen: &Seen<'_>, table: &Name) -> Option<String> {
    let Said::Drop { names, cascade: false, .. } = &seen.statement.said else { return None };
    let dropped: Vec<Name> = names.iter().map(|name| seen.before.key(name)).collect();
    let schema = &seen.before.schema;
    let key = seen.before.key(table);
    let child = schema.referencing(table).find(|(child, _)| !dropped.contains(child));
    if let Some((child, own)) = child {
        return Some(format!("the foreign key {} of {}", own.name, words::shown(seen, child)));
    }
    let view =
        schema.relations.iter().find(|(name, own)| own.reads.contains(&key) && !dropped.contains(name));
    view.map(|(name, own)| format!("the {} {}", own.object.word(), words::shown(seen, name)))
}
