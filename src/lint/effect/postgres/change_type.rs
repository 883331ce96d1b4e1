//! What it costs to change the type of a column.

use crate::lint::state::State;
use crate::sql::statement::{Expr, Type};

/// What it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cost {
    /// Only the catalogue changes.
    Free,
    /// The table is written anew.
    Rewrite,
    /// It is written anew, and values may lose something or not fit.
    Narrow,
    /// It is written anew unless the session's time zone is UTC.
    TimeZone,
    /// It is written anew because of the expression.
    Using,
    /// The type until now decides, and nobody knows it.
    Unknown,
}

/// The cost of a conversion. `old` is the type until now, if it is known.
pub(super) fn cost(
    state: &State,
    column: &str,
    old: Option<&Type>,
    new: &Type,
    using: Option<&Expr>,
) -> Cost {
    let plain = using.is_none_or(|expr| is_bare(expr, column, new));
    let found = state.schema.found_type(new.clone());
    let new = &found;
    let Some(old) = old else {
        return if plain { Cost::Unknown } else { Cost::Using };
    };
    if !plain {
        return Cost::Using;
    }
    let (base_old, _) = base(state, old);
    let (base_new, constrained) = base(state, new);
    if constrained && old != new {
        return Cost::Rewrite;
    }
    if is_zone_change(&base_old, &base_new) {
        let zone = state.settings.get("timezone").or(state.schema.time_zone.as_ref());
        let utc = |zone: &String| {
            matches!(zone.to_uppercase().as_str(), "UTC" | "ETC/UTC" | "GMT" | "UCT" | "ETC/GMT")
        };
        return match zone {
            Some(zone) if utc(zone) => Cost::Free,
            _ => Cost::TimeZone,
        };
    }
    if is_free(&base_old, &base_new) {
        return Cost::Free;
    }
    if is_narrower(&base_old, &base_new) { Cost::Narrow } else { Cost::Rewrite }
}

/// Whether `USING` says no more than what would be done without it.
fn is_bare(expr: &Expr, column: &str, new: &Type) -> bool {
    if expr.is_column(column) {
        return true;
    }
    let text: String = expr.text.to_lowercase().split_whitespace().collect();
    let written: String = new.written().split_whitespace().collect();
    let names = [written.as_str(), spoken(&new.name)];
    names.iter().any(|name| {
        text == format!("{column}::{name}")
            || text == format!("({column})::{name}")
            || text == format!("\"{column}\"::{name}")
            || text == format!("cast({column}as{name})")
    })
}

fn spoken(name: &str) -> &str {
    match name {
        "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "bool" => "boolean",
        other => other,
    }
}

/// The type a domain is made of, and whether the domain has constraints.
fn base(state: &State, ty: &Type) -> (Type, bool) {
    let name = crate::sql::statement::Name { schema: ty.schema.clone(), name: ty.name.clone() };
    let key = state.schema.resolve(&state.schema.domains, &name);
    match key.and_then(|key| state.schema.domains.get(&key)) {
        Some(domain) if !ty.array => (domain.base.clone().unwrap_or_else(|| ty.clone()), domain.constrained),
        _ => (ty.clone(), false),
    }
}

fn is_zone_change(old: &Type, new: &Type) -> bool {
    let pair = (old.name.as_str(), new.name.as_str());
    let same = precision(old) <= precision(new);
    matches!(pair, ("timestamp", "timestamptz") | ("timestamptz", "timestamp"))
        && same
        && !old.array
        && !new.array
}

fn precision(ty: &Type) -> i64 {
    ty.args.first().copied().unwrap_or(6)
}

/// Whether the values stay as they are on disk.
fn is_free(old: &Type, new: &Type) -> bool {
    if old == new {
        return true;
    }
    if old.array || new.array {
        return old.array && new.array && old.name == new.name && old.args == new.args;
    }
    let limit = |ty: &Type| ty.args.first().copied();
    let wider = || match (limit(old), limit(new)) {
        (_, None) => true,
        (Some(old), Some(new)) => new >= old,
        (None, Some(_)) => false,
    };
    match (old.name.as_str(), new.name.as_str()) {
        ("varchar" | "text", "citext") | ("citext", "text") => limit(new).is_none(),
        ("varchar", "text") => true,
        ("text", "varchar") => limit(new).is_none(),
        ("varchar", "varchar") | ("varbit", "varbit") => wider(),
        ("numeric", "numeric") => {
            let scale = |ty: &Type| ty.args.get(1).copied().unwrap_or(0);
            limit(new).is_none() || limit(old).is_some() && wider() && scale(old) == scale(new)
        }
        ("timestamp", "timestamp") | ("timestamptz", "timestamptz") => precision(old) <= precision(new),
        ("time", "time") | ("timetz", "timetz") | ("interval", "interval") => {
            precision(old) <= precision(new)
        }
        ("cidr", "inet") | ("int4", "oid") | ("oid", "int4") | ("regclass", "oid") => true,
        _ => false,
    }
}

/// Whether an index on the column must be built anew, although the values stay as they are on disk.
pub(super) fn is_ordered_otherwise(old: &Type, new: &Type) -> bool {
    let pair = (old.name.as_str(), new.name.as_str());
    matches!(
        pair,
        ("timestamp", "timestamptz")
            | ("timestamptz", "timestamp")
            | ("int4", "oid")
            | ("oid", "int4")
            | ("text" | "varchar", "citext")
            | ("citext", "text")
    )
}

/// Whether values may lose something, or not fit.
fn is_narrower(old: &Type, new: &Type) -> bool {
    let rank = |name: &str| match name {
        "int2" => Some(2),
        "int4" => Some(4),
        "int8" => Some(8),
        "numeric" => Some(9),
        "float4" => Some(5),
        "float8" => Some(7),
        _ => None,
    };
    let limit = |ty: &Type| ty.args.first().copied();
    let text = |ty: &Type| matches!(ty.name.as_str(), "text" | "varchar" | "bpchar");
    if text(old) && text(new) {
        return match (limit(old), limit(new)) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => new < old,
        };
    }
    if let (Some(was), Some(is)) = (rank(&old.name), rank(&new.name)) {
        let scale = |ty: &Type| ty.args.get(1).copied().unwrap_or(0);
        let numbers = old.name == "numeric" && new.name == "numeric" && !new.args.is_empty();
        return is < was
            || numbers && (old.args.is_empty() || scale(new) < scale(old) || limit(new) < limit(old));
    }
    old.name == new.name && precision(new) < precision(old)
        || new.name == "date" && old.name.starts_with("timestamp")
        || text(old) && !text(new)
}
