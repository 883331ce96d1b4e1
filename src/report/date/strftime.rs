//! Patterns of percent signs and letters, as the C library's `strftime` reads them.
//!
//! Knows: what each letter stands for. Must never know: how a pattern came to be chosen.

use super::moment::{MOST_DIGITS, Moment, short};
use super::{MEDIUM, MEDIUM_DATE, MEDIUM_TIME, cldr};

/// Writes `moment` by `pattern`; what is no known code stays as it is.
pub(super) fn render(pattern: &str, moment: &Moment) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        match code(after, moment) {
            Some((text, length)) => {
                out.push_str(&text);
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text for the code at the start of `after`, and how many bytes the code takes.
fn code(after: &str, moment: &Moment) -> Option<(String, usize)> {
    let first = after.chars().next()?;
    if let Some(text) = letter(first, moment) {
        return Some((text, first.len_utf8()));
    }
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = after.split_at_checked(digits)?;
    let digits_wanted: usize = number.parse().ok().filter(|wanted| *wanted <= MOST_DIGITS)?;
    unit.starts_with('N').then(|| (moment.fraction(digits_wanted), digits + 1))
}

fn letter(letter: char, moment: &Moment) -> Option<String> {
    Some(match letter {
        'a' => short(moment.weekday_name()).to_owned(),
        'A' => moment.weekday_name().to_owned(),
        'b' | 'h' => short(moment.month_name()).to_owned(),
        'B' => moment.month_name().to_owned(),
        'c' => cldr::render(MEDIUM, moment),
        'C' => (moment.year() / 100).to_string(),
        'd' => format!("{:02}", moment.day()),
        'D' => render("%m/%d/%y", moment),
        'e' => format!("{:2}", moment.day()),
        'F' => render("%Y-%m-%d", moment),
        'g' => format!("{:02}", moment.week_year().abs() % 100),
        'G' => moment.week_year().to_string(),
        'H' => format!("{:02}", moment.hour()),
        'I' => format!("{:02}", moment.hour_12()),
        'j' => format!("{:03}", moment.day_of_year()),
        'k' => format!("{:2}", moment.hour()),
        'l' => format!("{:2}", moment.hour_12()),
        'm' => format!("{:02}", moment.month()),
        'M' => format!("{:02}", moment.minute()),
        'n' => "\n".to_owned(),
        'N' => moment.fraction(9),
        'p' => moment.half_of_day().to_owned(),
        'P' => moment.half_of_day().to_lowercase(),
        'r' => render("%I:%M:%S %p", moment),
        'R' => render("%H:%M", moment),
        's' => moment.epoch().to_string(),
        'S' => format!("{:02}", moment.second()),
        't' => "\t".to_owned(),
        'T' => render("%H:%M:%S", moment),
        'u' => moment.weekday().to_string(),
        'U' => format!("{:02}", moment.week_from(0)),
        'V' => format!("{:02}", moment.week()),
        'w' => (moment.weekday() % 7).to_string(),
        'W' => format!("{:02}", moment.week_from(1)),
        'x' => cldr::render(MEDIUM_DATE, moment),
        'X' => cldr::render(MEDIUM_TIME, moment),
        'y' => format!("{:02}", moment.year().abs() % 100),
        'Y' => format!("{:04}", moment.year()),
        'z' => moment.offset(""),
        'Z' => moment.zone_abbreviation(),
        '%' => "%".to_owned(),
        _ => return None,
    })
}
