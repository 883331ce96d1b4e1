//! Values as the sqlite3 shell writes them: plain text, numbers, literals, names.
//!
//! Knows: one value at a time. Must never know: rows, modes, where the text goes.

use rusqlite::types::ValueRef;
use std::borrow::Cow;
use std::io::Write as _;

/// The text SQLite itself makes of a value, up to a zero byte, as the shell prints it; `None`
/// for NULL.
pub(super) fn plain(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => Cow::Owned(number.to_string().into_bytes()),
        ValueRef::Real(number) => Cow::Owned(real(number, 15).into_bytes()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
            Cow::Borrowed(bytes.get(..end).unwrap_or(bytes))
        }
    })
}

/// A number with at most `digits` significant digits, always with a decimal point.
pub(super) fn real(number: f64, digits: usize) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    if number == 0.0 || number.is_nan() {
        return "0.0".to_owned();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let scientific = format!("{:.*e}", digits.saturating_sub(1), number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = mantissa.trim_end_matches('0');
    let largest = i32::try_from(digits).unwrap_or(i32::MAX).saturating_sub(1);
    if exponent < -4 || exponent > largest {
        let (first, rest) = significant.split_at_checked(1).unwrap_or((significant, ""));
        let rest = if rest.is_empty() { "0" } else { rest };
        let direction = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}.{rest}e{direction}{:02}", exponent.abs());
    }
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    if exponent < 0 {
        return format!("{sign}0.{}{significant}", zeros(-exponent - 1));
    }
    let whole = usize::try_from(exponent).unwrap_or(0) + 1;
    let padded = format!("{significant}{}", "0".repeat(whole.saturating_sub(significant.len())));
    let (before, after) = padded.split_at_checked(whole).unwrap_or((&padded, ""));
    format!("{sign}{before}.{}", if after.is_empty() { "0" } else { after })
}

/// How a literal is to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// For people to read.
    Quote,
    /// For a statement that is run later: infinity as a number, line ends as a function call.
    Statement,
}

/// Appends `value` as an SQL literal.
pub(super) fn literal(to: &mut Vec<u8>, value: ValueRef<'_>, style: Style) {
    match value {
        ValueRef::Null => to.extend_from_slice(b"NULL"),
        ValueRef::Integer(number) => to.extend_from_slice(number.to_string().as_bytes()),
        ValueRef::Real(number) if style == Style::Statement => {
            to.extend_from_slice(statement_real(number).as_bytes());
        }
        ValueRef::Real(number) => to.extend_from_slice(real(number, 20).as_bytes()),
        ValueRef::Blob(bytes) => {
            to.extend_from_slice(b"X'");
            for byte in bytes {
                let _ = write!(to, "{byte:02x}");
            }
            to.push(b'\'');
        }
        ValueRef::Text(_) => {
            let text = plain(value).unwrap_or_default();
            match style {
                Style::Quote => quoted(to, &text),
                Style::Statement => one_line(to, &text),
            }
        }
    }
}

fn statement_real(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "1e999" } else { "-1e999" }.to_owned();
    }
    if number.trunc() == number && number.abs() < 9.2e18 {
        // Whole numbers that fit an integer are written in full.
        #[allow(clippy::cast_possible_truncation)]
        return format!("{}.0", number as i64);
    }
    real(number, 20)
}

/// Appends `text` in single quotes.
pub(super) fn quoted(to: &mut Vec<u8>, text: &[u8]) {
    to.push(b'\'');
    for &byte in text {
        if byte == b'\'' {
            to.push(b'\'');
        }
        to.push(byte);
    }
    to.push(b'\'');
}

