//! Percent escapes.
//!
//! Knows: which characters may stand in an address. Must never know: where they stand.

use crate::error::{Error, Kind, Result};

/// A piece of an address, as written and decoded.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Part {
    encoded: String,
    text: String,
}

impl Part {
    /// Takes a piece as written; `what` names it in errors.
    pub(super) fn decode(encoded: &str, what: &str) -> Result<Part> {
        Ok(Part { encoded: encoded.to_owned(), text: decode(encoded, what)? })
    }

    /// Everything escaped that has a meaning anywhere.
    pub(super) fn encode(text: &str) -> Part {
        Part { encoded: escape(text, is_plain), text: text.to_owned() }
    }

    /// The same, but slashes stay.
    pub(super) fn encode_path(text: &str) -> Part {
        Part { encoded: escape(text, |c| is_plain(c) || c == '/' || c == ':'), text: text.to_owned() }
    }

    /// An IPv6 address.
    pub(super) fn bracketed(text: &str) -> Part {
        Part { encoded: format!("[{}]", escape(text, |c| is_plain(c) || c == ':')), text: text.to_owned() }
    }

    pub(super) fn encoded(&self) -> &str {
        &self.encoded
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Escapes what may not stand in an address at all; escapes already there stay.
pub(super) fn escape_illegal(text: &str) -> String {
    escape(text, |c| is_plain(c) || ";/?:@&=+$,%#".contains(c))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c)
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if keep(c) {
            escaped.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| escaped.push_str(&format!("%{byte:02X}")));
        }
    }
    escaped
}

/// Decodes escapes. The error names `what` and never the text.
pub(super) fn decode(text: &str, what: &str) -> Result<String> {
    let wrong =
        |why: &str| Error::new(Kind::Config, "config.uri", format!("{what} of the database URI {why}"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(wrong("holds a percent sign without two hexadecimal digits")
                .hint("write a percent sign as %25"));
        };
        bytes.extend(u8::try_from(high * 16 + low));
    }
    if bytes.contains(&0) {
        return Err(wrong("holds a NUL").hint("remove %00"));
    }
    String::from_utf8(bytes)
        .map_err(|_| wrong("is not UTF-8").hint("escape its letters as UTF-8, such as %C3%BC for ü"))
}
