//! Expressions and types.

use super::tree::{self, holds, kid, kids};
use super::{Cx, K, Node};
use crate::sql::statement::{Expr, Name, Type};

/// The functions that the grammar spells without parentheses.
const WORDS: [(K, &str); 9] = [
    (K::CURRENT_DATE_KW, "current_date"),
    (K::CURRENT_TIME_KW, "current_time"),
    (K::CURRENT_TIMESTAMP_KW, "current_timestamp"),
    (K::CURRENT_USER_KW, "current_user"),
    (K::CURRENT_ROLE_KW, "current_role"),
    (K::LOCALTIME_KW, "localtime"),
    (K::LOCALTIMESTAMP_KW, "localtimestamp"),
    (K::SESSION_USER_KW, "session_user"),
    (K::USER_KW, "user"),
];

impl Cx<'_> {
    /// What can be seen in an expression.
    pub(super) fn expr(&self, node: &Node) -> Expr {
        let mut expr = Expr { text: tree::text(node), span: self.span(node), ..Expr::default() };
        let bare = unwrapped(node);
        expr.literal = bare.kind() == K::LITERAL || is_cast_literal(&bare);
        expr.null = expr.literal && holds(&bare, K::NULL_KW);
        expr.query = holds(node, K::SELECT);
        expr.calls = calls(node);
        for name in node.descendants().filter(|node| node.kind() == K::NAME_REF) {
            let called = name.parent().is_some_and(|parent| parent.kind() == K::CALL_EXPR)
                && name.next_sibling().is_some_and(|next| next.kind() == K::ARG_LIST);
            if !called && !WORDS.iter().any(|(kind, _)| tree::has(&name, *kind)) {
                let column = tree::word(&name);
                if !expr.columns.contains(&column) {
                    expr.columns.push(column);
                }
            }
        }
        proofs(&bare, &mut expr.proves_not_null);
        expr
    }

    /// A type, by the name the server knows it by.
    pub(super) fn ty(&self, node: &Node) -> Type {
        if node.kind() == K::ARRAY_TYPE {
            let inner = node.children().find(|child| is_type(child.kind()));
            let mut ty = inner.map(|inner| self.ty(&inner)).unwrap_or_default();
            ty.array = true;
            return ty;
        }
        let zone = kid(node, K::WITH_TIMEZONE).is_some();
        let varying = holds(node, K::VARYING_KW);
        let args = numbers(node);
        let name = match node.kind() {
            K::VARCHAR_TYPE => "varchar",
            K::CHARACTER_TYPE if varying => "varchar",
            K::CHARACTER_TYPE => "bpchar",
            K::BIT_TYPE => "bit",
            K::BIT_VARYING_TYPE => "varbit",
            K::DOUBLE_TYPE => "float8",
            K::TIME_TYPE if zone => "timetz",
            K::TIME_TYPE => "time",
            K::TIMESTAMP_TYPE if zone => "timestamptz",
            K::TIMESTAMP_TYPE => "timestamp",
            K::INTERVAL_TYPE => "interval",
            _ => return self.path_type(node, args),
        };
        let args = if name == "bpchar" && args.is_empty() { vec![1] } else { args };
        Type { name: name.to_owned(), args, ..Type::default() }
    }

    fn path_type(&self, node: &Node, args: Vec<i64>) -> Type {
        let spelled =
            kid(node, K::PATH_REF).map_or_else(|| Name::new(tree::word(node)), |path| tree::name(&path));
        let schema = spelled.schema.filter(|schema| schema != "pg_catalog");
        let known = if schema.is_some() { None } else { short(&spelled.name) };
        let name = match (known, args.first()) {
            (Some("float8"), Some(bits)) if spelled.name == "float" && *bits <= 24 => "float4".to_owned(),
            (Some(known), _) => known.to_owned(),
            (None, _) => spelled.name.clone(),
        };
        let keeps = !matches!(name.as_str(), "float4" | "float8");
        Type { schema, name, args: if keeps { args } else { Vec::new() }, ..Type::default() }
    }
}

