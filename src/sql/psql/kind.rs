//! What a statement is to the transaction around it, and to the client that sends it.
//!
//! Knows: the first words of PostgreSQL's statements. Must never know: the script around them.

use super::words::{Part, parts};

/// What kind of statement it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementKind {
    /// Nothing but blanks, comments and semicolons.
    Empty,
    /// `BEGIN`, `START TRANSACTION`.
    Begin,
    /// `COMMIT`, `END`
    Commit,
    /// `ROLLBACK`, `ABORT`, but not to a savepoint.
    Rollback,
    /// `COMMIT AND CHAIN`, `ROLLBACK AND CHAIN`: one transaction ends and the next begins.
    Chain {
        /// Whether the work of the first stays.
        commits: bool,
    },
    /// `SAVEPOINT`
    Savepoint,
    /// `RELEASE [SAVEPOINT]`
    Release,
    /// `ROLLBACK TO [SAVEPOINT]`
    RollbackTo,
    /// `PREPARE TRANSACTION`, which ends the transaction but keeps its work for another session.
    PrepareTransaction,
    /// `COPY … FROM STDIN`: the data follow in the script.
    CopyFromStdin,
    /// `COPY … TO STDOUT`: the data are printed.
    CopyToStdout,
    /// It cannot be run in a transaction; the name by which the server refuses it.
    RefusesTransaction(&'static str),
    /// `CALL`, and `DO` whose body speaks of it or of `COMMIT` or `ROLLBACK`: outside a transaction
    /// block it may end transactions itself.
    MayCommit,
    /// `SET`, `RESET`, and `SELECT set_config(…)`: a setting of the session, or with `LOCAL` of the
    /// transaction.
    Set {
        /// Whether it lasts no longer than the transaction.
        local: bool,
    },
    /// `SHOW`, which changes nothing.
    Show,
    /// `ALTER TYPE … ADD VALUE`: the value cannot be used in the same transaction.
    AddEnumValue,
    /// Several statements in one message (`\;`), of which one at least is not [`Self::Other`].
    Several(Vec<StatementKind>),
    /// Anything else: runs in a transaction and outside.
    Other,
}

impl StatementKind {
    /// Whether psql with `AUTOCOMMIT` off sends it without a `BEGIN` before it.
    #[must_use]
    pub fn begins_nothing(&self) -> bool {
        matches!(
            self,
            Self::Begin
                | Self::Commit
                | Self::Rollback
                | Self::Chain { .. }
                | Self::RollbackTo
                | Self::PrepareTransaction
                | Self::RefusesTransaction(_)
        )
    }

    /// Whether it begins or ends a transaction.
    #[must_use]
    pub fn controls(&self) -> bool {
        match self {
            Self::Begin | Self::Commit | Self::Rollback | Self::Chain { .. } | Self::PrepareTransaction => {
                true
            }
            Self::Several(kinds) => kinds.iter().any(Self::controls),
            _ => false,
        }
    }

    /// Whether it, or a part of it, is `COPY … FROM STDIN`.
    #[must_use]
    pub fn reads_data(&self) -> bool {
        match self {
            Self::CopyFromStdin => true,
            Self::Several(kinds) => kinds.iter().any(Self::reads_data),
            _ => false,
        }
    }
}

/// What kind of statement `text` is; it may end in a semicolon, and may be several statements.
#[must_use]
pub fn kind(text: &[u8]) -> StatementKind {
    let mut all = kinds(text);
    match all.len() {
        0 => StatementKind::Empty,
        1 => all.swap_remove(0),
        _ if all.iter().all(|kind| *kind == StatementKind::Other) => StatementKind::Other,
        _ => StatementKind::Several(all),
    }
}

/// The kinds of all statements in `text` that are not empty.
#[must_use]
pub fn kinds(text: &[u8]) -> Vec<StatementKind> {
    let mut all = Vec::new();
    let mut statement: Vec<Part<'_>> = Vec::new();
    let mut parens = 0_usize;
    let mut body = 0_usize;
    for (_, part) in parts(text) {
        match part {
            Part::Sign(b';') if parens == 0 && body == 0 => {
                all.extend(judge(&statement));
                statement.clear();
                continue;
            }
            Part::Sign(b'(') => parens += 1,
            Part::Sign(b')') => parens = parens.saturating_sub(1),
            // The body of a routine that begins with BEGIN ATOMIC holds semicolons of its own.
            _ if part.is("ATOMIC") && statement.last().is_some_and(|last| last.is("BEGIN")) => {
                body = usize::from(creates_routine(&statement));
            }
            _ if body > 0 && part.is("CASE") => body += 1,
            _ if part.is("END") => body = body.saturating_sub(1),
            _ => {}
        }
        // The first words tell; the rest is asked for single words only.
        statement.push(part);
    }
    all.extend(judge(&statement));
    all
}

