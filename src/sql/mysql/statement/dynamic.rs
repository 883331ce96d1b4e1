//! Statements that are put together while they run: `PREPARE`, `EXECUTE`, and the variables they are
//! kept in.
//!
//! Knows: which texts they can be, when a script writes them out. Must never know: which of them it
//! will be.

use super::reader::{Reader, name_of, unquoted};
use super::{Read, read_in};
use crate::sql::lex::TokenKind;
use crate::sql::statement::{Origin, Said, Statement};
use std::collections::HashMap;

/// Deeper in functions no text is looked for.
const DEEPEST: usize = 6;
/// More texts than these no variable holds in earnest.
const MOST: usize = 32;

/// What is known of variables and prepared statements: the texts that they may be.
#[derive(Debug, Default)]
pub(super) struct Texts {
    variables: HashMap<String, Vec<String>>,
    prepared: HashMap<String, Vec<String>>,
}

impl Texts {
    /// Notes what a statement leaves in variables, and what it prepares.
    pub(super) fn note(&mut self, reader: Reader<'_>) {
        let mut reader = reader;
        if reader.eat(&["SET"]) {
            for mut part in reader.parts() {
                if part.eat(&["@"])
                    && let Some(name) = part.name()
                {
                    part.eat(&[":"]);
                    part.eat(&["="]);
                    self.keep(&name, self.texts(part, 0));
                }
            }
        } else if reader.eat(&["SELECT"]) {
            let value = reader.until(|reader| reader.is("INTO") || reader.is("FROM"));
            reader.until(|reader| reader.is("INTO"));
            if reader.eat(&["INTO", "@"])
                && let Some(name) = reader.name()
            {
                self.keep(&name, self.texts(value, 0));
            }
        } else if reader.eat(&["PREPARE"])
            && let Some(name) = reader.name()
        {
            reader.eat(&["FROM"]);
            match self.texts(reader, 0) {
                Some(texts) => self.prepared.insert(name.to_lowercase(), texts),
                None => self.prepared.remove(&name.to_lowercase()),
            };
        }
    }

    fn keep(&mut self, name: &str, texts: Option<Vec<String>>) {
        match texts {
            Some(texts) => self.variables.insert(name.to_lowercase(), texts),
            None => self.variables.remove(&name.to_lowercase()),
        };
    }

    /// What an `EXECUTE` runs, if the script tells.
    pub(super) fn executed(&self, mut reader: Reader<'_>) -> Option<Vec<String>> {
        if !reader.eat(&["EXECUTE"]) {
            return None;
        }
        if reader.eat(&["IMMEDIATE"]) {
            let value = reader.until(|reader| reader.is("USING"));
            return self.texts(value, 0);
        }
        self.prepared.get(&reader.name()?.to_lowercase()).cloned()
    }

    /// The texts that an expression may be; `None` if nobody can tell.
    fn texts(&self, mut value: Reader<'_>, depth: usize) -> Option<Vec<String>> {
        if depth > DEEPEST {
            return None;
        }
        let mut whole = value;
        if let Some(mut group) = whole.group().filter(|_| whole.done()) {
            if group.eat(&["SELECT"]) {
                group = group.until(|reader| reader.is("FROM"));
            }
            return self.texts(group, depth + 1);
        }
        if value.eat(&["@"]) {
            let known = self.variables.get(&value.name()?.to_lowercase()).cloned();
            return known.filter(|_| value.done());
        }
        if value.rest().iter().all(|token| token.kind == TokenKind::Text) && !value.done() {
            return Some(vec![value.rest().iter().map(|token| unquoted(token.text)).collect()]);
        }
        let call = value.next().and_then(name_of)?.to_uppercase();
        let arguments = value.group().filter(|_| value.done())?.parts();
        let chosen = match call.as_str() {
            "IF" => arguments.get(1..)?,
            "IFNULL" | "COALESCE" => &arguments,
            "CONCAT" => return self.joined(&arguments, depth),
            _ => return None,
        };
        let mut all = Vec::new();
        for argument in chosen {
            all.extend(self.texts(*argument, depth + 1)?);
        }
        Some(all).filter(|all| all.len() <= MOST)
    }

    fn joined(&self, arguments: &[Reader<'_>], depth: usize) -> Option<Vec<String>> {
        let mut all = vec![String::new()];
        for argument in arguments {
            let texts = self.texts(*argument, depth + 1)?;
            let with = |begin: &String| texts.iter().map(|text| format!("{begin}{text}")).collect::<Vec<_>>();
            all = all.iter().flat_map(with).collect();
            if all.len() > MOST || all.iter().any(|text| text.len() > 1_000_000) {
                return None;
            }
        }
        Some(all)
    }
}

/// `EXECUTE` on its own: what it runs is known only if it is written out behind it.
pub(super) fn execute(reader: &Reader<'_>) -> Read {
    match Texts::default().executed(*reader) {
        Some(texts) => running(texts, reader),
        None => Said::Dynamic.into(),
    }
}

/// A statement that runs one of these.
pub(super) fn running(texts: Vec<String>, reader: &Reader<'_>) -> Read {
    let around = reader.around;
    let origin = Origin { offset: None, ..around.origin.clone() };
    let one = |text: String| read_in(&text, origin.clone(), around.home, around.depth + 1);
    let body: Vec<Statement> = texts.into_iter().map(one).collect();
    Read { said: Said::Do { loops: false, commits: false }, body }
}
