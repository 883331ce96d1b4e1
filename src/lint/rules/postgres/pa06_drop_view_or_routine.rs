//! A view, a function, a sequence or a type is dropped.

use super::around;
use super::words::sql;
use crate::lint::effect::{Broken, How};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Routine;
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PA06",
    name: "drop-view-or-routine",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A view, function, procedure or sequence that running code may use is dropped",
    reason: "No row is lost, but whatever names it fails from the commit on: queries of a view, calls of a \
             function, nextval() with the name of a sequence. Nothing in the catalogue tells which queries \
             of the application do, nor which bodies of functions. To drop a type or a domain is advice \
             only: no column may use it any more, and clients seldom name it.",
    lock: "ACCESS EXCLUSIVE on the view or sequence, for a moment; none on tables.",
    recipe:
        "Drop it in a contract change of its own, when the statistics show that nothing uses it. To find \
         out, take the privilege away first: that can be given back at once.\n
    REVOKE EXECUTE ON FUNCTION total(bigint) FROM PUBLIC, app;
    -- some weeks later
    DROP FUNCTION total(bigint);",
    bad: &[
        Example { given: "", sql: "DROP FUNCTION total(bigint);" },
        Example { given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a;", sql: "DROP VIEW v;" },
        Example { given: "", sql: "DROP SEQUENCE invoice_numbers;" },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE OR REPLACE FUNCTION total(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1';",
        },
        Example { given: "", sql: "CREATE VIEW v AS SELECT 1 AS one; DROP VIEW v;" },
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a;",
            sql: "BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT id FROM a; COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in seen.effects.broken.iter().filter(|broken| broken.how == How::Gone) {
        hits.extend(gone(seen, broken));
    }
}

/// What is known of a function that is dropped.
fn routine<'a>(seen: &Seen<'a>, broken: &Broken) -> Option<&'a Routine> {
    let schema = &seen.before.schema;
    let sort = matches!(broken.object, Object::Function | Object::Procedure);
    let key = schema.resolve(&schema.routines, &broken.on).filter(|_| sort)?;
    schema.routines.get(&key)
}

/// Whether `IF EXISTS` looks for a function that takes other types than the one of that name.
fn is_another(seen: &Seen<'_>, broken: &Broken) -> bool {
    let named = super::pa22_function_signature_changes::dropped(seen, &broken.on);
    let own = routine(seen, broken).and_then(|own| own.parameters.as_ref());
    let differ = named
        .zip(own)
        .is_some_and(|(named, own)| !super::pa22_function_signature_changes::same_all(&named, own));
    matches!(seen.statement.said, Said::Drop { if_exists: true, .. }) && differ
}

/// Whether the same transaction makes an identity column, whose sequence gets this name.
fn is_identity_s(seen: &Seen<'_>, broken: &Broken) -> bool {
    let named = |table: &Name, column: &str| broken.on.name == format!("{}_{column}_seq", table.name);
    broken.object == Object::Sequence
        && around::together(seen).into_iter().filter_map(around::actions).any(|(table, actions)| {
            actions.iter().any(
                |(action, _)| matches!(action, Action::AddIdentity { column, .. } if named(table, column)),
            )
        })
}

fn gone(seen: &Seen<'_>, broken: &Broken) -> Option<Hit> {
    if !matches!(seen.statement.said, Said::Drop { .. }) {
        return None;
    }
    let on = &broken.on;
    let (severity, note) = match broken.object {
        Object::View | Object::MaterializedView => (
            Severity::Breaks,
            "its definition can be written again, its privileges, too: keep both in the revert",
        ),
        Object::Function | Object::Procedure | Object::Aggregate => {
            (Severity::Breaks, "bodies of other functions that call it are text: they fail when they are run")
        }
        Object::Sequence => {
            (Severity::Breaks, "its last value is lost with it: a revert has to set it again")
        }
        Object::Extension => (Severity::Breaks, "every function, type and operator of it is gone, too"),
        Object::Type | Object::Domain => {
            (Severity::Advice, "casts and declarations that name it fail; a column of it would need CASCADE")
        }
        _ => return None,
    };
    // Nobody can call a function that is there for triggers.
    if routine(seen, broken).is_some_and(|own| own.of_trigger) || is_identity_s(seen, broken) {
        return None;
    }
    let severity = if is_another(seen, broken) { Severity::Advice } else { severity };
    let what = broken.object.word();
    let hit = Hit::new(broken.span, format!("the {what} {on} is gone: running code that uses it fails"));
    let Some((_, at_once)) = around::made_again(seen, &seen.before.key(on)) else {
        let hit = hit.severity(severity).note(note);
        return Some(match broken.object {
            Object::View => hit.instead(format!(
                "REVOKE ALL ON {} FROM app;  -- the roles that use it; GRANT takes it back; drop it weeks \
                 later",
                sql(on)
            )),
            _ => hit,
        });
    };
    // What is made again and differs has rules of its own.
    (!at_once).then(|| {
        hit.severity(Severity::Advice)
            .note("it is made again in another transaction: in between, running code fails")
    })
}
