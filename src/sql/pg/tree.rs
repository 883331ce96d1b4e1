//! Finding one's way in the parser's tree.

use super::{K, Node};
use crate::sql::statement::{Name, Span};

/// The place of a node, without blanks and comments at its ends.
pub(super) fn span(node: &Node) -> Span {
    let range = node.text_range();
    let (mut start, mut end): (usize, usize) = (range.start().into(), range.end().into());
    let blank = |kind: K| matches!(kind, K::WHITESPACE | K::COMMENT | K::SEMICOLON);
    let mut first = node.first_token();
    while let Some(token) =
        first.filter(|token| blank(token.kind()) && usize::from(token.text_range().end()) < end)
    {
        start = token.text_range().end().into();
        first = token.next_token();
    }
    let mut last = node.last_token();
    while let Some(token) =
        last.filter(|token| blank(token.kind()) && usize::from(token.text_range().start()) > start)
    {
        end = token.text_range().start().into();
        last = token.prev_token();
    }
    Span { start, end }
}

/// The first child of a kind.
pub(super) fn kid(node: &Node, kind: K) -> Option<Node> {
    node.children().find(|child| child.kind() == kind)
}

/// All children of a kind.
pub(super) fn kids(node: &Node, kind: K) -> impl Iterator<Item = Node> {
    node.children().filter(move |child| child.kind() == kind)
}

/// Whether there is a child of a kind, node or word.
pub(super) fn has(node: &Node, kind: K) -> bool {
    node.children_with_tokens().any(|child| child.kind() == kind)
}

/// Whether there is a node or a word of a kind anywhere below.
pub(super) fn holds(node: &Node, kind: K) -> bool {
    node.descendants_with_tokens().any(|child| child.kind() == kind)
}

/// The text of a node, without blanks and comments at its ends.
pub(super) fn text(node: &Node) -> String {
    let Span { start, end } = span(node);
    let offset: usize = node.text_range().start().into();
    let text = node.text().to_string();
    text.get(start.saturating_sub(offset)..end.saturating_sub(offset)).unwrap_or_default().to_owned()
}

/// A name as the database knows it: quotes off, or letters folded.
pub(super) fn fold(text: &str) -> String {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.to_lowercase(),
    }
}

/// The name in a node that holds one word, or a path whose last part counts.
pub(super) fn word(node: &Node) -> String {
    let token = node
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !matches!(token.kind(), K::WHITESPACE | K::COMMENT | K::DOT))
        .last();
    token.map(|token| fold(token.text())).unwrap_or_default()
}

/// The name of the first child of a kind.
pub(super) fn word_of(node: &Node, kind: K) -> String {
    kid(node, kind).map(|child| word(&child)).unwrap_or_default()
}

/// The parts of a path, folded.
pub(super) fn parts(node: &Node) -> Vec<String> {
    let segment = |kind: K| matches!(kind, K::PATH_SEGMENT | K::PATH_SEGMENT_REF);
    node.descendants().filter(|node| segment(node.kind())).map(|node| word(&node)).collect()
}

/// The name that a node's path spells.
pub(super) fn name(node: &Node) -> Name {
    let mut parts = parts(node);
    if parts.is_empty() {
        return Name::new(word(node));
    }
    let name = parts.pop().unwrap_or_default();
    Name { schema: parts.pop(), name }
}

/// The name that the first child of a kind spells.
pub(super) fn name_of(node: &Node, kind: K) -> Option<Name> {
    kid(node, kind).map(|child| name(&child))
}

/// The names that all children of a kind spell.
pub(super) fn names_of(node: &Node, kind: K) -> Vec<Name> {
    kids(node, kind).map(|child| name(&child)).collect()
}

/// The value of a text literal, as far as it is plain.
pub(super) fn literal(node: &Node) -> Option<String> {
    use squawk_syntax::ast::{AstNode, Literal};
    let quoted = node.first_token().is_some_and(|token| token.text().contains(['\'', '$']));
    Literal::cast(node.clone()).filter(|_| quoted).and_then(|literal| literal.string_value())
}

/// Whether `CASCADE` is said.
pub(super) fn cascades(node: &Node) -> bool {
    has(node, K::CASCADE)
}

/// Whether `IF EXISTS` is said.
pub(super) fn if_exists(node: &Node) -> bool {
    has(node, K::IF_EXISTS)
}

/// Whether `IF NOT EXISTS` is said.
pub(super) fn if_not_exists(node: &Node) -> bool {
    has(node, K::IF_NOT_EXISTS)
}

/// Whether a kind is an expression's.
pub(super) fn is_expression(kind: K) -> bool {
    let name = format!("{kind:?}");
    name.ends_with("_EXPR") && kind != K::USING_EXPR && kind != K::SET_EXPR
        || name.ends_with("_FN")
        || matches!(kind, K::LITERAL | K::NAME_REF)
}

/// The first child that is an expression.
pub(super) fn expression(node: &Node) -> Option<Node> {
    node.children().find(|child| is_expression(child.kind()))
}
