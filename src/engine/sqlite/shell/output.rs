//! The output modes of the sqlite3 shell: rows become bytes.
//!
//! Knows: columns and values. Must never know: where the bytes go, or where rows come from.

use super::table::{Frame, Table};
use super::value::{self, Style};
use crate::error::{Error, Kind, Result};
use rusqlite::types::ValueRef;
use std::io::Write as _;

/// How rows are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Ascii,
    Box,
    Column,
    Csv,
    Html,
    Insert,
    Json,
    Line,
    List,
    Markdown,
    Quote,
    Table,
    Tcl,
}

const MODES: &str = "ascii box column csv html insert json line list markdown qbox quote table tabs tcl";

/// Everything that decides about the look of a result.
#[derive(Debug, Clone)]
pub(super) struct Format {
    pub(super) mode: Mode,
    pub(super) headers: bool,
    pub(super) column_separator: String,
    pub(super) row_separator: String,
    pub(super) null: String,
    /// Wanted widths of columns; negative aligns right, zero is as wide as needed.
    pub(super) widths: Vec<i64>,
    /// The table that `insert` names.
    table: String,
    /// Wider cells are wrapped, at words if `word_wrap`.
    pub(super) wrap: usize,
    pub(super) word_wrap: bool,
    /// Cells are shown as literals.
    pub(super) quote: bool,
}

impl Format {
    /// What `sqlite3 -noheader -csv` starts with.
    pub(super) fn new() -> Format {
        Format {
            mode: Mode::Csv,
            headers: false,
            column_separator: ",".to_owned(),
            row_separator: "\n".to_owned(),
            null: String::new(),
            widths: Vec::new(),
            table: "\"table\"".to_owned(),
            wrap: 60,
            word_wrap: false,
            quote: false,
        }
    }

    /// `.mode` with its arguments.
    pub(super) fn set(&mut self, args: &[String]) -> Result<()> {
        let mut names = Vec::new();
        let (mut wrap, mut word_wrap, mut quote) = (60, false, false);
        let mut args = args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            // One dash does for two.
            match arg.strip_prefix('-').map(|option| option.strip_prefix('-').unwrap_or(option)) {
                Some("wrap") => wrap = usize::try_from(super::integer(args.next())).unwrap_or(0),
                Some("ww") => word_wrap = true,
                Some("wordwrap") => word_wrap = super::truth(args.next()),
                Some("quote") => quote = true,
                Some("noquote") => quote = false,
                Some(_) => return Err(refusal(format!(".mode has no option {arg}"))),
                None => names.push(arg),
            }
        }
        let (name, table) = match *names.as_slice() {
            [name] => (name, None),
            [name, table] => (name, Some(table)),
            _ => return Err(refusal(".mode takes one mode".to_owned())),
        };
        let (mode, column, row) =
            found(name).ok_or_else(|| refusal(format!("there is no output mode {name}")))?;
        self.mode = mode;
        if let Some(column) = column {
            column.clone_into(&mut self.column_separator);
        }
        if let Some(row) = row {
            row.clone_into(&mut self.row_separator);
        }
        if self.is_columnar() {
            (self.wrap, self.word_wrap) = (wrap, word_wrap);
            self.quote = quote || name.starts_with('q');
        }
        self.table = value::identifier(table.unwrap_or("table"));
        Ok(())
    }

    /// Whether a result is only laid out once all of it is known.
    fn is_columnar(&self) -> bool {
        matches!(self.mode, Mode::Box | Mode::Column | Mode::Markdown | Mode::Table)
    }

    /// The mode as `.mode` and `.show` write it.
    pub(super) fn name(&self) -> String {
        let name = format!("{:?}", self.mode).to_ascii_lowercase();
        if !self.is_columnar() {
            return name;
        }
        let wordwrap = if self.word_wrap { "on" } else { "off" };
        let no = if self.quote { "" } else { "no" };
        format!("{name} --wrap {} --wordwrap {wordwrap} --{no}quote", self.wrap)
    }
}

fn refusal(message: String) -> Error {
    Error::new(Kind::Script, "script.mode", message).hint(format!("modes are: {MODES}"))
}

/// The mode that `name` begins to spell, and the separators it brings.
#[rustfmt::skip]
fn found(name: &str) -> Option<(Mode, Option<&'static str>, Option<&'static str>)> {
    // Where a short form fits several, the first one wins, as in the shell.
    let modes = [
        ("lines", Mode::Line, None, Some("\n")),
        ("columns", Mode::Column, None, Some("\n")),
        ("list", Mode::List, Some("|"), Some("\n")),
        ("html", Mode::Html, None, None),
        ("tcl", Mode::Tcl, Some(" "), Some("\n")),
        ("csv", Mode::Csv, Some(","), Some("\r\n")),
        ("tabs", Mode::List, Some("\t"), None),
        ("insert", Mode::Insert, None, None),
        ("quote", Mode::Quote, Some(","), Some("\n")),
        ("ascii", Mode::Ascii, Some("\x1f"), Some("\x1e")),
        ("markdown", Mode::Markdown, None, None),
        ("table", Mode::Table, None, None),
        ("box", Mode::Box, None, None),
        ("qbox", Mode::Box, None, None),
        ("json", Mode::Json, None, None),
    ];
    let (_, mode, column, row) = modes.into_iter().find(|(full, ..)| full.starts_with(name))?;
    Some((mode, column, row))
}

