//! "Did you mean …?": the known word nearest to a typed one.
//!
//! Knows: words. Must never know: what they stand for.

/// The known name nearest to what was typed, if one is near enough to be a slip of the finger.
#[must_use]
pub fn suggest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = ((typed.chars().count() + 1) / 3).clamp(1, 3);
    let near =
        known.map(|name| (distance(typed, name, limit), name)).min_by_key(|(distance, _)| *distance)?;
    (near.0 <= limit).then_some(near.1)
}

/// Edit distance, or anything above `limit` as soon as it must be larger.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    if a.len().abs_diff(b.len()) > limit * 4 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, cb) in row.iter_mut().skip(1).zip(&b) {
            let best = (corner + usize::from(ca != *cb)).min(left + 1).min(*cell + 1);
            corner = *cell;
            *cell = best;
            left = best;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn only_a_slip_of_the_finger_is_suggested() {
        assert_eq!(suggest("usres", ["users", "orders"].into_iter()), Some("users"));
        assert_eq!(suggest("invoices", ["users", "orders"].into_iter()), None);
        assert_eq!(suggest("", ["users"].into_iter()), None);
    }
}
