//! The questions to the catalogue. One for each kind, for all tables at once.

/// Version, time zone of new sessions, time zone of the machine.
pub(super) const SERVER: &str = "SELECT VERSION(), @@global.time_zone, @@system_time_zone";

/// Whether the user has a right to the whole database, and so sees all that is in it.
pub(super) const WHOLE: &str = "SELECT 1 FROM ( SELECT grantee, privilege_type, NULL AS schema_name \
     FROM information_schema.user_privileges UNION ALL SELECT grantee, privilege_type, table_schema \
     FROM information_schema.schema_privileges) p WHERE grantee = CONCAT('''', SUBSTRING(CURRENT_USER(), \
     1, CHAR_LENGTH(CURRENT_USER()) - 1 - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))), \
     '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') \
     AND (schema_name IS NULL OR ?1 LIKE schema_name) \
     AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX') \
     LIMIT 1";

/// Name, kind, storage engine, rows, bytes of the rows, bytes of the indexes, counter, collation, options.
pub(super) const TABLES: &str = "SELECT table_name, table_type, engine, table_rows, data_length, \
     index_length, auto_increment, table_collation, create_options FROM information_schema.tables \
     WHERE table_schema = ?1";

/// Table, name, type, null, default, extra, character set, collation, expression.
pub(super) const COLUMNS: &str = "SELECT table_name, column_name, column_type, is_nullable, \
     column_default, extra, character_set_name, collation_name, generation_expression \
     FROM information_schema.columns WHERE table_schema = ?1 ORDER BY table_name, ordinal_position";

/// Table, name, whether there may be doubles, column, expression.
pub(super) fn indexes(has_expressions: bool) -> String {
    let expression = if has_expressions { "expression" } else { "NULL" };
    format!(
        "SELECT table_name, index_name, non_unique, column_name, {expression} \
         FROM information_schema.statistics WHERE table_schema = ?1 \
         ORDER BY table_name, index_name, seq_in_index"
    )
}

/// Table, name, database and table pointed to, what a deletion there does.
pub(super) const REFERENCES: &str = "SELECT table_name, constraint_name, unique_constraint_schema, \
     referenced_table_name, delete_rule FROM information_schema.referential_constraints \
     WHERE constraint_schema = ?1 ORDER BY table_name, constraint_name";

/// Table, foreign key, column.
pub(super) const KEYS: &str = "SELECT table_name, constraint_name, column_name \
     FROM information_schema.key_column_usage WHERE table_schema = ?1 \
     AND referenced_table_name IS NOT NULL ORDER BY table_name, constraint_name, ordinal_position";

/// Table, name, expression, whether it is enforced.
pub(super) fn checks(mariadb: bool) -> &'static str {
    if mariadb {
        "SELECT table_name, constraint_name, check_clause, 'YES' FROM information_schema.check_constraints \
         WHERE constraint_schema = ?1 ORDER BY table_name, constraint_name"
    } else {
        "SELECT t.table_name, c.constraint_name, c.check_clause, t.enforced \
         FROM information_schema.check_constraints c \
         JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema \
         AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK' \
         WHERE c.constraint_schema = ?1 ORDER BY t.table_name, c.constraint_name"
    }
}

/// Table, name.
pub(super) const TRIGGERS: &str = "SELECT event_object_table, trigger_name \
     FROM information_schema.triggers WHERE event_object_schema = ?1 \
     ORDER BY event_object_table, trigger_name";

/// Name, query.
pub(super) const VIEWS: &str =
    "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = ?1";

/// Name, whether its result is always the same, body.
pub(super) const ROUTINES: &str = "SELECT routine_name, is_deterministic, routine_definition \
     FROM information_schema.routines WHERE routine_schema = ?1 ORDER BY routine_name, routine_type";

/// Table, account.
pub(super) const GRANTS: &str = "SELECT table_name, grantee FROM information_schema.table_privileges \
     WHERE table_schema = ?1 UNION SELECT table_name, grantee FROM information_schema.column_privileges \
     WHERE table_schema = ?1";

/// The names of the users who are no administrators.
pub(super) fn roles(mariadb: bool) -> &'static str {
    if mariadb {
        "SELECT DISTINCT user FROM mysql.user WHERE super_priv = 'N' AND is_role = 'N' AND user <> '' \
         ORDER BY user"
    } else {
        "SELECT DISTINCT user FROM mysql.user WHERE super_priv = 'N' AND account_locked = 'N' \
         AND user <> '' ORDER BY user"
    }
}

/// Database and table in one, how many instant changes of its columns the table has seen.
pub(super) const ROW_VERSIONS: &str =
    "SELECT name, total_row_versions FROM information_schema.innodb_tables WHERE name LIKE ?1";

/// Table, rows read, rows written.
pub(super) const TRAFFIC: &str = "SELECT object_name, count_read, count_write \
     FROM performance_schema.table_io_waits_summary_by_table WHERE object_type = 'TABLE' \
     AND object_schema = ?1";
