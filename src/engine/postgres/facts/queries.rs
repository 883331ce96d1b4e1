//! The questions to the catalogue. No answer depends on another one; rows are joined by oid here.
//!
//! Flat rows, joins in place of subqueries, and one question per kind: a thousand tables cost some
//! tens of milliseconds.

/// The transaction of all questions. Compiling them would cost more than running them.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL \
     statement_timeout = '30s'; SET LOCAL lock_timeout = '5s'; SET LOCAL jit = off";

/// Sizes are read from files, under a lock on each: for these less patience will do.
pub(super) const SIZES_WAIT: &str = "SET LOCAL lock_timeout = '100ms'";

/// Whose objects are read: not the system's, and not those of one session.
const OURS: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// Relations that somebody has locked for alone, or is about to. Whatever takes a lock on them, be it the
/// weakest, is left out, so that nobody is waited for.
const LOCKED: &str =
    "(SELECT l.relation FROM pg_locks l WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL)";

/// Relation, size of its rows, size with all that belongs to it.
pub(super) fn sizes() -> String {
    format!(
        "SELECT c.oid, pg_relation_size(c.oid), pg_total_relation_size(c.oid) FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND {OURS} \
         AND c.oid NOT IN {LOCKED}"
    )
}

/// All questions but the one about sizes, in the order in which they are answered.
pub(super) fn all(major: u32) -> Vec<String> {
    vec![
        server(major),
        relations(),
        columns(),
        constraints(),
        indexes(),
        dependencies(),
        attendants(),
        domains(),
        types(),
        routines(major),
        names(),
    ]
}

/// Version, time zone, search path, the usual search path, user, whether the user has a schema, bytes of
/// a page, seconds since counting began.
///
/// What a new session starts with is what RESET goes back to. From 15 on the counters outlive a restart
/// and have a time only if they were set back; then those of the whole server tell.
fn server(major: u32) -> String {
    let counted = if major >= 15 {
        "LEAST((SELECT stats_reset FROM pg_stat_bgwriter), (SELECT stats_reset FROM pg_stat_archiver))"
    } else {
        "NULL::timestamptz"
    };
    format!(
        "SELECT current_setting('server_version_num'), (SELECT reset_val FROM pg_settings \
         WHERE name = 'TimeZone'), (SELECT reset_val FROM pg_settings WHERE name = 'search_path'), \
         (SELECT boot_val FROM pg_settings WHERE name = 'search_path'), session_user, EXISTS (SELECT \
         FROM pg_namespace WHERE nspname = session_user), current_setting('block_size'), extract(epoch \
         FROM clock_timestamp() - COALESCE( (SELECT stats_reset FROM pg_stat_database \
         WHERE datname = current_database()), {counted}, pg_postmaster_start_time()))"
    )
}

/// Whatever has columns, and sequences, whose names are of the same space. Oid, schema, name, kind,
/// persistence, whether a partition, parents, whether the default partition, row security, tablespace,
/// access method, rows and pages by the last ANALYZE, pages of its TOAST table, live rows, rows read, rows
/// written.
fn relations() -> String {
    format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relispartition, p.parents, \
         d.partrelid IS NOT NULL, c.relrowsecurity, s.spcname, m.amname, c.reltuples::float8, c.relpages, \
         x.relpages, pg_stat_get_live_tuples(c.oid), \
         pg_stat_get_tuples_returned(c.oid) + pg_stat_get_tuples_fetched(c.oid), \
         pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + \
         pg_stat_get_tuples_deleted(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN (SELECT inhrelid, array_to_json(array_agg(inhparent::text \
         ORDER BY inhseqno)) AS parents FROM pg_inherits GROUP BY inhrelid) p ON p.inhrelid = c.oid \
         LEFT JOIN pg_partitioned_table d ON d.partdefid = c.oid \
         LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace LEFT JOIN pg_am m ON m.oid = c.relam \
         AND m.amname <> 'heap' LEFT JOIN pg_class x ON x.oid = c.reltoastrelid AND c.reltoastrelid <> 0 \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {OURS}"
    )
}

