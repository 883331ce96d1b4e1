//! The bodies of blocks and functions: what is inside is read as well.

use super::tree::{self, holds, kid};
use super::{Cx, DEEPEST, K, Node, bare, nesting};
use crate::sql::statement::{Name, Said, Span, Statement};
use squawk_syntax::ast::{self, AstNode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use text_size::{TextRange, TextSize};

/// The name of something that is only known while the body runs.
const UNKNOWN: &str = crate::sql::statement::UNKNOWN_NAME;

/// Deeper, a body in a body is not read.
const MOST_BODIES: usize = 4;

impl Cx<'_> {
    /// What a `DO` says, but for what is inside.
    pub(super) fn block(&self, node: &Node) -> Said {
        let Some(body) = plpgsql_of(node) else {
            return Said::Opaque { why: "its body is not in PL/pgSQL".to_owned() };
        };
        let tree = body.syntax();
        let loops =
            [K::PLPGSQL_LOOP_STMT, K::PLPGSQL_WHILE_STMT, K::PLPGSQL_FOR_QUERY_STMT, K::PLPGSQL_FOR_I_STMT]
                .into_iter()
                .chain([K::PLPGSQL_FOR_DYN_STMT, K::PLPGSQL_FOR_CURSOR_STMT, K::PLPGSQL_FOR_EACH_STMT])
                .any(|kind| holds(&tree, kind));
        Said::Do { loops, commits: holds(&tree, K::PLPGSQL_COMMIT_STMT) }
    }

    /// The statements inside a statement that is run: those of a `DO`.
    pub(super) fn body_of(&self, node: &Node) -> Vec<Statement> {
        if node.kind() != K::DO || self.depth >= MOST_BODIES {
            return Vec::new();
        }
        match plpgsql_of(node) {
            Some(body) => self.plpgsql(&body),
            None => Vec::new(),
        }
    }

    /// The statements of a function, and whether it is one constant.
    pub(super) fn function_body(&self, node: &Node) -> (Option<Vec<Statement>>, bool) {
        if self.depth >= MOST_BODIES {
            return (None, false);
        }
        if let Some(atomic) = kid(node, K::ATOMIC_BODY) {
            return (Some(atomic.children().filter_map(|child| self.statement(&child)).collect()), false);
        }
        if let Some(returned) = kid(node, K::RETURN_STMT) {
            return (Some(Vec::new()), self.inner_expression(&returned).literal);
        }
        if nesting(&tree::text(node)) > DEEPEST {
            return (None, false);
        }
        let read = catch_unwind(AssertUnwindSafe(|| {
            let function = ast::CreateFunction::cast(node.clone());
            let procedure = ast::CreateProcedure::cast(node.clone());
            let plpgsql = function.as_ref().and_then(ast::CreateFunction::plpgsql);
            let plpgsql = plpgsql.or_else(|| procedure.as_ref().and_then(ast::CreateProcedure::plpgsql));
            if let Some(body) = plpgsql {
                return (Some(self.plpgsql(&body)), false);
            }
            let sql = function.as_ref().and_then(ast::CreateFunction::sql_body);
            let sql = sql.or_else(|| procedure.as_ref().and_then(ast::CreateProcedure::sql_body));
            let Some(body) = sql else { return (None, false) };
            let shift = |span: Span| (self.shift)(source(&body.source_range(range(span))));
            let inner = Cx { shift: &shift, depth: self.depth + 1, ..*self };
            let root = body.syntax();
            let statements: Vec<Statement> =
                root.children().filter_map(|child| inner.statement(&child)).collect();
            let constant = is_constant(&root, &inner);
            (Some(statements), constant)
        }));
        read.unwrap_or((None, false))
    }

    fn plpgsql(&self, body: &squawk_syntax::plpgsql::Plpgsql) -> Vec<Statement> {
        let shift = |span: Span| (self.shift)(source(&body.source_range(range(span))));
        let inner = Cx { shift: &shift, depth: self.depth + 1, ..*self };
        let mut found = Vec::new();
        for block in body.syntax().children() {
            inner.steps(&block, &mut found);
        }
        found
    }

    /// Collects the statements below a node of PL/pgSQL, in the order of the text.
    fn steps(&self, node: &Node, found: &mut Vec<Statement>) {
        match node.kind() {
            K::PLPGSQL_EXEC_SQL_STMT | K::PLPGSQL_CALL_STMT | K::PLPGSQL_DO_STMT => {
                found.extend(node.children().filter_map(|child| self.statement(&child)));
            }
            K::PLPGSQL_PERFORM_STMT | K::PLPGSQL_RETURN_QUERY_STMT => {
                found.extend(node.children().filter_map(|child| self.statement(&child)));
            }
            K::PLPGSQL_DYN_EXECUTE_STMT | K::PLPGSQL_RETURN_QUERY_EXECUTE_STMT => self.execute(node, found),
            K::PLPGSQL_FOR_DYN_STMT => {
                self.execute(node, found);
                node.children().for_each(|child| self.steps(&child, found));
            }
            // A handler runs only when something failed.
            K::PLPGSQL_EXCEPTION_SECTION | K::PLPGSQL_DECLARE_SECTION => {}
            K::PLPGSQL_EXPR => self.called(node, found),
            K::ERROR => {
                let text = tree::text(node);
                if self.without_targets(node, &text, found) {
                    return;
                }
                let first = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
                // Reading of other forms that the parser does not know.
                if !matches!(
                    first.as_str(),
                    "SELECT" | "RAISE" | "GET" | "FETCH" | "RETURN" | "WITH" | "NULL"
                ) {
                    let why = "a part of its body is not understood".to_owned();
                    found.push(self.at(tree::span(node), Said::Opaque { why }));
                }
            }
            K::SELECT | K::COMPOUND_SELECT | K::VALUES | K::SELECT_INTO => {
                found.extend(self.statement(node));
            }
            _ => node.children().for_each(|child| self.steps(&child, found)),
        }
    }

    /// Reads a statement that puts its result into variables, if that is all that is not understood.
    fn without_targets(&self, node: &Node, text: &str, found: &mut Vec<Statement>) -> bool {
        let start = tree::span(node).start;
        let Some(parsed) = bare::without_targets(text).and_then(|bare| super::parse(&bare).ok()) else {
            return false;
        };
        if !parsed.errors.is_empty() {
            return false;
        }
        let shift = |span: Span| (self.shift)(Span { start: span.start + start, end: span.end + start });
        let inner = Cx { shift: &shift, ..*self };
        found.extend(parsed.statements.iter().filter_map(|child| inner.statement(child)));
        true
    }

    /// The functions that an expression calls may do something, and its queries may take their time.
    fn called(&self, node: &Node, found: &mut Vec<Statement>) {
        let reads = self.reads(node);
        let of_system = |name: &Name| {
            matches!(name.schema.as_deref(), Some("pg_catalog" | "information_schema"))
                || name.schema.is_none() && name.name.starts_with("pg_")
        };
        let looks = reads.scans && !reads.relations.iter().all(of_system);
        if !reads.calls.is_empty() || looks {
            found.push(self.at(tree::span(node), Said::Read(reads)));
        }
    }

    /// `EXECUTE` of a constant text, or of one made by `format` whose pattern is, is read as that text.
    fn execute(&self, node: &Node, found: &mut Vec<Statement>) {
        let whole = tree::span(node);
        let text = kid(node, K::PLPGSQL_EXPR).and_then(|expr| constant_text(&expr));
        let Some(text) = text.filter(|text| nesting(text) <= DEEPEST) else {
            found.push(self.at(whole, Said::Dynamic));
            return;
        };
        let place = |_: Span| (self.shift)(whole);
        let inner = Cx { shift: &place, depth: self.depth + 1, ..*self };
        match super::parse(&text) {
            Ok(parsed) if parsed.errors.is_empty() => {
                found.extend(parsed.statements.iter().filter_map(|child| inner.statement(child)));
            }
            _ => found.push(self.at(whole, Said::Dynamic)),
        }
    }
}

