//! A role loses a privilege.

use super::pa22_function_signature_changes::same_all;
use super::words::list;
use super::{around, script};
use crate::lint::effect::{How, Refusal};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said, Span, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PA12",
    name: "revoke-from-application-role",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A privilege is taken from a role that running code may use, or what it calls loses its owner's rights",
    reason: "From the commit on, statements of that role that need the privilege fail with \"permission \
             denied\". What only a weekly job does fails a week later. As a first step before a drop it is a \
             good thing: it shows who still uses the object, and one GRANT takes it back. The same happens when \
             a function is no longer SECURITY DEFINER, a view becomes security_invoker or gets another owner: \
             from then on somebody else's privileges count.",
    lock: "No lock on any table.",
    recipe: "Look which sessions and jobs use the role, and take one privilege after the other, with the \
             GRANT at hand in the revert script.\n
    REVOKE DELETE ON orders FROM app;
    -- revert
    GRANT DELETE ON orders TO app;",
    bad: &[
        Example { given: "", sql: "REVOKE INSERT ON orders FROM app;" },
        Example {
            given: "CREATE TABLE orders (id bigint); GRANT SELECT, INSERT ON orders TO app;",
            sql: "REVOKE ALL ON orders FROM app;",
        },
        Example { given: "", sql: "ALTER FUNCTION log_order() SECURITY INVOKER;" },
        Example {
            given: "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
            sql: "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';",
        },
        Example {
            given: "CREATE TABLE orders (id bigint); CREATE VIEW ids AS SELECT id FROM orders;",
            sql: "ALTER VIEW ids SET (security_invoker = true);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint); CREATE VIEW ids AS SELECT id FROM orders;",
            sql: "ALTER VIEW ids OWNER TO keeper;",
        },
        Example {
            given: "CREATE TABLE people (id int, secret text); GRANT SELECT ON people TO app;",
            sql: "BEGIN; REVOKE SELECT ON people FROM app; GRANT SELECT (id) ON people TO app; COMMIT;",
        },
    ],
    good: &[
        Example { given: "", sql: "GRANT SELECT ON orders TO app;" },
        Example { given: "", sql: "CREATE TABLE t (id int); REVOKE ALL ON t FROM app;" },
        Example {
            given: "",
            sql: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION f() \
                  FROM PUBLIC;",
        },
        Example {
            given: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            sql: "ALTER FUNCTION f() SECURITY INVOKER;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint); GRANT SELECT ON orders TO keeper; CREATE VIEW ids AS SELECT id FROM orders;",
            sql: "ALTER VIEW ids OWNER TO keeper; ALTER VIEW ids SET (security_invoker = false);",
        },
    ],
    check,
};

/// A view reads with the rights of its owner.
fn rights_of_owner(seen: &Seen<'_>, view: &Name, words: &str) -> Option<Hit> {
    let (_, owner) = words.split_once("owner to ")?;
    let owner = owner.split([' ', ';']).next()?.trim_matches('"').to_owned();
    let reads = &seen.before.relation(view)?.reads;
    let may = |table: &Name| {
        let granted = seen.before.relation(table).map(|own| own.granted.as_slice()).unwrap_or_default();
        granted.iter().any(|role| *role == owner || role == "public")
    };
    let lacking: Vec<&Name> = reads.iter().filter(|table| !may(table)).collect();
    (!lacking.is_empty()).then(|| {
        let message = format!(
            "the view {view} reads with the rights of {owner} from now on, who was granted nothing on {}: \
             queries of it fail",
            list(&lacking)
        );
        // Where nothing is granted at all, who owns what is anybody's guess.
        let granted =
            reads.iter().any(|table| seen.before.relation(table).is_some_and(|own| !own.granted.is_empty()));
        let severity = if granted { Severity::Breaks } else { Severity::Advice };
        Hit::new(seen.statement.span, message)
            .severity(severity)
            .note("harmless if that role owns them, or is a superuser")
    })
}

