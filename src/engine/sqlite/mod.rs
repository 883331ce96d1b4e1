//! SQLite: the application's file and, beside it, the registry's file.
//!
//! Knows: rusqlite, the sqlite3 shell's ways, both files. Must never know: plan files, policy, the
//! terminal, other engines.
//!
//! How nothing is ever half (see also `commit`): a script that can be one transaction is committed
//! together with its record. Any other is run in units, each of which leaves its mark in the
//! journal in the same way, so that a later run knows where to go on.

mod atomic;
mod commit;
mod db;
mod facts;
mod journal;
mod lock;
mod queries;
mod schema;
mod session;
mod settings;
pub mod shell;
mod stepwise;
mod transaction;
mod units;

use crate::engine::record::{ChangeRecord, EventRow, RunRecord};
use crate::engine::registry::{self, Dialect, Times};
use crate::engine::{
    Engine, EventQuery, Failure, Holder, Job, Notice, Output, Presence, REGISTRY_VERSION, Script, Settlement,
    open_transaction,
};
use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person};
use crate::schema::Schema;
use crate::sql::sqlite::{cut, shape};
use crate::steps::{Checksums, Dependent, InDoubt, RunNote, State};
use commit::Mark;
use db::Db;
use jiff::Timestamp;
pub use settings::Settings;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An SQLite database with its registry.
#[derive(Debug)]
pub struct Sqlite {
    settings: Settings,
    /// Both files are the same.
    shared: bool,
    registry: Option<Db>,
    work: Option<session::Work>,
    lock: Option<lock::Lock>,
    /// The time of the last record; every record gets a later one, because order is by time.
    latest: Timestamp,
    run: i64,
    mark: Mark,
    who: String,
}

/// The registry's tables, seen from its own connection.
fn own() -> Dialect {
    Dialect { prefix: "main.".to_owned() }
}

impl Sqlite {
    /// An engine for these files; nothing is opened yet.
    ///
    /// # Errors
    /// When the target names no file.
    pub fn new(settings: Settings) -> Result<Sqlite> {
        if settings.target.as_os_str().is_empty() || settings.target == Path::new(":memory:") {
            return Err(no_file(&settings.destination));
        }
        let shared = same_file(&settings.target, &settings.registry);
        Ok(Sqlite {
            settings,
            shared,
            registry: None,
            work: None,
            lock: None,
            latest: Timestamp::MIN,
            run: 0,
            mark: Mark::Absent,
            who: String::new(),
        })
    }

    /// The connection to the registry, which must be there.
    fn registry(&mut self) -> Result<&Db> {
        if self.registry.is_none() {
            let db = Db::open(&self.settings.registry, &self.settings.registry_destination, true)?;
            db.batch("PRAGMA foreign_keys = ON")?;
            self.registry = Some(db);
        }
        // Just set; the fallback only satisfies the type.
        self.registry
            .as_ref()
            .ok_or_else(|| Error::new(Kind::Database, "sqlite.closed", "the registry is closed"))
    }

    /// Makes sure that the target, if it is there, is a database: for one that cannot be used no
    /// registry is made.
    fn check_target(&self) -> Result<()> {
        if self.shared || !self.settings.target.exists() {
            return Ok(());
        }
        let target = Db::open(&self.settings.target, &self.settings.destination, false)?;
        target.value::<i64>("PRAGMA schema_version", ()).map(|_| ())
    }

    /// Looks for the time of the last record, before the first new one. Finding it means reading
    /// every event, which a command that records nothing is spared.
    fn note_latest(&mut self) -> Result<()> {
        if let Some(latest) = queries::latest_time(self.registry()?)? {
            self.latest = self.latest.max(latest);
        }
        Ok(())
    }

    /// A point in time later than every recorded one; tags and event of the change share it.
    fn times(&mut self) -> Times {
        let at = self.next_moment();
        Times { change: at.as_str().into(), tags: Vec::new(), event: at.as_str().into() }
    }

    fn next_moment(&mut self) -> String {
        let step = jiff::SignedDuration::from_millis(1);
        let floor = self.latest.checked_add(step).unwrap_or(self.latest);
        self.latest = queries::to_millis(Timestamp::now()).max(queries::to_millis(floor));
        queries::moment(self.latest)
    }

    /// What the target is called from the registry's folder.
    fn name_of_target(&self) -> String {
        let (target, registry) = (&self.settings.target, &self.settings.registry);
        match target.file_name() {
            Some(name) if target.parent() == registry.parent() => name.to_string_lossy().into_owned(),
            _ => target.to_string_lossy().into_owned(),
        }
    }

    fn now() -> String {
        queries::moment(Timestamp::now())
    }

