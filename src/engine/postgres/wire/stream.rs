//! Bytes to and from a server, encrypted or not.
//!
//! Knows: sockets, TLS sessions. Must never know: what the bytes mean.
//!
//! Sending never waits for the server alone: as long as it cannot go on, whatever the server has to
//! say is taken in. A server that blocks while writing to us reads nothing, so waiting for it to
//! read without reading ourselves would never end.

use super::socket::Socket;
use bytes::{Buf, BytesMut};
use rustls::ClientConnection;
use std::io::{self, Read, Write};
use std::time::Instant;

/// How much is read at once.
const PIECE: usize = 32 * 1024;

/// An open connection, as bytes.
pub(crate) struct Stream {
    socket: Socket,
    tls: Option<Box<ClientConnection>>,
    piece: Vec<u8>,
}

impl Stream {
    /// A stream that is not encrypted.
    pub(crate) fn new(socket: Socket) -> Stream {
        Stream { socket, tls: None, piece: vec![0; PIECE] }
    }

    /// The socket below.
    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// The TLS session, if there is one.
    pub(crate) fn tls(&self) -> Option<&ClientConnection> {
        self.tls.as_deref()
    }

    /// Encrypts everything from now on: agrees on it with the server, until `deadline` at most.
    pub(crate) fn encrypt(&mut self, session: ClientConnection, deadline: Option<Instant>) -> io::Result<()> {
        let mut session = Box::new(session);
        while session.is_handshaking() || session.wants_write() {
            match write_tls(&mut session, &mut self.socket) {
                Ok(()) if !session.is_handshaking() => break,
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            match session.read_tls(&mut self.socket) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {
                    let progress = session.process_new_packets();
                    if let Err(error) = progress {
                        // The server is told why, as far as it still listens.
                        let _ = write_tls(&mut session, &mut self.socket);
                        return Err(io::Error::new(io::ErrorKind::InvalidData, error));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !self.socket.wait(session.wants_write(), deadline)? {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        self.tls = Some(session);
        Ok(())
    }

    /// Sends all of `out`. What arrives meanwhile is put behind `inbox`.
    pub(crate) fn send(
        &mut self,
        out: &mut BytesMut,
        inbox: &mut BytesMut,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        loop {
            match self.push(out) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            while let Some(count) = self.pull(inbox)? {
                if count == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            if !self.socket.wait(true, deadline)? {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }

    /// Writes as much as the socket takes; `true` when nothing is left.
    fn push(&mut self, out: &mut BytesMut) -> io::Result<bool> {
        loop {
            let done = match &mut self.tls {
                Some(session) => {
                    let count = session.writer().write(out)?;
                    out.advance(count);
                    match write_tls(session, &mut self.socket) {
                        Ok(()) => out.is_empty(),
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                        Err(error) => return Err(error),
                    }
                }
                None if out.is_empty() => true,
                None => match self.socket.write(out) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(count) => {
                        out.advance(count);
                        out.is_empty()
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                    Err(error) => return Err(error),
                },
            };
            if done {
                return Ok(true);
            }
        }
    }

    /// Reads what is there without waiting: how much it was, 0 at the end, `None` if nothing came.
    pub(crate) fn pull(&mut self, inbox: &mut BytesMut) -> io::Result<Option<usize>> {
        loop {
            let read = match &mut self.tls {
                Some(session) => pull_tls(session, &mut self.socket, &mut self.piece),
                None => self.socket.read(&mut self.piece),
            };
            return match read {
                Ok(count) => {
                    inbox.extend_from_slice(self.piece.get(..count).unwrap_or_default());
                    Ok(Some(count))
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
                Err(error) => Err(error),
            };
        }
    }

    /// Reads something, waiting for it: how much, 0 at the end, `None` if nothing came until the
    /// deadline.
    pub(crate) fn read(
        &mut self,
        inbox: &mut BytesMut,
        deadline: Option<Instant>,
    ) -> io::Result<Option<usize>> {
        loop {
            if let Some(count) = self.pull(inbox)? {
                return Ok(Some(count));
            }
            let owes = self.tls.as_ref().is_some_and(|session| session.wants_write());
            if !self.socket.wait(owes, deadline)? {
                return Ok(None);
            }
        }
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("socket", &self.socket)
            .field("encrypted", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

/// Writes what the session has ready.
fn write_tls(session: &mut ClientConnection, socket: &mut Socket) -> io::Result<()> {
    while session.wants_write() {
        match session.write_tls(socket) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads decrypted bytes. An end without TLS's own goodbye is an end like any other: PostgreSQL's
/// messages have lengths, so nothing can be cut off unnoticed.
fn pull_tls(session: &mut ClientConnection, socket: &mut Socket, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        match session.reader().read(piece) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
            other => return other,
        }
        // At the end this is 0, which the reader above then reports.
        session.read_tls(socket)?;
        session.process_new_packets().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        // Keys may be renewed: the answer to that goes out when there is room.
        match write_tls(session, socket) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
    }
}
