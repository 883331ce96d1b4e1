//! Script templates: the `[% … %]` dialect of Sqitch's small template engine, and the defaults.
//!
//! Knows: the dialect, byte for byte, and the texts of new scripts. Must never know: template
//! folders, plans, or the names of files. What the dialect does not know stays as it stands.
//!
//! Two things differ on purpose. A list in a place for text gives its items joined by blanks,
//! where Sqitch prints a memory address. And a value is never read as a template itself.

mod defaults;
mod read;

pub use defaults::{deploy_template, revert_template, verify_template};

use indexmap::IndexMap;
use read::{Block, Piece};
use std::collections::HashMap;

/// The value of a template variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// Several texts, for `FOREACH`.
    List(Vec<String>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

/// Fills in a template. Unknown variables are empty; anything unknown stays verbatim.
#[must_use]
pub fn render(template: &str, vars: &IndexMap<String, Value>) -> String {
    let mut scope: Scope<'_> = vars.iter().map(|(name, value)| (name.as_str(), borrow(value))).collect();
    let mut out = String::with_capacity(template.len());
    write(&read::read(template), &mut scope, &mut out);
    out
}

/// A value as the loops see it.
#[derive(Debug, Clone, Copy)]
enum Seen<'a> {
    Text(&'a str),
    List(&'a [String]),
}

type Scope<'a> = HashMap<&'a str, Seen<'a>>;

fn borrow(value: &Value) -> Seen<'_> {
    match value {
        Value::Text(text) => Seen::Text(text),
        Value::List(items) => Seen::List(items),
    }
}

fn write<'a>(pieces: &[Piece<'a>], scope: &mut Scope<'a>, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Variable(path) => match look_up(path, scope) {
                Some(Seen::Text(text)) => out.push_str(text),
                Some(Seen::List(items)) => out.push_str(&items.join(" ")),
                None => {}
            },
            Piece::Block(block) => write_block(block, scope, out),
        }
    }
}

fn write_block<'a>(block: &Block<'a>, scope: &mut Scope<'a>, out: &mut String) {
    match block {
        Block::If { path, wanted, then, otherwise } => {
            let chosen = if is_true(look_up(path, scope)) == *wanted { then } else { otherwise };
            write(chosen, scope, out);
        }
        Block::Foreach { item, path, body } => {
            let Some(Seen::List(items)) = look_up(path, scope) else { return };
            let hidden = scope.get(item).copied();
            for text in items {
                scope.insert(item, Seen::Text(text));
                write(body, scope, out);
            }
            match hidden {
                Some(value) => scope.insert(item, value),
                None => scope.remove(item),
            };
        }
    }
}

/// A variable, or an item of a list by its number.
fn look_up<'a>(path: &str, scope: &Scope<'a>) -> Option<Seen<'a>> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let value = scope.get(name).copied()?;
    match (value, rest.filter(|rest| !rest.is_empty())) {
        (value, None) => Some(value),
        (Seen::List(items), Some(number)) => {
            let digits = number.chars().all(|c| c.is_ascii_digit());
            let number = number.parse::<usize>().ok().filter(|_| digits)?;
            items.get(number).map(|item| Seen::Text(item))
        }
        (Seen::Text(_), Some(_)) => None,
    }
}

/// Perl's truth: the empty text and `0` are false, a list is true even if it is empty.
fn is_true(value: Option<Seen<'_>>) -> bool {
    match value {
        None => false,
        Some(Seen::Text(text)) => !text.is_empty() && text != "0",
        Some(Seen::List(_)) => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
