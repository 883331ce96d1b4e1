//! What Sqitch starts psql, sqlite3 and mysql with. `change` starts none of them and runs scripts itself, so
//! what they were told must be seen elsewhere: in the scripts, which check their variables, in the
//! databases, and in what is printed.

use crate::desk::{Desk, Run};
use crate::differences::OF_CLIENTS;
use crate::replay::{Difference, same, settle, vector};
use crate::{maria, postgres};
use rusqlite::Connection;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Passwords, right ones and wrong ones. Nobody may ever see them.
const SECRETS: [&str; 6] = ["s3cret", "p@ss", "p%40ss", ":pw", ":zz", "amiss"];

#[test]
fn every_difference_is_of_a_case_and_explained() {
    let cases: Vec<(String, String)> = ["pg ", "sqlite ", "mysql "]
        .into_iter()
        .flat_map(cases)
        .map(|case| (label(&case), command(&case)))
        .collect();
    let recorded = vector("client-invocations.json");
    assert_eq!(cases.len(), recorded["cases"].as_array().unwrap().len(), "each case is played");
    OF_CLIENTS.iter().for_each(|difference| difference.check(&cases));
}

#[test]
fn on_sqlite() {
    let desk = Desk::new();
    project(&desk, "[core]\n\tengine = sqlite\n[engine \"sqlite\"]\n\ttarget = db:sqlite:app.db\n");
    std::fs::create_dir(desk.path("sub")).unwrap();
    // One database is deployed to from several registries.
    desk.write("deploy/one.sql", "CREATE TABLE IF NOT EXISTS told (x);\n.read print.sql\n");
    desk.write("revert/one.sql", "DROP TABLE told;\nSELECT 2;\n");
    desk.write("verify/one.sql", "SELECT x FROM told;\nSELECT 3;\n");
    desk.write("print.sql", "SELECT 1;\n");
    for case in cases("sqlite ") {
        let mut there = databases(&desk);
        play(&desk, &case, None);
        for (file, script) in files_of_calls(&case) {
            let database = Connection::open(desk.path(&file)).unwrap();
            let has = |table: &str| database.table_exists(None, table).unwrap();
            match script.as_str() {
                "deploy/one.sql" | "verify/one.sql" => assert!(has("told"), "{}: {file}", label(&case)),
                "revert/one.sql" => assert!(!has("told"), "{}: {file}", label(&case)),
                _ => {
                    let count = "SELECT count(*) FROM changes";
                    let count: i64 = database.query_row(count, [], |row| row.get(0)).unwrap();
                    assert_eq!(count, 1, "{}: registry {file}", label(&case));
                }
            }
            there.insert(file);
        }
        assert_eq!(databases(&desk), there, "{}: files", label(&case));
    }
}

/// The files of databases.
fn databases(desk: &Desk) -> BTreeSet<String> {
    let mut files: BTreeSet<String> = desk.below("", true).into_iter().collect();
    files.retain(|file| std::fs::read(desk.path(file)).unwrap().starts_with(b"SQLite format 3\0"));
    files
}

/// The files that sqlite3 was started with, each with the script that it read.
fn files_of_calls(case: &Json) -> Vec<(String, String)> {
    let words = calls(case).into_iter().filter_map(|mut words| Some((words.pop()?, words.pop()?)));
    let scripts = words.filter_map(|(command, file)| {
        Some((file, command.strip_prefix(".read '")?.strip_suffix('\'')?.to_owned()))
    });
    scripts.collect()
}

