//! From settings to a session: which of the servers, and encrypted or not.
//!
//! Knows: the order in which things are tried. Must never know: the messages of the protocol.

use super::Connection;
use super::handshake::{self, Encryption, Refusal};
use super::message::ServerError;
use super::socket::Address;
use crate::engine::postgres::settings::{Host, Session, Settings};
use crate::engine::postgres::tls::{Client, Mode};
use crate::error::{Error, Kind, Result};
use std::net::ToSocketAddrs;

/// Tries all hosts, and all addresses of each.
pub(super) fn connect(settings: &Settings) -> Result<Connection> {
    let passes: &[Session] = match &settings.session {
        Session::PreferStandby => &[Session::Standby, Session::Any],
        other => std::slice::from_ref(other),
    };
    let mut search = Search { settings, client: None, tried: Vec::new() };
    for wanted in passes {
        search.tried.clear();
        if let Some(connection) = search.pass(*wanted)? {
            return Ok(connection);
        }
    }
    let error = trouble(settings, "postgres.connect");
    Err(search.tried.into_iter().fold(error, Error::because).hint(
        "start the server, or name another: --target db:pg://USER@HOST:PORT/NAME; change config -l  shows where this address comes from",
    ))
}

/// The looking for a server.
struct Search<'a> {
    settings: &'a Settings,
    /// Set up when it is first needed.
    client: Option<Client>,
    /// What was tried, and why it did not do.
    tried: Vec<String>,
}

impl Search<'_> {
    fn pass(&mut self, wanted: Session) -> Result<Option<Connection>> {
        for host in &self.settings.hosts {
            let addresses = match addresses(host) {
                Ok(addresses) => addresses,
                Err(why) => {
                    self.tried.push(why);
                    continue;
                }
            };
            for address in addresses {
                let Some(mut connection) = self.attempt(host, &address)? else { continue };
                if fits(&mut connection, wanted)? {
                    return Ok(Some(connection));
                }
                self.tried.push(format!("{}: it is {}", place(host, &address), unfit(wanted)));
            }
        }
        Ok(None)
    }

    /// Tries one address in the ways the settings allow. `None` if another one is to be tried.
    fn attempt(&mut self, host: &Host, address: &Address) -> Result<Option<Connection>> {
        let place = place(host, address);
        let ways = self.ways(host, address)?;
        let mut left = ways.len();
        for way in ways {
            left -= 1;
            let refusal = match handshake::begin(self.settings, host, address, way) {
                Ok(connection) => return Ok(Some(connection)),
                Err(refusal) => refusal,
            };
            match refusal {
                Refusal::Away(why) => {
                    self.tried.push(format!("{place}: {why}"));
                    break;
                }
                Refusal::Encryption(why) => self.tried.push(format!("{place}: no TLS: {why}")),
                // No rule of the server lets us in this way; one may in the other.
                Refusal::Denied(error) if left > 0 && error.code == "28000" => {
                    self.tried.push(format!("{place}: {}", sentence(&error)));
                }
                // It is starting or stopping, or a standby that takes no sessions.
                Refusal::Denied(error) if error.code == "57P03" => {
                    self.tried.push(format!("{place}: {}", sentence(&error)));
                    break;
                }
                Refusal::Denied(error) => return Err(self.denied(&place, &error)),
                Refusal::Final { why, no_password } => return Err(self.refused(&place, &why, no_password)),
                Refusal::Settings(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The ways to be tried: encrypted, in clear, or one after the other.
    fn ways(&mut self, host: &Host, address: &Address) -> Result<Vec<Option<Encryption>>> {
        let mode = self.settings.tls.mode;
        // A local socket is never encrypted.
        #[cfg(unix)]
        let Address::Tcp(found) = address else { return Ok(vec![None]) };
        #[cfg(not(unix))]
        let Address::Tcp(found) = address;
        if mode == Mode::Disable {
            return Ok(vec![None]);
        }
        let client = match &self.client {
            Some(client) => client.clone(),
            None => self.client.insert(self.settings.tls.client()?).clone(),
        };
        let encryption = Some(Encryption {
            client,
            name: Some(&host.name).filter(|name| host.address.as_ref() != Some(*name)).cloned(),
            address: found.ip(),
            direct: self.settings.tls.direct,
            optional: mode == Mode::Prefer,
        });
        Ok(match mode {
            Mode::Allow => vec![None, encryption],
            Mode::Prefer => vec![encryption, None],
            _ => vec![encryption],
        })
    }

    fn denied(&self, place: &str, error: &ServerError) -> Error {
        let code = match error.code.as_str() {
            "3D000" => "postgres.no_database",
            code if code.starts_with("28") => "postgres.login",
            _ => "postgres.connect",
        };
        let ours =
            self.all_tried(trouble(self.settings, code)).because(format!("{place}: {}", sentence(error)));
        match &error.hint {
            Some(hint) => ours.hint(hint),
            None => ours,
        }
    }

    fn refused(&self, place: &str, why: &str, no_password: bool) -> Error {
        let error =
            self.all_tried(trouble(self.settings, "postgres.login")).because(format!("{place}: {why}"));
        if !no_password {
            return error;
        }
        let error = self.settings.warnings.iter().fold(error, Error::because);
        error.hint("put it into PGPASSWORD, or into ~/.pgpass as HOST:PORT:DATABASE:USER:PASSWORD")
    }

    fn all_tried(&self, error: Error) -> Error {
        self.tried.iter().fold(error, Error::because)
    }
}

/// Whether a session is of the wanted sort.
fn fits(connection: &mut Connection, wanted: Session) -> Result<bool> {
    let mut ask = |sql: &str| -> Result<bool> {
        let rows = connection.rows(sql, &[])?;
        let value = rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
        Ok(matches!(value, Some("on" | "t")))
    };
    let standby = "SELECT pg_catalog.pg_is_in_recovery()";
    Ok(match wanted {
        Session::Any | Session::PreferStandby => true,
        Session::ReadWrite => !ask("SHOW transaction_read_only")?,
        Session::ReadOnly => ask("SHOW transaction_read_only")?,
        Session::Primary => !ask(standby)?,
        Session::Standby => ask(standby)?,
    })
}

fn unfit(wanted: Session) -> &'static str {
    match wanted {
        Session::ReadWrite => "read-only",
        Session::ReadOnly => "not read-only",
        Session::Primary => "a standby",
        _ => "no standby",
    }
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

fn trouble(settings: &Settings, code: &'static str) -> Error {
    Error::new(Kind::Database, code, format!("cannot connect to {}", settings.label))
}

fn sentence(error: &ServerError) -> String {
    let detail = error.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{}{detail} (SQLSTATE {})", error.message, error.code)
}
