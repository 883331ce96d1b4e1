//! Committing work in the target together with its record in the registry.
//!
//! Two files, one commit: as long as both use a rollback journal, SQLite commits an attached file
//! with the main one, all or nothing. In WAL mode it does not. Then the target's transaction also
//! writes a *mark*, a small table that holds all there is to record; the registry follows in a
//! transaction of its own, and the mark is removed with the next transaction. Whoever finds a mark
//! knows that its work was done, and records it if the registry does not hold it yet.

use super::db::Db;
use super::journal::{self, Applied};
use super::session::REGISTRY;
use super::{Sqlite, own};
use crate::engine::Notice;
use crate::engine::registry::{self, Dialect, Write};
use crate::error::{Error, Kind, Result};
use crate::steps::Unrecorded;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;

const MAKE_MARK: &str = "CREATE TABLE IF NOT EXISTS main.change_commits (mark TEXT NOT NULL)";
const REMOVE_MARK: &str = "DROP TABLE IF EXISTS main.change_commits";

/// How a commit reaches both files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Both are the same file.
    Shared,
    /// The registry is attached and committed with the target.
    Joint,
    /// The target first, with a mark; the registry after it.
    Marked,
}

/// The mark in the target, as far as this process made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// There is none.
    Absent,
    /// The registry could not be told what it says: it must stay.
    Needed,
    /// The registry holds what it says: it is to be removed.
    Spent,
}

/// What is to be recorded with a commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Record {
    /// A change was applied.
    Change(Box<Applied>),
    /// A step got as far as this unit.
    Progress { step: i64, done: usize },
    /// A step that had stopped was taken back.
    Closed { step: i64, state: String, error: Option<String>, at: String },
}

impl Record {
    /// The rows, as statements.
    pub(super) fn writes(&self) -> Vec<Write> {
        match self {
            Record::Progress { step, done } => vec![journal::progress(*step, *done)],
            Record::Closed { step, state, error, at } => {
                vec![journal::closed(*step, state, error.as_deref(), at)]
            }
            Record::Change(applied) => {
                let (direction, times) = (applied.direction(), applied.times());
                let mut writes = registry::rows(direction, &applied.record, &applied.committer, &times);
                writes.push(journal::finished(applied));
                writes
            }
        }
    }
}

impl Sqlite {
    /// Takes away a mark that did its duty.
    pub(super) fn remove_mark(&mut self) -> Result<()> {
        if self.mark != Mark::Spent {
            return Ok(());
        }
        if let Some(work) = &self.work {
            work.db.batch(REMOVE_MARK)?;
        } else {
            self.open_target(false)?.batch(REMOVE_MARK)?;
        }
        self.mark = Mark::Absent;
        Ok(())
    }

    /// Commits the open transaction of the work connection together with `record`.
    pub(super) fn commit(&mut self, record: &Record) -> Result<()> {
        let style = self.commit_style()?;
        let work = self.work.as_mut().ok_or_else(closed)?;
        match style {
            Style::Shared => {
                work.db.write(&own(), &record.writes())?;
                work.db.batch("COMMIT")
            }
            Style::Joint => {
                let dialect = Dialect { prefix: format!("{REGISTRY}.") };
                work.db.write(&dialect, &record.writes())?;
                work.db.batch("COMMIT")
            }
            Style::Marked => self.commit_marked(record),
        }
    }

    fn commit_marked(&mut self, record: &Record) -> Result<()> {
        let mark = serde_json::to_string(record).map_err(|error| {
            Error::new(Kind::Database, "sqlite.mark", "the record cannot be written").because(error)
        })?;
        let work = self.work.as_ref().ok_or_else(closed)?;
        work.db.batch(MAKE_MARK)?;
        work.db.run("INSERT INTO main.change_commits (mark) VALUES (?1)", [mark])?;
        work.db.batch("COMMIT")?;
        self.mark = Mark::Needed;
        let writes = record.writes();
        self.registry()?.transaction(|db| db.write(&own(), &writes))?;
        self.mark = Mark::Spent;
        Ok(())
    }

    /// How this commit can reach both files. Asked anew each time: another program may switch the
    /// target to WAL at any moment between transactions.
    fn commit_style(&mut self) -> Result<Style> {
        if self.shared {
            return Ok(Style::Shared);
        }
        let work = self.work.as_mut().ok_or_else(closed)?;
        if !has_rollback_journal(&work.db, "main")? {
            return Ok(Style::Marked);
        }
        work.attach(&self.settings.registry)?;
        Ok(if has_rollback_journal(&work.db, REGISTRY)? { Style::Joint } else { Style::Marked })
    }

    /// Records what an interrupted run committed without recording it, and removes its mark.
    /// `journal` says that the journal was there before this run, so that it knows of those before.
    pub(super) fn recover(&mut self, journal: bool, tell: &mut dyn FnMut(Notice)) -> Result<()> {
        if self.shared || !self.settings.target.exists() || journal && !self.may_hold_mark()? {
            return Ok(());
        }
        let target = self.open_target(false)?;
        let Some(marks) = marks(&target)? else { return Ok(()) };
        for record in marks {
            self.record_late(&record, tell)?;
        }
        target.batch(REMOVE_MARK)
    }

