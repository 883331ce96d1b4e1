//! What statements for MySQL and MariaDB say.
//!
//! Knows: their grammar, as far as it matters, and how a script is cut. Must never know: what a
//! statement does to a database.

mod alter;
mod body;
mod column;
mod create;
mod dynamic;
mod expression;
mod other;
mod reader;
mod rows;
mod script;
mod table;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;

pub use script::{script, script_with};

use crate::sql::statement::{Origin, Said, Span, Statement, Type};
use reader::{Around, Reader, laid_open, lexed};

/// Statements in statements are read down to here.
const DEEPEST: usize = 8;

/// Reads one statement, as the client sends it.
#[must_use]
pub fn read(text: &str, origin: Origin) -> Statement {
    read_in(text, origin, None, 0)
}

/// Reads a type as the catalogue writes it: `varchar(50)`, `int(10) unsigned`, `enum('a','b')`. The
/// values of an enum keep their quotes; a character set is `charset utf8mb4`.
#[must_use]
pub fn type_of(text: &str) -> Option<Type> {
    let origin = Origin::default();
    let around = Around { origin: &origin, home: None, depth: 0 };
    let tokens = lexed(text);
    column::ty(&mut Reader::new(text, &tokens, &around))
}

/// Reads a statement in which names without a database are of `home`.
fn read_in(text: &str, origin: Origin, home: Option<&str>, depth: usize) -> Statement {
    let plain = laid_open(text);
    let tokens = lexed(&plain);
    let around = Around { origin: &origin, home, depth };
    let mut reader = Reader::new(&plain, &tokens, &around);
    let Read { said, body } =
        if depth > DEEPEST { opaque("it stands in too many others").into() } else { statement(&mut reader) };
    let span = Span { start: 0, end: text.len() };
    Statement { said, text: text.to_owned(), origin, span, body }
}

/// Reads a part of a statement as one of its own.
fn read_part(reader: &Reader<'_>, span: Span) -> Statement {
    let Around { origin, home, depth } = reader.around;
    let before = reader.text.get(..span.start).unwrap_or_default();
    let origin = Origin {
        file: origin.file.clone(),
        line: origin.line + before.matches('\n').count(),
        offset: origin.offset.map(|offset| offset + span.start),
    };
    read_in(reader.slice(span), origin, *home, depth + 1)
}

/// What was read.
struct Read {
    said: Said,
    body: Vec<Statement>,
}

impl From<Said> for Read {
    fn from(said: Said) -> Read {
        Read { said, body: Vec::new() }
    }
}

impl Read {
    /// The statement says one thing more, which comes before the rest.
    fn also(mut self, reader: &Reader<'_>, said: Said) -> Read {
        self.body.push(Statement {
            said,
            text: reader.text.to_owned(),
            origin: reader.around.origin.clone(),
            span: Span { start: 0, end: reader.text.len() },
            body: Vec::new(),
        });
        self
    }
}

fn opaque(why: impl Into<String>) -> Said {
    Said::Opaque { why: why.into() }
}

/// Statements that change nothing which lint looks at, by their first word.
const HARMLESS: [&str; 18] = [
    "SHOW",
    "DESCRIBE",
    "DESC",
    "EXPLAIN",
    "HELP",
    "CHECKSUM",
    "SIGNAL",
    "RESIGNAL",
    "UNLOCK",
    "DEALLOCATE",
    "USE",
    "GET",
    "HANDLER",
    "CACHE",
    "PURGE",
    "BINLOG",
    "KILL",
    "PREPARE",
];
/// Statements about the server as a whole.
const SERVER: [&str; 12] = [
    "FLUSH",
    "RESET",
    "INSTALL",
    "UNINSTALL",
    "CHANGE",
    "START",
    "STOP",
    "SHUTDOWN",
    "RESTART",
    "BACKUP",
    "CLONE",
    "IMPORT",
];