/// The name the server knows a type by.
fn short(name: &str) -> Option<&'static str> {
    Some(match name {
        "int" | "integer" | "int4" => "int4",
        "bigint" | "int8" => "int8",
        "smallint" | "int2" => "int2",
        "real" | "float4" => "float4",
        "float" | "float8" => "float8",
        "decimal" | "numeric" | "dec" => "numeric",
        "boolean" | "bool" => "bool",
        "char" => "bpchar",
        _ => return None,
    })
}

/// Whether a kind is a type's.
pub(super) fn is_type(kind: K) -> bool {
    matches!(
        kind,
        K::ARRAY_TYPE
            | K::PATH_TYPE
            | K::VARCHAR_TYPE
            | K::CHARACTER_TYPE
            | K::BIT_TYPE
            | K::BIT_VARYING_TYPE
            | K::DOUBLE_TYPE
            | K::TIME_TYPE
            | K::TIMESTAMP_TYPE
            | K::INTERVAL_TYPE
    )
}

fn numbers(node: &Node) -> Vec<i64> {
    let from = kid(node, K::ARG_LIST).unwrap_or_else(|| node.clone());
    from.descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| token.kind() == K::INT_NUMBER)
        .filter_map(|token| token.text().replace('_', "").parse().ok())
        .collect()
}

/// The functions called anywhere in a node.
pub(super) fn calls(node: &Node) -> Vec<Name> {
    let mut found: Vec<Name> = Vec::new();
    for call in node.descendants() {
        let name = match call.kind() {
            K::CALL_EXPR => match call.children().next() {
                Some(called) if called.kind() == K::NAME_REF => Name::new(tree::word(&called)),
                Some(called) if called.kind() == K::FIELD_EXPR => field(&called),
                _ => continue,
            },
            K::NAME_REF => match WORDS.iter().find(|(kind, _)| tree::has(&call, *kind)) {
                Some((_, word)) => Name::new(*word),
                None => continue,
            },
            _ => continue,
        };
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn field(node: &Node) -> Name {
    let mut words: Vec<String> =
        node.descendants().filter(|part| part.kind() == K::NAME_REF).map(|part| tree::word(&part)).collect();
    let name = words.pop().unwrap_or_default();
    let schema = words.pop().filter(|schema| schema != "pg_catalog");
    Name { schema, name }
}

/// The expression inside parentheses.
fn unwrapped(node: &Node) -> Node {
    let mut inner = node.clone();
    while inner.kind() == K::PAREN_EXPR {
        match tree::expression(&inner) {
            Some(next) => inner = next,
            None => break,
        }
    }
    inner
}

/// Whether it is a literal with a cast or a sign, an array or a row of literals.
fn is_cast_literal(node: &Node) -> bool {
    match node.kind() {
        K::LITERAL => true,
        K::CAST_EXPR | K::PREFIX_EXPR | K::PAREN_EXPR => {
            tree::expression(node).is_some_and(|inner| is_cast_literal(&unwrapped(&inner)))
        }
        K::ARRAY_EXPR => {
            !holds(node, K::SELECT)
                && node.descendants().all(|inner| !matches!(inner.kind(), K::NAME_REF | K::CALL_EXPR))
        }
        _ => false,
    }
}

/// The columns of which a condition is untrue when they are null.
fn proofs(node: &Node, found: &mut Vec<String>) {
    let node = unwrapped(node);
    match node.kind() {
        K::BIN_EXPR if tree::has(&node, K::AND_KW) => {
            for side in kids_expressions(&node) {
                proofs(&side, found);
            }
        }
        K::BIN_EXPR | K::POSTFIX_EXPR => {
            let null = kid(&node, K::LITERAL).is_some_and(|literal| tree::has(&literal, K::NULL_KW));
            let is = tree::has(&node, K::IS_NOT) && null || tree::has(&node, K::NOTNULL_KW);
            let side = kids_expressions(&node).next().map(|side| unwrapped(&side));
            if let Some(column) = side.filter(|side| is && side.kind() == K::NAME_REF) {
                found.push(tree::word(&column));
            }
        }
        _ => {}
    }
}

fn kids_expressions(node: &Node) -> impl Iterator<Item = Node> {
    node.children().filter(|child| tree::is_expression(child.kind()))
}

/// The columns of a list of names.
pub(super) fn column_names(node: &Node) -> Vec<String> {
    kids(node, K::COLUMN_NAME_REF).map(|column| tree::word(&column)).collect()
}
