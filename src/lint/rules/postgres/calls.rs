//! The functions that do nothing to tables behind the back of whoever calls them.
//!
//! Knows: PostgreSQL's own functions and those of well-known extensions. Must never know: rules.

use crate::sql::statement::Name;

/// Beginnings of names: whole families of functions that only compute or look.
const FAMILIES: &str = "\
    array_ bit_ earth_ has_ hstore inet_ json_ jsonb_ lo_ pg_ phraseto_ plainto_ regexp_ regr_ \
    similarity st_ stddev strict_word_ to_reg ts_ tsvector_ txid_ uuid_extract_ uuid_generate_ uuid_ns_ \
    websearch_ word_similarity xml";

/// The functions of PostgreSQL that only compute or look, or whose effect is theirs alone (a setting, a
/// sequence, a message), by their names.
const HARMLESS: &str = "\
    abbrev abs acos age akeys any_value area ascii asin atan atan2 avals avg bool_and bool_or bound_box \
    box bpchar broadcast btrim cardinality cast cbrt ceil ceiling center char_length character_length \
    chr circle clock_timestamp coalesce col_description concat concat_ws convert convert_from convert_to \
    corr cos cot count covar_pop covar_samp crc32 crc32c crypt cube cume_dist current_catalog \
    current_database current_date current_query current_role current_schema current_schemas \
    current_setting current_time current_timestamp current_user currval date date_add date_bin date_part \
    date_subtract date_trunc datemultirange daterange decode decrypt defined degrees dense_rank diameter \
    difference digest div dmetaphone dmetaphone_alt each encode encrypt erf every exist exists exp \
    extract factorial family fips_mode first_value float8 floor format format_type gcd gen_random_bytes \
    gen_random_uuid gen_salt generate_series generate_subscripts get_bit get_byte get_current_ts_config \
    getpgusername greatest grouping height hmac host hostmask icount initcap int4 int4multirange \
    int4range int8 int8multirange int8range interval isempty isfinite justify_days justify_hours \
    justify_interval lag last_value lastval latitude lcm lead least left length levenshtein line \
    ll_to_earth ln localtime localtimestamp log log10 longitude lower lower_inc lower_inf lpad lseg \
    ltrim macaddr8_set7bit make_date make_interval make_time make_timestamp make_timestamptz masklen max \
    md5 merge_action metaphone min mod mode multirange netmask network network_cmp nextval nlevel \
    normalize now npoints nth_value ntile nullif num_nonnulls num_nulls numeric nummultirange numnode \
    numrange obj_description octet_length overlay parse_ident path pclose percent_rank percentile_cont \
    percentile_disc pi point polygon popen position power query_to_xmlschema querytree quote_ident \
    quote_literal quote_nullable radians radius random random_normal range_agg range_intersect_agg \
    range_merge rank repeat replace reverse right round row_number row_security_active row_to_json rpad \
    rtrim scale session_user set_bit set_byte set_config set_limit set_masklen setseed setval setweight \
    sha224 sha256 sha384 sha512 shobj_description show_limit show_trgm sign sin skeys slice slope \
    soundex split_part sqrt starts_with statement_timestamp string_agg string_to_array string_to_table \
    strip strpos subltree subpath substr substring sum suppress_redundant_updates_trigger svals \
    system_user table_to_xml tan text time timeofday timestamp timestamptz timezone to_ascii to_bin \
    to_char to_date to_hex to_json to_jsonb to_number to_oct to_timestamp to_tsquery to_tsvector \
    transaction_timestamp translate trim trim_array trim_scale trunc tsmultirange tsquery tsrange \
    tstzmultirange tstzrange unaccent unistr unnest upper upper_inc upper_inf user uuid_nil uuidv4 \
    uuidv7 var_pop var_samp varchar variance version width width_bucket";

/// Functions of those families that do reach out.
const REACHING: &str = "\
    lo_import lo_unlink pg_cancel_backend pg_create_logical_replication_slot \
    pg_create_physical_replication_slot pg_drop_replication_slot pg_promote pg_replication_origin_create \
    pg_replication_origin_drop pg_rotate_logfile pg_terminate_backend st_createoverview";

fn has(list: &str, name: &str) -> bool {
    list.split(' ').any(|word| word == name)
}

/// Whether calling a function by this name does nothing to tables.
pub(super) fn is_harmless(name: &Name) -> bool {
    let own = name.name.to_ascii_lowercase();
    if has(REACHING, &own) {
        return false;
    }
    // A word that the parser took for a name, where something is wrong.
    if own.is_empty() || own == "values" {
        return true;
    }
    let known = || has(HARMLESS, &own) || FAMILIES.split(' ').any(|start| own.starts_with(start));
    match name.schema.as_deref() {
        Some("pg_catalog" | "information_schema") => true,
        // Where extensions are put, and their functions called by their full names.
        Some("extensions" | "public") | None => known(),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known() {
        for name in ["setval", "nextval", "now", "pg_notify", "set_config", "jsonb_build_object", "count"] {
            assert!(is_harmless(&Name::new(name)), "{name}");
        }
        for name in [Name::new("migrate"), Name::within("util", "now"), Name::new("pg_terminate_backend")] {
            assert!(!is_harmless(&name), "{name}");
        }
    }
}
