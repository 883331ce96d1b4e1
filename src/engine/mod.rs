//! Databases: their registries, their locks, and how scripts run in them.
//!
//! Knows: drivers, registry SQL, scripts as text. Must never know: plan files, lint, policy or the
//! terminal; and one engine never knows another.

mod account;
mod clock;
mod columns;
mod journal;
mod limits;
#[cfg(feature = "mysql")]
pub mod mysql;
pub mod postgres;
pub mod record;
pub mod registry;
mod script;
mod secret;
pub mod sqlite;
mod stepping;

pub use limits::{Limits, Pipeline};
pub use script::Script;

use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person};
use crate::schema::Schema;
use crate::sql::Dialect;
use crate::steps::{Checksums, Dependent, InDoubt, RunNote, State};
use record::{ChangeRecord, EventRow, RunRecord};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// Whether there is a registry, and in what state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Presence {
    /// There is none.
    Missing,
    /// Some of its tables are missing: somebody was interrupted while making it.
    HalfMade,
    /// It is there; the version is Sqitch's (0 before it had one).
    Version(f64),
}

/// The engines there are, by their canonical keys.
pub const ENGINES: &[&str] = if cfg!(feature = "mysql") {
    &["pg", "sqlite", "mysql", "cockroach"]
} else {
    &["pg", "sqlite", "cockroach"]
};

/// What a database is opened with besides its target.
pub struct Surroundings<'a> {
    /// The folder that relative paths start from.
    pub folder: &'a std::path::Path,
    /// The variables that scripts see, where their engine knows any.
    pub variables: Vec<(String, String)>,
    /// What a change may take.
    pub limits: Limits,
    /// The environment, in which users of a database keep its settings.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Is told, while a statement takes long, how far it is and whom it waits for.
    pub progress: Progress,
}

/// Takes lines about what is going on, from any thread.
pub type Progress = std::sync::Arc<dyn Fn(&str) + Send + Sync>;

/// Opens the database of a target.
///
/// # Errors
/// When there is no engine for it, or its URI does not name a database.
pub fn open(
    target: &crate::config::target::Target,
    surroundings: Surroundings<'_>,
) -> Result<Box<dyn Engine>> {
    match target.engine.as_str() {
        "pg" | "cockroach" => Ok(Box::new(postgres::Postgres::new(target, surroundings)?)),
        "sqlite" => Ok(Box::new(sqlite::Sqlite::new(sqlite::Settings::of(target, surroundings.folder)?)?)),
        #[cfg(feature = "mysql")]
        "mysql" => Ok(Box::new(mysql::Mysql::new(target, surroundings)?)),
        other => Err(Error::new(
            Kind::Config,
            "engine.unknown",
            format!("this version has no engine for \"{other}\" ({})", target.destination()),
        )
        .hint(format!("it has: {}", ENGINES.join(", ")))),
    }
}

/// The registry version that is written, and the newest that is understood.
pub const REGISTRY_VERSION: f64 = 1.1;

/// The code of the error for a script that leaves its transaction open; a policy may allow it.
pub const OPEN_TRANSACTION: &str = "script.open_transaction";

/// Something an engine wants to be told to the user, in passing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The registry is about to be made.
    AddingRegistry,
    /// A registry that was left half-made was completed.
    HealedRegistry,
    /// The registry was upgraded.
    Upgraded {
        /// From this version.
        from: String,
        /// To this version.
        to: String,
    },
    /// A change whose transaction was committed before its record was written is recorded now.
    Recorded {
        /// The change.
        change: String,
        /// `deploy` or `revert`
        direction: &'static str,
    },
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holder {
    /// The process, the host and the time, as far as they are known, in one line.
    pub description: String,
}

/// What one change needs to be applied.
#[derive(Debug)]
pub struct Job<'a> {
    /// The change, as it is recorded.
    pub record: &'a ChangeRecord,
    /// Whether it is deployed or reverted.
    pub direction: Direction,
    /// The script; none for `--log-only`.
    pub script: Option<&'a Script>,
    /// The verify script, if it is to be run with the change.
    pub verify: Option<&'a Script>,
    /// The revert script, which takes back a change whose verify script failed after its commit.
    pub undo: Option<&'a Script>,
    /// Digests of the scripts, kept beside Sqitch's.
    pub checksums: &'a Checksums,
    /// Who does it.
    pub committer: &'a Person,
    /// Goes on with a change that stopped half-way.
    pub resume: Option<Resume<'a>>,
}

