//! The first words with one server: encryption, login, what it says about itself.
//!
//! Knows: the first messages of the protocol. Must never know: other servers that may do.

use super::Connection;
use super::auth::{Login, Next};
use super::cancel::Canceller;
use super::message::{self, Frame, Message, ServerError, Status};
use super::socket::{Address, Socket};
use super::stream::Stream;
use crate::engine::postgres::settings::{Host, Settings};
use crate::engine::postgres::tls::{self, Client};
use crate::error::Error;
use bytes::{Buf, BytesMut};
use postgres_protocol::message::frontend;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::time::Instant;

/// No message of a login is longer; what seems to be is no PostgreSQL server.
const LONGEST: usize = 30_000;

/// Why one server did not do.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is not there, or not yet; the next one may be.
    Away(String),
    /// No encryption could be agreed on.
    Encryption(String),
    /// It refuses us.
    Denied(Box<ServerError>),
    /// We refuse it, or have not what it asks for.
    Final {
        /// Why.
        why: String,
        /// It asked for a password that we do not have.
        no_password: bool,
    },
    /// What we were told to use cannot be used.
    Settings(Error),
}

/// Encryption with one server.
#[derive(Clone)]
pub(super) struct Encryption {
    pub(super) client: Client,
    /// The server's name, if it was given by one.
    pub(super) name: Option<String>,
    pub(super) address: IpAddr,
    /// Begins at once, without asking the server whether it can.
    pub(super) direct: bool,
    /// Goes on in clear if the server cannot.
    pub(super) optional: bool,
}

impl Encryption {
    /// Encrypts the stream, on which nothing was sent yet. `false` if the server cannot, and need
    /// not.
    pub(super) fn begin(&self, stream: &mut Stream, deadline: Option<Instant>) -> Result<bool, Refusal> {
        let away = |error: io::Error| Refusal::Away(words(&error));
        let mut inbox = BytesMut::new();
        if !self.direct {
            let mut out = BytesMut::new();
            frontend::ssl_request(&mut out);
            stream.send(&mut out, &mut inbox, deadline).map_err(away)?;
            match stream.read(&mut inbox, deadline).map_err(away)? {
                Some(0) => return Err(Refusal::Away(CLOSED.to_owned())),
                Some(_) => {}
                None => return Err(away(io::ErrorKind::TimedOut.into())),
            }
            match inbox.as_ref() {
                b"S" => {}
                b"N" if self.optional => return Ok(false),
                b"N" => return Err(Refusal::Encryption("the server does not offer TLS".to_owned())),
                // Anything behind the answer was put there by somebody in between.
                [b'S' | b'N', ..] => {
                    return Err(Refusal::Encryption(
                        "unencrypted data follow the server's answer".to_owned(),
                    ));
                }
                _ => return Err(Refusal::Away(NO_SERVER.to_owned())),
            }
        }
        let session = self.client.session(self.name.as_deref(), self.address).map_err(Refusal::Settings)?;
        stream.encrypt(session, deadline).map_err(|error| Refusal::Encryption(words(&error)))?;
        let agreed = stream.tls().and_then(|session| session.alpn_protocol());
        if self.direct && agreed != Some(b"postgresql") {
            return Err(Refusal::Encryption("the server did not agree on its protocol".to_owned()));
        }
        Ok(true)
    }
}

/// A session that is being begun.
struct Start<'a> {
    settings: &'a Settings,
    stream: Stream,
    inbox: BytesMut,
    deadline: Option<Instant>,
}

/// Begins a session at one address of a host, encrypted or not.
pub(super) fn begin(
    settings: &Settings,
    host: &Host,
    address: &Address,
    encryption: Option<Encryption>,
) -> Result<Connection, Refusal> {
    let deadline = settings.patience.and_then(|patience| Instant::now().checked_add(patience));
    let socket =
        Socket::connect(address, &settings.keep, deadline).map_err(|error| Refusal::Away(words(&error)))?;
    right_peer(&socket, settings)?;
    let mut start = Start { settings, stream: Stream::new(socket), inbox: BytesMut::new(), deadline };
    let encryption = match encryption {
        Some(encryption) => encryption.begin(&mut start.stream, deadline)?.then_some(encryption),
        None => None,
    };
    start.log_in(host)?;
    start.ready(Canceller {
        address: address.clone(),
        encryption,
        label: settings.label.clone(),
        pid: 0,
        secret: 0,
    })
}

