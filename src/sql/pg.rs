//! PostgreSQL's statements, read with a real parser.
//!
//! Knows: the parser's tree; no other module names its crate. Must never know: what a statement does.

mod alter;
mod bare;
mod body;
mod column;
mod create;
mod drop;
mod expression;
mod other;
mod rows;
#[cfg(test)]
mod tests;
mod tree;

use super::psql::survey::{self, Survey};
use super::script::Script;
use super::statement::{Origin, Said, Span, Statement};
use crate::error::Result;
use squawk_syntax::ast;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use squawk_syntax::{SyntaxKind as K, SyntaxNode as Node};

/// Deeper nested, a text is not parsed: the parser would use up the stack.
const DEEPEST: usize = 250;
/// Longer texts are data, not statements that somebody wrote.
const LONGEST: usize = 2_000_000;

/// Reads a script as psql would. `include` reads a file whose path is relative to the project's folder.
pub fn script(
    path: &str,
    text: &[u8],
    variables: &[(String, String)],
    include: &mut dyn FnMut(&str) -> Result<Vec<u8>>,
) -> Script {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    files.insert(path.to_owned(), text.to_vec());
    let survey = {
        let mut keep = |name: &str| {
            let text = include(name)?;
            files.insert(name.to_owned(), text.clone());
            Ok(text)
        };
        survey::survey(path, text, variables, &mut keep)
    };
    let Survey { statements: found, problems, shape, left_open, .. } = survey;
    let valid =
        files.iter().filter(|(_, text)| std::str::from_utf8(text).is_ok()).map(|(name, _)| name.clone());
    let mut finder = Finder { files: &files, valid: valid.collect(), last: BTreeMap::new() };
    let mut statements = Vec::with_capacity(found.len());
    for one in found {
        let text = String::from_utf8_lossy(&one.text).into_owned();
        let (text, skipped) = without_leading_blanks(text);
        let origin = finder.origin(&one.file, one.line, &text, skipped);
        read_all(&text, &origin, &mut statements);
    }
    let atomic = matches!(shape, super::psql::shape::Shape::Atomic { own_transaction: false });
    Script { statements, problems, atomic, left_open }
}

/// The text from its first word on, and how many line feeds went before it.
fn without_leading_blanks(text: String) -> (String, usize) {
    let mut at = 0;
    for token in super::lex::tokens(&text, super::Dialect::Postgres) {
        if token.kind != super::lex::TokenKind::Comment {
            at = token.start;
            break;
        }
    }
    let before = text.get(..at).unwrap_or_default();
    let lines = before.matches('\n').count();
    (text.get(at..).unwrap_or_default().to_owned(), lines)
}

/// Finds where statements stand in their files.
struct Finder<'a> {
    files: &'a BTreeMap<String, Vec<u8>>,
    /// Those that are text all through, so that places in them can be shown.
    valid: BTreeSet<String>,
    /// Where the last statement of a file ended, and in which line.
    last: BTreeMap<String, (usize, usize)>,
}

impl Finder<'_> {
    fn origin(&mut self, file: &str, line: usize, text: &str, skipped: usize) -> Origin {
        let mut origin = Origin { file: file.to_owned(), line: line + skipped, offset: None };
        let Some(source) = self.files.get(file) else { return origin };
        let (from, first) = self.last.get(file).copied().unwrap_or((0, 1));
        let rest = source.get(from..).unwrap_or_default();
        if text.is_empty() {
            return origin;
        }
        if let Some(at) = find(rest, text.as_bytes()) {
            let offset = from + at;
            let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
            origin.line = first + lines(source.get(from..offset).unwrap_or_default());
            origin.offset = self.valid.contains(file).then_some(offset);
            let end = origin.line + lines(text.as_bytes());
            self.last.insert(file.to_owned(), (offset + text.len(), end));
        }
        origin
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut from = 0;
    while let Some(at) = text.get(from..)?.iter().position(|byte| *byte == first) {
        if text.get(from + at..)?.starts_with(part) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// Reads one statement; if the text holds several, the first.
#[must_use]
pub fn read(text: &str, origin: Origin) -> Statement {
    let mut all = Vec::new();
    read_all(text, &origin, &mut all);
    let nothing = || opaque(text, &origin, "there is no statement".to_owned());
    if all.is_empty() { nothing() } else { all.swap_remove(0) }
}

/// Reads all statements of a text that is sent as one message.
fn read_all(text: &str, origin: &Origin, statements: &mut Vec<Statement>) {
    match parse_script(text) {
        Ok(parsed) => {
            let same = |span: Span| span;
            let cx = Cx { text, origin, shift: &same, depth: 0 };
            let real = |node: &&Node| !matches!(node.kind(), K::ERROR | K::EMPTY_STMT);
            let single = parsed.statements.iter().filter(real).count() == 1;
            for node in parsed.statements.iter().filter(real) {
                let span = tree::span(node);
                let concerns = |error: &&(Span, String)| single || touches(error.0, span, text);
                if let Some(error) = parsed.errors.iter().find(concerns) {
                    statements.push(not_understood(&cx, span, &error.1));
                } else {
                    statements.extend(cx.statement(node));
                }
            }
            if statements.is_empty() && !parsed.errors.is_empty() {
                let why = parsed.errors.first().map(|error| error.1.clone()).unwrap_or_default();
                statements.push(opaque(text, origin, why));
            }
        }
        Err(why) => statements.push(opaque(text, origin, why)),
    }
}

fn touches(error: Span, span: Span, text: &str) -> bool {
    error.start >= span.start && error.start <= span.end.max(span.start) || error.start >= text.len()
}

fn not_understood(cx: &Cx<'_>, span: Span, why: &str) -> Statement {
    cx.at(span, Said::Opaque { why: why.to_owned() })
}

fn opaque(text: &str, origin: &Origin, why: String) -> Statement {
    Statement {
        said: Said::Opaque { why },
        text: text.to_owned(),
        origin: origin.clone(),
        span: Span { start: 0, end: text.trim_end().len() },
        body: Vec::new(),
    }
}

/// What the parser makes of a text.
struct Parsed {
    statements: Vec<Node>,
    errors: Vec<(Span, String)>,
}

/// Parses a text of a script, in which variables may stand that nothing has set.
fn parse_script(text: &str) -> std::result::Result<Parsed, String> {
    let parsed = parse(text)?;
    if !parsed.errors.is_empty()
        && let Some(bare) = bare::without_variables(text)
        && let Ok(other) = parse(&bare)
        && other.errors.len() < parsed.errors.len()
    {
        return Ok(other);
    }
    Ok(parsed)
}

/// Parses a text; an answer whatever it is.
fn parse(text: &str) -> std::result::Result<Parsed, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    if nesting(text) > DEEPEST {
        return Err(format!("it is nested deeper than {DEEPEST} levels"));
    }
    // The parser is another's, and this text is anybody's.
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        let parse = ast::SourceFile::parse(text);
        let root = parse.syntax_node();
        let errors = parse.errors().into_iter().map(|error| {
            let range = error.range();
            let span = Span { start: range.start().into(), end: range.end().into() };
            (span, error.message().to_owned())
        });
        Parsed { statements: root.children().collect(), errors: errors.collect() }
    }));
    parsed.map_err(|_| "the parser gave up on it".to_owned())
}

