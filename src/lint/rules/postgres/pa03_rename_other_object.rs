//! A view, a sequence, a function, a schema or a type gets a new name.

use super::around;
use super::words::{ident, sql};
use crate::lint::effect::{Broken, How};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object};

pub(super) static RULE: Rule = Rule {
    code: "PA03",
    name: "rename-other-object",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A view, sequence, function, schema or attribute gets a new name",
    reason: "Whatever names the old one fails from the commit on: queries of a view, calls of a function, \
             nextval() with the name of a sequence, every qualified name in a schema. Bodies of functions \
             are text and are not followed either. Types are seldom named by clients, so a new name for one \
             is advice only; constraints and indexes may be renamed freely.",
    lock: "ACCESS EXCLUSIVE on a view or sequence, for a moment; none on tables.",
    recipe: "Make the new one beside the old one and let the old one forward to it; drop the old one in a \
             later change.\n
    CREATE FUNCTION order_total(id bigint) RETURNS numeric LANGUAGE sql
        AS 'SELECT total FROM orders WHERE id = $1';
    CREATE OR REPLACE FUNCTION total(id bigint) RETURNS numeric LANGUAGE sql
        AS 'SELECT order_total($1)';",
    bad: &[
        Example { given: "", sql: "ALTER FUNCTION total(bigint) RENAME TO order_total;" },
        Example { given: "", sql: "ALTER VIEW active_accounts RENAME TO accounts_in_use;" },
        Example { given: "", sql: "ALTER SCHEMA billing RENAME TO invoicing;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER INDEX orders_placed_idx RENAME TO orders_by_time;" },
        Example {
            given: "",
            sql: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() RENAME TO \
                  g;",
        },
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a; GRANT SELECT ON v TO app;",
            sql: "BEGIN; ALTER VIEW v RENAME TO w; CREATE VIEW v AS SELECT id FROM w; GRANT SELECT ON v TO \
                  app; COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        let How::Renamed { to } = &broken.how else { continue };
        hits.extend(severity(broken.object).and_then(|severity| renamed(seen, broken, to, severity)));
    }
}

/// How grave a new name is; nothing for what has a rule of its own, or a name that nobody uses.
fn severity(object: Object) -> Option<Severity> {
    match object {
        Object::View
        | Object::MaterializedView
        | Object::Sequence
        | Object::Function
        | Object::Procedure
        | Object::Aggregate
        | Object::Schema
        | Object::Database
        | Object::Role
        | Object::Attribute => Some(Severity::Breaks),
        Object::Type | Object::Domain => Some(Severity::Advice),
        _ => None,
    }
}

fn renamed(seen: &Seen<'_>, broken: &Broken, to: &str, severity: Severity) -> Option<Hit> {
    let (what, on) = (broken.object.word(), &broken.on);
    let Some(part) = &broken.part else {
        let fails = if severity == Severity::Advice { "that names it" } else { "that uses the old name" };
        let hit = Hit::new(
            broken.span,
            format!("the {what} {on} is called {to} from now on: running code {fails} fails"),
        );
        return whole(seen, broken, to, hit.severity(severity));
    };
    let message =
        format!("the {what} {part} of {on} is called {to} from now on: running code that names it fails");
    Some(Hit::new(broken.span, message).severity(severity))
}

/// A finding about a whole object, whose old name something else may take.
fn whole(seen: &Seen<'_>, broken: &Broken, to: &str, hit: Hit) -> Option<Hit> {
    let on = &broken.on;
    let key = seen.before.key(on);
    if matches!(broken.object, Object::Schema | Object::Database | Object::Role) {
        return Some(hit.note("search paths and connection strings name it, too"));
    }
    let Some(stand_in) = around::stand_in(seen, &key) else {
        let new = Name { schema: on.schema.clone(), name: to.to_owned() };
        return Some(match broken.object {
            Object::View => hit.instead(format!(
                "ALTER VIEW {old} RENAME TO {name};\nCREATE VIEW {old} AS SELECT * FROM {new};  -- and its \
                 grants",
                old = sql(on),
                name = ident(to),
                new = sql(&new),
            )),
            Object::Sequence if is_counter(seen, on) => hit
                .severity(Severity::Advice)
                .note("the default of its column follows; only nextval('…') with the old name fails"),
            Object::Sequence => {
                hit.note("the default of the column that uses it follows; nextval('…') does not")
            }
            Object::Type | Object::Domain => {
                hit.note("columns follow; casts and declarations in queries and functions do not")
            }
            _ => hit.note("make the new one beside it, and let the old one forward until nothing uses it"),
        });
    };
    if matches!(broken.object, Object::View | Object::MaterializedView) {
        let (severity, note) = stand_in.trouble(&key)?;
        return Some(hit.note(note).severity(severity));
    }
    (!stand_in.at_once).then(|| {
        hit.severity(Severity::Advice)
            .note("what takes its name comes in another transaction: in between, it fails")
    })
}

/// Whether it counts for a column that is known, so that hardly anybody names it.
fn is_counter(seen: &Seen<'_>, sequence: &Name) -> bool {
    let counts = |column: &crate::schema::Column| {
        column.identity || column.default.as_deref().is_some_and(|default| default.contains("nextval"))
    };
    seen.before.schema.relations.iter().any(|(table, own)| {
        let named =
            |column: &crate::schema::Column| sequence.name == format!("{}_{}_seq", table.name, column.name);
        own.columns.iter().any(|column| counts(column) && named(column))
    })
}
