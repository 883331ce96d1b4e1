//! `sqitch.conf`: Sqitch's dialect of git's configuration format, read and edited without loss.
//!
//! Knows: the text of one such file. Must never know: where it lies, what its keys mean, or the
//! files it includes. Edits splice the text and read it again, so everything else stays as it is.

mod read;
mod write;

use super::Entry;
use super::key::{self, fold_key, fold_section};
use crate::error::{Error, Kind, Result};
use read::{Parsed, Setting};
use std::fmt;
use std::ops::Range;

/// One configuration file in memory.
#[derive(Clone)]
pub struct Ini {
    file: String,
    text: String,
    parsed: Parsed,
}

impl Ini {
    /// Reads the text of a file; `file_name` is only used in errors.
    ///
    /// # Errors
    /// `Kind::Config` with every faulty line and its place.
    pub fn parse(text: &str, file_name: &str) -> Result<Ini> {
        let parsed = read::read(text, file_name)?;
        Ok(Ini { file: file_name.to_owned(), text: text.to_owned(), parsed })
    }

    /// The settings in the order of the file, `include.path` among them.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.parsed.settings.iter().map(|setting| &setting.entry)
    }

    /// The files to include, as written: relative ones mean beside this file, `~` is the home
    /// folder, and absent ones are skipped. Their entries belong in the place of `include.path`.
    #[must_use]
    pub fn include_paths(&self) -> Vec<&str> {
        let paths = self.entries().filter(|entry| entry.key == "include.path");
        paths.filter_map(|entry| entry.value.as_deref()).map(str::trim).collect()
    }

    /// Gives the key this one value: in place of the first it has, further ones are removed.
    /// Without any, it goes below the last setting of its section, or into a new section.
    ///
    /// # Errors
    /// `Kind::Config` if key or value cannot be written in this format.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let (written, folded) = (write::value(key, value)?, fold_key(key));
        let name = write::name(key)?;
        let found: Vec<&Setting> = self.settings(&folded).collect();
        let Some((first, others)) = found.split_first() else { return self.insert(key, &written) };
        let mut text = self.text.clone();
        for setting in others.iter().rev() {
            remove(&mut text, &self.line_of(setting));
        }
        splice(&mut text, first.value.clone(), &self.assignment(first, &written));
        let standing = text.get(first.name.clone()).unwrap_or_default();
        if standing.to_lowercase() == name.to_lowercase() {
            splice(&mut text, first.name.clone(), name);
        }
        self.replace(text)
    }

    /// Gives the key one more value, behind those of its section.
    ///
    /// # Errors
    /// `Kind::Config` if key or value cannot be written in this format.
    pub fn add(&mut self, key: &str, value: &str) -> Result<()> {
        let written = write::value(key, value)?;
        self.insert(key, &written)
    }

    /// Removes all values of the key with their lines and says how many there were. An emptied
    /// section stays.
    ///
    /// # Errors
    /// `Kind::Config` if the rest could no longer be read.
    pub fn unset(&mut self, key: &str) -> Result<usize> {
        let lines: Vec<Range<usize>> =
            self.settings(&fold_key(key)).map(|setting| self.line_of(setting)).collect();
        let mut text = self.text.clone();
        for line in lines.iter().rev() {
            remove(&mut text, line);
        }
        self.replace(text)?;
        Ok(lines.len())
    }

    /// Gives all sections of this name another one, where they stand; says whether there was one.
    ///
    /// # Errors
    /// `Kind::Config` if the name cannot be written in this format.
    pub fn rename_section(&mut self, section: &str, name: &str) -> Result<bool> {
        let header = write::header(&format!("{name}.x"))?;
        let places = self.sections(section);
        let mut text = self.text.clone();
        for (start, end) in places.iter().rev() {
            splice(&mut text, *start..*end, &header);
        }
        self.replace(text)?;
        Ok(!places.is_empty())
    }

    /// Removes all sections of this name with what they hold; says whether there was one.
    ///
    /// # Errors
    /// `Kind::Config` if the rest could no longer be read.
    pub fn remove_section(&mut self, section: &str) -> Result<bool> {
        let places = self.sections(section);
        let mut text = self.text.clone();
        for (start, _) in places.iter().rev() {
            let next = self.parsed.sections.iter().map(|other| other.start).find(|other| other > start);
            splice(&mut text, *start..next.unwrap_or(self.text.len()), "");
        }
        self.replace(text)?;
        Ok(!places.is_empty())
    }

    /// Where the headers of a section stand.
    fn sections(&self, name: &str) -> Vec<(usize, usize)> {
        let folded = fold_section(name);
        let named = self.parsed.sections.iter().filter(|section| section.name == folded);
        named.map(|section| (section.start, section.end)).collect()
    }

    fn settings(&self, folded: &str) -> impl Iterator<Item = &Setting> {
        self.parsed.settings.iter().filter(move |setting| setting.entry.key == folded)
    }

    /// What to put into the value's range: with an equals sign if the key stood alone, and apart
    /// from a comment that follows.
    fn assignment(&self, setting: &Setting, written: &str) -> String {
        let before = self.text.get(..setting.value.start).unwrap_or_default();
        let after = self.text.get(setting.value.end..).unwrap_or_default();
        let opening = match &setting.entry.value {
            None => " = ",
            Some(_) if before.ends_with(" =") => " ",
            Some(_) => "",
        };
        let closing = if after.starts_with(['#', ';']) { " " } else { "" };
        format!("{opening}{written}{closing}")
    }

    /// The bytes that go when a setting is removed: its line, or the end of a header's line.
    fn line_of(&self, setting: &Setting) -> Range<usize> {
        let before = self.text.get(..setting.name.start).unwrap_or_default();
        let indent = before.trim_end_matches([' ', '\t']).len();
        let line_end = self.parsed.line_end(&self.text, setting.value.end);
        let at_line_start =
            before.get(..indent).is_none_or(|text| text.is_empty() || text.ends_with(['\n', '\r']));
        if at_line_start { indent..self.parsed.after_newline(&self.text, line_end) } else { indent..line_end }
    }

    fn insert(&mut self, key: &str, written: &str) -> Result<()> {
        let (name, header) = (write::name(key)?, write::header(key)?);
        let newline = self.parsed.newline;
        if newline != "\r" && self.text.ends_with('\r') {
            // Half a line break at the end: complete it, so that nothing can stand between.
            self.replace(format!("{}\n", self.text))?;
        }
        let line = format!("\t{name} = {written}");
        let section = key.rsplit_once('.').map(|(section, _)| fold_section(section)).unwrap_or_default();
        let mut text = self.text.clone();
        if let Some(at) = self.parsed.end_of_section(&self.text, &section) {
            let last = at == text.len();
            // A backslash at the very end would join the new line to the old one.
            let apart = if last && text.ends_with('\\') { newline } else { "" };
            let closing = if last { newline } else { "" };
            splice(&mut text, at..at, &format!("{apart}{newline}{line}{closing}"));
        } else {
            text.push_str(&self.parsed.gap_at_end(&self.text));
            text.push_str(&format!("{header}{newline}{line}{newline}"));
        }
        self.replace(text)
    }

    /// Takes over an edited text, if it still reads.
    fn replace(&mut self, text: String) -> Result<()> {
        self.parsed = read::read(&text, &self.file)?;
        self.text = text;
        Ok(())
    }
}

// By hand: the text may hold passwords.
impl fmt::Debug for Ini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ini").field("file", &self.file).finish_non_exhaustive()
    }
}

impl fmt::Display for Ini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn splice(text: &mut String, range: Range<usize>, new: &str) {
    if text.get(range.clone()).is_some() {
        text.replace_range(range, new);
    }
}

fn remove(text: &mut String, range: &Range<usize>) {
    splice(text, range.clone(), "");
}

fn bad_key(key: &str, why: &str) -> Error {
    Error::new(Kind::Config, "config.key", format!("\"{key}\" is not a valid configuration key: {why}"))
        .hint("write section.name or section.subsection.name, such as core.engine or target.prod.uri")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
