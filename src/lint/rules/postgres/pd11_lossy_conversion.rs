//! A change of type that rounds or cuts values.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Expr, Type};

pub(super) static RULE: Rule = Rule {
    code: "PD11",
    name: "lossy-conversion",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A change of type that rounds or cuts values",
    reason: "A smaller scale rounds, timestamptz(0) drops the fractions of seconds, a cast to varchar(20) in \
             USING cuts letters: without an error, in every row, and for good. To change the type back does \
             not bring the values back. (Where a value does not fit and nothing cuts it, the statement fails \
             instead.)",
    lock: "ACCESS EXCLUSIVE on the table while all of it is rewritten.",
    recipe: "Count first the rows that would change. If there are any, keep the old column beside the new \
             one until nobody needs what is lost.\n
    SELECT count(*) FROM orders WHERE placed_at <> placed_at::timestamptz(0);",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint, placed_at timestamptz);",
            sql: "ALTER TABLE orders ALTER COLUMN placed_at TYPE timestamptz(0);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, total numeric(12, 4));",
            sql: "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, note text);",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE varchar(20) USING left(note, 20);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint, total numeric(10, 2));",
            sql: "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, note varchar(100));",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE varchar(20);",
        },
        Example {
            given: "CREATE TABLE orders (id int, state text);",
            sql: "ALTER TABLE orders ALTER COLUMN id TYPE bigint USING id::bigint;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    let rows = seen.before.relation(table).and_then(|relation| relation.rows);
    if !seen.before.is_old(table) || rows == Some(0) {
        return;
    }
    for (action, span) in actions {
        let Action::AlterType { column, ty, using, .. } = action else { continue };
        if around::is_new_column(seen, table, column) {
            continue;
        }
        let old = around::column(seen, table, column).and_then(|own| own.ty.as_ref());
        let Some((what, severity)) = lost(column, old, ty, using.as_ref()) else { continue };
        let was = old.map(|ty| format!(", from {}", ty.written())).unwrap_or_default();
        let message = format!("{table}.{column} becomes {}{was}: {what}, without an error", ty.written());
        hits.push(
            Hit::new(*span, message)
                .on(table)
                .severity(severity)
                .note("harmless if every value comes back the same: compare before and after on a copy")
                .note("the revert script cannot bring back what is cut off"),
        );
    }
}

/// What is lost on the way, and how sure that is.
fn lost(
    column: &str,
    old: Option<&Type>,
    new: &Type,
    using: Option<&Expr>,
) -> Option<(&'static str, Severity)> {
    if let Some(using) = using.filter(|using| !using.is_column(column))
        && let Some(found) = by_expression(column, old, new, using)
    {
        return Some(found);
    }
    if using.is_some_and(|using| !is_cast(using, column)) {
        return None;
    }
    let Some(old) = old else { return unknown(new) };
    by_types(old, new).map(|what| (what, Severity::Breaks))
}

/// What a conversion between these types loses by itself.
fn by_types(old: &Type, new: &Type) -> Option<&'static str> {
    if old.array || new.array {
        return None;
    }
    let scale = |ty: &Type| ty.args.get(1).copied().unwrap_or(0);
    let whole = |name: &str| matches!(name, "int2" | "int4" | "int8");
    match (old.name.as_str(), new.name.as_str()) {
        ("numeric", "numeric") => {
            let rounds = !new.args.is_empty() && (old.args.is_empty() || scale(new) < scale(old));
            rounds.then_some("digits behind the point are rounded off")
        }
        ("numeric", to) if whole(to) => {
            (old.args.is_empty() || scale(old) > 0).then_some("digits behind the point are rounded off")
        }
        ("float4" | "float8", to) if whole(to) => Some("digits behind the point are rounded off"),
        ("float4" | "float8", "numeric") if !new.args.is_empty() => Some("digits are rounded off"),
        ("float8" | "numeric", "float4") | ("numeric", "float8") | ("int8" | "int4", "float4") => {
            Some("digits are rounded off")
        }
        ("timestamp" | "timestamptz", "date") => Some("the time of day is cut off"),
        ("timestamp" | "timestamptz", "time" | "timetz") => Some("the date is cut off"),
        (from, to) if is_time(from) && is_time(to) => {
            (precision(new) < precision(old)).then_some("fractions of seconds are rounded off")
        }
        _ => None,
    }
}

