//! From settings to a session: which server, encrypted or not, logged in.
//!
//! Knows: the first messages of the protocol. Must never know: what the session is for.

use super::Connection;
use super::auth::{Login, Next};
use super::cancel::Canceller;
use super::message::{self, Frame, Message, ServerError, Status};
use super::socket::{Address, Socket};
use super::stream::Stream;
use crate::engine::postgres::settings::{Host, Settings};
use crate::error::{Error, Kind, Result};
use bytes::{Buf, BytesMut};
use postgres_protocol::message::frontend;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::ToSocketAddrs;
use std::time::Instant;

/// No message of a login is longer; what seems to be is no PostgreSQL server.
const LONGEST: usize = 30_000;

/// Why one server did not do.
enum Refusal {
    /// It is not there, or not yet; the next one may be.
    Away(String),
    /// It has answered, and its answer is final.
    Final(Box<Error>),
}

/// Tries all hosts, and all addresses of each.
pub(super) fn connect(settings: &Settings) -> Result<Connection> {
    let mut tried = Vec::new();
    for host in &settings.hosts {
        let addresses = match addresses(host) {
            Ok(addresses) => addresses,
            Err(why) => {
                tried.push(why);
                continue;
            }
        };
        for address in addresses {
            let place = place(host, &address);
            match attempt(settings, host, &address) {
                Ok(connection) => return Ok(connection),
                Err(Refusal::Away(why)) => tried.push(format!("{place}: {why}")),
                Err(Refusal::Final(error)) => return Err(*error),
            }
        }
    }
    let message = format!("cannot connect to {}", settings.label);
    let error = Error::new(Kind::Database, "postgres.connect", message);
    Err(tried.into_iter().fold(error, Error::because))
}

/// The host as it was meant and as it was found.
fn place(host: &Host, address: &Address) -> String {
    match address {
        Address::Tcp(address) if address.ip().to_string() == host.name => {
            format!("{} port {}", host.name, host.port)
        }
        Address::Tcp(address) => format!("{} ({}) port {}", host.name, address.ip(), host.port),
        #[cfg(unix)]
        Address::Unix(path) => path.clone(),
    }
}

