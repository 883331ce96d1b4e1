//! The statements of a whole script.

use super::read;
use crate::error::{Error, Kind, Result};
use crate::sql::Dialect;
use crate::sql::lex::statements;
use crate::sql::sqlite::cut::{Item, ItemKind, read_script};
use crate::sql::sqlite::dot::DotCall;
use crate::sql::statement::{Name, Origin, Reach, Reads, Said, Span, Statement, Write, WriteKind};
use std::collections::HashMap;

/// Reads all statements of a script, and everything that is wrong with its making.
///
/// Commands of the shell are left out, unless they write to the database: `.import` is a statement that
/// writes, and what runs something that is not looked at is opaque.
#[must_use]
pub fn script(path: &str, text: &str) -> (Vec<Statement>, Vec<Error>) {
    script_with(path, text, &mut |_| Err(Error::new(Kind::Script, "script.include", "it is not looked at")))
}

/// The same with the statements of the files that it reads; `open` gives the text of one, by its path seen
/// from the project's folder. What cannot be opened is opaque.
#[must_use]
pub fn script_with(
    path: &str,
    text: &str,
    open: &mut dyn FnMut(&str) -> Result<String>,
) -> (Vec<Statement>, Vec<Error>) {
    let mut texts = HashMap::from([(path.to_owned(), text.to_owned())]);
    let cut = read_script(path, text, &mut |path| {
        let text = open(path)?;
        texts.insert(path.to_owned(), text.clone());
        Ok(text)
    });
    let lines: Vec<(&String, Lines<'_>)> =
        cut.files.iter().map(|file| (file, Lines::new(texts.get(file).map_or("", String::as_str)))).collect();
    let mut list = Vec::new();
    for item in &cut.items {
        let Some((path, lines)) = lines.get(item.file) else { continue };
        match &item.kind {
            ItemKind::Sql(sql) => {
                for statement in statements(sql, Dialect::Sqlite) {
                    let (line, offset) = lines.place(item, sql, statement.start, statement.text);
                    let origin = Origin { file: path.to_string(), line, offset };
                    list.push(read(statement.text, origin));
                }
            }
            ItemKind::Dot(call) => {
                if let Some(said) = command(call) {
                    let (_, offset) = lines.place(item, &call.raw, 0, &call.raw);
                    list.push(Statement {
                        said,
                        text: call.raw.clone(),
                        origin: Origin { file: path.to_string(), line: item.line, offset },
                        span: Span { start: 0, end: call.raw.len() },
                        body: Vec::new(),
                    });
                }
            }
        }
    }
    (list, cut.problems)
}

/// What a command of the shell does to the database.
fn command(call: &DotCall) -> Option<Said> {
    let opaque = |why: String| Some(Said::Opaque { why });
    let named = call.arg(0).unwrap_or_default();
    match call.name {
        "import" => {
            let table = call.args.iter().rev().find(|arg| !arg.starts_with('-'))?;
            let write = Write {
                kind: WriteKind::Load,
                table: Name::new(table.to_ascii_lowercase()),
                reach: Reach::All,
                sets: Vec::new(),
                joined: false,
                in_with: false,
                span: Span { start: 0, end: call.raw.len() },
            };
            Some(Said::Write(vec![write], Reads::default()))
        }
        "read" => opaque(format!("it runs the statements of {named}, which were not read")),
        "open" => opaque("what follows it works on another database".to_owned()),
        "restore" => opaque(format!("it puts the content of {named} in the place of the database")),
        "shell" | "system" => opaque("it runs a program".to_owned()),
        _ => None,
    }
}

/// Where the lines of a text begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Lines<'t> {
        let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let rest = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines { text, starts: std::iter::once(first).chain(rest).collect() }
    }

    /// The line of a statement that begins `start` bytes into the text of an item, and its offset in the
    /// file if it stands there letter by letter.
    fn place(&self, item: &Item, sql: &str, start: usize, statement: &str) -> (usize, Option<usize>) {
        let before = sql.get(..start).unwrap_or_default();
        let line = item.line + before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        let offset = line.checked_sub(1).and_then(|at| self.starts.get(at)).map(|begin| begin + column);
        let there = |at: &usize| self.text.get(*at..).is_some_and(|rest| rest.starts_with(statement));
        (line, offset.filter(there))
    }
}