    /// Whether a look for a mark is worth reading the whole schema of the target. It is not where no
    /// file is in WAL mode and all runs went to their end. The journal modes alone do not tell:
    /// somebody may have switched them after a run was killed.
    fn may_hold_mark(&mut self) -> Result<bool> {
        // Looking into a file that this process has open would let go of its locks.
        if self.work.is_some() || journal_of(&self.settings.target) != Some(JournalKind::Rollback) {
            return Ok(true);
        }
        let registry = self.registry()?;
        Ok(!has_rollback_journal(registry, "main")? || journal::has_unended_run(registry)?)
    }

    /// The change of a project that a mark speaks of and the registry does not know.
    ///
    /// Only looks. Where no file is in WAL mode, a mark can only stem from settings that a script
    /// made for its own session, and then the journal holds that script's step open.
    pub(super) fn unrecorded(&mut self, project: &str) -> Result<Option<Unrecorded>> {
        let elsewhere = !self.shared && self.work.is_none() && self.settings.target.exists();
        if !elsewhere
            || (journal_of(&self.settings.target) != Some(JournalKind::Wal)
                && has_rollback_journal(self.registry()?, "main")?)
        {
            return Ok(None);
        }
        for record in marks(&self.open_target(false)?)?.unwrap_or_default() {
            if let Record::Change(applied) = &record
                && applied.record.project == project
                && !self.is_known(&record)?
            {
                let direction = applied.direction().word().to_owned();
                return Ok(Some(Unrecorded { change: applied.record.name.clone(), direction }));
            }
        }
        Ok(None)
    }

    /// Whether the registry holds what a mark says.
    fn is_known(&mut self, record: &Record) -> Result<bool> {
        let db = self.registry()?;
        let known: Option<i64> = match record {
            Record::Change(applied) => db.value(
                "SELECT 1 FROM main.events WHERE change_id = ?1 AND committed_at = ?2",
                [applied.record.id.to_string(), applied.event_time.clone()],
            )?,
            Record::Progress { step, done } => db.value(
                "SELECT 1 FROM main.change_steps WHERE step_id = ?1 AND units_done >= ?2",
                rusqlite::params![step, i64::try_from(*done).unwrap_or(i64::MAX)],
            )?,
            Record::Closed { step, .. } => db.value(
                "SELECT 1 FROM main.change_steps WHERE step_id = ?1 AND state NOT IN ('running', 'stopped')",
                [step],
            )?,
        };
        Ok(known.is_some())
    }

    /// A mark can only be recorded in the registry that it was made for.
    fn require_project(&mut self, applied: &Applied) -> Result<()> {
        let (target, registry) =
            (self.settings.destination.clone(), self.settings.registry_destination.clone());
        let project = applied.record.project.clone();
        let known: Option<i64> =
            self.registry()?.value("SELECT 1 FROM main.projects WHERE project = ?1", [project.as_str()])?;
        if known.is_some() {
            return Ok(());
        }
        Err(Error::new(
            Kind::InDoubt,
            "sqlite.other_registry",
            format!(
                "{target} says that the {} of {} was committed, but the registry {registry} does not know the project {project}",
                applied.direction().word(),
                applied.record.name
            ),
        )
        .hint("use the registry that was there when it was deployed: --registry NAME, or restore its file")
        .hint(format!("if that registry is gone for good, forget the note: sqlite3 {target} \"DROP TABLE change_commits\"")))
    }

    fn record_late(&mut self, record: &Record, tell: &mut dyn FnMut(Notice)) -> Result<()> {
        if self.is_known(record)? {
            return Ok(());
        }
        if let Record::Change(applied) = record {
            self.require_project(applied)?;
        }
        let writes = record.writes();
        self.registry()?.transaction(|db| db.write(&own(), &writes))?;
        if let Record::Change(applied) = record {
            tell(Notice::Recorded {
                change: applied.record.name.clone(),
                direction: applied.direction().word(),
            });
        }
        Ok(())
    }
}

fn closed() -> Error {
    Error::new(Kind::Database, "sqlite.closed", "the session is closed")
}

/// What the marks in a target say; none if there are none. A table of that name that holds
/// something else is not ours to touch.
fn marks(target: &Db) -> Result<Option<Vec<Record>>> {
    let there: Option<i64> = target
        .value("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'change_commits'", [])?;
    if there.is_none() {
        return Ok(None);
    }
    let marks: Vec<String> =
        target.rows("SELECT mark FROM main.change_commits ORDER BY rowid", [], |row| row.get(0))?;
    Ok(marks.iter().map(|mark| serde_json::from_str(mark).ok()).collect())
}

/// How a database file says that it is journalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JournalKind {
    Rollback,
    Wal,
}

/// How a file that no connection of this process has open is journalled; none if it is no database
/// or an empty one. Its header says so; asking the database would make it read the whole schema.
fn journal_of(file: &Path) -> Option<JournalKind> {
    let mut header = [0; 20];
    std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut header)).ok()?;
    match header.strip_prefix(b"SQLite format 3\0")? {
        [_, _, 1, 1] => Some(JournalKind::Rollback),
        [_, _, 2, 2] => Some(JournalKind::Wal),
        _ => None,
    }
}

/// Whether a commit of this file is part of a commit of several files, all or nothing: only with a
/// rollback journal, and only as long as that is synchronised.
fn has_rollback_journal(db: &Db, schema: &str) -> Result<bool> {
    let mode: Option<String> = db.value(&format!("PRAGMA {schema}.journal_mode"), [])?;
    let synchronous: Option<i64> = db.value(&format!("PRAGMA {schema}.synchronous"), [])?;
    Ok(matches!(mode.as_deref(), Some("delete" | "truncate" | "persist")) && synchronous != Some(0))
}
