//! PS22: an extension in `public`.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PS22",
    name: "extension-in-public",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new extension puts its objects among the application's",
    reason: "Its functions and types share the names of yours: an upgrade that brings a new one may meet \
             one that is there, and a dump of your schema holds the extension's objects.",
    lock: "",
    recipe: concat!(
        "A schema for extensions:\n\n",
        "    CREATE SCHEMA IF NOT EXISTS extensions;\n",
        "    CREATE EXTENSION IF NOT EXISTS citext SCHEMA extensions;",
    ),
    bad: &[
        Example { given: "", sql: "CREATE EXTENSION citext;" },
        Example { given: "", sql: "CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE EXTENSION citext SCHEMA extensions;" },
        Example { given: "", sql: "CREATE EXTENSION plpgsql;" },
    ],
    check,
};

/// Extensions that choose their schema themselves.
const SETTLED: &[&str] = &[
    "adminpack",
    "pg_cron",
    "pgmq",
    "pgsodium",
    "plperl",
    "plpgsql",
    "plpython3u",
    "pltcl",
    "postgis_tiger_geocoder",
    "postgis_topology",
    "supabase_vault",
];

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateExtension { name, schema } = &seen.statement.said else { return };
    let schema = schema.as_deref().unwrap_or(seen.before.schema.home());
    if schema == "public" && !SETTLED.contains(&name.as_str()) {
        let message = format!("the extension \"{name}\" puts its objects into the schema public");
        hits.push(Hit::new(seen.statement.span, message).note("SCHEMA extensions keeps them apart"));
    }
}