fn range(span: Span) -> TextRange {
    let size = |at: usize| TextSize::from(u32::try_from(at).unwrap_or(u32::MAX));
    TextRange::new(size(span.start.min(span.end)), size(span.end))
}

fn source(range: &TextRange) -> Span {
    Span { start: range.start().into(), end: range.end().into() }
}

fn plpgsql_of(node: &Node) -> Option<squawk_syntax::plpgsql::Plpgsql> {
    if nesting(&tree::text(node)) > DEEPEST {
        return None;
    }
    let block = ast::Do::cast(node.clone())?;
    catch_unwind(AssertUnwindSafe(|| block.plpgsql())).ok().flatten()
}

/// Whether a function's body is one `SELECT` of one constant.
fn is_constant(root: &Node, cx: &Cx<'_>) -> bool {
    let mut statements = root.children().filter(|child| child.kind() != K::EMPTY_STMT);
    let (Some(select), None) = (statements.next(), statements.next()) else { return false };
    if select.kind() != K::SELECT || kid(&select, K::FROM_CLAUSE).is_some() {
        return false;
    }
    let targets = kid(&select, K::SELECT_CLAUSE).and_then(|clause| kid(&clause, K::TARGET_LIST));
    let target = targets.and_then(|targets| kid(&targets, K::TARGET));
    target.and_then(|target| tree::expression(&target)).is_some_and(|expr| cx.expr(&expr).literal)
}

