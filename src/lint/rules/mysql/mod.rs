//! The rules for MySQL and MariaDB.

mod common;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;

super::rules! {
    ml01_alter_needs_table_copy,
    ml02_no_algorithm_and_lock_clause,
    ml03_copy_or_shared_lock_requested,
    ml04_varchar_crosses_length_byte,
    ml05_enum_change_not_at_end,
    ml06_null_to_not_null,
    ml07_add_not_null_column_implicit_default,
    ml08_inline_references_ignored,
    ml09_add_foreign_key,
    ml10_metadata_lock_wait,
    ml11_ddl_commits_implicitly,
    ml12_drop_or_change_primary_key,
    ml13_add_auto_increment,
    ml14_fulltext_or_spatial_index,
    ml15_convert_charset,
    ml16_unique_index_on_existing_data,
    ml17_drop_or_rename_column,
    ml18_drop_index_without_invisible_step,
    ml19_rename_table,
    ml20_drop_truncate,
    ml21_update_delete_without_where,
    ml22_stored_generated_column,
    ml23_expression_default,
    ml24_timestamp_2038_and_zero_date,
    ml25_engine_float_charset_policy,
    ml26_auto_increment_capacity,
    ml27_instant_row_version_limit,
    ml28_partition_reorganise,
    ml29_not_understood,
}
