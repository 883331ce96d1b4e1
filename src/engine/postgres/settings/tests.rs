//! What settings mean, from addresses, environments and files.

use super::*;
use std::collections::HashMap;

struct Desk {
    folder: tempfile::TempDir,
    env: HashMap<&'static str, String>,
}

impl Desk {
    fn new(env: &[(&'static str, &str)]) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let mut env: HashMap<_, _> = env.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        env.insert("HOME", folder.path().display().to_string());
        env.insert("PGSYSCONFDIR", folder.path().join("system").display().to_string());
        Desk { folder, env }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn settings(&self, uri: &str) -> Result<Settings> {
        Settings::from(&DatabaseUri::parse(uri).unwrap(), &|name| self.env.get(name).cloned())
    }

    fn hosts(&self, uri: &str) -> Vec<(String, u16)> {
        self.settings(uri).unwrap().hosts.into_iter().map(|host| (host.name, host.port)).collect()
    }

    fn password(&self, uri: &str) -> Option<String> {
        self.settings(uri).unwrap().hosts[0].password.clone()
    }
}

fn pairs(hosts: &[(&str, u16)]) -> Vec<(String, u16)> {
    hosts.iter().map(|(name, port)| ((*name).to_owned(), *port)).collect()
}

#[test]
fn hosts_and_ports_go_together() {
    let desk = Desk::new(&[]);
    for (uri, hosts) in [
        ("db:pg://h/d", pairs(&[("h", 5432)])),
        ("db:pg://h:5433/d", pairs(&[("h", 5433)])),
        ("db:yugabyte://h/d", pairs(&[("h", 5433)])),
        ("db:pg://a,b/d", pairs(&[("a", 5432), ("b", 5432)])),
        ("db:pg://a:1,b:2/d", pairs(&[("a", 1), ("b", 2)])),
        ("db:pg://a,b:2/d", pairs(&[("a", 5432), ("b", 2)])),
        ("db:pg:d?host=a,b&port=7", pairs(&[("a", 7), ("b", 7)])),
        ("db:pg:d?host=a,b&port=,7", pairs(&[("a", 5432), ("b", 7)])),
        ("db:pg://%2Frun%2Fpg:6/d", pairs(&[("/run/pg", 6)])),
        ("db:pg://h/d?host=other", pairs(&[("other", 5432)])),
        ("db:pg:d?hostaddr=127.0.0.1", pairs(&[("127.0.0.1", 5432)])),
        ("db:pg:d", pairs(&[("/var/run/postgresql", 5432), ("/tmp", 5432), ("localhost", 5432)])),
    ] {
        assert_eq!(desk.hosts(uri), hosts, "{uri}");
    }
    for uri in ["db:pg:d?host=a,b&port=1,2,3", "db:pg:d?host=a&port=x", "db:pg:d?host=a,b&hostaddr=::1"] {
        assert_eq!(desk.settings(uri).unwrap_err().code(), "postgres.option", "{uri}");
    }
}

#[test]
fn the_environment_fills_what_the_address_leaves_open() {
    let desk = Desk::new(&[
        ("PGHOST", "envhost"),
        ("PGPORT", "6000"),
        ("PGUSER", "envuser"),
        ("PGDATABASE", "envdb"),
        ("PGPASSWORD", "envsecret"),
        ("PGAPPNAME", "envapp"),
        ("PGOPTIONS", "-c a=b"),
        ("PGCLIENTENCODING", "LATIN1"),
        ("PGCONNECT_TIMEOUT", "3"),
        ("PGTZ", "UTC"),
        ("PGSSLMODE", "verify-ca"),
    ]);
    let settings = desk.settings("db:pg:").unwrap();
    assert_eq!((settings.hosts[0].name.as_str(), settings.hosts[0].port), ("envhost", 6000));
    assert_eq!((settings.user.as_str(), settings.database.as_str()), ("envuser", "envdb"));
    assert_eq!(settings.hosts[0].password.as_deref(), Some("envsecret"));
    assert_eq!(settings.patience, Some(Duration::from_secs(3)));
    assert_eq!(settings.tls.mode, Mode::VerifyCa);
    let parameters: Vec<String> =
        settings.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        parameters,
        ["application_name=envapp", "client_encoding=LATIN1", "options=-c a=b", "timezone=UTC"]
    );
    let settings = desk.settings("db:pg://u:p@h:1/d?application_name=x&sslmode=disable").unwrap();
    assert_eq!((settings.hosts[0].name.as_str(), settings.hosts[0].port), ("h", 1));
    assert_eq!((settings.user.as_str(), settings.database.as_str()), ("u", "d"));
    assert_eq!(settings.hosts[0].password.as_deref(), Some("p"));
    assert_eq!(settings.parameters[0].1, "x");
    assert_eq!(settings.tls.mode, Mode::Disable);
}

#[test]
fn the_password_file_knows_each_host() {
    let mut desk = Desk::new(&[]);
    desk.write(".pgpass", "a:*:d:u:first\nb:*:d:u:second\nlocalhost:5432:*:*:local\n");
    let settings = desk.settings("db:pg://u@a,b,c/d").unwrap();
    let passwords: Vec<_> = settings.hosts.iter().map(|host| host.password.as_deref()).collect();
    assert_eq!(passwords, [Some("first"), Some("second"), None]);
    assert_eq!(desk.password("db:pg://u@/d").as_deref(), Some("local"));
    assert_eq!(desk.password("db:pg://u@%2Ftmp/d").as_deref(), Some("local"));
    assert_eq!(desk.password("db:pg://u@%2Felsewhere/d"), None);
    assert_eq!(desk.password("db:pg://u:own@a/d").as_deref(), Some("own"));
    desk.write("other", "*:*:*:*:other\n");
    desk.env.insert("PGPASSFILE", desk.folder.path().join("other").display().to_string());
    assert_eq!(desk.password("db:pg://u@a/d").as_deref(), Some("other"));
    desk.env.insert("SQITCH_PASSWORD", "sqitch".to_owned());
    assert_eq!(desk.password("db:pg://u@a/d").as_deref(), Some("sqitch"));
}

#[cfg(unix)]
#[test]
fn a_password_file_that_others_may_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new(&[]);
    desk.write(".pgpass", "*:*:*:*:secret\n");
    let path = desk.folder.path().join(".pgpass");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let settings = desk.settings("db:pg://u@a/d").unwrap();
    assert_eq!(settings.hosts[0].password, None);
    assert_eq!(settings.warnings.len(), 1);
    assert!(settings.warnings[0].contains("chmod 600") && !settings.warnings[0].contains("secret"));
}

#[test]
fn a_service_stands_between_address_and_environment() {
    let mut desk = Desk::new(&[("PGHOST", "envhost"), ("PGUSER", "envuser"), ("PGPORT", "1")]);
    desk.write(".pg_service.conf", "[one]\nhost=own\nuser=serviceuser\n");
    desk.write("system/pg_service.conf", "[one]\nhost=never\n[two]\nhost=system\ndbname=theirs\n");
    let settings = desk.settings("db:pg://u@/d?service=one").unwrap();
    assert_eq!((settings.hosts[0].name.as_str(), settings.hosts[0].port), ("own", 1));
    assert_eq!(settings.user, "u");
    desk.env.insert("PGSERVICE", "two".to_owned());
    let settings = desk.settings("db:pg:").unwrap();
    assert_eq!((settings.hosts[0].name.as_str(), settings.user.as_str()), ("system", "envuser"));
    assert_eq!(settings.database, "theirs");
    assert_eq!(desk.settings("db:pg:?service=three").unwrap_err().code(), "postgres.service");
}

#[test]
fn nonsense_is_refused_by_name() {
    let desk = Desk::new(&[]);
    for (parameter, word) in [
        ("sslmod=require", "did you mean"),
        ("sslmode=always", "verify-full"),
        ("connect_timeout=soon", "connect_timeout"),
        ("target_session_attrs=mine", "standby"),
        ("channel_binding=yes", "require"),
        ("require_auth=md5,!none", "denied"),
        ("require_auth=magic", "require_auth"),
        ("replication=database", "replication"),
        ("gssencmode=require", "gssencmode"),
        ("sslrootcert=system&sslmode=require", "verify-full"),
        ("sslnegotiation=direct&sslmode=prefer", "require"),
    ] {
        let error = desk.settings(&format!("db:pg://u@h/d?{parameter}")).unwrap_err();
        let all = format!("{error} {:?}", error.hints());
        assert!(all.contains(word), "{parameter}: {all}");
    }
}

#[test]
fn words_of_libpq_are_understood() {
    let desk = Desk::new(&[]);
    let settings = |parameter: &str| desk.settings(&format!("db:pg://u@h/d?{parameter}")).unwrap();
    assert_eq!(settings("require_auth=scram-sha-256,gss").methods, [Method::Scram]);
    assert_eq!(settings("require_auth=!password,!md5").methods, [Method::None, Method::Scram]);
    assert_eq!(settings("require_auth=gss").methods, []);
    assert_eq!(settings("sslrootcert=system").tls.mode, Mode::VerifyFull);
    assert_eq!(settings("ssl=true").tls.mode, Mode::Require);
}

#[test]
fn no_password_is_shown() {
    let desk = Desk::new(&[("PGPASSWORD", "hunter2")]);
    for uri in ["db:pg://u:hunter2@h/d", "db:pg://u@h/d", "db:pg:d?password=hunter2&user=u"] {
        let settings = desk.settings(uri).unwrap();
        assert_eq!(settings.hosts[0].password.as_deref(), Some("hunter2"));
        assert!(
            !format!("{settings:?} {:?} {}", settings.hosts, settings.label).contains("hunter2"),
            "{uri}"
        );
    }
}
