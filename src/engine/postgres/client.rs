//! Scripts that the real psql runs: because they ask for it, or because they need what is not done
//! here. Each is one step that may have taken effect if it fails.

use super::Postgres;
use super::limits;
use super::lock::TAKE_AT_WORK;
use super::script::Ready;
use super::settings::{Host, Settings};
use super::stepwise::Progress;
use crate::engine::{Output, Script, Surroundings, journal};
use crate::error::{Error, Kind, Result};
use crate::sql::psql::{Found, Shape, StatementKind, Survey, survey};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

/// What psql ends with when a statement of the script failed.
const STATEMENT_FAILED: i32 = 3;
/// The code of what only psql itself can run.
const UNSUPPORTED: &str = "script.unsupported";
/// The words of an address that are spelled out, or are nobody's business.
const OWN_WORDS: [&str; 7] = ["password", "host", "hostaddr", "port", "user", "dbname", "passfile"];

/// The client program and how it reaches the database.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// The program that the configuration or the command line names.
    named: Option<String>,
    /// Parameters of the address.
    parameters: Vec<(String, String)>,
    options: Option<String>,
    folder: PathBuf,
}

/// How a script ended that psql ran.
pub(super) enum Ended {
    /// Well.
    Well,
    /// Nothing of it was run.
    NotRun(Error),
    /// With an error; whether it took effect is another question.
    Badly(Error),
}

impl Client {
    pub(super) fn new(
        named: Option<String>,
        query: &[(String, String)],
        surroundings: &Surroundings<'_>,
    ) -> Client {
        let own = |name: &str| OWN_WORDS.contains(&name.to_ascii_lowercase().as_str());
        Client {
            named,
            parameters: query.iter().filter(|(name, _)| !own(name)).cloned().collect(),
            options: (surroundings.env)("PGOPTIONS"),
            folder: surroundings.folder.to_owned(),
        }
    }

    /// The program for a script, if it is not to be run here.
    fn program<'a>(&'a self, script: &'a Script, problems: &[Error]) -> Option<&'a str> {
        let asked = script.client.as_deref();
        let needed =
            || self.named.as_deref().filter(|_| problems.iter().any(|one| one.code() == UNSUPPORTED));
        match asked.or_else(needed)? {
            // The configuration knows where it is.
            "psql" => Some(self.named.as_deref().unwrap_or("psql")),
            other => Some(other),
        }
    }

    /// What running a script by its client is like, seen from outside: one statement that commits by
    /// itself. `None` if it is run here.
    pub(super) fn takes(&self, script: &Script, own: &Survey) -> Option<(String, Survey)> {
        let program = self.program(script, &own.problems)?.to_owned();
        let mut whole = survey(&script.path, b"", &[], &mut |_| Ok(Vec::new()));
        whole.statements.push(Found {
            text: script.bytes().to_owned(),
            kind: StatementKind::RefusesTransaction("psql"),
            file: script.path.clone(),
            line: 1,
        });
        whole.shape = Shape::Stepwise(format!("{program} runs it"));
        whole.rolls_back_alone = own.shape == Shape::Atomic { own_transaction: true } && !own.left_open;
        if let Err(error) = Command::new(&program).arg("--version").stdin(Stdio::null()).output() {
            whole.problems.push(not_there(&program, &error).at(crate::error::Place::new(&script.path, 1, 1)));
        }
        Some((program, whole))
    }

