//! Directives: comment lines `-- change: key=value …` that Sqitch takes for comments.

use super::Dialect;
use super::lex::{TokenKind, tokens};
use crate::error::{Error, Kind, Place};
use crate::suggest::suggest;
use std::time::Duration;

/// The step of an expand and contract sequence that a change belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Only adds; old code keeps working.
    Expand,
    /// Moves data.
    Migrate,
    /// Removes what nothing uses any more.
    Contract,
}

/// A finding that is accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The code or name of the rule.
    pub code: String,
    /// The reason, which must be given.
    pub reason: String,
}

/// All directives of one script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// `phase=expand|migrate|contract`
    pub phase: Option<Phase>,
    /// `transaction=on|off`: whether the script may be run in one transaction.
    pub transaction: Option<bool>,
    /// `lock_timeout=500ms`: how long a statement may wait for a lock.
    pub lock_timeout: Option<Duration>,
    /// `statement_timeout=10min`: how long one statement may take.
    pub statement_timeout: Option<Duration>,
    /// `allow=CODE because "…"`
    pub allow: Vec<Allow>,
    /// `flag=NAME`: a feature flag of the application that goes with the change.
    pub flags: Vec<String>,
    /// `revert=nothing because "…"`: reverting this change is meant to do nothing.
    pub revert_nothing: Option<String>,
    /// `client=NAME`: the client program that must run the script.
    pub client: Option<String>,
}

const KEYS: [&str; 8] =
    ["phase", "transaction", "lock_timeout", "statement_timeout", "allow", "flag", "revert", "client"];

/// Reads all directives of a script, and everything that is wrong with them.
#[must_use]
pub fn read(file: &str, text: &str, dialect: Dialect) -> (Directives, Vec<Error>) {
    let mut directives = Directives::default();
    let mut errors = Vec::new();
    if !text.contains("change:") {
        return (directives, errors);
    }
    for token in tokens(text, dialect).filter(|token| token.kind == TokenKind::Comment) {
        let Some(body) =
            token.text.strip_prefix("--").map(str::trim_start).and_then(|body| body.strip_prefix("change:"))
        else {
            continue;
        };
        let line_start = text.get(..token.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let alone = text.get(line_start..token.start).is_some_and(|before| before.trim().is_empty());
        if !alone || is_prose(body) {
            continue;
        }
        let place = |part: &str| {
            let within = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            Place::in_text(file, text, within, within + part.len())
        };
        if let Err((part, message, hint)) = line(body, &mut directives) {
            errors.push(Error::new(Kind::Script, "script.directive", message).at(place(part)).hint(hint));
        }
    }
    (directives, errors)
}

/// Whether a comment only begins like a directive: `-- change: the table of users`.
fn is_prose(body: &str) -> bool {
    body.split_whitespace().next().is_some_and(|word| !word.contains('=') && !KEYS.contains(&word))
}

type Trouble<'a> = (&'a str, String, String);

fn line<'a>(body: &'a str, directives: &mut Directives) -> Result<(), Trouble<'a>> {
    let mut rest = body.trim();
    if rest.is_empty() {
        return Err((body, "the directive is empty".into(), format!("known keys: {}", KEYS.join(", "))));
    }
    while !rest.is_empty() {
        let (word, after) =
            rest.split_at_checked(rest.find(char::is_whitespace).unwrap_or(rest.len())).unwrap_or((rest, ""));
        let Some((key, value)) = word.split_once('=') else {
            return Err((
                word,
                format!("\"{word}\" is not KEY=VALUE"),
                "write for example: -- change: phase=expand".into(),
            ));
        };
        let (value, after) = match value.strip_prefix('"') {
            // A quoted value may hold blanks, so its end is looked for in the whole rest.
            Some(_) => quoted(rest.get(key.len() + 1..).unwrap_or_default(), word)?,
            None => (value, after),
        };
        rest = after.trim_start();
        let reason = match rest.strip_prefix("because") {
            Some(after) if after.starts_with(char::is_whitespace) => {
                let (reason, after) = quoted(after.trim_start(), word)?;
                rest = after.trim_start();
                Some(reason)
            }
            _ => None,
        };
        set(directives, word, key, value, reason)?;
    }
    Ok(())
}

/// Takes `"…"` from the front.
fn quoted<'a>(text: &'a str, word: &'a str) -> Result<(&'a str, &'a str), Trouble<'a>> {
    text.strip_prefix('"').and_then(|rest| rest.split_once('"')).ok_or_else(|| {
        (word, "the text in quotes is not closed".into(), "write: because \"the reason\"".into())
    })
}

