//! A walk through a script: what is done around each statement, so that its progress is committed with
//! it, or, where the statement commits by itself, so that it can be told later whether it took effect.

use super::db::{Db, put};
use super::doubt::{Look, Verdict};
use super::shell::{Ask, Gate, Spot};
use super::watch::Watch;
use crate::engine::registry::{Value, Write};
use crate::engine::{journal, secret};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::sql::Dialect;
use crate::sql::mysql::{Kind, kind};
use mysql::Conn;
use mysql::prelude::Queryable;

const LOOKED: &str = "UPDATE {r}change_steps SET looked = ?2 WHERE step_id = ?1";

/// What the transaction that is open now is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// There is none.
    Nothing,
    /// Ours, around one statement.
    Ours,
    /// The script's own.
    Theirs {
        /// Whether it may only read.
        read_only: bool,
    },
    /// The script's own, which the statement that runs now ends.
    Ending {
        /// Whether its work stays.
        commits: bool,
        /// What is open after it.
        next: Option<bool>,
    },
    /// None can be: the statement commits by itself.
    Alone,
}

/// A step on its way.
pub(super) struct Walk<'a> {
    pub(super) step: i64,
    pub(super) control: &'a mut Db,
    /// How many statements were seen.
    pub(super) at: usize,
    /// How many of them are certainly done and noted.
    pub(super) done: usize,
    /// How many an earlier run did.
    pub(super) from: usize,
    /// Whether a statement that took effect is among those done.
    pub(super) half: bool,
    pub(super) open: Open,
    /// Whether each statement is a transaction unless one is begun.
    pub(super) autocommit: bool,
    /// Whether tables are locked, and ours out of reach.
    pub(super) locked: bool,
    /// Whether rows can be written that no rollback takes back.
    pub(super) careless: bool,
    pub(super) secrets: &'a [(String, String)],
    pub(super) watch: Watch<'a>,
    /// How what the statement names looked before it.
    pub(super) look: Option<Look>,
    /// Whether the statement that runs may have committed what was open before it, and with that what
    /// the journal says of it.
    pub(super) unsure: bool,
    /// Whether the script's own transaction that is open has done anything.
    pub(super) wrote: bool,
    /// Whether the script went to another session.
    pub(super) left: bool,
}

