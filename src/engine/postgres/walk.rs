//! A walk through a script that cannot be one transaction: what is done around each statement, so that
//! its progress is committed with it.

use super::atomic::{aborted, put};
use super::db::Db;
use super::flown::NOTHING_DEFERRED;
use super::script::Ready;
use super::shell::{Ask, LEAVES, PAUSES, Spot};
use super::wire::{Connection, Status};
use crate::engine::{journal, secret};
use crate::error::Result;
use crate::sql::Dialect;
use crate::sql::psql::{StatementKind, kind};

/// What the transaction that is open now is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// There is none.
    Nothing,
    /// Ours, around one statement.
    Ours,
    /// The script's own.
    Theirs,
    /// The script's own, which the statement that runs now ends.
    Ending {
        /// Whether its work stays.
        commits: bool,
        /// Whether another one begins with its end.
        chain: bool,
    },
    /// None can be: the statement commits by itself.
    Alone,
}

/// A step on its way.
pub(super) struct Walk<'a> {
    pub(super) step: i64,
    pub(super) schema: String,
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
    /// The script's own transaction has just begun.
    pub(super) begins: bool,
    /// The settings that limit what a transaction may take.
    pub(super) limits: String,
    /// Values that must not be kept.
    pub(super) secrets: &'a [(String, String)],
    /// The session the script began with; `\c` leaves it, and with it the registry's database.
    pub(super) session: i32,
}

/// Makes the role ours until the end of the transaction, whatever the script has set.
const OWN_ROLE: &str = "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; \
     SET LOCAL client_encoding = 'UTF8'; SET LOCAL search_path = pg_catalog";

