//! A connection to a PostgreSQL server: its messages, out and in.
//!
//! Knows: the protocol. Must never know: what a script or a registry is, the terminal. No password
//! is in any error or `Debug` output.
//!
//! Requests are buffered until `flush`, or until an answer is asked for. Several may be under way;
//! each is answered up to its own `Ready`.

mod auth;
mod cancel;
mod handshake;
mod message;
mod socket;
mod startup;
mod stream;

pub use cancel::Canceller;
pub use message::{Column, Message, ServerError, Status};
pub(crate) use socket::KeepAlive;

use crate::engine::postgres::settings::Settings;
use crate::error::{Error, Kind, Result};
use crate::fault;
use bytes::{BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::{Duration, Instant};
use stream::Stream;

/// Rows, each value as text.
pub type Rows = Vec<Vec<Option<String>>>;

/// From this many bytes on, what is buffered is sent without being asked for.
const FULL: usize = 64 * 1024;

/// An open session.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    out: BytesMut,
    inbox: BytesMut,
    /// Notifications that arrived while nobody was listening.
    kept: VecDeque<Message>,
    status: Status,
    parameters: BTreeMap<String, String>,
    /// Requests without their `Ready` yet; whether each is of the extended protocol.
    unanswered: VecDeque<bool>,
    /// The server waits for data of a COPY.
    copying: bool,
    /// Something was sent since an answer was last waited for.
    sent: bool,
    lost: Option<String>,
    /// The error with which the server ended the session.
    last_words: Option<String>,
    canceller: Canceller,
    label: String,
}

impl Connection {
    /// Connects to the first server that fits.
    ///
    /// # Errors
    /// `Kind::Database` if none does; it names each that was tried, and why it did not do.
    pub fn connect(settings: &Settings) -> Result<Connection> {
        fault::point("postgres.connect")?;
        startup::connect(settings)
    }

