//! The rules for PostgreSQL.

mod calls;
mod made;
mod rows;
mod script;
mod words;

super::rules! {
    pn01_concurrently_inside_transaction,
    pn02_command_refuses_transaction,
    pn03_enum_value_used_in_same_transaction,
    pn04_concurrent_index_on_partitioned_parent,
    pn05_nested_transaction_control,
    pn06_transaction_left_open,
    pn07_non_tx_change_with_several_statements,
    pn08_refresh_concurrently_needs_unique_index,
    pn09_unique_build_may_fail_on_data,
    pn10_constraint_fails_on_existing_rows,
    pn11_set_without_local,
    pb01_update_all_rows,
    pb02_backfill_in_ddl_transaction,
    pb03_loop_without_commit,
    pb04_unselective_where,
    pb05_merge_upsert_update_from,
    pb06_select_for_update_all,
    pb07_data_modifying_cte,
    px01_ddl_inside_do_block,
    px02_dynamic_sql,
    px03_calls_function_with_side_effects,
    ps01_prefer_bigint,
    ps02_prefer_identity,
    ps03_prefer_timestamptz,
    ps04_prefer_text_over_char,
    ps05_varchar_with_limit,
    ps06_identifier_too_long,
    ps07_table_without_primary_key,
    ps08_duplicate_or_redundant_index,
    ps10_new_enum_type,
    ps11_enum_value_without_position,
    ps12_hash_index,
    ps13_wide_non_unique_index,
    ps14_domain_with_constraint,
    ps15_unqualified_name,
    ps16_security_definer_without_search_path,
    ps17_combine_alter_tables,
    ps18_foreign_key_type_mismatch,
    ps19_reserved_or_mixed_case_name,
    ps20_column_order_padding,
    ps21_overbroad_grant,
    ps22_extension_in_public,
    ps23_money_type,
    ps24_duplicate_assignment,
}
