//! The session: which it is, another one in its place, its encoding.
//!
//! Knows: the settings of a connection, the variables that speak of it. Must never know: how a
//! connection is made.

use super::commands::{After, Ran};
use super::message::{self, Layout, Verbosity};
use super::variables::{boolean_for, lossy};
use super::{Level, Run, Shell};
use crate::config::uri::DatabaseUri;
use crate::engine::postgres::settings::{Host, Settings};
use crate::engine::postgres::shell;
use crate::engine::postgres::wire::Connection;
use crate::error::{Error, Kind};
use crate::sql::psql::ArgumentKind;

impl Shell {
    /// Sets the variables that speak of the session.
    pub(super) fn know_session(&mut self, conn: &Connection) {
        let version = conn.parameter("server_version").unwrap_or_default().to_owned();
        let host = self.settings.hosts.first().cloned();
        let (host, port) = host.map(|host| (host.name, host.port.to_string())).unwrap_or_default();
        for (name, value) in [
            ("DBNAME", self.settings.database.clone()),
            ("USER", self.settings.user.clone()),
            ("HOST", host),
            ("PORT", port),
            ("SERVER_VERSION_NUM", version_number(&version).to_string()),
            ("SERVER_VERSION_NAME", version),
        ] {
            self.variables.put(name, value);
        }
        self.know_encoding(conn);
    }

    /// Follows the client's encoding, which a statement may have changed.
    pub(super) fn know_encoding(&mut self, conn: &Connection) {
        if let Some(encoding) = conn.parameter("client_encoding") {
            self.variables.put("ENCODING", encoding);
        }
    }

    /// `\conninfo`, `\errverbose`, `\encoding`.
    pub(super) fn ask(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        match name {
            "conninfo" => {
                let text = format!("{}\n", self.session(false));
                run.output.stdout(text.as_bytes());
            }
            "errverbose" => match &self.last_error {
                None => run.output.stdout(b"There is no previous error.\n"),
                Some((error, sent)) => {
                    let utf8 = self.utf8(run);
                    let layout = Layout { verbosity: Verbosity::Verbose, context: true, utf8 };
                    let text = message::lines(error, sent, layout);
                    self.say(run, "error: ", &text);
                }
            },
            _ => return self.encoding(run, level),
        }
        Ok(After::Done)
    }

    /// Which session it is; `briefly` without where.
    fn session(&self, briefly: bool) -> String {
        let Settings { database, user, hosts, .. } = &self.settings;
        let head = format!("You are connected to database \"{database}\" as user \"{user}\"");
        match hosts.first() {
            _ if briefly => format!("{head}."),
            None => format!("{head}."),
            Some(host) if host.is_folder() => {
                format!("{head} via socket in \"{}\" at port \"{}\".", host.name, host.port)
            }
            Some(Host { name, address: Some(address), port, .. }) if address != name => {
                format!("{head} on host \"{name}\" (address \"{address}\") at port \"{port}\".")
            }
            Some(host) => format!("{head} on host \"{}\" at port \"{}\".", host.name, host.port),
        }
    }

