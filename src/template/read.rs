//! Reading a template into pieces.
//!
//! Knows: the grammar of tags. Must never know: values. Whatever is no complete tag, or opens or
//! closes a block without its partner, is text with all its white space.

/// A part of a template.
#[derive(Debug, Clone)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
    Block(Block<'a>),
}

/// A part that holds others.
#[derive(Debug, Clone)]
pub(super) enum Block<'a> {
    If { path: &'a str, wanted: bool, then: Vec<Piece<'a>>, otherwise: Vec<Piece<'a>> },
    Foreach { item: &'a str, path: &'a str, body: Vec<Piece<'a>> },
}

/// Blocks deeper than this are text; templates of people need three.
const DEEPEST: usize = 100;

#[derive(Debug, Clone, Copy)]
enum Tag<'a> {
    Variable(&'a str),
    If(&'a str, bool),
    Foreach(&'a str, &'a str),
    Else,
    End,
}

/// A tag in the text, with the white space it eats.
struct Found<'a> {
    tag: Tag<'a>,
    raw: &'a str,
    before: &'a str,
    after: &'a str,
}

/// A block whose end has not come yet.
struct Open<'a> {
    tag: Tag<'a>,
    raw: &'a str,
    then: Vec<Piece<'a>>,
    otherwise: Option<Vec<Piece<'a>>>,
    /// The text of the `ELSE`, in case the block never ends.
    else_raw: &'a str,
}

impl<'a> Open<'a> {
    fn new(tag: Tag<'a>, raw: &'a str) -> Self {
        Open { tag, raw, then: Vec::new(), otherwise: None, else_raw: "" }
    }

    fn pieces(&mut self) -> &mut Vec<Piece<'a>> {
        self.otherwise.as_mut().unwrap_or(&mut self.then)
    }

    fn close(self) -> Vec<Piece<'a>> {
        let otherwise = self.otherwise.unwrap_or_default();
        match self.tag {
            Tag::If(path, wanted) => {
                vec![Piece::Block(Block::If { path, wanted, then: self.then, otherwise })]
            }
            Tag::Foreach(item, path) => vec![Piece::Block(Block::Foreach { item, path, body: self.then })],
            _ => self.then,
        }
    }

    /// The block as the text it turned out to be.
    fn give_up(self) -> Vec<Piece<'a>> {
        let mut pieces = vec![Piece::Text(self.raw)];
        pieces.extend(self.then);
        pieces.push(Piece::Text(self.else_raw));
        pieces.extend(self.otherwise.unwrap_or_default());
        pieces
    }
}

/// Reads a template; every text is one.
pub(super) fn read(template: &str) -> Vec<Piece<'_>> {
    let mut root = Open::new(Tag::End, "");
    let mut stack: Vec<Open<'_>> = Vec::new();
    let mut rest = template;
    let mut fresh = true;
    while let Some(found) = find(rest, fresh) {
        let depth = stack.len();
        let inner = stack.last_mut().unwrap_or(&mut root);
        inner.pieces().push(Piece::Text(found.before));
        match found.tag {
            Tag::Variable(path) => inner.pieces().push(Piece::Variable(path)),
            Tag::If(..) | Tag::Foreach(..) if depth < DEEPEST => stack.push(Open::new(found.tag, found.raw)),
            Tag::Else if inner.otherwise.is_none() && matches!(inner.tag, Tag::If(..) | Tag::Foreach(..)) => {
                inner.otherwise = Some(Vec::new());
                inner.else_raw = found.raw;
            }
            Tag::End if depth > 0 => {
                let closed = stack.pop().map(Open::close).unwrap_or_default();
                stack.last_mut().unwrap_or(&mut root).pieces().extend(closed);
            }
            _ => inner.pieces().push(Piece::Text(found.raw)),
        }
        fresh = found.raw.ends_with('\n');
        rest = found.after;
    }
    while let Some(open) = stack.pop() {
        stack.last_mut().unwrap_or(&mut root).pieces().extend(open.give_up());
    }
    root.pieces().push(Piece::Text(rest));
    root.then
}

/// Finds the next tag. `fresh` says that a line begins where the text begins.
fn find(text: &str, fresh: bool) -> Option<Found<'_>> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find("[%")?;
        let inside = text.get(start + 2..)?;
        let end = inside.find("%]")?;
        let Some((tag, opens, closes)) = inside.get(..end).and_then(tag) else {
            from = start + 2 + inside.get(..end)?.rfind("[%").unwrap_or(0);
            continue;
        };
        let end = start + 2 + end + 2;
        let first = if opens { chomp_before(text.get(..start)?, fresh) } else { start };
        let last = if closes { end + chomp_after(text.get(end..)?) } else { end };
        return Some(Found {
            tag,
            raw: text.get(first..last)?,
            before: text.get(..first)?,
            after: text.get(last..)?,
        });
    }
}

/// Where the text ends that stays before `[%-`: blanks and the line break before them go, but
/// blanks behind a word stay.
fn chomp_before(before: &str, fresh: bool) -> usize {
    let kept = before.trim_end_matches([' ', '\t']);
    match kept.strip_suffix('\n') {
        Some(line) => line.len(),
        None if kept.is_empty() && fresh => 0,
        None => before.len(),
    }
}

/// How much goes behind `-%]`: blanks and one line break, if there is one.
fn chomp_after(after: &str) -> usize {
    let rest = after.trim_start_matches([' ', '\t']);
    rest.strip_prefix('\n').map_or(0, |rest| after.len() - rest.len())
}

/// The tag between `[%` and `%]`, and whether it eats white space before and behind it.
fn tag(inside: &str) -> Option<(Tag<'_>, bool, bool)> {
    let (opens, inside) = inside.strip_prefix('-').map_or((false, inside), |rest| (true, rest));
    let (closes, inside) = inside.strip_suffix('-').map_or((false, inside), |rest| (true, rest));
    let inside = inside.strip_prefix('+').unwrap_or(inside);
    let inside = inside.strip_suffix('+').unwrap_or(inside);
    let words: Vec<&str> = inside.split_whitespace().collect();
    let tag = match words.as_slice() {
        ["END"] => Tag::End,
        ["ELSE"] => Tag::Else,
        ["IF", path] => Tag::If(name(path)?, true),
        ["UNLESS", path] => Tag::If(name(path)?, false),
        ["FOREACH", item, "IN", path] => {
            Tag::Foreach(name(item).filter(|item| !item.contains('.'))?, name(path)?)
        }
        [path] => Tag::Variable(name(path)?),
        _ => return None,
    };
    Some((tag, opens, closes))
}

/// A name begins with a small letter or `_`; letters, digits, `_` and dots follow.
fn name(word: &str) -> Option<&str> {
    let begins = word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    (begins && word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')).then_some(word)
}
