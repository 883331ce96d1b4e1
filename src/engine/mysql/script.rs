//! Scripts of a run: what their text says before they run, and the session they run in.

use super::db::{connect, failed};
use super::shell::{Gate, Open, Shell};
use super::{Mysql, lock};
use crate::engine::{Output, Script, verify_failed};
use crate::error::{Error, Kind, Result};
use crate::sql::mysql::{Kind as Statement, Survey, survey};
use mysql::Conn;
use mysql::prelude::Queryable;

/// A script with what its text says.
pub(super) struct Ready<'a> {
    pub(super) script: &'a Script,
    pub(super) survey: Survey,
}

impl Mysql {
    /// Walks through a script, and what it includes, without running anything.
    pub(super) fn survey(&self, script: &Script) -> Survey {
        survey(&script.path, &script.text, &mut |path| {
            std::fs::read_to_string(self.folder.join(path)).map_err(|error| {
                Error::new(Kind::Script, "script.include", format!("cannot open \"{path}\"")).because(error)
            })
        })
    }

    pub(super) fn ready<'a>(&self, script: &'a Script) -> Result<Ready<'a>> {
        let mut survey = self.survey(script);
        match Error::join(std::mem::take(&mut survey.problems)) {
            Some(error) => Err(error),
            None => Ok(Ready { script, survey }),
        }
    }

    pub(super) fn shell(&self) -> Shell {
        Shell::new(self.settings.clone(), self.folder.clone())
    }

    /// The session for a script, as fresh as if a new client had been started for it.
    pub(super) fn fresh(&mut self, script: &Script) -> Result<Conn> {
        let database = self.settings.database.clone();
        let kept = self.work.take().and_then(|mut conn| {
            let back = conn
                .reset()
                .and_then(|()| if database.is_empty() { Ok(()) } else { conn.select_db(&database) });
            back.is_ok().then_some(conn)
        });
        // Without the lock that the other session holds, nothing more may be run.
        self.registry()?.batch("DO 0")?;
        let mut conn = match kept {
            Some(conn) => conn,
            None => connect(&self.settings, Some(&database))?,
        };
        self.set_up(&mut conn, script).map(|()| conn)
    }

    fn set_up(&mut self, conn: &mut Conn, script: &Script) -> Result<()> {
        let run = |conn: &mut Conn, sql: String| conn.query_drop(sql).map_err(|error| failed(&error));
        let charset = self.charset(script);
        run(conn, format!("SET NAMES {charset}"))?;
        let seconds = script.lock_timeout.unwrap_or(self.limits.lock_timeout).as_secs_f64().ceil().max(1.0);
        run(
            conn,
            format!(
                "SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}, autocommit = 1"
            ),
        )?;
        if let Some(time) = script.statement_timeout {
            let limit = if self.registry()?.mariadb {
                format!("max_statement_time = {}", time.as_secs_f64())
            } else {
                format!("max_execution_time = {}", time.as_millis())
            };
            run(conn, format!("SET SESSION {limit}"))?;
        }
        for (name, value) in &self.variables {
            let sql = format!("SET @`{}` = ?", name.replace('`', "``"));
            conn.exec_drop(sql, (value,)).map_err(|error| failed(&error))?;
        }
        let work = lock::at_work(&self.settings.database);
        conn.exec_drop("DO GET_LOCK(?, 0)", (work,)).map_err(|error| failed(&error))
    }

    /// The character set of the client: what the option files say, else its default, else one that
    /// has room for what the script holds.
    fn charset(&self, script: &Script) -> String {
        let plain = |name: &&String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let four = script.text.chars().any(|c| c.len_utf8() > 3);
        let mariadb = self.control.as_ref().is_some_and(|db| db.mariadb);
        match self.settings.charset.as_ref().filter(plain) {
            Some(name) => name.clone(),
            None if mariadb && !four => "utf8mb3".to_owned(),
            None => "utf8mb4".to_owned(),
        }
    }

    /// Whether rows can be written that no rollback takes back: a table's engine may know no
    /// transactions.
    pub(super) fn is_careless(&mut self, script: &Ready<'_>) -> Result<bool> {
        let statements = &script.survey.statements;
        if !statements.iter().any(|found| found.kind == Statement::Rows) {
            return Ok(false);
        }
        let engines = ["MYISAM", "ARIA", "MEMORY", "CSV", "ARCHIVE", "MERGE", "FEDERATED"];
        let says = |text: &str| {
            let text = text.to_ascii_uppercase();
            text.contains("ENGINE") && engines.iter().any(|engine| text.contains(engine))
        };
        if statements.iter().any(|found| says(&found.text)) {
            return Ok(true);
        }
        let database = self.settings.database.clone();
        let sql = "SELECT 1 FROM information_schema.tables WHERE table_schema = ?1 AND table_type = 'BASE TABLE' \
                   AND engine IN (SELECT engine FROM information_schema.engines WHERE transactions = 'NO') LIMIT 1";
        Ok(self.registry()?.value(sql, &[database.into()])?.is_some())
    }

    /// Runs a verify script in a session of its own, in a transaction that is rolled back.
    pub(super) fn verify_alone(&mut self, script: &Script, output: &mut dyn Output) -> Result<()> {
        let ready = self.ready(script)?;
        self.verify_ready(&ready, output)
    }

    pub(super) fn verify_ready(&mut self, verify: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        let mut conn = self.fresh(verify.script)?;
        conn.query_drop("START TRANSACTION").map_err(|error| failed(&error))?;
        let done = self.run(&mut conn, verify.script, true, output, &mut Open);
        // A session that cannot even do this is given up.
        if conn.query_drop("ROLLBACK").is_ok() && done.is_ok() {
            self.work = Some(conn);
        }
        done.map_err(|error| verify_failed(&verify.script.path, error))
    }

    /// Runs a script in a session as it is.
    pub(super) fn run(
        &self,
        conn: &mut Conn,
        script: &Script,
        verifying: bool,
        output: &mut dyn Output,
        gate: &mut dyn Gate,
    ) -> Result<()> {
        output.starts(&script.path, verifying);
        self.shell().run(conn, &script.path, &script.text, output, gate)
    }
}
