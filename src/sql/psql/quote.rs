//! A variable's value as a piece of SQL or of a shell's command line.
//!
//! Knows: bytes. Must never know: where they come from or go to.

/// An SQL literal as libpq writes it: a backslash makes it an `E'…'`, with a blank before it so
/// that it is not glued to a word.
#[must_use]
pub fn literal(value: &[u8]) -> Vec<u8> {
    let backslash = value.contains(&b'\\');
    let mut text = if backslash { b" E'".to_vec() } else { b"'".to_vec() };
    for &byte in value {
        if matches!(byte, b'\'' | b'\\') {
            text.push(byte);
        }
        text.push(byte);
    }
    text.push(b'\'');
    text
}

/// A quoted identifier.
#[must_use]
pub fn identifier(value: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for &byte in value {
        if byte == b'"' {
            text.push(byte);
        }
        text.push(byte);
    }
    text.push(b'"');
    text
}

/// One word of a shell's command line; `None` if the value holds a line end, which psql refuses.
#[must_use]
pub fn shell(value: &[u8]) -> Option<Vec<u8>> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(byte);
    if !value.is_empty() && value.iter().all(plain) {
        return Some(value.to_vec());
    }
    if value.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return None;
    }
    let mut text = vec![b'\''];
    for &byte in value {
        match byte {
            b'\'' => text.extend_from_slice(b"'\"'\"'"),
            _ => text.push(byte),
        }
    }
    text.push(b'\'');
    Some(text)
}

/// Takes the double quotes off a name, and lowers what stands outside them if asked to.
#[must_use]
pub fn unquote_identifier(text: &[u8], lower: bool) -> Vec<u8> {
    let mut name = Vec::with_capacity(text.len());
    let mut quoted = false;
    let mut rest = text.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'"' {
            name.push(if lower && !quoted { byte.to_ascii_lowercase() } else { byte });
        } else if quoted && rest.next_if_eq(&b'"').is_some() {
            name.push(b'"');
        } else {
            quoted = !quoted;
        }
    }
    name
}