/// The text that an expression makes, as far as it is constant; names that `format` fills in and that
/// are not constant stand as `"?"`.
fn constant_text(expr: &Node) -> Option<String> {
    let target = kid(expr, K::TARGET_LIST).and_then(|list| kid(&list, K::TARGET))?;
    evaluate(&tree::expression(&target)?)
}

fn evaluate(node: &Node) -> Option<String> {
    match node.kind() {
        K::LITERAL => tree::literal(node),
        // With a cast it is the name of a table, most often, as text.
        K::PAREN_EXPR | K::CAST_EXPR => evaluate(&tree::expression(node)?),
        K::BIN_EXPR => {
            let joins = tree::text(node).contains("||");
            let mut sides = node.children().filter(|child| tree::is_expression(child.kind()));
            let (left, right) = (sides.next()?, sides.next()?);
            joins.then(|| Some(evaluate(&left)? + &evaluate(&right)?)).flatten()
        }
        K::CALL_EXPR => formatted(node),
        _ => None,
    }
}

/// `format('…', …)` whose arguments are constants, or stand where only a name can.
fn formatted(node: &Node) -> Option<String> {
    if node.children().next().map(|name| tree::word(&name)).as_deref() != Some("format") {
        return None;
    }
    let list = kid(node, K::ARG_LIST)?;
    let mut arguments = tree::kids(&list, K::ARG).map(|arg| tree::expression(&arg));
    let pattern = evaluate(&arguments.next()??)?;
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let known = |argument: Option<Option<Node>>| argument.flatten().and_then(|own| evaluate(&own));
        match rest.next()? {
            '%' => text.push('%'),
            // A name that nobody knows stands as one; what it is done to is then anything.
            'I' => text.push_str(&quoted(&known(arguments.next()).unwrap_or_else(|| UNKNOWN.to_owned()))),
            's' => text.push_str(&known(arguments.next()).unwrap_or_else(|| quoted(UNKNOWN))),
            'L' => match known(arguments.next()) {
                Some(value) => text.push_str(&format!("'{}'", value.replace('\'', "''"))),
                None => text.push_str("NULL"),
            },
            _ => return None,
        }
    }
    Some(text)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
