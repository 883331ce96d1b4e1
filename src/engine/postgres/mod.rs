//! PostgreSQL, and what speaks its language: the registry is a schema in the target database.
//!
//! Knows: the wire protocol, psql's ways, the registry's schema. Must never know: plan files,
//! policy, the terminal, other engines.
//!
//! There are two sessions. One holds the lock and reads the registry; it runs nothing of any script.
//! The other runs the scripts. How nothing is ever half: a script that can be one transaction is
//! committed together with its record (`atomic`); any other leaves its progress in the journal,
//! statement by statement, in the statement's own transaction wherever it has one (`stepwise`).

mod ahead;
mod atomic;
mod client;
mod db;
mod doubt;
mod facts;
mod flavour;
mod flight;
mod flown;
mod limits;
mod lock;
mod look;
mod queries;
mod rows;
mod schema;
mod script;
pub mod settings;
pub mod shell;
mod stepwise;
pub mod tls;
mod walk;
mod watch;
pub mod wire;

use crate::config::target::Target;
use crate::engine::clock::Clock;
use crate::engine::columns;
use crate::engine::record::{ChangeRecord, EventRow, RunRecord};
use crate::engine::registry::{self, Times, Value};
use crate::engine::stepping::Stepping;
use crate::engine::{
    Engine, EventQuery, Failure, Holder, Job, Limits, Notice, Output, Presence, REGISTRY_VERSION, Script,
    Settlement, Surroundings, journal,
};
use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person};
use crate::schema::Schema;
use crate::steps::{Checksums, Dependent, InDoubt, RunNote, State};
use ahead::Ahead;
use client::Client;
use db::Db;
use flavour::Flavour;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;
use watch::Talk;
use wire::Connection;

/// A point in time as statements write it: UTC, microseconds.
fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.6f+00").to_string()
}

/// A PostgreSQL database with its registry.
#[derive(Debug)]
pub struct Postgres {
    /// The target in messages.
    destination: String,
    /// The registry's schema.
    schema: String,
    settings: settings::Settings,
    /// The folder that scripts take for the current one.
    folder: PathBuf,
    variables: Vec<(String, String)>,
    control: Option<Db>,
    work: Option<Work>,
    /// The session for scripts, on its way.
    coming: Option<JoinHandle<Result<Connection>>>,
    /// Looks who is in the way.
    watcher: Option<Db>,
    limits: Limits,
    /// Runs what is not run here.
    client: Client,
    progress: Talk,
    /// Changes that were sent and not yet answered.
    ahead: Ahead,
    /// What the registry has of the changes that are being reverted.
    recorded: Option<HashMap<Id, queries::Recorded>>,
    /// The tables that this run has made.
    made: HashSet<String>,
    locked: bool,
    clock: Clock,
    run: i64,
}

/// The session that scripts run in.
#[derive(Debug)]
struct Work {
    conn: Connection,
    /// Whether a script may have left more in it since it was fresh than a transaction of ours takes
    /// back.
    traced: bool,
}

impl Postgres {
    /// An engine for a target; nothing is connected yet.
    ///
    /// # Errors
    /// When the settings for connecting make no sense.
    pub fn new(target: &Target, surroundings: Surroundings<'_>) -> Result<Postgres> {
        let settings = settings::Settings::from(&target.uri, surroundings.env)?;
        let client = Client::new(target.client.clone(), target.uri.query(), &surroundings);
        let mut variables = surroundings.variables;
        variables.push(("registry".to_owned(), target.registry.clone()));
        Ok(Postgres {
            destination: target.destination_in(&settings.database),
            schema: target.registry.clone(),
            settings,
            folder: surroundings.folder.to_owned(),
            variables,
            control: None,
            work: None,
            coming: None,
            watcher: None,
            limits: surroundings.limits,
            client,
            progress: Talk(surroundings.progress),
            ahead: Ahead::default(),
            recorded: None,
            made: HashSet::new(),
            locked: false,
            clock: Clock::new(Timestamp::now(), Timestamp::UNIX_EPOCH),
            run: 0,
        })
    }

    /// The session for the registry. If it is lost, the lock is lost with it, and so is the run.
    fn registry(&mut self) -> Result<&mut Db> {
        if self.control.is_none() {
            if self.locked {
                return Err(lost(&self.destination));
            }
            self.control = Some(Db::new(Connection::connect(&self.settings)?, &self.schema)?);
        }
        self.control.as_mut().ok_or_else(|| lost(&self.destination))
    }

    fn flavour(&self) -> Flavour {
        self.control.as_ref().map_or_else(Flavour::default, |db| db.flavour)
    }

