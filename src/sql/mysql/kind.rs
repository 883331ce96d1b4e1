//! What a statement does: to transactions, to the session, to the catalogue.

use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};

/// What sort of thing a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A table, a view or a sequence: they share their names.
    Table,
    /// A trigger.
    Trigger,
    /// A procedure.
    Procedure,
    /// A function.
    Function,
    /// An event.
    Event,
    /// A database.
    Database,
    /// An account or a role.
    User,
}

/// Something of the catalogue that a statement names.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// The database it is in, if that is said; for an account, its host.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// Sets something of the session, so that a run that goes on has to do it again.
    Session,
    /// Leaves something in the session that cannot be made again: results in variables, temporary tables.
    Keeps,
    /// Reads the catalogue.
    Show,
    /// Begins a transaction; `read_only` says what it may do.
    Begin {
        /// Whether it may only read.
        read_only: bool,
    },
    /// Ends a transaction; its work stays.
    Commit {
        /// Whether the next one begins with its end.
        chain: bool,
    },
    /// Ends a transaction; its work goes.
    Rollback {
        /// Whether the next one begins with its end.
        chain: bool,
    },
    /// Belongs to the transaction it is in.
    Savepoint,
    /// Switches transactions off (`true`) or on: with 0, everything is one until a COMMIT.
    Autocommit(bool),
    /// Reads or writes rows, in a transaction if there is one.
    Rows,
    /// Commits by itself, and what is open before it. What it names in the catalogue tells whether it
    /// took effect; nothing is named if that does not matter.
    Commits {
        /// What it makes, alters or drops.
        objects: Vec<Object>,
        /// Whether it can be run again without harm.
        repeatable: bool,
        /// Whether it keeps others from tables that were there before.
        blocks: bool,
    },
    /// Locks tables: others are out of reach until they are unlocked.
    LockTables,
    /// May do anything, and commit.
    Unknown,
}

/// What a statement does.
#[must_use]
pub fn kind(text: &str) -> Kind {
    let plain = without_conditions(text);
    let all: Vec<Token<'_>> =
        tokens(&plain, Dialect::Mysql).filter(|token| token.kind != TokenKind::Comment).collect();
    let words = Words(&all);
    match words.word(0).as_str() {
        "" if all.is_empty() => Kind::Empty,
        "SET" => set(words),
        "USE" => Kind::Session,
        "PREPARE" | "DEALLOCATE" => Kind::Session,
        "SHOW" | "DESCRIBE" | "DESC" | "EXPLAIN" | "HELP" | "CHECKSUM" | "SIGNAL" => Kind::Show,
        "BEGIN" if words.has("NOT") && words.has("ATOMIC") => Kind::Unknown,
        "BEGIN" => Kind::Begin { read_only: false },
        "START" if words.is(1, "TRANSACTION") => Kind::Begin { read_only: words.has("ONLY") },
        "COMMIT" => Kind::Commit { chain: words.chains() },
        "ROLLBACK" if words.has("TO") => Kind::Savepoint,
        "ROLLBACK" => Kind::Rollback { chain: words.chains() },
        "SAVEPOINT" | "RELEASE" => Kind::Savepoint,
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "(" | "DO" => rows(words, &all),
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "LOAD" | "HANDLER" => Kind::Rows,
        "LOCK" | "UNLOCK" if words.is(1, "TABLES") || words.is(1, "TABLE") => Kind::LockTables,
        "CREATE" => create(words),
        "ALTER" => alter(words),
        "DROP" => drop_(words),
        "RENAME" => {
            let objects = renamed(words);
            // Names that go round may look as before when they have gone round.
            let again =
                objects.iter().enumerate().any(|(at, one)| objects.iter().take(at).any(|other| other == one));
            if again { Kind::Unknown } else { Kind::Commits { objects, repeatable: false, blocks: true } }
        }
        "TRUNCATE" => Kind::Commits { objects: Vec::new(), repeatable: true, blocks: true },
        "ANALYZE" if !words.is(1, "TABLE") && !words.is(2, "TABLE") => Kind::Unknown,
        "ANALYZE" | "CHECK" | "FLUSH" | "RESET" | "GRANT" | "CACHE" => harmless(false),
        "OPTIMIZE" | "REPAIR" => harmless(true),
        "REVOKE" => Kind::Commits { objects: Vec::new(), repeatable: false, blocks: false },
        _ => Kind::Unknown,
    }
}

fn harmless(blocks: bool) -> Kind {
    Kind::Commits { objects: Vec::new(), repeatable: true, blocks }
}

