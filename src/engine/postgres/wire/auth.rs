//! Proving who one is: password in clear, MD5, SCRAM-SHA-256 with and without channel binding.
//!
//! Knows: the ways to log in. Must never know: where the password came from. No error here holds it.

use super::message::Frame;
use crate::engine::postgres::settings::{Binding, Method, Settings};
use bytes::{Buf, BytesMut};
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::frontend;

/// How far logging in is.
pub(super) struct Login<'a> {
    settings: &'a Settings,
    password: Option<&'a str>,
    /// The hash of the server's certificate, if the connection is encrypted and it has one.
    certificate: Option<Vec<u8>>,
    encrypted: bool,
    scram: Option<ScramSha256>,
    /// The server has proved that it knows the password.
    proved: bool,
    bound: bool,
    method: Method,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Something is to be sent.
    Answer,
    /// The server has still more to say.
    Listen,
    /// The login is done.
    Done,
}

impl<'a> Login<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        password: Option<&'a str>,
        encrypted: bool,
        certificate: Option<Vec<u8>>,
    ) -> Login<'a> {
        Login {
            settings,
            password,
            certificate,
            encrypted,
            scram: None,
            proved: false,
            bound: false,
            method: Method::None,
        }
    }

    /// Whether the server has asked for a password.
    pub(super) fn asks_for_password(&self) -> bool {
        self.method != Method::None
    }

    /// Answers an authentication message.
    pub(super) fn step(&mut self, frame: &Frame, out: &mut BytesMut) -> Result<Next, String> {
        let mut body: &[u8] = &frame.body;
        let kind = body.try_get_i32().map_err(|_| "the server's login message is cut off".to_owned())?;
        match kind {
            0 => self.done(),
            3 => {
                self.allow(Method::Password)?;
                self.plain()?;
                let password = self.password()?;
                send(frontend::password_message(password.as_bytes(), out))
            }
            5 => {
                self.allow(Method::Md5)?;
                self.plain()?;
                let salt: [u8; 4] =
                    body.try_into().map_err(|_| "the server's login message is cut off".to_owned())?;
                let hash = md5_hash(self.settings.user.as_bytes(), self.password()?.as_bytes(), salt);
                send(frontend::password_message(hash.as_bytes(), out))
            }
            10 => {
                self.allow(Method::Scram)?;
                self.start_scram(body, out)
            }
            11 => {
                let scram =
                    self.scram.as_mut().ok_or("the server went on with a login that was not begun")?;
                scram
                    .update(body)
                    .map_err(|error| format!("the server's SCRAM message is wrong: {error}"))?;
                send(frontend::sasl_response(scram.message(), out))
            }
            12 => {
                let mut scram = self.scram.take().ok_or("the server ended a login that was not begun")?;
                scram.finish(body).map_err(|error| {
                    format!("the server did not prove that it knows the password: {error}")
                })?;
                self.proved = true;
                Ok(Next::Listen)
            }
            2 => Err(unsupported("Kerberos V5")),
            6 => Err(unsupported("SCM credentials")),
            7 | 8 => Err(unsupported("GSSAPI")),
            9 => Err(unsupported("SSPI")),
            other => Err(unsupported(&format!("method {other}"))),
        }
    }

    fn done(&self) -> Result<Next, String> {
        if self.method == Method::None {
            self.permit(Method::None)?;
        }
        if self.method == Method::Scram && !self.proved {
            return Err(
                "the server broke off the login before it proved that it knows the password".to_owned()
            );
        }
        if self.settings.binding == Binding::Require && !self.bound {
            return Err("channel binding is required, but the server did not log in with it".to_owned());
        }
        Ok(Next::Done)
    }

    fn start_scram(&mut self, mut body: &[u8], out: &mut BytesMut) -> Result<Next, String> {
        let mut offered = Vec::new();
        while let Some(end) = body.iter().position(|byte| *byte == 0) {
            let (name, rest) = body.split_at_checked(end).unwrap_or_default();
            offered.push(name);
            body = rest.get(1..).unwrap_or_default();
        }
        let offers = |name: &str| offered.contains(&name.as_bytes());
        let wants = self.settings.binding != Binding::Disable;
        let (mechanism, binding) = match self.certificate.take().filter(|_| wants) {
            Some(hash) if offers(SCRAM_SHA_256_PLUS) => {
                self.bound = true;
                (SCRAM_SHA_256_PLUS, ChannelBinding::tls_server_end_point(hash))
            }
            // Says that we could have, so that nobody in between can hide the server's offer.
            Some(_) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
            None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
        };
        if self.settings.binding == Binding::Require && !self.bound {
            let why = if self.encrypted {
                "the server does not offer it"
            } else {
                "the connection is not encrypted"
            };
            return Err(format!("channel binding is required, but {why}"));
        }
        if !self.bound && !offers(SCRAM_SHA_256) {
            return Err(unsupported("SASL without SCRAM-SHA-256"));
        }
        let scram = ScramSha256::new(self.password()?.as_bytes(), binding);
        let answer = send(frontend::sasl_initial_response(mechanism, scram.message(), out));
        self.scram = Some(scram);
        answer
    }

    /// Methods that do not bind the channel.
    fn plain(&self) -> Result<(), String> {
        match self.settings.binding {
            Binding::Require => {
                Err("channel binding is required, but the server asks for the password without it".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn allow(&mut self, method: Method) -> Result<(), String> {
        self.method = method;
        self.permit(method)
    }

    fn permit(&self, method: Method) -> Result<(), String> {
        if self.settings.methods.contains(&method) {
            return Ok(());
        }
        Err(format!("the server asks for {}, which require_auth does not allow", method.words()))
    }

    fn password(&self) -> Result<&'a str, String> {
        self.password
            .filter(|password| !password.is_empty())
            .ok_or_else(|| "the server asks for a password, but none is given".to_owned())
    }
}

fn send(written: std::io::Result<()>) -> Result<Next, String> {
    match written {
        Ok(()) => Ok(Next::Answer),
        Err(_) => Err("the password cannot be sent; it may hold a NUL".to_owned()),
    }
}

fn unsupported(method: &str) -> String {
    format!("the server asks for a login by {method}, which is not supported")
}
