//! Ids: SHA-1 over Sqitch's description of a change or tag, to the byte.

use super::{Dependency, Person, Stamp};
use sha1::{Digest, Sha1};
use std::fmt::{self, Write};

/// A SHA-1 as Sqitch uses it for changes, tags and scripts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id([u8; 20]);

impl Id {
    /// Reads 40 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Id> {
        let bytes = text.as_bytes();
        if bytes.len() != 40 {
            return None;
        }
        let mut id = [0; 20];
        // One look at the end costs less than one at each digit.
        let mut bad = 0;
        for (out, pair) in id.iter_mut().zip(bytes.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            let (high, low) = (digit(*high), digit(*low));
            bad |= high | low;
            *out = high << 4 | low;
        }
        (bad < 16).then_some(Id(id))
    }

    /// The SHA-1 of a script's bytes, as Sqitch stores it in `changes.script_hash`.
    #[must_use]
    pub fn of_script(bytes: &[u8]) -> Id {
        Id(Sha1::digest(bytes).into())
    }

    /// The id of a description: `KIND LENGTH NUL INFO` hashed, the length in bytes.
    fn of_info(kind: &str, info: &str) -> Id {
        let mut hash = Sha1::new();
        let mut length = [0; 20];
        hash.update(kind);
        hash.update(b" ");
        hash.update(decimal(info.len(), &mut length));
        hash.update(b"\0");
        hash.update(info);
        Id(hash.finalize().into())
    }

    /// All digits. Plans print and hash ids by the hundred thousand, so they are made at once.
    fn digits(&self) -> [u8; 40] {
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
        let mut digits = [0; 40];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        digits
    }

    /// The first `digits` hexadecimal digits.
    #[must_use]
    pub fn short(&self, digits: usize) -> String {
        self.to_string().chars().take(digits).collect()
    }
}

/// A number in decimal digits, which are put at the end of `room`.
fn decimal(mut number: usize, room: &mut [u8; 20]) -> &[u8] {
    let mut digits = 0;
    for (digit, place) in (1..).zip(room.iter_mut().rev()) {
        *place = b'0' + u8::try_from(number % 10).unwrap_or_default();
        (number, digits) = (number / 10, digit);
        if number == 0 {
            break;
        }
    }
    room.get(room.len() - digits..).unwrap_or_default()
}

/// The value of a hexadecimal digit, 255 for what is none.
const fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => 255,
    }
}

impl std::hash::Hash for Id {
    /// Eight bytes of a digest tell ids apart as well as all twenty.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        if let Some(head) = self.0.first_chunk() {
            state.write_u64(u64::from_ne_bytes(*head));
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        Id::parse(&text).ok_or_else(|| serde::de::Error::custom("not an id"))
    }
}

/// The parts of a change's description.
pub(crate) struct ChangeInfo<'a> {
    pub(crate) project: &'a str,
    /// In canonical form.
    pub(crate) uri: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) parent: Option<Id>,
    pub(crate) planner: &'a Person,
    pub(crate) planned_at: Stamp,
    pub(crate) requires: &'a [Dependency],
    pub(crate) conflicts: &'a [Dependency],
    pub(crate) note: &'a str,
}

impl ChangeInfo<'_> {
    /// The text that is hashed, which `show change` prints.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.spell(&mut text);
        text
    }

    /// Puts the text in the place of another: plans have many changes, and one room does for all.
    fn spell(&self, text: &mut String) {
        head(text, self.project, self.uri);
        text.extend(["\nchange ", self.name]);
        if let Some(parent) = self.parent {
            text.extend(["\nparent ", std::str::from_utf8(&parent.digits()).unwrap_or_default()]);
        }
        signed(text, self.planner, self.planned_at);
        for (title, sign, list) in [("requires", '+', self.requires), ("conflicts", '-', self.conflicts)] {
            if !list.is_empty() {
                text.extend(["\n", title]);
            }
            for dependency in list {
                // Writing to a String cannot fail.
                let _ = write!(text, "\n  {sign} {dependency}");
            }
        }
        note(text, self.note);
    }

    /// The id; `room` is for the text that it covers.
    pub(crate) fn id(&self, room: &mut String) -> Id {
        self.spell(room);
        Id::of_info("change", room)
    }
}

/// The parts of a tag's description.
pub(crate) struct TagInfo<'a> {
    pub(crate) project: &'a str,
    pub(crate) uri: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) change: Id,
    pub(crate) planner: &'a Person,
    pub(crate) planned_at: Stamp,
    pub(crate) note: &'a str,
}

impl TagInfo<'_> {
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        head(&mut text, self.project, self.uri);
        let _ = write!(text, "\ntag @{}\nchange {}", self.name, self.change);
        signed(&mut text, self.planner, self.planned_at);
        note(&mut text, self.note);
        text
    }

    pub(crate) fn id(&self) -> Id {
        Id::of_info("tag", &self.text())
    }
}

fn head(text: &mut String, project: &str, uri: Option<&str>) {
    text.clear();
    // Room for most descriptions, so that they need not be moved while they grow.
    text.reserve(500);
    text.extend(["project ", project]);
    if let Some(uri) = uri {
        text.extend(["\nuri ", uri]);
    }
}

fn signed(text: &mut String, planner: &Person, planned_at: Stamp) {
    text.extend(["\nplanner ", &planner.name, " <", &planner.email, ">\ndate ", planned_at.as_str()]);
}

/// A note of exactly `0` is not hashed: Sqitch asks Perl whether the note is true.
fn note(text: &mut String, note: &str) {
    if !note.is_empty() && note != "0" {
        text.extend(["\n\n", note]);
    }
}

/// The description of a change, as `show change` prints it and as its id covers it.
#[must_use]
pub fn change_info(plan: &super::Plan, position: usize) -> Option<String> {
    let change = plan.changes.get(position)?;
    let uri = plan.uri.as_deref().map(super::uri::canonical);
    let parent = position.checked_sub(1).and_then(|before| plan.changes.get(before)).map(|parent| parent.id);
    let info = ChangeInfo {
        project: &plan.project,
        uri: uri.as_deref(),
        name: &change.name,
        parent,
        planner: &change.planner,
        planned_at: change.planned_at,
        requires: &change.requires,
        conflicts: &change.conflicts,
        note: &change.note,
    };
    Some(info.text())
}

/// The description of a tag, as `show tag` prints it and as its id covers it.
#[must_use]
pub fn tag_info(plan: &super::Plan, tag: &super::Tag) -> Option<String> {
    let uri = plan.uri.as_deref().map(super::uri::canonical);
    let info = TagInfo {
        project: &plan.project,
        uri: uri.as_deref(),
        name: &tag.name,
        change: plan.changes.get(tag.change)?.id,
        planner: &tag.planner,
        planned_at: tag.planned_at,
        note: &tag.note,
    };
    Some(info.text())
}