fn creates_routine(statement: &[Part<'_>]) -> bool {
    let words = words(statement, ["CREATE", "OR", "REPLACE"]);
    let rest = statement.get(words..).unwrap_or_default();
    begins(statement, &["CREATE"]) && (begins(rest, &["FUNCTION"]) || begins(rest, &["PROCEDURE"]))
}

/// How many of `known` stand at the start, in this order, each of them or not.
fn words<const N: usize>(statement: &[Part<'_>], known: [&str; N]) -> usize {
    let mut at = 0;
    for word in known {
        at += usize::from(statement.get(at).is_some_and(|part| part.is(word)));
    }
    at
}

fn begins(statement: &[Part<'_>], words: &[&str]) -> bool {
    words.iter().enumerate().all(|(at, word)| statement.get(at).is_some_and(|part| part.is(word)))
}

fn has(statement: &[Part<'_>], words: &[&str]) -> bool {
    statement.windows(words.len()).any(|window| begins(window, words))
}

fn word_at<'a>(statement: &[Part<'a>], at: usize) -> &'a [u8] {
    match statement.get(at) {
        Some(Part::Word(word)) => word,
        _ => b"",
    }
}

/// Judges one statement; `None` if it is empty.
fn judge(all: &[Part<'_>]) -> Option<StatementKind> {
    use StatementKind as Kind;
    let first = all.first()?;
    let after = all.get(1..).unwrap_or_default();
    let name = match first {
        Part::Word(word) => word.to_ascii_uppercase(),
        // A statement in parentheses is a query.
        _ => return Some(Kind::Other),
    };
    let chain = has(all, &["AND", "CHAIN"]);
    Some(match name.as_slice() {
        b"BEGIN" => Kind::Begin,
        b"START" if begins(after, &["TRANSACTION"]) => Kind::Begin,
        b"COMMIT" if begins(after, &["PREPARED"]) => Kind::RefusesTransaction("COMMIT PREPARED"),
        b"ROLLBACK" if begins(after, &["PREPARED"]) => Kind::RefusesTransaction("ROLLBACK PREPARED"),
        b"COMMIT" | b"END" if chain => Kind::Chain { commits: true },
        b"COMMIT" | b"END" => Kind::Commit,
        b"ROLLBACK" if has(all, &["TO"]) => Kind::RollbackTo,
        b"ROLLBACK" | b"ABORT" if chain => Kind::Chain { commits: false },
        b"ROLLBACK" | b"ABORT" => Kind::Rollback,
        b"SAVEPOINT" => Kind::Savepoint,
        b"RELEASE" => Kind::Release,
        b"PREPARE" if begins(after, &["TRANSACTION"]) => Kind::PrepareTransaction,
        b"COPY" => copy(after),
        b"SET" => Kind::Set {
            local: ["LOCAL", "TRANSACTION", "CONSTRAINTS"].iter().any(|word| begins(after, &[word])),
        },
        b"RESET" => Kind::Set { local: false },
        b"SHOW" => Kind::Show,
        b"SELECT" if sets_config(after) => Kind::Set { local: has(all, &["TRUE"]) },
        b"CALL" => Kind::MayCommit,
        b"DO" if body_commits(after) => Kind::MayCommit,
        b"ALTER" if begins(after, &["TYPE"]) && has(all, &["ADD", "VALUE"]) => Kind::AddEnumValue,
        other => alone(other, after).map_or(Kind::Other, Kind::RefusesTransaction),
    })
}

/// Statements that the server runs outside a transaction only.
fn alone(first: &[u8], after: &[Part<'_>]) -> Option<&'static str> {
    let second = word_at(after, 0).to_ascii_uppercase();
    let concurrently = || has(after, &["CONCURRENTLY"]);
    Some(match (first, second.as_slice()) {
        (b"VACUUM", _) => "VACUUM",
        (b"CREATE", b"DATABASE") => "CREATE DATABASE",
        (b"DROP", b"DATABASE") => "DROP DATABASE",
        (b"CREATE", b"TABLESPACE") => "CREATE TABLESPACE",
        (b"DROP", b"TABLESPACE") => "DROP TABLESPACE",
        (b"ALTER", b"DATABASE") if has(after, &["SET", "TABLESPACE"]) => "ALTER DATABASE SET TABLESPACE",
        (b"ALTER", b"SYSTEM") => "ALTER SYSTEM",
        (b"CREATE", b"INDEX") if begins(after, &["INDEX", "CONCURRENTLY"]) => "CREATE INDEX CONCURRENTLY",
        (b"CREATE", b"UNIQUE") if begins(after, &["UNIQUE", "INDEX", "CONCURRENTLY"]) => {
            "CREATE INDEX CONCURRENTLY"
        }
        (b"DROP", b"INDEX") if begins(after, &["INDEX", "CONCURRENTLY"]) => "DROP INDEX CONCURRENTLY",
        (b"REINDEX", _) => reindex(after)?,
        (b"CLUSTER", _) if !names_table(after) => "CLUSTER",
        (b"DISCARD", b"ALL") => "DISCARD ALL",
        (b"CREATE", b"SUBSCRIPTION") if !switched_off(after, &["CONNECT", "CREATE_SLOT"]) => {
            "CREATE SUBSCRIPTION … WITH (create_slot = true)"
        }
        (b"DROP", b"SUBSCRIPTION") => "DROP SUBSCRIPTION",
        (b"ALTER", b"SUBSCRIPTION") if has(after, &["PUBLICATION"]) && !switched_off(after, &["REFRESH"]) => {
            "ALTER SUBSCRIPTION with refresh"
        }
        (b"ALTER", b"TABLE") if has(after, &["DETACH", "PARTITION"]) && concurrently() => {
            "ALTER TABLE … DETACH CONCURRENTLY"
        }
        _ => return None,
    })
}

/// `REINDEX` with `CONCURRENTLY` anywhere before the name, or of more than one table.
fn reindex(after: &[Part<'_>]) -> Option<&'static str> {
    let options = parenthesised(after);
    let object = after.get(options..).unwrap_or_default();
    if begins(object.get(1..).unwrap_or_default(), &["CONCURRENTLY"])
        || (has(after.get(..options).unwrap_or_default(), &["CONCURRENTLY"])
            && !switched_off(after, &["CONCURRENTLY"]))
    {
        return Some("REINDEX CONCURRENTLY");
    }
    Some(match word_at(object, 0).to_ascii_uppercase().as_slice() {
        b"DATABASE" => "REINDEX DATABASE",
        b"SYSTEM" => "REINDEX SYSTEM",
        b"SCHEMA" => "REINDEX SCHEMA",
        _ => return None,
    })
}

/// How many parts a list in parentheses at the start has, its parentheses included.
fn parenthesised(parts: &[Part<'_>]) -> usize {
    if parts.first() != Some(&Part::Sign(b'(')) {
        return 0;
    }
    let mut depth = 0_usize;
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Sign(b'(') => depth += 1,
            Part::Sign(b')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    parts.len()
}

/// Whether `CLUSTER` is followed by a table, and not by options alone.
fn names_table(after: &[Part<'_>]) -> bool {
    let rest = after.get(parenthesised(after)..).unwrap_or_default();
    let rest = rest.get(words(rest, ["VERBOSE"])..).unwrap_or_default();
    !rest.is_empty()
}

/// Whether an option in parentheses says no: `name = false`, `off`, `0`, with or without quotes.
fn switched_off(parts: &[Part<'_>], names: &[&str]) -> bool {
    parts.iter().enumerate().any(|(at, part)| {
        if !names.iter().any(|name| part.is(name)) {
            return false;
        }
        let value = match parts.get(at + 1) {
            Some(Part::Sign(b'=')) => parts.get(at + 2),
            other => other,
        };
        let no = |text: &[u8]| {
            [&b"false"[..], b"off", b"'false'", b"'off'"].contains(&&*text.to_ascii_lowercase())
        };
        match value {
            Some(Part::Word(word)) => no(word),
            Some(Part::Text(text)) => no(text),
            Some(Part::Sign(sign)) => *sign == b'0',
            _ => false,
        }
    })
}

/// `COPY` from the client or to it.
fn copy(after: &[Part<'_>]) -> StatementKind {
    let mut depth = 0_usize;
    for (at, part) in after.iter().enumerate() {
        match part {
            Part::Sign(b'(') => depth += 1,
            Part::Sign(b')') => depth = depth.saturating_sub(1),
            Part::Word(_) if depth == 0 && (part.is("FROM") || part.is("TO")) => {
                let client = after.get(at + 1).is_some_and(|end| end.is("STDIN") || end.is("STDOUT"));
                return match (client, part.is("FROM")) {
                    (false, _) => StatementKind::Other,
                    (true, true) => StatementKind::CopyFromStdin,
                    (true, false) => StatementKind::CopyToStdout,
                };
            }
            _ => {}
        }
    }
    StatementKind::Other
}

/// `SELECT set_config(…)` and nothing else, as pg_dump writes it.
fn sets_config(after: &[Part<'_>]) -> bool {
    let qualified = begins(after, &["PG_CATALOG"]) && after.get(1) == Some(&Part::Sign(b'.'));
    let call = after.get(if qualified { 2 } else { 0 }..).unwrap_or_default();
    let arguments = call.get(1..).unwrap_or_default();
    begins(call, &["SET_CONFIG"]) && parenthesised(arguments) == arguments.len()
}

/// Whether the body of a `DO` speaks of ending transactions.
fn body_commits(after: &[Part<'_>]) -> bool {
    let ends = |part: Part<'_>| ["COMMIT", "ROLLBACK", "CALL"].iter().any(|word| part.is(word));
    after.iter().any(|part| match part {
        Part::Text(body) => {
            let body = match body.split(|&byte| byte == b'$').nth(1) {
                Some(tag) if body.starts_with(b"$") => body.get(tag.len() + 2..).unwrap_or_default(),
                _ => body.get(1..).unwrap_or_default(),
            };
            parts(body).any(|(_, part)| ends(part))
        }
        _ => false,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
