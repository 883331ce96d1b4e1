//! How a server is reached, and as whom.
//!
//! Knows: the address of a target, the environment and the files of libpq. Must never know:
//! sockets, what the connection is for. No password is in any error or `Debug` output.

use crate::config::uri::DatabaseUri;
use crate::engine::postgres::wire::KeepAlive;
use crate::error::Result;
use std::fmt;
use std::time::Duration;

/// One place where the server may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name or address, or the folder of its socket.
    pub name: String,
    /// The address to connect to in place of looking up the name.
    pub address: Option<String>,
    /// Its port.
    pub port: u16,
}

impl Host {
    /// Whether the name is the folder of a socket.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.address.is_none() && self.name.starts_with(['/', '@'])
    }
}

/// Ways to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The server asks for nothing.
    None,
    /// The password in clear.
    Password,
    /// A hash of it.
    Md5,
    /// SCRAM-SHA-256.
    Scram,
}

impl Method {
    /// All there are.
    pub const ALL: [Method; 4] = [Method::None, Method::Password, Method::Md5, Method::Scram];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Method::None => "no login at all",
            Method::Password => "the password in clear",
            Method::Md5 => "the password as MD5",
            Method::Scram => "SCRAM-SHA-256",
        }
    }
}

/// Whether the login is tied to the encrypted channel it goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// Never.
    Disable,
    /// If the server can.
    Prefer,
    /// Or no connection is made.
    Require,
}

/// Everything a connection needs.
#[derive(Clone)]
pub struct Settings {
    /// The server in messages.
    pub label: String,
    /// Where it may be, in this order.
    pub hosts: Vec<Host>,
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: Option<String>,
    /// The database.
    pub database: String,
    /// What the session starts with, beside user and database.
    pub parameters: Vec<(String, String)>,
    /// How long each server may take to answer.
    pub patience: Option<Duration>,
    /// Which ways to log in are accepted.
    pub methods: Vec<Method>,
    /// Channel binding.
    pub binding: Binding,
    /// How connections are kept alive.
    pub(crate) keep: KeepAlive,
}

impl Settings {
    /// Puts together what the address, the environment and the files say.
    ///
    /// # Errors
    /// `Kind::Config` on an unknown parameter or a value that means nothing.
    pub fn from(uri: &DatabaseUri, env: &dyn Fn(&str) -> Option<String>) -> Result<Settings> {
        let given = |name: &str| env(name).filter(|value| !value.is_empty());
        let user = uri.user().map(str::to_owned).or_else(|| given("PGUSER")).or_else(|| given("USER"));
        let user = user.unwrap_or_default();
        let host = uri.host().filter(|host| !host.is_empty()).map(str::to_owned).or_else(|| given("PGHOST"));
        let port = uri.port().or_else(|| given("PGPORT")?.parse().ok()).unwrap_or(5432);
        let names = match host {
            Some(host) => vec![host],
            None => ["/var/run/postgresql", "/tmp", "localhost"].map(str::to_owned).to_vec(),
        };
        Ok(Settings {
            label: uri.display(),
            hosts: names.into_iter().map(|name| Host { name, address: None, port }).collect(),
            database: uri
                .dbname()
                .map(str::to_owned)
                .filter(|name| !name.is_empty())
                .or_else(|| given("PGDATABASE"))
                .unwrap_or_else(|| user.clone()),
            user,
            password: uri.password().map(str::to_owned).or_else(|| given("PGPASSWORD")),
            parameters: vec![("application_name".to_owned(), "change".to_owned())],
            patience: None,
            methods: Method::ALL.to_vec(),
            binding: Binding::Prefer,
            keep: KeepAlive::default(),
        })
    }
}

// By hand, so that no log shows the password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("label", &self.label)
            .field("hosts", &self.hosts)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