/// How to go on with a change that stopped half-way.
#[derive(Debug, Clone, Copy)]
pub struct Resume<'a> {
    /// What the journal says about it.
    pub in_doubt: &'a InDoubt,
    /// What to do with a unit that was begun and may have taken effect.
    pub doubtful: Doubtful,
}

/// What to do with a unit that may or may not have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    /// Find out, and refuse if that is not possible.
    Decide,
    /// It did not happen: run it again.
    Retry,
    /// It did happen: go on after it.
    Skip,
}

/// Deploy or revert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The change is made.
    Deploy,
    /// The change is taken back.
    Revert,
}

impl Direction {
    /// `deploy` or `revert`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Direction::Deploy => "deploy",
            Direction::Revert => "revert",
        }
    }
}

/// How applying a change failed.
#[derive(Debug)]
pub struct Failure {
    /// What happened.
    pub error: Error,
    /// What is left in the database.
    pub left: Left,
    /// Trouble while undoing a change whose verify script failed.
    pub undo: Option<Error>,
}

/// What a failed change left in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing: its transaction was rolled back, or its revert script was run.
    Nothing,
    /// Some of its statements took effect; the journal says which.
    Half,
    /// All of it: it is committed, but its record could not be written. The next command does so.
    Unrecorded,
}

/// Where the output of scripts goes.
pub trait Output {
    /// A script is about to run; `verifying` says whether it is a verify script.
    fn starts(&mut self, script: &str, verifying: bool);
    /// Bytes that the client would have written to its standard output.
    fn stdout(&mut self, bytes: &[u8]);
    /// Bytes that the client would have written to its standard error.
    fn stderr(&mut self, bytes: &[u8]);
}

/// Throws all output away.
#[derive(Debug, Default)]
pub struct Silent;

impl Output for Silent {
    fn starts(&mut self, _: &str, _: bool) {}
    fn stdout(&mut self, _: &[u8]) {}
    fn stderr(&mut self, _: &[u8]) {}
}

/// How a stopped change is settled by a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The change is deployed.
    Deployed,
    /// The change is not deployed.
    NotDeployed,
}

/// What to look for in the events of a registry.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// The newest first, unless set.
    pub oldest_first: bool,
}

/// A database with its registry.
///
/// All methods report [`crate::error::Kind::Database`] when the database cannot be used.
pub trait Engine {
    /// The grammar of its scripts.
    fn dialect(&self) -> Dialect;
    /// The target in messages: its name, or its URI without password.
    fn destination(&self) -> &str;
    /// The registry in messages.
    fn registry_destination(&self) -> &str;
    /// The folder that scripts take for the current one.
    fn set_folder(&mut self, folder: PathBuf);
    /// The variables that scripts see from now on, where the engine knows any.
    fn set_variables(&mut self, variables: Vec<(String, String)>);

    /// Whether there is a registry.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn presence(&mut self) -> Result<Presence>;
    /// Makes, completes or upgrades the registry, and records what an interrupted run left
    /// unrecorded.
    ///
    /// # Errors
    /// When it cannot be written, or is newer than this program understands.
    fn prepare(&mut self, who: &Person, tell: &mut dyn FnMut(Notice)) -> Result<()>;
    /// Takes the lock that keeps other runners out until the process ends.
    ///
    /// # Errors
    /// [`crate::error::Kind::Busy`] after `patience`.
    fn lock(&mut self, patience: Duration, waiting: &mut dyn FnMut(&Holder)) -> Result<()>;

    /// Who holds the lock now, if somebody does.
    fn holder(&mut self) -> Option<Holder>;
    /// Whether the database is there. A registry may be there without it.
    fn target_exists(&self) -> bool;
    /// The database that the registry's records of a project are about, if that is another one than the
    /// target, and is there: two databases may share a registry by accident.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn stranger(&mut self, _project: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// What the database holds: its catalogue, sizes and traffic. Nothing is written, and nobody waits
    /// for it.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn facts(&mut self) -> Result<Schema>;

    /// Everything about a project that steps depend on. With `most`, only that many of the changes,
    /// the latest; [`State::partial`] then says whether there are more.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn load(&mut self, project: &str, most: Option<usize>) -> Result<State>;
    /// What dependencies mean in the registry, keyed by their text.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn find(&mut self, project: &str, dependencies: &[Dependency]) -> Result<HashMap<String, Option<Id>>>;
    /// The deployed changes, of all projects, that require one of these.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn dependents(&mut self, ids: &[Id]) -> Result<Vec<Dependent>>;
    /// Our checksums of the scripts of deployed changes.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn checksums(&mut self, project: &str) -> Result<HashMap<Id, Checksums>>;
    /// The log.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn events(&mut self, query: &EventQuery, each: &mut dyn FnMut(EventRow) -> Result<bool>) -> Result<()>;

