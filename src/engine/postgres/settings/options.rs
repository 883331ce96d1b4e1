//! Connection parameters: their names, where their values come from, and what values they take.
//!
//! Knows: libpq's parameters and variables. Must never know: what they do.

use super::service;
use crate::config::uri::DatabaseUri;
use crate::error::{Error, Kind, Result};
use std::collections::HashMap;
use std::time::Duration;

/// libpq's parameters, each with its environment variable.
const KNOWN: [(&str, &str); 46] = [
    ("application_name", "PGAPPNAME"),
    ("authtype", ""),
    ("channel_binding", "PGCHANNELBINDING"),
    ("client_encoding", "PGCLIENTENCODING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("fallback_application_name", ""),
    ("gssdelegation", "PGGSSDELEGATION"),
    ("gssencmode", "PGGSSENCMODE"),
    ("gsslib", "PGGSSLIB"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("keepalives", ""),
    ("keepalives_count", ""),
    ("keepalives_idle", ""),
    ("keepalives_interval", ""),
    ("krbsrvname", "PGKRBSRVNAME"),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    ("options", "PGOPTIONS"),
    ("passfile", "PGPASSFILE"),
    ("password", "PGPASSWORD"),
    ("port", "PGPORT"),
    ("replication", ""),
    ("require_auth", "PGREQUIREAUTH"),
    ("requirepeer", "PGREQUIREPEER"),
    ("requiressl", "PGREQUIRESSL"),
    ("service", "PGSERVICE"),
    ("ssl", ""),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("sslcert", "PGSSLCERT"),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("sslcompression", "PGSSLCOMPRESSION"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslkey", "PGSSLKEY"),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslpassword", ""),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslsni", "PGSSLSNI"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("tcp_user_timeout", ""),
    ("tty", ""),
    ("user", "PGUSER"),
    ("min_protocol_version", "PGMINPROTOCOLVERSION"),
];

/// Whether libpq has such a parameter.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == name)
}

/// The values that were given. An empty one is none.
pub(super) struct Options {
    values: HashMap<String, String>,
}

impl Options {
    /// Gathers them: the URI's parameters win over its other parts, those over the service's, and
    /// those over the environment.
    pub(super) fn gather(uri: &DatabaseUri, env: &dyn Fn(&str) -> Option<String>) -> Result<Options> {
        let mut options = Options { values: HashMap::new() };
        for (name, value) in uri.query() {
            if !is_known(name) {
                let message = format!("the database URI has an unknown parameter \"{name}\"");
                return Err(Error::new(Kind::Config, "postgres.option", message).hint(
                    crate::suggest::suggest(name, KNOWN.iter().map(|(name, _)| *name)).map_or_else(
                        || "it takes the connection parameters of libpq".to_owned(),
                        |known| format!("did you mean \"{known}\"?"),
                    ),
                ));
            }
            options.values.insert(name.clone(), value.clone());
        }
        options.values.retain(|_, value| !value.is_empty());
        let (host, port) = hosts_and_ports(uri);
        options.add("host", host);
        options.add("port", port);
        options.add("user", uri.user().map(str::to_owned));
        options.add("dbname", uri.dbname().map(str::to_owned));
        options.add("password", uri.password().map(str::to_owned).or_else(|| env("SQITCH_PASSWORD")));
        if let Some(name) = options.get("service").map(str::to_owned).or_else(|| env("PGSERVICE")) {
            for (name, value) in service::find(&name, env)? {
                options.add(&name, Some(value));
            }
        }
        for (name, variable) in KNOWN {
            options.add(name, env(variable).filter(|_| !variable.is_empty()));
        }
        Ok(options)
    }

    fn add(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.values.entry(name.to_owned()).or_insert(value);
        }
    }

    /// A value as it was given.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The parts of a list, `None` for those that are empty.
    pub(super) fn list(&self, name: &str) -> Vec<Option<&str>> {
        self.get(name).map_or(Vec::new(), |list| {
            list.split(',').map(|part| Some(part.trim()).filter(|part| !part.is_empty())).collect()
        })
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match words.iter().find(|(word, _)| *word == value) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Err(wrong(name, value).hint(format!("it may be {}", words.join(", "))))
            }
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>> {
        self.get(name).map(|value| value.trim().parse().map_err(|_| wrong(name, value))).transpose()
    }

    /// Seconds; none if there are none or fewer.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>> {
        let seconds = self.number(name)?.filter(|seconds| *seconds > 0);
        Ok(seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs))
    }
}

/// An error about a parameter's value.
pub(super) fn wrong(name: &str, value: &str) -> Error {
    Error::new(
        Kind::Config,
        "postgres.option",
        format!("the connection parameter {name} cannot be \"{value}\""),
    )
}

/// Several hosts, each perhaps with its port, stand together in a URI; the last port was cut off.
fn hosts_and_ports(uri: &DatabaseUri) -> (Option<String>, Option<String>) {
    let host = uri.host().unwrap_or_default();
    let last = uri.port().map(|port| port.to_string());
    if !host.contains(',') {
        return (Some(host.to_owned()), last);
    }
    let parts: Vec<(&str, &str)> =
        host.split(',').map(|part| part.rsplit_once(':').unwrap_or((part, ""))).collect();
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    let mut ports: Vec<&str> = parts.iter().map(|(_, port)| *port).collect();
    if let (Some(own), Some(port)) = (ports.last_mut(), &last) {
        *own = port;
    }
    let any = ports.iter().any(|port| !port.is_empty());
    (Some(names.join(",")), any.then(|| ports.join(",")))
}