impl Start<'_> {
    /// Asks for the session and proves who we are.
    fn log_in(&mut self, host: &Host) -> Result<(), Refusal> {
        let settings = self.settings;
        let mut out = BytesMut::new();
        let parameters = [("user", settings.user.as_str()), ("database", settings.database.as_str())]
            .into_iter()
            .chain(settings.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        frontend::startup_message(parameters, &mut out)
            .map_err(|_| refuse("a connection parameter holds a NUL"))?;
        self.send(&mut out)?;
        let tls = self.stream.tls();
        let certificate =
            tls.and_then(|tls| tls.peer_certificates()?.first()).and_then(|own| tls::binding_hash(own));
        let mut login = Login::new(settings, host.password.as_deref(), tls.is_some(), certificate);
        loop {
            let frame = self.frame()?;
            match frame.tag {
                b'R' => match login.step(&frame, &mut out) {
                    Ok(Next::Answer) => self.send(&mut out)?,
                    Ok(Next::Listen) => {}
                    Ok(Next::Done) => return Ok(()),
                    Err(why) => {
                        let no_password = login.asks_for_password() && host.password.is_none();
                        return Err(Refusal::Final { why, no_password });
                    }
                },
                b'E' => return Err(denied(&frame)),
                b'N' => {}
                _ => return Err(Refusal::Away(NO_SERVER.to_owned())),
            }
        }
    }

    /// Waits until the session is ready.
    fn ready(mut self, mut canceller: Canceller) -> Result<Connection, Refusal> {
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
                Ok(Some(Message::Error(_))) => return Err(denied(&frame)),
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
            asked: None,
            quickest: None,
            lost: None,
            last_words: None,
            statements: super::extended::Kept::default(),
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
                Ok(Some(0)) => return Err(Refusal::Away(CLOSED.to_owned())),
                Ok(Some(_)) => {}
                Ok(None) => return Err(Refusal::Away(words(&io::ErrorKind::TimedOut.into()))),
                Err(error) => return Err(Refusal::Away(words(&error))),
            }
        }
    }
}

const NO_SERVER: &str = "what answers there is no PostgreSQL server";
const CLOSED: &str = "the server closed the connection";

fn refuse(why: &str) -> Refusal {
    Refusal::Final { why: why.to_owned(), no_password: false }
}

fn denied(frame: &Frame) -> Refusal {
    match message::understand(frame) {
        Ok(Some(Message::Error(error))) => Refusal::Denied(error),
        _ => Refusal::Away(NO_SERVER.to_owned()),
    }
}

/// What the operating system says, in our words where it says little.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "no answer within connect_timeout".to_owned(),
        io::ErrorKind::UnexpectedEof => CLOSED.to_owned(),
        _ => error.to_string(),
    }
}

/// A local server may have to run as a certain user.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn right_peer(socket: &Socket, settings: &Settings) -> Result<(), Refusal> {
    let Some(wanted) = &settings.peer else { return Ok(()) };
    let Some(runs) = socket.peer_user().map_err(|error| Refusal::Away(error.to_string()))? else {
        return Ok(());
    };
    if crate::engine::account::number(wanted) == Some(runs) {
        return Ok(());
    }
    Err(refuse(&format!("the server runs as the user {runs}, not as \"{wanted}\" (requirepeer)")))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn right_peer(_: &Socket, settings: &Settings) -> Result<(), Refusal> {
    match &settings.peer {
        Some(_) => Err(refuse("requirepeer is not supported here")),
        None => Ok(()),
    }
}
