//! The parts of one point in time in one zone, as both pattern languages need them.
//!
//! Knows: the calendar and its English names. Must never know: patterns.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The widest a number is ever written. Formatting cannot pad without end, and nobody reads more.
pub(super) const MOST_DIGITS: usize = 100;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// One point in time as it is in one zone.
pub(super) struct Moment(Zoned);

impl Moment {
    pub(super) fn new(time: Timestamp, zone: &TimeZone) -> Self {
        Moment(time.to_zoned(zone.clone()))
    }

    pub(super) fn year(&self) -> i64 {
        i64::from(self.0.year())
    }

    /// The year to which the week belongs, Thursday deciding.
    pub(super) fn week_year(&self) -> i64 {
        i64::from(self.0.date().iso_week_date().year())
    }

    /// The week of the year, 1 to 53, counted from the first with a Thursday.
    pub(super) fn week(&self) -> i64 {
        i64::from(self.0.date().iso_week_date().week())
    }

    /// The week of the month, 0 to 5, counted from the first with a Thursday.
    pub(super) fn week_of_month(&self) -> i64 {
        (self.day() + 4 - self.weekday() + 6) / 7
    }

    /// The week of the year, 0 to 53, counted from the first day that is the `first_weekday`th
    /// after Sunday.
    pub(super) fn week_from(&self, first_weekday: i64) -> i64 {
        (self.day_of_year() + 6 - (self.weekday() + 7 - first_weekday) % 7) / 7
    }

    pub(super) fn quarter(&self) -> i64 {
        (self.month() - 1) / 3 + 1
    }

    pub(super) fn month(&self) -> i64 {
        i64::from(self.0.month())
    }

    pub(super) fn month_name(&self) -> &'static str {
        name(&MONTHS, self.month())
    }

    pub(super) fn day(&self) -> i64 {
        i64::from(self.0.day())
    }

    pub(super) fn day_of_year(&self) -> i64 {
        i64::from(self.0.day_of_year())
    }

    /// Monday is 1, Sunday 7.
    pub(super) fn weekday(&self) -> i64 {
        i64::from(self.0.weekday().to_monday_one_offset())
    }

    pub(super) fn weekday_name(&self) -> &'static str {
        name(&DAYS, self.weekday())
    }

    pub(super) fn hour(&self) -> i64 {
        i64::from(self.0.hour())
    }

    /// The hour on the face of a clock, 1 to 12.
    pub(super) fn hour_12(&self) -> i64 {
        (self.hour() + 11) % 12 + 1
    }

    pub(super) fn half_of_day(&self) -> &'static str {
        if self.hour() < 12 { "AM" } else { "PM" }
    }

    pub(super) fn minute(&self) -> i64 {
        i64::from(self.0.minute())
    }

    pub(super) fn second(&self) -> i64 {
        i64::from(self.0.second())
    }

    pub(super) fn millisecond_of_day(&self) -> i64 {
        ((self.hour() * 60 + self.minute()) * 60 + self.second()) * 1000 + i64::from(self.0.millisecond())
    }

    /// The first `digits` digits of the fraction of the second, at most [`MOST_DIGITS`].
    pub(super) fn fraction(&self, digits: usize) -> String {
        let digits = digits.clamp(1, MOST_DIGITS);
        let all = format!("{:09}", self.0.subsec_nanosecond());
        format!("{:0<digits$}", all.chars().take(digits).collect::<String>())
    }

    pub(super) fn epoch(&self) -> i64 {
        self.0.timestamp().as_second()
    }

    /// The astronomers' count of days, by UTC.
    pub(super) fn modified_julian_day(&self) -> i64 {
        self.epoch().div_euclid(86_400) + 40_587
    }

    /// The distance from UTC, `+0530` or with a separator `+05:30`.
    pub(super) fn offset(&self, separator: &str) -> String {
        let seconds = self.0.offset().seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let seconds = seconds.unsigned_abs();
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let mut text = format!("{sign}{hours:02}{separator}{minutes:02}");
        if rest != 0 {
            text.push_str(&format!("{separator}{rest:02}"));
        }
        text
    }

    /// The zone's short name at this time, such as `CEST`.
    pub(super) fn zone_abbreviation(&self) -> String {
        self.0.time_zone().to_offset_info(self.0.timestamp()).abbreviation().to_owned()
    }

    /// The zone's full name, such as `Europe/Berlin`; its short one if it has no other.
    pub(super) fn zone_name(&self) -> String {
        self.0.time_zone().iana_name().map_or_else(|| self.zone_abbreviation(), str::to_owned)
    }
}

fn name(names: &[&'static str], number: i64) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

/// The first three letters of a name of a day or a month.
pub(super) fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}
