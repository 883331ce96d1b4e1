//! The server on which cases are measured, and a database of its own for each of them.

use crate::case::{self, Case, Step};
use crate::postgres::{ADMIN, Database, Server};
use postgres::{Client, Config, NoTls, SimpleQueryMessage};
use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};

/// The role of the application: owns nothing, may do what the case grants it.
pub(crate) const APP: &str = "app";

/// Statistics must be exact, and nothing but the case may read or write.
const SETTINGS: [(&str, &str); 9] = [
    ("autovacuum", "off"),
    ("track_counts", "on"),
    ("max_parallel_workers_per_gather", "0"),
    // What parallel workers read is not in the statistics of the session that builds an index.
    ("max_parallel_maintenance_workers", "0"),
    ("timezone", "UTC"),
    ("jit", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("max_wal_size", "4GB"),
];

/// The server that all cases share.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Server::start(&SETTINGS);
        let admin = server.existing(ADMIN);
        admin.psql(&format!("CREATE ROLE {APP} LOGIN; CREATE ROLE report LOGIN; CREATE ROLE keeper"));
        let mut session = connect(&admin, ADMIN);
        session.batch_execute("SET allow_in_place_tablespaces = on").unwrap();
        session.batch_execute("CREATE TABLESPACE fast LOCATION ''").unwrap();
        server
    })
}

/// A session of this role.
pub(crate) fn connect(database: &Database, user: &str) -> Client {
    Config::new()
        .host_path(&database.folder)
        .port(database.port)
        .user(user)
        .dbname(&database.name)
        .connect(NoTls)
        .unwrap()
}

/// A fresh database as it is before the change.
pub(crate) fn before(case: &Case) -> Database {
    let server = server();
    let database = match &case.base {
        Some(name) => server.database_with(&format!("TEMPLATE {}", template(name))),
        None => server.database(),
    };
    perform(&database, &case.name, &case.steps);
    database
}

/// Takes the database away, so that hundreds of them do not fill the disk.
pub(crate) fn drop(database: &Database) {
    server().existing(ADMIN).psql(&format!("DROP DATABASE {} WITH (FORCE)", database.name));
}

/// The database in which a base is ready to be copied.
fn template(name: &str) -> String {
    static READY: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut ready = READY.lock().unwrap();
    let database = format!("base_{name}");
    if ready.insert(name.to_owned()) {
        let server = server();
        server.existing(ADMIN).psql(&format!("CREATE DATABASE {database}"));
        perform(&server.existing(&database), name, &case::base(name).steps);
    }
    database
}

fn perform(database: &Database, name: &str, steps: &[Step]) {
    for step in steps {
        // A session for each, as for changes that are deployed.
        let mut session = connect(database, ADMIN);
        let (Step::Deployed { script: sql, .. } | Step::Rows(sql)) = step;
        for statement in statements(sql) {
            if let Err(error) = session.simple_query(&statement) {
                panic!("{name}: {statement}\n{}", told(&error));
            }
        }
    }
    if !steps.is_empty() {
        analyze(database);
    }
}

/// Brings the statistics of the tables up to date, but not those of the catalogue, which take longer.
fn analyze(database: &Database) {
    let mut session = connect(database, ADMIN);
    let tables = ask(
        &mut session,
        "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'm', 'p') AND relnamespace NOT IN \
         ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)",
    );
    let names: Vec<String> = tables.into_iter().flatten().collect();
    if !names.is_empty() {
        session.batch_execute(&format!("ANALYZE {}", names.join(", "))).unwrap();
    }
}

/// The statements of a script, as psql cuts it.
pub(crate) fn statements(script: &str) -> Vec<String> {
    let survey = survey(script);
    let texts = survey.statements.into_iter().map(|found| String::from_utf8(found.text).unwrap());
    texts.collect()
}

/// What `change` makes of a script.
pub(crate) fn survey(script: &str) -> change::sql::psql::Survey {
    let survey = change::sql::psql::survey("judged.sql", script.as_bytes(), &[], &mut |path| {
        panic!("cases include no files: {path}")
    });
    assert!(survey.problems.is_empty(), "{:?}", survey.problems);
    assert!(survey.commands.is_empty(), "cases hold no client commands: {:?}", survey.commands);
    survey
}

/// All rows of all queries in `sql`, as text.
pub(crate) fn ask(session: &mut Client, sql: &str) -> Vec<Vec<String>> {
    texts(session.simple_query(sql).unwrap_or_else(|error| panic!("{sql}\n{}", told(&error))))
}

/// All rows among the messages, as text.
pub(crate) fn texts(messages: Vec<SimpleQueryMessage>) -> Vec<Vec<String>> {
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect())
        }
        _ => None,
    });
    rows.collect()
}

/// What the server said.
pub(crate) fn told(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} {}", error.code().code(), error.message()),
        None => error.to_string(),
    }
}
