//! `.import`: rows of a text file go into a table.
//!
//! Knows: fields, lines and the table. Must never know: how output looks, beyond the separators
//! it takes over.

use super::output::{Format, Mode};
use super::{Output, command_error, database_error, sink, value};
use crate::error::{Error, Result};
use crate::sql::sqlite::dot::{self, DotCall};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};

/// What the command asks for.
struct Request<'c> {
    file: &'c str,
    table: &'c str,
    schema: Option<&'c str>,
    skip: i64,
    verbose: bool,
    column: u8,
    row: u8,
    /// Fields may be in double quotes.
    quotes: bool,
}

/// Runs `.import`.
///
/// Rows that break a constraint are passed over with a warning, as in the shell; and as there,
/// the command has failed in the end if the last row was such a one, the others being in.
///
/// # Errors
/// Bad arguments, a file that cannot be read, a table that cannot be made or written.
pub(super) fn run(
    conn: &Connection,
    call: &DotCall,
    format: &Format,
    directory: &Path,
    out: &mut Output<'_>,
) -> Result<()> {
    let request = request(call, format)?;
    let (input, child) = open(request.file, directory)?;
    let name = request.file.strip_prefix('|').unwrap_or(request.file);
    let mut fields = Fields::new(BufReader::new(input), &request, name);
    let imported = import(conn, &request, &mut fields, out);
    let lines = fields.line - 1;
    drop(fields);
    if let Some(mut child) = child {
        let _ = child.wait();
    }
    let Imported { rows, errors, last } = imported?;
    if request.verbose {
        let report = format!("Added {rows} rows with {errors} errors using {lines} lines of input\n");
        (out.stdout)(report.as_bytes());
    }
    last.map_or(Ok(()), Err)
}

fn request<'c>(call: &'c DotCall, format: &Format) -> Result<Request<'c>> {
    let mut names: Vec<&str> = Vec::new();
    let (mut schema, mut skip, mut verbose, mut separators) = (None, 0, false, None);
    let mut args = call.args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) {
            Some("v") => verbose = true,
            Some("csv") => separators = Some((b',', b'\n', true)),
            Some("ascii") => separators = Some((0x1f, 0x1e, false)),
            Some("schema") => schema = args.next(),
            Some("skip") => skip = args.next().map_or(0, dot::integer),
            Some(_) => return Err(command_error(format!(".import has no option {arg}"))),
            None => names.push(arg),
        }
    }
    let [file, table] = *names.as_slice() else {
        return Err(command_error(".import takes a file and a table"));
    };
    let (column, row, quotes) = match separators {
        Some(separators) => separators,
        None => (
            separator(&format.column_separator, "column")?,
            match format.row_separator.as_str() {
                "\r\n" if format.mode == Mode::Csv => b'\n',
                other => separator(other, "row")?,
            },
            format.mode != Mode::Ascii,
        ),
    };
    Ok(Request { file, table, schema, skip, verbose, column, row, quotes })
}

fn separator(text: &str, what: &str) -> Result<u8> {
    match *text.as_bytes() {
        [byte] => Ok(byte),
        _ => Err(command_error(format!(".import needs a {what} separator of one byte"))),
    }
}

fn open(file: &str, directory: &Path) -> Result<(Box<dyn Read>, Option<Child>)> {
    let failed = |cause| command_error(format!("cannot open \"{file}\"")).because(cause);
    let Some(command) = file.strip_prefix('|') else {
        return Ok((Box::new(File::open(directory.join(file)).map_err(failed)?), None));
    };
    let mut child = sink::program(command, directory).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let stdout: Box<dyn Read> = match child.stdout.take() {
        Some(stdout) => Box::new(stdout),
        None => Box::new(std::io::empty()),
    };
    Ok((stdout, Some(child)))
}

/// How many rows were put in and how many refused, and why the last one was if it was.
#[derive(Default)]
struct Imported {
    rows: u64,
    errors: u64,
    last: Option<Error>,
}

