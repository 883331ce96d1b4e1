//! The numbers of a code such as `%-10.3n`: at least so wide, at most so long.
//!
//! Knows: characters to count. Must never know: what they say.

use crate::error::{Error, Kind, Result};

/// The widest field that is filled up; wider ones are mistakes.
const WIDEST: usize = 10_000;

/// How a text is cut and filled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    left: bool,
    fill: char,
    least: usize,
    most: usize,
}

impl Width {
    /// Reads the parts of a code; as in `printf`, a least width that starts with 0 fills up with zeros.
    pub(super) fn parse(left: bool, least: Option<&str>, most: Option<&str>) -> Result<Width> {
        let digits = least.unwrap_or("0");
        let least = digits.parse().ok().filter(|least| *least <= WIDEST).ok_or_else(|| {
            let message = format!("{digits} columns are too wide, the widest field has {WIDEST}");
            Error::new(Kind::Usage, "format.width", message)
        })?;
        let fill = if digits.starts_with('0') && !left { '0' } else { ' ' };
        // No number, 0, and one too large to read all mean: as long as it is.
        let most = most.and_then(|most| most.parse().ok()).filter(|most| *most > 0).unwrap_or(usize::MAX);
        Ok(Width { left, fill, least, most })
    }

    /// Cuts `text` and fills it up, counting characters.
    pub(super) fn fit(self, mut text: String) -> String {
        if let Some((end, _)) = text.char_indices().nth(self.most) {
            text.truncate(end);
        }
        // Few codes ask for a width; the others are spared the counting.
        if self.least == 0 {
            return text;
        }
        let missing = self.least.saturating_sub(text.chars().count());
        let filling = std::iter::repeat_n(self.fill, missing);
        if self.left {
            text.extend(filling);
            text
        } else {
            filling.chain(text.chars()).collect()
        }
    }
}
