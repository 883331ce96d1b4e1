//! Requests of the extended protocol: with values, without running, and in groups.

use super::{Connection, unsendable};
use crate::error::Result;
use bytes::{BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;
use std::collections::HashMap;
use std::error::Error;
use std::io;

/// More statements than these the server is not asked to keep.
const MOST_KEPT: usize = 100;

/// Statements that the server keeps, parsed and planned, under names.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Their names, by their text.
    names: HashMap<String, String>,
    /// How many names were given: none is ever given twice, since what became of a statement that was
    /// sent before an error is not known.
    given: u64,
}

impl Kept {
    pub(super) fn forget(&mut self) {
        self.names.clear();
    }
}

fn put(
    value: &Option<impl AsRef<str>>,
    out: &mut BytesMut,
) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
    Ok(match value {
        Some(value) => {
            out.put_slice(value.as_ref().as_bytes());
            IsNull::No
        }
        None => IsNull::Yes,
    })
}

fn flat(error: frontend::BindError) -> io::Error {
    match error {
        frontend::BindError::Conversion(error) => io::Error::other(error),
        frontend::BindError::Serialization(error) => error,
    }
}

impl Connection {
    /// Asks for one statement with values for `$1`, `$2` …, whose types the server infers.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn execute(&mut self, sql: &str, values: &[Option<&str>]) -> Result<()> {
        self.sendable(sql.as_bytes())?;
        let written = self.out.len();
        let out = &mut self.out;
        let request = frontend::parse("", sql, [], out)
            .and_then(|()| frontend::bind("", "", [], values, put, [], out).map_err(flat))
            .and_then(|()| frontend::describe(b'P', "", out))
            .and_then(|()| frontend::execute("", 0, out));
        if let Err(error) = request {
            self.out.truncate(written);
            return Err(unsendable(error));
        }
        frontend::sync(&mut self.out);
        self.unanswered.push_back(true);
        self.flush_if_full()
    }

    /// Asks for one statement of a group: if any of it fails, the server passes over all that follows
    /// up to the [`Connection::end_group`]. Each that is run ends with `Complete` or `Empty`.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn grouped(&mut self, sql: &[u8]) -> Result<()> {
        self.parse("", sql)?;
        // Bind: unnamed, no formats, no values, all columns as text.
        self.out.put_slice(&[b'B', 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.run_bound()
    }

    /// The same with values for `$1`, `$2` …, whose types the server infers. With `keep` it is parsed
    /// and planned only once for all the times that it is asked for, which is for text of our own alone:
    /// it stays until [`Connection::forget_kept`] or any error.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn grouped_with(&mut self, sql: &str, values: &[Option<String>], keep: bool) -> Result<()> {
        let mut name = String::new();
        match self.statements.names.get(sql) {
            Some(known) if keep => name.clone_from(known),
            _ => {
                if keep && self.statements.names.len() < MOST_KEPT {
                    self.statements.given += 1;
                    name = format!("change_{}", self.statements.given);
                    self.statements.names.insert(sql.to_owned(), name.clone());
                }
                self.parse(&name, sql.as_bytes())?;
            }
        }
        frontend::bind("", &name, [], values, put, [], &mut self.out)
            .map_err(|error| unsendable(flat(error)))?;
        self.run_bound()
    }

    /// Executes what was bound: unnamed, all rows.
    fn run_bound(&mut self) -> Result<()> {
        self.out.put_slice(&[b'E', 0, 0, 0, 9, 0, 0, 0, 0, 0]);
        self.flush_if_full()
    }

    /// Whether the server keeps statements of ours.
    #[must_use]
    pub fn has_kept(&self) -> bool {
        !self.statements.names.is_empty()
    }

    /// The server has been told to forget all statements that it keeps.
    pub fn forget_kept(&mut self) {
        self.statements.forget();
    }

    /// Ends a group of statements; `Ready` follows.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn end_group(&mut self) -> Result<()> {
        frontend::sync(&mut self.out);
        self.unanswered.push_back(true);
        self.flush_if_full()
    }

    /// Asks for the columns of a statement's result without running it. `Columns` follows if it has
    /// one.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn describe(&mut self, sql: &[u8]) -> Result<()> {
        self.parse("", sql)?;
        frontend::describe(b'S', "", &mut self.out).map_err(unsendable)?;
        frontend::sync(&mut self.out);
        self.unanswered.push_back(true);
        self.flush_if_full()
    }

    /// Prepares a statement under a name, which may be empty.
    fn parse(&mut self, name: &str, sql: &[u8]) -> Result<()> {
        let length = self.sendable(sql)?;
        let name = name.as_bytes();
        self.out.put_u8(b'P');
        // The length itself, the name, the text, no types.
        self.out.put_i32(4 + self.sendable(name)? + length + 2);
        self.out.put_slice(name);
        self.out.put_u8(0);
        self.out.put_slice(sql);
        self.out.put_slice(&[0, 0, 0]);
        Ok(())
    }
}