fn import(
    conn: &Connection,
    request: &Request<'_>,
    fields: &mut Fields<'_>,
    out: &mut Output<'_>,
) -> Result<Imported> {
    for _ in 0..request.skip {
        while fields.next(out)?.is_some() && fields.ended_by == End::Column {}
    }
    let table = match request.schema {
        Some(schema) => format!("{}.{}", value::double_quoted(schema), value::double_quoted(request.table)),
        None => value::double_quoted(request.table),
    };
    let columns = match columns(conn, &table)? {
        Some(columns) => columns,
        None => match create(conn, &table, fields, out)? {
            0 => return Ok(Imported::default()),
            columns => columns,
        },
    };
    let own_transaction = conn.is_autocommit();
    if own_transaction {
        conn.execute_batch("BEGIN").map_err(database_error)?;
    }
    let done = insert(conn, &table, columns, request, fields, out);
    if own_transaction && !conn.is_autocommit() {
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        conn.execute_batch(end).map_err(database_error)?;
    }
    done
}

/// How many columns the table has; `None` if there is no such table.
fn columns(conn: &Connection, table: &str) -> Result<Option<usize>> {
    match conn.prepare(&format!("SELECT * FROM {table}")) {
        Ok(statement) => Ok(Some(statement.column_count())),
        Err(error) => {
            let error = database_error(error);
            if error.message().contains("no such table: ") { Ok(None) } else { Err(error) }
        }
    }
}

/// Makes the table with the columns that the first line names, and gives their number; an
/// empty file makes no table.
fn create(conn: &Connection, table: &str, fields: &mut Fields<'_>, out: &mut Output<'_>) -> Result<usize> {
    let mut named: Vec<String> = Vec::new();
    while let Some(field) = fields.next(out)? {
        let name = String::from_utf8_lossy(&field).into_owned();
        named.push(if name.is_empty() { "?".to_owned() } else { name });
        if fields.ended_by != End::Column {
            break;
        }
    }
    if named.is_empty() {
        (out.stderr)(format!("{}: empty file\n", fields.name).as_bytes());
        return Ok(0);
    }
    let twice = |name: &String| named.iter().filter(|other| other.eq_ignore_ascii_case(name)).count() > 1;
    let mut columns = String::new();
    for (index, name) in named.iter().enumerate() {
        // Laid out as by the shell, since SQLite keeps the text.
        columns.push_str(match index {
            0 => "\n",
            _ if index.is_multiple_of(4) => ",\n ",
            _ => ", ",
        });
        let name = if twice(name) { &format!("{name}_{}", index + 1) } else { name };
        columns.push_str(&format!("{} TEXT", value::double_quoted(name)));
    }
    conn.execute_batch(&format!("CREATE TABLE {table}({columns})")).map_err(database_error)?;
    Ok(named.len())
}

fn insert(
    conn: &Connection,
    table: &str,
    columns: usize,
    request: &Request<'_>,
    fields: &mut Fields<'_>,
    out: &mut Output<'_>,
) -> Result<Imported> {
    let marks = vec!["?"; columns].join(",");
    let mut statement =
        conn.prepare(&format!("INSERT INTO {table} VALUES({marks})")).map_err(database_error)?;
    let mut done = Imported::default();
    while let Some((line, mut row)) = next_row(fields, request, out)? {
        if row.len() < columns {
            let found = row.len();
            fields.warn(
                line,
                &format!("expected {columns} columns but found {found} - filling the rest with NULL"),
                out,
            );
        } else if row.len() > columns {
            let found = row.len();
            fields.warn(line, &format!("expected {columns} columns but found {found} - extras ignored"), out);
        }
        row.resize(columns, None);
        for (index, field) in row.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Text(field.as_deref())).map_err(database_error)?;
        }
        crate::fault::point("sqlite.import")?;
        match statement.raw_execute() {
            Ok(_) => {
                done.rows += 1;
                done.last = None;
            }
            Err(error) if is_about_the_row(&error) => {
                done.errors += 1;
                let error = database_error(error);
                fields.warn(line, &format!("INSERT failed: {}", error.message()), out);
                done.last = Some(error);
            }
            Err(error) => return Err(database_error(error)),
        }
    }
    Ok(done)
}

/// The shell passes over every failing row. A full disk or a lost lock fails the whole here.
fn is_about_the_row(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig | ErrorCode::Unknown
        )
    )
}

type Row = (u64, Vec<Option<Vec<u8>>>);

/// The fields up to the end of a row, and the line it starts on.
fn next_row(fields: &mut Fields<'_>, request: &Request<'_>, out: &mut Output<'_>) -> Result<Option<Row>> {
    let line = fields.line;
    let Some(first) = fields.next(out)? else { return Ok(None) };
    if !request.quotes && first.is_empty() && fields.ended_by != End::Column {
        return Ok(None);
    }
    let mut row = vec![Some(first)];
    while fields.ended_by == End::Column {
        row.push(fields.next(out)?);
    }
    Ok(Some((line, row)))
}

