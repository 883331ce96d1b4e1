//! Values as truth values and numbers, by Sqitch's rules.
//!
//! Knows: the spellings. Must never know: keys or files.

use crate::error::{Error, Kind, Result};

/// Reads a truth value: `true`, `yes`, `on`, `1` in any case, or a key without a value; and
/// `false`, `no`, `off`, `0`, or nothing after the equals sign.
///
/// # Errors
/// `Kind::Config` on anything else; Sqitch takes neither `t` nor `2`.
pub fn cast_bool(value: Option<&str>) -> Result<bool> {
    let Some(text) = value else { return Ok(true) };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Ok(true),
        "false" | "no" | "off" => Ok(false),
        number => numeric_bool(number).ok_or_else(|| {
            Error::new(Kind::Config, "config.bool", format!("Invalid bool '{text}'"))
                .hint("write true or false (yes, no, on, off, 1 and 0 mean the same)")
        }),
    }
}

/// Zeros are false; a one behind any zeros, with or without a minus, is true.
fn numeric_bool(text: &str) -> Option<bool> {
    if text.bytes().all(|byte| byte == b'0') {
        return Some(false);
    }
    let zeros = text.strip_prefix('-').unwrap_or(text).strip_suffix('1')?;
    zeros.bytes().all(|byte| byte == b'0').then_some(true)
}

/// Reads a whole number. The suffixes k, m and g (lower case) multiply by powers of 1024, and a
/// fraction is cut off after that: `1.5k` is 1536. No value is 0.
///
/// # Errors
/// `Kind::Config` if it is no number, or too large for 64 bits.
pub fn cast_int(value: Option<&str>) -> Result<i64> {
    let text = value.unwrap_or_default();
    parse_int(text).ok_or_else(|| {
        Error::new(Kind::Config, "config.int", format!("Invalid int '{text}'"))
            .hint("write a whole number, if need be with k, m or g (1k is 1024)")
    })
}

fn parse_int(text: &str) -> Option<i64> {
    let (number, factor) = match text.chars().last() {
        Some('k') => (text.strip_suffix('k')?, 1 << 10),
        Some('m') => (text.strip_suffix('m')?, 1 << 20),
        Some('g') => (text.strip_suffix('g')?, 1 << 30),
        _ => (text, 1_i128),
    };
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = decimal(whole)?.checked_mul(factor)?;
    // More than 15 digits of a fraction change nothing below the largest factor.
    let fraction: String =
        fraction.chars().all(|c| c.is_ascii_digit()).then(|| fraction.chars().take(15).collect())?;
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let sum = whole.checked_add(decimal(&fraction)? * factor / scale)?;
    i64::try_from(if negative { -sum } else { sum }).ok()
}

/// Digits only; nothing at all is 0.
fn decimal(digits: &str) -> Option<i128> {
    digits
        .chars()
        .try_fold(0_i128, |sum, digit| sum.checked_mul(10)?.checked_add(i128::from(digit.to_digit(10)?)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ones_and_zeros_may_have_more_zeros_before_them() {
        for (text, truth) in [("-01", true), ("001", true), ("000", false), ("oFf", false)] {
            assert_eq!(cast_bool(Some(text)).unwrap(), truth, "{text}");
        }
        for text in ["+1", "0.0", "-0", "tr ue", "é"] {
            assert!(cast_bool(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_have_suffixes_and_lose_fractions() {
        for (text, number) in [
            ("1.5k", 1536),
            ("-1.9", -1),
            (".5", 0),
            ("1.", 1),
            ("k", 0),
            ("01", 1),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(cast_int(Some(text)).unwrap(), number, "{text}");
        }
        for text in ["1e3", "+1", " 1", "0x10", "1kk", "1.5.5", "9223372036854775807k", "1G", "é", "1é"] {
            assert!(cast_int(Some(text)).is_err(), "{text}");
        }
    }
}
