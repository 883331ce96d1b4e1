//! Rust source as the rules of the house look at it: without comments, without the contents of
//! literals, without tests; its paths, macros and functions.

/// One file of `src`.
pub(crate) struct Source {
    /// Where it is, from the root of the repository.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// The text with blanks in place of comments and contents of literals.
    bare: String,
    /// The same, with blanks in place of what only tests see, too.
    code: String,
}

/// A function: its name, the line it starts in and how many lines it has.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// A path in its segments, and the line it stands in.
pub(crate) type Located = (usize, Vec<String>);

impl Source {
    pub(crate) fn new(path: String, text: String) -> Source {
        let bare = without_comments_and_literals(&text);
        let mut source = Source { path, text, code: bare.clone(), bare };
        if source.is_test() {
            source.code = String::new();
        } else {
            source.code = without_tests(&source.bare);
        }
        source
    }

    /// Whether the whole file is a test.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The module below the root that it belongs to: `plan` for `src/plan/id.rs`.
    pub(crate) fn module(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// The modules it stands in: `plan`, `id` for `src/plan/id.rs`.
    fn place(&self) -> Vec<String> {
        let inside = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        inside.split('/').map(str::to_owned).collect()
    }

    /// All paths with at least two segments, those of `use` trees spread out.
    pub(crate) fn paths(&self) -> Vec<Located> {
        let words: Vec<(usize, &str)> = tokens(&self.code).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let starts = is_word(words[at].1) && words.get(at + 1).is_some_and(|(_, text)| *text == "::");
            let continues = at > 0 && words[at - 1].1 == "::";
            if starts && !continues {
                at = spread(&words, at, &[], &mut found);
            } else {
                at += 1;
            }
        }
        // `use {std::fs, …}` and `use std;` would hide; nobody writes them, and nobody shall.
        found
    }

