//! What the configuration says of lint.

use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::lint::rule::Severity;
use crate::lint::settings::{Profile, SMALL_TABLE_ROWS, Sayings, Settings, means_nothing};

/// The settings of lint for a target.
///
/// # Errors
/// When a value makes no sense.
pub(super) fn settings(session: &Session, target: Option<&str>) -> Result<Settings> {
    let config = &session.config;
    let mut settings = Settings::usual();
    for (key, value) in config.section("lint.rule") {
        settings.rules.push((key.clone(), severity(&format!("lint.rule.{key}"), &value, session)?));
    }
    // Of a key with more than two parts all between the first and the last is the subsection.
    let subsections = config.subsections("lint");
    for path in subsections.iter().filter_map(|name| name.strip_prefix("path.")) {
        let mut sayings: Sayings = Vec::new();
        for (key, value) in config.section(&format!("lint.path.{path}")) {
            sayings.push((key.clone(), severity(&format!("lint.path.{path}.{key}"), &value, session)?));
        }
        settings.paths.push((path.to_owned(), sayings));
    }
    if let Some(text) = config.trimmed("lint.small_table_rows") {
        settings.small_table_rows =
            text.parse().map_err(|_| wrong("lint.small_table_rows", text, "a number", session))?;
    } else {
        settings.small_table_rows = SMALL_TABLE_ROWS;
    }
    let of_target = target.map(|target| format!("target.{target}.profile"));
    let key =
        of_target.filter(|key| config.trimmed(key).is_some()).unwrap_or_else(|| "lint.profile".to_owned());
    if let Some(text) = config.trimmed(&key) {
        settings.profile = Profile::of_key(text)
            .ok_or_else(|| wrong(&key, text, "live, prelaunch, maintenance or small", session))?;
    }
    settings.pedantic = config.flag("lint.pedantic")?.unwrap_or(false);
    settings.append_only = config.trimmed("lint.append_only").map(words).unwrap_or_default();
    let hours = config.trimmed("lint.maintenance_hours").unwrap_or_default().to_owned();
    if settings.profile == Profile::Maintenance && !session.is_within(&hours)? {
        settings.profile = Profile::Live;
        settings.notes.push(if hours.is_empty() {
            "profile maintenance changes nothing: lint.maintenance_hours is not set".to_owned()
        } else {
            format!("profile maintenance changes nothing now: it is not within {hours}")
        });
    }
    settings.notes.extend(match settings.profile {
        Profile::Live => None,
        Profile::Maintenance => Some(format!("relaxed: profile maintenance, {hours}")),
        profile => Some(format!("relaxed: profile {}", profile.key())),
    });
    if !settings.append_only.is_empty() {
        settings.notes.push(format!("relaxed: rows of {} are only added", settings.append_only.join(", ")));
    }
    let of_paths = settings.paths.iter().flat_map(|(path, list)| {
        list.iter().map(move |(word, _)| (format!("lint.path.{path}.{word}"), word))
    });
    let everywhere = settings.rules.iter().map(|(word, _)| (format!("lint.rule.{word}"), word));
    let idle = everywhere.chain(of_paths).filter(|(_, word)| means_nothing(word));
    let idle: Vec<String> =
        idle.map(|(key, word)| format!("{key} changes nothing: {}", no_rule(word))).collect();
    settings.notes.extend(idle);
    Ok(settings)
}

/// That there is no such rule, and which one may be meant.
pub(super) fn no_rule(word: &str) -> String {
    match near(word) {
        Some(near) => format!("there is no rule \"{word}\", did you mean {near}?"),
        None => format!("there is no rule \"{word}\""),
    }
}

/// The code or name of a rule that a word may have been meant for.
pub(super) fn near(word: &str) -> Option<&'static str> {
    crate::suggest::suggest(word, crate::lint::every_rule().flat_map(|rule| [rule.code, rule.name]))
}

fn words(text: &str) -> Vec<String> {
    text.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn severity(key: &str, value: &str, session: &Session) -> Result<Option<Severity>> {
    if value == "off" {
        return Ok(None);
    }
    Severity::of_key(value)
        .map(Some)
        .ok_or_else(|| wrong(key, value, "off, advice, brief, breaks or blocks", session))
}

fn wrong(key: &str, value: &str, wanted: &str, session: &Session) -> Error {
    let error =
        Error::new(Kind::Config, "config.value", format!("{key} is \"{value}\", but must be {wanted}"));
    match session.config.place_of(key) {
        Some(place) => error.at(place),
        None => error,
    }
}
