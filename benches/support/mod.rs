//! What the benchmarks share: measuring child processes, making projects, printing the table.
//!
//! Processor time is read from `/proc/self/stat`, which adds up what all children that have ended
//! used, their own children included. It counts in hundredths of a second, so whatever is shorter
//! is run many times, and the sum divided. Peak memory is `VmHWM` of `/proc/PID/status`, looked at
//! every half millisecond. Both exist on Linux only.

#![allow(dead_code, unreachable_pub)] // Every benchmark uses a part of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Ticks a second in `/proc`, whatever the kernel's own clock is.
const TICKS: u64 = 100;

/// What a process cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// User and system time.
    pub cpu: Duration,
    pub wall: Duration,
}

impl Cost {
    /// Of several costs, the median of each kind.
    pub fn median(costs: &[Cost]) -> Cost {
        Cost {
            cpu: middle(costs.iter().map(|cost| cost.cpu)),
            wall: middle(costs.iter().map(|cost| cost.wall)),
        }
    }
}

fn middle(all: impl Iterator<Item = Duration>) -> Duration {
    let mut all: Vec<Duration> = all.collect();
    all.sort();
    all[all.len() / 2]
}

/// The median of numbers.
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Runs a command that must succeed.
pub fn cost(command: &mut Command) -> Cost {
    cost_of(1, || run(command))
}

/// The cost of one run on average.
pub fn average(times: u32, mut command: impl FnMut() -> Command) -> Cost {
    cost_of(times, || run(&mut command()))
}

fn cost_of(times: u32, mut work: impl FnMut()) -> Cost {
    let (before, start) = (children(), Instant::now());
    for _ in 0..times {
        work();
    }
    Cost { cpu: (children() - before) / times, wall: start.elapsed() / times }
}

/// Runs a command that must succeed; what it prints is thrown away unless it fails.
pub fn run(command: &mut Command) {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    assert!(done.status.success(), "{command:?}: {}\n{}", done.status, String::from_utf8_lossy(&done.stderr));
}

/// The processor time of all children that have ended.
fn children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The second field, the name, may hold blanks; it ends at the last parenthesis.
    let after = &stat[stat.rfind(')').unwrap() + 2..];
    let fields: Vec<&str> = after.split(' ').collect();
    let ticks: u64 = [13, 14].into_iter().map(|at| fields[at].parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// The most memory that a command held at once, in bytes.
pub fn peak_memory(command: &mut Command) -> u64 {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        // Between its end and our wait a process has no memory any more.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_micros(500));
    };
    assert!(ended.success(), "{command:?}: {ended}");
    peak
}

/// The program, as it is released.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_change");

/// A command that sees nothing of the machine's own configuration.
pub fn command(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SQITCH_") || name.to_string_lossy().starts_with("CHANGE_") {
            command.env_remove(name);
        }
    }
    command.envs([
        ("SQITCH_FULLNAME", "Bench Mark"),
        ("SQITCH_EMAIL", "bench@example.org"),
        ("SQITCH_SYSTEM_CONFIG", "/nonexistent"),
        ("SQITCH_USER_CONFIG", "/nonexistent"),
        ("NO_COLOR", "1"),
        ("TZ", "UTC"),
    ]);
    command.env("HOME", folder);
    command
}

/// `change` with these words.
pub fn change(folder: &Path, words: &[&str]) -> Command {
    let mut command = command(PROGRAM, folder);
    command.args(words);
    command
}