/// Reads a statement; what cannot be understood says so.
fn statement(reader: &mut Reader<'_>) -> Read {
    let Some(first) = reader.peek() else { return Said::Harmless.into() };
    let verb = first.text.to_ascii_uppercase();
    let all = *reader;
    let read = match verb.as_str() {
        "(" | "SELECT" | "WITH" | "VALUES" | "TABLE" | "DO" | "INSERT" | "REPLACE" | "UPDATE" | "DELETE"
        | "LOAD" => rows::said(all).map(Read::from),
        "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" | "XA" => transaction(all),
        "EXECUTE" => Some(dynamic::execute(reader)),
        "SET" if all.is_at(1, "STATEMENT") => Some(set_for(all)),
        _ => {
            reader.skip(1);
            defined(reader, &verb)
        }
    };
    let known = |words: &[&str]| words.contains(&verb.as_str());
    match read {
        Some(read) => read,
        None if known(&HARMLESS) => Said::Harmless.into(),
        None if known(&SERVER) => {
            let words: Vec<&str> = all.rest().iter().take(4).map(|token| token.text).collect();
            let object = crate::sql::statement::Object::Other;
            Said::AlterOther { object, name: words.join(" ") }.into()
        }
        None => unknown(&all).into(),
    }
}

fn unknown(reader: &Reader<'_>) -> Said {
    let words: Vec<&str> = reader.rest().iter().take(3).map(|token| token.text).collect();
    opaque(format!("a statement that begins with \"{}\" is not understood", words.join(" ")))
}

/// Statements that begin and end transactions.
fn transaction(mut reader: Reader<'_>) -> Option<Read> {
    if reader.are(&["BEGIN", "NOT", "ATOMIC"]) {
        return Some(body::block(reader));
    }
    let xa = reader.eat(&["XA"]);
    let verb = reader.next()?.text.to_ascii_uppercase();
    let said = match verb.as_str() {
        "BEGIN" => Said::Begin,
        "START" if xa || reader.is("TRANSACTION") => Said::Begin,
        "START" => return None,
        "COMMIT" => Said::Commit,
        "ROLLBACK" if !reader.has("TO") => Said::Rollback,
        _ => Said::Savepoint,
    };
    Some(said.into())
}

/// Statements that define something, behind their first word.
fn defined(reader: &mut Reader<'_>, verb: &str) -> Option<Read> {
    match verb {
        "CREATE" => create::create(reader),
        "ALTER" => {
            reader.eat_any(&["ONLINE", "OFFLINE"]);
            reader.eat(&["IGNORE"]);
            if reader.eat(&["TABLE"]) {
                return alter::alter_table(reader).map(Read::from);
            }
            other::altered(reader).map(Read::from)
        }
        "DROP" => other::dropped(reader),
        "RENAME" => other::renamed(reader).map(Read::from),
        "TRUNCATE" => {
            reader.eat(&["TABLE"]);
            let tables = reader.names();
            (!tables.is_empty()).then(|| Said::Truncate { tables, cascade: false }.into())
        }
        "SET" => Some(other::set(reader)),
        "GRANT" | "REVOKE" => other::privileges(reader, verb == "GRANT").map(Read::from),
        "LOCK" => reader.eat_any(&["TABLES", "TABLE"]).map(|_| other::locked(*reader).into()),
        "CALL" => reader.qualified().map(|name| Said::Call { name }.into()),
        "ANALYZE" | "CHECK" | "OPTIMIZE" | "REPAIR" => maintained(reader, verb),
        _ => None,
    }
}

/// `ANALYZE`, `CHECK`, `OPTIMIZE` and `REPAIR`, behind the word.
fn maintained(reader: &mut Reader<'_>, verb: &str) -> Option<Read> {
    reader.eat_any(&["LOCAL", "NO_WRITE_TO_BINLOG"]);
    if reader.eat_any(&["TABLE", "TABLES"]).is_none() {
        // ANALYZE SELECT and the like run the statement.
        let analyzed = verb == "ANALYZE";
        return if analyzed { rows::said(*reader).map(Read::from) } else { Some(Said::Harmless.into()) };
    }
    let tables = reader.names();
    if matches!(verb, "ANALYZE" | "CHECK") {
        return Some(Said::Analyze { tables }.into());
    }
    let mut all = tables.into_iter().map(|table| Said::Cluster { table: Some(table) });
    let first = Read::from(all.next()?);
    Some(all.fold(first, |read, said| read.also(reader, said)))
}

/// MariaDB's `SET STATEMENT … FOR …`: a statement with settings of its own.
fn set_for(mut reader: Reader<'_>) -> Read {
    reader.skip(2);
    let settings = reader.until(|reader| reader.is("FOR"));
    let waits = settings.has("lock_wait_timeout");
    reader.skip(1);
    if reader.are(&["SET", "STATEMENT"]) {
        return unknown(&reader).into();
    }
    let mut read = statement(&mut reader);
    if let Said::AlterTable { clauses, .. } | Said::CreateIndex { clauses, .. } = &mut read.said {
        clauses.wait |= waits;
    }
    read
}
