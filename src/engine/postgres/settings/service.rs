//! Service files: named sets of connection parameters.
//!
//! Knows: where libpq looks for them, and their layout. Must never know: what parameters mean.

use crate::engine::account;
use crate::error::{Error, Kind, Place, Result};
use std::path::{Path, PathBuf};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The parameters of the service `name`.
pub(super) fn find(name: &str, env: Env) -> Result<Vec<(String, String)>> {
    let own = env("PGSERVICEFILE")
        .map(PathBuf::from)
        .or_else(|| account::home(env).map(|home| home.join(".pg_service.conf")));
    let folders = match env("PGSYSCONFDIR") {
        Some(folder) => vec![PathBuf::from(folder)],
        // Where distributions keep it; the first is Debian's.
        None => ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc"].map(PathBuf::from).to_vec(),
    };
    let files: Vec<PathBuf> =
        own.into_iter().chain(folders.iter().map(|folder| folder.join("pg_service.conf"))).collect();
    for file in &files {
        let Ok(bytes) = std::fs::read(file) else { continue };
        if let Some(found) = parse(&String::from_utf8_lossy(&bytes), name, file)? {
            return Ok(found);
        }
    }
    let looked: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let message = format!("there is no definition of the PostgreSQL service \"{name}\"");
    Err(Error::new(Kind::Config, "postgres.service", message)
        .hint(format!("it was looked for in {}", looked.join(", "))))
}

/// The parameters below `[name]`. A parameter that stands twice has its first value.
fn parse(text: &str, name: &str, file: &Path) -> Result<Option<Vec<(String, String)>>> {
    let mut found: Option<Vec<(String, String)>> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(heading) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            if heading.strip_suffix(']') == Some(name) {
                found = Some(Vec::new());
            }
            continue;
        }
        let Some(parameters) = &mut found else { continue };
        let wrong = |why: &str| {
            let place = Place::new(file.display().to_string(), number + 1, 1);
            Error::new(Kind::Config, "postgres.service", why).at(place)
        };
        if line.starts_with("ldap") {
            return Err(wrong("services kept in LDAP are not supported"));
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(wrong("a line of a service is KEY=VALUE"));
        };
        if key == "service" {
            return Err(wrong("a service cannot name another"));
        }
        if !super::options::is_known(key) {
            return Err(wrong(&format!("there is no connection parameter \"{key}\"")));
        }
        if !parameters.iter().any(|(known, _)| known == key) {
            parameters.push((key.to_owned(), value.to_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_service_ends_where_the_next_begins() {
        let text = "# all\n[a]\nhost=x\n host=y\nport=5433 \n\n[b]\nhost=z\nnonsense\n";
        let own = |name| parse(text, name, Path::new("f"));
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(own("a").unwrap(), Some(vec![pair("host", "x"), pair("port", "5433")]));
        assert_eq!(own("c").unwrap(), None);
        let error = own("b").unwrap_err();
        assert_eq!(error.place().unwrap().line, 9);
        // A value may be a secret, so no line is shown.
        assert!(error.place().unwrap().text.is_none());
    }
}
