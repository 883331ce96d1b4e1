//! Row-level security without a policy that lets anybody see a row.

use super::around;
use super::words::sql;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PA11",
    name: "enable-rls-without-policy",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "Row-level security is switched on and no policy lets rows through",
    reason: "Without a permissive policy every row vanishes for ordinary roles: SELECT finds nothing, UPDATE \
             and DELETE touch nothing and report success, INSERT fails. The owner of the table, superusers \
             and roles with BYPASSRLS see everything still, until FORCE includes the owner. Tests that run \
             as the owner therefore notice nothing.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Make the policies first, for every role that uses the table, and switch row-level security on \
             after them in the same transaction.\n
    CREATE POLICY orders_app ON orders TO app USING (true) WITH CHECK (true);
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;" },
        Example {
            given: "CREATE TABLE orders (id bigint); ALTER TABLE orders ENABLE ROW LEVEL SECURITY;",
            sql: "ALTER TABLE orders FORCE ROW LEVEL SECURITY;",
        },
        Example {
            given: "",
            sql: "CREATE POLICY p ON orders AS RESTRICTIVE USING (true); ALTER TABLE orders ENABLE ROW LEVEL \
                  SECURITY;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE POLICY p ON orders USING (true); ALTER TABLE orders ENABLE ROW LEVEL SECURITY;",
        },
        Example {
            given: "",
            sql: "BEGIN; ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING \
                  (true); COMMIT;",
        },
        Example { given: "", sql: "CREATE TABLE t (id int); ALTER TABLE t ENABLE ROW LEVEL SECURITY;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    let relation = seen.before.relation(table);
    for (action, span) in actions {
        let forced = match action {
            Action::EnableRls if relation.is_some_and(|own| own.row_security) => continue,
            Action::EnableRls => false,
            Action::ForceRls { on: true } => true,
            _ => continue,
        };
        // It is switched on in the same breath, or is off as far as anybody knows and stays off.
        let enabled_here = actions.iter().any(|(other, _)| matches!(other, Action::EnableRls));
        let off = relation.is_some_and(|own| own.columns_known && !own.row_security);
        if forced && (enabled_here || off) || has_policy(seen, table) {
            continue;
        }
        let severity = if forced { Severity::Advice } else { Severity::Breaks };
        let who = if forced { "its owner, too" } else { "everyone but its owner and superusers" };
        hits.push(
            Hit::new(
                *span,
                format!("no policy on {table} lets rows through: for {who}, all its rows vanish"),
            )
            .on(table)
            .severity(severity)
            .note("INSERT fails then; UPDATE and DELETE touch no row and report success")
            .instead(format!(
                "CREATE POLICY {name} ON {table} TO app USING (true) WITH CHECK (true);  -- for each role\n\
                 ALTER TABLE {table} {words} ROW LEVEL SECURITY;",
                name = super::words::ident(&format!("{}_app", table.name)),
                table = sql(table),
                words = if forced { "FORCE" } else { "ENABLE" },
            )),
        );
    }
}

/// Whether a permissive policy is there, or comes in the same transaction.
fn has_policy(seen: &Seen<'_>, table: &Name) -> bool {
    let key = seen.before.key(table);
    let mut restrictive: Vec<&str> = Vec::new();
    let mut statements = around::earlier(seen);
    statements.extend(around::together(seen));
    for statement in statements {
        if let Said::CreatePolicy { name, table: on, restrictive: only } = &statement.said
            && seen.before.key(on) == key
        {
            if !only {
                return true;
            }
            restrictive.push(name);
        }
    }
    let known = seen.before.relation(table).map_or(&[][..], |relation| &relation.policies);
    known.iter().any(|policy| !restrictive.contains(&policy.as_str()))
}
