//! Results as tables with columns of one width.
//!
//! Knows: cells, widths, rules. Must never know: where the text goes.

use super::format::{Format, LineStyle};
use super::print::Table;
use unicode_width::UnicodeWidthChar as _;

/// A cell as the lines it takes, each with the columns it fills.
type Cell = Vec<(Vec<u8>, usize)>;

/// The characters that tables are drawn with.
struct Pen {
    dash: &'static str,
    bar: &'static str,
    /// Left end, crossing and right end of a rule at the top, in the middle and at the bottom.
    rules: [[&'static str; 3]; 3],
    /// What stands where a line of a cell goes on in the next one.
    more: &'static str,
}

const ASCII: Pen = Pen { dash: "-", bar: "|", rules: [["+", "+", "+"]; 3], more: "+" };
const UNICODE: Pen =
    Pen {
        dash: "─", bar: "│", rules: [["┌", "┬", "┐"], ["├", "┼", "┤"], ["└", "┴", "┘"]], more: "↵"
    };

/// Where a rule stands.
#[derive(Clone, Copy)]
enum At {
    Top,
    Middle,
    Bottom,
}

impl Pen {
    fn of(format: &Format) -> &'static Pen {
        match format.line_style {
            LineStyle::Unicode => &UNICODE,
            // The marks of the older style are not kept apart.
            LineStyle::Ascii | LineStyle::OldAscii => &ASCII,
        }
    }

    fn ends(&self, at: At) -> [&'static str; 3] {
        let [top, middle, bottom] = self.rules;
        match at {
            At::Top => top,
            At::Middle => middle,
            At::Bottom => bottom,
        }
    }
}

/// Splits a cell into lines; what has no width is shown by its number.
fn lines(cell: &[u8], utf8: bool) -> Cell {
    let mut all = Vec::new();
    let (mut text, mut width) = (Vec::new(), 0);
    let mut rest = cell;
    while let Some((&first, after)) = rest.split_first() {
        let letter = utf8_letter(rest).filter(|_| utf8 || first < 0x80);
        let mut length = 1;
        match (first, letter) {
            (b'\n', _) => {
                all.push((std::mem::take(&mut text), width));
                width = 0;
            }
            (b'\t', _) => {
                let next = (width / 8 + 1) * 8;
                text.resize(text.len() + (next - width), b' ');
                width = next;
            }
            (b'\r', _) => escape("\\r", &mut text, &mut width),
            (_, Some(letter)) => {
                length = letter.len_utf8();
                match letter.width() {
                    Some(columns) => {
                        text.extend_from_slice(rest.get(..length).unwrap_or_default());
                        width += columns;
                    }
                    None if length == 1 => escape(&format!("\\x{first:02X}"), &mut text, &mut width),
                    None => escape(&format!("\\u{:04X}", u32::from(letter)), &mut text, &mut width),
                }
            }
            (_, None) if !utf8 => {
                text.push(first);
                width += 1;
            }
            (_, None) => escape(&format!("\\x{first:02X}"), &mut text, &mut width),
        }
        rest = after.get(length - 1..).unwrap_or_default();
    }
    all.push((text, width));
    all
}

fn escape(shown: &str, text: &mut Vec<u8>, width: &mut usize) {
    text.extend_from_slice(shown.as_bytes());
    *width += shown.len();
}

/// The character at the start of the text, if that is UTF-8.
fn utf8_letter(text: &[u8]) -> Option<char> {
    (1..=4)
        .filter_map(|length| text.get(..length))
        .find_map(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|letter| letter.chars().next())
}

fn widest<'a>(cells: impl Iterator<Item = &'a Cell>) -> usize {
    cells.flatten().map(|(_, width)| *width).max().unwrap_or(0)
}

fn spaces(count: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + count, b' ');
}

fn put(text: &str, times: usize, out: &mut Vec<u8>) {
    for _ in 0..times {
        out.extend_from_slice(text.as_bytes());
    }
}