#[test]
fn on_postgresql() {
    let server = postgres::Server::start(&[]);
    server.existing(postgres::ADMIN).psql("CREATE DATABASE cl");
    // A password is asked for where one was given, and nowhere else.
    server.login_rules("host all all 127.0.0.1/32 scram-sha-256");
    let base = server.existing("cl");
    let mut desk = Desk::new();
    project(
        &desk,
        "[core]\n\tengine = pg\n[core \"variables\"]\n\tcorev = 1\n[engine \"pg\"]\n\ttarget = db:pg:cl\n\
         \tregistry = reg\n[engine \"pg.variables\"]\n\tengv = two words\n[deploy \"variables\"]\n\tdepv = d'q\n",
    );
    desk.write(
        "deploy/one.sql",
        "CREATE TABLE told AS SELECT current_setting('application_name') AS name;\n\\i print.sql\n",
    );
    let mut deployed = 0;
    for case in cases("pg ") {
        let name = label(&case);
        let checked = |script: &str| variables_of_psql(&case, script);
        desk.write("print.sql", &format!("SELECT 1 / ({})::int;\n", checked("deploy/one.sql")));
        desk.write("verify/one.sql", &format!("SELECT 3 / ({})::int;\n", checked("verify/one.sql")));
        let revert = format!("DROP TABLE told;\nSELECT 2 / ({})::int;\n", checked("revert/one.sql"));
        desk.write("revert/one.sql", &revert);
        let password = if name == "pg password in URI" { "p@ss" } else { "s3cret" };
        base.psql(&format!("ALTER ROLE postgres PASSWORD '{password}'"));
        desk.env = surroundings(&name, &server);
        if name == "pg password env" {
            desk.env.push(("SQITCH_PASSWORD".into(), Some("amiss".into())));
            refused(&desk, "deploy", "password authentication failed for user \"postgres\"");
            desk.env.pop();
            desk.env.push(("SQITCH_PASSWORD".into(), Some("s3cret".into())));
        }
        let difference = play(&desk, &case, Some(("5432", server.port())));
        if name == "pg with host/port/user options and URI query" {
            assert_eq!(base.psql("SELECT name FROM told"), "my app", "{name}");
        }
        if name == "pg connection options" {
            // The database that the target names is not asked.
            let port = server.port().to_string();
            let run =
                desk.run(&["status", "-h", "127.0.0.1", "-p", &port, "-u", "postgres", "-d", "postgres"], "");
            let other =
                format!("# On database db:pg://postgres@127.0.0.1:{port}/postgres\nNo changes deployed\n");
            assert_eq!((run.status, run.out), (1, other), "{}", run.err);
        }
        if let Some(difference) = difference {
            difference.catch_up(&desk);
        }
        deployed = deployed_after(&case, deployed);
        assert_eq!(base.psql("SELECT count(*) FROM reg.changes"), deployed.to_string(), "{name}");
        let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'told'";
        assert_eq!(base.psql(tables), deployed.to_string(), "{name}");
        let schemas = "SELECT string_agg(nspname, ' ') FROM pg_namespace WHERE nspname IN ('reg', 'sqitch')";
        assert_eq!(base.psql(schemas), "reg", "{name}: registry");
    }
}

#[test]
fn each_command_that_connects_takes_the_connection_in_letters() {
    // Nobody listens there; the address in the complaint shows that it was understood.
    let options = ["-h", "127.0.0.1", "-p", "1", "-u", "somebody", "-d", "base"];
    let commands = ["deploy", "revert -y", "verify", "status", "log", "check", "rebase -y", "upgrade"];
    for engine in ["pg", "mysql"] {
        let desk = Desk::new();
        project(&desk, &format!("[core]\n\tengine = {engine}\n"));
        for script in ["deploy/one.sql", "revert/one.sql", "verify/one.sql"] {
            desk.write(script, "CREATE TABLE told (x INTEGER);\n");
        }
        for command in commands {
            let words: Vec<&str> = command.split(' ').chain(options).collect();
            let run = desk.run(&words, "");
            let address = format!("cannot connect to db:{engine}://somebody@127.0.0.1:1/base\n");
            assert!(run.status == 2 && run.err.contains(&address), "{words:?}: {run:?}");
        }
    }
}

