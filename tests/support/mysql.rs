//! A MariaDB server of the tests' own: in a temporary folder, on a free port, gone with the process
//! that started it.
#![allow(dead_code)] // Each test binary uses what it needs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running server.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    /// Stops the server and removes its folder as soon as its input ends, however that comes about.
    watchdog: Child,
    databases: AtomicU32,
}

/// A database of a server, for one test, with the name of a registry that nobody else has.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// Its name.
    pub(crate) name: String,
    /// The registry's name.
    pub(crate) registry: String,
    /// Its address.
    pub(crate) uri: String,
    /// The server's socket.
    pub(crate) socket: PathBuf,
    /// The server's port on 127.0.0.1; user `tester`, password `pw`.
    pub(crate) port: u16,
}

/// The server that all tests of this binary share.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    /// Starts a server of its own.
    pub(crate) fn start() -> Server {
        let folder = TempDir::with_prefix("my").unwrap().keep();
        hand_over(&folder);
        // A server that starts clears away what looks like its own in there.
        let scratch = folder.join("tmp");
        std::fs::create_dir(&scratch).unwrap();
        hand_over(&scratch);
        // The watchdog comes first, so that nothing stays behind whatever fails from here on.
        let watchdog = watch(&folder);
        let mut install = as_owner(&program("mariadb-install-db"));
        install.arg("--no-defaults").arg(format!("--datadir={}", folder.join("data").display()));
        install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        install.env("TMPDIR", &scratch).current_dir(&folder);
        run(&mut install);
        let mut server = Server { folder, port: 0, watchdog, databases: AtomicU32::new(0) };
        for attempt in 1.. {
            server.port = free_port();
            if server.launch() {
                break;
            }
            assert!(attempt < 3, "the server does not start:\n{}", server.log());
        }
        server
            .existing("mysql")
            .ask("CREATE USER tester@'%' IDENTIFIED BY 'pw'; GRANT ALL ON *.* TO tester@'%'");
        server
    }

    /// A fresh database.
    pub(crate) fn database(&self) -> Database {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.existing("mysql").ask(&format!("CREATE DATABASE {name}"));
        self.existing(&name)
    }

    /// A database that is there already.
    pub(crate) fn existing(&self, name: &str) -> Database {
        let socket = self.folder.join("socket");
        Database {
            name: name.to_owned(),
            registry: format!("sqitch_{name}"),
            uri: format!("db:mysql://root@localhost/{name}?mysql_socket={}", socket.display()),
            socket,
            port: self.port,
        }
    }

    /// Ends the server at once, as a failing machine would.
    pub(crate) fn kill(&self) {
        let pid = std::fs::read_to_string(self.folder.join("pid")).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        // Its files are free when it is gone.
        let end = Instant::now() + Duration::from_secs(20);
        while rustix::process::test_kill_process(pid).is_ok() && !is_zombie(pid.as_raw_nonzero().get()) {
            assert!(Instant::now() < end, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts the server that was ended.
    pub(crate) fn resume(&self) {
        assert!(self.launch(), "{}", self.log());
    }

    /// What the server wrote into its log.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.join("log")).unwrap_or_default()).into_owned()
    }

    fn launch(&self) -> bool {
        let path = |name: &str| self.folder.join(name).display().to_string();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(path("log")).unwrap();
        let mut server = as_owner(&program("mariadbd"));
        server
            .arg("--no-defaults")
            .arg(format!("--datadir={}", path("data")))
            .arg(format!("--socket={}", path("socket")))
            .arg(format!("--pid-file={}", path("pid")))
            .arg(format!("--port={}", self.port))
            .args([
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--local-infile=1",
                "--max-connections=200",
            ])
            // Nothing is lost when a process is killed; only the machine may not fail.
            .args([
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-buffer-pool-size=32M",
                "--innodb-log-file-size=16M",
            ])
            .env("TMPDIR", path("tmp"))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut child = server.spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if self.existing("mysql").client().args(["-e", "SELECT 1"]).output().unwrap().status.success() {
                // Whoever waits for it later need not be its parent.
                std::thread::spawn(move || child.wait());
                return true;
            }
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        let _ = child.wait();
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

impl Database {
    /// Its address through TCP, with a password.
    pub(crate) fn tcp(&self) -> String {
        format!("db:mysql://tester:pw@127.0.0.1:{}/{}", self.port, self.name)
    }

    /// The real client, connected to this database, with no other words yet.
    pub(crate) fn client(&self) -> Command {
        let mut command = Command::new(program("mariadb"));
        command
            .args(["--no-defaults", "-u", "root", "--default-character-set=utf8mb4", "-S"])
            .arg(&self.socket)
            .arg(&self.name);
        command
    }

    /// What the client prints for statements: tabs between columns, no headings.
    #[track_caller]
    pub(crate) fn ask(&self, sql: &str) -> String {
        run(self.client().args(["-N", "-B", "-e", sql])).trim_end_matches('\n').to_owned()
    }
}

/// Where a program of MariaDB is.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    folders.map(|folder| folder.join(name)).find(|program| program.is_file()).unwrap_or_else(|| {
        panic!("these tests start a MariaDB server, but there is no {name}; install it: apt-get install mariadb-server")
    })
}

/// Runs to a good end and returns what was printed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_zombie(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

/// The server refuses to run as root, so root runs it as somebody else.
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
    Some(account("mysql").or_else(|| account("nobody")).expect("there is an account for the server"))
}

fn as_owner(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

fn hand_over(path: &Path) {
    if let Some((user, group)) = owner() {
        std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
    }
}

fn watch(folder: &Path) -> Child {
    const SCRIPT: &str = r#"
        trap '' INT TERM HUP QUIT
        cat > /dev/null
        if read -r pid < "$0/pid"; then
            kill -KILL "$pid"
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

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