/// A result as a table.
pub(super) fn table(table: &Table, format: &Format, utf8: bool, out: &mut Vec<u8>) {
    let pen = Pen::of(format);
    let heads: Vec<Cell> = table.columns.iter().map(|(name, _)| lines(name, utf8)).collect();
    let rows: Vec<Vec<Cell>> = table
        .rows
        .iter()
        .filter(|row| !row.is_empty())
        .map(|row| table.cells(row, format).map(|cell| lines(cell, utf8)).collect())
        .collect();
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(at, head)| widest([head].into_iter().chain(rows.iter().filter_map(|row| row.get(at)))))
        .collect();
    let right: Vec<bool> = table.columns.iter().map(|(_, right)| *right).collect();
    let grid = Grid { pen, border: format.border, widths: &widths, right: &right };
    if !format.tuples_only {
        if let Some(title) = &format.title {
            grid.title(title, utf8, out);
        }
        if format.border >= 2 {
            grid.rule(At::Top, out);
        }
        if !heads.is_empty() {
            grid.row(&heads, true, out);
        }
        grid.rule(At::Middle, out);
    }
    for row in &rows {
        grid.row(row, false, out);
    }
    if format.border >= 2 {
        grid.rule(At::Bottom, out);
    }
    if !format.tuples_only && format.footer {
        out.extend_from_slice(table.count().as_bytes());
        out.push(b'\n');
    }
    out.push(b'\n');
}

struct Grid<'a> {
    pen: &'a Pen,
    border: usize,
    widths: &'a [usize],
    right: &'a [bool],
}

impl Grid<'_> {
    fn title(&self, title: &[u8], utf8: bool, out: &mut Vec<u8>) {
        let columns = self.widths.len();
        let frame = match self.border {
            0 => columns,
            1 => (columns * 3).saturating_sub(1),
            _ => columns * 3 + 1,
        };
        let total = frame + self.widths.iter().sum::<usize>();
        let width = widest([lines(title, utf8)].iter());
        spaces(total.saturating_sub(width) / 2, out);
        out.extend_from_slice(title);
        out.push(b'\n');
    }

    fn rule(&self, at: At, out: &mut Vec<u8>) {
        let [left, cross, end] = self.pen.ends(at);
        if self.border >= 2 {
            put(left, 1, out);
        }
        if self.widths.is_empty() && self.border > 0 {
            put(self.pen.dash, 2, out);
        }
        for (index, width) in self.widths.iter().enumerate() {
            if index > 0 {
                put(if self.border == 0 { " " } else { cross }, 1, out);
            }
            put(self.pen.dash, width + if self.border == 0 { 0 } else { 2 }, out);
        }
        if self.border >= 2 {
            put(end, 1, out);
        }
        out.push(b'\n');
    }

    /// A row of cells, or the heads, which stand in the middle of their columns.
    fn row(&self, cells: &[Cell], head: bool, out: &mut Vec<u8>) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for number in 0..height {
            if self.border >= 2 {
                put(self.pen.bar, 1, out);
            }
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 && self.border > 0 {
                    put(self.pen.bar, 1, out);
                }
                if self.border > 0 {
                    out.push(b' ');
                }
                let last = index + 1 == cells.len();
                let more = number + 1 < cell.len();
                let padded = head || more || !last || self.border >= 2;
                let nothing = (Vec::new(), 0);
                let (text, width) = cell.get(number).unwrap_or(&nothing);
                let room = self.widths.get(index).copied().unwrap_or(0).saturating_sub(*width);
                let right = self.right.get(index) == Some(&true) && number < cell.len();
                let before = if head {
                    room / 2
                } else if right {
                    room
                } else {
                    0
                };
                spaces(before, out);
                out.extend_from_slice(text);
                if padded {
                    spaces(room - before, out);
                    put(if more { self.pen.more } else { " " }, 1, out);
                }
            }
            if self.border >= 2 {
                put(self.pen.bar, 1, out);
            }
            out.push(b'\n');
        }
    }
}

