//! What PostgreSQL's statements are read as.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::sql::statement::{Action, ConstraintKind, Key, Name, Object, Reach, WriteKind};
use proptest::prelude::*;

fn said(text: &str) -> Said {
    read(text, Origin::default()).said
}

fn actions(text: &str) -> Vec<Action> {
    match said(text) {
        Said::AlterTable { actions, .. } => actions.into_iter().map(|(action, _)| action).collect(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_column_is_read_with_all_that_is_said_about_it() {
    let text = "ALTER TABLE IF EXISTS ONLY App.\"Us\" ADD COLUMN X character varying(20) COLLATE \"C\" NOT NULL \
                DEFAULT lower('X') CONSTRAINT c CHECK (x <> '') REFERENCES s.b (id) ON DELETE CASCADE";
    let Said::AlterTable { table, if_exists, only, actions, .. } = said(text) else { panic!() };
    assert_eq!(table, Name::within("app", "Us"));
    assert!(if_exists && only);
    let Action::AddColumn { column, .. } = &actions[0].0 else { panic!() };
    assert_eq!(column.name, "x");
    assert_eq!(column.ty.as_ref().unwrap().written(), "varchar(20)");
    assert_eq!(column.collate.as_deref(), Some("C"));
    assert!(column.not_null());
    assert_eq!(column.default_value().unwrap().calls, [Name::new("lower")]);
    let ConstraintKind::Foreign(foreign) = &column.constraints[3].kind else { panic!() };
    assert_eq!((foreign.table.clone(), foreign.cascades), (Name::within("s", "b"), true));
    assert_eq!(column.constraints[2].name.as_deref(), Some("c"));
}

#[test]
fn types_have_the_names_the_server_knows() {
    for (written, known) in [
        ("int", "int4"),
        ("BIGINT", "int8"),
        ("character(3)", "bpchar(3)"),
        ("char", "bpchar(1)"),
        ("varchar", "varchar"),
        ("double precision", "float8"),
        ("float(10)", "float4"),
        ("decimal(10, 2)", "numeric(10, 2)"),
        ("timestamp(3) with time zone", "timestamptz(3)"),
        ("timestamp without time zone", "timestamp"),
        ("time with time zone", "timetz"),
        ("bit varying(8)", "varbit(8)"),
        ("text[]", "text[]"),
        ("pg_catalog.int4", "int4"),
        ("app.mood", "app.mood"),
        ("serial", "serial"),
    ] {
        let Action::AlterType { ty, .. } = &actions(&format!("ALTER TABLE t ALTER c TYPE {written}"))[0]
        else {
            panic!("{written}")
        };
        assert_eq!(ty.written(), known, "{written}");
    }
}

#[test]
fn conditions_prove_what_is_not_null() {
    for (check, proven) in [
        ("a IS NOT NULL", vec!["a"]),
        ("(a IS NOT NULL) AND (b IS NOT NULL AND c > 1)", vec!["a", "b"]),
        ("a IS NOT NULL OR b", vec![]),
        ("b OR a IS NOT NULL", vec![]),
        ("a > 0", vec![]),
        ("NOT (a IS NULL)", vec![]),
    ] {
        let Action::AddConstraint(own) = &actions(&format!("ALTER TABLE t ADD CHECK ({check})"))[0] else {
            panic!()
        };
        let ConstraintKind::Check(expr) = &own.kind else { panic!() };
        assert_eq!(expr.proves_not_null, proven, "{check}");
    }
}

#[test]
fn indexes_and_keys() {
    let text = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY a.t USING gist (x, lower(y) DESC) WHERE z IS NULL";
    let Said::CreateIndex { table, keys, unique, concurrently, if_not_exists, only, method, filter, .. } =
        said(text)
    else {
        panic!()
    };
    assert_eq!(table, Name::within("a", "t"));
    assert_eq!(keys, [Key::Column("x".into()), Key::Expression("lower(y)".into())]);
    assert!(unique && concurrently && if_not_exists && only && filter.is_some());
    assert_eq!(method.as_deref(), Some("gist"));
    let own = actions(
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i, ADD FOREIGN KEY (a, b) REFERENCES u (c, d) NOT VALID",
    );
    let Action::AddConstraint(key) = &own[0] else { panic!() };
    assert_eq!(key.kind, ConstraintKind::Unique { columns: vec![], using_index: Some("i".into()) });
    let Action::AddConstraint(foreign) = &own[1] else { panic!() };
    assert!(foreign.not_valid);
}

#[test]
fn how_many_rows_a_condition_takes() {
    for (text, reach) in [
        ("UPDATE t SET a = 1", Reach::All),
        ("UPDATE t SET a = 1 WHERE true", Reach::All),
        ("UPDATE t SET a = 1 WHERE 1 = 1", Reach::All),
        ("UPDATE t SET a = 1 WHERE b IS NULL", Reach::Some),
        ("UPDATE t SET a = 1 WHERE id = 7", Reach::Bounded),
        ("UPDATE t SET a = 1 WHERE id BETWEEN 1 AND 1000 AND b IS NULL", Reach::Bounded),
        ("DELETE FROM t WHERE id >= 1 AND id < 9", Reach::Bounded),
        ("DELETE FROM t WHERE id IN (1, 2)", Reach::Bounded),
        ("DELETE FROM t WHERE id IN (SELECT id FROM u)", Reach::Some),
        ("DELETE FROM t WHERE id IN (SELECT id FROM t WHERE x LIMIT 100)", Reach::Bounded),
        ("UPDATE t SET a = u.a FROM u WHERE t.id = u.id", Reach::All),
        ("UPDATE t SET a = u.a FROM u WHERE t.id = u.id AND u.x = 3", Reach::Some),
        ("WITH b AS (SELECT id FROM t LIMIT 9) UPDATE t SET a = 1 FROM b WHERE t.id = b.id", Reach::Some),
    ] {
        let Said::Write(writes, _) = said(text) else { panic!("{text}") };
        assert_eq!(writes[0].reach, reach, "{text}");
    }
    let Said::Write(writes, _) = said("WITH d AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM d")
    else {
        panic!()
    };
    assert_eq!((writes[0].kind, writes[0].in_with), (WriteKind::Delete, true));
    assert_eq!((writes[1].kind, writes[1].in_with), (WriteKind::InsertSelect, false));
}

#[test]
fn blocks_and_functions_are_looked_into() {
    let text = "DO $$ BEGIN\n IF NOT EXISTS (SELECT 1 FROM pg_type) THEN ALTER TABLE z ADD d int; END IF;\n \
                EXECUTE 'DROP TABLE ' || 'a';\n EXECUTE format('ALTER TABLE %I ADD x int', 't');\n \
                EXECUTE format('DROP TABLE %I', name);\n EXECUTE 'x' || y;\n \
                FOR r IN SELECT 1 LOOP DELETE FROM w; END LOOP; END $$";
    let statement = read(text, Origin::default());
    assert_eq!(statement.said, Said::Do { loops: true, commits: false });
    let shown: Vec<&str> = statement.body.iter().map(|own| &text[own.span.start..own.span.end]).collect();
    assert_eq!(shown[0], "ALTER TABLE z ADD d int");
    assert!(
        matches!(&statement.body[1].said, Said::Drop { object: Object::Table, names, .. } if names[0].name == "a")
    );
    assert!(matches!(&statement.body[2].said, Said::AlterTable { table, .. } if table.name == "t"));
    assert!(matches!(&statement.body[3].said, Said::Drop { names, .. } if names[0].name == "?"));
    assert_eq!(statement.body[4].said, Said::Dynamic);
    assert!(
        statement
            .body
            .iter()
            .any(|own| matches!(&own.said, Said::Write(writes, _) if writes[0].table.name == "w"))
    );

    let Said::CreateFunction(own) = said(
        "CREATE OR REPLACE FUNCTION s.f(a int DEFAULT 1, b text[]) RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT 1 $$",
    ) else {
        panic!()
    };
    assert!(own.constant && own.volatile && own.or_replace && own.defaults == 1);
    assert_eq!(own.parameters, ["int4", "text[]"]);
    let Said::CreateFunction(own) =
        said("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET a = 1; END $$")
    else {
        panic!()
    };
    assert!(matches!(own.body.unwrap()[0].said, Said::Write(..)));
}

#[test]
fn the_rest_of_the_language() {
    assert_eq!(
        said("SET LOCAL lock_timeout = '3s'"),
        Said::Set { name: "lock_timeout".into(), value: Some("3s".into()), local: true }
    );
    assert_eq!(
        said("SET search_path TO a, b"),
        Said::Set { name: "search_path".into(), value: Some("a, b".into()), local: false }
    );
    assert_eq!(
        said("SET statement_timeout TO 0"),
        Said::Set { name: "statement_timeout".into(), value: Some("0".into()), local: false }
    );
    assert_eq!(
        said("LOCK TABLE a, b IN SHARE ROW EXCLUSIVE MODE NOWAIT"),
        Said::Lock {
            tables: vec![Name::new("a"), Name::new("b")],
            mode: Some("SHARE ROW EXCLUSIVE".into()),
            nowait: true,
        }
    );
    assert_eq!(said("VACUUM (FULL) t"), Said::Vacuum { tables: vec![Name::new("t")], full: true });
    assert_eq!(
        said("VACUUM (FULL false, ANALYZE) t"),
        Said::Vacuum { tables: vec![Name::new("t")], full: false }
    );
    let Said::Reindex { object, concurrently, .. } = said("REINDEX (CONCURRENTLY) TABLE t") else { panic!() };
    assert!(concurrently && object == Object::Table);
    let Said::Drop { names, object, .. } = said("DROP FUNCTION a.f(int), g CASCADE") else { panic!() };
    assert_eq!((names, object), (vec![Name::within("a", "f"), Name::new("g")], Object::Function));
    let Said::Privileges { grant, roles, objects, .. } = said("REVOKE INSERT ON t FROM app") else {
        panic!()
    };
    assert_eq!((grant, roles, objects), (false, vec!["app".to_owned()], vec![Name::new("t")]));
    assert!(matches!(said("ALTER TABLE t RENAME TO u, OWNER"), Said::Opaque { .. }));
    assert!(matches!(said("ALTER TABLE t FROB x"), Said::Opaque { .. }));
    assert!(matches!(
        said("ALTER TYPE s RENAME VALUE 'a' TO 'b'"),
        Said::Rename { object: Object::EnumValue, .. }
    ));
}

#[test]
fn a_script_knows_where_its_statements_stand() {
    let text = b"-- first\nBEGIN;\n\n  /* why */ ALTER TABLE t\n    ADD c int;\nCOMMIT;\n";
    let script = script("deploy/a.sql", text, &[], &mut |_| unreachable!());
    let alter = &script.statements[1];
    assert_eq!(alter.origin.line, 4);
    let offset = alter.origin.offset.unwrap();
    assert!(String::from_utf8_lossy(&text[offset..]).starts_with("ALTER TABLE t"));
    assert!(!script.atomic);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn nothing_makes_it_panic(words in proptest::collection::vec(
        prop_oneof![
            Just("ALTER TABLE"), Just("t"), Just("ADD COLUMN"), Just("("), Just(")"), Just(";"), Just("$$"), Just("'"),
            Just("CHECK"), Just("DO"), Just("CREATE FUNCTION f() RETURNS int AS"), Just("LANGUAGE plpgsql"), Just("BEGIN"),
            Just("END"), Just("EXECUTE format("), Just("%I"), Just(","), Just("int"), Just("::"), Just("1"), Just("NOT"),
            Just("SELECT"), Just("WITH x AS"), Just("UPDATE"), Just("SET"), Just("WHERE"), Just("\"é\""), Just("--\n"), Just("/*"),
        ], 0..40)) {
        let text = words.join(" ");
        let _ = read(&text, Origin::default());
        let _ = script("f", text.as_bytes(), &[], &mut |_| Ok(Vec::new()));
    }

    #[test]
    fn nor_do_any_letters(text in "\\PC{0,200}") {
        let _ = read(&text, Origin::default());
    }
}

#[test]
fn what_is_nested_too_deep_is_not_parsed() {
    for text in [
        format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT {}1", "- ".repeat(50_000)),
        format!("SELECT {}1", "NOT ".repeat(50_000)),
        format!("ALTER TABLE t ADD CHECK (a{})", "[1]".repeat(10_000)),
        format!("SELECT {}1", "a AND ".repeat(20_000)),
        format!("SELECT {}1 END", "CASE WHEN 1 THEN ".repeat(20_000)),
        format!("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT {}1 $x$", "- ".repeat(20_000)),
        format!("DO 'BEGIN PERFORM {}1; END'", "(".repeat(20_000)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(20_000)),
    ] {
        let _ = read(&text, Origin::default());
    }
}
