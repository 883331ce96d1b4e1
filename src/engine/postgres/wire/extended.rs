//! Requests of the extended protocol: with values, without running, and in groups.

use super::{Connection, unsendable};
use crate::error::Result;
use bytes::{BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;
use std::io;

impl Connection {
    /// Asks for one statement with values for `$1`, `$2` …, whose types the server infers.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn execute(&mut self, sql: &str, values: &[Option<&str>]) -> Result<()> {
        self.sendable(sql.as_bytes())?;
        let put = |value: &Option<&str>, out: &mut BytesMut| {
            Ok(match value {
                Some(value) => {
                    out.put_slice(value.as_bytes());
                    IsNull::No
                }
                None => IsNull::Yes,
            })
        };
        let written = self.out.len();
        let out = &mut self.out;
        let request = frontend::parse("", sql, [], out)
            .and_then(|()| {
                frontend::bind("", "", [], values, put, [], out).map_err(|error| match error {
                    frontend::BindError::Conversion(error) => io::Error::other(error),
                    frontend::BindError::Serialization(error) => error,
                })
            })
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
        self.parse(sql)?;
        // Bind: unnamed, no formats, no values, all columns as text. Execute: unnamed, all rows.
        self.out.put_slice(&[b'B', 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.out.put_slice(&[b'E', 0, 0, 0, 9, 0, 0, 0, 0, 0]);
        self.flush_if_full()
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
        self.parse(sql)?;
        frontend::describe(b'S', "", &mut self.out).map_err(unsendable)?;
        frontend::sync(&mut self.out);
        self.unanswered.push_back(true);
        self.flush_if_full()
    }

    /// Makes a statement the unnamed prepared one.
    fn parse(&mut self, sql: &[u8]) -> Result<()> {
        let length = self.sendable(sql)?;
        self.out.put_u8(b'P');
        // The length itself, an empty name, the text, no types.
        self.out.put_i32(4 + 1 + length + 2);
        self.out.put_u8(0);
        self.out.put_slice(sql);
        self.out.put_slice(&[0, 0, 0]);
        Ok(())
    }
}