impl Walk<'_> {
    /// Called with each statement before it is sent: the one before it is over.
    pub(super) fn gate(&mut self, conn: &mut Connection, statement: &[u8], spot: &Spot<'_>) -> Result<Ask> {
        self.finish(conn)?;
        if statement == PAUSES {
            return Ok(Ask::Send);
        }
        if statement == LEAVES {
            // A transaction of the script's own ends here without a COMMIT.
            self.open = Open::Nothing;
            return Ok(Ask::Send);
        }
        let kind = kind(statement);
        self.at += 1;
        if self.at <= self.from {
            // Settings have to be there again for the rest.
            self.done = self.at;
            return Ok(if matches!(kind, StatementKind::Set { .. }) { Ask::Send } else { Ask::Skip });
        }
        let elsewhere = conn.pid() != self.session;
        if self.open == Open::Theirs {
            return self.inside(conn, &kind, elsewhere, statement, spot).map(|()| Ask::Send);
        }
        if spot.begins {
            self.note(spot, statement, false)?;
            self.begins = true;
            self.open = Open::Theirs;
            return Ok(Ask::Send);
        }
        match kind {
            StatementKind::Empty | StatementKind::Set { .. } | StatementKind::Show => self.done = self.at,
            StatementKind::Begin => {
                self.note(spot, statement, false)?;
                self.begins = true;
                self.open = Open::Theirs;
            }
            // Without a transaction, these only warn.
            StatementKind::Commit | StatementKind::Rollback => self.done = self.at,
            kind if elsewhere || kind.controls() || refuses_ours(&kind) => {
                self.alone(conn, spot, statement)?;
            }
            _ => {
                self.note(spot, statement, false)?;
                conn.batch(&format!("BEGIN; {}", self.limits))?;
                self.open = Open::Ours;
            }
        }
        Ok(Ask::Send)
    }

    /// A statement inside a transaction of the script's own.
    fn inside(
        &mut self,
        conn: &mut Connection,
        kind: &StatementKind,
        elsewhere: bool,
        statement: &[u8],
        spot: &Spot<'_>,
    ) -> Result<()> {
        if std::mem::take(&mut self.begins) && !elsewhere && !self.limits.is_empty() {
            conn.batch(&self.limits)?;
        }
        let chain = matches!(kind, StatementKind::Chain { .. });
        match kind {
            StatementKind::Commit | StatementKind::Chain { commits: true } if elsewhere => {
                self.alone(conn, spot, statement)?;
            }
            StatementKind::Commit | StatementKind::Chain { commits: true }
                if conn.status() == Status::Failed =>
            {
                return Err(aborted(spot.path));
            }
            StatementKind::Commit | StatementKind::Chain { commits: true } => {
                self.nothing_deferred(conn)?;
                conn.batch(OWN_ROLE)?;
                put(conn, &self.schema, &journal::progress(self.step, self.at))?;
                self.open = Open::Ending { commits: true, chain };
            }
            StatementKind::Rollback | StatementKind::Chain { commits: false } => {
                self.open = Open::Ending { commits: false, chain };
            }
            // Its work stays, for another session to commit; the progress must not wait for that.
            StatementKind::PrepareTransaction => self.alone(conn, spot, statement)?,
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, spot: &Spot<'_>, statement: &[u8], alone: bool) -> Result<()> {
        let text = self.masked(&String::from_utf8_lossy(statement));
        self.control.write(&journal::at_unit(self.step, spot.line, &text, alone))
    }

    /// A statement that cannot be committed together with its progress.
    fn alone(&mut self, conn: &mut Connection, spot: &Spot<'_>, statement: &[u8]) -> Result<()> {
        if conn.status() == Status::Idle && conn.pid() == self.session {
            // Who looks later what became of it must look where it looked.
            let path = conn.rows("SELECT array_to_json(pg_catalog.current_schemas(false))", &[])?;
            let path = path.into_iter().next().and_then(|row| row.into_iter().next().flatten());
            let step = self.step.to_string();
            self.control.rows(
                "UPDATE {r}change_steps SET search_path = $2 WHERE step_id = $1",
                &[Some(&step), path.as_deref()],
            )?;
        }
        self.note(spot, statement, true)?;
        self.open = Open::Alone;
        Ok(())
    }

    fn nothing_deferred(&self, conn: &mut Connection) -> Result<()> {
        if self.control.flavour.has_deferred() { conn.batch(NOTHING_DEFERRED) } else { Ok(()) }
    }

    /// A statement as it may be kept: without passwords.
    fn masked(&self, text: &str) -> String {
        secret::masked(text, self.secrets, Dialect::Postgres)
    }

    /// The statement before is over: its progress goes with it.
    pub(super) fn finish(&mut self, conn: &mut Connection) -> Result<()> {
        let mut next = Open::Nothing;
        match self.open {
            Open::Nothing | Open::Theirs => return Ok(()),
            Open::Ours if conn.status() == Status::Failed => {
                // The script goes on after errors, and so do we: nothing of this statement stays.
                conn.batch("ROLLBACK")?;
                self.control.write(&journal::progress(self.step, self.at))?;
            }
            Open::Ours => {
                self.nothing_deferred(conn)?;
                conn.batch(OWN_ROLE)?;
                put(conn, &self.schema, &journal::progress(self.step, self.at))?;
                conn.batch("COMMIT")?;
                self.half = true;
            }
            Open::Ending { commits, chain } => {
                self.half |= commits;
                next = if chain { Open::Theirs } else { Open::Nothing };
            }
            Open::Alone => {
                // It took effect, even if that cannot be noted now.
                (self.done, self.half) = (self.at, true);
                self.control.write(&journal::progress(self.step, self.at))?;
            }
        }
        self.done = self.at;
        self.open = next;
        Ok(())
    }

    /// A run that goes on after a COMMIT AND CHAIN goes on inside a transaction.
    pub(super) fn reopen(&mut self, conn: &mut Connection, script: &Ready<'_>) -> Result<()> {
        let last = self.from.checked_sub(1).and_then(|at| script.survey.statements.get(at));
        if last.is_some_and(|last| matches!(last.kind, StatementKind::Chain { .. })) {
            conn.batch("BEGIN")?;
            self.begins = true;
            self.open = Open::Theirs;
        }
        Ok(())
    }
}

/// Whether a statement cannot be run in a transaction that we put around it.
pub(super) fn refuses_ours(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::RefusesTransaction(_) | StatementKind::MayCommit => true,
        StatementKind::Several(kinds) => kinds.iter().any(refuses_ours),
        _ => false,
    }
}
