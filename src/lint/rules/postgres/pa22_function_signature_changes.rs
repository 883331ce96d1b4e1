//! A function is dropped and made again with other parameters.

use super::around;
use super::script;

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Function, Name, Object, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PA22",
    name: "function-signature-changes",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A function is made again with other parameters, or beside one whose calls fit it, too",
    reason: "A function is known by its name and the types of its parameters. Once the old one is gone, \
             running code that calls it as before fails with \"function does not exist\"; other functions \
             that call it fail when they are run. What the server knows to use it (triggers, defaults, \
             views) makes the DROP itself fail, or goes with it by CASCADE. Beside the old one, a function with \
             defaults makes calls ambiguous, and one of a nearer type takes them over.",
    lock: "No lock on any table.",
    recipe: "Make the new one beside the old one: functions of one name may differ in their parameters. Or \
             give the new parameters defaults. Drop the old one in a later change.\n
    CREATE FUNCTION total(order_id bigint, currency text) RETURNS numeric
        LANGUAGE sql AS 'SELECT amount FROM totals WHERE id = $1 AND cur = $2';",
    bad: &[
        Example {
            given: "",
            sql: "DROP FUNCTION total(bigint); CREATE FUNCTION total(bigint, text) RETURNS int LANGUAGE sql \
                  AS 'SELECT 1';",
        },
        Example {
            given: "",
            sql: "BEGIN; DROP FUNCTION f(); CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT n'; \
                  COMMIT;",
        },
        Example {
            given: "CREATE FUNCTION total(n numeric) RETURNS numeric LANGUAGE sql AS 'SELECT n';",
            sql: "CREATE FUNCTION total(n numeric, rate numeric DEFAULT 1) RETURNS numeric LANGUAGE sql AS 'SELECT n * rate';",
        },
        Example {
            given: "CREATE FUNCTION total(n numeric) RETURNS numeric LANGUAGE sql AS 'SELECT n';",
            sql: "CREATE FUNCTION total(n int) RETURNS int LANGUAGE sql AS 'SELECT n';",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE OR REPLACE FUNCTION total(bigint) RETURNS int LANGUAGE sql AS 'SELECT 2';",
        },
        Example {
            given: "",
            sql: "BEGIN; DROP FUNCTION f(int); CREATE FUNCTION f(n int, m int DEFAULT 0) RETURNS int \
                  LANGUAGE sql AS 'SELECT n + m'; COMMIT;",
        },
        Example {
            given: "",
            sql: "CREATE FUNCTION total(bigint, text) RETURNS int LANGUAGE sql AS 'SELECT 1';",
        },
        Example {
            given: "CREATE FUNCTION total(n numeric) RETURNS numeric LANGUAGE sql AS 'SELECT n';",
            sql: "CREATE FUNCTION total(n numeric, rate numeric) RETURNS numeric LANGUAGE sql AS 'SELECT n * rate'; CREATE OR REPLACE FUNCTION total(n numeric) RETURNS numeric LANGUAGE sql AS 'SELECT n + 1';",
        },
    ],
    check,
};

/// The types that a `DROP` names for a function; none if it names none.
pub(super) fn dropped(seen: &Seen<'_>, name: &Name) -> Option<Vec<String>> {
    arguments(script::text(seen.statement, seen.statement.span), &name.name)
}

/// Whether two lists of types are the same.
pub(super) fn same_all(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

/// Whether a function takes as many values as another, of types to which the same calls fit.
fn is_nearer(new: &[String], old: &[String]) -> bool {
    let kind = |ty: &str| match ty.split('(').next().unwrap_or_default().trim() {
        "int" | "bigint" | "smallint" | "numeric" | "float8" | "float4" => 1,
        "text" | "varchar" | "bpchar" | "char" | "name" | "citext" => 2,
        "date" | "timestamp" | "timestamptz" => 3,
        "json" | "jsonb" => 4,
        _ => 0,
    };
    let last = |ty: &String| {
        let plain = plain(ty);
        kind(plain.rsplit(' ').next().unwrap_or_default())
    };
    let fits = |(new, old): (&String, &String)| same(new, old) || last(new) != 0 && last(new) == last(old);
    new.len() == old.len() && !same_all(new, old) && new.iter().zip(old).all(fits)
}

/// A function beside one of its name that takes the calls of the old one, too: the server cannot choose.
fn ambiguous(seen: &Seen<'_>, function: &Function) -> Option<Hit> {
    let schema = &seen.before.schema;
    let key = schema.resolve(&schema.routines, &function.name)?;
    let old = schema.routines.get(&key).filter(|_| !seen.before.bore(&key))?.parameters.as_ref()?;
    let drops = |next: &&Statement| match &next.said {
        Said::Drop { names, .. } => names.iter().any(|name| seen.before.key(name) == key),
        _ => false,
    };
    if around::together(seen).iter().any(drops) {
        return None;
    }
    if is_nearer(&function.parameters, old) {
        let message = format!(
            "calls of {}({}) may find the new {}({}) from now on, which is another function",
            function.name,
            spoken(old),
            function.name,
            spoken(&function.parameters)
        );
        return Some(
            Hit::new(seen.statement.span, message)
                .note("the server takes the one whose types are nearest to those of the call"),
        );
    }
    let more = function.parameters.len() > old.len();
    if !(more && takes(function, old)) {
        return None;
    }
    let message = format!(
        "calls of {}({}) fit the new function, too: they fail, since the server cannot choose",
        function.name,
        spoken(old)
    );
    Some(
        Hit::new(seen.statement.span, message).note(
            "give the new one another name, or no defaults, or drop the old one in the same transaction",
        ),
    )
}

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if let Said::CreateFunction(function) = &seen.statement.said {
        hits.extend(ambiguous(seen, function));
    }
    let Said::Drop { object: Object::Function | Object::Procedure, names, .. } = &seen.statement.said else {
        return;
    };
    for name in names {
        if seen.before.bore(name) {
            continue;
        }
        let key = seen.before.key(name);
        let made: Vec<&Function> = around::later(seen)
            .into_iter()
            .filter_map(|next| match &next.said {
                Said::CreateFunction(function) if seen.before.key(&function.name) == key => Some(&**function),
                _ => None,
            })
            .collect();
        if !made.is_empty() {
            hits.extend(changed(seen, name, &made));
        }
    }
}