/// Lays out one result, row by row.
pub(super) struct Printer<'f> {
    format: &'f Format,
    columns: &'f [String],
    rows: usize,
    table: Option<Table>,
}

impl<'f> Printer<'f> {
    /// For a result with these columns; they may be empty when `names_columns` says so.
    pub(super) fn new(format: &'f Format, columns: &'f [String]) -> Self {
        let table = format.is_columnar().then(|| {
            let frame = match format.mode {
                Mode::Box => Frame::Box,
                Mode::Table => Frame::Ascii,
                Mode::Markdown => Frame::Markdown,
                _ => Frame::None,
            };
            let wrap = (format.wrap, format.word_wrap);
            Table::new(frame, columns, &format.widths, wrap, frame != Frame::None || format.headers)
        });
        Printer { format, columns, rows: 0, table }
    }

    /// Whether the names of the columns are written at all.
    pub(super) fn names_columns(format: &Format) -> bool {
        format.headers || format.is_columnar() || matches!(format.mode, Mode::Json | Mode::Line)
    }

    /// Takes one row; what can be written already is appended to `to`.
    pub(super) fn row(&mut self, to: &mut Vec<u8>, row: &[ValueRef<'_>]) {
        if let Some(table) = &mut self.table {
            table.add(row.iter().map(|cell| shown(self.format, *cell)).collect());
            return;
        }
        let first = self.rows == 0;
        self.rows += 1;
        if first && self.format.headers {
            self.header(to);
        }
        match self.format.mode {
            Mode::Json => self.json(to, row, first),
            Mode::Line => self.line(to, row, first),
            Mode::Insert => self.insert(to, row),
            Mode::Html => html(to, "TD", row.iter().map(|cell| text(self.format, *cell))),
            mode => {
                let format = self.format;
                let write = |to: &mut Vec<u8>, cell: &ValueRef<'_>| match mode {
                    Mode::Csv if *cell == ValueRef::Null => to.extend_from_slice(format.null.as_bytes()),
                    Mode::Csv => csv(to, &text(format, *cell), &format.column_separator),
                    Mode::Quote => value::literal(to, *cell, Style::Quote),
                    Mode::Tcl => c_string(to, &text(format, *cell)),
                    _ => to.extend_from_slice(&text(format, *cell)),
                };
                self.separated(to, row, write);
            }
        }
    }

    /// Writes what had to wait for the last row.
    pub(super) fn end(&mut self, to: &mut Vec<u8>) {
        if let Some(table) = self.table.take() {
            table.write(to);
        } else if self.format.mode == Mode::Json && self.rows > 0 {
            to.extend_from_slice(b"]\n");
        }
    }