/// What MySQL takes for a statement and others for a comment is a statement here.
fn without_conditions(text: &str) -> String {
    if !text.contains("/*!") && !text.contains("/*M!") {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/*") {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        let opened = after.strip_prefix("/*!").or_else(|| after.strip_prefix("/*M!"));
        rest = match opened {
            Some(inside) => {
                plain.push(' ');
                inside.trim_start_matches(|c: char| c.is_ascii_digit())
            }
            None => {
                plain.push_str("/*");
                after.get(2..).unwrap_or_default()
            }
        };
        // An end that stands in a string is one to us; what is misread so is only less well known.
        if opened.is_some()
            && let Some((inside, after)) = rest.split_once("*/")
        {
            plain.push_str(inside);
            plain.push(' ');
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

/// The tokens of a statement.
#[derive(Clone, Copy)]
struct Words<'a, 'b>(&'a [Token<'b>]);

impl Words<'_, '_> {
    fn word(&self, at: usize) -> String {
        self.0.get(at).map(|token| token.text.to_ascii_uppercase()).unwrap_or_default()
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.0.get(at).is_some_and(|token| token.is(word))
    }

    fn has(&self, word: &str) -> bool {
        self.0.iter().any(|token| token.is(word))
    }

    fn find(&self, word: &str) -> Option<usize> {
        self.0.iter().position(|token| token.is(word))
    }

    fn chains(&self) -> bool {
        self.0.windows(2).any(|two| matches!(two, [and, chain] if and.is("AND") && chain.is("CHAIN")))
    }

    /// The first place at or after `at` that is none of these words.
    fn after(&self, at: usize, skipped: &[&str]) -> usize {
        let rest = self.0.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|token| skipped.iter().any(|word| token.is(word))).count()
    }

    /// The name at a place, and the place after it.
    fn object(&self, at: usize, kind: ObjectKind) -> Option<(Object, usize)> {
        let first = unquoted(self.0.get(at)?)?;
        let mark = self.0.get(at + 1).map(|token| token.text).unwrap_or_default();
        if mark == if kind == ObjectKind::User { "@" } else { "." } {
            let second = unquoted(self.0.get(at + 2)?)?;
            let (schema, name) = if kind == ObjectKind::User { (second, first) } else { (first, second) };
            return Some((Object { kind, schema: Some(schema), name }, at + 3));
        }
        Some((Object { kind, schema: None, name: first }, at + 1))
    }

    /// The names of a list.
    fn objects(&self, mut at: usize, kind: ObjectKind) -> Vec<Object> {
        let mut all = Vec::new();
        while let Some((object, next)) = self.object(at, kind) {
            all.push(object);
            if self.word(next) != "," {
                break;
            }
            at = next + 1;
        }
        all
    }
}

fn unquoted(token: &Token<'_>) -> Option<String> {
    let text = token.text;
    let quote = text.chars().next()?;
    if !matches!(quote, '`' | '"' | '\'') {
        return matches!(token.kind, TokenKind::Word).then(|| text.to_owned());
    }
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
}

fn set(words: Words<'_, '_>) -> Kind {
    if words.is(1, "STATEMENT") {
        return Kind::Unknown;
    }
    if words.has("PASSWORD") || words.is(1, "DEFAULT") {
        return harmless(false);
    }
    // It may be read before it is set: SET @old = @@autocommit, autocommit = 0.
    let set = |at: &usize| {
        let named = words.0.get(*at).is_some_and(|token| token.is("AUTOCOMMIT"));
        named && words.0.get(at + 1).is_some_and(|token| matches!(token.text, "=" | ":" | ":="))
    };
    let global = ["GLOBAL", "PERSIST"].iter().any(|word| words.has(word));
    if let Some(at) = (0..words.0.len()).rev().find(set).filter(|_| !global) {
        let value = words
            .0
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .find(|token| !matches!(token.text, "=" | ":" | ":="));
        let off = value.is_some_and(|value| value.text == "0" || value.is("OFF") || value.is("FALSE"));
        return Kind::Autocommit(!off);
    }
    // What is computed now may be another thing later.
    if words.has("SELECT") || words.0.iter().any(|token| token.text == "(") {
        Kind::Keeps
    } else {
        Kind::Session
    }
}

/// A statement for rows; into a variable, its result stays in the session.
fn rows(words: Words<'_, '_>, all: &[Token<'_>]) -> Kind {
    let assigns =
        all.windows(2).any(|two| matches!(two, [colon, equal] if colon.text == ":" && equal.text == "="));
    let into =
        words.find("INTO").and_then(|at| all.get(at + 1)).is_some_and(|token| token.text.starts_with('@'));
    if into || assigns { Kind::Keeps } else { Kind::Rows }
}

const BEFORE_NAME: [&str; 3] = ["IF", "NOT", "EXISTS"];

fn named(words: Words<'_, '_>, at: usize, kind: ObjectKind, blocks: bool) -> Kind {
    let at = words.after(at, &BEFORE_NAME);
    match words.object(at, kind) {
        Some((object, _)) => Kind::Commits { objects: vec![object], repeatable: false, blocks },
        None => Kind::Unknown,
    }
}

/// The table after `ON`.
fn on_table(words: Words<'_, '_>) -> Kind {
    match words.find("ON") {
        Some(at) => named(words, at + 1, ObjectKind::Table, true),
        None => Kind::Unknown,
    }
}

/// The place of the word that says what is made, altered or dropped, and what that is.
fn subject(words: Words<'_, '_>) -> Option<(usize, &'static str)> {
    const SUBJECTS: [&str; 16] = [
        "TEMPORARY",
        "TABLE",
        "VIEW",
        "SEQUENCE",
        "INDEX",
        "KEY",
        "TRIGGER",
        "PROCEDURE",
        "FUNCTION",
        "EVENT",
        "DATABASE",
        "SCHEMA",
        "USER",
        "ROLE",
        "SERVER",
        "TABLESPACE",
    ];
    // Between stand OR REPLACE, DEFINER = …, ALGORITHM = …, UNIQUE and the like.
    let found = words.0.iter().enumerate().skip(1).take(24);
    found.into_iter().find_map(|(at, token)| Some((at, *SUBJECTS.iter().find(|word| token.is(word))?)))
}

fn create(words: Words<'_, '_>) -> Kind {
    let Some((at, what)) = subject(words) else { return Kind::Unknown };
    match what {
        "TEMPORARY" => Kind::Keeps,
        "TABLE" | "VIEW" | "SEQUENCE" => named(words, at + 1, ObjectKind::Table, false),
        "INDEX" | "KEY" => on_table(words),
        "TRIGGER" => named(words, at + 1, ObjectKind::Trigger, true),
        _ => routine(words, at, what),
    }
}

fn routine(words: Words<'_, '_>, at: usize, what: &str) -> Kind {
    let kind = match what {
        "PROCEDURE" => ObjectKind::Procedure,
        "FUNCTION" if words.has("SONAME") => return Kind::Unknown,
        "FUNCTION" => ObjectKind::Function,
        "EVENT" => ObjectKind::Event,
        "DATABASE" | "SCHEMA" => ObjectKind::Database,
        "USER" | "ROLE" => {
            let objects = words.objects(words.after(at + 1, &BEFORE_NAME), ObjectKind::User);
            return Kind::Commits { objects, repeatable: false, blocks: false };
        }
        _ => return Kind::Unknown,
    };
    named(words, at + 1, kind, false)
}

fn alter(words: Words<'_, '_>) -> Kind {
    let Some((at, what)) = subject(words) else { return Kind::Unknown };
    match what {
        // The table's definition does not show whether they happened.
        "TABLE" if ["EXCHANGE", "DISCARD", "IMPORT"].iter().any(|word| words.has(word)) => Kind::Unknown,
        "TABLE" => named(words, at + 1, ObjectKind::Table, true),
        "VIEW" | "SEQUENCE" => named(words, at + 1, ObjectKind::Table, false),
        // Altering to what is altered already does no harm.
        "USER" | "ROLE" | "SERVER" => harmless(false),
        _ => routine(words, at, what),
    }
}

fn drop_(words: Words<'_, '_>) -> Kind {
    if words.is(1, "PREPARE") {
        return Kind::Session;
    }
    let Some((at, what)) = subject(words) else { return Kind::Unknown };
    let from = words.after(at + 1, &BEFORE_NAME);
    match what {
        "TEMPORARY" => Kind::Keeps,
        "TABLE" | "VIEW" | "SEQUENCE" => {
            let objects = words.objects(from, ObjectKind::Table);
            Kind::Commits { objects, repeatable: false, blocks: what == "TABLE" }
        }
        "INDEX" | "KEY" => on_table(words),
        "TRIGGER" => named(words, from, ObjectKind::Trigger, true),
        _ => routine(words, at, what),
    }
}

fn renamed(words: Words<'_, '_>) -> Vec<Object> {
    let kind = if words.is(1, "USER") { ObjectKind::User } else { ObjectKind::Table };
    let mut all = Vec::new();
    let mut at = words.after(2, &BEFORE_NAME);
    while let Some((object, next)) = words.object(at, kind) {
        all.push(object);
        let goes_on = words.is(next, "TO") || words.word(next) == ",";
        if !goes_on {
            break;
        }
        at = next + 1;
    }
    all
}