/// What ran with the rights of its owner runs with those of its caller.
fn rights_of_caller(seen: &Seen<'_>) -> Option<Hit> {
    let text = script::text(seen.statement, seen.statement.span).to_ascii_lowercase();
    let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (what, name) = match &seen.statement.said {
        Said::AlterFunction { name } if words.contains("security invoker") => {
            let schema = &seen.before.schema;
            let key = schema.resolve(&schema.routines, name);
            let known = key.and_then(|key| schema.routines.get(&key));
            if seen.before.bore(name) || known.is_some_and(|own| !own.definer) {
                return None;
            }
            ("function", name)
        }
        Said::CreateFunction(function) if function.or_replace && !function.definer => {
            let schema = &seen.before.schema;
            let key = schema.resolve(&schema.routines, &function.name)?;
            let own = schema.routines.get(&key)?;
            let same = own.parameters.as_ref().is_some_and(|own| same_all(own, &function.parameters));
            if !own.definer || !same || seen.before.bore(&function.name) {
                return None;
            }
            ("function", &function.name)
        }
        Said::AlterTable { object: Object::View, table, actions, .. }
            if seen.before.is_old(table) && actions.iter().any(|(action, _)| *action == Action::OwnerTo) =>
        {
            return rights_of_owner(seen, table, &words);
        }
        Said::AlterTable { table, actions, .. } if seen.before.is_old(table) => {
            let set = |(action, _): &(Action, Span)| matches!(action, Action::Options(list) if list.iter().any(|own| own == "security_invoker"));
            let (before, rest) = words.split_once("security_invoker")?;
            let value = rest.trim_start_matches([' ', '=', '\'']);
            let off = ["false", "off", "0", "no"].iter().any(|off| value.starts_with(off));
            if !actions.iter().any(set) || off || before.contains("reset") {
                return None;
            }
            ("view", table)
        }
        _ => return None,
    };
    let message = format!(
        "the {what} {name} has the rights of whoever uses it from now on: roles without privileges on what \
         it reads and writes fail"
    );
    Some(
        Hit::new(seen.statement.span, message)
            .note("grant them what it needs before, in the same transaction"),
    )
}

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    hits.extend(rights_of_caller(seen));
    let Said::Privileges { grant: false, objects, roles, .. } = &seen.statement.said else { return };
    let refused =
        seen.effects.broken.iter().filter(|broken| broken.how == How::Refuses(Refusal::NoPrivilege));
    let spans: Vec<Span> = refused.map(|broken| broken.span).collect();
    let Some(span) = spans.first() else { return };
    let told = |object: &Name| {
        let relation = seen.before.relation(object);
        let unknown = relation.is_none_or(|own| own.granted.is_empty() && !seen.before.schema.complete);
        let had = relation.is_some_and(|own| own.granted.iter().any(|role| roles.contains(role)));
        !seen.before.is_new(object) && (unknown || had)
    };
    let concerned: Vec<&Name> = objects.iter().filter(|object| told(object)).collect();
    if concerned.is_empty() && !objects.is_empty() {
        return;
    }
    // What everybody may do by default is taken away for safety's sake, and named roles keep their own.
    let everybody = roles.iter().all(|role| role == "public");
    if everybody && objects.is_empty() && around::earlier(seen).iter().any(|old| makes_something(&old.said)) {
        return;
    }
    let who: Vec<&str> =
        roles.iter().map(|role| if role == "public" { "PUBLIC" } else { role.as_str() }).collect();
    let on = if concerned.is_empty() { String::new() } else { format!(" on {}", list(&concerned)) };
    let mut hit = Hit::new(
        *span,
        format!("{} may do less{on}: what needs the privilege fails from now on", list(&who)),
    );
    // But of functions everybody may call them, and few grant that by name.
    let of_functions = everybody && objects.is_empty() && names_functions(seen.statement);
    if everybody && !of_functions || given_again(seen, objects, roles) || is_rare(seen.statement) {
        hit = hit.severity(Severity::Advice);
    }
    hits.push(match (everybody, concerned.as_slice()) {
        (true, _) => hit.note("roles that were granted the privilege by name keep it"),
        (false, [one]) => hit.on(one).note("harmless if no session uses the privilege"),
        (false, _) => hit.note("harmless if no session uses the privilege"),
    });
}

/// What stands before `ON`: the privileges, in upper case and with single blanks.
fn given(statement: &Statement) -> String {
    let upper = statement.text.to_ascii_uppercase();
    let words: Vec<&str> = upper.split_whitespace().take_while(|word| *word != "ON").collect();
    words.join(" ")
}

/// Whether only privileges go that running code has no use for.
fn is_rare(statement: &Statement) -> bool {
    let given = given(statement);
    let mut words = given.split([' ', ',', '\n', '\t']).filter(|word| !word.is_empty()).skip(1).peekable();
    words.peek().is_some()
        && words.all(|word| ["TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"].contains(&word))
}

/// Whether privileges on functions are meant.
fn names_functions(statement: &Statement) -> bool {
    let words = statement.text.split_whitespace().take(12).map(str::to_uppercase);
    let is = |word: String| {
        ["FUNCTION", "FUNCTIONS", "PROCEDURE", "PROCEDURES", "ROUTINE", "ROUTINES"].contains(&word.as_str())
    };
    words.into_iter().any(is)
}

/// Whether a statement makes a function or a schema, whose privileges the script then puts right.
fn makes_something(said: &Said) -> bool {
    matches!(said, Said::CreateFunction(_) | Said::CreateSchema { .. })
}

/// Whether a `GRANT` names columns: `GRANT SELECT (id, name) ON …`.
fn names_columns(statement: &Statement) -> bool {
    given(statement).contains('(')
}

/// Whether the same transaction grants these roles something on the same objects.
fn given_again(seen: &Seen<'_>, objects: &[Name], roles: &[String]) -> bool {
    let covers = |list: &[Name]| {
        let same = |name: &Name| list.iter().any(|own| seen.before.key(own) == seen.before.key(name));
        objects.iter().all(same)
    };
    around::together(seen).into_iter().any(|next| match &next.said {
        // A grant on columns covers these only.
        Said::Privileges { grant: true, objects: own, roles: to, .. }
            if !names_columns(next) && own.is_empty() == objects.is_empty() =>
        {
            covers(own) && roles.iter().all(|role| to.contains(role))
        }
        _ => false,
    })
}
