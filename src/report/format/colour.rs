//! Colours by the names that Perl's terminal library gives them, for format strings.
//!
//! Knows: names and the escape sequences they stand for. Must never know: whether the output is a
//! terminal.

const COLOURS: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// The escape sequence for a few names with blanks between them, such as `bold red`; empty for no
/// names, `None` if one is unknown.
pub(super) fn escape(names: &str) -> Option<String> {
    let numbers: Option<Vec<String>> =
        names.split_whitespace().map(|name| number(&name.to_ascii_lowercase())).collect();
    let numbers = numbers?;
    Some(if numbers.is_empty() { String::new() } else { format!("\x1b[{}m", numbers.join(";")) })
}

fn number(name: &str) -> Option<String> {
    if let Some(effect) = effect(name) {
        return Some(effect.to_string());
    }
    let (ground, name) = match name.strip_prefix("on_") {
        Some(name) => (40, name),
        None => (30, name),
    };
    if let Some(at) = COLOURS.iter().position(|colour| *colour == name) {
        return Some((ground + at).to_string());
    }
    let bright = name.strip_prefix("bright_");
    if let Some(at) = bright.and_then(|name| COLOURS.iter().position(|colour| *colour == name)) {
        return Some((ground + 60 + at).to_string());
    }
    if let Some(index) = indexed(name) {
        return Some(format!("{};5;{index}", ground + 8));
    }
    let [red, green, blue] = mixed(name)?;
    Some(format!("{};2;{red};{green};{blue}", ground + 8))
}

fn effect(name: &str) -> Option<u8> {
    Some(match name {
        "clear" | "reset" => 0,
        "bold" => 1,
        "dark" | "faint" => 2,
        "italic" => 3,
        "underline" | "underscore" => 4,
        "blink" => 5,
        "reverse" => 7,
        "concealed" => 8,
        _ => return None,
    })
}

/// One of 256 colours: `ansi0` to `ansi255`, `grey0` to `grey23`, `rgb000` to `rgb555`.
fn indexed(name: &str) -> Option<u8> {
    if let Some(number) = name.strip_prefix("ansi") {
        return plain_number(number, 255);
    }
    if let Some(number) = name.strip_prefix("grey") {
        return plain_number(number, 23).map(|grey| 232 + grey);
    }
    let digits: Option<Vec<u8>> = name
        .strip_prefix("rgb")?
        .chars()
        .map(|digit| digit.to_digit(6).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    match digits?.as_slice() {
        [red, green, blue] => Some(16 + 36 * red + 6 * green + blue),
        _ => None,
    }
}

fn plain_number(text: &str, most: u8) -> Option<u8> {
    let number: u8 = text.parse().ok()?;
    (number <= most && number.to_string() == text).then_some(number)
}

/// One of 16 million colours: `r255g0b17`.
fn mixed(name: &str) -> Option<[u8; 3]> {
    let (red, rest) = name.strip_prefix('r')?.split_once('g')?;
    let (green, blue) = rest.split_once('b')?;
    let level = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse::<u8>().ok() } else { None }
    };
    Some([level(red)?, level(green)?, level(blue)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_sequences() {
        for (names, sequence) in [
            ("red", "\x1b[31m"),
            ("reset", "\x1b[0m"),
            ("Bold   RED on_white", "\x1b[1;31;47m"),
            ("bright_cyan", "\x1b[96m"),
            ("on_bright_black", "\x1b[100m"),
            ("ansi0 on_ansi255", "\x1b[38;5;0;48;5;255m"),
            ("grey23", "\x1b[38;5;255m"),
            ("rgb512", "\x1b[38;5;204m"),
            ("on_r1g022b255", "\x1b[48;2;1;22;255m"),
            (" ", ""),
        ] {
            assert_eq!(escape(names).as_deref(), Some(sequence), "{names}");
        }
    }

    #[test]
    fn other_names_are_refused() {
        for names in [
            "pink", "red,blue", "on_bold", "ansi256", "ansi07", "ansi+7", "grey24", "rgb666", "rgb12",
            "r256g0b0", "r+1g0b0", "rgb", "on_",
        ] {
            assert_eq!(escape(names), None, "{names}");
        }
    }
}
