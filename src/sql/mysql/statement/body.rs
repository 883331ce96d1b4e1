//! The statements of a routine or a block, taken out of the `IF`s and loops around them.
//!
//! Knows: tokens. Must never know: which of them will be run.

use super::reader::Reader;
use super::{Read, read_part};
use crate::sql::statement::{Said, Statement};

/// The statements of a body, in the order in which they stand, as if all were run once.
pub(super) fn statements(mut reader: Reader<'_>) -> Vec<Statement> {
    let mut all = Vec::new();
    while !reader.done() {
        if !frame(&mut reader) {
            let start = reader.here();
            let one = reader.until(is_semicolon);
            if !one.done() {
                all.push(read_part(&one, reader.span(start)));
            }
        }
    }
    all
}

fn is_semicolon(reader: &Reader<'_>) -> bool {
    reader.peek().is_some_and(|token| token.text == ";")
}

/// Takes what is around the next statement; `false` if that statement comes now.
fn frame(reader: &mut Reader<'_>) -> bool {
    if is_semicolon(reader) {
        reader.skip(1);
        return true;
    }
    // A label.
    if reader.is_at(1, ":") && !reader.is_at(2, "=") && !reader.is_any(&["BEGIN", "SET"]) {
        reader.skip(2);
        return true;
    }
    if reader.eat(&["BEGIN", "NOT", "ATOMIC"])
        || reader.eat_any(&["BEGIN", "LOOP", "REPEAT", "ELSE"]).is_some()
    {
        return true;
    }
    if reader.is_any(&["IF", "ELSEIF", "WHEN"]) {
        condition(reader, "THEN");
        return true;
    }
    if reader.is_any(&["WHILE", "FOR"]) {
        condition(reader, "DO");
        return true;
    }
    if reader.eat(&["CASE"]) {
        // CASE x WHEN …; the words up to WHEN are no statement.
        reader.until(|reader| reader.is("WHEN") || is_semicolon(reader));
        return true;
    }
    if reader.is("DECLARE") {
        declared(reader);
        return true;
    }
    let control = ["UNTIL", "END", "LEAVE", "ITERATE", "FETCH", "OPEN", "CLOSE", "SIGNAL", "RESIGNAL", "GET"];
    if reader.is_any(&control) {
        reader.until(is_semicolon);
        return true;
    }
    // What a function gives back may be a query.
    if reader.eat(&["RETURN"]) {
        if !reader.is_any(&["(", "SELECT"]) {
            reader.until(is_semicolon);
        }
        return true;
    }
    false
}

/// Takes a condition with the word that ends it; `CASE` in it has words of its own.
fn condition(reader: &mut Reader<'_>, end: &str) {
    reader.skip(1);
    let mut cases = 0_usize;
    while !reader.done() && !is_semicolon(reader) {
        if cases == 0 && reader.is(end) {
            reader.skip(1);
            return;
        }
        if reader.is("CASE") {
            cases += 1;
        } else if reader.is("END") {
            cases = cases.saturating_sub(1);
        }
        reader.step();
    }
}

/// `DECLARE …`; behind a handler stands a statement.
fn declared(reader: &mut Reader<'_>) {
    reader.skip(1);
    let handler = reader.is_at(1, "HANDLER");
    if !handler {
        reader.until(is_semicolon);
        return;
    }
    reader.until(|reader| reader.is("FOR") || is_semicolon(reader));
    reader.eat(&["FOR"]);
    loop {
        if reader.eat(&["SQLSTATE"]) {
            reader.eat(&["VALUE"]);
            reader.skip(1);
        } else if !reader.eat(&["NOT", "FOUND"]) {
            reader.skip(1);
        }
        if !reader.eat(&[","]) {
            return;
        }
    }
}

/// `BEGIN NOT ATOMIC … END`, MariaDB's block without a name.
pub(super) fn block(reader: Reader<'_>) -> Read {
    let loops = ["LOOP", "WHILE", "REPEAT", "FOR"].iter().any(|word| reader.has(word));
    let commits = reader.has("COMMIT");
    Read { said: Said::Do { loops, commits }, body: statements(reader) }
}
