//! Addresses of databases: `db:ENGINE://user:password@host:port/name?key=value`.
//!
//! Knows: the spelling, as Sqitch's library reads and writes it. Must never know: drivers,
//! defaults of servers, or the environment. A password inside never reaches `display`, `Debug`
//! or an error.

mod parse;
mod percent;

use crate::error::Result;
use percent::Part;
use std::fmt;

/// The address of a database, complete with its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUri {
    /// The engine as written, empty if there is none.
    scheme: String,
    authority: Option<Authority>,
    dbname: Option<Part>,
    /// As written, illegal characters escaped.
    query: Option<String>,
    pairs: Vec<(String, String)>,
    fragment: Option<String>,
}

/// What stands between `//` and the name.
#[derive(Clone, PartialEq, Eq, Default)]
struct Authority {
    user: Option<Part>,
    password: Option<Part>,
    host: Part,
    port: Option<u16>,
}

impl DatabaseUri {
    /// Reads an address, with or without `db:` before the engine.
    ///
    /// # Errors
    /// `Kind::Config` on a port that is none, a percent sign without two hexadecimal digits, a NUL
    /// or anything that is not UTF-8. The errors never repeat the text, which may hold a password.
    pub fn parse(text: &str) -> Result<DatabaseUri> {
        parse::parse(text)
    }

    /// The engine as written, in lower case.
    #[must_use]
    pub fn engine(&self) -> Option<String> {
        Some(self.scheme.to_lowercase()).filter(|engine| !engine.is_empty())
    }

    /// The engine under Sqitch's own name: `pg` for `postgres`, `mysql` for `mariadb`, and so on.
    #[must_use]
    pub fn canonical_engine(&self) -> Option<String> {
        self.engine().map(|engine| canonical_engine(&engine).to_owned())
    }

    /// The user's name.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        Some(self.authority.as_ref()?.user.as_ref()?.text())
    }

    /// The password in clear; for connecting only.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        Some(self.authority.as_ref()?.password.as_ref()?.text())
    }

    /// The host, or a folder with a socket in it. Empty if `//` stands without a host.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        Some(self.authority.as_ref()?.host.text())
    }

    /// The port, only if it is written.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.authority.as_ref()?.port
    }

    /// The port written, else the one the engine's name stands for.
    #[must_use]
    pub fn effective_port(&self) -> Option<u16> {
        let by_engine = || {
            let engine = self.engine()?;
            match (engine.as_str(), canonical_engine(&engine)) {
                ("yugabyte" | "yugabytedb", _) => Some(5433),
                (_, "pg") => Some(5432),
                (_, "cockroach") => Some(26257),
                (_, "mysql") => Some(3306),
                (_, "oracle") => Some(1521),
                _ => None,
            }
        };
        self.port().or_else(by_engine)
    }

    /// The name of the database, or the path of its file.
    #[must_use]
    pub fn dbname(&self) -> Option<&str> {
        Some(self.dbname.as_ref()?.text())
    }

    /// The parameters behind the question mark, decoded.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The whole address with its password, always beginning with `db:`. Not for any output.
    #[must_use]
    pub fn with_secrets(&self) -> String {
        self.write(self.authority.as_ref(), self.dbname.as_ref().map(Part::encoded), self.query.as_deref())
    }

    /// The address as it may be shown: without the password, whose colon stays as in Sqitch, and
    /// with `***` for secrets among the parameters.
    #[must_use]
    pub fn display(&self) -> String {
        let authority = self.authority.clone().map(|authority| match authority {
            Authority { user, password: Some(_), host, port } => {
                let user = user.filter(|user| !user.text().is_empty());
                let password = user.as_ref().map(|_| Part::default());
                Authority { user, password, host, port }
            }
            open => open,
        });
        let may_be_file = matches!(self.canonical_engine().as_deref(), None | Some("sqlite" | "firebird"));
        let misplaced = authority.is_none() && !may_be_file;
        let dbname = self.dbname.as_ref().map(|name| mask_name(name.encoded(), misplaced));
        let query = self.query.as_deref().map(mask_query);
        self.write(authority.as_ref(), dbname.as_deref(), query.as_deref())
    }

    /// The same address with another user.
    #[must_use]
    pub fn with_user(mut self, user: &str) -> Self {
        self.authority.get_or_insert_default().user = Some(Part::encode(user));
        self
    }

    /// The same address with another password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        let authority = self.authority.get_or_insert_default();
        authority.user.get_or_insert_default();
        authority.password = Some(Part::encode(password));
        self
    }

    /// The same address with another host; an IPv6 address comes without brackets.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        self.authority.get_or_insert_default().host =
            if host.contains(':') { Part::bracketed(host) } else { Part::encode(host) };
        self
    }

    /// The same address with another port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.authority.get_or_insert_default().port = Some(port);
        self
    }

    /// The same address with another database; an empty name removes it.
    #[must_use]
    pub fn with_dbname(mut self, name: &str) -> Self {
        self.dbname = Some(name).filter(|name| !name.is_empty()).map(Part::encode_path);
        self
    }

    fn write(&self, authority: Option<&Authority>, dbname: Option<&str>, query: Option<&str>) -> String {
        let mut text = "db:".to_owned();
        if !self.scheme.is_empty() {
            text += &format!("{}:", self.scheme);
        }
        if let Some(authority) = authority {
            text += &format!("//{authority}");
        }
        if let Some(name) = dbname {
            text += if authority.is_some() { "/" } else { "" };
            text += name;
        }
        if let Some(query) = query {
            text += &format!("?{query}");
        }
        if let Some(fragment) = &self.fragment {
            text += &format!("#{fragment}");
        }
        text
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            f.write_str(user.encoded())?;
        }
        if let Some(password) = &self.password {
            write!(f, ":{}", password.encoded())?;
        }
        if self.user.is_some() || self.password.is_some() {
            f.write_str("@")?;
        }
        f.write_str(self.host.encoded())?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Display for DatabaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display())
    }
}

