//! How a server is reached, and as whom.
//!
//! Knows: the address of a target, the environment and the files of libpq. Must never know:
//! sockets, what the connection is for. No password is in any error or `Debug` output.

mod options;
mod passfile;
mod service;

use crate::config::uri::DatabaseUri;
use crate::engine::account;
use crate::engine::postgres::tls::{Mode, Roots, Tls};
use crate::engine::postgres::wire::KeepAlive;
use crate::error::{Error, Kind, Result};
use options::{Options, wrong};
use passfile::Passwords;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where local servers keep their sockets by default.
const FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// One place where the server may be.
#[derive(Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name or address, or the folder of its socket.
    pub name: String,
    /// The address to connect to in place of looking up the name.
    pub address: Option<String>,
    /// Its port.
    pub port: u16,
    /// The password there.
    pub password: Option<String>,
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

/// Which servers will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// All.
    Any,
    /// Those where a session can write.
    ReadWrite,
    /// Those where it cannot.
    ReadOnly,
    /// Those that are no standby.
    Primary,
    /// Those that are.
    Standby,
    /// A standby if there is one, else any.
    PreferStandby,
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
    /// Which servers will do.
    pub session: Session,
    /// Encryption.
    pub tls: Tls,
    /// The user that a local server must run as.
    pub peer: Option<String>,
    /// What is odd about the files that were read; to be shown.
    pub warnings: Vec<String>,
    /// How connections are kept alive.
    pub(crate) keep: KeepAlive,
}

impl Settings {
    /// Puts together what the address, the environment and libpq's files say.
    ///
    /// # Errors
    /// `Kind::Config` on an unknown parameter, a value that means nothing, or a service that is not
    /// defined.
    pub fn from(uri: &DatabaseUri, env: Env) -> Result<Settings> {
        let env = &|name: &str| env(name).filter(|value| !value.is_empty());
        let options = Options::gather(uri, env)?;
        let user =
            options.get("user").map(str::to_owned).or_else(|| account::name(env)).ok_or_else(|| {
                Error::new(
                    Kind::Config,
                    "postgres.option",
                    "no user name is given, and your own is not known",
                )
                .hint("put it into the URI: db:pg://USER@HOST/NAME")
            })?;
        unsupported(&options)?;
        let mut settings = Settings {
            label: uri.display(),
            hosts: hosts(&options, standard_port(uri))?,
            database: options.get("dbname").unwrap_or(&user).to_owned(),
            user,
            parameters: parameters(&options, env),
            patience: options.seconds("connect_timeout")?,
            methods: methods(&options)?,
            binding: binding(&options)?,
            session: session(&options)?,
            tls: tls(&options, env)?,
            peer: options.get("requirepeer").map(str::to_owned),
            warnings: Vec::new(),
            keep: keep(&options)?,
        };
        settings.find_passwords(&options, env);
        Ok(settings)
    }

    /// One password for all hosts if one is given, else each host's own from the file.
    fn find_passwords(&mut self, options: &Options, env: Env) {
        if let Some(password) = options.get("password") {
            for host in &mut self.hosts {
                host.password = Some(password.to_owned());
            }
            return;
        }
        let standard = || match cfg!(windows) {
            true => account::folder(env).map(|folder| folder.join("pgpass.conf")),
            false => account::home(env).map(|home| home.join(".pgpass")),
        };
        let Some(path) = options.get("passfile").map(PathBuf::from).or_else(standard) else { return };
        let passwords = Passwords::read(&path);
        for host in &mut self.hosts {
            let name = if FOLDERS.contains(&host.name.as_str()) { "localhost" } else { &host.name };
            host.password = passwords.find(name, host.port, &self.database, &self.user);
        }
        self.warnings.extend(passwords.warning);
    }
}

/// The port that the engine's name stands for.
fn standard_port(uri: &DatabaseUri) -> u16 {
    let bare = format!("db:{}:", uri.engine().unwrap_or_default());
    DatabaseUri::parse(&bare).ok().and_then(|bare| bare.effective_port()).unwrap_or(5432)
}

