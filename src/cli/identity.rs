//! Who runs this: name and e-mail address, found where Sqitch finds them, and by git.

use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::plan::Person;
use std::process::{Command, Stdio};

/// The login of the system user.
pub(super) fn login(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    env("SQITCH_ORIG_SYSUSER")
        .or_else(|| account().map(|(login, _)| login))
        .or_else(|| ["LOGNAME", "USER", "USERNAME"].iter().find_map(|name| env(name)))
}

/// The person behind this command.
///
/// # Errors
/// When there is no name, or name or address hold characters that a plan line cannot.
pub(super) fn person(config: &Config, env: &dyn Fn(&str) -> Option<String>) -> Result<Person> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let configured = |key: &str| config.trimmed(key).filter(|value| !value.is_empty()).map(str::to_owned);
    let name = set("SQITCH_FULLNAME")
        .or_else(|| configured("user.name"))
        .or_else(|| set("SQITCH_ORIG_FULLNAME"))
        .or_else(|| git("user.name"))
        .or_else(|| account().and_then(|(_, full)| full))
        .or_else(|| login(env))
        .ok_or_else(|| {
            Error::new(Kind::Config, "user.name", "Cannot find your name")
                .hint("change config --user user.name \"YOUR NAME\"")
        })?;
    let email = set("SQITCH_EMAIL")
        .or_else(|| configured("user.email"))
        .or_else(|| set("SQITCH_ORIG_EMAIL"))
        .or_else(|| git("user.email"))
        .or_else(|| Some(format!("{}@{}", login(env)?, host())))
        .ok_or_else(|| {
            Error::new(Kind::Config, "user.email", "Cannot infer your email address")
                .hint("change config --user user.email you@example.com")
        })?;
    check(&name, &email)?;
    Ok(Person { name, email })
}

/// A plan line must be readable again.
fn check(name: &str, email: &str) -> Result<()> {
    let bad = |message: &str, hint: &str| Err(Error::new(Kind::Config, "user.name", message).hint(hint));
    if name.contains('<') || name.starts_with('[') {
        return bad(
            "User name may not contain \"<\" or start with \"[\"",
            "change config --user user.name \"YOUR NAME\"",
        );
    }
    if email.contains('>') {
        return bad("User email may not contain \">\"", "change config --user user.email you@example.com");
    }
    if [name, email].iter().any(|text| text.contains('#') || text.contains(char::is_control)) {
        return bad(
            "User name and email may not contain \"#\" or control characters",
            "in a plan a \"#\" begins the note",
        );
    }
    Ok(())
}

/// What git knows, if there is a git.
fn git(key: &str) -> Option<String> {
    let output = Command::new("git")
        .args(["config", "--get", key])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// Login and full name of the account that runs this.
#[cfg(unix)]
fn account() -> Option<(String, Option<String>)> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let full = fields.get(4).and_then(|full| full.split(',').next()).filter(|full| !full.is_empty());
        (fields.get(2) == Some(&uid.as_str()))
            .then(|| (fields.first().copied().unwrap_or_default().to_owned(), full.map(str::to_owned)))
    })
}

#[cfg(not(unix))]
fn account() -> Option<(String, Option<String>)> {
    None
}

/// The name of this machine.
pub(super) fn host() -> String {
    #[cfg(unix)]
    {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }
    #[cfg(not(unix))]
    {
        std::env::var("COMPUTERNAME").unwrap_or_else(|_| "localhost".to_owned())
    }
}
