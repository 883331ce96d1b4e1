//! Whether a default is worked out once, or anew for each row.

use crate::lint::state::State;
use crate::sql::statement::{Expr, Name};

/// Functions of the server and its usual extensions whose result differs from call to call.
const VOLATILE: &[&str] = &[
    "array_sample",
    "array_shuffle",
    "clock_timestamp",
    "currval",
    "dblink",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "gen_ulid",
    "generate_ulid",
    "lastval",
    "nanoid",
    "nextval",
    "pg_advisory_lock",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "random",
    "random_normal",
    "set_config",
    "setseed",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuid_generate_v7",
    "uuidv4",
    "uuidv7",
    "pg_notify",
    "pg_logical_emit_message",
];

/// Functions of the server that are none of these; others may be anybody's.
const KNOWN: &[&str] = &[
    "abs",
    "age",
    "array_append",
    "array_cat",
    "array_fill",
    "array_length",
    "array_prepend",
    "array_remove",
    "array_replace",
    "array_to_json",
    "array_to_string",
    "ascii",
    "btrim",
    "cardinality",
    "cast",
    "ceil",
    "ceiling",
    "char_length",
    "chr",
    "coalesce",
    "concat",
    "concat_ws",
    "convert",
    "current_catalog",
    "current_database",
    "current_date",
    "current_role",
    "current_schema",
    "current_setting",
    "current_time",
    "current_timestamp",
    "current_user",
    "daterange",
    "date_part",
    "date_trunc",
    "decode",
    "digest",
    "div",
    "empty_blob",
    "encode",
    "exp",
    "extract",
    "floor",
    "format",
    "greatest",
    "hstore",
    "inet_client_addr",
    "initcap",
    "int4range",
    "int8range",
    "isfinite",
    "json_agg",
    "json_array",
    "json_build_array",
    "json_build_object",
    "json_object",
    "jsonb_agg",
    "jsonb_array",
    "jsonb_build_array",
    "jsonb_build_object",
    "jsonb_object",
    "jsonb_set",
    "justify_days",
    "justify_hours",
    "least",
    "left",
    "length",
    "ln",
    "localtime",
    "localtimestamp",
    "log",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "make_interval",
    "make_time",
    "make_timestamp",
    "make_timestamptz",
    "md5",
    "mod",
    "now",
    "nullif",
    "numrange",
    "overlay",
    "pi",
    "point",
    "position",
    "power",
    "quote_ident",
    "quote_literal",
    "regexp_replace",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "row",
    "row_to_json",
    "rpad",
    "rtrim",
    "session_user",
    "sha256",
    "sign",
    "split_part",
    "sqrt",
    "statement_timestamp",
    "string_to_array",
    "strpos",
    "substr",
    "substring",
    "timezone",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
];

/// More of them.
const KNOWN_TOO: &[&str] = &[
    "to_timestamp",
    "to_tsquery",
    "to_tsvector",
    "transaction_timestamp",
    "translate",
    "trim",
    "trunc",
    "tsrange",
    "tstzrange",
    "txid_current",
    "upper",
    "user",
    "uuid_nil",
    "uuid_ns_dns",
    "width_bucket",
    "xmlelement",
    "xmlforest",
    "array",
    "multirange",
    "st_geomfromtext",
    "st_makepoint",
    "st_setsrid",
];

/// What a default is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Volatility {
    /// It is worked out once.
    Once,
    /// It is worked out anew for each row: the function that does it.
    Each(String),
    /// A function that nobody knows decides.
    Unknown(String),
}

/// Whether a default is worked out once.
pub(super) fn of(expr: &Expr, state: &State) -> Volatility {
    let mut unknown = None;
    for call in &expr.calls {
        match function(call, state) {
            Some(true) => return Volatility::Each(call.to_string()),
            Some(false) => {}
            None => unknown = unknown.or_else(|| Some(call.to_string())),
        }
    }
    match unknown {
        Some(call) => Volatility::Unknown(call),
        None => Volatility::Once,
    }
}

/// Whether a function is volatile, if that is known.
fn function(call: &Name, state: &State) -> Option<bool> {
    let key = state.schema.resolve(&state.schema.routines, call);
    if let Some(routine) = key.and_then(|key| state.schema.routines.get(&key)) {
        return Some(routine.volatile && !routine.constant);
    }
    if VOLATILE.contains(&call.name.as_str()) {
        return Some(true);
    }
    let known = KNOWN.contains(&call.name.as_str()) || KNOWN_TOO.contains(&call.name.as_str());
    if call.schema.is_none() && (known || state.schema.complete) {
        return Some(false);
    }
    None
}