    /// Looks for the time, the server's and that of the latest record, before the first new one.
    fn note_latest(&mut self) -> Result<()> {
        if !self.clock.set {
            let (now, latest) = queries::latest_time(self.registry()?)?;
            self.set_clock(now, latest);
        }
        Ok(())
    }

    /// Looks for the time again: something was recorded, and its time is not known here.
    fn note_latest_again(&mut self) -> Result<()> {
        self.clock.set = false;
        self.note_latest()
    }

    fn set_clock(&mut self, now: Timestamp, latest: Option<Timestamp>) {
        let latest = latest.unwrap_or(Timestamp::UNIX_EPOCH).max(self.clock.latest);
        let alone = self.locked && self.flavour().has_locks();
        self.clock = Clock::new(now, latest);
        self.clock.set = alone;
    }

    /// Points in time later than every recorded one, each later than the one before: the change's,
    /// those of its tags, and the event's.
    fn times(&mut self, tags: usize) -> Times {
        let mut next = || Value::Text(moment(self.clock.next()));
        Times { change: next(), tags: (0..tags).map(|_| next()).collect(), event: next() }
    }

    fn now(&self) -> String {
        moment(self.clock.now())
    }

    /// A change with the tags and dependencies that the registry has of it. Those of all changes are
    /// read at once, when the first is asked for.
    fn as_recorded(&mut self, record: &ChangeRecord) -> Result<ChangeRecord> {
        let all = match self.recorded.take() {
            Some(all) => all,
            None => queries::recorded(self.registry()?, &record.project)?,
        };
        // It stays: a change may be tried again.
        let known = all.get(&record.id).cloned().unwrap_or_default();
        let queries::Recorded { tags, requires, conflicts } = known;
        self.recorded = Some(all);
        Ok(ChangeRecord { tags, requires, conflicts, ..record.clone() })
    }
}

fn lost(destination: &str) -> Error {
    Error::new(Kind::Database, "postgres.lost", format!("the connection to {destination} was lost"))
        .hint("run the command again: what was committed is recorded, and nothing else was done")
}

impl Engine for Postgres {
    fn dialect(&self) -> crate::sql::Dialect {
        crate::sql::Dialect::Postgres
    }

    fn destination(&self) -> &str {
        &self.destination
    }

    fn registry_destination(&self) -> &str {
        &self.destination
    }

    fn set_folder(&mut self, folder: PathBuf) {
        self.folder = folder;
    }

    fn set_variables(&mut self, mut variables: Vec<(String, String)>) {
        variables.push(("registry".to_owned(), self.schema.clone()));
        self.variables = variables;
    }

    fn presence(&mut self) -> Result<Presence> {
        Ok(schema::look(self.registry()?)?.presence())
    }

    fn prepare(&mut self, who: &Person, tell: &mut dyn FnMut(Notice)) -> Result<()> {
        let destination = self.destination.clone();
        let db = self.registry()?;
        let found = schema::look(db)?;
        match found.presence() {
            Presence::Missing => {
                tell(Notice::AddingRegistry);
                // There is certainly something to deploy.
                self.note_round_trip()?;
                self.connect_beside();
                schema::create(self.registry()?, &found, who)
            }
            Presence::HalfMade => {
                schema::create(db, &found, who)?;
                tell(Notice::HealedRegistry);
                Ok(())
            }
            Presence::Version(version) => {
                schema::check_version(version, &destination)?;
                if version < REGISTRY_VERSION {
                    schema::upgrade(db, version, who)?;
                    tell(Notice::Upgraded {
                        from: format!("{version:.1}"),
                        to: format!("{REGISTRY_VERSION:.1}"),
                    });
                } else if !found.has_journal() {
                    schema::create_journal(db)?;
                }
                Ok(())
            }
        }
    }

    fn lock(&mut self, patience: Duration, waiting: &mut dyn FnMut(&Holder)) -> Result<()> {
        if !self.locked {
            let destination = self.destination.clone();
            lock::take(self.registry()?, &destination, patience, waiting)?;
            self.locked = true;
        }
        Ok(())
    }

    fn holder(&mut self) -> Option<Holder> {
        if self.locked { None } else { lock::holder(self.registry().ok()?).ok().flatten() }
    }

    fn facts(&mut self) -> Result<Schema> {
        facts::read(self.registry()?)
    }

    fn target_exists(&self) -> bool {
        // The registry is in the target itself.
        true
    }

    fn load(&mut self, project: &str, most: Option<usize>) -> Result<State> {
        let db = self.registry()?;
        let journal = schema::look(db)?.has_journal();
        queries::state(db, project, most, journal)
    }

