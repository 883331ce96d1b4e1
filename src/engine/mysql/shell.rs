//! Runs a script on a connection as the `mariadb` client would run it.
//!
//! Knows: the pieces of a script, the connection, the client's commands. Must never know: plans, the
//! registry, the terminal (text goes to the caller's output).

mod commands;
mod print;

use super::db::{self, code_of};
use super::settings::Settings;
use crate::engine::{Output, secret};
use crate::error::{Error, Kind, Place, Result};
use crate::sql::Dialect;
use crate::sql::mysql::{Cutter, Modes, Piece, Statement};
use mysql::prelude::Queryable;
use mysql::{Conn, LocalInfileHandler};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What is to happen with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// It is sent to the server.
    Send,
    /// It is passed over, as if it had been done.
    Skip,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot<'a> {
    /// The file, as messages name it.
    pub path: &'a str,
    /// The line it begins in.
    pub line: usize,
}

/// What is decided about a statement from outside.
pub trait Gate {
    /// Called before each statement of the script is sent.
    ///
    /// # Errors
    /// Ends the script.
    fn before(&mut self, conn: &mut Conn, statement: &str, spot: &Spot<'_>) -> Result<Ask>;
    /// Called when the script connects anew: the session before is gone.
    ///
    /// # Errors
    /// Ends the script.
    fn leaves(&mut self) -> Result<()> {
        Ok(())
    }
    /// Whether a statement that failed is to be sent again.
    fn again(&mut self, _conn: &mut Conn, _code: u16) -> bool {
        false
    }
}

/// Lets everything through.
pub struct Open;

impl Gate for Open {
    fn before(&mut self, _: &mut Conn, _: &str, _: &Spot<'_>) -> Result<Ask> {
        Ok(Ask::Send)
    }
}

/// Deeper, a script includes itself.
const DEEPEST: usize = 50;

/// The state of the client for one script; each script gets a fresh one.
pub struct Shell {
    settings: Settings,
    folder: PathBuf,
    modes: Modes,
    /// Whether warnings are shown after each statement.
    warnings: bool,
    tee: Option<File>,
    depth: usize,
    /// The statement that runs: a server may ask for no other file than it names.
    running: Arc<Mutex<String>>,
    /// What the client says about the error that ended the script.
    last_words: String,
}

impl Shell {
    /// A client that runs scripts in a folder.
    #[must_use]
    pub fn new(settings: Settings, folder: PathBuf) -> Shell {
        Shell {
            settings,
            folder,
            modes: Modes::default(),
            warnings: false,
            tee: None,
            depth: 0,
            running: Arc::default(),
            last_words: String::new(),
        }
    }

    /// What the client would have printed about the error that ended the script.
    #[must_use]
    pub fn last_words(&self) -> &str {
        &self.last_words
    }

    /// Runs a script to its end, or to its first error.
    ///
    /// # Errors
    /// The error of the statement or command that failed, with its place.
    pub fn run(
        &mut self,
        conn: &mut Conn,
        path: &str,
        text: &str,
        output: &mut dyn Output,
        gate: &mut dyn Gate,
    ) -> Result<()> {
        self.offer_files(conn);
        self.look_at_modes(conn)?;
        self.file(conn, path, text, output, gate)
    }

    fn file(
        &mut self,
        conn: &mut Conn,
        path: &str,
        text: &str,
        output: &mut dyn Output,
        gate: &mut dyn Gate,
    ) -> Result<()> {
        let mut cutter = Cutter::new(text);
        while let Some(piece) = cutter.next(self.modes) {
            match piece {
                Piece::Statement(statement) => self.statement(conn, path, &statement, output, gate)?,
                Piece::Command(command) => {
                    let begun = cutter.begun().to_owned();
                    self.command(conn, path, &command, &begun, output, gate)?;
                }
                Piece::Wrong(why, line) => return Err(self.wrong(path, line, &why)),
                Piece::Odd(why, line) => {
                    output.stderr(format!("ERROR at line {line} in file: '{path}': {why}\n").as_bytes());
                }
            }
        }
        Ok(())
    }

    fn statement(
        &mut self,
        conn: &mut Conn,
        path: &str,
        statement: &Statement,
        output: &mut dyn Output,
        gate: &mut dyn Gate,
    ) -> Result<()> {
        let spot = Spot { path, line: statement.line };
        if gate.before(conn, &statement.text, &spot)? == Ask::Skip {
            return Ok(());
        }
        if let Ok(mut running) = self.running.lock() {
            statement.text.clone_into(&mut running);
        }
        loop {
            crate::fault::point("mysql.statement")?;
            let Err(error) = self.send(conn, statement, output) else { break };
            if !gate.again(conn, code_of(&error)) {
                return Err(self.failed(path, statement, &error));
            }
        }
        if self.warnings {
            self.show_warnings(conn, output)?;
        }
        if statement.text.to_ascii_lowercase().contains("sql_mode") {
            self.look_at_modes(conn)?;
        }
        Ok(())
    }