    fn command(&self, program: &str, settings: &Settings, registry: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("--dbname").arg(self.address(settings));
        command.args(["--quiet", "--no-psqlrc", "--no-align", "--tuples-only"]);
        command.args(["--set", "ON_ERROR_STOP=1", "--set", &format!("registry={registry}")]);
        if let Some(password) = settings.hosts.first().and_then(|host| host.password.as_deref()) {
            // Never an argument: those are for everybody to see.
            command.env("PGPASSWORD", password);
        }
        command.current_dir(if self.folder.as_os_str().is_empty() {
            std::path::Path::new(".")
        } else {
            &self.folder
        });
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The address in libpq's words, without the password.
    fn address(&self, settings: &Settings) -> String {
        let all = |part: &dyn Fn(&Host) -> String| {
            settings.hosts.iter().map(part).collect::<Vec<String>>().join(",")
        };
        let mut words = vec![
            ("host", all(&|host| host.name.clone())),
            ("port", all(&|host| host.port.to_string())),
            ("user", settings.user.clone()),
            ("dbname", settings.database.clone()),
        ];
        if settings.hosts.iter().any(|host| host.address.is_some()) {
            words.push(("hostaddr", all(&|host| host.address.clone().unwrap_or_default())));
        }
        words.extend(self.parameters.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
        words.iter().map(|(name, value)| format!("{name}='{}'", quoted(value))).collect::<Vec<_>>().join(" ")
    }
}

fn not_there(program: &str, error: &std::io::Error) -> Error {
    Error::new(Kind::Script, "script.client", format!("the client {program} cannot be started"))
        .because(error)
        .hint("install the PostgreSQL client, or say where it is: --client PATH")
}

impl Postgres {
    /// Has a script run by its client.
    pub(super) fn run_by_client(
        &self,
        program: &str,
        script: &Ready<'_>,
        verifying: bool,
        output: &mut dyn Output,
    ) -> Ended {
        let path = &script.script.path;
        output.starts(path, verifying);
        let mut command = self.client.command(program, &self.settings, &self.schema);
        for (name, value) in self.variables.iter().filter(|(name, _)| name != "registry") {
            command.args(["--set", &format!("{name}={value}")]);
        }
        let mut options = self.client.options.clone().unwrap_or_default();
        for limit in limits::settings(script, &self.limits) {
            options.push_str(&format!(" -c {}={}ms", limit.name, limit.time.as_millis()));
        }
        command.env("PGOPTIONS", options.trim_start());
        // As the session that runs scripts here does: a later runner waits for its end.
        if self.flavour().has_locks() {
            let take = TAKE_AT_WORK.trim_start_matches("SELECT ");
            command.args(["-c", &format!("DO $$BEGIN PERFORM {take}; END$$")]);
        }
        command.args(["-f", path]);
        if let Err(error) = crate::fault::point("postgres.client") {
            return Ended::NotRun(error);
        }
        let (status, told) = match run(command, output) {
            Ok(done) => done,
            Err(error) => return Ended::NotRun(not_there(program, &error)),
        };
        if status.success() {
            return Ended::Well;
        }
        let told = String::from_utf8_lossy(&told).into_owned();
        let word = told
            .lines()
            .find(|line| line.contains("ERROR:") || line.contains("FATAL:"))
            .or(told.lines().last());
        let error =
            Error::new(Kind::Script, "script.client", format!("{program} stopped in {path} ({status})"));
        let error = match word {
            Some(word) => error.because(word.trim()),
            None => error,
        };
        let whole = script.survey.rolls_back_alone && status.code() == Some(STATEMENT_FAILED);
        if whole { Ended::NotRun(error) } else { Ended::Badly(error) }
    }

    /// The one step of a script that its client runs.
    pub(super) fn walk_by_client(
        &mut self,
        step: i64,
        program: &str,
        script: &Ready<'_>,
        from: usize,
        output: &mut dyn Output,
    ) -> (Progress, Result<()>) {
        let at = |done: usize, doubtful| Progress { done, half: done > 0, doubtful, session: None };
        if from > 0 {
            return (at(from, false), Ok(()));
        }
        let shown = format!("\\i {}  (run by {program})", script.script.path);
        let noted = self.registry().and_then(|db| db.write(&journal::at_unit(step, 1, &shown, true)));
        if let Err(error) = noted {
            return (at(0, false), Err(error));
        }
        match self.run_by_client(program, script, false, output) {
            Ended::Well => {
                let noted = self.registry().and_then(|db| db.write(&journal::progress(step, 1)));
                (at(1, false), noted)
            }
            Ended::NotRun(error) => (at(0, false), Err(error)),
            Ended::Badly(error) => (at(0, true), Err(error)),
        }
    }

    /// A verify script that its client runs.
    pub(super) fn verify_by_client(
        &self,
        program: &str,
        verify: &Ready<'_>,
        output: &mut dyn Output,
    ) -> Result<()> {
        match self.run_by_client(program, verify, true, output) {
            Ended::Well => Ok(()),
            Ended::NotRun(error) | Ended::Badly(error) => Err(error),
        }
    }
}

/// Runs a program to its end and passes on what it writes; what it wrote to its standard error comes
/// back, too.
fn run(mut command: Command, output: &mut dyn Output) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = command.spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let told = std::thread::scope(|scope| {
        let told = scope.spawn(|| {
            let mut told = Vec::new();
            if let Some(mut err) = err {
                // What cannot be read is not there to be told.
                let _ = err.read_to_end(&mut told);
            }
            told
        });
        if let Some(mut out) = out {
            let mut piece = [0; 8192];
            while let Ok(count @ 1..) = out.read(&mut piece) {
                output.stdout(piece.get(..count).unwrap_or_default());
            }
        }
        told.join().unwrap_or_default()
    });
    output.stderr(&told);
    Ok((child.wait()?, told))
}