/// What the environment says in each case of PostgreSQL: where the server is, unless the command does.
fn surroundings(case: &str, server: &postgres::Server) -> Vec<(String, Option<String>)> {
    let (socket, port) = (server.folder().display().to_string(), server.port().to_string());
    let variables: &[(&str, &str)] = match case {
        "pg with host/port/user options and URI query" => {
            &[("PGHOST", &socket), ("PGPORT", &port), ("PGUSER", "postgres"), ("PGPASSWORD", "s3cret")]
        }
        // What is said wins over what is around.
        "pg connection options" => {
            &[("PGHOST", "/nowhere"), ("PGPORT", "1"), ("PGUSER", "nobody"), ("PGPASSWORD", "s3cret")]
        }
        "pg password env" => &[
            ("PGHOST", "127.0.0.1"),
            ("PGPORT", &port),
            ("SQITCH_USERNAME", "postgres"),
            ("PGUSER", "nobody"),
        ],
        "pg password in URI" => &[("PGHOST", "/nowhere"), ("PGPORT", "1"), ("PGPASSWORD", "amiss")],
        "pg status shows destination without db name" => {
            &[("PGHOST", &socket), ("PGPORT", &port), ("PGUSER", "postgres"), ("PGDATABASE", "cl")]
        }
        _ => &[("PGHOST", &socket), ("PGPORT", &port), ("PGUSER", "postgres")],
    };
    variables.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect()
}

/// Whether the variables are those that psql was started with for a script, as a condition.
fn variables_of_psql(case: &Json, script: &str) -> String {
    let call = calls(case).into_iter().find(|words| words.ends_with(&["--file".into(), script.into()]));
    let words = call.unwrap_or_default();
    let settings =
        words.windows(2).filter(|pair| pair[0] == "--set").map(|pair| pair[1].split_once('=').unwrap());
    let equal = |(name, value): (&str, &str)| format!(":'{name}' = '{}'", value.replace('\'', "''"));
    let conditions: Vec<String> = settings.map(equal).collect();
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") }
}

#[test]
fn on_mysql() {
    let server = maria::Server::start();
    server.existing("mysql").ask("CREATE DATABASE cl");
    let base = server.existing("cl");
    let mut desk = Desk::new();
    project(
        &desk,
        &format!(
            "[core]\n\tengine = mysql\n[engine \"mysql\"]\n\ttarget = db:mysql://tester:pw@127.0.0.1:{}/cl\n\
             [engine \"mysql.variables\"]\n\tv1 = it's\n",
            base.port
        ),
    );
    desk.write(
        "deploy/one.sql",
        "CREATE TABLE told AS SELECT variable_value AS compression FROM information_schema.session_status\n\
         WHERE variable_name = 'Compression';\nsource print.sql\n",
    );
    let mut deployed = 0;
    for case in cases("mysql ") {
        let name = label(&case);
        // A function of the registry fails unless what it is asked is true.
        let checked = |script: &str, number: u8| {
            format!(
                "SELECT IF(clreg.checkit({}, 'other variables'), {number}, 0);\n",
                variables_of_mysql(&case, script)
            )
        };
        desk.write("print.sql", &checked("deploy/one.sql", 1));
        desk.write("revert/one.sql", &format!("DROP TABLE told;\n{}", checked("revert/one.sql", 2)));
        desk.write("verify/one.sql", &checked("verify/one.sql", 3));
        let password = |text: &str| vec![("MYSQL_PWD".to_owned(), Some(text.to_owned()))];
        // The password of the URI wins.
        desk.env = password("amiss");
        if name == "mysql no password in uri, env" {
            let uri =
                format!("deploy --registry clreg --target db:mysql://tester@127.0.0.1:{}/cl", base.port);
            refused(&desk, &uri, "Access denied for user 'tester'@'127.0.0.1' (using password: YES)");
            desk.env = password("pw");
        } else if name == "mysql bad password" {
            desk.env = password("pw");
        }
        play(&desk, &case, Some(("3306", base.port)));
        deployed = deployed_after(&case, deployed);
        assert_eq!(base.ask("SELECT count(*) FROM clreg.changes"), deployed.to_string(), "{name}");
        assert_eq!(base.ask("SHOW TABLES LIKE 'told'").lines().count(), deployed, "{name}");
        if name == "mysql no password in uri, env" {
            assert_eq!(base.ask("SELECT compression FROM told"), "ON", "{name}");
        }
        assert_eq!(base.ask("SHOW DATABASES LIKE '%reg'"), "clreg", "{name}: registry");
    }
}

