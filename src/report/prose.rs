//! Sentences in lines that a person can read.
//!
//! Knows: words. Must never know: what they speak of.

/// Longer lines of prose are tiring to read, however wide the terminal is.
pub(super) const WIDTH: usize = 96;

/// Breaks lines of prose at blanks; lines that begin with a blank are code, and stay.
#[must_use]
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with(char::is_whitespace) || line.chars().count() <= width {
            lines.push(line.to_owned());
            continue;
        }
        let mut current = String::new();
        for word in line.split(' ') {
            if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn prose_is_broken_at_blanks_and_code_stays() {
        for (text, expected) in [
            ("", ""),
            ("one two", "one two"),
            ("one two three four", "one two\nthree four"),
            ("    a line of code that is long\nend", "    a line of code that is long\nend"),
            ("averyveryverylongword and more", "averyveryverylongword\nand more"),
            ("a\n\nb", "a\n\nb"),
        ] {
            assert_eq!(wrapped(text, 10), expected, "{text}");
        }
    }
}
