//! Aligned tables: the modes `column`, `table`, `box` and `markdown`.
//!
//! Knows: cells as text, widths, frames. Must never know: values, or where the lines go.

use std::io::Write as _;

/// What is drawn around the cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    None,
    Ascii,
    Box,
    Markdown,
}

/// A cell as the lines it takes.
type Cell = Vec<String>;

/// A table that is written once all rows are there, as the widths depend on all of them.
pub(super) struct Table {
    frame: Frame,
    header: Option<Vec<String>>,
    rows: Vec<Vec<Cell>>,
    widths: Vec<usize>,
    /// The wanted widths; negative aligns right.
    wanted: Vec<i64>,
    wrap: usize,
    word_wrap: bool,
}

impl Table {
    pub(super) fn new(
        frame: Frame,
        columns: &[String],
        wanted: &[i64],
        (wrap, word_wrap): (usize, bool),
        with_header: bool,
    ) -> Table {
        let wanted: Vec<i64> =
            (0..columns.len()).map(|index| wanted.get(index).copied().unwrap_or(0)).collect();
        let widths = wanted.iter().map(|width| as_width(*width)).collect();
        let mut table = Table { frame, header: None, rows: Vec::new(), widths, wanted, wrap, word_wrap };
        if with_header {
            let names = columns
                .iter()
                .enumerate()
                .map(|(index, name)| table.lines(index, name).into_iter().next().unwrap_or_default());
            let names: Vec<String> = names.collect();
            table.widen(names.iter().map(std::slice::from_ref));
            table.header = Some(names);
        }
        table
    }

    /// Adds a row.
    pub(super) fn add(&mut self, cells: Vec<String>) {
        let row: Vec<Cell> = cells.iter().enumerate().map(|(index, cell)| self.lines(index, cell)).collect();
        self.widen(row.iter().map(Vec::as_slice));
        self.rows.push(row);
    }

    /// Writes it; without rows there is nothing to see.
    pub(super) fn write(self, to: &mut Vec<u8>) {
        if self.rows.is_empty() {
            return;
        }
        let ([top, middle, bottom], bars) = match self.frame {
            Frame::None => ([None; 3], ["", "  ", ""]),
            Frame::Ascii => ([Some(["+", "-", "+", "+"]); 3], ["| ", " | ", " |"]),
            Frame::Markdown => ([None, Some(["|", "-", "|", "|"]), None], ["| ", " | ", " |"]),
            Frame::Box => (
                [Some(["┌", "─", "┬", "┐"]), Some(["├", "─", "┼", "┤"]), Some(["└", "─", "┴", "┘"])],
                ["│ ", " │ ", " │"],
            ),
        };
        self.rule(to, top);
        if let Some(header) = &self.header {
            self.line(to, bars, header.iter().map(String::as_str), self.frame != Frame::None);
            if self.frame == Frame::None {
                let dashes: Vec<String> = self.widths.iter().map(|width| "-".repeat(*width)).collect();
                self.line(to, bars, dashes.iter().map(String::as_str), false);
            }
            self.rule(to, middle);
        }
        // Rows are set apart as soon as one of them takes several lines.
        let apart = self.rows.iter().flatten().any(|cell| cell.len() > 1);
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 && apart {
                match self.frame {
                    Frame::None => to.push(b'\n'),
                    Frame::Markdown => {}
                    _ => self.rule(to, middle),
                }
            }
            let height = row.iter().map(Vec::len).max().unwrap_or(1);
            for line in 0..height {
                let cells = row.iter().map(|cell| cell.get(line).map_or("", String::as_str));
                self.line(to, bars, cells, false);
            }
        }
        self.rule(to, bottom);
    }

    fn rule(&self, to: &mut Vec<u8>, marks: Option<[&str; 4]>) {
        let Some([left, dash, cross, right]) = marks else { return };
        let dashes: Vec<String> = self.widths.iter().map(|width| dash.repeat(width + 2)).collect();
        let _ = writeln!(to, "{left}{}{right}", dashes.join(cross));
    }

    fn line<'c>(
        &self,
        to: &mut Vec<u8>,
        [left, between, right]: [&str; 3],
        cells: impl Iterator<Item = &'c str>,
        centred: bool,
    ) {
        to.extend_from_slice(left.as_bytes());
        for (index, (cell, width)) in cells.zip(&self.widths).enumerate() {
            if index > 0 {
                to.extend_from_slice(between.as_bytes());
            }
            let right_aligned = self.wanted.get(index).is_some_and(|wanted| *wanted < 0);
            let space = width.saturating_sub(cell.chars().count());
            let before = match (centred, right_aligned) {
                (true, _) => space / 2,
                (false, true) => space,
                (false, false) => 0,
            };
            let _ = write!(to, "{:before$}{cell}{:after$}", "", "", after = space - before);
        }
        let _ = writeln!(to, "{right}");
    }

    fn widen<'c>(&mut self, row: impl Iterator<Item = &'c [String]>) {
        for (width, cell) in self.widths.iter_mut().zip(row) {
            let widest = cell.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            *width = (*width).max(widest);
        }
    }

    /// The lines a cell of column `index` takes.
    fn lines(&self, index: usize, text: &str) -> Cell {
        let wanted = self.wanted.get(index).map_or(0, |wanted| as_width(*wanted));
        let width = if wanted == 0 { self.wrap } else { wanted };
        let width = if width == 0 { usize::MAX } else { width };
        let mut lines = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (line, next) = first_line(text, width, self.word_wrap);
            lines.push(line);
            rest = next;
        }
        lines
    }
}