fn changed(seen: &Seen<'_>, name: &Name, made: &[&Function]) -> Option<Hit> {
    let Some(old) = arguments(script::text(seen.statement, seen.statement.span), &name.name) else {
        return Some(
            Hit::new(
                seen.statement.span,
                format!("{name} is dropped and made again, perhaps with other parameters"),
            )
            .severity(Severity::Advice)
            .note("write the types of the parameters in the DROP: they tell whether callers notice"),
        );
    };
    if made.iter().any(|function| takes(function, &old)) {
        return None;
    }
    let news: Vec<String> =
        made.iter().map(|function| format!("{name}({})", spoken(&function.parameters))).collect();
    let message = format!(
        "{name}({}) is gone and {} takes its place: calls as before fail",
        spoken(&old),
        super::words::list(&news)
    );
    Some(
        Hit::new(seen.statement.span, message)
            .note("without the DROP both stay, and callers can move over one by one")
            .note("harmless if nothing calls it but what this change makes anew"),
    )
}

/// Types as a person would say them.
fn spoken(types: &[String]) -> String {
    types.iter().map(|ty| plain(ty)).collect::<Vec<_>>().join(", ")
}

/// Whether a call with arguments of these types finds the function.
fn takes(function: &Function, old: &[String]) -> bool {
    let required = function.parameters.len().saturating_sub(function.defaults);
    let fits = required <= old.len() && old.len() <= function.parameters.len();
    fits && old.iter().zip(&function.parameters).all(|(old, new)| same(old, new))
}

/// Whether two types are the same, a name before either of them left out of account.
fn same(old: &str, new: &str) -> bool {
    let (old, new) = (plain(old), plain(new));
    old == new || old.ends_with(&format!(" {new}")) || new.ends_with(&format!(" {old}"))
}

/// A type in the shortest spelling.
fn plain(ty: &str) -> String {
    let lower = ty.trim().to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split_whitespace()
        .filter(|word| !matches!(*word, "in" | "variadic"))
        .map(|word| match word {
            "integer" | "int4" => "int",
            "int8" => "bigint",
            "int2" => "smallint",
            "boolean" => "bool",
            "decimal" => "numeric",
            "varying" => "",
            "character" => "varchar",
            word => word.strip_prefix("pg_catalog.").unwrap_or(word),
        })
        .filter(|word| !word.is_empty())
        .collect();
    match words.join(" ").as_str() {
        "timestamp with time zone" => "timestamptz".to_owned(),
        "timestamp without time zone" => "timestamp".to_owned(),
        "time with time zone" => "timetz".to_owned(),
        "double precision" | "float" => "float8".to_owned(),
        "real" => "float4".to_owned(),
        other => other.to_owned(),
    }
}

/// The arguments that stand behind the name; none if there are no brackets.
fn arguments(text: &str, name: &str) -> Option<Vec<String>> {
    let (lower, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let rest = lower.match_indices(&name).find_map(|(at, _)| {
        let before = text.get(..at)?.chars().next_back()?;
        let after = text.get(at + name.len()..)?.trim_start_matches('"').trim_start();
        matches!(before, '.' | '"' | ' ' | '\n' | '\t').then(|| after.strip_prefix('(')).flatten()
    })?;
    let mut depth = 0_usize;
    let mut parts = vec![String::new()];
    for letter in rest.chars() {
        match letter {
            ')' if depth == 0 => {
                let parts: Vec<String> = parts.iter().map(|part| part.trim().to_owned()).collect();
                return Some(parts.into_iter().filter(|part| !part.is_empty()).collect());
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn arguments_are_taken_from_the_text() {
        let of = |text: &str| arguments(text, "f");
        assert_eq!(of("DROP FUNCTION a.f(int, numeric(10, 2))").unwrap(), ["int", "numeric(10, 2)"]);
        assert_eq!(of("DROP FUNCTION \"f\"()").unwrap(), Vec::<String>::new());
        assert_eq!(of("DROP FUNCTION f"), None);
    }

    #[test]
    fn types_are_the_same_in_other_words() {
        for (old, new, expected) in [
            ("integer", "int", true),
            ("n int", "integer", true),
            ("character varying", "varchar", true),
            ("int", "bigint", false),
        ] {
            assert_eq!(same(old, new), expected, "{old} {new}");
        }
    }
}