    /// Cuts a script as the shell would, reading what it includes.
    fn cut(&self, script: &Script) -> cut::Script {
        let folder = self.settings.folder.clone();
        cut::read_script(&script.path, &script.text, &mut |path| {
            std::fs::read_to_string(folder.join(path)).map_err(|error| {
                Error::new(Kind::Script, "script.include", format!("cannot open \"{path}\"")).because(error)
            })
        })
    }

    fn analyse(&self, script: &Script) -> (cut::Script, shape::Analysis) {
        let cut = self.cut(script);
        let analysis = shape::analyse(&cut, script.transaction);
        (cut, analysis)
    }
}

/// The error for a target that names no file.
#[must_use]
pub fn no_file(destination: &str) -> Error {
    Error::new(Kind::Config, "sqlite.no_file", format!("Database name missing in URI {destination}"))
        .hint("name a file: db:sqlite:FILE")
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

impl Engine for Sqlite {
    fn dialect(&self) -> crate::sql::Dialect {
        crate::sql::Dialect::Sqlite
    }

    fn destination(&self) -> &str {
        &self.settings.destination
    }

    fn registry_destination(&self) -> &str {
        &self.settings.registry_destination
    }

    fn set_folder(&mut self, folder: PathBuf) {
        self.settings.folder = folder;
    }

    fn set_variables(&mut self, _: Vec<(String, String)>) {}

    fn presence(&mut self) -> Result<Presence> {
        if self.registry.is_none() && !self.settings.registry.exists() {
            return Ok(Presence::Missing);
        }
        schema::presence(self.registry()?)
    }

    fn prepare(&mut self, who: &Person, tell: &mut dyn FnMut(Notice)) -> Result<()> {
        let now = Self::now();
        let mut journal = false;
        match self.presence()? {
            Presence::Missing => {
                self.check_target()?;
                tell(Notice::AddingRegistry);
                schema::create(self.registry()?, who, &now)?;
            }
            Presence::HalfMade => {
                schema::create(self.registry()?, who, &now)?;
                tell(Notice::HealedRegistry);
            }
            Presence::Version(version) => {
                schema::check_version(version, &self.settings.registry_destination)?;
                if version < REGISTRY_VERSION {
                    schema::upgrade(self.registry()?, version, who, &now)?;
                    tell(Notice::Upgraded {
                        from: format!("{version:.1}"),
                        to: format!("{REGISTRY_VERSION:.1}"),
                    });
                } else if !schema::has_journal(self.registry()?)? || !schema::has_databases(self.registry()?)?
                {
                    schema::create_journal(self.registry()?)?;
                } else {
                    journal = true;
                }
            }
        }
        self.recover(journal, tell)
    }

    fn lock(&mut self, patience: Duration, waiting: &mut dyn FnMut(&Holder)) -> Result<()> {
        if self.lock.is_none() {
            let me = format!("process {} on {}, since {}", std::process::id(), hostname(), Self::now());
            let lock = lock::Lock::take(&self.settings.registry, &me, patience, waiting)?;
            self.lock = Some(lock);
        }
        Ok(())
    }

    fn holder(&mut self) -> Option<Holder> {
        if self.lock.is_some() { None } else { lock::holder_now(&self.settings.registry) }
    }

    fn facts(&mut self) -> Result<Schema> {
        facts::read(&self.settings.target, &self.settings.destination)
    }

    fn target_exists(&self) -> bool {
        self.settings.target.exists()
    }

    fn stranger(&mut self, project: &str) -> Result<Option<String>> {
        if self.shared || !schema::has_databases(self.registry()?)? {
            return Ok(None);
        }
        let Some(known) = journal::database_of(self.registry()?, project)? else { return Ok(None) };
        let folder = self.settings.registry.parent().unwrap_or(Path::new("."));
        let other = folder.join(&known);
        // Under another name it is the same one, if the one of that name is gone.
        Ok((other.exists() && !same_file(&other, &self.settings.target)).then_some(known))
    }

    fn load(&mut self, project: &str, most: Option<usize>) -> Result<State> {
        let mut state = queries::state(self.registry()?, project, most)?;
        if schema::has_journal(self.registry()?)? {
            state.in_doubt = journal::in_doubt(self.registry()?, project)?;
        }
        state.unrecorded = self.unrecorded(project)?;
        Ok(state)
    }

    fn find(&mut self, project: &str, dependencies: &[Dependency]) -> Result<HashMap<String, Option<Id>>> {
        let db = self.registry()?;
        dependencies.iter().map(|one| Ok((one.to_string(), queries::find(db, project, one)?))).collect()
    }

    fn dependents(&mut self, ids: &[Id]) -> Result<Vec<Dependent>> {
        queries::dependents(self.registry()?, ids)
    }

    fn checksums(&mut self, project: &str) -> Result<HashMap<Id, Checksums>> {
        if !schema::has_journal(self.registry()?)? {
            return Ok(HashMap::new());
        }
        queries::checksums(self.registry()?, project)
    }

    fn events(&mut self, query: &EventQuery, each: &mut dyn FnMut(EventRow) -> Result<bool>) -> Result<()> {
        queries::events(self.registry()?, query, each)
    }

    fn notes(&mut self, project: &str, runs: usize) -> Result<Vec<RunNote>> {
        if !schema::has_journal(self.registry()?)? {
            return Ok(Vec::new());
        }
        journal::notes(self.registry()?, project, runs)
    }

    fn register(&mut self, project: &str, uri: Option<&str>, who: &Person) -> Result<()> {
        let now = Self::now();
        queries::register(self.registry()?, project, uri, who, &now)
    }

    fn record_hashes(&mut self, hashes: &[(Id, Option<String>)]) -> Result<()> {
        let writes = registry::hash_rows(hashes);
        self.registry()?.transaction(|db| db.write(&own(), &writes))
    }

    fn record_tags(&mut self, record: &ChangeRecord, who: &Person) -> Result<()> {
        self.note_latest()?;
        let times = self.times();
        let writes = registry::tag_rows(record, who, &times);
        self.registry()?.transaction(|db| db.write(&own(), &writes))
    }

    fn examine(&self, script: &Script) -> Vec<Error> {
        let (cut, analysis) = self.analyse(script);
        let mut problems = cut.problems;
        if analysis.left_open {
            problems.push(open_transaction(&script.path));
        }
        problems
    }

    fn stepwise_reason(&self, deploy: &Script, verify: Option<&Script>) -> Result<Option<String>> {
        let deploy = self.ready(deploy)?;
        let verify = verify.map(|verify| self.ready(verify)).transpose()?;
        Ok(atomic::why_stepwise(&deploy, verify.as_ref()))
    }

    fn begin_run(&mut self, run: &RunRecord) -> Result<()> {
        self.who = format!("{} <{}>", run.user_name, run.user_email);
        self.note_latest()?;
        if !self.settings.target.exists() {
            // As Sqitch's shell does, even if all that follows is recorded only: a registry whose
            // database is not there would be taken for one whose database was lost.
            drop(self.open_target(true)?);
        }
        let now = Self::now();
        let name = self.name_of_target();
        self.run = journal::begin_run(self.registry()?, run, &now)?;
        journal::note_database(self.registry()?, &run.project, &name)
    }

    fn end_run(&mut self, outcome: &str) -> Result<()> {
        self.remove_mark()?;
        if self.mark == Mark::Needed {
            // A run without an end makes the next one look for its mark.
            return Ok(());
        }
        let (run, now) = (self.run, Self::now());
        journal::end_run(self.registry()?, run, outcome, &now)
    }

    fn apply(&mut self, job: &Job<'_>, output: &mut dyn Output) -> Result<(), Box<Failure>> {
        let done = self.apply_change(job, output);
        if done.is_err() {
            // A session in which something failed is not used again.
            self.work = None;
        }
        done
    }

    fn verify(&mut self, script: &Script, output: &mut dyn Output) -> Result<()> {
        let done = self.verify_alone(script, output);
        if done.is_err() {
            self.work = None;
        }
        done
    }

    fn take_back(
        &mut self,
        in_doubt: &InDoubt,
        _record: &ChangeRecord,
        script: &Script,
        output: &mut dyn Output,
    ) -> Result<()> {
        let settled = commit::Record::Closed {
            step: in_doubt.step,
            state: "settled".to_owned(),
            error: None,
            at: Self::now(),
        };
        self.run_and_close(script, &settled, output)
    }

    fn record_failure(&mut self, record: &ChangeRecord, who: &Person) -> Result<()> {
        let times = self.times();
        let writes = registry::failure_rows(record, who, &times);
        self.registry()?.transaction(|db| db.write(&own(), &writes))
    }

    fn settle(
        &mut self,
        in_doubt: &InDoubt,
        record: &ChangeRecord,
        settlement: Settlement,
        who: &Person,
    ) -> Result<()> {
        self.note_latest()?;
        let times = self.times();
        let now = Self::now();
        let record = match settlement {
            Settlement::Deployed => record.clone(),
            Settlement::NotDeployed => self.as_recorded(record)?,
        };
        journal::settle(self.registry()?, in_doubt, &record, settlement, who, &times, &now)
    }
}

/// The name of this machine, for people who wait for it.
fn hostname() -> String {
    #[cfg(unix)]
    {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }
    #[cfg(not(unix))]
    {
        "this machine".to_owned()
    }
}