    /// The last runs on a project, the oldest first; none without a journal.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn notes(&mut self, project: &str, runs: usize) -> Result<Vec<RunNote>>;

    /// Registers a project, or makes sure that it is registered with this URI.
    ///
    /// # Errors
    /// When another project or another URI stands in the way.
    fn register(&mut self, project: &str, uri: Option<&str>, who: &Person) -> Result<()>;
    /// Writes the hashes of deploy scripts into a registry that stems from before there were any.
    ///
    /// # Errors
    /// When they cannot be written.
    fn record_hashes(&mut self, hashes: &[(Id, Option<String>)]) -> Result<()>;
    /// Records tags that were planned after their change was deployed.
    ///
    /// # Errors
    /// When they cannot be written.
    fn record_tags(&mut self, record: &ChangeRecord, who: &Person) -> Result<()>;

    /// Finds everything in a script that cannot be run, before anything is.
    fn examine(&self, script: &Script) -> Vec<Error>;
    /// Says how a change will be deployed: `None` for one transaction of script, verify script and
    /// record, else which script stands in the way, and how.
    ///
    /// # Errors
    /// When a script cannot be run at all.
    fn stepwise_reason(&self, deploy: &Script, verify: Option<&Script>) -> Result<Option<String>>;

    /// Notes the start of a run in the journal.
    ///
    /// # Errors
    /// When it cannot be written.
    fn begin_run(&mut self, run: &RunRecord) -> Result<()>;
    /// Notes the end of the run, and leaves nothing of it behind in the target.
    ///
    /// # Errors
    /// When it cannot be written.
    fn end_run(&mut self, outcome: &str) -> Result<()>;
    /// Applies one change: script, verify script and record, all or none wherever that can be.
    ///
    /// # Errors
    /// Says what failed and what is left in the database.
    fn apply(&mut self, job: &Job<'_>, output: &mut dyn Output) -> Result<(), Box<Failure>>;
    /// How many changes may be loaded at once, of which all but the first may be sent ahead.
    fn how_far_ahead(&self) -> usize {
        1
    }
    /// Sends a change ahead of its turn, if that is possible; whoever does so calls [`Engine::apply`]
    /// for the same changes in the same order. A failed change stops all that were sent after it.
    ///
    /// # Errors
    /// When the database cannot be used.
    fn send_ahead(&mut self, _job: &Job<'_>) -> Result<bool> {
        Ok(false)
    }
    /// Runs a verify script; nothing it does stays.
    ///
    /// # Errors
    /// When the script fails.
    fn verify(&mut self, script: &Script, output: &mut dyn Output) -> Result<()>;
    /// Takes back a deployment that stopped half-way, by its revert script, and settles it: in one
    /// transaction wherever that can be.
    ///
    /// # Errors
    /// When the script fails, or the journal cannot be written.
    fn take_back(
        &mut self,
        in_doubt: &InDoubt,
        record: &ChangeRecord,
        script: &Script,
        output: &mut dyn Output,
    ) -> Result<()>;
    /// Writes a `fail` event.
    ///
    /// # Errors
    /// When it cannot be written.
    fn record_failure(&mut self, record: &ChangeRecord, who: &Person) -> Result<()>;
    /// Settles a change that stopped half-way, as a person says it is.
    ///
    /// # Errors
    /// When it cannot be written.
    fn settle(
        &mut self,
        in_doubt: &InDoubt,
        record: &ChangeRecord,
        settlement: Settlement,
        who: &Person,
    ) -> Result<()>;
}

/// The error of a verify script, said as such.
fn verify_failed(path: &str, error: Error) -> Error {
    let failed = Error::new(
        Kind::Verify,
        "verify.failed",
        format!("Verify script \"{path}\" failed: {}", error.message()),
    );
    let failed = match error.place() {
        Some(place) => failed.at(place.clone()),
        None => failed,
    };
    let failed = error.causes().iter().fold(failed, |failed, cause| failed.because(cause));
    error.hints().iter().fold(failed, |failed, hint| failed.hint(hint.clone()))
}

/// The error for a script that leaves its transaction open.
fn open_transaction(path: &str) -> Error {
    Error::new(Kind::Script, OPEN_TRANSACTION, format!("{path} leaves its transaction open, so that all its work would be lost"))
        .hint("end it with COMMIT;")
        .hint("compat.open_transaction = \"warn\" runs it as Sqitch does: nothing stays, and the change is recorded")
}
