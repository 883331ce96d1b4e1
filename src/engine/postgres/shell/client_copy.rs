//! `\copy`: a COPY whose data the client reads or writes.
//!
//! Knows: the command's own grammar, files and programs. Must never know: the data.

use super::commands::{After, Ran};
use super::copy::Data;
use super::process::{ending, reason};
use super::sink::Sink;
use super::variables::lossy;
use super::{Level, Run, Shell, Statement};
use crate::sql::psql::ArgumentKind;
use std::process::Stdio;

/// What a `\copy` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    from: bool,
    end: Endpoint,
    /// The statement before `FROM` or `TO`, and after the name.
    before: Vec<u8>,
    after: Vec<u8>,
}

/// Where the data come from or go to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Endpoint {
    /// The script, or where results go.
    Script,
    /// The process's own input or output.
    Process,
    File(Vec<u8>),
    Program(Vec<u8>),
}

/// Cuts the words of a `\copy` out of its line.
struct Words<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    /// The next word: a sign of `signs`, a quoted thing with its quotes, or anything up to a blank,
    /// a sign or a quote. With `escapes` a backslash escapes in a text that begins with an `E`.
    fn next(&mut self, signs: &[u8], quotes: &[u8], escapes: bool) -> Option<&'a [u8]> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let rest = self.text.get(self.at..)?;
        self.at += rest.iter().take_while(|byte| blank(byte)).count();
        let rest = self.text.get(self.at..)?;
        let first = rest.first()?;
        let length = if signs.contains(first) {
            1
        } else if escapes && matches!(rest, [b'e' | b'E', b'\'', ..]) {
            1 + quoted(rest.get(1..).unwrap_or_default(), true)
        } else if quotes.contains(first) {
            quoted(rest, false)
        } else {
            let ends = |byte: &u8| blank(byte) || signs.contains(byte) || quotes.contains(byte);
            rest.iter().take_while(|byte| !ends(byte)).count()
        };
        self.at += length;
        rest.get(..length)
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }
}

/// How long the quoted thing is that the text begins with.
fn quoted(text: &[u8], escapes: bool) -> usize {
    let Some(quote) = text.first() else { return 0 };
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        at += 1;
        if escapes && *byte == b'\\' {
            at += 1;
        } else if byte == quote {
            if text.get(at) != Some(quote) {
                break;
            }
            at += 1;
        }
    }
    at.min(text.len())
}

/// Without its single quotes, if it has them.
fn unquoted(word: &[u8]) -> Vec<u8> {
    let [b'\'', inner @ ..] = word else { return word.to_vec() };
    let inner = inner.strip_suffix(b"'").unwrap_or(inner);
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte == b'\'' && bytes.peek() == Some(&&b'\'') {
            bytes.next();
        }
        text.push(*byte);
    }
    text
}

/// The word at which the line cannot be understood; `None` for its end.
type Trouble = Option<Vec<u8>>;

fn parse(line: &[u8]) -> Result<Request, Trouble> {
    let mut words = Words { text: line, at: 0 };
    let mut before = Vec::new();
    let name_signs = b".,()";
    let mut word = words.next(name_signs, b"\"", false).ok_or(None)?;
    if word.eq_ignore_ascii_case(b"binary") {
        before.extend_from_slice(word);
        word = words.next(name_signs, b"\"", false).ok_or(None)?;
    }
    if word == b"(" {
        let mut depth = 1_usize;
        while depth > 0 {
            before.push(b' ');
            before.extend_from_slice(word);
            word = words.next(b"()", b"\"'", true).ok_or(None)?;
            match word {
                b"(" => depth += 1,
                b")" => depth -= 1,
                _ => {}
            }
        }
    }
    before.push(b' ');
    before.extend_from_slice(word);
    word = words.next(name_signs, b"\"", false).ok_or(None)?;
    if word == b"." {
        before.extend_from_slice(word);
        before.extend_from_slice(words.next(name_signs, b"\"", false).ok_or(None)?);
        word = words.next(name_signs, b"\"", false).ok_or(None)?;
    }
    if word == b"(" {
        while word != b")" {
            before.push(b' ');
            before.extend_from_slice(word);
            word = words.next(b"()", b"\"", false).ok_or(None)?;
        }
        before.extend_from_slice(b" )");
        word = words.next(name_signs, b"\"", false).ok_or(None)?;
    }
    let from = match word {
        word if word.eq_ignore_ascii_case(b"from") => true,
        word if word.eq_ignore_ascii_case(b"to") => false,
        other => return Err(Some(other.to_vec())),
    };
    let end = endpoint(&mut words)?;
    Ok(Request { from, end, before, after: words.rest().to_vec() })
}