/// What we cannot do is refused, unless it is only a wish.
fn unsupported(options: &Options) -> Result<()> {
    let refuse = |name: &str| {
        let message = format!("the connection parameter {name} is not supported");
        Err(Error::new(Kind::Config, "postgres.option", message))
    };
    let off = |value: &str| matches!(value, "0" | "false" | "off" | "no");
    if options.get("replication").is_some_and(|value| !off(value)) {
        return refuse("replication");
    }
    match options.choice("gssencmode", &[("disable", false), ("prefer", false), ("require", true)])? {
        Some(true) => refuse("gssencmode=require"),
        _ => Ok(()),
    }
}

fn hosts(options: &Options, standard: u16) -> Result<Vec<Host>> {
    let (names, addresses, ports) = (options.list("host"), options.list("hostaddr"), options.list("port"));
    let count = names.len().max(addresses.len());
    let unequal = |what: &str, number: usize| {
        let message = format!("the number of {what} ({number}) is not that of the hosts ({count})");
        Err(Error::new(Kind::Config, "postgres.option", message))
    };
    if !names.is_empty() && !addresses.is_empty() && names.len() != addresses.len() {
        return unequal("addresses", addresses.len());
    }
    if ports.len() > 1 && ports.len() != count {
        return unequal("ports", ports.len());
    }
    let port = |at: usize| {
        let own = if ports.len() == 1 { ports.first() } else { ports.get(at) };
        match own.copied().flatten() {
            None => Ok(standard),
            Some(text) => text.parse().ok().filter(|port| *port > 0).ok_or_else(|| wrong("port", text)),
        }
    };
    let mut hosts = Vec::new();
    for at in 0..count.max(1) {
        let (name, address) = (names.get(at).copied().flatten(), addresses.get(at).copied().flatten());
        let port = port(at)?;
        let mut add = |name: &str| {
            let address = address.map(str::to_owned);
            hosts.push(Host { name: name.to_owned(), address, port, password: None });
        };
        match name.or(address) {
            Some(name) => add(name),
            // No host is the local server, wherever its socket is.
            None => {
                FOLDERS.iter().filter(|_| cfg!(unix)).for_each(|folder| add(folder));
                add("localhost");
            }
        }
    }
    if options.choice("load_balance_hosts", &[("disable", false), ("random", true)])? == Some(true) {
        shuffle(&mut hosts);
    }
    Ok(hosts)
}

/// Any order, another one each time; nothing secret hangs on it.
fn shuffle(hosts: &mut [Host]) {
    use std::hash::BuildHasher;
    let dice = std::hash::RandomState::new();
    hosts.sort_by_cached_key(|host| dice.hash_one((&host.name, host.port)));
}

