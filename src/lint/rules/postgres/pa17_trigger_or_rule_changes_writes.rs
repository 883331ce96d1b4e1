//! A trigger or a rule comes between the application and its rows.

use super::words::{list, sql};
use super::{around, script};

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PA17",
    name: "trigger-or-rule-changes-writes",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A rule or trigger on a table in use may change or swallow what is written",
    reason: "DO INSTEAD puts something else in the place of the statement: the application is told that all \
             went well, and its row is not there. RETURNING stops working on such a table, too. A BEFORE \
             trigger may change the row, refuse it or drop it silently by giving back NULL; that depends on \
             its function, so it is advice only.",
    lock: "CREATE RULE: ACCESS EXCLUSIVE on the table; CREATE TRIGGER: SHARE ROW EXCLUSIVE; both for a \
           moment.",
    recipe: "Refuse writes by taking the privilege away, which is seen, or by a trigger that raises an \
             error. To keep two columns in step, a BEFORE trigger that only assigns is fine.\n
    REVOKE INSERT, UPDATE, DELETE ON settings FROM app;",
    bad: &[
        Example { given: "", sql: "CREATE RULE no_delete AS ON DELETE TO orders DO INSTEAD NOTHING;" },
        Example {
            given: "",
            sql: "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no \
                  more'; END $$; CREATE TRIGGER t BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION \
                  no_more();",
        },
        Example {
            given: "CREATE TABLE orders (id int);",
            sql: "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION check_order();",
        },
        Example {
            given: "CREATE TABLE orders (id int); GRANT INSERT ON orders TO app;",
            sql: "CREATE TABLE order_log (id int); CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO order_log VALUES (NEW.id); RETURN NULL; END $$; CREATE TRIGGER keep AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION keep();",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id int, note text, remark text);",
            sql: "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.remark := \
                  NEW.note; RETURN NEW; END $$; CREATE TRIGGER keep BEFORE INSERT ON orders FOR EACH ROW \
                  EXECUTE FUNCTION keep();",
        },
        Example {
            given: "",
            sql: "CREATE TRIGGER audit AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION \
                  audit();",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (id int); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;",
        },
        Example {
            given: "CREATE TABLE orders (id int); GRANT INSERT ON orders TO app;",
            sql: "CREATE TABLE order_log (id int); GRANT INSERT ON order_log TO app; CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO order_log VALUES (NEW.id); RETURN NULL; END $$; CREATE TRIGGER keep AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION keep();",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let span = seen.statement.span;
    match &seen.statement.said {
        Said::CreateRule { name, table, instead, event }
            if seen.before.is_old(table) && event != "SELECT" =>
        {
            let upper = script::text(seen.statement, seen.statement.span).to_ascii_uppercase();
            let nothing = upper.ends_with("NOTHING");
            let view = seen.before.relation(table).is_some_and(|own| own.object != Object::Table);
            let hit = match (*instead, nothing) {
                (false, true) => return,
                (false, false) => Hit::new(
                    span,
                    format!("with the rule {name}, each {event} on {table} does more than it says"),
                )
                .severity(Severity::Advice),
                (true, true) => Hit::new(
                    span,
                    format!("with the rule {name}, {event} on {table} does nothing and reports success"),
                ),
                (true, false) => Hit::new(
                    span,
                    format!("with the rule {name}, {event} on {table} does something else than it says"),
                ),
            };
            // Rules make views writable that are not by themselves.
            let hit = if view && !nothing { hit.severity(Severity::Advice) } else { hit };
            hits.push(hit.on(table).note("the application cannot tell: no error is raised"));
        }
        Said::CreateTrigger { name, table, timing, function } if seen.before.is_old(table) => {
            hits.extend(trigger(seen, name, table, timing, function.as_ref()));
        }
        _ => {}
    }
}

fn trigger(seen: &Seen<'_>, name: &str, table: &Name, timing: &str, function: Option<&Name>) -> Option<Hit> {
    let body = function.and_then(|function| body(seen, function));
    let says = |words: &str| body.as_ref().is_some_and(|body| body.contains(words));
    let before = timing == "BEFORE";
    let span = seen.statement.span;
    if let Some(hit) = function.and_then(|function| without_rights(seen, name, table, function)) {
        return Some(hit);
    }
    // Whatever stands first in the body is done for every row.
    if says("BEGIN RAISE EXCEPTION") || before && says("BEGIN RETURN NULL") {
        let what = if says("BEGIN RAISE EXCEPTION") { "refuses" } else { "swallows" };
        let message =
            format!("the trigger {name} {what} writes to {table}: running code that does them fails");
        return Some(Hit::new(span, message).on(table));
    }
    let only_assigns = body.is_some() && !says("RAISE EXCEPTION") && !says("RETURN NULL");
    if !before || only_assigns {
        return None;
    }
    let by = function.map(|function| format!(" by {function}")).unwrap_or_default();
    Some(
        Hit::new(span, format!("the trigger {name} may change or refuse what is written to {table}{by}"))
            .on(table)
            .severity(Severity::Advice)
            .note("harmless if its function only assigns columns that running code leaves out"),
    )
}

/// A trigger that does something in new tables on which those who write to its table have no privileges.
fn without_rights(seen: &Seen<'_>, name: &str, table: &Name, function: &Name) -> Option<Hit> {
    let key = seen.before.key(function);
    let made = around::earlier(seen).into_iter().rev().find_map(|old| match &old.said {
        Said::CreateFunction(own) if seen.before.key(&own.name) == key => Some(own),
        _ => None,
    })?;
    let body = made.body.as_ref().filter(|_| !made.definer)?;
    let mut statements = around::earlier(seen);
    statements.extend(around::later(seen));
    let written = body.iter().filter_map(|inner| match &inner.said {
        Said::Write(writes, _) => Some(writes),
        _ => None,
    });
    let new = written.flatten().find_map(|write| {
        let target = seen.before.key(&write.table);
        if !seen.before.is_of_this_script(&target) {
            return None;
        }
        match around::grants(seen, seen.before.relation(table), &target, &statements) {
            around::Grants::Lacking(mut roles) => {
                let writers = seen.before.relation(table).map(|own| own.writers.clone()).unwrap_or_default();
                roles.retain(|role| writers.contains(role));
                (!roles.is_empty()).then(|| (write.table.clone(), roles))
            }
            _ => None,
        }
    });
    let (into, roles) = new?;
    let message = format!(
        "the trigger {name} writes to {into}, on which {} has no privileges: writes to {table} fail",
        list(&roles)
    );
    Some(
        Hit::new(seen.statement.span, message)
            .on(table)
            .instead(format!("GRANT INSERT ON {} TO {};", sql(&into), roles.join(", ")))
            .note(
                "a function that is SECURITY DEFINER, with a search_path of its own, needs no such privilege",
            ),
    )
}

/// The text of a function that this script makes, in upper case and with single blanks.
fn body(seen: &Seen<'_>, function: &Name) -> Option<String> {
    let key = seen.before.key(function);
    let made = around::earlier(seen).into_iter().rev().find(|old| match &old.said {
        Said::CreateFunction(own) => seen.before.key(&own.name) == key,
        _ => false,
    })?;
    Some(made.text.to_uppercase().split_whitespace().collect::<Vec<_>>().join(" "))
}
