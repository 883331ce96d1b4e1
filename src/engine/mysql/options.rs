//! The option files of the client: `my.cnf`.
//!
//! Format: sections in brackets, `name=value` or `name` alone, `#` and `;` begin comments, `!include`
//! and `!includedir` read further files. Underscores and hyphens in names are the same.

use std::path::{Path, PathBuf};

/// The sections that the client reads.
const SECTIONS: [&str; 6] =
    ["client", "client-server", "client-mariadb", "mysql", "mariadb-client", "mariadb"];
/// Files that include one another deeper than this include themselves.
const DEEPEST: usize = 10;

/// What the option files say, later ones last.
#[derive(Default)]
pub(super) struct OptionFiles(Vec<(String, String)>);

impl OptionFiles {
    /// Reads the files that are there.
    pub(super) fn read(env: &dyn Fn(&str) -> Option<String>) -> OptionFiles {
        let mut files = OptionFiles::default();
        let home = env("HOME").map(|home| Path::new(&home).join(".my.cnf"));
        let named = env("MYSQL_HOME").map(|home| Path::new(&home).join("my.cnf"));
        let system = ["/etc/my.cnf", "/etc/mysql/my.cnf"].map(PathBuf::from);
        for path in system.into_iter().chain(named).chain(home) {
            files.file(&path, 0);
        }
        files
    }

    /// The last value of an option.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }

    fn file(&mut self, path: &Path, depth: usize) {
        // Who may not read a file is not told what it says, and goes on without, as the client does.
        let Ok(bytes) = std::fs::read(path) else { return };
        self.text(&String::from_utf8_lossy(&bytes), path, depth);
    }

    fn text(&mut self, text: &str, path: &Path, depth: usize) {
        let mut reads = false;
        for line in text.lines().map(str::trim) {
            if let Some(include) = line.strip_prefix("!includedir").filter(|_| depth < DEEPEST) {
                self.folder(&beside(path, include.trim()), depth + 1);
            } else if let Some(include) = line.strip_prefix("!include").filter(|_| depth < DEEPEST) {
                self.file(&beside(path, include.trim()), depth + 1);
            } else if let Some(section) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
                reads = SECTIONS.contains(&section.0.trim());
            } else if reads && !line.is_empty() && !line.starts_with(['#', ';']) {
                let (name, value) = line.split_once('=').unwrap_or((line, ""));
                self.0.push((name.trim().replace('_', "-"), value_of(value)));
            }
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "cnf"));
        files.sort();
        for file in files {
            self.file(&file, depth);
        }
    }
}

fn beside(path: &Path, name: &str) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).join(name)
}

/// A value without its quotes and without the comment behind it; `\n`, `\t`, `\s` and `\\` are escapes.
fn value_of(text: &str) -> String {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = match quote {
        Some(quote) => text.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default(),
        None => text.split(" #").next().unwrap_or_default().trim_end(),
    };
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('s') => value.push(' '),
            Some(other) => value.push(other),
            None => value.push('\\'),
        }
    }
    value
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sections_comments_quotes_and_includes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("d")).unwrap();
        std::fs::write(at("d/a.cnf"), "[client]\nport=3307\n").unwrap();
        std::fs::write(at("d/b.txt"), "[client]\nport=1\n").unwrap();
        std::fs::write(
            at(".my.cnf"),
            "# c\n[mysqld]\nuser=server\n[client]\nuser = ann # who\npassword=\"p #w\\\\d\"\n!includedir d\n[mysql]\ndefault_character_set=latin1\nssl\n",
        )
        .unwrap();
        let home = folder.path().display().to_string();
        let files = OptionFiles::read(&|name| (name == "HOME").then(|| home.clone()));
        assert_eq!(files.get("user").as_deref(), Some("ann"));
        assert_eq!(files.get("password").as_deref(), Some("p #w\\d"));
        assert_eq!(files.get("port").as_deref(), Some("3307"));
        assert_eq!(files.get("default-character-set").as_deref(), Some("latin1"));
        assert_eq!(files.get("ssl").as_deref(), Some(""));
    }
}