// By hand, so that no log of a structure that holds an address shows a password.
impl fmt::Debug for DatabaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseUri").field(&self.display()).finish()
    }
}

/// Sqitch's own name for an engine, whatever it is called in an address.
#[must_use]
pub fn canonical_engine(name: &str) -> &str {
    match name {
        "postgres" | "postgresql" | "pgsql" | "pgxc" | "redshift" | "yugabyte" | "yugabytedb" => "pg",
        "sqlite3" => "sqlite",
        "mariadb" | "maria" | "percona" => "mysql",
        "cockroachdb" => "cockroach",
        "sqlserver" => "mssql",
        name => name,
    }
}

/// The file of an SQLite registry for the database file `target`, as Sqitch names it: beside the
/// target, ending like it from the first dot of its base name, unless the registry has a dot of
/// its own. An absolute registry is taken as it is.
#[must_use]
pub fn sqlite_registry_path(target: &str, registry: &str) -> String {
    let drive = registry.get(1..3).is_some_and(|rest| rest == ":/" || rest == ":\\");
    if registry.starts_with('/') || drive {
        return registry.to_owned();
    }
    let base = target.rsplit('/').next().unwrap_or_default();
    let folder = target.strip_suffix(base).unwrap_or_default();
    let suffix = base.find('.').and_then(|dot| base.get(dot..)).unwrap_or_default();
    format!("{folder}{registry}{}", if registry.contains('.') { "" } else { suffix })
}

/// Hides what looks like `user:password@` in a name: someone left out the two slashes. If even the
/// engine was left out, the user stands in its place and the password alone is `misplaced`.
fn mask_name(name: &str, misplaced: bool) -> String {
    let secret = || {
        let at = name.rfind('@')?;
        if misplaced && !name.get(..at)?.contains(':') {
            return Some(format!("***{}", name.get(at..)?));
        }
        let colon = name.find(':').filter(|colon| *colon < at)?;
        Some(format!("{}:***{}", name.get(..colon)?, name.get(at..)?))
    };
    secret().unwrap_or_else(|| name.to_owned())
}

/// Puts `***` in the place of secret values.
fn mask_query(query: &str) -> String {
    let masked = |pair: &str| match pair.split_once('=') {
        Some((key, _)) if is_secret(key) => format!("{key}=***"),
        _ => pair.to_owned(),
    };
    let pieces = query.split_inclusive(['&', ';']).map(|piece| {
        let pair = piece.trim_end_matches(['&', ';']);
        masked(pair) + piece.strip_prefix(pair).unwrap_or_default()
    });
    pieces.collect()
}

fn is_secret(key: &str) -> bool {
    let key = percent::decode(key, "a parameter").unwrap_or_else(|_| key.to_owned()).to_lowercase();
    ["password", "passwd", "passphrase", "pwd", "secret", "token"].iter().any(|word| key.contains(word))
        || key == "pass"
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
