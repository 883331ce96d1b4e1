//! Where the scanner reads: a file line by line, and the values of variables put into the line.
//!
//! Knows: bytes and positions. Must never know: what the bytes mean.

/// A variable's value that is being read in place of its name.
#[derive(Debug, Clone)]
struct Expansion {
    name: Vec<u8>,
    value: Vec<u8>,
    at: usize,
}

/// A place in the file for a byte that was read: the very byte, or the reference to the variable
/// whose value holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub offset: usize,
    pub exact: bool,
}

/// The text of one file and how far it has been read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    text: Vec<u8>,
    /// Where reading goes on in the line, and where the line ends.
    at: usize,
    line_end: usize,
    /// Where the line after it begins.
    next_line: usize,
    /// How many lines have been read.
    pub line: usize,
    expansions: Vec<Expansion>,
    /// Where the outermost variable that is being read was written.
    reference: usize,
    /// The lines in which a NUL byte stands.
    pub nuls: Vec<usize>,
    bom: bool,
}

impl Source {
    pub(super) fn new(text: Vec<u8>, utf8: bool) -> Source {
        let bom = utf8 && text.starts_with(b"\xef\xbb\xbf");
        let (text, nuls) = if text.contains(&0) { without_nuls(&text) } else { (text, Vec::new()) };
        Source {
            text,
            at: 0,
            line_end: 0,
            next_line: 0,
            line: 0,
            expansions: Vec::new(),
            reference: 0,
            nuls,
            bom,
        }
    }

    /// The bytes of the next line with its line feed; `None` at the end of the file.
    fn take_line(&mut self) -> Option<(usize, usize)> {
        let start = self.next_line;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        self.next_line = start + length;
        self.line += 1;
        Some((start, start + length))
    }

    /// Goes to the next line of the file; false at its end.
    pub(super) fn read_line(&mut self) -> bool {
        self.expansions.clear();
        let Some((start, end)) = self.take_line() else {
            self.at = self.text.len();
            self.line_end = self.at;
            return false;
        };
        let fed = self.text.get(start..end).is_some_and(|line| line.ends_with(b"\n"));
        self.at = if self.line == 1 && self.bom { start + 3 } else { start };
        self.line_end = end - usize::from(fed);
        true
    }

    /// The next line with its line feed, read past what is left of the present one.
    pub(super) fn data_line(&mut self) -> Option<&[u8]> {
        let (start, end) = self.take_line()?;
        self.text.get(start..end)
    }

    /// What is left of the line, or of the value that is being read.
    pub(super) fn rest(&self) -> &[u8] {
        match self.expansions.last() {
            Some(top) => top.value.get(top.at..),
            None => self.text.get(self.at..self.line_end),
        }
        .unwrap_or_default()
    }

    /// Leaves the values that are read to their end; true if the line is, too.
    pub(super) fn is_done(&mut self) -> bool {
        while self.rest().is_empty() {
            if self.expansions.pop().is_none() {
                return true;
            }
        }
        false
    }

    pub(super) fn advance(&mut self, length: usize) {
        match self.expansions.last_mut() {
            Some(top) => top.at += length,
            None => self.at += length,
        }
    }

    /// Where the next byte stands in the file.
    pub(super) fn spot(&self) -> Spot {
        if self.expansions.is_empty() {
            Spot { offset: self.at, exact: true }
        } else {
            Spot { offset: self.reference, exact: false }
        }
    }

    /// Whether the value of this variable is being read.
    pub(super) fn is_expanding(&self, name: &[u8]) -> bool {
        self.expansions.iter().any(|one| one.name == name)
    }

    /// Reads `value` before going on; the reference to it has been read and was `length` long.
    pub(super) fn expand(&mut self, name: Vec<u8>, value: Vec<u8>, length: usize) {
        if self.expansions.is_empty() {
            self.reference = self.at.saturating_sub(length);
        }
        self.expansions.push(Expansion { name, value, at: 0 });
    }

    /// Whether the line that was just begun is empty.
    pub(super) fn is_blank_line(&self) -> bool {
        self.at == self.line_end
    }
}

/// psql reads lines as C strings, so that a NUL byte hides the rest of its line and the line's end.
fn without_nuls(text: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let mut kept = Vec::with_capacity(text.len());
    let mut lines = Vec::new();
    for (index, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
        match line.iter().position(|&byte| byte == 0) {
            Some(at) => {
                kept.extend_from_slice(line.get(..at).unwrap_or_default());
                lines.push(index + 1);
            }
            None => kept.extend_from_slice(line),
        }
    }
    (kept, lines)
}