/// Whether the variables are those that mysql was told to set before a script, as a condition.
fn variables_of_mysql(case: &Json, script: &str) -> String {
    let ending = format!(";\nsource {script}");
    let told = calls(case).into_iter().filter_map(|mut words| words.pop());
    let mut settings =
        told.filter_map(|text| Some(text.strip_suffix(&ending)?.strip_prefix("SET ")?.to_owned()));
    settings.next_back().map_or_else(|| "true".to_owned(), |settings| settings.replace(", @", " AND @"))
}

/// A project with one change.
fn project(desk: &Desk, conf: &str) {
    desk.write("sqitch.conf", conf);
    desk.write("sqitch.plan", "%syntax-version=1.0.0\n%project=acme\n\none 2024-01-01T00:00:00Z A <a@b.c>\n");
}

/// The cases whose label begins so.
fn cases(engine: &str) -> Vec<Json> {
    let recorded = vector("client-invocations.json");
    let all = recorded["cases"].as_array().unwrap().iter();
    all.filter(|case| label(case).starts_with(engine)).cloned().collect()
}

fn label(case: &Json) -> String {
    case["label"].as_str().unwrap().to_owned()
}

fn command(case: &Json) -> String {
    case["cmd"].as_str().unwrap().to_owned()
}

/// The words after the program's name, of every start of it.
fn calls(case: &Json) -> Vec<Vec<String>> {
    let words = |call: &Json| {
        call["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    case["client_calls"].as_array().unwrap().iter().map(words).collect()
}

/// How many changes are deployed after a case.
fn deployed_after(case: &Json, before: usize) -> usize {
    let scripts = |kind: &str| {
        let ending = format!("{kind}/one.sql");
        calls(case).iter().any(|words| words.last().is_some_and(|last| last.ends_with(&ending)))
    };
    match (scripts("deploy"), scripts("revert")) {
        (true, _) => 1,
        (_, true) => 0,
        _ => before,
    }
}

/// Plays a case; a server's port is another than the one that was recorded.
fn play(desk: &Desk, case: &Json, ports: Option<(&str, u16)>) -> Option<&'static Difference> {
    let folder = desk.path("").display().to_string();
    let mut ours = command(case).replace("/ABS/PROJECT/", &folder);
    if let Some((recorded, port)) = ports {
        ours = ours.replace(recorded, &port.to_string());
    }
    let words: Vec<&str> = ours.split(' ').skip(1).collect();
    let mut run = desk.run(&words, "");
    assert_silent(&run);
    for text in [&mut run.out, &mut run.err] {
        *text = text.replace(&folder, "");
        if let Some((recorded, port)) = ports {
            *text = text.replace(&port.to_string(), recorded);
        }
    }
    // The server was recorded under its name.
    let mut case = case.clone();
    case["stderr"] = case["stderr"].as_str().unwrap().replace("'localhost'", "'127.0.0.1'").into();
    let difference = Difference::of(OF_CLIENTS, &label(&case));
    settle(&label(&case), &ours, same(&case, &run), &run, difference);
    difference
}

fn refused(desk: &Desk, words: &str, complaint: &str) {
    let words: Vec<&str> = words.split(' ').collect();
    let run = desk.run(&words, "");
    assert_silent(&run);
    assert!(run.status == 2 && run.err.contains(complaint), "{words:?}: {run:?}");
}

/// Fails if a password is shown.
#[track_caller]
fn assert_silent(run: &Run) {
    for secret in SECRETS {
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{secret:?} is shown: {run:?}");
    }
}
