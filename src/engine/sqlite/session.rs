//! The session a script sees: fresh, as if a new sqlite3 had been started for it.
//!
//! Opening one costs reading the whole schema, so a session is kept for the next script if its
//! words show that the one before left nothing behind.

use super::Sqlite;
use super::db::Db;
use super::shell;
use crate::error::{Error, Kind, Result};
use crate::fault;
use crate::sql::sqlite::shape::Analysis;
use std::path::Path;

/// The name the registry is attached by; no script uses it.
pub(super) const REGISTRY: &str = "change_registry";

/// The connection that scripts run on.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) db: Db,
    attached: bool,
}

impl Work {
    /// Attaches the registry, if it is not attached. This may happen inside a transaction, so that
    /// a script that could notice the registry is over before it comes.
    pub(super) fn attach(&mut self, registry: &Path) -> Result<()> {
        if !self.attached {
            let path = registry.to_string_lossy().into_owned();
            self.db.run(&format!("ATTACH ?1 AS {REGISTRY}"), [path])?;
            // What is written there is little; the room for pages is better left to the scripts.
            self.db.batch(&format!("PRAGMA {REGISTRY}.cache_size = -256"))?;
            self.attached = true;
        }
        Ok(())
    }

    /// Detaches it, for what must not see it.
    pub(super) fn detach(&mut self) -> Result<()> {
        if self.attached {
            self.db.batch(&format!("DETACH {REGISTRY}"))?;
            self.attached = false;
        }
        Ok(())
    }
}

impl Sqlite {
    /// A connection to the target as the shell would open it.
    pub(super) fn open_target(&self, create: bool) -> Result<Db> {
        fault::point("sqlite.open")?;
        let conn = shell::open_session(&self.settings.target, create)?;
        Db::wrap(conn, &self.settings.destination)
    }

    /// The work connection, which must be open.
    pub(super) fn work_mut(&mut self) -> Result<&mut Work> {
        self.work.as_mut().ok_or_else(|| Error::new(Kind::Database, "sqlite.closed", "the session is closed"))
    }

    /// Makes the work connection ready for a script.
    pub(super) fn ready_for(&mut self, script: &Analysis) -> Result<()> {
        if script.needs_fresh {
            self.work = None;
        }
        match &mut self.work {
            Some(work) if script.sees_attached => work.detach(),
            Some(_) => Ok(()),
            None => {
                self.work = Some(Work { db: self.open_target(true)?, attached: false });
                Ok(())
            }
        }
    }

    /// Gives the session up if a script left something in it.
    pub(super) fn done_with(&mut self, script: &Analysis) {
        if script.taints {
            self.work = None;
        }
    }
}