fn endpoint(words: &mut Words<'_>) -> Result<Endpoint, Trouble> {
    let word = words.next(b";", b"'", false).ok_or(None)?;
    let is = |known: &str| word.eq_ignore_ascii_case(known.as_bytes());
    if is("program") {
        let command = words.next(b";", b"'", false).ok_or(None)?;
        if command.len() < 2 || !command.starts_with(b"'") || !command.ends_with(b"'") {
            return Err(Some(command.to_vec()));
        }
        Ok(Endpoint::Program(unquoted(command)))
    } else if is("stdin") || is("stdout") {
        Ok(Endpoint::Script)
    } else if is("pstdin") || is("pstdout") {
        Ok(Endpoint::Process)
    } else {
        Ok(Endpoint::File(unquoted(word)))
    }
}

impl Shell {
    /// `\copy`
    pub(super) fn client_copy(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Ran {
        let line = self.argument(run, level, ArgumentKind::WholeLine).map(|argument| argument.text);
        let Some(line) = line.filter(|line| !line.is_empty()) else {
            self.fail(level, "\\copy: arguments required");
            return Ok(After::Failed);
        };
        let request = match parse(&line) {
            Ok(request) => request,
            Err(trouble) => {
                let at = trouble.map_or_else(|| "end of line".to_owned(), |word| quote(&word));
                self.fail(level, format!("\\copy: parse error at {at}"));
                return Ok(After::Failed);
            }
        };
        let direction: &[u8] = if request.from { b" FROM STDIN " } else { b" TO STDOUT " };
        let text = [b"COPY ", request.before.as_slice(), direction, request.after.as_slice()].concat();
        let statement = Statement { text, line: self.line, ..Statement::default() };
        crate::fault::point("postgres.file")?;
        let done = match request.end {
            Endpoint::Script => self.send(run, level, &statement)?,
            Endpoint::Process if request.from => self.send_with(run, level, &statement, Data::Input)?,
            Endpoint::Process => self.send_with(run, level, &statement, Data::Sink(None))?,
            Endpoint::File(name) if request.from => self.copy_from_file(run, level, &statement, &name)?,
            Endpoint::Program(command) if request.from => {
                self.copy_from_program(run, level, &statement, &command)?
            }
            Endpoint::File(name) => {
                let name = self.environment.tidy_path(&name);
                if self.folder.join(&name).is_dir() {
                    self.directory(level, &name)
                } else {
                    self.copy_to(run, level, &statement, name.as_bytes())?
                }
            }
            Endpoint::Program(command) => {
                self.copy_to(run, level, &statement, &[b"|", command.as_slice()].concat())?
            }
        };
        Ok(if done { After::Done } else { After::Failed })
    }

    fn directory(&mut self, level: &Level, name: &str) -> bool {
        self.fail(level, format!("{name}: cannot copy from/to a directory"));
        false
    }

    fn copy_from_file(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        statement: &Statement,
        name: &[u8],
    ) -> crate::error::Result<bool> {
        let name = self.environment.tidy_path(name);
        let full = self.folder.join(&name);
        if full.is_dir() {
            return Ok(self.directory(level, &name));
        }
        match std::fs::File::open(full) {
            Ok(mut file) => self.send_with(run, level, statement, Data::Reader(&mut file)),
            Err(error) => {
                self.fail(level, format!("{name}: {}", reason(&error)));
                Ok(false)
            }
        }
    }

    fn copy_from_program(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        statement: &Statement,
        command: &[u8],
    ) -> crate::error::Result<bool> {
        let mut program = self.environment.shell(command, &self.folder);
        let mut child = match program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => {
                let why = reason(&error);
                self.fail(level, format!("could not execute command \"{}\": {why}", lossy(command)));
                return Ok(false);
            }
        };
        let mut nothing = std::io::empty();
        let complaints = super::sink::gather(child.stderr.take());
        let mut stdout = child.stdout.take();
        let reader: &mut dyn std::io::Read = match &mut stdout {
            Some(stdout) => stdout,
            None => &mut nothing,
        };
        let sent = self.send_with(run, level, statement, Data::Reader(reader));
        // Whoever still writes must not wait for a reader that has gone.
        drop(stdout);
        let ended = child.wait();
        run.output.stderr(&complaints.join().unwrap_or_default());
        let done = sent?;
        let why = match ended {
            Ok(status) => ending(status),
            Err(error) => Some(reason(&error)),
        };
        if let Some(why) = why {
            self.fail(level, format!("{}: {why}", lossy(command)));
            return Ok(false);
        }
        Ok(done)
    }

