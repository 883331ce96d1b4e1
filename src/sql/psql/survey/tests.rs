//! What a walk through a script tells.

use super::*;

fn walk(script: &str) -> Survey {
    walk_with(script, &[])
}

fn walk_with(script: &str, files: &[(&str, &str)]) -> Survey {
    let variables = [("v".to_owned(), "7".to_owned())];
    survey("deploy/x.sql", script.as_bytes(), &variables, &mut |path| {
        let found = files.iter().find(|(name, _)| *name == path);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| Error::new(Kind::Script, "script.include", format!("cannot open \"{path}\"")))
    })
}

fn texts(survey: &Survey) -> Vec<String> {
    survey.statements.iter().map(|one| String::from_utf8_lossy(&one.text).into_owned()).collect()
}

#[test]
fn a_script_is_one_transaction_unless_something_forbids_it() {
    for (script, own) in [
        ("CREATE TABLE a(i int); INSERT INTO a VALUES (:v);", false),
        ("BEGIN; CREATE TABLE a(i int); COMMIT;", true),
        ("SET search_path = a; START TRANSACTION; SELECT 1; END; RESET ALL;", true),
        ("BEGIN; SELECT 1/0; ROLLBACK;", true),
        ("BEGIN; CALL p(); SAVEPOINT a; ROLLBACK TO a; COMMIT", true),
        ("\\set a `cat secret`\nSELECT :'a';", false),
        ("SELECT 1 AS a \\gset\n\\if :a\nSELECT 2;\n\\endif", false),
        ("BEGIN; SELECT 'SELECT 1' \\gexec\nCOMMIT;", true),
        ("COPY a FROM STDIN;\nBEGIN;\n\\.\nSELECT 1;", false),
        ("\\copy a from stdin\nBEGIN;\n\\.\nSELECT 1;", false),
        ("\\if false\nVACUUM;\n\\endif\nSELECT 1;", false),
        ("ALTER TYPE a ADD VALUE 'b'; ALTER TYPE a ADD VALUE 'c';", false),
        ("BEGIN; ALTER TYPE a ADD VALUE 'b'; SELECT 1; COMMIT;", true),
        ("", false),
    ] {
        let survey = walk(script);
        assert_eq!(survey.shape, Shape::Atomic { own_transaction: own }, "{script}");
        assert!(survey.problems.is_empty(), "{script}: {:?}", survey.problems);
        assert!(!survey.left_open, "{script}");
    }
    for (script, reason) in [
        ("CREATE INDEX CONCURRENTLY ON a(i);", "CREATE INDEX CONCURRENTLY cannot be run in a transaction"),
        ("BEGIN; COMMIT; BEGIN; COMMIT;", "it holds more than one transaction"),
        ("SELECT 1; BEGIN; COMMIT;", "statements stand before its BEGIN"),
        ("BEGIN; COMMIT; SELECT 1;", "statements follow its transaction"),
        ("COMMIT;", "it ends a transaction that it did not begin"),
        ("BEGIN; COMMIT AND CHAIN; COMMIT;", "it holds more than one transaction"),
        ("BEGIN; PREPARE TRANSACTION 'a';", "it prepares its transaction for another session"),
        (
            "BEGIN\\; SELECT 1\\; COMMIT;",
            "a message of several statements holds the beginning or end of a transaction",
        ),
        ("CALL p();", "what CALL or DO run may end transactions of its own"),
        ("\\c other", "it connects elsewhere"),
        ("\\! ls", "it uses \\!, which reaches outside the database"),
        ("\\set ON_ERROR_STOP off", "ON_ERROR_STOP is switched off, so that statements may fail one by one"),
        ("\\unset ON_ERROR_STOP", "ON_ERROR_STOP is switched off, so that statements may fail one by one"),
        ("SELECT 'VACUUM' \\gexec\n", "\\gexec runs statements that are known only then"),
        (
            "SELECT true AS a \\gset\n\\if :a\nBEGIN;\n\\endif\nCOMMIT;",
            "it depends on a result where its transaction begins or ends",
        ),
        ("\\i `ls`", "it reads a file whose name is known only then"),
        ("SELECT 'VACUUM' AS a \\gset\n:a;", "a variable that is known only then is a statement"),
        (
            "ALTER TYPE a ADD VALUE 'b'; SELECT 'b'::a;",
            "a value added to an enum cannot be used in the same transaction",
        ),
        ("\\set AUTOCOMMIT off\nSELECT 1; COMMIT;", "AUTOCOMMIT is switched off"),
    ] {
        assert_eq!(walk(script).shape, Shape::Stepwise(reason.to_owned()), "{script}");
    }
}