    fn encoding(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Ran {
        let Some(name) = self.text(run, level) else {
            let now = self.variables.value("ENCODING").unwrap_or_default();
            run.output.stdout(&[now, b"\n"].concat());
            return Ok(After::Done);
        };
        let set = [b"set client_encoding to ".as_slice(), &crate::sql::psql::quote::literal(&name)].concat();
        if self.quietly(run, level, &set)?.is_err() {
            let text = format!("{}: invalid encoding name or conversion procedure not found", lossy(&name));
            self.say(run, "error: ", text.as_bytes());
        }
        self.know_encoding(run.conn);
        Ok(After::Done)
    }

    /// `\c`: another session takes the place of this one.
    pub(super) fn reconnect(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Ran {
        let mut words = Vec::new();
        let mut reuse = None;
        while words.len() < 4 {
            let Some(word) = self.bare(run, level, ArgumentKind::SqlIdKeepCase) else { break };
            match word.strip_prefix(b"-reuse-previous=") {
                Some(value) if words.is_empty() => match boolean_for("-reuse-previous", value) {
                    Ok(yes) => reuse = Some(yes),
                    Err(why) => {
                        self.fail(level, why);
                        return Ok(After::Failed);
                    }
                },
                _ => words.push(lossy(&word)),
            }
        }
        let settings = match self.other_session(&words, reuse) {
            Ok(settings) => settings,
            Err(why) => return self.no_session(level, &why, None),
        };
        match Connection::connect(&settings) {
            Ok(conn) => {
                // The session is left now, and with it whatever it has not committed.
                let spot = shell::Spot { path: &level.path, line: self.line, offset: None, begins: false };
                (run.gate)(run.conn, shell::LEAVES, &spot)?;
                *run.conn = conn;
                let moved = place(&settings) != place(&self.settings);
                self.settings = settings;
                self.end.reconnected = true;
                self.know_session(run.conn);
                if !self.variables.is_on("QUIET") {
                    let text = self.session(!moved).replacen("connected", "now connected", 1);
                    run.output.stdout(format!("{text}\n").as_bytes());
                }
                Ok(After::Done)
            }
            Err(error) => {
                let mut why = vec![error.message().to_owned()];
                why.extend(error.causes().iter().cloned());
                self.no_session(level, &why.join(": "), Some(error))
            }
        }
    }

    /// Without a session the script cannot go on, whatever `ON_ERROR_STOP` says.
    fn no_session(&mut self, level: &Level, why: &str, error: Option<Error>) -> Ran {
        self.say_with_error("error: ", format!("\\connect: {why}").as_bytes());
        let error = error.unwrap_or_else(|| Error::new(Kind::Script, "script.connect", why));
        Err(error.at(level.place_of_line(self.line)))
    }

    /// The settings that the words of a `\c` ask for.
    fn other_session(&self, words: &[String], reuse: Option<bool>) -> Result<Settings, String> {
        let word =
            |at: usize| words.get(at).map(String::as_str).filter(|word| !word.is_empty() && *word != "-");
        let mut settings = self.settings.clone();
        let mut changes: Vec<(&str, String)> = Vec::new();
        match word(0) {
            Some(text) if text.starts_with("postgresql://") || text.starts_with("postgres://") => {
                settings = self.by_address(text, reuse.unwrap_or(false))?;
            }
            Some(text) if text.contains('=') => {
                if reuse == Some(false) {
                    settings = self.by_address("postgresql:", false)?;
                }
                changes = conninfo(text)?;
            }
            Some(name) => changes.push(("dbname", name.to_owned())),
            None => {}
        }
        for (at, key) in [(1, "user"), (2, "host"), (3, "port")] {
            if let Some(value) = word(at) {
                changes.push((key, value.to_owned()));
            }
        }
        let mut password = None;
        for (key, value) in changes {
            match key {
                "dbname" => settings.database = value,
                "user" => settings.user = value,
                "password" => password = Some(value),
                "host" => {
                    let port = settings.hosts.first().map_or(5432, |host| host.port);
                    settings.hosts = vec![Host { name: value, address: None, port, password: None }];
                }
                _ => {
                    let port = value.parse().map_err(|_| format!("invalid port number: \"{value}\""))?;
                    for host in &mut settings.hosts {
                        host.port = port;
                    }
                }
            }
        }
        self.find_passwords(&mut settings, password);
        settings.label = label(&settings);
        Ok(settings)
    }

    /// A password is for one user of one server; another one is looked for where libpq looks.
    fn find_passwords(&self, settings: &mut Settings, given: Option<String>) {
        let moved = settings.user != self.settings.user || place(settings) != place(&self.settings);
        if given.is_none() && !moved {
            return;
        }
        for host in &mut settings.hosts {
            let kept = if moved { None } else { host.password.take() };
            host.password = given.clone().or(kept);
            if host.password.is_none()
                && let Ok(uri) = DatabaseUri::parse("db:pg:")
            {
                let uri = uri.with_user(&settings.user).with_host(&host.name).with_port(host.port);
                let uri = uri.with_dbname(&settings.database);
                let found = Settings::from(&uri, &|name| self.environment.text(name)).ok();
                host.password = found.and_then(|found| found.hosts.into_iter().next()?.password);
            }
        }
    }

    fn by_address(&self, text: &str, keep: bool) -> Result<Settings, String> {
        let uri = DatabaseUri::parse(&format!("db:{text}")).map_err(|error| error.to_string())?;
        let mut settings = Settings::from(&uri, &|name| self.environment.text(name))
            .map_err(|error| error.message().to_owned())?;
        let old = &self.settings;
        if keep && uri.dbname().is_none_or(str::is_empty) {
            settings.database.clone_from(&old.database);
        }
        if keep && uri.user().is_none() {
            settings.user.clone_from(&old.user);
        }
        if keep && uri.host().is_none_or(str::is_empty) {
            settings.hosts.clone_from(&old.hosts);
        }
        Ok(settings)
    }
}

/// Where the server is.
fn place(settings: &Settings) -> Vec<(&str, u16)> {
    settings.hosts.iter().map(|host| (host.name.as_str(), host.port)).collect()
}

/// The server in messages.
fn label(settings: &Settings) -> String {
    let Settings { user, hosts, database, .. } = settings;
    let hosts: Vec<String> =
        hosts.iter().map(|host| format!("{}:{}", host.name.replace('/', "%2F"), host.port)).collect();
    format!("db:pg://{user}@{}/{database}", hosts.join(","))
}

/// The words `key=value` of a connection string, of which those about place and person are known.
fn conninfo(text: &str) -> Result<Vec<(&'static str, String)>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let Some((key, after)) = rest.split_once('=') else {
            return Err(format!("missing \"=\" after \"{rest}\" in connection info string"));
        };
        let key = key.trim();
        let known = ["dbname", "user", "password", "host", "port"].into_iter().find(|known| *known == key);
        let (value, after) = conninfo_value(after.trim_start())?;
        match known {
            Some(known) => found.push((known, value)),
            None => return Err(format!("\"{key}\" cannot be changed by \\c here")),
        }
        rest = after.trim_start();
    }
    Ok(found)
}

