//! Asking a server, on a way of its own, to stop what a session is doing.
//!
//! Knows: where the session's server is. Must never know: what it is doing.

use super::handshake::{Encryption, Refusal};
use super::socket::{Address, KeepAlive, Socket};
use super::stream::Stream;
use crate::error::{Error, Kind, Result};
use crate::fault;
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use std::time::{Duration, Instant};

/// How long a server may take to accept the wish.
const PATIENCE: Duration = Duration::from_secs(10);

/// Cancels what one session is doing; may be used from any thread, any number of times.
#[derive(Clone)]
pub struct Canceller {
    pub(super) address: Address,
    /// The wish is encrypted if the session is.
    pub(super) encryption: Option<Encryption>,
    pub(super) label: String,
    pub(super) pid: i32,
    pub(super) secret: i32,
}

impl Canceller {
    /// Asks the server to cancel. Whether there was something to cancel is not told.
    ///
    /// # Errors
    /// `Kind::Database` when the server cannot be reached.
    pub fn cancel(&self) -> Result<()> {
        fault::point("postgres.cancel")?;
        self.ask().map_err(|error| {
            let message = format!("the statement running on {} cannot be cancelled", self.label);
            Error::new(Kind::Database, "postgres.cancel", message).because(error)
        })
    }

    /// The server's process for the session.
    pub(super) fn pid(&self) -> i32 {
        self.pid
    }

    fn ask(&self) -> std::io::Result<()> {
        let deadline = Some(Instant::now() + PATIENCE);
        let socket = Socket::connect(&self.address, &KeepAlive::default(), deadline)?;
        let mut stream = Stream::new(socket);
        if let Some(encryption) = &self.encryption {
            encryption.begin(&mut stream, deadline).map_err(|refusal| match refusal {
                Refusal::Away(why) | Refusal::Encryption(why) => std::io::Error::other(why),
                Refusal::Settings(error) => std::io::Error::other(error),
                Refusal::Denied(_) | Refusal::Final { .. } => std::io::Error::other("the server refused it"),
            })?;
        }
        let mut inbox = BytesMut::new();
        let mut out = BytesMut::new();
        frontend::cancel_request(self.pid, self.secret, &mut out);
        stream.send(&mut out, &mut inbox, deadline)?;
        // The server closes the connection when it has passed the wish on. Any other end will do.
        while let Ok(Some(count)) = stream.read(&mut inbox, deadline) {
            if count == 0 {
                break;
            }
            inbox.clear();
        }
        Ok(())
    }
}

// By hand: who knows the secret can cancel the session's work.
impl std::fmt::Debug for Canceller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canceller")
            .field("address", &self.address)
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}
