//! Results as text, in every look but the aligned ones.
//!
//! Knows: columns, cells, the settings of `\pset`. Must never know: where the text goes.

use super::aligned;
use super::format::{Expanded, Format, Separator, Style};

/// The cells of a row; none is NULL.
pub(super) type Row = Vec<Option<Vec<u8>>>;

/// A result to be printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// The names of the columns, and whether their values are aligned right.
    pub columns: Vec<(Vec<u8>, bool)>,
    pub rows: Vec<Row>,
}

impl Table {
    /// The cells of a row as they are shown.
    pub(super) fn cells<'a>(
        &self,
        row: &'a [Option<Vec<u8>>],
        format: &'a Format,
    ) -> impl Iterator<Item = &'a [u8]> {
        row.iter().map(|cell| cell.as_deref().unwrap_or(&format.null))
    }

    /// How many rows there are, as said below a table.
    pub(super) fn count(&self) -> String {
        match self.rows.len() {
            1 => "(1 row)".to_owned(),
            many => format!("({many} rows)"),
        }
    }
}

/// The text of a result.
pub(super) fn print(table: &Table, format: &Format, utf8: bool) -> Vec<u8> {
    let mut out = Vec::new();
    match (format.style, format.expanded == Expanded::On) {
        (Style::Unaligned, false) => unaligned(table, format, &mut out),
        (Style::Unaligned, true) => unaligned_blocks(table, format, &mut out),
        (Style::Csv, expanded) => csv(table, format, expanded, &mut out),
        (Style::Html, expanded) => html(table, format, expanded, &mut out),
        (Style::Aligned | Style::Wrapped, false) => aligned::table(table, format, utf8, &mut out),
        (Style::Aligned | Style::Wrapped, true) => aligned::blocks(table, format, utf8, &mut out),
    }
    out
}

/// Writes what stands between two things, if there was one before.
struct Between<'a> {
    separator: &'a Separator,
    due: bool,
}

impl Between<'_> {
    fn next(&mut self, out: &mut Vec<u8>, times: usize) {
        if self.due {
            for _ in 0..times {
                out.extend_from_slice(self.separator.bytes());
            }
        }
        self.due = true;
    }

    /// The last record ends in a line feed whatever stands between records, unless that is a NUL.
    fn end(&self, out: &mut Vec<u8>) {
        if self.due {
            out.push(if self.separator.is_zero() { 0 } else { b'\n' });
        }
    }
}

fn join<'a>(cells: impl Iterator<Item = &'a [u8]>, separator: &[u8], out: &mut Vec<u8>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(cell);
    }
}

fn unaligned(table: &Table, format: &Format, out: &mut Vec<u8>) {
    let mut between = Between { separator: &format.records, due: false };
    if !format.tuples_only {
        if let Some(title) = &format.title {
            between.next(out, 1);
            out.extend_from_slice(title);
        }
        between.next(out, 1);
        join(table.columns.iter().map(|(name, _)| name.as_slice()), format.fields.bytes(), out);
    }
    // Rows without columns have no cells, so nothing of them is seen.
    for row in table.rows.iter().filter(|row| !row.is_empty()) {
        between.next(out, 1);
        join(table.cells(row, format), format.fields.bytes(), out);
    }
    if !format.tuples_only && format.footer {
        between.next(out, 1);
        out.extend_from_slice(table.count().as_bytes());
    }
    between.end(out);
}

fn unaligned_blocks(table: &Table, format: &Format, out: &mut Vec<u8>) {
    let mut between = Between { separator: &format.records, due: false };
    if let (false, Some(title)) = (format.tuples_only, &format.title) {
        between.next(out, 2);
        out.extend_from_slice(title);
    }
    for row in table.rows.iter().filter(|row| !row.is_empty()) {
        between.next(out, 2);
        for (at, ((name, _), cell)) in table.columns.iter().zip(table.cells(row, format)).enumerate() {
            if at > 0 {
                out.extend_from_slice(format.records.bytes());
            }
            out.extend_from_slice(name);
            out.extend_from_slice(format.fields.bytes());
            out.extend_from_slice(cell);
        }
    }
    between.end(out);
}

