//! The time stamps of plan lines: `2026-01-31T12:00:00Z`, UTC, to the second.

use std::fmt;

/// A point in time as a plan line spells it. Kept as digits because a leap second is legal there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp([u8; 20]);

/// The days that ended in a leap second (IERS); Sqitch accepts a second 60 on these only.
const LEAP_DAYS: [&str; 27] = [
    "1972-06-30",
    "1972-12-31",
    "1973-12-31",
    "1974-12-31",
    "1975-12-31",
    "1976-12-31",
    "1977-12-31",
    "1978-12-31",
    "1979-12-31",
    "1981-06-30",
    "1982-06-30",
    "1983-06-30",
    "1985-06-30",
    "1987-12-31",
    "1989-12-31",
    "1990-12-31",
    "1992-06-30",
    "1993-06-30",
    "1994-06-30",
    "1995-12-31",
    "1997-06-30",
    "1998-12-31",
    "2005-12-31",
    "2008-12-31",
    "2012-06-30",
    "2015-06-30",
    "2016-12-31",
];

impl Stamp {
    /// Whether `text` has the shape of a time stamp, whatever its numbers say.
    pub(crate) fn has_shape(text: &[u8]) -> bool {
        const SHAPE: &[u8; 20] = b"dddd-dd-ddTdd:dd:ddZ";
        text.len() == 20
            && text.iter().zip(SHAPE).all(|(byte, shape)| match shape {
                b'd' => byte.is_ascii_digit(),
                _ => byte == shape,
            })
    }

    /// Reads a stamp of the right shape.
    ///
    /// # Errors
    /// Says which number is out of range.
    pub fn parse(text: &str) -> Result<Stamp, String> {
        let bytes: [u8; 20] = text
            .as_bytes()
            .try_into()
            .ok()
            .filter(|bytes: &[u8; 20]| Self::has_shape(bytes))
            .ok_or_else(|| format!("\"{text}\" is not a time like 2026-01-31T12:00:00Z"))?;
        let stamp = Stamp(bytes);
        let [year, month, day, hour, minute, second] = stamp.numbers();
        if !(1..=12).contains(&month) {
            return Err(format!("there is no month {month:02}"));
        }
        if day < 1 || day > days_in(year, month) {
            return Err(format!("month {month:02} of {year:04} has no day {day:02}"));
        }
        if hour > 23 || minute > 59 {
            return Err(format!("there is no time {hour:02}:{minute:02}"));
        }
        let leap = hour == 23 && minute == 59 && LEAP_DAYS.contains(&text.get(..10).unwrap_or_default());
        if second > 60 || (second == 60 && !leap) {
            return Err(format!("there is no second {second:02} in that minute"));
        }
        Ok(stamp)
    }

    /// Year, month, day, hour, minute, second.
    #[must_use]
    pub fn numbers(&self) -> [u32; 6] {
        let part = |at: usize, length: usize| {
            self.0.iter().skip(at).take(length).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        };
        [part(0, 4), part(5, 2), part(8, 2), part(11, 2), part(14, 2), part(17, 2)]
    }

    /// The stamp as it stands in the plan.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The bytes were checked to be ASCII when the stamp was made.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The stamp as SQLite and MySQL registries hold it: `2026-01-31 12:00:00`.
    #[must_use]
    pub fn to_sql(&self) -> String {
        self.as_str().replace('T', " ").replace('Z', "")
    }

    /// Reads a stamp from `2026-01-31 12:00:00` with or without fraction, `T` or `Z`.
    #[must_use]
    pub fn from_sql(text: &str) -> Option<Stamp> {
        let (mut stamp, text) = (*b"0000-00-00T00:00:00Z", text.as_bytes());
        stamp.first_chunk_mut::<10>()?.copy_from_slice(text.get(..10)?);
        stamp.get_mut(11..19)?.copy_from_slice(text.get(11..19)?);
        Stamp::parse(std::str::from_utf8(&stamp).ok()?).ok()
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Stamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Stamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Stamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        Stamp::parse(&text).map_err(serde::de::Error::custom)
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]
    use super::*;

    #[test]
    fn numbers_out_of_range_are_named() {
        for (text, part) in [
            ("2024-13-01T00:00:00Z", "month 13"),
            ("2023-02-29T00:00:00Z", "day 29"),
            ("2024-01-01T24:00:00Z", "24:00"),
            ("2024-01-01T00:00:60Z", "second 60"),
            ("2024-1-01T00:00:00Z", "not a time"),
        ] {
            let error = Stamp::parse(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(Stamp::parse("2016-12-31T23:59:60Z").is_ok());
        assert!(Stamp::parse("2024-02-29T00:00:00Z").is_ok());
    }
}
