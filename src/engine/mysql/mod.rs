//! MySQL and MariaDB: the registry is a database on the server of the target.
//!
//! Knows: the `mysql` driver, the client's ways, the registry's database. Must never know: plan files,
//! policy, the terminal, other engines.
//!
//! There are two sessions. One holds the lock and the registry; it runs nothing of any script. The
//! other runs the scripts. How nothing is ever half: a statement that only concerns rows is committed
//! together with its progress in the journal; one that commits by itself is noted before it runs, with
//! how what it names looks in the catalogue, so that it can be told later whether it took effect.

mod db;
mod doubt;
mod facts;
mod lock;
mod options;
mod queries;
mod schema;
mod script;
pub mod settings;
pub mod shell;
mod stepwise;
mod walk;
mod watch;

use crate::config::target::Target;
use crate::engine::clock::Clock;
use crate::engine::columns;
use crate::engine::record::{ChangeRecord, EventRow, RunRecord};
use crate::engine::registry::{self, Times, Value};
use crate::engine::stepping::Stepping;
use crate::engine::{
    Direction, Engine, EventQuery, Failure, Holder, Job, Limits, Notice, Output, Presence, Progress,
    REGISTRY_VERSION, Script, Settlement, Surroundings, journal, open_transaction,
};
use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person};
use crate::schema::Schema;
use crate::steps::{Checksums, Dependent, InDoubt, RunNote, State};
use db::Db;
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// A database of MySQL or MariaDB with its registry.
pub struct Mysql {
    /// The target in messages.
    destination: String,
    /// The registry in messages.
    registry_destination: String,
    /// The registry's database.
    registry: String,
    settings: settings::Settings,
    /// The folder that scripts take for the current one.
    folder: PathBuf,
    variables: Vec<(String, String)>,
    limits: Limits,
    progress: Progress,
    control: Option<Db>,
    work: Option<::mysql::Conn>,
    locked: bool,
    clock: Clock,
    run: i64,
}

/// A point in time as statements write it: UTC, microseconds.
fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