fn as_width(wanted: i64) -> usize {
    usize::try_from(wanted.unsigned_abs()).unwrap_or(0)
}

/// Takes what fits into one line of `width` characters; tabs become blanks, and other control
/// characters end the line.
fn first_line(text: &str, width: usize, at_words: bool) -> (String, Option<&str>) {
    let is_end = |c: char| c.is_ascii_control() && c != '\t' && c != '\u{7f}';
    let mut count = 0;
    let fits = text.char_indices().find(|&(_, c)| {
        if count >= width || is_end(c) {
            return true;
        }
        count = if c == '\t' { (count + 8) / 8 * 8 } else { count + 1 };
        false
    });
    let mut end = fits.map_or(text.len(), |(at, _)| at);
    let mut next = end;
    if count >= width && at_words {
        (end, next) = word_break(text, end).unwrap_or((end, end));
    }
    let rest = text.get(next..).unwrap_or_default();
    let rest = match rest.chars().next() {
        Some(c) if count >= width && !is_end(c) => Some(rest),
        _ => rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).filter(|rest| !rest.is_empty()),
    };
    (without_tabs(text.get(..end).unwrap_or_default(), width), rest)
}

/// Where to break a line that is full at `end`, and where the next one starts: at a blank, or
/// else where a word starts or ends, but not in the first half.
fn word_break(text: &str, end: usize) -> Option<(usize, usize)> {
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or_default();
    let places = || (end / 2 + 1..=end).rev();
    let blank = places().find(|&at| byte(at - 1).is_ascii_whitespace());
    let edge = |&at: &usize| {
        byte(at - 1).is_ascii_alphanumeric() != byte(at).is_ascii_alphanumeric() && text.is_char_boundary(at)
    };
    let place = blank.or_else(|| places().find(edge))?;
    let rest = text.get(place..)?;
    Some((place, text.len() - rest.trim_start_matches(' ').len()))
}

fn without_tabs(text: &str, width: usize) -> String {
    let mut line = String::new();
    let mut count = 0usize;
    for c in text.chars() {
        line.push(if c == '\t' { ' ' } else { c });
        count += 1;
        while c == '\t' && !count.is_multiple_of(8) && count < width {
            line.push(' ');
            count += 1;
        }
    }
    line
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(text: &str, width: usize, at_words: bool) -> Vec<String> {
        let mut lines = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (line, next) = first_line(text, width, at_words);
            lines.push(line);
            rest = next;
        }
        lines
    }

    #[test]
    fn cells_are_wrapped_as_in_the_shell() {
        assert_eq!(wrapped("in all so that it wraps", 7, true), ["in all ", "so that", "it wrap", "s"]);
        assert_eq!(wrapped("a\r\nb\n", 60, false), ["a", "b"]);
        assert_eq!(wrapped("abcdefgh", 4, false), ["abcd", "efgh"]);
        assert_eq!(wrapped("é\tx", 60, true), ["é       x"]);
    }

    proptest! {
        #[test]
        fn any_text_is_wrapped_and_ends(text in "(?s)[ a-cé\t\n\r\u{1}]{0,40}", width in 1usize..9, at_words: bool) {
            let lines = wrapped(&text, width, at_words);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
        }
    }
}