impl Walk<'_> {
    fn enter(&mut self, conn: &mut Conn, statement: &str, spot: &Spot<'_>) -> Result<Ask> {
        self.finish(conn)?;
        let kind = kind(statement);
        self.at += 1;
        if self.at <= self.from {
            return self.passed(conn, &kind, statement);
        }
        if let Open::Theirs { read_only } = self.open {
            self.wrote |= matches!(kind, Kind::Rows | Kind::Keeps | Kind::Unknown);
            self.inside(conn, &kind, read_only, statement, spot)?;
        } else {
            self.outside(conn, &kind, statement, spot)?;
        }
        if let Kind::Commits { blocks: true, objects, .. } = &kind {
            self.watch.begin(objects);
        }
        Ok(Ask::Send)
    }

    /// An earlier run did it. Settings have to be there again for the rest.
    fn passed(&mut self, conn: &mut Conn, kind: &Kind, statement: &str) -> Result<Ask> {
        self.done = self.at;
        let last = self.at == self.from;
        match kind {
            Kind::Autocommit(on) => self.autocommit = *on,
            Kind::LockTables => self.locked = locks(statement),
            Kind::Session => {}
            // What came before it was committed by it; the rest needs the transaction that it begins.
            Kind::Begin { read_only } if last => self.open = Open::Theirs { read_only: *read_only },
            Kind::Commit { chain: true } | Kind::Rollback { chain: true } if last => {
                self.ours(conn, "START TRANSACTION")?;
                self.open = Open::Theirs { read_only: false };
                return Ok(Ask::Skip);
            }
            _ => return Ok(Ask::Skip),
        }
        Ok(Ask::Send)
    }

    fn outside(&mut self, conn: &mut Conn, kind: &Kind, statement: &str, spot: &Spot<'_>) -> Result<()> {
        match kind {
            // Without a transaction, the last three do nothing.
            Kind::Empty | Kind::Session | Kind::Show | Kind::Keeps => self.done = self.at,
            Kind::Commit { .. } | Kind::Rollback { .. } | Kind::Savepoint => self.done = self.at,
            Kind::Autocommit(on) => {
                self.autocommit = *on;
                self.done = self.at;
            }
            Kind::Begin { read_only } => {
                self.note(spot, statement, false)?;
                // It also unlocks tables.
                (self.locked, self.wrote) = (false, false);
                self.open = Open::Theirs { read_only: *read_only };
            }
            Kind::Rows if !self.autocommit => {
                self.note(spot, statement, false)?;
                (self.open, self.wrote) = (Open::Theirs { read_only: false }, true);
            }
            Kind::Rows if self.locked || self.careless => self.alone(conn, kind, spot, statement)?,
            Kind::Rows => {
                self.note(spot, statement, false)?;
                self.ours(conn, "START TRANSACTION")?;
                self.open = Open::Ours;
            }
            Kind::LockTables => {
                self.locked = locks(statement);
                self.done = self.at;
            }
            Kind::Unknown if !self.autocommit => {
                self.note(spot, statement, false)?;
                (self.open, self.wrote) = (Open::Theirs { read_only: false }, true);
                self.inside(conn, kind, false, statement, spot)?;
            }
            Kind::Commits { .. } | Kind::Unknown => self.alone(conn, kind, spot, statement)?,
        }
        Ok(())
    }

    /// A statement inside a transaction of the script's own.
    fn inside(
        &mut self,
        conn: &mut Conn,
        kind: &Kind,
        read_only: bool,
        statement: &str,
        spot: &Spot<'_>,
    ) -> Result<()> {
        match kind {
            // With tables locked, the journal is out of reach until they are free.
            Kind::Commit { .. } if self.locked => self.alone(conn, kind, spot, statement)?,
            Kind::LockTables | Kind::Autocommit(true) if self.locked => {
                self.alone(conn, kind, spot, statement)?;
                match kind {
                    Kind::LockTables => self.locked = locks(statement),
                    _ => self.autocommit = true,
                }
            }
            // It unlocks nothing, and so it does not commit.
            Kind::LockTables if !locks(statement) => {}
            Kind::Commit { chain } => {
                if !read_only {
                    self.put(conn, &journal::progress(self.step, self.at))?;
                }
                self.open = Open::Ending { commits: true, next: self.next(*chain) };
            }
            Kind::Rollback { chain } => self.open = Open::Ending { commits: false, next: self.next(*chain) },
            Kind::Begin { read_only: next } => {
                // What is open is committed by it.
                if !read_only {
                    self.put(conn, &journal::progress(self.step, self.at))?;
                }
                self.open = Open::Ending { commits: true, next: Some(*next) };
            }
            Kind::Autocommit(true) => {
                self.autocommit = true;
                self.put(conn, &journal::progress(self.step, self.at))?;
                self.open = Open::Ending { commits: true, next: None };
            }
            Kind::Commits { .. } if self.locked => self.alone(conn, kind, spot, statement)?,
            Kind::Commits { .. } | Kind::LockTables => {
                // What is open is committed with it, and takes along that it was begun.
                let look = self.look(conn, kind)?;
                self.put_begun(conn, look.as_ref(), spot, statement)?;
                (self.open, self.look, self.unsure) = (Open::Alone, look, true);
                self.locked = *kind == Kind::LockTables;
            }
            // It may commit what is open, or not; if it does, it takes along that it was begun. What is
            // still open then goes on as the script's own transaction.
            Kind::Unknown if !self.locked && !read_only => {
                self.put_begun(conn, None, spot, statement)?;
                self.unsure = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn put_begun(
        &mut self,
        conn: &mut Conn,
        look: Option<&Look>,
        spot: &Spot<'_>,
        statement: &str,
    ) -> Result<()> {
        for write in self.begun(look, spot, statement)? {
            self.put(conn, &write)?;
        }
        self.put(conn, &progress_begun(self.step, self.at - 1))
    }

    /// What is open after a transaction: without autocommit, there is always one.
    fn next(&self, chain: bool) -> Option<bool> {
        (chain || !self.autocommit).then_some(false)
    }

    fn ours(&self, conn: &mut Conn, sql: &str) -> Result<()> {
        crate::fault::point("mysql.ours")?;
        conn.query_drop(sql).map_err(|error| super::db::failed(&error))
    }

    fn put(&self, conn: &mut Conn, write: &Write) -> Result<()> {
        put(conn, &self.control.registry, write)
    }

    fn note(&mut self, spot: &Spot<'_>, statement: &str, alone: bool) -> Result<()> {
        let text = secret::masked(statement, self.secrets, Dialect::Mysql);
        self.control.write(&journal::at_unit(self.step, spot.line, &text, alone))
    }

    /// How what a statement names looks before it.
    fn look(&mut self, conn: &mut Conn, kind: &Kind) -> Result<Option<Look>> {
        let Kind::Commits { objects, repeatable, .. } = kind else { return Ok(None) };
        let database = conn.query_first::<Option<String>, _>("SELECT DATABASE()");
        let database = database.map_err(|error| super::db::failed(&error))?.flatten().unwrap_or_default();
        Look::at(self.control, objects, *repeatable, &database).map(Some)
    }

    fn begun(&self, look: Option<&Look>, spot: &Spot<'_>, statement: &str) -> Result<Vec<Write>> {
        let text = secret::masked(statement, self.secrets, Dialect::Mysql);
        let look = look.map(serde_json::to_string).transpose().map_err(|error| {
            Error::new(ErrorKind::Database, "mysql.look", "what a statement names cannot be noted")
                .because(error)
        })?;
        Ok(vec![
            Write { sql: LOOKED, values: vec![self.step.into(), look.map_or(Value::Null, Value::Text)] },
            journal::at_unit(self.step, spot.line, &text, true),
        ])
    }

    /// A statement that cannot be committed together with its progress.
    fn alone(&mut self, conn: &mut Conn, kind: &Kind, spot: &Spot<'_>, statement: &str) -> Result<()> {
        let look = if self.locked { None } else { self.look(conn, kind)? };
        let writes = self.begun(look.as_ref(), spot, statement)?;
        self.control.write_all(&writes)?;
        (self.open, self.look) = (Open::Alone, look);
        Ok(())
    }

    /// Whether a statement that failed may have taken effect, or a part of it.
    pub(super) fn is_doubtful(&mut self) -> bool {
        let Some(look) = self.look.take() else { return true };
        look.compare(self.control).map_or(true, |verdict| verdict != Verdict::Undone)
    }

    /// The statement before is over: its progress goes with it.
    pub(super) fn finish(&mut self, conn: &mut Conn) -> Result<()> {
        self.watch.end();
        let mut next = Open::Nothing;
        match self.open {
            Open::Nothing | Open::Theirs { .. } => return Ok(()),
            Open::Ours => {
                self.put(conn, &journal::progress(self.step, self.at))?;
                self.ours(conn, "COMMIT")?;
                self.half = true;
            }
            Open::Ending { commits, next: after } => {
                (self.unsure, self.wrote) = (false, false);
                self.half |= commits;
                next = after.map_or(Open::Nothing, |read_only| Open::Theirs { read_only });
            }
            Open::Alone => {
                self.unsure = false;
                // It took effect, even if that cannot be noted now, and is in doubt no more.
                (self.done, self.half, self.open) = (self.at, true, Open::Nothing);
                self.control.write(&journal::progress(self.step, self.at))?;
            }
        }
        self.done = self.at;
        self.open = next;
        Ok(())
    }
}

/// Whether a statement of the two locks tables, and does not unlock them.
fn locks(statement: &str) -> bool {
    statement.trim_start().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("LOCK"))
}

/// So many are done, and the next is begun.
fn progress_begun(step: i64, done: usize) -> Write {
    let sql = "UPDATE {r}change_steps SET units_done = ?2, unit_begun = 1 WHERE step_id = ?1";
    Write { sql, values: vec![step.into(), journal::count(done).into()] }
}

impl Gate for Walk<'_> {
    fn before(&mut self, conn: &mut Conn, statement: &str, spot: &Spot<'_>) -> Result<Ask> {
        self.enter(conn, statement, spot)
    }

    fn leaves(&mut self) -> Result<()> {
        // A transaction of the script's own ends here without a COMMIT.
        self.open = Open::Nothing;
        self.autocommit = true;
        self.locked = false;
        self.left = true;
        Ok(())
    }

    fn again(&mut self, conn: &mut Conn, code: u16) -> bool {
        if !self.watch.again(code) {
            return false;
        }
        // A transaction of ours is as good as new; what is the script's own has lost the statement only.
        if self.open == Open::Ours {
            return self.ours(conn, "ROLLBACK").and_then(|()| self.ours(conn, "START TRANSACTION")).is_ok();
        }
        // Where the server is told to, it takes back the whole transaction.
        let theirs = matches!(self.open, Open::Theirs { .. } | Open::Ending { .. });
        let all = || conn.query_first::<bool, _>("SELECT @@GLOBAL.innodb_rollback_on_timeout");
        !theirs || matches!({ all }(), Ok(Some(false)))
    }
}
