//! Reading the dialect: sections and settings with the places where they stand.
//!
//! Knows: the grammar, measured against what Sqitch makes of it. Must never know: what keys mean.

use crate::config::Entry;
use crate::config::key::may_hold_password;
use crate::error::{Error, Kind, Place, Result};
use std::ops::Range;

/// What a text holds, with the places to edit.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) sections: Vec<Section>,
    pub(super) settings: Vec<Setting>,
    /// How lines end in this text.
    pub(super) newline: &'static str,
}

/// One `[section "subsection"]`.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// Folded, joined by a dot.
    pub(super) name: String,
    /// Where its bracket opens.
    pub(super) start: usize,
    /// Behind its closing bracket.
    pub(super) end: usize,
}

/// One key with its value.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) entry: Entry,
    /// Which section it stands in.
    section: usize,
    /// The bytes of its name.
    pub(super) name: Range<usize>,
    /// The bytes of its value, without the blanks before it and before a comment; empty and
    /// behind the name if there is no equals sign.
    pub(super) value: Range<usize>,
}

impl Parsed {
    /// Where the line ends in which `at` lies, before its line break.
    pub(super) fn line_end(&self, text: &str, at: usize) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        if self.newline == "\r" {
            return rest.find('\r').map_or(text.len(), |found| at + found);
        }
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// The start of the line after the one that ends at `line_end`.
    pub(super) fn after_newline(&self, text: &str, line_end: usize) -> usize {
        let rest = text.get(line_end..).unwrap_or_default();
        let newline = ["\r\n", "\n", "\r"].into_iter().find(|newline| rest.starts_with(newline));
        line_end + newline.map_or(0, str::len)
    }

    /// The end of the line below which a new setting of the section belongs. None without such a
    /// section, or if another one begins on the same line.
    pub(super) fn end_of_section(&self, text: &str, name: &str) -> Option<usize> {
        let (number, section) =
            self.sections.iter().enumerate().rfind(|(_, section)| section.name == name)?;
        let last = self.settings.iter().rfind(|setting| setting.section == number);
        let end = self.line_end(text, last.map_or(section.end, |setting| setting.value.end));
        let shared = self.sections.iter().any(|other| (section.end..end).contains(&other.start));
        (!shared).then_some(end)
    }

    /// The line breaks needed at the end of the text before a new section can follow.
    pub(super) fn gap_at_end(&self, text: &str) -> String {
        let finished = text.is_empty() || text.ends_with('\n') || text.ends_with(self.newline);
        let last_value_end = self.settings.last().map(|last| last.value.end);
        let runs_on = text.ends_with('\\') || finished && last_value_end == Some(text.len());
        self.newline.repeat(usize::from(runs_on) + usize::from(!finished))
    }
}

/// Reads a text. Lines that cannot be read are collected, and reading goes on below them.
pub(super) fn read(text: &str, file: &str) -> Result<Parsed> {
    let newline = match (text.contains("\r\n"), text.contains('\n'), text.contains('\r')) {
        (true, _, _) => "\r\n",
        (false, false, true) => "\r",
        _ => "\n",
    };
    let parsed = Parsed { sections: Vec::new(), settings: Vec::new(), newline };
    let mut reader = Reader { text, file, at: 0, counted: (0, 1), parsed };
    let errors = reader.read_all();
    Error::join(errors).map_or(Ok(reader.parsed), Err)
}

struct Reader<'a> {
    text: &'a str,
    file: &'a str,
    at: usize,
    /// A position and its line number, from which the next is counted on.
    counted: (usize, usize),
    parsed: Parsed,
}