    /// The paths into this crate, from its root.
    pub(crate) fn own_paths(&self) -> Vec<Located> {
        let mut found = Vec::new();
        for (line, path) in self.paths() {
            match path.first().map(String::as_str) {
                Some("crate") => found.push((line, path[1..].to_vec())),
                Some("super") => {
                    let up = path.iter().take_while(|segment| *segment == "super").count();
                    let place = self.place();
                    // A module inside a file goes up to the file first: what leaves the file is
                    // then one step less, and such a path begins with no module of the root.
                    let mut full = place[..place.len().saturating_sub(up)].to_vec();
                    full.extend_from_slice(&path[up..]);
                    if full.first().is_some_and(|module| crate::floor(module).is_some()) {
                        found.push((line, full));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The macros that are called.
    pub(crate) fn macros(&self) -> impl Iterator<Item = (usize, &str)> {
        let words: Vec<(usize, &str)> = tokens(&self.code).collect();
        let pairs: Vec<(usize, &str)> = words
            .windows(3)
            .filter(|three| is_word(three[0].1) && three[1].1 == "!" && matches!(three[2].1, "(" | "[" | "{"))
            .map(|three| three[0])
            .collect();
        pairs.into_iter()
    }

    /// All words, those of tests included.
    pub(crate) fn words_with_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        tokens(&self.bare).filter(|(_, text)| is_word(text))
    }

    /// The lines in which a text stands in the code.
    pub(crate) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.match_indices(text).map(|(at, _)| line_of(&self.code, at))
    }

    /// All functions with a body.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let words: Vec<(usize, &str)> = tokens(&self.code).collect();
        let mut found = Vec::new();
        for (at, (line, word)) in words.iter().enumerate() {
            let Some((_, name)) = words.get(at + 1).filter(|(_, name)| *word == "fn" && is_word(name)) else {
                continue;
            };
            let body = body_of(&words, at);
            if let Some(end) = body {
                found.push(Function { name: (*name).to_owned(), line: *line, lines: end - line + 1 });
            }
        }
        found
    }
}

/// Spreads the path or `use` tree that starts at a token; gives the token after it.
fn spread(words: &[(usize, &str)], mut at: usize, before: &[String], found: &mut Vec<Located>) -> usize {
    let line = words.get(at).map_or(0, |(line, _)| *line);
    let mut path = before.to_vec();
    while let Some((_, text)) = words.get(at) {
        match *text {
            "{" if path.len() > before.len() || !before.is_empty() => {
                at += 1;
                while words.get(at).is_some_and(|(_, text)| *text != "}") {
                    let next = spread(words, at, &path, found);
                    at = if next > at { next } else { at + 1 };
                }
                return at + 1;
            }
            "*" => path.push("*".to_owned()),
            text if is_word(text) => path.push(text.to_owned()),
            _ => break,
        }
        at += 1;
        let more = words.get(at).is_some_and(|(_, text)| *text == "::");
        // Only a name, a star or a tree goes on with the path; `::<` and `::(` do not.
        let goes_on = words.get(at + 1).is_some_and(|(_, text)| is_word(text) || matches!(*text, "*" | "{"));
        if !more || !goes_on {
            break;
        }
        at += 1;
    }
    if path.len() > before.len() {
        found.push((line, path));
    }
    at
}

/// The last line of the body of the function at a token, if it has one.
fn body_of(words: &[(usize, &str)], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (line, text) in words.get(at..)? {
        match *text {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            ";" if depth == 0 && brackets == 0 => return None,
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(*line);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single marks with their lines.
fn tokens(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = code;
    let mut line = 1;
    std::iter::from_fn(move || {
        let trimmed = rest.trim_start();
        line += rest[..rest.len() - trimmed.len()].matches('\n').count();
        let first = trimmed.chars().next()?;
        let inside = |c: char| c.is_alphanumeric() || c == '_';
        let length = match first {
            ':' if trimmed.starts_with("::") => 2,
            first if inside(first) => trimmed.find(|c| !inside(c)).unwrap_or(trimmed.len()),
            first => first.len_utf8(),
        };
        let (token, after) = trimmed.split_at(length);
        rest = after;
        Some((line, token))
    })
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Puts blanks in place of comments and of what stands in strings and characters.
fn without_comments_and_literals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (length, keep) = match rest.as_bytes()[0] {
            b'/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), 0),
            b'/' if rest.starts_with("/*") => (block_comment(rest), 0),
            b'"' => (string(rest), 1),
            b'r' if !out.ends_with(word_end) && raw_string(rest).is_some() => (raw_string(rest).unwrap(), 0),
            b'\'' => match character(rest) {
                Some(length) => (length, 1),
                None => (1, 1),
            },
            _ => {
                let length = rest.chars().next().unwrap().len_utf8();
                (length, length)
            }
        };
        let (piece, after) = rest.split_at(length);
        if keep == length {
            out.push_str(piece);
        } else {
            out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = after;
    }
    out
}

/// A letter before `r` makes it the end of a word; `br"…"` is a raw string all the same.
fn word_end(c: char) -> bool {
    c.is_alphanumeric() && c != 'b' || c == '_'
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().unwrap().len_utf8();
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let after = &text[1..];
    let hashes = after.chars().take_while(|c| *c == '#').count();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(body.find(&end).map_or(text.len(), |at| 1 + hashes + 1 + at + end.len()))
}

/// The length of a character literal; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        chars.next()?;
        return text[3..].find('\'').map(|at| at + 4);
    }
    let (at, end) = chars.next()?;
    (end == '\'').then_some(at + 1)
}

/// Puts blanks in place of every item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        let (before, item) = rest.split_at(at);
        out.push_str(before);
        let length = MARK.len() + item_length(&item[MARK.len()..]);
        let (item, after) = item.split_at(length);
        out.extend(item.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Up to the end of the body, or the semicolon of an item without one.
fn item_length(text: &str) -> usize {
    let (mut depth, mut brackets) = (0_usize, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if depth == 0 && brackets == 0 => return at + 1,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
