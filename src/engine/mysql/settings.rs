//! How a server is reached, and as whom.
//!
//! Knows: the address of a target, the environment and option files of the client. Must never know:
//! what the connection is for. No password is in any error or `Debug` output.

use super::options::OptionFiles;
use crate::config::uri::DatabaseUri;
use crate::engine::account;
use crate::error::{Error, Kind, Result};
use mysql::{Compression, OptsBuilder, SslOpts};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where local servers keep their sockets by default.
const SOCKETS: [&str; 4] = [
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
];

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Everything a connection needs.
#[derive(Clone)]
pub struct Settings {
    /// The server in messages.
    pub label: String,
    /// The file of a local server's socket, if it is reached that way.
    pub socket: Option<String>,
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user's name.
    pub user: String,
    /// The password.
    password: Option<String>,
    /// The database that scripts work on; empty if none is named.
    pub database: String,
    /// The character set that the option files ask for.
    pub charset: Option<String>,
    tls: Option<SslOpts>,
    compress: bool,
    timeout: Option<Duration>,
    init: Vec<String>,
}

impl Settings {
    /// Puts together what the address, the environment and the option files say.
    ///
    /// # Errors
    /// `Kind::Config` on a parameter that means nothing.
    pub fn from(uri: &DatabaseUri, env: Env<'_>) -> Result<Settings> {
        let files = OptionFiles::read(env);
        let set = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let query = |name: &str| set(uri.parameter(name));
        let from_env = |name: &str| env(name).filter(|text| !text.is_empty());
        let host = set(uri.host()).or_else(|| from_env("MYSQL_HOST")).or_else(|| files.get("host"));
        let port = match uri.port() {
            Some(port) => Some(port),
            None => match from_env("MYSQL_TCP_PORT").or_else(|| files.get("port")) {
                None => None,
                Some(text) => Some(text.parse().map_err(|_| not_a("port", &text))?),
            },
        };
        let socket =
            query("mysql_socket").or_else(|| from_env("MYSQL_UNIX_PORT")).or_else(|| files.get("socket"));
        let local = host.as_deref().is_none_or(|host| host.eq_ignore_ascii_case("localhost"));
        let default =
            || SOCKETS.iter().find(|path| PathBuf::from(path).exists()).map(|path| (*path).to_owned());
        let socket = if local { socket.or_else(default) } else { None };
        let user = set(uri.user()).or_else(|| files.get("user")).or_else(|| login(env)).unwrap_or_default();
        let password =
            set(uri.password()).or_else(|| from_env("MYSQL_PWD")).or_else(|| files.get("password"));
        let timeout = match query("mysql_connect_timeout").or_else(|| files.get("connect-timeout")) {
            None => None,
            Some(text) => {
                Some(Duration::from_secs(text.parse().map_err(|_| not_a("connect timeout", &text))?))
            }
        };
        let on = |name: &str| query(name).is_some_and(|value| value != "0");
        Ok(Settings {
            label: uri.display(),
            socket,
            host: host.filter(|_| !local).unwrap_or_else(|| "127.0.0.1".to_owned()),
            port: port.unwrap_or(3306),
            user,
            password,
            database: uri.dbname().unwrap_or_default().to_owned(),
            charset: files.get("default-character-set").filter(|name| name != "auto"),
            tls: tls(&query, &files),
            compress: on("mysql_compression") || files.get("compress").is_some(),
            timeout,
            init: query("mysql_init_command").into_iter().collect(),
        })
    }

    /// The settings for another database, and perhaps another server.
    #[must_use]
    pub fn moved(&self, database: Option<&str>, host: Option<&str>) -> Settings {
        let mut moved = self.clone();
        if let Some(database) = database {
            database.clone_into(&mut moved.database);
        }
        if let Some(host) = host {
            moved.socket = None;
            host.clone_into(&mut moved.host);
        }
        moved
    }

    /// The options of the driver; with `database`, that one is in use from the start.
    pub(super) fn options(&self, database: Option<&str>) -> OptsBuilder {
        let builder = OptsBuilder::new()
            .user(Some(self.user.clone()))
            .pass(self.password.clone())
            .db_name(database.filter(|name| !name.is_empty()))
            .init(self.init.clone())
            .prefer_socket(false)
            .tcp_connect_timeout(Some(self.timeout.unwrap_or(Duration::from_secs(30))))
            .tcp_keepalive_time_ms(Some(30_000))
            .stmt_cache_size(64)
            .compress(self.compress.then(Compression::default));
        match &self.socket {
            Some(socket) => builder.socket(Some(socket.clone())),
            None => {
                builder.ip_or_hostname(Some(self.host.clone())).tcp_port(self.port).ssl_opts(self.tls.clone())
            }
        }
    }

    /// Whether this text holds the password.
    pub(super) fn without_password(&self, text: String) -> String {
        match self.password.as_deref().filter(|password| !password.is_empty()) {
            Some(password) => text.replace(password, "***"),
            None => text,
        }
    }

    /// Where the server is, for a person who looks for it.
    pub(super) fn place(&self) -> String {
        match &self.socket {
            Some(socket) => format!("the socket {socket}"),
            None => format!("{}, port {}", self.host, self.port),
        }
    }
}

// By hand: the password stays out of logs.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("label", &self.label)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

fn not_a(what: &str, text: &str) -> Error {
    Error::new(Kind::Config, "mysql.setting", format!("\"{text}\" is no {what}"))
}

fn login(env: Env<'_>) -> Option<String> {
    env("SQITCH_ORIG_SYSUSER").filter(|name| !name.is_empty()).or_else(|| account::name(env))
}

/// Encryption, if the address or an option file asks for it. Without an authority's certificate
/// nobody is checked, as with the client.
fn tls(query: &dyn Fn(&str) -> Option<String>, files: &OptionFiles) -> Option<SslOpts> {
    let get = |parameter: &str, option: &str| query(parameter).or_else(|| files.get(option));
    let wanted = query("mysql_ssl").is_some_and(|value| value != "0")
        || files.get("ssl").is_some_and(|value| !matches!(value.as_str(), "0" | "OFF" | "off"));
    let authority = get("mysql_ssl_ca_file", "ssl-ca");
    let key = get("mysql_ssl_client_key", "ssl-key");
    let certificate = get("mysql_ssl_client_cert", "ssl-cert");
    if !wanted && authority.is_none() && key.is_none() {
        return None;
    }
    let verifies = files.get("ssl-verify-server-cert").is_some();
    let unknown = authority.is_none();
    let mut options = SslOpts::default()
        .with_danger_accept_invalid_certs(unknown && !verifies)
        .with_danger_skip_domain_validation(!verifies);
    if let Some(authority) = authority {
        options = options.with_root_cert_path(Some(PathBuf::from(authority)));
    }
    if let (Some(key), Some(certificate)) = (key, certificate) {
        let identity = mysql::ClientIdentity::new(PathBuf::from(certificate), PathBuf::from(key));
        options = options.with_client_identity(Some(identity));
    }
    Some(options)
}