#[test]
fn a_transaction_that_is_left_open_is_seen() {
    for script in ["BEGIN; SELECT 1;", "\\set AUTOCOMMIT off\nSELECT 1;", "BEGIN; COMMIT AND CHAIN;"] {
        assert!(walk(script).left_open, "{script}");
    }
    assert!(!walk("BEGIN; ABORT;").left_open);
    assert!(walk("BEGIN; ABORT;").rolls_back);
}

#[test]
fn the_own_begin_is_kept_with_what_it_asks_for() {
    let survey = walk("-- a\nBEGIN ISOLATION LEVEL SERIALIZABLE ;\nCOMMIT;");
    assert_eq!(survey.begin.as_deref(), Some("BEGIN ISOLATION LEVEL SERIALIZABLE"));
}

#[test]
fn a_look_is_needed_where_results_decide() {
    for script in [
        "SELECT 1 AS a \\gset\n",
        "SELECT 1 \\gexec\n",
        "\\set a `ls`\n",
        "\\o x\n",
        "\\c",
        "\\copy a from x",
        "COPY a FROM STDIN;\n\\.\n",
        "SELECT :'DBNAME';",
        "\\if :ROW_COUNT\n\\endif",
    ] {
        assert!(walk(script).needs_look, "{script}");
    }
    assert!(!walk("SELECT :v; \\set a :v\n\\if :{?a}\nSELECT :a;\n\\endif\n\\echo x").needs_look);
}

#[test]
fn what_a_new_connection_alone_is_free_of() {
    for script in [
        "ALTER ROLE a SET b = c;",
        "ALTER DATABASE a SET b = c;",
        "LOAD 'a';",
        "SET SESSION AUTHORIZATION a;",
        "\\c - a",
    ] {
        assert!(walk(script).needs_new_session, "{script}");
    }
    assert!(!walk("SET ROLE a; ALTER TABLE role ADD a int;").needs_new_session);
}

#[test]
fn what_cannot_be_run_is_said_before_anything_runs() {
    for (script, line, message) in [
        ("SELECT 1;\n\\watch", 2, "\\watch cannot be run here: it repeats a query without end"),
        ("\\password a", 1, "\\password cannot be run here: it asks for a password"),
        ("\\dt", 1, "\\dt cannot be run here: listings of the catalogue are psql's own"),
        ("\n\\nosuch x", 2, "\\nosuch is not a command of psql"),
        ("\\if false\n\\nosuch\n\\endif", 2, "\\nosuch is not a command of psql"),
        ("\\!", 1, "\\! without a command opens a shell, which cannot be done here"),
        ("\\i", 1, "\\i lacks an argument"),
        ("\\if true\nSELECT 1;", 1, "\\if without \\endif"),
        ("\\endif", 1, "\\endif without \\if"),
        ("\\if true\n\\else\n\\else\n\\endif", 3, "\\else after \\else"),
        ("SELECT 1;\nSELECT\n'a;\n", 2, "a text in quotes is not closed in the statement that begins here"),
        ("SELECT 1;\nSELECT 2\0;", 2, "a zero byte would hide the rest of the line"),
        ("PGDMP\x01", 1, "this is a dump in pg_dump's custom format, not a script"),
        ("\n\\ir nope.sql", 2, "cannot open \"deploy/nope.sql\""),
        ("SELECT 1 \\\\ SELECT 2;", 1, "\\ is not a command of psql"),
    ] {
        let survey = walk(script);
        let problem = survey.problems.first().unwrap_or_else(|| panic!("{script}"));
        assert_eq!(problem.message(), message, "{script}");
        let place = problem.place().unwrap();
        assert_eq!((place.file.as_str(), place.line), ("deploy/x.sql", line), "{script}");
    }
    for script in [
        "\\set ON_ERROR_STOP off\n\\nosuch\n\\i nope\n\\endif",
        "\\if false\n\\watch\n\\i nope\n\\endif",
        "\\! touch a\n\\i a",
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'select 1';\nSELECT 2;\n",
        "SELECT 'a\\",
    ] {
        let survey = walk(script);
        assert!(survey.problems.is_empty(), "{script}: {:?}", survey.problems);
    }
}

