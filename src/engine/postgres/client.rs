//! Scripts that the real psql runs: because they ask for it, or because they need what is not done
//! here. Each is one step that may have taken effect if it fails.

use super::Postgres;
use super::limits;
use super::lock::TAKE_AT_WORK;
use super::script::Ready;
use super::settings::{Host, Settings};
use super::stepwise::Progress;
use crate::engine::{Output, Script, Surroundings, journal};
use crate::error::{Error, Kind, Place, Result};
use crate::sql::psql::{Found, Shape, StatementKind, Survey, survey};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// What psql ends with when a statement of the script failed.
const STATEMENT_FAILED: i32 = 3;
/// The codes of what only psql itself can run.
const ONLY_PSQL: [&str; 2] = ["script.unsupported", "script.command"];
/// The words of an address that are spelled out, or are for nobody to see.
const OWN_WORDS: [&str; 9] =
    ["password", "host", "hostaddr", "port", "user", "dbname", "passfile", "options", "sslpassword"];
/// What psql says first, once it is connected.
const CONNECTED: &[u8] = b"change-75474066\n";

/// The client program and how it reaches the database.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// The program that the configuration or the command line names.
    named: Option<String>,
    /// Parameters of the address.
    parameters: Vec<(String, String)>,
    folder: PathBuf,
}

/// What is known of a script that its client runs.
pub(super) struct Handed {
    program: String,
    /// What its text tells.
    pub(super) own: Survey,
}

impl Handed {
    /// Whether a statement that fails takes everything back: the script is one transaction of its own,
    /// and no command of psql's does anything besides.
    fn is_whole(&self) -> bool {
        self.own.shape == Shape::Atomic { own_transaction: true } && self.own.commands.is_empty()
    }
}

