//! PS14: a domain with a constraint.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{ConstraintKind, Said};

pub(super) static RULE: Rule = Rule {
    code: "PS14",
    name: "domain-with-constraint",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new domain has a CHECK or NOT NULL",
    reason: "To change the constraint later locks and reads every table that uses the domain, with no way \
             around: even VALIDATE takes a SHARE lock. A column of such a type, added to a table, rewrites \
             it.",
    lock: "",
    recipe: concat!(
        "A CHECK on the column can be added NOT VALID and validated while others write:\n\n",
        "    email text CHECK (email LIKE '%@%')",
    ),
    bad: &[
        Example { given: "", sql: "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');" },
        Example { given: "", sql: "CREATE DOMAIN name AS text NOT NULL;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE DOMAIN email AS text;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, email text CHECK (email LIKE '%@%'));",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateDomain { name, constraints, .. } = &seen.statement.said else { return };
    let limits =
        |kind: &ConstraintKind| matches!(kind, ConstraintKind::Check(_) | ConstraintKind::NotNull { .. });
    if constraints.iter().any(|constraint| limits(&constraint.kind)) {
        let message =
            format!("to change the constraint of the domain \"{name}\" later locks every table that uses it");
        hits.push(
            Hit::new(seen.statement.span, message).note("a CHECK on the column does not have this price"),
        );
    }
}