/// A result as a block of lines for each row.
pub(super) fn blocks(table: &Table, format: &Format, utf8: bool, out: &mut Vec<u8>) {
    let rows: Vec<_> = table.rows.iter().filter(|row| !row.is_empty()).collect();
    if rows.is_empty() {
        if !format.tuples_only && format.footer {
            out.extend_from_slice(table.count().as_bytes());
            out.push(b'\n');
        }
        out.push(b'\n');
        return;
    }
    if let (false, Some(title)) = (format.tuples_only, &format.title) {
        out.extend_from_slice(title);
        out.push(b'\n');
    }
    let heads: Vec<Cell> = table.columns.iter().map(|(name, _)| lines(name, utf8)).collect();
    let values: Vec<Vec<Cell>> =
        rows.iter().map(|row| table.cells(row, format).map(|cell| lines(cell, utf8)).collect()).collect();
    let ledger = Ledger {
        pen: Pen::of(format),
        border: format.border,
        head: widest(heads.iter()),
        value: widest(values.iter().flatten()),
    };
    for (number, row) in values.iter().enumerate() {
        let at = if number == 0 { At::Top } else { At::Middle };
        if !format.tuples_only {
            ledger.rule(Some(number + 1), at, out);
        } else if number > 0 || format.border >= 2 {
            ledger.rule(None, at, out);
        }
        for (head, value) in heads.iter().zip(row) {
            ledger.field(head, value, out);
        }
    }
    if format.border >= 2 {
        ledger.rule(None, At::Bottom, out);
    }
    out.push(b'\n');
}

struct Ledger<'a> {
    pen: &'a Pen,
    border: usize,
    /// Widths.
    head: usize,
    value: usize,
}

impl Ledger<'_> {
    /// The line above a row. What its number takes is missing from the rule, from left to right.
    fn rule(&self, record: Option<usize>, at: At, out: &mut Vec<u8>) {
        let [left, cross, end] = self.pen.ends(at);
        let dash = if self.border == 0 { " " } else { self.pen.dash };
        if self.border >= 2 {
            put(left, 1, out);
        }
        put(dash, self.border.min(1), out);
        let label = match (record, self.border) {
            (Some(record), 0) => format!("* Record {record}"),
            (Some(record), _) => format!("[ RECORD {record} ]"),
            (None, _) => String::new(),
        };
        put(&label, 1, out);
        let mut taken = label.len() + usize::from(self.border < 2);
        let mut fill = |text: &str, width: usize, out: &mut Vec<u8>| {
            put(text, width.saturating_sub(taken), out);
            taken = taken.saturating_sub(width);
        };
        fill(dash, self.head, out);
        if self.border == 0 {
            fill(" ", 1, out);
        } else {
            fill(dash, 1, out);
            fill(cross, 1, out);
            fill(dash, 1, out);
        }
        fill(dash, self.value, out);
        if self.border >= 2 {
            put(dash, 1, out);
            put(end, 1, out);
        }
        out.push(b'\n');
    }

    fn field(&self, head: &Cell, value: &Cell, out: &mut Vec<u8>) {
        let nothing = (Vec::new(), 0);
        for number in 0..head.len().max(value.len()) {
            if self.border >= 2 {
                put(self.pen.bar, 1, out);
                out.push(b' ');
            }
            let (text, width) = head.get(number).unwrap_or(&nothing);
            out.extend_from_slice(text);
            spaces(self.head.saturating_sub(*width), out);
            put(if number + 1 < head.len() { self.pen.more } else { " " }, 1, out);
            if self.border > 0 {
                put(self.pen.bar, 1, out);
            }
            let (text, width) = value.get(number).unwrap_or(&nothing);
            let more = number + 1 < value.len();
            if self.border > 0 && (number < value.len() || self.border >= 2) {
                out.push(b' ');
            }
            out.extend_from_slice(text);
            if more || self.border >= 2 {
                spaces(self.value.saturating_sub(*width), out);
                put(if more { self.pen.more } else { " " }, 1, out);
            }
            if self.border >= 2 {
                put(self.pen.bar, 1, out);
            }
            out.push(b'\n');
        }
    }
}
