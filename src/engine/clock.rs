//! The times that records get.

use jiff::{SignedDuration, Timestamp};
use std::time::Instant;

/// The server's time, told by our own clock since it was asked, so that every record gets a later
/// time than the one before without asking for each.
#[derive(Debug)]
pub(super) struct Clock {
    server: Timestamp,
    since: Instant,
    /// The latest time that a record has got.
    pub(super) latest: Timestamp,
    /// Whether it is the server's time, and nobody else can have made a record since.
    pub(super) set: bool,
}

impl Clock {
    pub(super) fn new(server: Timestamp, latest: Timestamp) -> Clock {
        Clock { server, since: Instant::now(), latest, set: false }
    }

    pub(super) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.since.elapsed()).unwrap_or_default();
        self.server.checked_add(passed).unwrap_or(self.server)
    }

    /// The earliest time that a record may get.
    pub(super) fn floor(&self) -> Timestamp {
        self.latest.checked_add(SignedDuration::from_micros(1)).unwrap_or(self.latest)
    }

    /// A point in time later than every recorded one, in whole microseconds.
    pub(super) fn next(&mut self) -> Timestamp {
        let floor = self.floor();
        let micros = self.now().max(floor).as_microsecond();
        self.latest = Timestamp::from_microsecond(micros).unwrap_or(floor);
        self.latest
    }

    /// The server gave a change this time, and its rows those of some microseconds after it.
    pub(super) fn passed(&mut self, at: Timestamp, micros: i64) {
        let last = at.checked_add(SignedDuration::from_micros(micros)).unwrap_or(at);
        self.latest = self.latest.max(last);
    }
}