/// A project for SQLite in a folder of its own, removed at the end.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A project with a plan of `count` changes: each requires the one before, every tenth is
    /// tagged. There are no scripts yet.
    pub fn planned(count: usize) -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        project.write_plan(count);
        project
    }

    /// The same with all three scripts for each change, as the templates lay them out.
    pub fn written(count: usize) -> Project {
        let project = Project::planned(count);
        project.write_scripts(count);
        project
    }

    /// The same below another folder, if that is there.
    pub fn written_in(folder: &Path, count: usize) -> Option<Project> {
        let project = Project { folder: tempfile::tempdir_in(folder).ok()? };
        project.write_plan(count);
        project.write_scripts(count);
        Some(project)
    }

    fn write_plan(&self, count: usize) {
        let config = "[core]\n\tengine = sqlite\n[engine \"sqlite\"]\n\ttarget = db:sqlite:app.db\n";
        std::fs::write(self.path("sqitch.conf"), config).unwrap();
        std::fs::write(self.path("sqitch.plan"), plan(count)).unwrap();
    }

    fn write_scripts(&self, count: usize) {
        for kind in ["deploy", "verify", "revert"] {
            std::fs::create_dir(self.path(kind)).unwrap();
        }
        for number in 0..count {
            let name = name(number);
            let write = |kind: &str, body: &str, end: &str| {
                let word = format!("{}{}", kind[..1].to_uppercase(), &kind[1..]);
                let text = format!("-- {word} bench:{name} to sqlite\n\nBEGIN;\n\n{body}\n\n{end};\n");
                std::fs::write(self.path(&format!("{kind}/{name}.sql")), text).unwrap();
            };
            let table = format!(
                "CREATE TABLE {name} (\n    id          INTEGER     PRIMARY KEY,\n    owner       TEXT        NOT NULL,\n    \
                 created_at  TIMESTAMP   NOT NULL DEFAULT CURRENT_TIMESTAMP\n);\nCREATE INDEX {name}_owner ON {name} (owner);"
            );
            write("deploy", &table, "COMMIT");
            write("verify", &format!("SELECT id, owner, created_at FROM {name} WHERE 1 = 0;"), "ROLLBACK");
            write("revert", &format!("DROP TABLE {name};"), "COMMIT");
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the folder.
    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Removes database and registry.
    pub fn forget_databases(&self) {
        for file in ["app.db", "sqitch.db"] {
            let _ = std::fs::remove_file(self.path(file));
        }
    }
}

/// The name of the n-th change.
pub fn name(number: usize) -> String {
    format!("table_{number:06}")
}

/// A plan of `count` changes.
pub fn plan(count: usize) -> String {
    let mut text = "%syntax-version=1.0.0\n%project=bench\n\n".to_owned();
    let who = "Bench Mark <bench@example.org>";
    for number in 0..count {
        let required = number.checked_sub(1).map(|before| format!(" [{}]", name(before))).unwrap_or_default();
        let _ =
            writeln!(text, "{}{required} 2026-01-05T10:00:00Z {who} # Table number {number}.", name(number));
        if number % 10 == 9 {
            let _ = writeln!(text, "@v{number} 2026-01-05T10:00:00Z {who} # Ten more.\n");
        }
    }
    text
}

/// The table of what was measured.
#[derive(Default)]
pub struct Report {
    rows: Vec<[String; 5]>,
    missed: bool,
}

impl Report {
    /// A figure that must not exceed its target.
    pub fn at_most(&mut self, figure: &str, measured: f64, target: f64, show: impl Fn(f64) -> String) {
        self.row(
            figure,
            show(measured),
            format!("<= {}", show(target)),
            measured / target,
            measured <= target,
        );
    }

    /// A figure that must reach its target.
    pub fn at_least(&mut self, figure: &str, measured: f64, target: f64, show: impl Fn(f64) -> String) {
        self.row(
            figure,
            show(measured),
            format!(">= {}", show(target)),
            measured / target,
            measured >= target,
        );
    }

    /// A figure without a target.
    pub fn note(&mut self, figure: &str, measured: String) {
        self.rows.push([figure.to_owned(), measured, String::new(), String::new(), String::new()]);
    }

    fn row(&mut self, figure: &str, measured: String, target: String, ratio: f64, met: bool) {
        let verdict = if met { "met" } else { "MISSED" };
        self.missed |= !met;
        self.rows.push([figure.to_owned(), measured, target, format!("{ratio:.2}"), verdict.to_owned()]);
    }

    /// Prints the table. A missed target is a failure only where `CHANGE_BENCH_STRICT=1` asks for it.
    pub fn finish(self) -> ExitCode {
        let heads = ["figure", "measured", "target", "of it", "verdict"].map(str::to_owned);
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&heads]).map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..5).map(width).collect();
        println!();
        for row in [&heads].into_iter().chain(&self.rows) {
            let [a, b, c, d, e] = row;
            let line = format!(
                "{a:<0$}  {b:>1$}  {c:>2$}  {d:>3$}  {e}",
                widths[0], widths[1], widths[2], widths[3]
            );
            println!("{}", line.trim_end());
        }
        let strict = std::env::var("CHANGE_BENCH_STRICT").is_ok_and(|value| value == "1");
        ExitCode::from(u8::from(strict && self.missed))
    }
}

/// `12.3 ms`
pub fn milliseconds(seconds: f64) -> String {
    format!("{:.1} ms", seconds * 1e3)
}

/// `1.23 x`
pub fn times(ratio: f64) -> String {
    format!("{ratio:.2} x")
}

/// `1.23`
pub fn plain(number: f64) -> String {
    format!("{number:.2}")
}

/// 1024 times what `time` and `ps` count memory in.
pub const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// `12.3 MiB`
pub fn mebibytes(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / MEBIBYTE)
}

/// `12.3 MB`
pub fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}
