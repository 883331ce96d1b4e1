//! The client's commands.

use super::{DEEPEST, Gate, Shell};
use crate::engine::Output;
use crate::engine::mysql::db::{self, code_of};
use crate::error::Result;
use crate::sql::mysql::{Command, Word};
use mysql::Conn;
use mysql::prelude::Queryable;
use std::fs::OpenOptions;
use std::process::{Command as Process, Stdio};

impl Shell {
    pub(super) fn command(
        &mut self,
        conn: &mut Conn,
        path: &str,
        command: &Command,
        begun: &str,
        output: &mut dyn Output,
        gate: &mut dyn Gate,
    ) -> Result<()> {
        let argument = command.argument.as_str();
        match command.word {
            Word::Source => return self.source(conn, path, command, output, gate),
            Word::Use => return self.use_database(conn, path, command, output),
            Word::Connect => return self.connect(conn, path, command, gate),
            Word::Charset => return self.charset(conn, path, argument, output),
            Word::System => self.system(argument, output),
            Word::Print => {
                let text = format!("--------------\n{}\n--------------\n\n", begun.trim_end());
                self.say(text.as_bytes(), output);
            }
            Word::Tee if !argument.is_empty() => {
                let file = OpenOptions::new().append(true).create(true).open(self.folder.join(argument));
                self.tee = match file {
                    Ok(file) => Some(file),
                    Err(_) => {
                        output.stderr(format!("Error logging to file '{argument}'\n").as_bytes());
                        None
                    }
                };
            }
            Word::NoTee => {
                if self.tee.take().is_some() {
                    self.say(b"Outfile disabled.\n", output);
                }
            }
            Word::NoPager => self.say(b"PAGER set to stdout\n", output),
            Word::Prompt => {
                let text = format!("PROMPT set to '{argument}'\n");
                self.say(text.as_bytes(), output);
            }
            Word::Warnings => self.warnings = true,
            Word::NoWarning => self.warnings = false,
            Word::Edit | Word::Sandbox => {
                let why = format!("{:?} is not supported in a script", command.word);
                return Err(self.wrong(path, command.line, &why));
            }
            // They print for a person at a keyboard, and change nothing.
            Word::Help | Word::Status | Word::Rehash | Word::Pager | Word::Tee => {}
            // The cutter has done what there is to do.
            Word::Clear | Word::Delimiter | Word::Ego | Word::Exit | Word::Go => {}
        }
        Ok(())
    }

    fn source(
        &mut self,
        conn: &mut Conn,
        path: &str,
        command: &Command,
        output: &mut dyn Output,
        gate: &mut dyn Gate,
    ) -> Result<()> {
        let name = command.argument.trim();
        if name.is_empty() {
            return Err(self.wrong(path, command.line, "Usage: \\. <filename> | source <filename>"));
        }
        let text = match self.read(name) {
            Ok(text) if self.depth < DEEPEST => text,
            Ok(_) => return Err(self.wrong(path, command.line, &format!("\"{name}\" includes itself"))),
            Err(error) => {
                let number =
                    error.raw_os_error().map_or_else(|| error.to_string(), |number| number.to_string());
                let why = format!("Failed to open file '{name}', error: {number}");
                return Err(self.wrong(path, command.line, &why));
            }
        };
        self.depth += 1;
        let done = self.file(conn, name, &text, output, gate);
        self.depth -= 1;
        done
    }

    fn use_database(
        &mut self,
        conn: &mut Conn,
        path: &str,
        command: &Command,
        output: &mut dyn Output,
    ) -> Result<()> {
        let Some(name) = first_word(&command.argument) else {
            let line = command.line;
            let text =
                format!("ERROR at line {line} in file: '{path}': USE must be followed by a database name\n");
            output.stderr(text.as_bytes());
            return Ok(());
        };
        conn.select_db(&name).map_err(|error| self.refused(path, command.line, &error))
    }

    fn connect(&mut self, conn: &mut Conn, path: &str, command: &Command, gate: &mut dyn Gate) -> Result<()> {
        gate.leaves()?;
        let mut words = command.argument.split_ascii_whitespace();
        let (database, host) = (words.next().and_then(first_word), words.next());
        let moved = self.settings.moved(database.as_deref(), host);
        let database = moved.database.clone();
        *conn = db::connect(&moved, Some(&database)).map_err(|error| {
            self.wrong(path, command.line, error.message()).because(error.causes().join("; "))
        })?;
        self.settings = moved;
        self.offer_files(conn);
        self.look_at_modes(conn)
    }

    fn charset(
        &mut self,
        conn: &mut Conn,
        path: &str,
        argument: &str,
        output: &mut dyn Output,
    ) -> Result<()> {
        let Some(name) = first_word(argument) else { return Ok(()) };
        let name = if name.eq_ignore_ascii_case("utf8") { "utf8mb3".to_owned() } else { name };
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match if plain { conn.query_drop(format!("SET NAMES {name}")) } else { Ok(()) } {
            Ok(()) => Ok(()),
            // The client asks its own list; that it does not know a name ends nothing.
            Err(error) if code_of(&error) == 1115 => {
                output.stderr(format!("Character set '{name}' is not known\n").as_bytes());
                Ok(())
            }
            Err(error) => Err(self.refused(path, 1, &error)),
        }
    }

    fn refused(&mut self, path: &str, line: usize, error: &mysql::Error) -> crate::error::Error {
        let told = db::failed(error);
        let told = self.wrong(path, line, told.message());
        if let mysql::Error::MySqlError(error) = error {
            self.last_words = format!(
                "ERROR {} ({}) at line {line} in file: '{path}': {}\n",
                error.code, error.state, error.message
            );
        }
        told
    }

    /// As with the client, what becomes of the command is nobody's business.
    fn system(&mut self, argument: &str, output: &mut dyn Output) {
        let run = Process::new("sh")
            .arg("-c")
            .arg(argument)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output();
        if let Ok(done) = run {
            self.say(&done.stdout, output);
            output.stderr(&done.stderr);
        }
    }

    pub(super) fn show_warnings(&mut self, conn: &mut Conn, output: &mut dyn Output) -> Result<()> {
        let rows: Vec<(String, u32, String)> =
            conn.query("SHOW WARNINGS").map_err(|error| db::failed(&error))?;
        for (level, code, message) in rows {
            let text = format!("{level} (Code {code}): {message}\n");
            self.say(text.as_bytes(), output);
        }
        Ok(())
    }
}

/// The first word, without the quotes around it.
fn first_word(text: &str) -> Option<String> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '`' | '\'' | '"'));
    let word = match quote {
        Some(quote) => text.get(1..)?.split(quote).next()?,
        None => text.split([' ', '\t']).next()?,
    };
    (!word.is_empty()).then(|| word.to_owned())
}
