//! PS16: `SECURITY DEFINER` without a search path of its own.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PS16",
    name: "security-definer-without-search-path",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a SECURITY DEFINER function does not set its search_path",
    reason: "It runs with the rights of its owner but looks names up along the path of its caller, who can \
             put a table or function of the same name in front and have the owner's rights run it.",
    lock: "",
    recipe: concat!(
        "Give it a path that callers cannot write to:\n\n",
        "    CREATE FUNCTION app.purge() RETURNS void LANGUAGE sql\n",
        "      SECURITY DEFINER SET search_path = app, pg_temp\n",
        "      AS $$ DELETE FROM app.old $$;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ DELETE FROM old \
                  $$;",
        },
        Example {
            given: "",
            sql: "CREATE OR REPLACE FUNCTION n() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER \
                  AS $$ BEGIN RETURN (SELECT count(*) FROM orders); END $$;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = app, \
                  pg_temp AS $$ DELETE FROM old $$;",
        },
        Example {
            given: "",
            sql: "CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS $$ DELETE FROM old $$;",
        },
        Example {
            given: "",
            sql: "CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ DELETE FROM old \
                  $$;\nALTER FUNCTION purge() SET search_path = app, pg_temp;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateFunction(function) = &seen.statement.said else { return };
    if !function.definer || function.sets_path || is_bound(&seen.statement.text) {
        return;
    }
    let mut after = seen.script.statements.iter().skip(seen.position);
    if after.any(|statement| sets_path(statement, &function.name)) {
        return;
    }
    let message = format!("\"{}\" runs with its owner's rights but its caller's search_path", function.name);
    hits.push(Hit::new(seen.statement.span, message).note("add SET search_path = …, pg_temp"));
}

/// Whether names in the body were looked up when it was made.
fn is_bound(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is = |word: Option<&&str>, known: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(known));
    words.windows(2).any(|pair| is(pair.first(), "BEGIN") && is(pair.get(1), "ATOMIC"))
}

fn sets_path(statement: &Statement, function: &Name) -> bool {
    match &statement.said {
        Said::AlterFunction { name } => {
            name.name == function.name && statement.text.to_ascii_lowercase().contains("search_path")
        }
        _ => false,
    }
}
