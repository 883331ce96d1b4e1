//! Rows as the client prints them: columns with tabs between, or one per line.

use crate::engine::mysql::db::{cells, text_of};
use mysql::{Row, Value};

/// A row as a line; with a number, its columns one below the other.
pub(super) fn row(row: Row, number: Option<usize>) -> Vec<u8> {
    let values = cells(row);
    let mut text = Vec::new();
    match number {
        None => {
            for (at, value) in values.enumerate() {
                if at > 0 {
                    text.push(b'\t');
                }
                cell(value, true, &mut text);
            }
            text.push(b'\n');
        }
        Some(number) => {
            let line = "*".repeat(27);
            text.extend_from_slice(format!("{line} {number}. row {line}\n").as_bytes());
            for value in values {
                cell(value, false, &mut text);
                text.push(b'\n');
            }
        }
    }
    text
}

fn cell(value: Value, escaped: bool, text: &mut Vec<u8>) {
    match value {
        Value::NULL => text.extend_from_slice(b"NULL"),
        Value::Bytes(bytes) if escaped => bytes.into_iter().for_each(|byte| match byte {
            b'\t' => text.extend_from_slice(b"\\t"),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\\' => text.extend_from_slice(b"\\\\"),
            0 => text.extend_from_slice(b"\\0"),
            byte => text.push(byte),
        }),
        Value::Bytes(bytes) => text.extend_from_slice(&bytes),
        other => text.extend_from_slice(text_of(other).unwrap_or_default().as_bytes()),
    }
}