fn set<'a>(
    directives: &mut Directives,
    word: &'a str,
    key: &str,
    value: &str,
    reason: Option<&str>,
) -> Result<(), Trouble<'a>> {
    let one_of =
        |known: &str| (word, format!("{key} cannot be \"{value}\""), format!("write one of: {known}"));
    let needs_reason = || {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
        reason.ok_or_else(|| {
            (
                word,
                format!("{key}={value} needs a reason"),
                format!("write: -- change: {key}={value} because \"why it is so\""),
            )
        })
    };
    match key {
        "phase" => {
            directives.phase = Some(match value {
                "expand" => Phase::Expand,
                "migrate" => Phase::Migrate,
                "contract" => Phase::Contract,
                _ => return Err(one_of("expand, migrate, contract")),
            });
        }
        "transaction" => {
            directives.transaction = Some(match value {
                "on" => true,
                "off" => false,
                _ => return Err(one_of("on, off")),
            });
        }
        "lock_timeout" | "statement_timeout" => {
            let time = duration(value).ok_or_else(|| one_of("a time such as 500ms, 5s, 10min, 1h"))?;
            let slot = if key == "lock_timeout" {
                &mut directives.lock_timeout
            } else {
                &mut directives.statement_timeout
            };
            *slot = Some(time);
        }
        "allow" => directives.allow.push(Allow { code: value.to_owned(), reason: needs_reason()? }),
        "flag" if !value.is_empty() => directives.flags.push(value.to_owned()),
        "client" if !value.is_empty() => directives.client = Some(value.to_owned()),
        "revert" if value == "nothing" => directives.revert_nothing = Some(needs_reason()?),
        "revert" => return Err(one_of("nothing")),
        "flag" | "client" => return Err(one_of("a name")),
        _ => {
            let hint = match suggest(key, KEYS.into_iter()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("known keys: {}", KEYS.join(", ")),
            };
            return Err((word, format!("unknown directive \"{key}\""), hint));
        }
    }
    Ok(())
}

/// Reads `500ms`, `5s`, `10min`, `1h`, or a bare number of milliseconds as PostgreSQL does.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let millis = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" | "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(millis)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn every_key_is_read() {
        let text = "-- Deploy\n-- change: phase=contract transaction=off\n  -- change: lock_timeout=500ms statement_timeout=10min\n-- change: allow=drop-column because \"nobody reads it\" flag=new_names\n-- change: revert=nothing because \"only comments\"\nSELECT 1; -- change: phase=expand\nSELECT '\n-- change: nonsense=1\n';\n";
        let (directives, errors) = read("deploy/a.sql", text, Dialect::Sqlite);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(directives.phase, Some(Phase::Contract));
        assert_eq!(directives.transaction, Some(false));
        assert_eq!(directives.lock_timeout, Some(Duration::from_millis(500)));
        assert_eq!(directives.statement_timeout, Some(Duration::from_secs(600)));
        assert_eq!(directives.allow[0].reason, "nobody reads it");
        assert_eq!(directives.flags, ["new_names"]);
        assert_eq!(directives.revert_nothing.as_deref(), Some("only comments"));
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion_and_a_place() {
        let (_, errors) = read("deploy/a.sql", "BEGIN;\n-- change: phse=expand\n", Dialect::Sqlite);
        let error = &errors[0];
        assert_eq!(error.message(), "unknown directive \"phse\"");
        assert_eq!(error.hints()[0], "did you mean \"phase\"?");
        let place = error.place().unwrap();
        assert_eq!((place.line, place.column, place.length), (2, 12, 11));
    }

    #[test]
    fn prose_is_no_directive_but_a_key_without_value_is_an_error() {
        let read = |text| read("f", text, Dialect::Sqlite);
        let (none, errors) = read("-- change: the table of users gets x=1\n");
        assert_eq!((none, errors.len()), (Directives::default(), 0));
        assert_eq!(read("-- change: phase expand\n").1.len(), 1);
        assert_eq!(read("-- change:\n").1.len(), 1);
    }

    #[test]
    fn what_needs_a_reason_says_so() {
        for text in [
            "-- change: revert=nothing",
            "-- change: allow=X because \" \"",
            "-- change: allow=X because \"open",
        ] {
            assert_eq!(read("f", text, Dialect::Sqlite).1.len(), 1, "{text}");
        }
    }
}