    /// Asks for the statements of `sql`, by the simple protocol.
    ///
    /// # Errors
    /// When the text holds a NUL or is longer than the protocol allows, or the connection is lost.
    pub fn query(&mut self, sql: &[u8]) -> Result<()> {
        let length = self.sendable(sql)?;
        self.out.put_u8(b'Q');
        self.out.put_i32(length + 4);
        self.out.put_slice(sql);
        self.out.put_u8(0);
        self.unanswered.push_back(false);
        self.flush_if_full()
    }

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
        let length = self.sendable(sql)?;
        self.out.put_u8(b'P');
        // The length itself, an empty name, the text, no types.
        self.out.put_i32(4 + 1 + length + 2);
        self.out.put_u8(0);
        self.out.put_slice(sql);
        self.out.put_slice(&[0, 0, 0]);
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
        let length = self.sendable(sql)?;
        self.out.put_u8(b'P');
        // The length itself, an empty name, the text, no types.
        self.out.put_i32(4 + 1 + length + 2);
        self.out.put_u8(0);
        self.out.put_slice(sql);
        self.out.put_slice(&[0, 0, 0]);
        frontend::describe(b'S', "", &mut self.out).map_err(unsendable)?;
        frontend::sync(&mut self.out);
        self.unanswered.push_back(true);
        self.flush_if_full()
    }

    /// Sends data of a COPY that the server waits for. What cannot be sent is reported by the next
    /// `flush` or `receive`.
    pub fn copy_data(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(FULL) {
            if self.lost.is_some() {
                return;
            }
            self.out.put_u8(b'd');
            self.out.put_i32(i32::try_from(piece.len()).unwrap_or(i32::MAX - 4) + 4);
            self.out.put_slice(piece);
            if self.out.len() >= FULL {
                // A lost connection stays lost; who asks next is told.
                let _ = self.write_out();
            }
        }
    }

    /// Ends the data of a COPY.
    pub fn copy_done(&mut self) {
        frontend::copy_done(&mut self.out);
        self.end_copy();
    }

    /// Ends the data of a COPY so that it fails.
    pub fn copy_fail(&mut self, why: &str) {
        // Only a NUL could make this fail.
        let _ = frontend::copy_fail(&why.replace('\0', ""), &mut self.out);
        self.end_copy();
    }

    fn end_copy(&mut self) {
        self.copying = false;
        // A server that waits for data has passed over the Sync of the request itself.
        if self.unanswered.front() == Some(&true) {
            frontend::sync(&mut self.out);
        }
    }

    /// Whether the connection is lost; what was sent last may have been done all the same.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// Sends what is buffered. Answers that arrive meanwhile are kept for `receive`.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn flush(&mut self) -> Result<()> {
        if let Some(why) = &self.lost {
            return Err(lost(&self.label, why));
        }
        if self.out.is_empty() {
            return Ok(());
        }
        self.pass("postgres.send")?;
        self.write_out()?;
        self.sent = true;
        Ok(())
    }

    /// The next thing the server says, however long it takes.
    ///
    /// # Errors
    /// `postgres.lost` when the connection is lost.
    pub fn receive(&mut self) -> Result<Message> {
        loop {
            if let Some(message) = self.receive_until(None)? {
                return Ok(message);
            }
        }
    }

    /// The next thing the server says, or `None` if that takes longer than `patience`.
    ///
    /// # Errors
    /// As [`Connection::receive`].
    pub fn receive_within(&mut self, patience: Duration) -> Result<Option<Message>> {
        self.receive_until(Instant::now().checked_add(patience))
    }

    fn receive_until(&mut self, deadline: Option<Instant>) -> Result<Option<Message>> {
        self.flush()?;
        if let Some(kept) = self.kept.pop_front() {
            return Ok(Some(kept));
        }
        if std::mem::take(&mut self.sent) {
            self.pass("postgres.receive")?;
        }
        loop {
            match self.decode() {
                Ok(Some(message)) => return Ok(Some(message)),
                Ok(None) => {}
                Err(message::Garbled) => {
                    return Err(self.lose("the server sent something that is not PostgreSQL's protocol"));
                }
            }
            match self.stream.read(&mut self.inbox, deadline) {
                Ok(Some(0)) => return Err(self.lose("the server closed the connection")),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.lose(&error.to_string())),
            }
        }
    }

    /// Runs one statement and returns its rows; anything unanswered before it is thrown away.
    ///
    /// # Errors
    /// `postgres.refused` with the server's message and SQLSTATE if it fails, or as
    /// [`Connection::receive`].
    pub fn rows(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Rows> {
        self.settle()?;
        self.execute(sql, values)?;
        self.answers()
    }

    /// Runs statements and throws their rows away.
    ///
    /// # Errors
    /// As [`Connection::rows`].
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        self.settle()?;
        self.query(sql.as_bytes())?;
        self.answers().map(|_| ())
    }

    /// Throws away everything that is still unanswered; a COPY that waits for data fails.
    ///
    /// # Errors
    /// As [`Connection::receive`].
    pub fn settle(&mut self) -> Result<()> {
        if self.copying {
            self.copy_fail("given up");
        }
        // Whatever failed there has been given up; only a lost connection matters.
        match self.answers() {
            Err(error) if self.lost.is_some() => Err(error),
            _ => Ok(()),
        }
    }

    /// All rows of all that is unanswered, or the first error.
    fn answers(&mut self) -> Result<Rows> {
        let mut rows = Rows::new();
        let mut failed = None;
        let mut told = VecDeque::new();
        while !self.unanswered.is_empty() {
            match self.receive()? {
                Message::Row(row) => rows.push(
                    row.into_iter()
                        .map(|value| value.map(|value| String::from_utf8_lossy(&value).into_owned()))
                        .collect(),
                ),
                Message::Error(error) => {
                    failed.get_or_insert_with(|| error.to_error(Kind::Database, "postgres.refused"));
                }
                Message::CopyIn => self.copy_fail("no data"),
                message @ Message::Notification { .. } => told.push_back(message),
                _ => {}
            }
        }
        self.kept.append(&mut told);
        failed.map_or(Ok(rows), Err)
    }

    /// The state of the transaction when the server was last ready.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// A setting that the server reports, such as `server_version`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The server's process for this session.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.canceller.pid()
    }

    /// Something that can cancel, from any thread, what this session is doing.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// The server in messages.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether the session is encrypted.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.stream.tls().is_some()
    }

    /// Takes the next message off the inbox and remembers what it says about the session.
    fn decode(&mut self) -> Result<Option<Message>, message::Garbled> {
        while let Some(frame) = message::frame(&mut self.inbox, None)? {
            let Some(message) = message::understand(&frame)? else { continue };
            match &message {
                Message::Ready(status) => {
                    self.status = *status;
                    self.copying = false;
                    self.unanswered.pop_front();
                }
                Message::Parameter { name, value } => {
                    self.parameters.insert(name.clone(), value.clone());
                }
                Message::CopyIn => self.copying = true,
                Message::Error(error) => {
                    self.copying = false;
                    if error.is_fatal() {
                        self.last_words = Some(format!("{} (SQLSTATE {})", error.message, error.code));
                    }
                }
                _ => {}
            }
            return Ok(Some(message));
        }
        Ok(None)
    }

    fn write_out(&mut self) -> Result<()> {
        if let Some(why) = &self.lost {
            return Err(lost(&self.label, why));
        }
        match self.stream.send(&mut self.out, &mut self.inbox, None) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.lose(&error.to_string())),
        }
    }

    fn flush_if_full(&mut self) -> Result<()> {
        if self.out.len() >= FULL { self.flush() } else { Ok(()) }
    }

    /// Passes a point of the fault seam. A call that fails leaves a connection that is lost.
    fn pass(&mut self, point: &'static str) -> Result<()> {
        fault::point(point).inspect_err(|_| {
            self.lose("a call failed");
        })
    }

    /// Closes the connection for good. The server's last words say more than the end itself.
    fn lose(&mut self, why: &str) -> Error {
        while self.stream.pull(&mut self.inbox).is_ok_and(|count| count.is_some_and(|count| count > 0)) {}
        while let Ok(Some(_)) = self.decode() {}
        self.stream.socket().shut_down();
        self.out.clear();
        self.unanswered.clear();
        let why = self.last_words.take().unwrap_or_else(|| why.to_owned());
        let why = self.lost.get_or_insert(why);
        lost(&self.label, why)
    }

    /// The length of `text` with its final NUL, if it can be sent.
    fn sendable(&self, text: &[u8]) -> Result<i32> {
        if let Some(at) = text.iter().position(|byte| *byte == 0) {
            return Err(unsendable(format!("the statement holds a NUL at byte {at}")));
        }
        match i32::try_from(text.len()) {
            Ok(length) if length < 0x3fff_ffff => Ok(length + 1),
            _ => Err(unsendable("the statement is longer than a gigabyte")),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.lost.is_none() {
            self.out.clear();
            frontend::terminate(&mut self.out);
            // Nobody waits for a goodbye.
            let _ = self.stream.send(&mut self.out, &mut self.inbox, Some(Instant::now()));
        }
    }
}

fn unsendable(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Script, "postgres.unsendable", "a statement cannot be sent to the server").because(why)
}

fn lost(label: &str, why: &str) -> Error {
    Error::new(Kind::Database, "postgres.lost", format!("the connection to {label} was lost")).because(why)
}