#[test]
fn files_are_found_where_psql_finds_them() {
    let files = [
        ("inc.sql", "SELECT 'top';"),
        ("deploy/inc.sql", "SELECT 'beside';\n\\ir ../inc.sql"),
        ("sub/a.sql", "SELECT 'sub'"),
        ("q.sql", "SELECT 1\n\\q\nSELECT 2;"),
    ];
    let survey = walk_with("\\i inc.sql\n\\ir inc.sql\n\\i ./q.sql\n\\cd sub\n\\i a.sql\nSELECT 9;", &files);
    assert!(survey.problems.is_empty(), "{:?}", survey.problems);
    assert_eq!(
        texts(&survey),
        ["SELECT 'top';", "SELECT 'beside';", "SELECT 'top';", "SELECT 1", "SELECT 'sub'", "SELECT 9;"]
    );
    assert_eq!(survey.statements[2].file, "inc.sql");
    let circle = walk_with("\\i a.sql", &[("a.sql", "\\i a.sql")]);
    assert_eq!(circle.problems.len(), 1);
    assert!(circle.problems[0].message().contains("include each other"));
}

#[test]
fn only_the_branches_that_may_be_taken_are_walked() {
    let survey = walk(
        "\\if :{?v}\nSELECT 1;\n\\else\nSELECT 2;\n\\endif\nSELECT\n\\if no\n3\n\\elif 1\n4\n\\else\n5\n\\endif\n;",
    );
    assert_eq!(texts(&survey), ["SELECT 1;", "SELECT\n4\n;"]);
    let survey = walk("\\if :ERROR\nSELECT 1;\n\\else\nSELECT 2;\n\\endif");
    assert_eq!(texts(&survey), ["SELECT 1;", "SELECT 2;"]);
}

#[test]
fn paths_are_simplified_as_psql_does() {
    for (path, expected) in
        [("a//b/", "a/b"), ("./a/../b", "b"), ("../a", "../a"), ("/../a", "/a"), ("a/..", "."), ("/", "/")]
    {
        assert_eq!(canonical(path), expected, "{path}");
    }
    assert_eq!([join("a", "b"), join("", "b"), join("a", "/b"), join("a", "~/b")], ["a/b", "b", "/b", "~/b"]);
}

/// The walk finds the very statements that psql was measured to send, where it says that no
/// result decides.
#[test]
fn the_walk_and_psql_find_the_same_statements() {
    let file = include_str!("../../../../tests/vectors/scripts/pg.json");
    let vectors: serde_json::Value = serde_json::from_str(file).unwrap();
    let mut compared = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let (Some(script), Some(sent)) = (vector["script"].as_str(), vector["expect"]["sent"].as_array())
        else {
            continue;
        };
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mut variables: Vec<(String, String)> = vec![("registry".to_owned(), "sqitch".to_owned())];
        variables
            .extend(vector["variables"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), text(v))));
        let survey = survey("deploy/x.sql", script.as_bytes(), &variables, &mut |path| {
            let file = vector["files"][path].as_str();
            file.map(|text| text.as_bytes().to_vec())
                .ok_or_else(|| Error::new(Kind::Script, "script.include", "missing"))
        });
        let failed = vector["expect"]["exit"] != 0;
        if !survey.problems.is_empty() {
            // The listings and the help are psql's own; everything else stops psql, too.
            assert!(failed || ["h"].contains(&name), "{name}: {:?}", survey.problems);
            continue;
        }
        let psqls_own =
            ["FETCH_COUNT", "ON_ERROR_ROLLBACK", "AUTOCOMMIT"].iter().any(|one| script.contains(one));
        if survey.needs_look
            || psqls_own
            || !vector["extra_options"].is_null()
            || name == "PSQLRC used w/o -X"
        {
            continue;
        }
        let sent: Vec<String> =
            sent.iter().map(text).filter(|one| !one.starts_with("set client_encoding to")).collect();
        let found = texts(&survey);
        assert!(if failed { found.starts_with(&sent) } else { found == sent }, "{name}: {sent:?} {found:?}");
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

proptest::proptest! {
    #[test]
    fn no_script_panics(
        script in "(\\\\(if|elif|else|endif|i|g|gset|gexec|set|copy|q|c|r|o|cd|unset) ?[a-c:`'1]{0,3}[\n ;]|[a-c:;'(]|BEGIN;|COMMIT;|\n){0,30}",
    ) {
        let survey = walk_with(&script, &[("a", "\\i b\nSELECT 1;"), ("b", "SELECT 2 \\gset\n\\if :a\n\\i c\n\\endif")]);
        proptest::prop_assert!(survey.statements.len() < 10_000);
    }
}