    /// To a file, or to `|program`.
    fn copy_to(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        statement: &Statement,
        target: &[u8],
    ) -> crate::error::Result<bool> {
        let mut sink = match Sink::open(target, &self.environment, &self.folder) {
            Ok(sink) => sink,
            Err(why) => {
                self.fail(level, why);
                return Ok(false);
            }
        };
        let sent = self.send_with(run, level, statement, Data::Sink(Some(&mut sink)));
        let closed = sink.close(run.output);
        let done = sent?;
        let why = match closed {
            Ok(None) => return Ok(done),
            Ok(Some(why)) => format!("{}: {why}", lossy(target.strip_prefix(b"|").unwrap_or(target))),
            // What could not be written has been said already.
            Err(_) if !done => return Ok(false),
            Err(why) => why,
        };
        self.fail(level, why);
        Ok(false)
    }
}

fn quote(word: &[u8]) -> String {
    format!("\"{}\"", lossy(word))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> (bool, Endpoint, String, String) {
        let request = parse(line.as_bytes()).unwrap();
        (request.from, request.end, lossy(&request.before), lossy(&request.after))
    }

    #[test]
    fn tables_queries_and_columns_are_passed_on() {
        assert_eq!(
            parsed("public.a(j) from 'd.csv' csv where j > 1"),
            (true, Endpoint::File(b"d.csv".to_vec()), " public.a ( j )".into(), " csv where j > 1".into())
        );
        assert_eq!(
            parsed("(select 1, ')', E'\\')') to stdout csv header"),
            (false, Endpoint::Script, " ( select 1, ')' , E'\\')' )".into(), " csv header".into())
        );
        assert_eq!(
            parsed("a from program 'it''s' x"),
            (true, Endpoint::Program(b"it's".to_vec()), " a".into(), " x".into())
        );
        assert_eq!(parsed("a to PSTDOUT").1, Endpoint::Process);
        assert_eq!(parsed("a from d.csv;").1, Endpoint::File(b"d.csv".to_vec()));
    }

    #[test]
    fn what_is_no_copy_is_refused_at_its_word() {
        assert_eq!(parse(b"a from"), Err(None));
        assert_eq!(parse(b"a into b"), Err(Some(b"into".to_vec())));
        assert_eq!(parse(b"a from program ls"), Err(Some(b"ls".to_vec())));
        for line in ["", "(", "(select", "a.", "a(", "\"a", "a from program", "binary", "a from '"] {
            let _ = parse(line.as_bytes());
        }
    }
}
