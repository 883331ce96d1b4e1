//! A schema or a database is dropped.

use super::words::{list, sql};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PD03",
    name: "drop-schema-or-database",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A schema or a database is dropped, with everything in it",
    reason: "CASCADE takes every table, view, function and type of the schema with it, and what depends on \
             them in other schemas, without naming one of them in the script. A database goes with all its \
             schemas, and no transaction brings it back.",
    lock: "ACCESS EXCLUSIVE on everything in it.",
    recipe: "Drop what is in it by name, each in a change that says what is lost, and the empty schema at \
             the end: without CASCADE the server refuses as long as anything is left.\n
    DROP TABLE billing.invoices;
    DROP SCHEMA billing;",
    bad: &[
        Example { given: "", sql: "DROP SCHEMA billing CASCADE;" },
        Example {
            given: "CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int);",
            sql: "DROP SCHEMA IF EXISTS billing CASCADE;",
        },
        Example { given: "", sql: "DROP DATABASE shop;" },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE SCHEMA work; CREATE TABLE work.t (id int); DROP SCHEMA work CASCADE;",
        },
        Example { given: "", sql: "CREATE SCHEMA billing;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let span = seen.statement.span;
    match &seen.statement.said {
        Said::Drop { object: Object::Schema, names, if_exists, cascade, .. } => {
            for name in names {
                hits.extend(schema(seen, name, *if_exists, *cascade));
            }
        }
        Said::Drop { object: Object::Database, names, .. } => {
            hits.push(Hit::new(span, format!("the database {} is gone, with everything in it", list(names))));
        }
        Said::Alone { command: "DROP DATABASE" } => {
            hits.push(Hit::new(span, "the database is gone, with everything in it"));
        }
        _ => {}
    }
}

fn schema(seen: &Seen<'_>, name: &Name, if_exists: bool, cascade: bool) -> Option<Hit> {
    let known = &seen.before.schema;
    let missing = known.complete && !known.schemas.contains(&name.name);
    if seen.before.bore(&Name::new(name.name.clone())) || missing && if_exists {
        return None;
    }
    let inside = |key: &&Name| key.schema.as_deref() == Some(name.name.as_str());
    let held: Vec<&Name> = known.relations.keys().filter(inside).collect();
    if !cascade {
        // The server refuses as long as there is anything in it.
        return Some(
            Hit::new(
                seen.statement.span,
                format!("the schema {name} is gone: search paths that name it miss it"),
            )
            .severity(Severity::Advice),
        );
    }
    let what = match held.as_slice() {
        [] => "everything in it".to_owned(),
        [some @ .., _] if some.len() >= 10 => format!("{} tables and views in it", held.len()),
        held => list(held),
    };
    let hit = Hit::new(seen.statement.span, format!("the schema {name} is gone, and with it {what}"))
        .note("CASCADE also drops what depends on it in other schemas")
        .instead(format!("DROP SCHEMA {};  -- after what is in it was dropped by name", sql(name)));
    // Where the project made other things, and not this one, it is there only if somebody else made it.
    let stranger = if_exists
        && held.is_empty()
        && !known.schemas.contains(&name.name)
        && known.relations.keys().any(|key| !seen.before.is_new(key));
    let harmless = stranger || known.complete && held.is_empty();
    Some(if harmless { hit.severity(Severity::Advice) } else { hit })
}
