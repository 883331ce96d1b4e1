//! How a point in time is written for people: Sqitch's named date formats and its two pattern languages.
//!
//! Knows: formats, English names, the zone it is given. Must never know: the clock, the zone of the
//! machine, or where a time comes from.

mod cldr;
mod moment;
mod strftime;

use crate::error::{Error, Kind, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use moment::Moment;

/// Every format that goes by a name, in the order in which they are offered.
const NAMES: [(&str, DateFormat); 9] = [
    ("iso", DateFormat::Iso),
    ("iso8601", DateFormat::Iso),
    ("raw", DateFormat::Raw),
    ("rfc", DateFormat::Rfc),
    ("rfc2822", DateFormat::Rfc),
    ("full", DateFormat::Full),
    ("long", DateFormat::Long),
    ("medium", DateFormat::Medium),
    ("short", DateFormat::Short),
];

// The English patterns of the common locale data. Before AM and PM stands U+202F, a narrow blank
// that does not break; Sqitch prints it too.
const FULL: &str = "EEEE, MMMM d, y, h:mm:ss\u{202f}a zzzz";
const LONG: &str = "MMMM d, y, h:mm:ss\u{202f}a z";
const MEDIUM: &str = "MMM d, y, h:mm:ss\u{202f}a";
const SHORT: &str = "M/d/yy, h:mm\u{202f}a";
const MEDIUM_DATE: &str = "MMM d, y";
const MEDIUM_TIME: &str = "h:mm:ss\u{202f}a";

/// A way to write a point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFormat {
    /// `2026-11-20 22:57:33 +0000`, in the zone of the reader.
    Iso,
    /// `2026-11-20T22:57:33Z`, always UTC.
    Raw,
    /// `Fri, 20 Nov 2026 22:57:33 -0000`, as in mail headers.
    Rfc,
    /// `Friday, November 20, 2026, 10:57:33 PM Europe/Berlin`.
    Full,
    /// `November 20, 2026, 10:57:33 PM CET`.
    Long,
    /// `Nov 20, 2026, 10:57:33 PM`.
    Medium,
    /// `11/20/26, 10:57 PM`.
    Short,
    /// A pattern of Unicode's locale data, such as `yyyy-MM-dd`.
    Cldr(String),
    /// A pattern of the C library's function, such as `%Y-%m-%d`.
    Strftime(String),
}

impl DateFormat {
    /// Reads the name of a format, `cldr:PATTERN` or `strftime:PATTERN`.
    ///
    /// # Errors
    /// `Unknown date format` for every other text.
    pub fn parse(text: &str) -> Result<DateFormat> {
        if let Some(pattern) = text.strip_prefix("cldr:") {
            return Ok(DateFormat::Cldr(pattern.to_owned()));
        }
        if let Some(pattern) = text.strip_prefix("strftime:") {
            return Ok(DateFormat::Strftime(pattern.to_owned()));
        }
        let known = NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, format)| format.clone()).ok_or_else(|| unknown(text))
    }

    /// Writes `time` as it is in `zone`.
    #[must_use]
    pub fn render(&self, time: Timestamp, zone: &TimeZone) -> String {
        match self {
            DateFormat::Raw => strftime::render("%Y-%m-%dT%H:%M:%SZ", &Moment::new(time, &TimeZone::UTC)),
            DateFormat::Iso => strftime::render("%Y-%m-%d %H:%M:%S %z", &Moment::new(time, zone)),
            DateFormat::Rfc => rfc(&Moment::new(time, zone)),
            DateFormat::Full => cldr::render(FULL, &Moment::new(time, zone)),
            DateFormat::Long => cldr::render(LONG, &Moment::new(time, zone)),
            DateFormat::Medium => cldr::render(MEDIUM, &Moment::new(time, zone)),
            DateFormat::Short => cldr::render(SHORT, &Moment::new(time, zone)),
            DateFormat::Cldr(pattern) => cldr::render(pattern, &Moment::new(time, zone)),
            DateFormat::Strftime(pattern) => strftime::render(pattern, &Moment::new(time, zone)),
        }
    }
}

/// In mail, `-0000` says that the time is UTC and nothing is known of the sender's zone.
fn rfc(moment: &Moment) -> String {
    let text = strftime::render("%a, %d %b %Y %H:%M:%S %z", moment);
    match text.strip_suffix("+0000") {
        Some(start) => format!("{start}-0000"),
        None => text,
    }
}

