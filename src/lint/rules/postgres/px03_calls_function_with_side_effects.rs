//! PX03: a function is called of which nobody knows what it does.

use super::calls;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PX03",
    name: "calls-function-with-side-effects",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a function or procedure is called whose body is not known here",
    reason: "A function may alter tables and write rows like any script. Its body is in the database, or in \
             a language that is not read here, so what the call does is not judged. The bodies of functions \
             that the project itself makes are read, and judged where they are called.",
    lock: "Those of the statements in its body.",
    recipe: "Write what it does into the script, or give lint a look at the target (--target, --facts), \
             which tells whether the function is STABLE or IMMUTABLE and can only read.",
    bad: &[
        Example { given: "", sql: "SELECT util.migrate_orders();" },
        Example { given: "", sql: "CALL rebuild_totals(7);" },
    ],
    good: &[
        Example { given: "", sql: "SELECT now(), setval('orders_id_seq', 100), pg_notify('a', 'b');" },
        Example {
            given: "CREATE FUNCTION vat(n numeric) RETURNS numeric STABLE LANGUAGE plpgsql AS $$ BEGIN \
                    RETURN n * 1.25; END $$;",
            sql: "SELECT vat(total) FROM orders;",
        },
        Example {
            given: "",
            sql: "CREATE FUNCTION greet() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'hello'; \
                  END $$;\nSELECT greet();",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let (names, verb): (&[Name], &str) = match &seen.statement.said {
        Said::Read(reads) => (&reads.calls, "function"),
        Said::Call { name } => (std::slice::from_ref(name), "procedure"),
        _ => return,
    };
    let mut told: Vec<&Name> = Vec::new();
    for name in names.iter().filter(|name| is_unknown(seen, name)) {
        if told.contains(&name) {
            continue;
        }
        told.push(name);
        let known = seen.before.schema.resolve(&seen.before.schema.routines, name);
        let language = known
            .and_then(|key| seen.before.schema.routines.get(&key))
            .map(|routine| routine.language.as_deref().unwrap_or("sql").to_owned());
        let why = match language {
            Some(language) => format!("its body ({language}) is not read here"),
            None => "no script here makes it".to_owned(),
        };
        let message = format!("what the {verb} \"{name}\" does is not known: {why}");
        let hit = Hit::new(seen.statement.span, message)
            .note("the call is not judged; it may lock or change anything that its body speaks of");
        hits.push(hit);
    }
}

/// Whether nothing is known of a function that would make a call harmless, or be judged by itself.
fn is_unknown(seen: &Seen<'_>, name: &Name) -> bool {
    let schema = &seen.before.schema;
    match schema.resolve(&schema.routines, name).and_then(|key| schema.routines.get(&key)) {
        Some(routine) => routine.volatile && !routine.constant && !seen.before.reads_body_of(name),
        None => !calls::is_harmless(name),
    }
}