    /// Sends a statement and prints all its results.
    fn send(
        &mut self,
        conn: &mut Conn,
        statement: &Statement,
        output: &mut dyn Output,
    ) -> Result<(), mysql::Error> {
        let mut results = conn.query_iter(&statement.text)?;
        while let Some(set) = results.iter() {
            let mut number = 0;
            for row in set {
                number += 1;
                let text = print::row(row?, statement.vertical.then_some(number));
                self.say(&text, output);
            }
        }
        Ok(())
    }

    /// What the server's modes are now: they decide how the rest of the script is read.
    fn look_at_modes(&mut self, conn: &mut Conn) -> Result<()> {
        let modes: Option<String> =
            conn.query_first("SELECT @@SESSION.sql_mode").map_err(|error| db::failed(&error))?;
        let modes = modes.unwrap_or_default();
        let has = |name: &str| modes.split(',').any(|mode| mode == name);
        self.modes = Modes { no_backslash: has("NO_BACKSLASH_ESCAPES"), ansi_quotes: has("ANSI_QUOTES") };
        Ok(())
    }

    /// `LOAD DATA LOCAL` reads files of the project's folder, but only those that the script names.
    fn offer_files(&self, conn: &mut Conn) {
        let (folder, running) = (self.folder.clone(), Arc::clone(&self.running));
        let handler = LocalInfileHandler::new(move |name, writer| {
            let name = String::from_utf8_lossy(name).into_owned();
            let named = running.lock().is_ok_and(|running| running.contains(&name));
            if !named {
                return Err(std::io::Error::other(format!(
                    "the server asks for {name}, which the script does not name"
                )));
            }
            let mut file = File::open(folder.join(&name))?;
            std::io::copy(&mut file, writer).map(|_| ())
        });
        conn.set_local_infile_handler(Some(handler));
    }

    fn say(&mut self, bytes: &[u8], output: &mut dyn Output) {
        output.stdout(bytes);
        if let Some(tee) = &mut self.tee {
            // As with the client, a copy that cannot be written is no reason to stop.
            let _ = std::io::Write::write_all(tee, bytes);
        }
    }

    /// The error of the server for a statement, in the client's words and in ours.
    fn failed(&mut self, path: &str, statement: &Statement, error: &mysql::Error) -> Error {
        let (text, line) = (secret::masked(&statement.text, &[], Dialect::Mysql), statement.line);
        self.last_words = match error {
            mysql::Error::MySqlError(error) => format!(
                "--------------\n{text}\n--------------\n\nERROR {} ({}) at line {line} in file: '{path}': {}\n",
                error.code,
                error.state,
                unquoted(&statement.text, &error.message)
            ),
            other => format!("ERROR at line {line} in file: '{path}': {other}\n"),
        };
        let told = db::failed(error);
        let mut place = Place::new(path, line, 1);
        place.text = text.lines().next().map(str::to_owned);
        let message = unquoted(&statement.text, told.message());
        let told = Error::new(Kind::Script, told.code(), message).at(place);
        match (code_of(error), error) {
            (0, other) => told.because(other),
            (1205, _) => told.hint(
                "another session holds what the statement needs; run the command again when it has ended",
            ),
            _ => told,
        }
    }

    /// An error of the client itself.
    fn wrong(&mut self, path: &str, line: usize, why: &str) -> Error {
        self.last_words = format!("ERROR at line {line} in file: '{path}': {why}\n");
        Error::new(Kind::Script, "script.client", why.to_owned()).at(Place::new(path, line, 1))
    }

    fn read(&self, name: &str) -> std::io::Result<String> {
        let path: &Path = &self.folder.join(name);
        let bytes = std::fs::read(path)?;
        String::from_utf8(bytes).map_err(|_| std::io::Error::other("the file is not valid UTF-8"))
    }
}

/// What the server says, without the part of a statement that it repeats, where that may hold a password.
fn unquoted(statement: &str, message: &str) -> String {
    let lower = statement.to_ascii_lowercase();
    let secret = ["identified", "password"].iter().any(|word| lower.contains(word));
    match message.split_once(" near '").filter(|_| secret) {
        Some((before, _)) => before.to_owned(),
        None => message.to_owned(),
    }
}