/// Text of any encoding; SQLite takes it as it is.
struct Text<'f>(Option<&'f [u8]>);

impl ToSql for Text<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0.map_or(ValueRef::Null, ValueRef::Text)))
    }
}

/// What ended a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Column,
    Row,
    File,
}

/// Reads field after field.
struct Fields<'n> {
    input: std::io::Bytes<BufReader<Box<dyn Read>>>,
    name: &'n str,
    column: u8,
    row: u8,
    quotes: bool,
    line: u64,
    ended_by: End,
    started: bool,
}

impl<'n> Fields<'n> {
    fn new(input: BufReader<Box<dyn Read>>, request: &Request<'_>, name: &'n str) -> Self {
        let Request { column, row, quotes, .. } = *request;
        Fields {
            input: input.bytes(),
            name,
            column,
            row,
            quotes,
            line: 1,
            ended_by: End::Row,
            started: false,
        }
    }

    /// The next field; `None` at the end of the file.
    fn next(&mut self, out: &mut Output<'_>) -> Result<Option<Vec<u8>>> {
        let mut byte = self.byte()?;
        let mut field = Vec::new();
        if !self.started {
            self.started = true;
            for &mark in b"\xef\xbb\xbf" {
                if byte != Some(mark) {
                    break;
                }
                field.push(mark);
                byte = self.byte()?;
            }
            if field.len() == 3 {
                field.clear();
            }
        }
        if byte.is_none() && field.is_empty() {
            self.ended_by = End::File;
            return Ok(None);
        }
        if byte == Some(b'"') && self.quotes && field.is_empty() {
            return self.quoted(out).map(Some);
        }
        loop {
            match byte {
                None => self.ended_by = End::File,
                Some(byte) if byte == self.column => self.ended_by = End::Column,
                Some(byte) if byte == self.row => {
                    self.ended_by = End::Row;
                    self.line += 1;
                    if self.quotes && field.last() == Some(&b'\r') {
                        field.pop();
                    }
                }
                Some(other) => {
                    field.push(other);
                    byte = self.byte()?;
                    continue;
                }
            }
            return Ok(Some(field));
        }
    }

    /// The rest of a field whose opening quote was read.
    fn quoted(&mut self, out: &mut Output<'_>) -> Result<Vec<u8>> {
        let first_line = self.line;
        let mut field = Vec::new();
        // How many bytes of the field come before a quote that may have been the closing one.
        let mut closed_at: Option<usize> = None;
        loop {
            let byte = self.byte()?;
            if byte == Some(b'\n') {
                self.line += 1;
            }
            let end = match byte {
                None => Some(End::File),
                Some(byte) if byte == self.column => Some(End::Column),
                Some(byte) if byte == self.row => Some(End::Row),
                Some(_) => None,
            };
            let after_close = field.get(closed_at.unwrap_or(field.len())..).unwrap_or_default();
            match (closed_at, end) {
                (Some(at), Some(end)) if matches!(after_close, b"\"" | b"\"\r") => {
                    field.truncate(at);
                    self.ended_by = end;
                    return Ok(field);
                }
                _ => {}
            }
            match byte {
                None => {
                    self.warn(first_line, "unterminated \"-quoted field", out);
                    self.ended_by = End::File;
                    return Ok(field);
                }
                // The second of two quotes: they stand for one.
                Some(b'"') if after_close == b"\"" => closed_at = None,
                Some(byte) => {
                    if after_close == b"\"" && byte != b'\r' {
                        self.warn(self.line, "unescaped \" character", out);
                    }
                    if byte == b'"' {
                        closed_at = Some(field.len());
                    }
                    field.push(byte);
                }
            }
        }
    }

    fn byte(&mut self) -> Result<Option<u8>> {
        self.input.next().transpose().map_err(|cause| -> Error {
            command_error(format!("cannot read \"{}\"", self.name)).because(cause)
        })
    }

    fn warn(&self, line: u64, message: &str, out: &mut Output<'_>) {
        (out.stderr)(format!("{}:{line}: {message}\n", self.name).as_bytes());
    }
}
