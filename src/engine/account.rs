//! Who runs us, and where they are at home.
//!
//! Knows: the list of accounts. Must never know: what it is asked for.

use std::path::PathBuf;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The user's name in the operating system.
pub(super) fn name(env: Env) -> Option<String> {
    account(|fields| fields.first().copied())
        .or_else(|| ["LOGNAME", "USER", "USERNAME"].iter().find_map(|name| env(name)))
        .filter(|name| !name.is_empty())
}

/// The user's own folder.
pub(super) fn home(env: Env) -> Option<PathBuf> {
    env("HOME")
        .or_else(|| account(|fields| fields.get(5).copied()))
        .filter(|home| !home.is_empty())
        .map(PathBuf::from)
}

/// Where libpq's own files are: certificates and, on Windows, passwords.
pub(super) fn folder(env: Env) -> Option<PathBuf> {
    if cfg!(windows) {
        return env("APPDATA").map(|data| PathBuf::from(data).join("postgresql"));
    }
    home(env).map(|home| home.join(".postgresql"))
}

/// The number of the user with this name.
#[cfg(unix)]
pub(super) fn number(name: &str) -> Option<u32> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find_map(|fields| {
        let own = fields.first() == Some(&name);
        fields.get(2).filter(|_| own)?.parse().ok()
    })
}

/// A field of our own line in the list of accounts. Accounts that are elsewhere (LDAP) are known by
/// the environment only.
#[cfg(unix)]
fn account(field: impl for<'a> Fn(&[&'a str]) -> Option<&'a str>) -> Option<String> {
    let number = rustix::process::geteuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let lines = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let own = lines.into_iter().find(|fields| fields.get(2) == Some(&number.as_str()))?;
    field(&own).map(str::to_owned)
}

#[cfg(not(unix))]
fn account(_: impl for<'a> Fn(&[&'a str]) -> Option<&'a str>) -> Option<String> {
    None
}