fn unknown(text: &str) -> Error {
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    Error::new(Kind::Usage, "date.format", format!("Unknown date format \"{text}\""))
        .hint(format!("use one of {}, cldr:PATTERN or strftime:PATTERN", names.join(", ")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// Winter, the same winter's afternoon, and summer.
    const TIMES: [&str; 3] = ["2024-01-01T00:00:03Z", "2024-01-02T13:00:04Z", "2024-07-05T09:08:07Z"];

    fn rendered(format: &str, time: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        DateFormat::parse(format).unwrap().render(time.parse().unwrap(), &zone)
    }

    fn in_new_york(format: &str) -> [String; 3] {
        TIMES.map(|time| rendered(format, time, "America/New_York"))
    }

    #[test]
    fn the_named_formats_are_those_of_sqitch() {
        let time = "2026-11-20T23:05:04Z";
        for (format, expected) in [
            ("iso", "2026-11-20 23:05:04 +0000"),
            ("iso8601", "2026-11-20 23:05:04 +0000"),
            ("raw", "2026-11-20T23:05:04Z"),
            ("rfc", "Fri, 20 Nov 2026 23:05:04 -0000"),
            ("rfc2822", "Fri, 20 Nov 2026 23:05:04 -0000"),
            ("full", "Friday, November 20, 2026, 11:05:04\u{202f}PM UTC"),
            ("long", "November 20, 2026, 11:05:04\u{202f}PM UTC"),
            ("medium", "Nov 20, 2026, 11:05:04\u{202f}PM"),
            ("short", "11/20/26, 11:05\u{202f}PM"),
            ("strftime:%Y/%m", "2026/11"),
            ("strftime:", ""),
            ("cldr:yyyy", "2026"),
        ] {
            assert_eq!(rendered(format, time, "UTC"), expected, "{format}");
        }
    }

    #[test]
    fn all_but_raw_follow_the_zone() {
        assert_eq!(rendered("raw", TIMES[0], "Asia/Kolkata"), "2024-01-01T00:00:03Z");
        assert_eq!(rendered("iso", TIMES[0], "Asia/Kolkata"), "2024-01-01 05:30:03 +0530");
        assert_eq!(rendered("rfc", TIMES[0], "America/New_York"), "Sun, 31 Dec 2023 19:00:03 -0500");
        assert_eq!(
            rendered("full", TIMES[2], "Europe/Berlin"),
            "Friday, July 5, 2024, 11:08:07\u{202f}AM Europe/Berlin"
        );
        assert_eq!(rendered("long", TIMES[2], "Europe/Berlin"), "July 5, 2024, 11:08:07\u{202f}AM CEST");
    }

    #[test]
    fn years_far_away_do_not_panic() {
        for time in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            for (_, format) in NAMES {
                assert!(!format.render(time, &TimeZone::UTC).is_empty());
            }
        }
    }

    #[test]
    fn an_unknown_format_is_named_with_those_there_are() {
        let error = DateFormat::parse("bogus").unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.message(), "Unknown date format \"bogus\"");
        assert!(error.hints()[0].contains("iso8601"));
    }

    #[test]
    fn strftime_knows_the_letters_of_sqitch() {
        let [first, second, third] = in_new_york(
            "strftime:%a|%A|%b|%B|%h|%C|%d|%D|%e|%F|%g|%G|%H|%I|%j|%k|%l|%m|%M|%n|%N|%p|%P|%r|%R",
        );
        assert_eq!(
            first,
            "Sun|Sunday|Dec|December|Dec|20|31|12/31/23|31|2023-12-31|23|2023|19|07|365|19| 7|12|00|\n|000000000|PM|pm|07:00:03 PM|19:00"
        );
        assert_eq!(
            second,
            "Tue|Tuesday|Jan|January|Jan|20|02|01/02/24| 2|2024-01-02|24|2024|08|08|002| 8| 8|01|00|\n|000000000|AM|am|08:00:04 AM|08:00"
        );
        assert_eq!(
            third,
            "Fri|Friday|Jul|July|Jul|20|05|07/05/24| 5|2024-07-05|24|2024|05|05|187| 5| 5|07|08|\n|000000000|AM|am|05:08:07 AM|05:08"
        );
        let [first, second, third] = in_new_york("strftime:%s|%S|%t|%T|%u|%U|%V|%w|%W|%y|%Y|%z|%Z|%%");
        assert_eq!(first, "1704067203|03|\t|19:00:03|7|53|52|0|52|23|2023|-0500|EST|%");
        assert_eq!(second, "1704200404|04|\t|08:00:04|2|00|01|2|01|24|2024|-0500|EST|%");
        assert_eq!(third, "1720170487|07|\t|05:08:07|5|26|27|5|27|24|2024|-0400|EDT|%");
        assert_eq!(
            rendered("strftime:%c|%x|%X", TIMES[1], "UTC"),
            "Jan 2, 2024, 1:00:04\u{202f}PM|Jan 2, 2024|1:00:04\u{202f}PM"
        );
    }

    #[test]
    fn strftime_leaves_what_it_does_not_know() {
        assert_eq!(rendered("strftime:%E|%q|%5d|%-d|%", TIMES[0], "UTC"), "%E|%q|%5d|%-d|%");
        assert_eq!(
            rendered("strftime:%3N|%12N|%0N|%99999999999999999999N", "2024-01-01T00:00:03.1234567Z", "UTC"),
            "123|123456700000|1|%99999999999999999999N"
        );
    }

    #[test]
    fn cldr_knows_the_letters_of_sqitch() {
        for (pattern, first, second, third) in [
            (
                "y yy yyy yyyy yyyyyy u uuuu Y YYYY G GGGG GGGGG",
                "2023 23 2023 2023 02023 2023 2023 2023 2023 AD Anno Domini A",
                "2024 24 2024 2024 02024 2024 2024 2024 2024 AD Anno Domini A",
                "2024 24 2024 2024 02024 2024 2024 2024 2024 AD Anno Domini A",
            ),
            (
                "Q QQ QQQ QQQQ q qq qqq qqqq",
                "4 04 Q4 4th quarter 4 04 Q4 4th quarter",
                "1 01 Q1 1st quarter 1 01 Q1 1st quarter",
                "3 03 Q3 3rd quarter 3 03 Q3 3rd quarter",
            ),
            (
                "M MM MMM MMMM MMMMM L LLL LLLL LLLLL",
                "12 12 Dec December D 12 Dec December D",
                "1 01 Jan January J 1 Jan January J",
                "7 07 Jul July J 7 Jul July J",
            ),
            (
                "w ww W d dd D DDD F g",
                "52 52 4 31 31 365 365 5 60310",
                "1 01 1 2 02 2 002 1 60311",
                "27 27 1 5 05 187 187 1 60496",
            ),
            (
                "E EEEE EEEEE EEEEEE e ee eee eeee eeeee c cc ccc cccc ccccc",
                "Sun Sunday S S 1 01 Sun Sunday S 7 07 Sun Sunday S",
                "Tue Tuesday T T 3 03 Tue Tuesday T 2 02 Tue Tuesday T",
                "Fri Friday F F 6 06 Fri Friday F 5 05 Fri Friday F",
            ),
            (
                "a aa h hh H HH K KK k kk j m mm s ss S SSS A",
                "PM PM 7 07 19 19 7 07 19 19 7 0 00 3 03 0 000 68403000",
                "AM AM 8 08 8 08 8 08 8 08 8 0 00 4 04 0 000 28804000",
                "AM AM 5 05 5 05 5 05 5 05 5 8 08 7 07 0 000 18487000",
            ),
            (
                "z zzzz Z ZZZZ ZZZZZ v vvvv V VVVV",
                "EST America/New_York -0500 EST-0500 -05:00 EST America/New_York EST America/New_York",
                "EST America/New_York -0500 EST-0500 -05:00 EST America/New_York EST America/New_York",
                "EDT America/New_York -0400 EDT-0400 -04:00 EDT America/New_York EDT America/New_York",
            ),
        ] {
            assert_eq!(in_new_york(&format!("cldr:{pattern}")), [first, second, third], "{pattern}");
        }
        assert_eq!(rendered("cldr:h K k H", TIMES[0], "UTC"), "12 0 24 0");
    }

    #[test]
    fn cldr_keeps_quoted_text() {
        assert_eq!(
            rendered("cldr:'o''clock' b B x ''y'' 'abc ddd HHH mmmm MMMMMMM", TIMES[0], "America/New_York"),
            "o'clock b B x 2023 'PMb7 31 19 00 D"
        );
        assert_eq!(rendered("cldr:it''s %d é", TIMES[0], "UTC"), "it3 %1 é");
        assert_eq!(rendered("cldr:'", TIMES[0], "UTC"), "'");
    }

    #[test]
    fn endless_patterns_do_not_panic() {
        for letter in ["u", "Y", "g", "S", "d", "M"] {
            let width = rendered(&format!("cldr:{}", letter.repeat(100_000)), TIMES[0], "UTC").len();
            assert!((1..=100).contains(&width), "{letter}: {width}");
        }
    }
}
