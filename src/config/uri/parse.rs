//! Cutting an address into its parts.
//!
//! Knows: the grammar. Must never know: what engines there are. No error here repeats the text.

use super::percent::{self, Part};
use super::{Authority, DatabaseUri};
use crate::error::{Error, Kind, Result};

pub(super) fn parse(text: &str) -> Result<DatabaseUri> {
    let text = text.trim();
    let text = strip_db(text).unwrap_or(text);
    let (scheme, rest) = split_scheme(text).unwrap_or(("", text));
    let (rest, fragment) = cut(rest, '#');
    let (rest, query) = cut(rest, '?');
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
            (Some(parse_authority(authority)?), path.strip_prefix('/'))
        }
        None => (None, Some(rest).filter(|path| !path.is_empty())),
    };
    let dbname =
        path.map(|path| Part::decode(&percent::escape_illegal(path), "the database name")).transpose()?;
    let query = query.map(percent::escape_illegal);
    Ok(DatabaseUri {
        scheme: scheme.to_owned(),
        authority,
        dbname,
        pairs: query.as_deref().map_or(Ok(Vec::new()), parse_query)?,
        query,
        fragment: fragment.map(percent::escape_illegal),
    })
}

fn strip_db(text: &str) -> Option<&str> {
    let (prefix, rest) = text.split_once(':')?;
    prefix.eq_ignore_ascii_case("db").then_some(rest)
}

/// Takes `ENGINE:` off the front, which starts with a letter.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let word = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(word))
        .then_some((scheme, rest))
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

fn parse_authority(text: &str) -> Result<Authority> {
    let (login, address) =
        text.rsplit_once('@').map_or((None, text), |(login, address)| (Some(login), address));
    let (user, password) = login.map_or((None, None), |login| {
        let (user, password) = cut(login, ':');
        (Some(user), password)
    });
    let part = |text: &str, what: &str| Part::decode(&percent::escape_illegal(text), what);
    let (host, port) = parse_address(address)?;
    Ok(Authority {
        user: user.map(|user| part(user, "the user name")).transpose()?,
        password: password.map(|password| part(password, "the password")).transpose()?,
        host,
        port,
    })
}

/// `host`, `host:port`, `[ipv6]:port`. Several hosts, for libpq, stay together as one.
fn parse_address(text: &str) -> Result<(Part, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, behind) = rest.split_once(']').ok_or_else(|| {
            wrong("the host has an opening bracket without a closing one")
                .hint("write an IPv6 address as [::1]")
        })?;
        let host = Part::bracketed(percent::decode(host, "the host")?.as_str());
        let port = match (behind, behind.strip_prefix(':')) {
            ("", _) => None,
            (_, Some(port)) => parse_port(port)?,
            _ => return Err(wrong("something stands between the host's bracket and the port")),
        };
        return Ok((host, port));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, parse_port(port)?),
        None => (text, None),
    };
    if host.contains(':') && !host.contains(',') {
        return Err(wrong("the host holds a colon").hint("put an IPv6 address into brackets, as in [::1]"));
    }
    Ok((Part::decode(&percent::escape_illegal(host), "the host")?, port))
}

// What is taken for a port may be half a password with an unescaped slash, so it is not shown.
fn parse_port(text: &str) -> Result<Option<u16>> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Some).ok_or_else(|| {
        wrong("the port is not a number up to 65535")
            .hint("in user names and passwords write / as %2F, ? as %3F, # as %23 and @ as %40")
    })
}

/// Pairs between `&` or `;`. Without any equals sign there are no pairs.
fn parse_query(query: &str) -> Result<Vec<(String, String)>> {
    if !query.contains('=') {
        return Ok(Vec::new());
    }
    let decode = |text: &str| percent::decode(&text.replace('+', " "), "a parameter");
    let pairs = query.split(['&', ';']).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = cut(pair, '=');
            if key.contains('@') {
                let hint = "in user names and passwords write ? as %3F and @ as %40";
                return Err(wrong("the name of a parameter holds an @").hint(hint));
            }
            Ok((decode(key)?, decode(value.unwrap_or_default())?))
        })
        .collect()
}

fn wrong(why: &str) -> Error {
    Error::new(Kind::Config, "config.uri", format!("the database URI cannot be read: {why}"))
}