fn conninfo_value(text: &str) -> Result<(String, &str), String> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut letters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            ' ' | '\t' | '\n' | '\r' if !quoted => return Ok((value, text.get(at..).unwrap_or_default())),
            other => value.push(other),
        }
    }
    if quoted { Err("unterminated quoted string in connection info string".into()) } else { Ok((value, "")) }
}

/// `15.18 (Debian …)` → 150018, `9.6.24` → 90624.
fn version_number(text: &str) -> u32 {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let mut parts = text.get(..end).unwrap_or_default().split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0_u32);
    let (major, minor, patch) = (next(), next(), next());
    if major >= 10 { major * 10_000 + minor } else { major * 10_000 + minor * 100 + patch }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert_eq!(version_number("15.18 (Debian 15.18-0+deb12u1)"), 150_018);
        assert_eq!(version_number("9.6.24"), 90_624);
        assert_eq!(version_number("18beta1"), 180_000);
        assert_eq!(version_number(""), 0);
    }

    #[test]
    fn connection_strings_are_read_with_their_quotes() {
        assert_eq!(
            conninfo(r"dbname = 'a \'b' user=u\ v port=5433").unwrap(),
            [("dbname", "a 'b".to_owned()), ("user", "u v".to_owned()), ("port", "5433".to_owned())]
        );
        for wrong in ["dbname", "dbname='x", "sslmode=require"] {
            assert!(conninfo(wrong).is_err(), "{wrong}");
        }
    }
}