impl Reader<'_> {
    fn read_all(&mut self) -> Vec<Error> {
        let mut errors = Vec::new();
        if self.text.starts_with('\u{feff}') {
            errors.push(
                self.error(0, "the file starts with a byte order mark")
                    .hint("save it as UTF-8 without a byte order mark"),
            );
            self.at = '\u{feff}'.len_utf8();
        }
        loop {
            self.skip(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            let start = self.at;
            let read = match self.peek() {
                None => break,
                Some('#' | ';') => {
                    self.skip_line();
                    Ok(())
                }
                Some('[') => self.section(),
                Some(_) => self.setting(),
            };
            if let Err(error) = read {
                errors.push(error);
                self.at = start;
                self.skip_line();
            }
        }
        errors
    }

    /// `[name]`, `[name "sub"]` or `[name.sub]`. More may follow on the same line.
    fn section(&mut self) -> Result<()> {
        let start = self.at;
        self.bump();
        let name_start = self.at;
        self.skip(|c| !matches!(c, ' ' | '\t' | '[' | ']' | '"' | '\n' | '\r'));
        let mut name = self.slice(name_start..self.at).to_lowercase();
        if name.is_empty() {
            return Err(self
                .error(self.at, "a section needs a name")
                .hint("write [name] without blanks inside"));
        }
        let name_end = self.at;
        self.skip(is_blank);
        if self.peek() == Some('"') {
            let subsection = self.subsection()?;
            if !subsection.is_empty() {
                name = format!("{name}.{subsection}");
            }
        } else {
            self.at = name_end;
        }
        if self.peek() != Some(']') {
            let hint = "write [name], or [name \"subsection\"] with the subsection in double quotes";
            return Err(self.error(self.at, "a section must end with a bracket here").hint(hint));
        }
        self.bump();
        self.parsed.sections.push(Section { name, start, end: self.at });
        Ok(())
    }

    fn subsection(&mut self) -> Result<String> {
        let start = self.at;
        self.bump();
        let mut name = String::new();
        loop {
            let at = self.at;
            match self.next() {
                Some('"') => return Ok(name),
                Some('\\') => match self.next() {
                    Some(c @ ('"' | '\\')) => name.push(c),
                    _ => {
                        let error = self.error(at, "only \\\" and \\\\ may be escaped in a subsection");
                        return Err(error.hint("write a backslash as \\\\"));
                    }
                },
                Some(c) if c != '\n' && c != '\r' => name.push(c),
                _ => return Err(self.error(start, "the quoted subsection does not end on this line")),
            }
        }
    }

    /// `key = value`, or a key that stands alone; up to the end of its line.
    fn setting(&mut self) -> Result<()> {
        let start = self.at;
        while !self.at_newline() && self.peek().is_some_and(|c| !matches!(c, '=' | '#' | ';')) {
            self.bump();
        }
        let name = self.slice(start..self.at).trim_end_matches([' ', '\t']).to_owned();
        let name_range = start..start + name.len();
        let Some((number, section)) = self.parsed.sections.iter().enumerate().next_back() else {
            let error = self.error(start, "a key stands before the first section");
            return Err(error.hint("put a line such as [core] above it"));
        };
        if name.is_empty() {
            return Err(self.error(start, "a value without a key").hint("write key = value"));
        }
        let section_name = section.name.clone();
        let (value, value_range) = if self.peek() == Some('=') {
            self.bump();
            let (value, range) = self.value()?;
            (Some(value), range)
        } else {
            (None, name_range.end..name_range.end)
        };
        let entry = Entry {
            key: format!("{section_name}.{}", name.to_lowercase()),
            original: format!("{section_name}.{name}"),
            value,
            line: self.line(start),
        };
        self.skip_line();
        self.parsed.settings.push(Setting { entry, section: number, name: name_range, value: value_range });
        Ok(())
    }

    /// The value behind an equals sign, and its bytes. Runs of blanks become one; a comment begins
    /// wherever a new piece could begin, that is not inside a word.
    fn value(&mut self) -> Result<(String, Range<usize>)> {
        self.skip(is_blank);
        let start = self.at;
        let mut value = String::new();
        loop {
            let piece = self.at;
            match self.peek() {
                None => return Ok((value, start..self.at)),
                Some(_) if self.at_newline() => return Ok((value, start..self.at)),
                Some('#' | ';') => return Ok((value, start..self.at)),
                Some(' ' | '\t') => {
                    self.skip(is_blank);
                    if matches!(self.peek(), Some('#' | ';')) {
                        return Ok((value, start..piece));
                    }
                    value.push(' ');
                }
                Some('"') => self.quoted(&mut value)?,
                Some('\\') => self.escape(&mut value)?,
                Some(_) => {
                    while !self.at_newline()
                        && self.peek().is_some_and(|c| !matches!(c, ' ' | '\t' | '"' | '\\'))
                    {
                        self.bump();
                    }
                    value.push_str(self.slice(piece..self.at));
                }
            }
        }
    }

    /// Text in double quotes, which may hold line breaks. An escaped quote keeps its backslash:
    /// that is how Sqitch reads it.
    fn quoted(&mut self, value: &mut String) -> Result<()> {
        let start = self.at;
        self.bump();
        loop {
            if self.skip_newline() {
                value.push('\n');
                continue;
            }
            match self.peek() {
                None => {
                    return Err(self
                        .error(start, "the double quote is not closed")
                        .hint("close it, or write it as \\\""));
                }
                Some('"') => {
                    self.bump();
                    return Ok(());
                }
                Some('\\') if self.slice(self.at..self.at + 2) == "\\\"" => {
                    value.push_str("\\\"");
                    self.at += 2;
                }
                Some('\\') if self.slice(self.at..self.at + 2) == "\\'" => {
                    return Err(self.bad_escape(self.at));
                }
                Some('\\') => self.escape(value)?,
                Some(c) => {
                    value.push(c);
                    self.bump();
                }
            }
        }
    }

    /// A backslash and what it stands for; at the end of a line it joins the next one.
    fn escape(&mut self, value: &mut String) -> Result<()> {
        let start = self.at;
        self.bump();
        if self.skip_newline() {
            return Ok(());
        }
        match self.next() {
            None => {}
            Some('t') => value.push('\t'),
            Some('n') => value.push('\n'),
            Some('b') => value.push('\u{8}'),
            Some(c @ ('\\' | '"' | '\'')) => value.push(c),
            Some(_) => return Err(self.bad_escape(start)),
        }
        Ok(())
    }

    fn bad_escape(&self, at: usize) -> Error {
        self.error(at, "unknown escape in a value").hint("write a backslash as \\\\")
    }

    /// An error at `at`, with its line unless that may hold a password.
    fn error(&self, at: usize, message: &str) -> Error {
        let end = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |c| at + c.len_utf8());
        let mut place = Place::in_text(self.file, self.text, at, end);
        place.text = place.text.filter(|line| !may_hold_password(line));
        Error::new(Kind::Config, "config.syntax", message).at(place)
    }

    /// The line of a position; positions must come in ascending order.
    fn line(&mut self, at: usize) -> usize {
        let (from, line) = self.counted;
        let end = if self.parsed.newline == "\r" { '\r' } else { '\n' };
        self.counted = (at, line + self.slice(from..at).matches(end).count());
        self.counted.1
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn bump(&mut self) {
        self.next();
    }

    fn skip(&mut self, wanted: fn(char) -> bool) {
        while self.peek().is_some_and(wanted) {
            self.bump();
        }
    }

    /// A carriage return alone ends a line only at the end, or in a text without any line feed.
    fn newline_length(&self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match (rest.starts_with("\r\n"), rest.starts_with('\n'), rest.starts_with('\r')) {
            (true, _, _) => 2,
            (_, true, _) => 1,
            (_, _, true) => usize::from(self.parsed.newline == "\r" || rest.len() == 1),
            _ => 0,
        }
    }

    fn at_newline(&self) -> bool {
        self.newline_length() > 0
    }

    fn skip_newline(&mut self) -> bool {
        let length = self.newline_length();
        self.at += length;
        length > 0
    }

    fn skip_line(&mut self) {
        while !self.at_newline() && self.peek().is_some() {
            self.bump();
        }
    }
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}