/// Appends `text` as an expression without a line end in it: `replace('a\nb','\n',char(10))`.
fn one_line(to: &mut Vec<u8>, text: &[u8]) {
    let mut marks: Vec<(u8, Vec<u8>, &str)> = Vec::new();
    for (byte, names, code) in [(b'\r', ["\\r", "\\015"], "char(13)"), (b'\n', ["\\n", "\\012"], "char(10)")]
    {
        if text.contains(&byte) {
            marks.push((byte, unused(text, names), code));
        }
    }
    for _ in &marks {
        to.extend_from_slice(b"replace(");
    }
    let mut flat = Vec::with_capacity(text.len());
    for &byte in text {
        match marks.iter().find(|(marked, ..)| *marked == byte) {
            Some((_, mark, _)) => flat.extend_from_slice(mark),
            None => flat.push(byte),
        }
    }
    quoted(to, &flat);
    for (_, mark, code) in &marks {
        to.extend_from_slice(b",'");
        to.extend_from_slice(mark);
        to.extend_from_slice(b"',");
        to.extend_from_slice(code.as_bytes());
        to.push(b')');
    }
}

/// The first of `names`, or a made-up one, that does not occur in `text`.
fn unused(text: &[u8], names: [&str; 2]) -> Vec<u8> {
    let occurs = |name: &str| text.windows(name.len()).any(|window| window == name.as_bytes());
    let made_up = (0..usize::MAX).map(|n| format!("({}{n})", names[0]));
    let mut candidates = names.iter().map(|name| (*name).to_owned()).chain(made_up);
    candidates.find(|name| !occurs(name)).unwrap_or_default().into_bytes()
}

/// `name` in double quotes if it has to be.
pub(super) fn identifier(name: &str) -> String {
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if word && !is_keyword(name) { name.to_owned() } else { double_quoted(name) }
}

/// `name` in double quotes.
pub(super) fn double_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn is_keyword(name: &str) -> bool {
    KEYWORDS.split_ascii_whitespace().any(|keyword| keyword.eq_ignore_ascii_case(name))
}

const KEYWORDS: &str = "abort action add after all alter always analyze and as asc attach autoincrement before \
    begin between by cascade case cast check collate column commit conflict constraint create cross current \
    current_date current_time current_timestamp database default deferrable deferred delete desc detach distinct \
    do drop each else end escape except exclude exclusive exists explain fail filter first following for foreign \
    from full generated glob group groups having if ignore immediate in index indexed initially inner insert \
    instead intersect into is isnull join key last left like limit match materialized natural no not nothing \
    notnull null nulls of offset on or order others outer over partition plan pragma preceding primary query \
    raise range recursive references regexp reindex release rename replace restrict returning right rollback row \
    rows savepoint select set table temp temporary then ties to transaction trigger unbounded union unique update \
    using vacuum values view virtual when where window with without";

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_sqlite_writes_them() {
        let shown = [1.5, 100.0, 0.1, 1e15, 1e-7, -0.0, 1e14, 123_456.789e3, 0.0001, f64::NEG_INFINITY];
        let shown = shown.map(|number| real(number, 15));
        assert_eq!(
            shown,
            [
                "1.5",
                "100.0",
                "0.1",
                "1.0e+15",
                "1.0e-07",
                "0.0",
                "100000000000000.0",
                "123456789.0",
                "0.0001",
                "-Inf"
            ]
        );
        assert_eq!(real(0.1, 20), "0.10000000000000000555");
        assert_eq!(real(-2.5e-5, 15), "-2.5e-05");
    }

    fn written(value: ValueRef<'_>) -> String {
        let mut to = Vec::new();
        literal(&mut to, value, Style::Statement);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn literals_can_be_run_again() {
        assert_eq!(written(ValueRef::Text(b"x'y\nz")), r"replace('x''y\nz','\n',char(10))");
        assert_eq!(
            written(ValueRef::Text(b"a\r\n\\n")),
            r"replace(replace('a\r\012\n','\r',char(13)),'\012',char(10))"
        );
        assert_eq!(written(ValueRef::Real(f64::INFINITY)), "1e999");
        assert_eq!(written(ValueRef::Real(1e18)), "1000000000000000000.0");
        assert_eq!(written(ValueRef::Blob(&[0x41, 0xff])), "X'41ff'");
    }

    #[test]
    fn names_are_quoted_when_they_must_be() {
        assert_eq!(
            [identifier("a_1"), identifier("b c"), identifier("Table"), identifier("1a")],
            ["a_1", "\"b c\"", "\"Table\"", "\"1a\""]
        );
    }
}
