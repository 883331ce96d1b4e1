//! Kinds of statements, told by their words.

use super::*;
use StatementKind as Kind;

#[test]
fn statements_are_told_by_their_first_words() {
    for (text, expected) in [
        ("", Kind::Empty),
        (" -- a\n;/* b */;", Kind::Empty),
        ("begin;", Kind::Begin),
        ("/* a */ Start /* b */ Transaction isolation level serializable", Kind::Begin),
        ("END;", Kind::Commit),
        ("commit and chain;", Kind::Chain { commits: true }),
        ("rollback;", Kind::Rollback),
        ("abort and no chain", Kind::Rollback),
        ("rollback work and chain", Kind::Chain { commits: false }),
        ("abort work", Kind::Rollback),
        ("ROLLBACK TO SAVEPOINT a", Kind::RollbackTo),
        ("ROLLBACK WORK TO a", Kind::RollbackTo),
        ("SAVEPOINT a", Kind::Savepoint),
        ("release a", Kind::Release),
        ("prepare transaction 'a'", Kind::PrepareTransaction),
        ("prepare a as select 1", Kind::Other),
        ("COPY t FROM STDIN", Kind::CopyFromStdin),
        ("COPY \"from\" (\"to\", b) FROM stdin WITH (FORMAT csv)", Kind::CopyFromStdin),
        ("COPY (SELECT 1 FROM stdin) TO STDOUT", Kind::CopyToStdout),
        ("COPY t FROM '/stdin'", Kind::Other),
        ("COPY t TO PROGRAM 'stdin'", Kind::Other),
        ("SET search_path = a", Kind::Set { local: false }),
        ("set local lock_timeout = 1", Kind::Set { local: true }),
        ("SET TRANSACTION READ ONLY", Kind::Set { local: true }),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", Kind::Set { local: false }),
        ("SELECT pg_catalog.set_config('search_path', '', false);", Kind::Set { local: false }),
        ("SELECT set_config('a.b', '', true)", Kind::Set { local: true }),
        ("SELECT set_config('a.b', '', true), f()", Kind::Other),
        ("CALL p()", Kind::MayCommit),
        ("DO $x$ BEGIN x; COMMIT; END $x$", Kind::MayCommit),
        ("DO LANGUAGE plpgsql 'BEGIN CALL p(); END'", Kind::MayCommit),
        ("DO $$ BEGIN x; END -- commit\n $$", Kind::Other),
        ("ALTER TYPE a ADD VALUE IF NOT EXISTS 'b'", Kind::AddEnumValue),
        ("(SELECT 1)", Kind::Other),
        ("SELECT 1\n; SELECT 2", Kind::Other),
        ("SELECT 1; VACUUM", Kind::Several(vec![Kind::Other, Kind::RefusesTransaction("VACUUM")])),
        ("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; COMMIT)", Kind::Other),
        (
            "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; COMMIT; END",
            Kind::Other,
        ),
    ] {
        assert_eq!(kind(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn what_refuses_a_transaction_is_told_from_what_does_not() {
    for text in [
        "VACUUM ANALYZE t",
        "CREATE DATABASE a",
        "drop database a",
        "CREATE TABLESPACE a LOCATION 'b'",
        "ALTER DATABASE a SET TABLESPACE b",
        "ALTER SYSTEM SET a = 1",
        "CREATE INDEX CONCURRENTLY ON t(a)",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t(a)",
        "DROP INDEX CONCURRENTLY i",
        "REINDEX TABLE CONCURRENTLY t",
        "REINDEX (VERBOSE, CONCURRENTLY) INDEX i",
        "REINDEX (VERBOSE) DATABASE d",
        "REINDEX SCHEMA s",
        "CLUSTER",
        "CLUSTER (VERBOSE)",
        "CLUSTER VERBOSE",
        "DISCARD ALL",
        "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
        "DROP SUBSCRIPTION s",
        "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        "COMMIT PREPARED 'a'",
    ] {
        let kind = kind(text.as_bytes());
        assert!(matches!(kind, Kind::RefusesTransaction(_)), "{text}");
        assert!(kind.begins_nothing());
    }
    for text in [
        "ANALYZE",
        "CREATE INDEX i ON t(concurrently)",
        "CREATE INDEX \"concurrently\" ON t(a)",
        "DROP INDEX i",
        "REINDEX TABLE t",
        "REINDEX (CONCURRENTLY false) TABLE t",
        "CLUSTER t USING i",
        "CLUSTER VERBOSE t",
        "DISCARD TEMP",
        "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)",
        "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = 'off')",
        "ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)",
        "ALTER SUBSCRIPTION s DISABLE",
        "ALTER TABLE t DETACH PARTITION p",
        "ALTER DATABASE a SET search_path = b",
    ] {
        assert_eq!(kind(text.as_bytes()), Kind::Other, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = kind(&text);
    }
}