fn csv(table: &Table, format: &Format, expanded: bool, out: &mut Vec<u8>) {
    let separator = format.csv_separator;
    if expanded {
        for row in &table.rows {
            for ((name, _), cell) in table.columns.iter().zip(table.cells(row, format)) {
                csv_field(name, separator, out);
                out.push(separator);
                csv_field(cell, separator, out);
                out.push(b'\n');
            }
        }
        return;
    }
    let mut line = |cells: &mut dyn Iterator<Item = &[u8]>| {
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                out.push(separator);
            }
            csv_field(cell, separator, out);
        }
        out.push(b'\n');
    };
    if !format.tuples_only {
        line(&mut table.columns.iter().map(|(name, _)| name.as_slice()));
    }
    for row in table.rows.iter().filter(|row| !row.is_empty()) {
        line(&mut table.cells(row, format));
    }
}

fn csv_field(field: &[u8], separator: u8, out: &mut Vec<u8>) {
    let special = |byte: &u8| *byte == separator || matches!(byte, b'"' | b'\r' | b'\n');
    if !field.iter().any(special) && field != b"\\." && !matches!(separator, b'\\' | b'.') {
        out.extend_from_slice(field);
        return;
    }
    out.push(b'"');
    for byte in field {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

fn html(table: &Table, format: &Format, expanded: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("<table border=\"{}\"", format.border).as_bytes());
    if let Some(attributes) = &format.table_attributes {
        out.push(b' ');
        out.extend_from_slice(attributes);
    }
    out.extend_from_slice(b">\n");
    if let (false, Some(title)) = (format.tuples_only, &format.title) {
        out.extend_from_slice(b"  <caption>");
        escape(title, out);
        out.extend_from_slice(b"</caption>\n");
    }
    if !format.tuples_only && !expanded {
        out.extend_from_slice(b"  <tr>\n");
        for (name, _) in &table.columns {
            out.extend_from_slice(b"    <th align=\"center\">");
            escape(name, out);
            out.extend_from_slice(b"</th>\n");
        }
        out.extend_from_slice(b"  </tr>\n");
    }
    for (number, row) in table.rows.iter().enumerate() {
        if expanded {
            let head = if format.tuples_only {
                "\n  <tr><td colspan=\"2\">&nbsp;</td></tr>\n".to_owned()
            } else {
                format!("\n  <tr><td colspan=\"2\" align=\"center\">Record {}</td></tr>\n", number + 1)
            };
            out.extend_from_slice(head.as_bytes());
        } else {
            out.extend_from_slice(b"  <tr valign=\"top\">\n");
        }
        for ((name, right), cell) in table.columns.iter().zip(table.cells(row, format)) {
            if expanded {
                out.extend_from_slice(b"  <tr valign=\"top\">\n    <th>");
                escape(name, out);
                out.extend_from_slice(b"</th>\n");
            }
            let side = if *right { "right" } else { "left" };
            out.extend_from_slice(format!("    <td align=\"{side}\">").as_bytes());
            if cell.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                out.extend_from_slice(b"&nbsp; ");
            } else {
                escape(cell, out);
            }
            out.extend_from_slice(b"</td>\n");
            if expanded {
                out.extend_from_slice(b"  </tr>\n");
            }
        }
        if !expanded {
            out.extend_from_slice(b"  </tr>\n");
        }
    }
    out.extend_from_slice(b"</table>\n");
    if expanded {
        out.push(b'\n');
    } else if !format.tuples_only && format.footer {
        out.extend_from_slice(format!("<p>{}<br />\n</p>\n", table.count()).as_bytes());
    }
}

fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut leading = true;
    for byte in text {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\n' => out.extend_from_slice(b"<br />\n"),
            b' ' if leading => out.extend_from_slice(b"&nbsp;"),
            other => out.push(*other),
        }
        leading = leading && *byte == b' ';
    }
}