fn parameters(options: &Options, env: Env) -> Vec<(String, String)> {
    let application = options.get("application_name").or_else(|| options.get("fallback_application_name"));
    // The operating system's own encoding is UTF-8 wherever this runs.
    let encoding = options.get("client_encoding").map(|name| if name == "auto" { "UTF8" } else { name });
    let named = [
        ("application_name", Some(application.unwrap_or("change").to_owned())),
        ("client_encoding", encoding.map(str::to_owned)),
        ("options", options.get("options").map(str::to_owned)),
        ("datestyle", env("PGDATESTYLE")),
        ("timezone", env("PGTZ")),
        ("geqo", env("PGGEQO")),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn methods(options: &Options) -> Result<Vec<Method>> {
    let words = options.list("require_auth").into_iter().flatten().collect::<Vec<_>>();
    let mut allowed = Vec::new();
    let mut denied = Vec::new();
    for word in &words {
        let (name, list) = match word.strip_prefix('!') {
            Some(name) => (name, &mut denied),
            None => (*word, &mut allowed),
        };
        match name {
            "none" => list.push(Method::None),
            "password" => list.push(Method::Password),
            "md5" => list.push(Method::Md5),
            "scram-sha-256" => list.push(Method::Scram),
            // Never used, so never in need of being denied.
            "gss" | "sspi" | "oauth" | "creds" => {}
            _ => return Err(wrong("require_auth", word)),
        }
    }
    let negative = words.iter().all(|word| word.starts_with('!'));
    if !negative && words.iter().any(|word| word.starts_with('!')) {
        return Err(wrong("require_auth", options.get("require_auth").unwrap_or_default())
            .hint("either all methods are denied with a !, or none"));
    }
    Ok(match negative {
        true => Method::ALL.into_iter().filter(|method| !denied.contains(method)).collect(),
        false => allowed,
    })
}

fn binding(options: &Options) -> Result<Binding> {
    let words = [("disable", Binding::Disable), ("prefer", Binding::Prefer), ("require", Binding::Require)];
    Ok(options.choice("channel_binding", &words)?.unwrap_or(Binding::Prefer))
}

fn session(options: &Options) -> Result<Session> {
    let words = [
        ("any", Session::Any),
        ("read-write", Session::ReadWrite),
        ("read-only", Session::ReadOnly),
        ("primary", Session::Primary),
        ("standby", Session::Standby),
        ("prefer-standby", Session::PreferStandby),
    ];
    Ok(options.choice("target_session_attrs", &words)?.unwrap_or(Session::Any))
}

fn keep(options: &Options) -> Result<KeepAlive> {
    let count = |name| -> Result<Option<u32>> {
        Ok(options.number(name)?.filter(|number| *number > 0).and_then(|number| u32::try_from(number).ok()))
    };
    Ok(KeepAlive {
        on: options.number("keepalives")? != Some(0),
        idle: options.seconds("keepalives_idle")?,
        interval: options.seconds("keepalives_interval")?,
        count: count("keepalives_count")?,
        user_timeout: count("tcp_user_timeout")?,
    })
}

fn tls(options: &Options, env: Env) -> Result<Tls> {
    let folder = account::folder(env);
    let standard = |name: &str| folder.as_ref().map(|folder| folder.join(name));
    let file =
        |name: &str, otherwise: &str| options.get(name).map(PathBuf::from).or_else(|| standard(otherwise));
    let system = options.get("sslrootcert") == Some("system");
    let required = options.get("ssl") == Some("true") || options.get("requiressl") == Some("1");
    let modes = [
        ("disable", Mode::Disable),
        ("allow", Mode::Allow),
        ("prefer", Mode::Prefer),
        ("require", Mode::Require),
        ("verify-ca", Mode::VerifyCa),
        ("verify-full", Mode::VerifyFull),
    ];
    let mode = options.choice("sslmode", &modes)?.unwrap_or(match (system, required) {
        (true, _) => Mode::VerifyFull,
        (_, true) => Mode::Require,
        _ => Mode::Prefer,
    });
    let direct = options.choice("sslnegotiation", &[("postgres", false), ("direct", true)])? == Some(true);
    let weak = |with: &str, least: &str| {
        let message = format!("{with} needs sslmode={least}");
        Err(Error::new(Kind::Config, "postgres.option", message))
    };
    if system && mode != Mode::VerifyFull {
        return weak("sslrootcert=system", "verify-full");
    }
    if direct && mode < Mode::Require {
        return weak("sslnegotiation=direct", "require or more");
    }
    let versions = [("TLSv1", 2), ("TLSv1.1", 2), ("TLSv1.2", 2), ("TLSv1.3", 3)];
    let certificate =
        options.choice("sslcertmode", &[("disable", false), ("allow", true), ("require", true)])?;
    Ok(Tls {
        mode,
        roots: if system { Roots::System } else { Roots::File(file("sslrootcert", "root.crt")) },
        revoked: file("sslcrl", "root.crl"),
        revoked_folder: options.get("sslcrldir").map(PathBuf::from),
        certificate: file("sslcert", "postgresql.crt").filter(|_| certificate != Some(false)),
        key: file("sslkey", "postgresql.key"),
        oldest: options.choice("ssl_min_protocol_version", &versions)?.unwrap_or(2),
        newest: options.choice("ssl_max_protocol_version", &versions)?.unwrap_or(3),
        tell_name: options.get("sslsni") != Some("0"),
        direct,
    })
}

// By hand, so that no log shows the password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("label", &self.label)
            .field("hosts", &self.hosts)
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("address", &self.address)
            .field("port", &self.port)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