fn addresses(host: &Host) -> Result<Vec<Address>, String> {
    #[cfg(unix)]
    if host.is_folder() {
        return Ok(vec![Address::Unix(format!("{}/.s.PGSQL.{}", host.name, host.port))]);
    }
    let name = host.address.as_ref().unwrap_or(&host.name);
    match (name.as_str(), host.port).to_socket_addrs() {
        Ok(found) => Ok(found.map(Address::Tcp).collect()),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// A session that is being begun.
struct Start<'a> {
    settings: &'a Settings,
    stream: Stream,
    inbox: BytesMut,
    deadline: Option<Instant>,
}

fn attempt(settings: &Settings, host: &Host, address: &Address) -> Result<Connection, Refusal> {
    let away = |error: io::Error| Refusal::Away(words(&error));
    let deadline = settings.patience.map(|patience| Instant::now() + patience);
    let socket = Socket::connect(address, &settings.keep, deadline).map_err(away)?;
    let mut start = Start { settings, stream: Stream::new(socket), inbox: BytesMut::new(), deadline };
    let place = place(host, address);
    start.log_in(&place)?;
    start.begin(&place, address)
}

impl Start<'_> {
    /// Asks for the session and proves who we are.
    fn log_in(&mut self, place: &str) -> Result<(), Refusal> {
        let mut out = BytesMut::new();
        let parameters = [("user", &self.settings.user), ("database", &self.settings.database)]
            .into_iter()
            .chain(self.settings.parameters.iter().map(|(name, value)| (name.as_str(), value)))
            .map(|(name, value)| (name, value.as_str()));
        frontend::startup_message(parameters, &mut out)
            .map_err(|_| self.refuse(place, "a connection parameter holds a NUL", false))?;
        self.send(&mut out)?;
        let mut login = Login::new(self.settings, self.settings.password.as_deref(), false, None);
        loop {
            let frame = self.frame()?;
            match frame.tag {
                b'R' => match login.step(&frame, &mut out) {
                    Ok(Next::Answer) => self.send(&mut out)?,
                    Ok(Next::Listen) => {}
                    Ok(Next::Done) => return Ok(()),
                    Err(why) => return Err(self.refuse(place, &why, login.used_password())),
                },
                b'E' => return Err(self.refused(place, &frame)),
                // A notice, or an offer of an older protocol, which cannot be: this is the oldest.
                b'N' => {}
                _ => return Err(Refusal::Away(NO_SERVER.to_owned())),
            }
        }
    }

    /// Waits until the session is ready.
    fn begin(mut self, place: &str, address: &Address) -> Result<Connection, Refusal> {
        let mut canceller =
            Canceller { address: address.clone(), label: self.settings.label.clone(), pid: 0, secret: 0 };
        let mut parameters = BTreeMap::new();
        loop {
            let frame = self.frame()?;
            if frame.tag == b'K' {
                let mut body: &[u8] = &frame.body;
                canceller.pid = body.try_get_i32().unwrap_or_default();
                canceller.secret = body.try_get_i32().unwrap_or_default();
                continue;
            }
            match message::understand(&frame) {
                Ok(Some(Message::Parameter { name, value })) => {
                    parameters.insert(name, value);
                }
                Ok(Some(Message::Error(_))) => return Err(self.refused(place, &frame)),
                Ok(Some(Message::Ready(Status::Idle))) => break,
                Ok(Some(Message::Notice(_))) => {}
                _ => return Err(Refusal::Away(NO_SERVER.to_owned())),
            }
        }
        Ok(Connection {
            stream: self.stream,
            out: BytesMut::new(),
            inbox: self.inbox,
            kept: VecDeque::new(),
            status: Status::Idle,
            parameters,
            unanswered: VecDeque::new(),
            copying: false,
            sent: false,
            lost: None,
            last_words: None,
            canceller,
            label: self.settings.label.clone(),
        })
    }

    fn send(&mut self, out: &mut BytesMut) -> Result<(), Refusal> {
        self.stream.send(out, &mut self.inbox, self.deadline).map_err(|error| Refusal::Away(words(&error)))
    }

    fn frame(&mut self) -> Result<Frame, Refusal> {
        loop {
            match message::frame(&mut self.inbox, Some(LONGEST)) {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => {}
                Err(message::Garbled) => return Err(Refusal::Away(NO_SERVER.to_owned())),
            }
            match self.stream.read(&mut self.inbox, self.deadline) {
                Ok(Some(0)) => {
                    return Err(Refusal::Away("the server closed the connection".to_owned()));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Err(Refusal::Away(words(&io::ErrorKind::TimedOut.into()))),
                Err(error) => return Err(Refusal::Away(words(&error))),
            }
        }
    }

    /// What the server said against it. Only a server that is starting or stopping, or a standby
    /// that takes no sessions, leaves the others to be tried.
    fn refused(&self, place: &str, frame: &Frame) -> Refusal {
        let Ok(Some(Message::Error(error))) = message::understand(frame) else {
            return Refusal::Away(NO_SERVER.to_owned());
        };
        if error.code == "57P03" {
            return Refusal::Away(error.message);
        }
        let refusal = self.trouble(place, &sentence(&error));
        Refusal::Final(Box::new(match &error.hint {
            Some(hint) => refusal.hint(hint),
            None => refusal,
        }))
    }

    fn refuse(&self, place: &str, why: &str, password: bool) -> Refusal {
        let error = self.trouble(place, why);
        Refusal::Final(Box::new(if password && self.settings.password.is_none() {
            error.hint("put it into PGPASSWORD, or into ~/.pgpass as HOST:PORT:DATABASE:USER:PASSWORD")
        } else {
            error
        }))
    }

    fn trouble(&self, place: &str, why: &str) -> Error {
        Error::new(Kind::Database, "postgres.connect", format!("cannot connect to {}", self.settings.label))
            .because(format!("{place}: {why}"))
    }
}

const NO_SERVER: &str = "what answers there is no PostgreSQL server";

fn sentence(error: &ServerError) -> String {
    let detail = error.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{}{detail} (SQLSTATE {})", error.message, error.code)
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "no answer within connect_timeout".to_owned(),
        io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        _ => error.to_string(),
    }
}
