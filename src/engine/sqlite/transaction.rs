//! The transaction around a script, and what its statements may do to it.

use super::shell::Ask;
use crate::error::{Error, Kind, Result};
use crate::sql::sqlite::shape::{Analysis, Control, Shape};
use rusqlite::Connection;

/// The transaction around a script: begun as late as possible, so that settings of the session
/// made before still work, and never ended by the script itself.
pub(super) struct Transaction {
    begun: bool,
    exclusive: bool,
    /// Whether a mark is to be removed with it.
    unmarks: bool,
    /// Reading only: no lock is taken before something is written.
    pub(super) deferred: bool,
}

impl Transaction {
    pub(super) fn new(analysis: &Analysis, unmarks: bool) -> Transaction {
        let exclusive = matches!(analysis.shape, Shape::Atomic { exclusive: true });
        Transaction { begun: false, exclusive, unmarks, deferred: false }
    }

    pub(super) fn begin(&mut self, conn: &Connection) -> Result<()> {
        if self.begun {
            return Ok(());
        }
        crate::fault::point("sqlite.begin")?;
        let sql = match (self.exclusive, self.deferred) {
            (true, _) => "BEGIN EXCLUSIVE",
            (false, true) => "BEGIN",
            (false, false) => "BEGIN IMMEDIATE",
        };
        let mark = if self.unmarks { "; DROP TABLE IF EXISTS main.change_commits" } else { "" };
        conn.execute_batch(&format!("{sql}{mark}"))
            .map_err(|error| super::db::database_error("the target", &error))?;
        self.begun = true;
        Ok(())
    }

    /// Decides about one statement of a verify script that is no single transaction: what it writes
    /// is rolled back before anything that refuses a transaction, and at its end.
    pub(super) fn pass_loosely(&mut self, conn: &Connection, control: Control) -> Result<Ask> {
        match control {
            Control::Plain if conn.is_autocommit() => {
                self.begun = false;
                self.begin(conn)?;
            }
            Control::Plain | Control::Harmless => {}
            Control::Begin | Control::BeginExclusive | Control::Session | Control::Alone => self.end(conn)?,
            Control::Commit | Control::Rollback if !conn.is_autocommit() => {
                self.begun = true;
                self.end(conn)?;
                return Ok(Ask::Skip);
            }
            Control::Commit | Control::Rollback => {}
        }
        Ok(Ask::Run)
    }

    fn end(&mut self, conn: &Connection) -> Result<()> {
        if self.begun && !conn.is_autocommit() {
            conn.execute_batch("ROLLBACK")
                .map_err(|error| super::db::database_error("the target", &error))?;
        }
        self.begun = false;
        Ok(())
    }

    /// Decides about one statement of the script.
    pub(super) fn pass(&mut self, conn: &Connection, control: Control) -> Result<Ask> {
        still_open(self.begun, conn)?;
        match control {
            Control::Begin | Control::BeginExclusive => {
                self.begin(conn)?;
                Ok(Ask::Skip)
            }
            // The end comes when record and verification are done.
            Control::Commit | Control::Rollback => Ok(Ask::Skip),
            // After the script's own transaction a setting of the session has nothing to set.
            Control::Session if self.begun => Ok(Ask::Skip),
            Control::Session | Control::Harmless => Ok(Ask::Run),
            Control::Plain | Control::Alone => {
                self.begin(conn)?;
                Ok(Ask::Run)
            }
        }
    }
}

/// `OR ROLLBACK`, `RAISE(ROLLBACK)` and a full disk end the transaction around a script. Under
/// `.bail off` the rest would then run without one, and stay.
pub(super) fn still_open(begun: bool, conn: &Connection) -> Result<()> {
    if begun && conn.is_autocommit() {
        let message = "the database ended the transaction, so nothing of it stays and the rest is not run";
        return Err(Error::new(Kind::Script, "script.rolled_back", message));
    }
    Ok(())
}
