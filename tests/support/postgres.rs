//! A PostgreSQL server of the tests' own: in a temporary folder, on a free port, gone with the
//! process that started it.
#![allow(dead_code)] // Each test binary uses what it needs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// The administrator of the server.
pub(crate) const ADMIN: &str = "postgres";

/// What a test's server is started with unless it asks for something else. Nothing is lost when a
/// process is killed; only the machine may not fail.
const QUICK: [(&str, &str); 4] =
    [("fsync", "off"), ("max_connections", "60"), ("shared_buffers", "16MB"), ("lc_messages", "C")];

/// A running server.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    /// Stops the server and removes its folder as soon as its input ends, however that comes about.
    watchdog: Child,
    databases: AtomicU32,
}

/// A database of a server, for one test.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// Its name.
    pub(crate) name: String,
    /// Its address through the socket, for `change`.
    pub(crate) uri: String,
    /// Its address through TCP.
    pub(crate) tcp: String,
    /// The folder of the socket.
    pub(crate) folder: PathBuf,
    /// The port, which is also in the name of the socket.
    pub(crate) port: u16,
}

/// The server that all tests of this binary share.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]))
}

impl Server {
    /// Starts a server of its own; `settings` win over those that make the tests quick.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Server {
        let folder = TempDir::with_prefix("pg").unwrap().keep();
        hand_over(&folder);
        // The watchdog comes first, so that nothing stays behind whatever fails from here on.
        let watchdog = watch(&folder);
        run(as_owner(&program("initdb")).current_dir(&folder).arg("-D").arg(folder.join("data")).args([
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--username",
            ADMIN,
        ]));
        let mut server = Server { folder, port: 0, watchdog, databases: AtomicU32::new(0) };
        for (name, value) in QUICK.iter().chain(settings) {
            server.configure(name, value);
        }
        // Somebody else may take the port between our look and the server's.
        for attempt in 1.. {
            server.port = free_port();
            let socket = server.folder.display().to_string();
            server.configure("port", &server.port.to_string());
            server.configure("listen_addresses", "127.0.0.1");
            server.configure("unix_socket_directories", &socket);
            if server.control(&["start", "-w"]) {
                break;
            }
            assert!(attempt < 3, "the server does not start:\n{}", server.log());
        }
        server
    }

    /// A fresh database.
    pub(crate) fn database(&self) -> Database {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.existing(ADMIN).psql(&format!("CREATE DATABASE {name}"));
        self.existing(&name)
    }

    /// A fresh database made with these options of `CREATE DATABASE`.
    pub(crate) fn database_with(&self, options: &str) -> Database {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.existing(ADMIN).psql(&format!("CREATE DATABASE {name} {options}"));
        self.existing(&name)
    }

    /// A database that is there already.
    pub(crate) fn existing(&self, name: &str) -> Database {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        Database {
            name: name.to_owned(),
            uri: format!("db:pg://{ADMIN}@{socket}:{}/{name}", self.port),
            tcp: format!("db:pg://{ADMIN}@127.0.0.1:{}/{name}", self.port),
            folder: self.folder.clone(),
            port: self.port,
        }
    }

    /// The folder of the socket; the data are in `data` below it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The TCP port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Sets something in `postgresql.conf`; for a running server `reload` or `restart` must follow.
    pub(crate) fn configure(&self, name: &str, value: &str) {
        let line = format!("{name} = '{}'\n", value.replace('\'', "''"));
        append(&self.folder.join("data/postgresql.conf"), &line);
    }

    /// Replaces `pg_hba.conf` and loads it. Local connections of the administrator stay trusted.
    pub(crate) fn login_rules(&self, rules: &str) {
        let text = format!("local all {ADMIN} trust\n{rules}\n");
        std::fs::write(self.folder.join("data/pg_hba.conf"), text).unwrap();
        self.reload();
    }

    /// Loads the configuration anew, and waits until new sessions have it.
    pub(crate) fn reload(&self) {
        let admin = self.existing(ADMIN);
        let before = admin.psql("SELECT pg_conf_load_time()");
        assert!(self.control(&["reload"]), "{}", self.log());
        while admin.psql("SELECT pg_conf_load_time()") == before {
            std::thread::yield_now();
        }
    }

    /// Stops the server in the way that `mode` says: `smart`, `fast` or `immediate`.
    pub(crate) fn stop(&self, mode: &str) {
        assert!(self.control(&["stop", "-w", "-m", mode]), "{}", self.log());
    }

    /// Starts the server that was stopped.
    pub(crate) fn resume(&self) {
        assert!(self.control(&["start", "-w"]), "{}", self.log());
    }

    /// Puts a file into the server's folder, as the server's own and for nobody else to read.
    pub(crate) fn put(&self, name: &str, text: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        hand_over(&path);
        path
    }

    /// What the server wrote into its log.
    pub(crate) fn log(&self) -> String {
        let text = std::fs::read(self.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    fn control(&self, words: &[&str]) -> bool {
        // Its output goes nowhere: a server that inherits a pipe keeps it open.
        as_owner(&program("pg_ctl"))
            .current_dir(&self.folder)
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-l")
            .arg(self.folder.join("log"))
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

impl Database {
    /// Its address behind a relay that listens on this port of 127.0.0.1.
    pub(crate) fn through(&self, port: u16) -> String {
        format!("db:pg://{ADMIN}@127.0.0.1:{port}/{}", self.name)
    }

    /// What psql prints, unaligned and without headings, when it runs `sql`.
    #[track_caller]
    pub(crate) fn psql(&self, sql: &str) -> String {
        let output = run(self.psql_command().args(["-v", "ON_ERROR_STOP=1", "-qAtXc", sql]));
        output.trim_end_matches('\n').to_owned()
    }

    /// The real psql, connected to this database, with no other words yet.
    pub(crate) fn psql_command(&self) -> Command {
        let mut command = Command::new(program("psql"));
        command
            .env_clear()
            .env("PGCLIENTENCODING", "UTF8")
            .args(["-U", ADMIN, "-d", &self.name, "-p", &self.port.to_string(), "-h"])
            .arg(&self.folder);
        command
    }
}

/// Where a program of PostgreSQL is.
pub(crate) fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // The version that was measured first, then the newest, then what is in the path.
    let measured = found.iter().find(|(version, _)| *version == 15).map(|(_, bin)| bin.clone());
    let folders = measured
        .into_iter()
        .chain(found.into_iter().rev().map(|(_, bin)| bin))
        .chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file()).unwrap_or_else(|| {
        panic!("these tests start a PostgreSQL server, but there is no {name}; install it: apt-get install postgresql-15")
    })
}

/// Runs to a good end and returns what was printed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// The server refuses to run as root, so root runs it as somebody else.
#[cfg(unix)]
fn owner() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let account = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(account("postgres").or_else(|| account("nobody")).expect("there is an account for the server"))
}

#[cfg(unix)]
fn as_owner(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

#[cfg(unix)]
fn hand_over(path: &Path) {
    if let Some((user, group)) = owner() {
        std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
    }
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn watch(folder: &Path) -> Child {
    const SCRIPT: &str = r#"
        trap '' INT TERM HUP QUIT
        cat > /dev/null
        if read -r pid < "$0/data/postmaster.pid"; then
            kill -QUIT "$pid"
            tries=0
            while kill -0 "$pid" && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
        fi
        rm -rf "$0"
    "#;
    Command::new("sh")
        .args(["-c", SCRIPT])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn append(path: &Path, text: &str) {
    use std::io::Write;
    std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