/// How a script ended that psql ran.
enum Ended {
    /// Well.
    Well,
    /// With nothing of it left.
    Nothing(Error),
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
            folder: surroundings.folder.to_owned(),
        }
    }

    /// The program for a script, if it is not to be run here.
    fn program<'a>(&'a self, script: &'a Script, problems: &[Error]) -> Option<&'a str> {
        let asked = script.client.as_deref();
        let unsupported = |one: &Error| one.code() == ONLY_PSQL[0];
        let needed = || self.named.as_deref().filter(|_| problems.iter().any(unsupported));
        match asked.or_else(needed)? {
            // The configuration knows where it is.
            "psql" => Some(self.named.as_deref().unwrap_or("psql")),
            other => Some(other),
        }
    }

    /// What running a script by its client is like, seen from outside: one statement that commits by
    /// itself. A script that is run here stays as it is.
    pub(super) fn takes(&self, script: &Script, mut own: Survey) -> (Option<Handed>, Survey) {
        let Some(program) = self.program(script, &own.problems).map(str::to_owned) else {
            return (None, own);
        };
        let mut whole = survey(&script.path, b"", &[], &mut |_| Ok(Vec::new()));
        whole.statements.push(Found {
            text: script.bytes().to_owned(),
            kind: StatementKind::RefusesTransaction("psql"),
            file: script.path.clone(),
            line: 1,
        });
        whole.shape = Shape::Stepwise(format!("{program} runs it"));
        whole.left_open = own.left_open;
        let (only_psql, mut others): (Vec<Error>, Vec<Error>) =
            std::mem::take(&mut own.problems).into_iter().partition(|one| ONLY_PSQL.contains(&one.code()));
        if !only_psql.is_empty() {
            // What such a command does is not known.
            own.shape = Shape::Stepwise("it has commands that only psql knows".to_owned());
        }
        whole.problems.append(&mut others);
        if let Err(error) = Command::new(&program).arg("--version").stdin(Stdio::null()).output() {
            whole.problems.push(not_there(&program, &error).at(Place::new(&script.path, 1, 1)));
        }
        (Some(Handed { program, own }), whole)
    }

    fn folder(&self) -> &Path {
        if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder }
    }

    fn command(&self, program: &str, settings: &Settings, options: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("--dbname").arg(self.address(settings, options));
        command.args(["--quiet", "--no-psqlrc", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"]);
        if let Some(password) = settings.hosts.first().and_then(|host| host.password.as_deref()) {
            // Never an argument: those are for everybody to see.
            command.env("PGPASSWORD", password);
        }
        command.current_dir(self.folder());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The address in libpq's words, without the password.
    fn address(&self, settings: &Settings, options: &str) -> String {
        let all = |part: &dyn Fn(&Host) -> String| {
            settings.hosts.iter().map(part).collect::<Vec<String>>().join(",")
        };
        let mut words = vec![
            ("host", all(&|host| host.name.clone())),
            ("port", all(&|host| host.port.to_string())),
            ("user", settings.user.clone()),
            ("dbname", settings.database.clone()),
            ("options", options.to_owned()),
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

/// What psql reads before the script: variables, which may be secret, and that it is connected.
fn preamble(variables: &[(String, String)]) -> Vec<u8> {
    let mut text = String::new();
    // Others psql refuses as names.
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_' || !c.is_ascii());
    for (name, value) in variables.iter().filter(|(name, _)| is_name(name)) {
        let value = value.replace('\\', "\\\\").replace('\'', "''").replace('\n', "\\n").replace('\r', "\\r");
        text.push_str(&format!("\\set {name} '{value}'\n"));
    }
    text.push_str("\\echo ");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(CONNECTED);
    bytes
}

impl Postgres {
    /// Has a script run by its client.
    fn run_by_client(
        &self,
        client: &Handed,
        script: &Ready<'_>,
        verifying: bool,
        output: &mut dyn Output,
    ) -> Ended {
        let (path, program) = (&script.script.path, &client.program);
        output.starts(path, verifying);
        if std::fs::read(self.client.folder().join(path)).ok().as_deref() != Some(script.script.bytes()) {
            return Ended::Nothing(
                Error::new(Kind::Project, "file.changed", format!("{path} was changed after it was checked"))
                    .hint("run the command again; what was deployed before it is complete"),
            );
        }
        let given = self.settings.parameters.iter().find(|(name, _)| name == "options");
        let mut options = given.map(|(_, options)| options.clone()).unwrap_or_default();
        for limit in limits::settings(script, &self.limits) {
            options.push_str(&format!(" -c {}={}ms", limit.name, limit.time.as_millis()));
        }
        let mut command = self.client.command(program, &self.settings, options.trim_start());
        command.args(["-f", "-"]);
        if self.flavour().has_locks() {
            // As the session that runs scripts here does: a later runner waits for its end.
            let take = TAKE_AT_WORK.trim_start_matches("SELECT ");
            command.args(["-c", &format!("DO $$BEGIN PERFORM {take}; END$$")]);
        }
        // Nothing that a verify script does stays, unless it has transactions of its own.
        let rolled_back = verifying && client.own.shape == Shape::Atomic { own_transaction: false };
        command.args(rolled_back.then_some(["-c", "BEGIN"]).into_iter().flatten());
        command.args(["-f", path]);
        command.args(rolled_back.then_some(["-c", "ROLLBACK"]).into_iter().flatten());
        if let Err(error) = crate::fault::point("postgres.client") {
            return Ended::Nothing(error);
        }
        let done = match run(command, &preamble(&self.variables), output) {
            Ok(done) => done,
            Err(error) => return Ended::Nothing(not_there(program, &error)),
        };
        if done.status.success() && done.connected {
            return Ended::Well;
        }
        let told = String::from_utf8_lossy(&done.told).into_owned();
        let failed = told.lines().find(|line| line.contains("ERROR:"));
        let error = Error::new(
            Kind::Script,
            "script.client",
            format!("{program} stopped in {path} ({})", done.status),
        );
        let error = match failed.or(told.lines().last()) {
            Some(word) => error.because(word.trim()),
            None => error,
        };
        let taken_back =
            client.is_whole() && failed.is_some() && done.status.code() == Some(STATEMENT_FAILED);
        if taken_back || !done.connected { Ended::Nothing(error) } else { Ended::Badly(error) }
    }

    /// The one step of a script that its client runs.
    pub(super) fn walk_by_client(
        &mut self,
        step: i64,
        client: &Handed,
        script: &Ready<'_>,
        from: usize,
        output: &mut dyn Output,
    ) -> (Progress, Result<()>) {
        let at = |done: usize, doubtful| Progress { done, half: done > 0, doubtful, session: None };
        if from > 0 {
            return (at(from, false), Ok(()));
        }
        let shown = format!("\\i {}  (run by {})", script.script.path, client.program);
        let noted = self.registry().and_then(|db| db.write(&journal::at_unit(step, 1, &shown, true)));
        if let Err(error) = noted {
            return (at(0, false), Err(error));
        }
        match self.run_by_client(client, script, false, output) {
            Ended::Well => {
                let noted = self.registry().and_then(|db| db.write(&journal::progress(step, 1)));
                (at(1, false), noted)
            }
            Ended::Nothing(error) => (at(0, false), Err(error)),
            Ended::Badly(error) => (at(0, true), Err(error)),
        }
    }

    /// A verify script that its client runs.
    pub(super) fn verify_by_client(
        &self,
        client: &Handed,
        verify: &Ready<'_>,
        output: &mut dyn Output,
    ) -> Result<()> {
        match self.run_by_client(client, verify, true, output) {
            Ended::Well => Ok(()),
            Ended::Nothing(error) | Ended::Badly(error) => Err(error),
        }
    }
}

/// What a program came to.
struct Done {
    status: ExitStatus,
    /// What it wrote to its standard error.
    told: Vec<u8>,
    /// Whether it said so.
    connected: bool,
}

/// Runs psql to its end and passes on what it writes.
fn run(mut command: Command, input: &[u8], output: &mut dyn Output) -> std::io::Result<Done> {
    let mut child = command.spawn()?;
    let (given, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut connected = false;
    let told = std::thread::scope(|scope| {
        scope.spawn(move || {
            // Who does not read it says why.
            given.map(|mut given| given.write_all(input))
        });
        let told = scope.spawn(|| {
            let mut told = Vec::new();
            if let Some(mut err) = err {
                // What cannot be read is not there to be told.
                let _ = err.read_to_end(&mut told);
            }
            told
        });
        if let Some(mut out) = out {
            let (mut first, mut piece) = (Vec::new(), [0; 8192]);
            while let Ok(count @ 1..) = out.read(&mut piece) {
                let bytes = piece.get(..count).unwrap_or_default();
                if connected {
                    output.stdout(bytes);
                    continue;
                }
                first.extend_from_slice(bytes);
                if let Some(rest) = first.strip_prefix(CONNECTED) {
                    connected = true;
                    output.stdout(rest);
                }
            }
        }
        told.join().unwrap_or_default()
    });
    output.stderr(&told);
    Ok(Done { status: child.wait()?, told, connected })
}