impl Mysql {
    /// An engine for a target; nothing is connected yet.
    ///
    /// # Errors
    /// When the settings for connecting make no sense.
    pub fn new(target: &Target, surroundings: Surroundings<'_>) -> Result<Mysql> {
        let settings = settings::Settings::from(&target.uri, surroundings.env)?;
        Ok(Mysql {
            destination: target.destination(),
            registry_destination: target.uri.clone().with_dbname(&target.registry).display(),
            registry: target.registry.clone(),
            settings,
            folder: surroundings.folder.to_owned(),
            variables: surroundings.variables,
            limits: surroundings.limits,
            progress: surroundings.progress,
            control: None,
            work: None,
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
            self.control = Some(Db::open(&self.settings, &self.registry)?);
        }
        self.control.as_mut().ok_or_else(|| lost(&self.destination))
    }

    /// Looks for the time, the server's and that of the latest record, before the first new one.
    fn note_latest(&mut self) -> Result<()> {
        if !self.clock.set {
            let (now, latest) = queries::latest_time(self.registry()?)?;
            let latest = latest.unwrap_or(Timestamp::UNIX_EPOCH).max(self.clock.latest);
            self.clock = Clock::new(now, latest);
            self.clock.set = self.locked;
        }
        Ok(())
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

    /// A change as its rows are to say it. For a revert, the registry knows which tags and
    /// dependencies go with it.
    fn record_of(&mut self, record: &ChangeRecord, direction: Direction) -> Result<ChangeRecord> {
        if direction == Direction::Deploy {
            return Ok(record.clone());
        }
        let queries::Recorded { tags, requires, conflicts } = queries::recorded(self.registry()?, record.id)?;
        Ok(ChangeRecord { tags, requires, conflicts, ..record.clone() })
    }
}

fn lost(destination: &str) -> Error {
    Error::new(Kind::Database, "mysql.lost", format!("the connection to {destination} was lost"))
        .hint("run the command again: what was done is noted, and change status  says whether something is in doubt")
}

impl Engine for Mysql {
    fn dialect(&self) -> crate::sql::Dialect {
        crate::sql::Dialect::Mysql
    }

    fn destination(&self) -> &str {
        &self.destination
    }

    fn registry_destination(&self) -> &str {
        &self.registry_destination
    }

    fn set_folder(&mut self, folder: PathBuf) {
        self.folder = folder;
    }

    fn set_variables(&mut self, variables: Vec<(String, String)>) {
        self.variables = variables;
    }

    fn presence(&mut self) -> Result<Presence> {
        let destination = self.registry_destination.clone();
        let db = self.registry()?;
        let presence = schema::look(db)?.presence();
        // What a user has no right to is not listed, as if it were not there.
        if presence == Presence::Missing
            && db.texts(&format!("USE {}", db::quoted(&db.registry))) == Err(1044)
        {
            let message = format!("no access to the registry {destination}");
            let grant =
                format!("GRANT ALL ON {}.* TO the user, as somebody who may", db::quoted(&self.registry));
            return Err(Error::new(Kind::Database, "mysql.registry", message)
                .because("ERROR 1044 (42000): Access denied")
                .hint(grant)
                .hint("or name another registry: --registry NAME"));
        }
        Ok(presence)
    }

    fn prepare(&mut self, who: &Person, tell: &mut dyn FnMut(Notice)) -> Result<()> {
        let destination = self.registry_destination.clone();
        let settings = self.settings.clone();
        let db = self.registry()?;
        let found = schema::look(db)?;
        match found.presence() {
            // Sqitch makes it without a word here, but not for a database that is not there.
            Presence::Missing => {
                let work = db::connect(&settings, Some(&settings.database))?;
                schema::create(db, &found, who)?;
                self.work = Some(work);
                Ok(())
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
            let (destination, database) = (self.destination.clone(), self.settings.database.clone());
            lock::take(self.registry()?, &database, &destination, patience, waiting)?;
            self.locked = true;
        }
        Ok(())
    }

    fn holder(&mut self) -> Option<Holder> {
        let database = self.settings.database.clone();
        if self.locked { None } else { lock::holder(self.registry().ok()?, &database).ok().flatten() }
    }

    fn facts(&mut self) -> Result<Schema> {
        facts::read(self)
    }

    fn target_exists(&self) -> bool {
        // Connecting for a script says so if it does not.
        true
    }

    fn stranger(&mut self, project: &str) -> Result<Option<String>> {
        let database = self.settings.database.clone();
        let db = self.registry()?;
        if !schema::look(db)?.has_journal() {
            return Ok(None);
        }
        let sql = "SELECT d.database_name FROM {r}change_databases d JOIN information_schema.schemata s \
                   ON s.schema_name = d.database_name WHERE d.project = ?1 AND d.database_name <> ?2";
        db.value(sql, &[project.into(), database.into()])
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
        let runs = i64::try_from(runs).unwrap_or(i64::MAX);
        let rows = db.rows(journal::NOTES, &[project.into(), runs.into()])?;
        Ok(journal::notes(rows, columns::time))
    }

    fn register(&mut self, project: &str, uri: Option<&str>, who: &Person) -> Result<()> {
        queries::register(self.registry()?, project, uri, who)
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
        let survey = self.survey(script);
        let mut problems = survey.problems;
        if survey.left_open {
            problems.push(open_transaction(&script.path));
        }
        problems
    }

    fn stepwise_reason(&self, deploy: &Script, _: Option<&Script>) -> Result<Option<String>> {
        Ok(Some(format!("{}: MySQL commits statements one by one", deploy.path)))
    }

    fn begin_run(&mut self, run: &RunRecord) -> Result<()> {
        self.note_latest()?;
        let write = journal::begin_run(run, &self.now());
        self.run = self.registry()?.insert(&write)?;
        let database = self.settings.database.clone();
        let sql = "REPLACE INTO {r}change_databases (project, database_name) VALUES (?1, ?2)";
        self.registry()?.rows(sql, &[run.project.as_str().into(), database.into()]).map(|_| ())
    }

    fn end_run(&mut self, outcome: &str) -> Result<()> {
        let write = journal::end_run(self.run, outcome, &self.now());
        self.registry()?.write(&write)
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
            Settlement::NotDeployed => self.record_of(record, Direction::Revert)?,
        };
        let db = self.registry()?;
        let recorded = queries::is_deployed(db, record.id)?;
        db.write_all(&journal::settled(in_doubt.step, &record, settlement, recorded, who, &times, &now))
    }
}
