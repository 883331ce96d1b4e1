//! A policy, a role, an extension or the server itself behaves differently from now on.

use super::words::{list, sql};
use super::{around, script};

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Kind;
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said, Span, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PA26",
    name: "policy-role-extension-change",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "A policy, role, extension or setting changes what everybody else sees",
    reason: "A narrower policy hides rows without an error: SELECT finds fewer, UPDATE and DELETE touch \
             fewer and report success. ALTER ROLE, ALTER DATABASE and ALTER SYSTEM change settings for every \
             new session, and ALTER EXTENSION UPDATE changes functions under those who call them. A table without \
             a key that is published refuses UPDATE and DELETE. None of it \
             shows in a test that runs as the owner.",
    lock: "Policies: ACCESS EXCLUSIVE on the table, for a moment; the others none on tables.",
    recipe:
        "Put it into a change of its own, and rehearse it under the application's role. Widen before you \
         narrow: make the new policy beside the old one, and drop the old one later.\n
    CREATE POLICY orders_by_tenant ON orders TO app
        USING (tenant_id = current_setting('app.tenant')::bigint);
    -- in a later change
    DROP POLICY orders_all ON orders;",
    bad: &[
        Example { given: "", sql: "ALTER POLICY p ON orders USING (false);" },
        Example { given: "", sql: "ALTER ROLE app SET statement_timeout = '1s';" },
        Example { given: "", sql: "DROP POLICY p ON orders;" },
        Example {
            given: "CREATE TABLE orders (id bigint, tenant bigint);",
            sql: "CREATE POLICY p ON orders TO app USING (tenant = 1); ALTER TABLE orders ENABLE ROW LEVEL \
                  SECURITY;",
        },
        Example { given: "", sql: "ALTER EXTENSION postgis UPDATE;" },
        Example {
            given: "CREATE TABLE presence (device text);",
            sql: "CREATE PUBLICATION feed FOR TABLE presence;",
        },
    ],
    good: &[
        Example { given: "", sql: "COMMENT ON POLICY p ON orders IS 'for the shop';" },
        Example {
            given: "",
            sql: "CREATE POLICY p ON orders USING (true); ALTER TABLE orders ENABLE ROW LEVEL SECURITY;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (id int); CREATE POLICY p ON t USING (true); ALTER POLICY p ON t USING \
                  (false);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE presence (device text);",
            sql: "CREATE PUBLICATION one FOR TABLE orders; CREATE PUBLICATION two FOR TABLE presence WITH (publish = 'insert');",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let span = seen.statement.span;
    match &seen.statement.said {
        Said::AlterPolicy { name, table } if seen.before.is_old(table) => {
            let squeezed = squeeze(seen.statement);
            // A new name or other roles hide no rows by themselves.
            if squeezed.contains(&format!("on{}renameto", table.name)) {
                return;
            }
            let none = squeezed.contains("using(false)");
            let what = if none { "no row" } else { "other rows" };
            let message = format!("the policy {name} lets {what} of {table} through from now on");
            let hit = Hit::new(span, message).on(table);
            hits.push(if none || narrows(&squeezed) {
                hit.severity(Severity::Breaks)
                    .note("rows that it hides now vanish without an error, unless another policy shows them")
            } else {
                hit.note("rows that it hides now vanish without an error; harmless if it only widens")
            });
        }
        Said::CreatePolicy { name, table, restrictive: true } if seen.before.is_old(table) => {
            let on = seen.before.relation(table).is_some_and(|own| own.row_security);
            let severity = if on { Severity::Breaks } else { Severity::Advice };
            let message =
                format!("the restrictive policy {name} hides rows of {table} that were seen until now");
            hits.push(
                Hit::new(span, message)
                    .on(table)
                    .severity(severity)
                    .note("rows that it hides vanish without an error"),
            );
        }
        Said::Drop { object: Object::Policy, names, on: Some(table), .. } if seen.before.is_old(table) => {
            hits.extend(names.iter().filter_map(|name| dropped(seen, table, name)));
        }
        Said::Drop { object: Object::Role, names, .. } => hits.push(
            Hit::new(
                span,
                format!("the role {} is gone: sessions cannot log in with it any more", list(names)),
            )
            .severity(Severity::Breaks),
        ),
        Said::Alone { command } if command.starts_with("ALTER SYSTEM") => {
            hits.push(other(seen, Object::Other, "the configuration of the whole server"));
        }
        Said::Attend { object: Object::Publication, tables } => {
            hits.extend(tables.iter().filter_map(|table| published(seen, table)));
        }
        Said::AlterOther { object, name } => hits.push(other(seen, *object, name)),
        Said::AlterTable { table, actions, .. } if seen.before.is_old(table) => {
            hits.extend(enabled(seen, table, actions));
            let off = seen.before.relation(table).is_some_and(|own| own.columns_known && !own.row_security);
            let span =
                actions.iter().find(|(action, _)| *action == Action::DisableRls).map(|(_, span)| *span);
            if let Some(span) = span.filter(|_| !off) {
                let message =
                    format!("every role with privileges on {table} sees and writes all its rows from now on");
                hits.push(Hit::new(span, message).on(table).note("the policies stay, and do nothing"));
            }
        }
        _ => {}
    }
}

/// Whether a policy, written without blanks, has a condition that hides rows: `USING (true)` hides none, and
/// what is joined by `OR` more likely adds some.
fn narrows(squeezed: &str) -> bool {
    squeezed.contains("using(") && !squeezed.contains("using(true)") && !squeezed.contains(")or")
}

/// The text of a statement without blanks, in lower case.
fn squeeze(statement: &Statement) -> String {
    let text = script::text(statement, statement.span).to_ascii_lowercase();
    text.split_whitespace().collect::<Vec<_>>().concat()
}

/// Row-level security is switched on, and the policies of this script let only some rows through.
fn enabled(seen: &Seen<'_>, table: &Name, actions: &[(Action, Span)]) -> Option<Hit> {
    let (_, span) = actions.iter().find(|(action, _)| *action == Action::EnableRls)?;
    let key = seen.before.key(table);
    let relation = seen.before.relation(table);
    if relation.is_some_and(|own| own.row_security) {
        return None;
    }
    let mut statements = around::earlier(seen);
    statements.extend(around::together(seen));
    let policies: Vec<(&str, &Statement)> = statements
        .into_iter()
        .filter_map(|statement| match &statement.said {
            Said::CreatePolicy { name, table: on, restrictive: false } if seen.before.key(on) == key => {
                Some((name.as_str(), statement))
            }
            _ => None,
        })
        .collect();
    let own = |name: &String| policies.iter().any(|(policy, _)| policy == name);
    let others = relation.is_some_and(|own_table| !own_table.policies.iter().all(own));
    let all = policies.iter().all(|(_, policy)| narrows(&squeeze(policy)));
    if policies.is_empty() || others || !all {
        return None;
    }
    // Rows that say by default who wrote them stay with who did.
    let by_writer = |policy: &Statement| {
        squeeze(policy).contains("=current_user")
            && relation.is_some_and(|own| {
                own.columns.iter().any(|column| {
                    column
                        .default
                        .as_deref()
                        .is_some_and(|default| default.eq_ignore_ascii_case("current_user"))
                })
            })
    };
    let severity = if policies.iter().all(|(_, policy)| by_writer(policy)) {
        Severity::Advice
    } else {
        Severity::Breaks
    };
    let names: Vec<&str> = policies.iter().map(|(name, _)| *name).collect();
    let message = format!("only rows of {table} that {} lets through are seen from now on", list(&names));
    Some(
        Hit::new(*span, message)
            .on(table)
            .severity(severity)
            .note("running code that knows nothing of the policy finds fewer rows, without an error")
            .note("harmless if it runs as the owner of the table"),
    )
}

/// A policy goes; without another one, so do the rows.
fn dropped(seen: &Seen<'_>, table: &Name, name: &Name) -> Option<Hit> {
    let key = seen.before.key(table);
    let mut statements = around::earlier(seen);
    statements.extend(around::later(seen));
    let replaced = statements.iter().any(|next| match &next.said {
        Said::CreatePolicy { table: on, restrictive: false, .. } => seen.before.key(on) == key,
        Said::AlterTable { table: on, actions, .. } if seen.before.key(on) == key => {
            actions.iter().any(|(action, _)| *action == Action::DisableRls)
        }
        _ => false,
    });
    let relation = seen.before.relation(table);
    let off = relation.is_some_and(|own| own.columns_known && !own.row_security);
    let name = &name.name;
    if replaced || off {
        return None;
    }
    let last = relation.is_some_and(|own| own.row_security && own.policies.iter().all(|other| other == name));
    let hit = if last {
        Hit::new(
            seen.statement.span,
            format!(
                "{name} is the last policy of {table}: without it all rows vanish for everyone but its \
                 owner"
            ),
        )
        .severity(Severity::Breaks)
    } else {
        Hit::new(
            seen.statement.span,
            format!("the policy {name} of {table} is gone: other rows are seen from now on"),
        )
        .note("if no other policy lets rows through, all of them vanish for everyone but the owner")
    };
    Some(hit.on(table))
}

/// What is published needs something by which a row is known again.
fn published(seen: &Seen<'_>, table: &Name) -> Option<Hit> {
    let text = squeeze(seen.statement);
    let inserts = text.contains("publish='insert'") || text.contains("publish=insert");
    let relation = seen.before.relation(table).filter(|own| own.columns_known && !own.partitioned)?;
    let key = relation.constraints.iter().any(|own| own.kind == Kind::PrimaryKey);
    let identity = around::earlier(seen).iter().any(|old| match &old.said {
        Said::AlterTable { table: on, actions, .. } => {
            let own = actions.iter().any(|(action, _)| *action == Action::ReplicaIdentity);
            own && seen.before.key(on) == seen.before.key(table)
        }
        _ => false,
    });
    if inserts || key || identity || !seen.before.is_old(table) {
        return None;
    }
    let message = format!("{table} has no primary key: with this publication UPDATE and DELETE of it fail");
    Some(
        Hit::new(seen.statement.span, message)
            .severity(Severity::Breaks)
            .on(table)
            .note("harmless if it has a replica identity already")
            .instead(format!("ALTER TABLE {} REPLICA IDENTITY FULL;  -- before it", sql(table))),
    )
}

/// Roles, extensions, databases and the server.
fn other(seen: &Seen<'_>, object: Object, name: &str) -> Hit {
    let what = match object {
        Object::Other => name.to_owned(),
        object => format!("the {} {name}", object.word()),
    };
    let note = match object {
        Object::Role => "sessions that are open keep what they have; new ones get the change",
        Object::Extension => "functions and types of the extension may behave differently at once",
        Object::Database => "sessions that are open keep their settings; new ones get the change",
        _ => "it is not undone by reverting this change unless the revert script says so",
    };
    Hit::new(seen.statement.span, format!("{what} changes for everyone, not for this project only"))
        .note(note)
}