fn is_time(name: &str) -> bool {
    matches!(name, "timestamp" | "timestamptz" | "time" | "timetz" | "interval")
}

/// The digits behind the second; six unless something else is said.
fn precision(ty: &Type) -> i64 {
    ty.args.first().copied().unwrap_or(6)
}

/// The type until now is not known: these lose something of most that can become them.
fn unknown(new: &Type) -> Option<(&'static str, Severity)> {
    match new.name.as_str() {
        name if is_time(name) && precision(new) < 6 => {
            Some(("fractions of seconds are rounded off", Severity::Breaks))
        }
        "date" => Some(("if it held a time of day, that is cut off", Severity::Advice)),
        "numeric" if !new.args.is_empty() => {
            Some(("if it held more digits behind the point, they are rounded off", Severity::Advice))
        }
        _ => None,
    }
}

/// What an expression loses.
fn by_expression(
    column: &str,
    old: Option<&Type>,
    new: &Type,
    using: &Expr,
) -> Option<(&'static str, Severity)> {
    const CUTS: [&str; 20] = [
        "left",
        "right",
        "substr",
        "substring",
        "split_part",
        "round",
        "trunc",
        "floor",
        "ceil",
        "ceiling",
        "date_trunc",
        "length",
        "char_length",
        "lower",
        "upper",
        "trim",
        "btrim",
        "ltrim",
        "rtrim",
        "md5",
    ];
    if !using.columns.iter().any(|own| own == column) && !using.query {
        return Some(("what the column holds is left out", Severity::Breaks));
    }
    let cuts = |call: &crate::sql::statement::Name| CUTS.contains(&call.name.as_str());
    if using.calls.iter().any(cuts) {
        return Some(("the expression leaves out a part of the values", Severity::Breaks));
    }
    // A cast that is written cuts; the one that is made by itself refuses.
    let text =
        |ty: &Type| matches!(ty.name.as_str(), "varchar" | "bpchar") && !ty.args.is_empty() && !ty.array;
    let longer = old.is_none_or(|old| match (old.name.as_str(), old.args.first(), new.args.first()) {
        ("varchar" | "bpchar", Some(old), Some(new)) => old > new,
        _ => true,
    });
    (text(new) && is_cast(using, column) && longer).then_some(("longer values are cut", Severity::Breaks))
}

/// Whether it is nothing but the column, cast.
fn is_cast(using: &Expr, column: &str) -> bool {
    let text = using.text.trim().trim_start_matches('(').trim_start_matches('"').to_lowercase();
    let cast = text.starts_with("cast") || text.starts_with(&column.to_lowercase()) && text.contains("::");
    using.is_column(column) || cast && using.calls.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_round_and_types_that_do_not() {
        let ty = |name: &str, args: &[i64]| Type { args: args.to_vec(), ..Type::plain(name) };
        for (old, new, lossy) in [
            (ty("numeric", &[10, 2]), ty("numeric", &[8, 2]), false),
            (ty("numeric", &[10, 2]), ty("numeric", &[10, 1]), true),
            (ty("numeric", &[]), ty("numeric", &[10, 2]), true),
            (ty("numeric", &[10, 2]), ty("int4", &[]), true),
            (ty("numeric", &[10]), ty("int8", &[]), false),
            (ty("int8", &[]), ty("int4", &[]), false),
            (ty("timestamptz", &[3]), ty("timestamptz", &[]), false),
            (ty("timestamptz", &[]), ty("timestamp", &[0]), true),
            (ty("text", &[]), ty("varchar", &[20]), false),
        ] {
            assert_eq!(by_types(&old, &new).is_some(), lossy, "{} {}", old.written(), new.written());
        }
    }
}