/// A type, of which `t` is the row: schema, name, the name of an array's elements, the name with what
/// stands in parentheses behind it.
fn type_columns(modifier: &str) -> String {
    format!("tn.nspname, t.typname, e.typname, format_type(t.oid, {modifier})")
}

/// What [`type_columns`] needs.
const TYPE_JOINS: &str = "JOIN pg_namespace tn ON tn.oid = t.typnamespace \
     LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid";

/// Relation, number, name, type, not null, generated, identity, collation, default. A default speaks of no
/// column, so that it can be printed without a look at its table.
fn columns() -> String {
    let ty = type_columns("a.atttypmod");
    format!(
        "SELECT a.attrelid, a.attnum, a.attname, {ty}, a.attnotnull, a.attgenerated, a.attidentity, \
         CASE WHEN a.attcollation <> t.typcollation THEN l.collname END, CASE WHEN a.attgenerated = '' \
         THEN pg_get_expr(d.adbin, 0) END FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid {TYPE_JOINS} \
         LEFT JOIN pg_collation l ON l.oid = a.attcollation \
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0 \
         AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {OURS} \
         ORDER BY a.attrelid, a.attnum"
    )
}

/// Relation, name, kind, validated, numbers of the columns, table pointed to, what a deletion there does,
/// index, expression.
fn constraints() -> String {
    format!(
        "SELECT k.conrelid, k.conname, k.contype, k.convalidated, array_to_json(k.conkey::text[]), \
         k.confrelid, k.confdeltype, k.conindid, CASE WHEN k.conrelid NOT IN {LOCKED} \
         THEN pg_get_expr(k.conbin, k.conrelid) END FROM pg_constraint k \
         JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE k.contype IN ('c', 'n', 'p', 'u', 'f', 'x') AND {OURS} ORDER BY k.conrelid, k.conname"
    )
}

/// Relation, oid, name, unique, partial, valid, numbers of the columns (0 for an expression), the
/// expressions, the condition, pages, rows read by it.
fn indexes() -> String {
    format!(
        "SELECT i.indrelid, i.indexrelid, x.relname, i.indisunique, i.indpred IS NOT NULL, i.indisvalid, \
         array_to_json((string_to_array(i.indkey::text, ' '))[1:i.indnkeyatts]), \
         CASE WHEN i.indexprs IS NOT NULL AND i.indrelid NOT IN {LOCKED} THEN \
         (SELECT array_to_json(array_agg(pg_get_indexdef(i.indexrelid, g, false) ORDER BY g)) \
         FROM generate_series(1, i.indnkeyatts) g) END, \
         CASE WHEN i.indrelid NOT IN {LOCKED} THEN pg_get_expr(i.indpred, i.indrelid) END, x.relpages, \
         pg_stat_get_tuples_fetched(i.indexrelid) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
         JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} \
         ORDER BY i.indrelid, x.relname"
    )
}

/// A letter, the relation concerned, and two more: what a view reads (`v`: relation, column), and what a
/// generated column is made from (`g`: its number, the other's number). Who depends on the other columns
/// is the column itself before 15, and its expression from then on.
fn dependencies() -> String {
    let generated = "JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attgenerated <> ''";
    "SELECT DISTINCT 'v', r.ev_class, d.refobjid::text, d.refobjsubid FROM pg_rewrite r \
     JOIN pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm') \
     JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid \
     AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class \
     UNION SELECT 'g', d.refobjid, a.attnum::text, d.refobjsubid FROM pg_depend d "
        .to_owned()
        + generated
        + " AND a.attnum = d.objsubid WHERE d.classid = 'pg_class'::regclass \
             AND d.refclassid = 'pg_class'::regclass AND d.refobjid = d.objid AND d.refobjsubid > 0 \
             UNION SELECT 'g', d.refobjid, a.attnum::text, d.refobjsubid FROM pg_depend d \
             JOIN pg_attrdef f ON f.oid = d.objid AND f.adrelid = d.refobjid "
        + generated
        + " AND a.attnum = f.adnum WHERE d.classid = 'pg_attrdef'::regclass \
             AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.refobjsubid <> f.adnum \
             ORDER BY 1, 2, 3, 4"
}

