//! The rules for SQLite.

mod written;

super::rules! {
    sl01_unsupported_alter,
    sl02_add_column_not_null_without_default,
    sl03_add_column_non_constant_default,
    sl04_add_column_unique_or_primary_key,
    sl05_add_column_references_with_default,
    sl06_add_stored_generated_column,
    sl07_add_column_check_violated,
    sl08_drop_column_still_referenced,
    sl09_drop_column_rewrites_table,
    sl10_single_writer_lock,
    sl11_pragma_foreign_keys_inside_transaction,
    sl12_vacuum_inside_transaction,
    sl13_journal_mode_inside_transaction,
    sl14_drop_table_deletes_with_foreign_keys,
    sl15_rebuild_loses_objects,
    sl16_rename_rewrites_references,
    sl17_no_if_exists_in_alter,
    sl18_type_affinity_accepts_anything,
    sl19_drop_table_or_view,
    sl20_drop_column_loses_values,
    sl21_delete_all_rows,
    sl22_statement_not_understood,
    sl23_constraint_on_existing_rows,
}

#[cfg(test)]
mod tests;
