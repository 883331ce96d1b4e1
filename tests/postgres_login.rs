//! Finding a PostgreSQL server, encryption and logging in, beside what libpq does.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/postgres.rs"]
mod postgres;

use change::config::uri::DatabaseUri;
use change::engine::postgres::settings::Settings;
use change::engine::postgres::wire::Connection;
use change::error::Result;
use postgres::{Server, run};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const SECRET: &str = "hunter2 é:\\";

/// Certificates of an authority of our own.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Authority {
        let own = Authority { folder: tempfile::tempdir().unwrap() };
        for ca in ["ca", "otherca"] {
            own.self_signed(ca, "our authority");
        }
        own
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, words: &str) {
        run(Command::new("openssl").current_dir(self.folder.path()).args(words.split_whitespace()));
    }

    fn self_signed(&self, file: &str, name: &str) {
        run(Command::new("openssl")
            .current_dir(self.folder.path())
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "365",
            ])
            .args([
                "-keyout",
                &format!("{file}.key"),
                "-out",
                &format!("{file}.crt"),
                "-subj",
                &format!("/CN={name}"),
            ]));
    }

    /// A certificate signed by the authority; without extensions it is of version 1.
    fn signed(&self, file: &str, key: &str, name: &str, extensions: &str) {
        self.openssl(&format!(
            "req -newkey {key} -nodes -keyout {file}.key -out {file}.csr -subj /CN={name}"
        ));
        let mut words = format!(
            "x509 -req -in {file}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out {file}.crt"
        );
        if !extensions.is_empty() {
            std::fs::write(self.path("extensions"), extensions).unwrap();
            words += " -extfile extensions";
        }
        self.openssl(&words);
    }

    /// The list of what is revoked, with one certificate on it.
    fn revoke(&self, file: &str) -> PathBuf {
        std::fs::write(self.path("index.txt"), "").unwrap();
        std::fs::write(self.path("crlnumber"), "01").unwrap();
        std::fs::write(
            self.path("ca.conf"),
            "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ncrlnumber = crlnumber\ndefault_md = sha256\ndefault_crl_days = 30\n",
        )
        .unwrap();
        let ca = "ca -config ca.conf -keyfile ca.key -cert ca.crt";
        self.openssl(&format!("{ca} -revoke {file}.crt"));
        self.openssl(&format!("{ca} -gencrl -out crl.pem"));
        self.path("crl.pem")
    }
}

/// The server uses this certificate from now on.
fn present(server: &Server, authority: &Authority, file: &str) {
    for end in ["crt", "key"] {
        let text = std::fs::read(authority.path(&format!("{file}.{end}"))).unwrap();
        server.put(&format!("server.{end}"), &text);
    }
    server.reload();
}

fn encrypted_server(authority: &Authority, file: &str) -> Server {
    let server = Server::start(&[]);
    let folder = server.folder().display().to_string();
    server.put("ca.crt", &std::fs::read(authority.path("ca.crt")).unwrap());
    for (name, value) in
        [("ssl_cert_file", "server.crt"), ("ssl_key_file", "server.key"), ("ssl_ca_file", "ca.crt")]
    {
        server.configure(name, &format!("{folder}/{value}"));
    }
    server.configure("ssl", "on");
    present(&server, authority, file);
    server
}

/// Connects with an environment, whose home is a folder that does not exist unless it is given.
fn connect(uri: &str, env: &[(&str, &str)]) -> Result<Connection> {
    let mut all: HashMap<&str, &str> =
        HashMap::from([("HOME", "/nonexistent"), ("PGSYSCONFDIR", "/nonexistent")]);
    all.extend(env.iter().copied());
    let uri = DatabaseUri::parse(uri)?;
    Connection::connect(&Settings::from(&uri, &|name| all.get(name).map(|value| (*value).to_owned()))?)
}

/// `t` or `f` for a session that is encrypted or not, `-` for none.
fn ours(server: &Server, parameters: &[(&str, String)]) -> (String, String) {
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let uri = format!("db:pg://postgres@:{}/postgres?{}", server.port(), pairs.join("&"));
    match connect(&uri, &[]) {
        Ok(mut session) => {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let ssl = session.rows(sql, &[]).unwrap()[0][0].clone().unwrap();
            assert_eq!(ssl == "t", session.encrypted());
            (ssl, String::new())
        }
        Err(error) => ("-".to_owned(), error.to_string()),
    }
}

