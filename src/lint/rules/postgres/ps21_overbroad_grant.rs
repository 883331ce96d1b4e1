//! PS21: more privileges than anybody needs.

use super::words;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PS21",
    name: "overbroad-grant",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "GRANT ALL, or a grant to PUBLIC",
    reason: "PUBLIC is everyone who can connect, now and later. ALL holds TRUNCATE, TRIGGER and REFERENCES, \
             which applications do not need and attackers like.",
    lock: "",
    recipe: concat!(
        "Name the privileges and the role:\n\n",
        "    GRANT SELECT, INSERT, UPDATE ON orders TO app;"
    ),
    bad: &[
        Example { given: "", sql: "GRANT ALL ON orders TO PUBLIC;" },
        Example { given: "", sql: "GRANT SELECT ON orders TO PUBLIC;" },
        Example { given: "", sql: "GRANT ALL PRIVILEGES ON orders TO app;" },
    ],
    good: &[
        Example { given: "", sql: "GRANT SELECT, INSERT ON orders TO app;" },
        Example { given: "", sql: "GRANT reader TO app;" },
        Example { given: "", sql: "REVOKE ALL ON orders FROM PUBLIC;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Privileges { grant: true, all, objects, roles, on_objects: true, .. } = &seen.statement.said
    else {
        return;
    };
    let names: Vec<String> = objects.iter().map(ToString::to_string).collect();
    let on = if names.is_empty() { String::new() } else { format!(" on {}", words::listed(&names)) };
    let message = match roles.iter().any(|role| role == "public") {
        true => format!("PUBLIC, which is everyone who can connect, gets privileges{on}"),
        false if *all => {
            format!("{} gets ALL privileges{on}, TRUNCATE and TRIGGER too", words::listed(roles))
        }
        false => return,
    };
    hits.push(Hit::new(seen.statement.span, message));
}
