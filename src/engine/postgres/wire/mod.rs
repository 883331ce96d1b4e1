//! A connection to a PostgreSQL server: its messages, out and in.
//!
//! Knows: the protocol. Must never know: what a script or a registry is, the terminal. No password
//! is in any error or `Debug` output.
//!
//! Requests are buffered until `flush`, or until an answer is asked for. Several may be under way;
//! each is answered up to its own `Ready`.

mod answers;
mod auth;
mod cancel;
mod extended;
mod handshake;
mod message;
mod socket;
mod startup;
mod stream;

pub use cancel::Canceller;
pub(crate) use message::Cells;
pub use message::{Column, Message, ServerError, Status};
pub(crate) use socket::KeepAlive;

use crate::engine::postgres::settings::Settings;
use crate::error::{Error, Kind, Result};
use crate::fault;
use bytes::{BufMut, BytesMut};
use message::Frame;
use postgres_protocol::message::frontend;
use std::collections::{BTreeMap, VecDeque};
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
    /// Since when the first bytes of an answer are waited for.
    asked: Option<Instant>,
    /// The shortest time that an answer has taken to begin.
    quickest: Option<Duration>,
    lost: Option<String>,
    /// The error with which the server ended the session.
    last_words: Option<String>,
    statements: extended::Kept,
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
        self.asked = Some(Instant::now());
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

    /// Whether the whole answer to the first request comes within `patience`. Nothing of it is taken; what
    /// goes wrong is told when it is.
    pub fn is_answered_within(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now().checked_add(patience);
        let mut looked = 0;
        if self.flush().is_err() {
            return true;
        }
        while !message::holds_ready(&self.inbox, &mut looked) {
            match self.stream.read(&mut self.inbox, deadline) {
                Ok(Some(count)) if count > 0 => {}
                Ok(None) => return false,
                _ => return true,
            }
        }
        true
    }

    fn receive_until(&mut self, deadline: Option<Instant>) -> Result<Option<Message>> {
        self.flush()?;
        if let Some(kept) = self.kept.pop_front() {
            return Ok(Some(kept));
        }
        if std::mem::take(&mut self.sent) {
            self.pass("postgres.receive")?;
        }
        while let Some(frame) = self.frame_until(deadline)? {
            match self.understand(&frame) {
                Ok(Some(message)) => return Ok(Some(message)),
                Ok(None) => {}
                Err(message::Garbled) => return Err(self.garbled()),
            }
        }
        Ok(None)
    }

    /// The next message as it came.
    fn frame_until(&mut self, deadline: Option<Instant>) -> Result<Option<Frame>> {
        loop {
            match message::frame(&mut self.inbox, None) {
                Ok(Some(frame)) => return Ok(Some(frame)),
                Ok(None) => {}
                Err(message::Garbled) => return Err(self.garbled()),
            }
            match self.stream.read(&mut self.inbox, deadline) {
                Ok(Some(0)) => return Err(self.lose("the server closed the connection")),
                Ok(Some(_)) => {
                    if let Some(took) = self.asked.take().map(|asked| asked.elapsed()) {
                        self.quickest = Some(self.quickest.map_or(took, |quickest| quickest.min(took)));
                    }
                }
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.lose(&error.to_string())),
            }
        }
    }

    fn garbled(&mut self) -> Error {
        self.lose("the server sent something that is not PostgreSQL's protocol")
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

    /// The shortest time that an answer has taken to begin: a round trip and what the server did
    /// for it.
    #[must_use]
    pub fn quickest(&self) -> Option<Duration> {
        self.quickest
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

    /// Reads a message and remembers what it says about the session.
    fn understand(&mut self, frame: &Frame) -> Result<Option<Message>, message::Garbled> {
        let message = message::understand(frame)?;
        match &message {
            Some(Message::Ready(status)) => {
                self.status = *status;
                self.copying = false;
                self.unanswered.pop_front();
            }
            Some(Message::Parameter { name, value }) => {
                self.parameters.insert(name.clone(), value.clone());
            }
            Some(Message::CopyIn) => self.copying = true,
            Some(Message::Error(error)) => {
                self.copying = false;
                // Those that were to be kept may have been passed over.
                self.statements.forget();
                if error.is_fatal() {
                    self.last_words = Some(format!("{} (SQLSTATE {})", error.message, error.code));
                }
            }
            _ => {}
        }
        Ok(message)
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
        while let Ok(Some(frame)) = message::frame(&mut self.inbox, None) {
            let _ = self.understand(&frame);
        }
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
