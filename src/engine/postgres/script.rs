//! Scripts of a run: what their text says before they run, and the session they run in.

use super::client::Handed;
use super::flight::{Flight, Load};
use super::lock;
use super::shell::{self, End, Gate, Shell};
use super::wire::{Connection, Status};
use super::{Postgres, Work, lost};
use crate::engine::{Output, Script, open_transaction};
use crate::error::{Error, Kind, Place, Result};
use crate::sql::psql::{Shape, StatementKind, Survey, Traces, survey};

/// A script with what its text says.
pub(super) struct Ready<'a> {
    pub(super) script: &'a Script,
    pub(super) survey: Survey,
    /// Who runs it, if it is not run here.
    pub(super) client: Option<Handed>,
}

impl Ready<'_> {
    /// Why the script cannot be one transaction.
    fn why_not_atomic(&self) -> Option<&str> {
        match &self.survey.shape {
            Shape::Atomic { .. } => None,
            Shape::Stepwise(reason) => Some(reason),
        }
    }

    /// Whether everything in the script can be one transaction.
    pub(super) fn is_atomic(&self) -> bool {
        self.why_not_atomic().is_none()
    }

    /// The `BEGIN` of the script's own, with whatever it asks for.
    pub(super) fn begin(&self) -> String {
        self.survey.begin.clone().unwrap_or_else(|| "BEGIN".to_owned())
    }
}

/// Why script, verify script and record cannot be one transaction.
pub(super) fn why_stepwise(script: &Ready<'_>, verify: Option<&Ready<'_>>) -> Option<String> {
    let because = |ready: &Ready<'_>, why: &str| format!("{}: {why}", ready.script.path);
    if let Some(why) = script.why_not_atomic() {
        return Some(because(script, why));
    }
    if script.survey.rolls_back {
        return Some(because(script, "it rolls its own transaction back"));
    }
    let verify = verify?;
    let why = verify.why_not_atomic();
    let enum_value = "a value added to an enum cannot be used in the same transaction";
    let why = why.or(script.survey.adds_enum_value.then_some(enum_value));
    why.map(|why| because(verify, why))
}

fn joins_control(kind: &StatementKind) -> bool {
    matches!(kind, StatementKind::Several(kinds) if kinds.iter().any(StatementKind::controls))
}

impl Survey {
    /// What makes it impossible to run the script as it is.
    pub(super) fn problems(mut self, path: &str) -> Vec<Error> {
        if self.left_open {
            self.problems.push(open_transaction(path));
        }
        for found in self.statements.iter().filter(|found| joins_control(&found.kind)) {
            let error = Error::new(
                Kind::Script,
                "script.joined",
                "\\\\; joins the beginning or end of a transaction with other statements, so nobody could tell how far it came",
            );
            let place = Place::new(&found.file, found.line, 1);
            self.problems.push(error.at(place).hint("write a ; without the backslash between them"));
        }
        self.problems
    }
}

impl Postgres {
    /// Walks through a script, and what it includes, without running anything.
    pub(super) fn survey(&self, script: &Script) -> (Option<Handed>, Survey) {
        let folder = self.folder.clone();
        let mut survey = survey(&script.path, script.bytes(), &self.variables, &mut |path| {
            std::fs::read(folder.join(path)).map_err(|error| {
                Error::new(Kind::Script, "script.include", format!("cannot open \"{path}\"")).because(error)
            })
        });
        if script.transaction == Some(false) && matches!(survey.shape, Shape::Atomic { .. }) {
            survey.shape = Shape::Stepwise("its directive transaction=off".to_owned());
        }
        self.client.takes(script, survey)
    }

    pub(super) fn ready<'a>(&self, script: &'a Script) -> Result<Ready<'a>> {
        let (client, mut survey) = self.survey(script);
        match Error::join(std::mem::take(&mut survey.problems)) {
            Some(error) => Err(error),
            None => Ok(Ready { script, survey, client }),
        }
    }

    /// The session for a script, as fresh as if a new psql had been started for it.
    pub(super) fn fresh(&mut self) -> Result<&mut Connection> {
        let mut flight = Flight::default();
        self.session_to_reset(&mut flight, Traces::Any)?;
        // In the place of the one that a reset gives up.
        if self.flavour().has_locks() {
            flight.own(lock::TAKE_AT_WORK);
        }
        let conn = self.conn()?;
        if let Err(error) = flight.run(conn, Load::NONE, &mut crate::engine::Silent) {
            self.work = None;
            return Err(error);
        }
        self.conn()
    }

    /// The session for a script that leaves these traces in it; what makes it fresh, if anything has to,
    /// is added to the flight.
    pub(super) fn session_to_reset(
        &mut self,
        flight: &mut Flight,
        traces: Traces,
    ) -> Result<&mut Connection> {
        let work = match self.work.take() {
            Some(work) => work,
            None => Work { conn: self.connect_for_work()?, traced: false },
        };
        let traced = traces == Traces::Any;
        if work.traced || (traced && work.conn.has_kept()) {
            flight.resets();
        }
        let work = self.work.insert(work);
        work.traced = traced;
        Ok(&mut work.conn)
    }

    /// Begins to connect the session for scripts, where that takes long.
    pub(super) fn connect_beside(&mut self) {
        if self.is_far() && self.work.is_none() && self.coming.is_none() {
            let settings = self.settings.clone();
            self.coming = Some(std::thread::spawn(move || Connection::connect(&settings)));
        }
    }

    fn connect_for_work(&mut self) -> Result<Connection> {
        if let Some(coming) = self.coming.take() {
            let connected = coming.join().unwrap_or_else(|_| Connection::connect(&self.settings));
            // Without the lock that the other session holds, nothing more may be run.
            return self.registry().and(connected);
        }
        self.registry()?.batch("")?;
        Connection::connect(&self.settings)
    }

    /// Gives the session up if a script may have left what a reset does not reach.
    pub(super) fn done_with(&mut self, survey: &Survey) {
        if survey.needs_new_session {
            self.work = None;
        }
    }

    pub(super) fn shell(&self) -> Result<Shell> {
        Shell::new(self.settings.clone(), self.folder.clone(), &self.variables)
    }

    pub(super) fn conn(&mut self) -> Result<&mut Connection> {
        let destination = &self.destination;
        self.work.as_mut().map(|work| &mut work.conn).ok_or_else(|| lost(destination))
    }
}

/// Runs a script in the session as it is.
pub(super) fn run(
    mut shell: Shell,
    conn: &mut Connection,
    script: &Script,
    verifying: bool,
    output: &mut dyn Output,
    gate: &mut Gate<'_>,
) -> Result<End> {
    output.starts(&script.path, verifying);
    let script = shell::Script { path: &script.path, text: script.bytes() };
    shell.run(conn, &script, output, gate)
}

/// Ends whatever transaction is open; a session that cannot even do that is given up by its owner.
pub(super) fn roll_back(conn: &mut Connection) {
    if conn.status() != Status::Idle {
        let _ = conn.batch("ROLLBACK");
    }
}