/// The same of the real psql.
fn theirs(server: &Server, parameters: &[(&str, String)]) -> (String, String) {
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}='{value}'")).collect();
    let info = format!("user=postgres dbname=postgres port={} {}", server.port(), pairs.join(" "));
    let output = Command::new(postgres::program("psql"))
        .env_clear()
        .args(["-wXAtqc", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", "-d", &info])
        .output()
        .unwrap();
    let answer = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (if output.status.success() { answer } else { "-".to_owned() }, error)
}

#[test]
fn encryption_is_what_libpq_makes_of_it() {
    let authority = Authority::new();
    let ec = "ec -pkeyopt ec_paramgen_curve:P-256";
    authority.signed("good", "rsa:2048", "whatever", "subjectAltName=DNS:db.test,IP:127.0.0.1");
    authority.signed("elsewhere", ec, "db.test", "subjectAltName=DNS:other.test");
    authority.signed("old", ec, "db.test", "");
    authority.signed(
        "wild",
        "ec -pkeyopt ec_paramgen_curve:P-384",
        "*.test.example",
        "basicConstraints=CA:FALSE",
    );
    authority.self_signed("own", "db.test");
    let server = encrypted_server(&authority, "good");
    let mut differences = Vec::new();
    let mut seen = HashMap::<String, usize>::new();
    for certificate in ["good", "elsewhere", "old", "wild", "own"] {
        present(&server, &authority, certificate);
        for rule in ["host", "hostssl", "hostnossl"] {
            server.login_rules(&format!("{rule} all all 127.0.0.1/32 trust"));
            for mode in ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] {
                for root in ["none", "ca.crt", "otherca.crt", "own.crt"] {
                    let name = if certificate == "wild" { "db.test.example" } else { "db.test" };
                    let parameters = [
                        ("host", name.to_owned()),
                        ("hostaddr", "127.0.0.1".to_owned()),
                        ("sslmode", mode.to_owned()),
                        ("sslrootcert", authority.path(root).display().to_string()),
                    ];
                    let (ours, theirs) = (ours(&server, &parameters), theirs(&server, &parameters));
                    *seen.entry(theirs.0.clone()).or_default() += 1;
                    if ours.0 != theirs.0 {
                        differences.push(format!("{certificate} {rule} {mode} {root}: {ours:?} {theirs:?}"));
                    }
                }
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(["t", "f", "-"].iter().all(|outcome| seen[*outcome] > 20), "{seen:?}");

    // The address itself as the name.
    present(&server, &authority, "good");
    server.login_rules("hostssl all all 127.0.0.1/32 trust");
    for (host, outcome) in [("127.0.0.1", "t"), ("localhost", "-")] {
        let parameters = [
            ("host", host.to_owned()),
            ("sslmode", "verify-full".to_owned()),
            ("sslrootcert", authority.path("ca.crt").display().to_string()),
        ];
        assert_eq!(theirs(&server, &parameters).0, outcome, "{host}");
        let found = ours(&server, &parameters);
        assert_eq!(found.0, outcome, "{host}: {}", found.1);
    }
}

#[test]
fn revoked_certificates_old_protocols_and_our_own_certificates_count() {
    let authority = Authority::new();
    let ec = "ec -pkeyopt ec_paramgen_curve:P-256";
    authority.signed("good", ec, "db.test", "subjectAltName=DNS:db.test");
    authority.signed("bad", ec, "db.test", "subjectAltName=DNS:db.test");
    authority.signed("client", ec, "vera", "basicConstraints=CA:FALSE");
    let revoked = authority.revoke("bad");
    let server = encrypted_server(&authority, "good");
    server.existing("postgres").psql("CREATE ROLE vera LOGIN");
    server.login_rules("hostssl all postgres 127.0.0.1/32 trust\nhostssl all vera 127.0.0.1/32 cert");
    let uri = |user: &str, more: &str| {
        let root = authority.path("ca.crt").display().to_string();
        format!(
            "db:pg://{user}@db.test:{}/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={root}{more}",
            server.port()
        )
    };
    let list = format!("&sslcrl={}", revoked.display());
    connect(&uri("postgres", &list), &[]).unwrap();
    for version in ["TLSv1.2", "TLSv1.3"] {
        let only = format!("&ssl_min_protocol_version={version}&ssl_max_protocol_version={version}");
        let mut session = connect(&uri("postgres", &only), &[]).unwrap();
        let sql = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        assert_eq!(session.rows(sql, &[]).unwrap()[0][0].as_deref(), Some(version));
    }

    let key = authority.path("client.key");
    let own = format!("&sslcert={}&sslkey={}", authority.path("client.crt").display(), key.display());
    assert_eq!(connect(&uri("vera", ""), &[]).unwrap_err().code(), "postgres.login");
    let mut session = connect(&uri("vera", &own), &[]).unwrap();
    assert_eq!(session.rows("SELECT current_user", &[]).unwrap(), [[Some("vera".to_owned())]]);
    postgres::set_mode(&key, 0o644);
    let error = connect(&uri("vera", &own), &[]).unwrap_err();
    assert!(error.hints()[0].contains("chmod 600"), "{error}");

    present(&server, &authority, "bad");
    connect(&uri("postgres", ""), &[]).unwrap();
    let error = connect(&uri("postgres", &list), &[]).unwrap_err();
    assert!(error.to_string().to_lowercase().contains("revoked"), "{error}");
}

#[test]
fn passwords_are_proved_and_never_shown() {
    let authority = Authority::new();
    authority.signed("good", "rsa:2048", "db.test", "subjectAltName=DNS:db.test");
    let server = encrypted_server(&authority, "good");
    let admin = server.existing("postgres");
    for (role, method) in [("scram", "scram-sha-256"), ("hashed", "md5"), ("clear", "scram-sha-256")] {
        admin.psql(&format!(
            "SET password_encryption = '{method}'; CREATE ROLE {role} LOGIN PASSWORD '{}'",
            SECRET
        ));
    }
    server.login_rules(
        "host all scram 127.0.0.1/32 scram-sha-256\nhost all hashed 127.0.0.1/32 md5\nhost all clear 127.0.0.1/32 password",
    );
    let uri = |role: &str, more: &str| format!("db:pg://{role}@127.0.0.1:{}/postgres?{more}", server.port());
    for role in ["scram", "hashed", "clear"] {
        for mode in ["sslmode=disable", "sslmode=require"] {
            let uri = uri(role, mode);
            let mut session =
                connect(&uri, &[("PGPASSWORD", SECRET)]).unwrap_or_else(|error| panic!("{uri}: {error}"));
            assert_eq!(session.rows("SELECT current_user", &[]).unwrap(), [[Some(role.to_owned())]]);
            let wrong = "a wrong hunter3";
            let error = connect(&uri, &[("PGPASSWORD", wrong)]).unwrap_err();
            assert_eq!(error.code(), "postgres.login");
            assert!(error.to_string().contains("28P01"), "{error}");
            assert!(!format!("{error:?}").contains("hunter"), "{error:?}");
            let error = connect(&uri, &[]).unwrap_err();
            assert!(error.hints()[0].contains("PGPASSWORD"), "{error}");
        }
    }
    let secret = [("PGPASSWORD", SECRET)];
    connect(&uri("scram", "sslmode=require&channel_binding=require"), &secret).unwrap();
    connect(&uri("scram", "sslmode=require&channel_binding=disable"), &secret).unwrap();
    connect(&uri("scram", "require_auth=scram-sha-256"), &secret).unwrap();
    for (role, more, word) in [
        ("scram", "sslmode=disable&channel_binding=require", "not encrypted"),
        ("hashed", "sslmode=require&channel_binding=require", "channel binding"),
        ("hashed", "require_auth=scram-sha-256", "require_auth"),
        ("clear", "require_auth=!password", "require_auth"),
    ] {
        let error = connect(&uri(role, more), &secret).unwrap_err();
        assert!(error.to_string().contains(word), "{role} {more}: {error}");
    }
    let mut session = connect(&uri("scram", "sslmode=require"), &secret).unwrap();
    let canceller = session.canceller();
    session.query(b"SELECT pg_sleep(600)").unwrap();
    session.flush().unwrap();
    while admin.psql("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").is_empty() {
        std::thread::yield_now();
    }
    canceller.cancel().unwrap();
    assert!(matches!(session.receive().unwrap(), change::engine::postgres::wire::Message::Columns(_)));
    let cancelled = session.receive().unwrap();
    assert!(
        matches!(&cancelled, change::engine::postgres::wire::Message::Error(error) if error.code == "57014")
    );
    session.settle().unwrap();
    let padding = "x".repeat(100_000);
    for _ in 0..50 {
        session.query(format!("SELECT repeat('y', 100000) /* {padding} */").as_bytes()).unwrap();
    }
    session.settle().unwrap();
    assert_eq!(session.rows("SELECT 1", &[]).unwrap().len(), 1);
}

fn private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    postgres::set_mode(path, 0o600);
}

#[test]
fn password_files_and_services_are_found() {
    let server = Server::start(&[]);
    let database = server.database();
    database.psql("CREATE ROLE vera LOGIN PASSWORD 'from the:file'");
    server.login_rules("host all vera 127.0.0.1/32 scram-sha-256");
    let home = tempfile::tempdir().unwrap();
    let port = server.port();
    private(&home.path().join(".pgpass"), &format!("127.0.0.1:{port}:*:vera:from the\\:file\n"));
    std::fs::write(
        home.path().join(".pg_service.conf"),
        format!("[ours]\nhost=127.0.0.1\nport={port}\ndbname={}\nuser=vera\n", database.name),
    )
    .unwrap();
    let env = [("HOME", home.path().to_str().unwrap())];
    for uri in ["db:pg:?service=ours".to_owned(), format!("db:pg://vera@127.0.0.1:{port}/{}", database.name)]
    {
        let mut session = connect(&uri, &env).unwrap();
        let rows = session.rows("SELECT current_user, current_database()", &[]).unwrap();
        assert_eq!(rows, [[Some("vera".to_owned()), Some(database.name.clone())]]);
    }
    postgres::set_mode(&home.path().join(".pgpass"), 0o644);
    let error = connect("db:pg:?service=ours", &env).unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn the_first_server_that_fits_is_taken() {
    let server = Server::start(&[]);
    let database = server.database();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (name, port) = (&database.name, server.port());
    let hosts = |more: &str| format!("db:pg://postgres@127.0.0.1:{gone},127.0.0.1:{port}/{name}{more}");
    connect(&hosts(""), &[]).unwrap();
    connect(&hosts("?target_session_attrs=primary"), &[]).unwrap();
    connect(&hosts("?target_session_attrs=prefer-standby"), &[]).unwrap();
    connect(&hosts("?load_balance_hosts=random"), &[]).unwrap();
    let error = connect(&hosts("?target_session_attrs=standby"), &[]).unwrap_err();
    assert_eq!(error.causes().len(), 2, "{error}");
    assert!(
        error.causes()[0].contains(&gone.to_string()) && error.causes()[1].contains("no standby"),
        "{error}"
    );
    database.psql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    assert!(connect(&hosts("?target_session_attrs=read-write"), &[]).is_err());
    connect(&hosts("?target_session_attrs=read-only"), &[]).unwrap();

    let error = connect(&format!("db:pg://postgres@127.0.0.1:{port}/missing"), &[]).unwrap_err();
    assert_eq!(error.code(), "postgres.no_database");
    let error = connect(&format!("db:pg://nobody_here@127.0.0.1:{port}/{name}"), &[]).unwrap_err();
    assert_eq!(error.code(), "postgres.login");
    let folder = server.folder().display().to_string();
    let session = connect(
        &format!("db:pg:{name}?user=postgres"),
        &[("PGHOST", &folder), ("PGPORT", &port.to_string())],
    );
    assert!(session.is_ok());
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(server.folder()).unwrap());
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    for line in accounts.lines().filter(|line| line.contains(":x:")) {
        let fields: Vec<&str> = line.split(':').collect();
        let session = connect(&format!("{}?requirepeer={}", database.uri, fields[0]), &[]);
        assert_eq!(session.is_ok(), fields[2] == owner.to_string(), "{line}");
    }
}

#[test]
fn a_server_without_encryption_is_refused_where_it_is_required() {
    let server = Server::start(&[]);
    let database = server.database();
    for (mode, well) in [("disable", true), ("allow", true), ("prefer", true), ("require", false)] {
        let session = connect(&format!("{}?sslmode={mode}", database.tcp), &[]);
        assert_eq!(session.is_ok(), well, "{mode}");
    }
    // A socket is not encrypted, whatever is asked for.
    connect(&format!("{}?sslmode=require", database.uri), &[]).unwrap();
}
