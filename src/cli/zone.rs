//! The time zone of this machine.

use jiff::tz::TimeZone;
use std::path::Path;

const LOCAL: &str = "/etc/localtime";

/// The zone that times are shown in: `TZ` decides, else the system's.
pub(super) fn local() -> TimeZone {
    let set = std::env::var_os("TZ").is_some();
    // Asked for the system's zone, the library lists all zones there are before it reads the one file.
    let zone = if set { None } else { from_file(Path::new(LOCAL)) };
    zone.unwrap_or_else(TimeZone::system)
}

/// The zone of a file whose link says its name; `None` where that is not how it is set.
fn from_file(path: &Path) -> Option<TimeZone> {
    let target = std::fs::canonicalize(path).ok()?;
    let (_, name) = target.to_str()?.split_once("/zoneinfo/")?;
    TimeZone::tzif(name, &std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn the_zone_is_the_systems() {
        if let Some(zone) = from_file(Path::new(LOCAL)) {
            let system = TimeZone::system();
            for seconds in [0, 1_700_000_000, 1_720_000_000] {
                let time = Timestamp::from_second(seconds).unwrap();
                assert_eq!(zone.to_offset(time), system.to_offset(time));
            }
        }
        assert!(from_file(Path::new("/nowhere")).is_none());
        assert!(from_file(Path::new("Cargo.toml")).is_none());
    }
}