/// How deep the parser's tree can become, at most: every parenthesis is a level, and every sign and word
/// that joins or opens something, up to the next comma.
fn nesting(text: &str) -> usize {
    const LEVELS: [&str; 10] =
        ["AND", "OR", "NOT", "CASE", "UNION", "EXCEPT", "INTERSECT", "JOIN", "IS", "IN"];
    let (mut open, mut chain, mut deepest) = (Vec::new(), 0_usize, 0_usize);
    let (mut starts, mut bodies) = (true, false);
    for token in super::lex::tokens(text, super::Dialect::Postgres) {
        if token.kind == super::lex::TokenKind::Comment {
            continue;
        }
        if std::mem::replace(&mut starts, token.text == ";") {
            bodies = token.is("CREATE") || token.is("DO");
        }
        match token.text {
            "(" | "[" => open.push(chain + 1),
            ")" | "]" => {
                // What follows hangs on what was in the parentheses, as in `a[1][2]`.
                chain = open.pop().unwrap_or(0);
                continue;
            }
            "," => chain = open.last().copied().unwrap_or(0),
            ";" => (open, chain) = (Vec::new(), 0),
            text if token.kind == super::lex::TokenKind::Text => {
                // It may be the body of a function, which the parser looks into.
                if bodies {
                    deepest = deepest.max(nesting(inside(text)));
                }
                continue;
            }
            _ => {
                let sign = token.kind == super::lex::TokenKind::Mark;
                let word =
                    token.kind == super::lex::TokenKind::Word && LEVELS.iter().any(|word| token.is(word));
                if !(sign || word) {
                    continue;
                }
                chain += 1;
            }
        }
        deepest = deepest.max(chain).max(open.len()).max(open.last().copied().unwrap_or(0));
    }
    deepest
}

/// What is between the quotes of a text.
fn inside(text: &str) -> &str {
    let Some(start) = text.find(['\'', '$']) else { return "" };
    let rest = text.get(start..).unwrap_or_default();
    let mark = match rest.strip_prefix('$').and_then(|tag| tag.find('$')) {
        Some(tag) => tag + 2,
        None => 1,
    };
    rest.get(mark..rest.len().saturating_sub(mark)).unwrap_or_default()
}

/// What is around a node while it is read: the text of the statement, and where its places are.
#[derive(Clone, Copy)]
struct Cx<'a> {
    /// The text of the whole statement, in which spans are counted.
    text: &'a str,
    origin: &'a Origin,
    /// Turns a place in the tree into one in the text.
    shift: &'a dyn Fn(Span) -> Span,
    depth: usize,
}

impl Cx<'_> {
    /// The place of a node in the text of the statement.
    fn span(&self, node: &Node) -> Span {
        (self.shift)(tree::span(node))
    }

    fn at(&self, span: Span, said: Said) -> Statement {
        Statement {
            said,
            text: self.text.to_owned(),
            origin: self.origin.clone(),
            span: (self.shift)(span),
            body: Vec::new(),
        }
    }

    /// Reads a statement; none if it is empty.
    fn statement(&self, node: &Node) -> Option<Statement> {
        if node.kind() == K::EMPTY_STMT {
            return None;
        }
        let mut statement = self.at(tree::span(node), Said::Harmless);
        statement.said = self.said(node);
        statement.body = self.body_of(node);
        Some(statement)
    }

    fn said(&self, node: &Node) -> Said {
        self.transactional(node)
            .or_else(|| self.creates(node))
            .or_else(|| self.alters(node))
            .or_else(|| self.drops(node))
            .or_else(|| self.handles_rows(node))
            .or_else(|| self.keeps_house(node))
            .unwrap_or_else(|| {
                let what = format!("{:?}", node.kind()).replace('_', " ");
                Said::Opaque { why: format!("{what} is not a statement that is understood here") }
            })
    }
}