    fn find(&mut self, project: &str, dependencies: &[Dependency]) -> Result<HashMap<String, Option<Id>>> {
        let db = self.registry()?;
        dependencies.iter().map(|one| Ok((one.to_string(), queries::find(db, project, one)?))).collect()
    }

    fn dependents(&mut self, ids: &[Id]) -> Result<Vec<Dependent>> {
        queries::dependents(self.registry()?, ids)
    }

    fn checksums(&mut self, project: &str) -> Result<HashMap<Id, Checksums>> {
        let db = self.registry()?;
        if !schema::look(db)?.has_journal() {
            return Ok(HashMap::new());
        }
        queries::checksums(db, project)
    }

    fn events(&mut self, query: &EventQuery, each: &mut dyn FnMut(EventRow) -> Result<bool>) -> Result<()> {
        queries::events(self.registry()?, query, each)
    }

    fn notes(&mut self, project: &str, runs: usize) -> Result<Vec<RunNote>> {
        let db = self.registry()?;
        if !schema::look(db)?.has_journal() {
            return Ok(Vec::new());
        }
        let rows = db.rows(journal::NOTES, &[Some(project), Some(&runs.to_string())])?;
        Ok(journal::notes(rows, columns::time))
    }

    fn register(&mut self, project: &str, uri: Option<&str>, who: &Person) -> Result<()> {
        self.note_round_trip()?;
        self.connect_beside();
        let (now, latest) = queries::register(self.registry()?, project, uri, who)?;
        self.set_clock(now, latest);
        Ok(())
    }

    fn record_hashes(&mut self, hashes: &[(Id, Option<String>)]) -> Result<()> {
        let writes = registry::hash_rows(hashes);
        self.registry()?.write_all(&writes)
    }

    fn record_tags(&mut self, record: &ChangeRecord, who: &Person) -> Result<()> {
        self.note_latest()?;
        let times = self.times(record.tags.len());
        let writes = registry::tag_rows(record, who, &times);
        self.registry()?.write_all(&writes)
    }

    fn examine(&self, script: &Script) -> Vec<Error> {
        self.survey(script).1.problems(&script.path)
    }

    fn stepwise_reason(&self, deploy: &Script, verify: Option<&Script>) -> Result<Option<String>> {
        let deploy = self.ready(deploy)?;
        let verify = verify.map(|verify| self.ready(verify)).transpose()?;
        Ok(script::why_stepwise(&deploy, verify.as_ref()))
    }

    fn begin_run(&mut self, run: &RunRecord) -> Result<()> {
        self.note_round_trip()?;
        self.connect_beside();
        self.note_latest()?;
        let write = journal::begin_run(run, &self.now());
        self.run = self.registry()?.insert(&write, "run_id")?;
        Ok(())
    }

    fn end_run(&mut self, outcome: &str) -> Result<()> {
        let write = journal::end_run(self.run, outcome, &self.now());
        self.registry()?.write(&write)
    }

    fn how_far_ahead(&self) -> usize {
        self.depth()
    }

    fn send_ahead(&mut self, job: &Job<'_>) -> Result<bool> {
        self.send_change(job)
    }

    fn apply(&mut self, job: &Job<'_>, output: &mut dyn Output) -> Result<(), Box<Failure>> {
        let done = match self.turn_of(job, output) {
            Some(done) => done,
            None => self.apply_change(job, output),
        };
        if done.is_err() {
            // A session in which something failed is not used again.
            self.work = None;
            self.ahead.end();
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
        record: &ChangeRecord,
        script: &Script,
        output: &mut dyn Output,
    ) -> Result<()> {
        let closed = journal::closed(in_doubt.step, "settled", None, &self.now());
        let done = self.run_and_close(script, record, closed, output);
        self.work = None;
        done
    }

    fn record_failure(&mut self, record: &ChangeRecord, who: &Person) -> Result<()> {
        let times = self.times(0);
        let writes = registry::failure_rows(record, who, &times);
        self.registry()?.write_all(&writes)
    }

    fn settle(
        &mut self,
        in_doubt: &InDoubt,
        record: &ChangeRecord,
        settlement: Settlement,
        who: &Person,
    ) -> Result<()> {
        self.note_latest()?;
        let (times, now) = (self.times(record.tags.len()), self.now());
        let record = match settlement {
            Settlement::Deployed => record.clone(),
            Settlement::NotDeployed => self.as_recorded(record)?,
        };
        let db = self.registry()?;
        let recorded = queries::is_deployed(db, record.id)?;
        db.write_all(&journal::settled(in_doubt.step, &record, settlement, recorded, who, &times, &now))
    }
}
