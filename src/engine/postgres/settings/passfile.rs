//! The file of passwords: `host:port:database:user:password`, a line each.
//!
//! Knows: the file's layout, as libpq reads it. Must never know: what the password is for.

use std::path::Path;

/// What the file says.
#[derive(Default)]
pub(super) struct Passwords {
    text: String,
    /// Why the file is not used although it is there.
    pub(super) warning: Option<String>,
}

impl Passwords {
    /// Reads a file. One that others may read is not used, as with libpq.
    pub(super) fn read(path: &Path) -> Passwords {
        let ignored = |why: &str| Passwords {
            text: String::new(),
            warning: Some(format!("the password file {} is not used: {why}", path.display())),
        };
        let Ok(known) = std::fs::metadata(path) else { return Passwords::default() };
        if !known.is_file() {
            return ignored("it is not a plain file");
        }
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&known.permissions()) & 0o077 != 0 {
            return ignored("others may read it; type: chmod 600 on it");
        }
        match std::fs::read(path) {
            Ok(bytes) => Passwords { text: String::from_utf8_lossy(&bytes).into_owned(), warning: None },
            Err(error) => ignored(&error.to_string()),
        }
    }

    /// The password in the first line that fits.
    pub(super) fn find(&self, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
        let port = port.to_string();
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        lines.into_iter().find_map(|line| {
            let rest =
                [host, &port, database, user].iter().try_fold(line, |rest, value| fits(rest, value))?;
            Some(password(rest)).filter(|password| !password.is_empty())
        })
    }
}

/// What follows the first field of the line, if that stands for `value`.
fn fits<'a>(line: &'a str, value: &str) -> Option<&'a str> {
    if let Some(rest) = line.strip_prefix("*:") {
        return Some(rest);
    }
    let mut value = value.chars();
    let mut rest = line.chars();
    loop {
        let wanted = match rest.next()? {
            ':' => return value.next().is_none().then_some(rest.as_str()),
            '\\' => rest.next()?,
            other => other,
        };
        if value.next() != Some(wanted) {
            return None;
        }
    }
}

fn password(field: &str) -> String {
    let mut found = String::new();
    let mut rest = field.chars();
    while let Some(next) = rest.next() {
        match next {
            ':' => break,
            '\\' => found.push(rest.next().unwrap_or('\\')),
            other => found.push(other),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
        Passwords { text: text.to_owned(), warning: None }.find(host, port, database, user)
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# h:1:d:u:no\nother:*:*:*:no\nh:5432:d:u:first\r\n*:*:*:*:rest\n";
        assert_eq!(find(text, "h", 5432, "d", "u").as_deref(), Some("first"));
        assert_eq!(find(text, "h", 5433, "d", "u").as_deref(), Some("rest"));
        assert_eq!(find("h:5432:d\nh:5432:d:u", "h", 5432, "d", "u"), None);
        assert_eq!(find("h:5432:d:u:", "h", 5432, "d", "u"), None);
    }

    #[test]
    fn colons_and_backslashes_are_escaped() {
        assert_eq!(find(r"\:\:1:*:a\\b:*:p\:q\\r:rest", "::1", 1, r"a\b", "u").as_deref(), Some(r"p:q\r"));
    }

    #[test]
    fn no_line_panics() {
        for line in ["\\", "*", ":", "h:\\", "*:*:*:*:\\", "é:*:*:*:é"] {
            let _ = find(line, "h", 1, "", "u");
        }
        assert_eq!(find("*:*:*:*:\\", "h", 1, "d", "u").as_deref(), Some("\\"));
    }
}