    fn separated<T>(&self, to: &mut Vec<u8>, cells: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                to.extend_from_slice(self.format.column_separator.as_bytes());
            }
            write(to, cell);
        }
        to.extend_from_slice(self.format.row_separator.as_bytes());
    }

    fn header(&self, to: &mut Vec<u8>) {
        let separator = &self.format.column_separator;
        match self.format.mode {
            Mode::Json | Mode::Line | Mode::Insert => {}
            Mode::Html => html(to, "TH", self.columns.iter().map(|name| name.as_bytes().to_vec())),
            mode => self.separated(to, self.columns, |to, name| match mode {
                Mode::Csv => csv(to, name.as_bytes(), separator),
                Mode::Quote => value::quoted(to, name.as_bytes()),
                Mode::Tcl => c_string(to, name.as_bytes()),
                _ => to.extend_from_slice(name.as_bytes()),
            }),
        }
    }

    fn line(&self, to: &mut Vec<u8>, row: &[ValueRef<'_>], first: bool) {
        let end = self.format.row_separator.as_bytes();
        if !first {
            to.extend_from_slice(end);
        }
        let width = self.columns.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
        for (name, cell) in self.columns.iter().zip(row) {
            let _ = write!(to, "{name:>width$} = ");
            to.extend_from_slice(&text(self.format, *cell));
            to.extend_from_slice(end);
        }
    }

    fn insert(&self, to: &mut Vec<u8>, row: &[ValueRef<'_>]) {
        let _ = write!(to, "INSERT INTO {}", self.format.table);
        if self.format.headers {
            let names: Vec<String> = self.columns.iter().map(|name| value::identifier(name)).collect();
            let _ = write!(to, "({})", names.join(","));
        }
        to.extend_from_slice(b" VALUES(");
        literals(to, row);
        to.extend_from_slice(b");\n");
    }

    fn json(&self, to: &mut Vec<u8>, row: &[ValueRef<'_>], first: bool) {
        to.extend_from_slice(if first { b"[{" } else { b",\n{" });
        for (index, (name, cell)) in self.columns.iter().zip(row).enumerate() {
            if index > 0 {
                to.push(b',');
            }
            json_string(to, name.as_bytes());
            to.push(b':');
            match *cell {
                ValueRef::Null => to.extend_from_slice(b"null"),
                ValueRef::Integer(number) => to.extend_from_slice(number.to_string().as_bytes()),
                ValueRef::Real(number) if number.is_infinite() => {
                    to.extend_from_slice(if number > 0.0 { b"1e999" } else { b"-1e999" });
                }
                ValueRef::Real(number) => to.extend_from_slice(value::real(number, 20).as_bytes()),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => json_string(to, bytes),
            }
        }
        to.push(b'}');
    }
}

/// Appends the values of a row as literals for a statement, with commas between.
pub(super) fn literals(to: &mut Vec<u8>, row: &[ValueRef<'_>]) {
    for (index, cell) in row.iter().enumerate() {
        if index > 0 {
            to.push(b',');
        }
        value::literal(to, *cell, Style::Statement);
    }
}

fn text(format: &Format, cell: ValueRef<'_>) -> Vec<u8> {
    value::plain(cell).map_or_else(|| format.null.as_bytes().to_vec(), std::borrow::Cow::into_owned)
}

/// A cell of a table, as characters that can be counted.
fn shown(format: &Format, cell: ValueRef<'_>) -> String {
    let mut bytes = Vec::new();
    match cell {
        _ if !format.quote => bytes = text(format, cell),
        ValueRef::Integer(_) | ValueRef::Real(_) => bytes = text(format, cell),
        _ => value::literal(&mut bytes, cell, Style::Quote),
    }
    if format.quote && matches!(cell, ValueRef::Blob(_)) {
        bytes.make_ascii_lowercase();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn csv(to: &mut Vec<u8>, text: &[u8], separator: &str) {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'');
    let holds_separator =
        !separator.is_empty() && text.windows(separator.len()).any(|window| window == separator.as_bytes());
    if !text.is_empty() && text.iter().all(plain) && !holds_separator {
        to.extend_from_slice(text);
        return;
    }
    to.push(b'"');
    for &byte in text {
        if byte == b'"' {
            to.push(b'"');
        }
        to.push(byte);
    }
    to.push(b'"');
}

fn html(to: &mut Vec<u8>, tag: &str, cells: impl Iterator<Item = Vec<u8>>) {
    to.extend_from_slice(b"<TR>");
    for cell in cells {
        let _ = write!(to, "<{tag}>");
        for byte in cell {
            match byte {
                b'<' => to.extend_from_slice(b"&lt;"),
                b'>' => to.extend_from_slice(b"&gt;"),
                b'&' => to.extend_from_slice(b"&amp;"),
                b'"' => to.extend_from_slice(b"&quot;"),
                b'\'' => to.extend_from_slice(b"&#39;"),
                other => to.push(other),
            }
        }
        let _ = writeln!(to, "</{tag}>");
    }
    to.extend_from_slice(b"</TR>\n");
}

fn c_string(to: &mut Vec<u8>, text: &[u8]) {
    to.push(b'"');
    for &byte in text {
        match byte {
            b'\\' | b'"' => to.extend_from_slice(&[b'\\', byte]),
            b'\t' => to.extend_from_slice(b"\\t"),
            b'\n' => to.extend_from_slice(b"\\n"),
            b'\r' => to.extend_from_slice(b"\\r"),
            b' '..=b'~' => to.push(byte),
            _ => {
                let _ = write!(to, "\\{byte:03o}");
            }
        }
    }
    to.push(b'"');
}

fn json_string(to: &mut Vec<u8>, text: &[u8]) {
    to.push(b'"');
    for &byte in text {
        match byte {
            b'\\' | b'"' => to.extend_from_slice(&[b'\\', byte]),
            8 => to.extend_from_slice(b"\\b"),
            12 => to.extend_from_slice(b"\\f"),
            b'\t' => to.extend_from_slice(b"\\t"),
            b'\n' => to.extend_from_slice(b"\\n"),
            b'\r' => to.extend_from_slice(b"\\r"),
            0..=31 => {
                let _ = write!(to, "\\u{byte:04x}");
            }
            _ => to.push(byte),
        }
    }
    to.push(b'"');
}