/// A letter, the relation, a name: triggers (`t`), policies (`p`), roles that were granted something (`g`)
/// or a right to write (`w`).
fn attendants() -> String {
    let letter = "CASE WHEN x.privilege_type IN ('INSERT', 'UPDATE', 'DELETE') THEN 'w' ELSE 'g' END";
    let role = "CASE WHEN x.grantee = 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END";
    format!(
        "SELECT 't', tgrelid, tgname::text FROM pg_trigger WHERE NOT tgisinternal \
         UNION SELECT 'p', polrelid, polname::text FROM pg_policy UNION SELECT {letter}, c.oid, {role} \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL aclexplode(c.relacl) x \
         WHERE x.grantee <> c.relowner AND {OURS} UNION SELECT {letter}, c.oid, {role} FROM pg_attribute a \
         JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, \
         LATERAL aclexplode(a.attacl) x WHERE a.attacl IS NOT NULL AND NOT a.attisdropped \
         AND x.grantee <> c.relowner AND {OURS} ORDER BY 1, 2, 3"
    )
}

/// Schema, name, what it is made of, whether it has constraints.
fn domains() -> String {
    let ty = type_columns("d.typtypmod");
    format!(
        "SELECT n.nspname, d.typname, {ty}, d.typnotnull OR EXISTS (SELECT FROM pg_constraint k \
         WHERE k.contypid = d.oid) FROM pg_type d JOIN pg_namespace n ON n.oid = d.typnamespace \
         JOIN pg_type t ON t.oid = d.typbasetype {TYPE_JOINS} WHERE d.typtype = 'd' AND {OURS}"
    )
}

/// A letter, schema, name, a part: values of enums (`e`), attributes of composite types (`c`), and types
/// without parts (`o`).
fn types() -> String {
    format!(
        "SELECT 'e', n.nspname, t.typname, v.enumlabel, v.enumsortorder FROM pg_type t \
         JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_enum v ON v.enumtypid = t.oid \
         WHERE t.typtype = 'e' AND {OURS} UNION ALL SELECT 'c', n.nspname, t.typname, a.attname, a.attnum \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
         JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' \
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE {OURS} UNION ALL SELECT 'o', n.nspname, t.typname, NULL, 0 FROM pg_type t \
         JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_type e ON e.typarray = t.oid \
         WHERE t.typtype IN ('b', 'r') AND e.oid IS NULL AND {OURS} ORDER BY 2, 3, 5"
    )
}

/// Schema, name, volatility, language, body, whether a call of it may be replaced by its body, whether it
/// is a trigger's, whether it has its owner's rights, the types it takes. The bodies of an extension's
/// routines are its own business.
fn routines(major: u32) -> String {
    let body = if major >= 14 {
        "CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE pg_get_function_sqlbody(p.oid) END"
    } else {
        "p.prosrc"
    };
    format!(
        "SELECT n.nspname, p.proname, p.provolatile, l.lanname, CASE WHEN l.lanname IN ('sql', 'plpgsql') \
         AND p.prokind IN ('f', 'p') AND d.objid IS NULL THEN {body} END, p.prokind = 'f' \
         AND NOT p.prosecdef AND NOT p.proretset AND p.proconfig IS NULL, \
         p.prorettype = 'trigger'::regtype, p.prosecdef, oidvectortypes(p.proargtypes) FROM pg_proc p \
         JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang \
         LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' \
         WHERE {OURS} ORDER BY n.nspname, p.proname, p.oid"
    )
}

/// A letter and a name: schemas (`s`), and roles that may log in and are no superusers (`r`).
fn names() -> String {
    format!(
        "SELECT 's', n.nspname::text FROM pg_namespace n WHERE {OURS} UNION ALL SELECT 'r', rolname::text \
         FROM pg_roles WHERE rolcanlogin AND NOT rolsuper ORDER BY 1, 2"
    )
}
