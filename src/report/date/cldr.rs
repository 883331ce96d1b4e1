//! Patterns of repeated letters and quoted text, as Unicode's locale data writes them.
//!
//! Knows: what each letter stands for in English. Must never know: how a pattern came to be chosen.

use super::moment::{MOST_DIGITS, Moment, short};

/// Writes `moment` by `pattern`; a letter that stands for nothing stays as it is.
pub(super) fn render(pattern: &str, moment: &Moment) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let length = if first == '\'' {
            quoted(rest, &mut out)
        } else {
            let count = rest.chars().take_while(|next| *next == first).count();
            match field(first, count, moment) {
                Some(text) => out.push_str(&text),
                None => out.extend(std::iter::repeat_n(first, count)),
            }
            count * first.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// Adds the quoted text at the start of `rest`; returns how many bytes it takes with its quotes.
/// Inside, two quotes are one; a quote that is never closed is just a quote.
fn quoted(rest: &str, out: &mut String) -> usize {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            text.push(letter);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            out.push_str(&text);
            return at + 1;
        }
    }
    out.push('\'');
    1
}

fn field(letter: char, count: usize, moment: &Moment) -> Option<String> {
    let number = |most: usize, value: i64| Some(padded(count.min(most), value));
    match letter {
        'G' => Some(era(count, moment).to_owned()),
        'y' if count == 2 => Some(padded(2, moment.year().abs() % 100)),
        'y' => number(5, moment.year()),
        'u' => number(count, moment.year()),
        'Y' => number(count, moment.week_year()),
        'Q' | 'q' => Some(quarter(count, moment.quarter())),
        'M' | 'L' if count < 3 => number(2, moment.month()),
        'M' | 'L' => Some(worded(count, moment.month_name())),
        'w' => number(2, moment.week()),
        'W' => number(1, moment.week_of_month()),
        'd' => number(2, moment.day()),
        'D' => number(3, moment.day_of_year()),
        'F' => number(1, (moment.day() - 1) / 7 + 1),
        'g' => number(count, moment.modified_julian_day()),
        // Sunday is the first day of the American week.
        'e' if count < 3 => number(2, moment.weekday() % 7 + 1),
        'c' if count < 3 => number(2, moment.weekday()),
        'E' | 'e' | 'c' => Some(worded(count, moment.weekday_name())),
        'a' => Some(moment.half_of_day().to_owned()),
        'h' | 'j' => number(2, moment.hour_12()),
        'H' => number(2, moment.hour()),
        'K' => number(2, moment.hour() % 12),
        'k' => number(2, (moment.hour() + 23) % 24 + 1),
        'm' => number(2, moment.minute()),
        's' => number(2, moment.second()),
        'S' => Some(moment.fraction(count)),
        'A' => number(1, moment.millisecond_of_day()),
        'z' | 'v' | 'V' if count < 4 => Some(moment.zone_abbreviation()),
        'z' | 'v' | 'V' => Some(moment.zone_name()),
        'Z' => Some(offset(count, moment)),
        _ => None,
    }
}

fn padded(width: usize, value: i64) -> String {
    let width = width.min(MOST_DIGITS);
    format!("{value:0width$}")
}

/// A name in full (four letters in the pattern), as its initial (five) or short.
fn worded(count: usize, name: &str) -> String {
    match count {
        4 => name.to_owned(),
        5.. => name.chars().take(1).collect(),
        _ => short(name).to_owned(),
    }
}

fn era(count: usize, moment: &Moment) -> &'static str {
    match (count, moment.year() > 0) {
        (4, true) => "Anno Domini",
        (4, false) => "Before Christ",
        (5.., true) => "A",
        (5.., false) => "B",
        (_, true) => "AD",
        (_, false) => "BC",
    }
}

fn quarter(count: usize, quarter: i64) -> String {
    let ending = match quarter {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    match count {
        4.. => format!("{quarter}{ending} quarter"),
        3 => format!("Q{quarter}"),
        _ => padded(count, quarter),
    }
}

fn offset(count: usize, moment: &Moment) -> String {
    match count {
        5.. => moment.offset(":"),
        4 => moment.zone_abbreviation() + &moment.offset(""),
        _ => moment.offset(""),
    }
}
