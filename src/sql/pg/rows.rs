//! Statements that read and write rows.

use super::expression::calls;
use super::tree::{self, has, holds, kid, kids};
use super::{Cx, K, Node};
use crate::sql::statement::{Expr, Name, Reach, Reads, Said, Write, WriteKind};

impl Cx<'_> {
    /// What a statement about rows says.
    pub(super) fn handles_rows(&self, node: &Node) -> Option<Said> {
        Some(match node.kind() {
            K::SELECT | K::SELECT_INTO | K::COMPOUND_SELECT | K::PAREN_SELECT | K::TABLE | K::VALUES => {
                self.rows(node)
            }
            K::INSERT | K::UPDATE | K::DELETE | K::MERGE => self.rows(node),
            K::COPY => self.copy(node),
            // What it explains is run as well.
            K::EXPLAIN if has(node, K::EXPLAIN_ANALYZE) || holds(node, K::ANALYZE_KW) => self.rows(node),
            // It is prepared to be run.
            K::PREPARE => self.rows(node),
            K::EXPLAIN | K::DECLARE => Said::Harmless,
            _ => return None,
        })
    }

    fn rows(&self, node: &Node) -> Said {
        let writes = self.writes(node);
        let reads = self.reads(node);
        if writes.is_empty() { Said::Read(reads) } else { Said::Write(writes, reads) }
    }

    /// What a query reads, calls and locks.
    pub(super) fn reads(&self, node: &Node) -> Reads {
        let with: Vec<String> = node
            .descendants()
            .filter(|inner| inner.kind() == K::CTE_NAME)
            .map(|inner| tree::word(&inner))
            .collect();
        let mut relations: Vec<Name> = Vec::new();
        let from = |kind: K| matches!(kind, K::RELATION_FROM_ITEM | K::TABLE);
        for item in node.descendants().filter(|inner| from(inner.kind())) {
            let named = item.descendants().find(|inner| inner.kind() == K::RELATION_NAME_REF);
            let Some(name) = named.map(|named| tree::name(&named)) else { continue };
            let own = name.schema.is_none() && with.contains(&name.name);
            if !own && !relations.contains(&name) {
                relations.push(name);
            }
        }
        let into = node.descendants().find(|inner| inner.kind() == K::INTO_CLAUSE);
        Reads {
            relations,
            calls: calls(node),
            locks_rows: locks_rows(node),
            into: into.and_then(|into| tree::name_of(&into, K::TABLE_NAME)),
            scans: node.descendants().any(|inner| inner.kind() == K::SELECT && scans(&inner)),
        }
    }

    /// All writes of a statement, those of its `WITH` first.
    fn writes(&self, node: &Node) -> Vec<Write> {
        let writes = |kind: K| matches!(kind, K::INSERT | K::UPDATE | K::DELETE | K::MERGE);
        let mut found: Vec<Write> = Vec::new();
        for inner in node.descendants().filter(|inner| writes(inner.kind())) {
            let in_with = inner.ancestors().skip(1).any(|above| above.kind() == K::WITH_TABLE);
            found.push(self.write(&inner, in_with));
        }
        found.sort_by_key(|write| !write.in_with);
        found
    }

    fn write(&self, node: &Node, in_with: bool) -> Write {
        let table = node
            .children()
            .find(|child| {
                matches!(child.kind(), K::RELATION_NAME | K::RELATION_NAME_REF | K::TABLE_RELATION_NAME)
            })
            .map_or_else(|| Name::new(""), |child| tree::name(&child));
        let source = has(node, K::SELECT) || has(node, K::COMPOUND_SELECT) || has(node, K::TABLE);
        let upsert = kid(node, K::ON_CONFLICT_CLAUSE).is_some_and(|clause| holds(&clause, K::SET_CLAUSE));
        let kind = match node.kind() {
            K::UPDATE => WriteKind::Update,
            K::DELETE => WriteKind::Delete,
            K::MERGE => WriteKind::Merge,
            _ if source => WriteKind::InsertSelect,
            _ if upsert => WriteKind::Upsert,
            _ => WriteKind::InsertValues,
        };
        let joined = has(node, K::FROM_CLAUSE) || has(node, K::USING_CLAUSE) || node.kind() == K::MERGE;
        let reach = match node.kind() {
            K::INSERT if source => select_reach(node),
            K::INSERT => Reach::Bounded,
            // Whatever the source has is looked for.
            K::MERGE if tree::text(node).to_ascii_uppercase().contains("BY SOURCE") => Reach::All,
            K::MERGE if holds(node, K::LIMIT_CLAUSE) || !merges_query(node) => Reach::Some,
            K::MERGE => Reach::All,
            _ => where_reach(node, joined),
        };
        Write { kind, table, reach, sets: self.sets(node), joined, in_with, span: self.span(node) }
    }

    fn sets(&self, node: &Node) -> Vec<(String, Expr)> {
        let of_conflict =
            || kid(node, K::ON_CONFLICT_CLAUSE)?.descendants().find(|own| own.kind() == K::SET_CLAUSE);
        let Some(clause) = kid(node, K::SET_CLAUSE).or_else(of_conflict) else { return Vec::new() };
        // An element or a field of a column is another target than the column itself.
        let name = |target: &Node| {
            let text = tree::text(target);
            if text.contains(['[', '.']) { text } else { tree::word(target) }
        };
        clause
            .descendants()
            .filter(|inner| inner.kind() == K::SET_SINGLE_COLUMN)
            .map(|set| {
                let column = kid(&set, K::COLUMN_TARGET).map(|target| name(&target));
                let value = kid(&set, K::SET_EXPR).map(|value| self.inner_expression(&value));
                (column.unwrap_or_default(), value.unwrap_or_default())
            })
            .collect()
    }

    fn copy(&self, node: &Node) -> Said {
        let Some(table) = kid(node, K::COPY_TABLE) else { return self.rows(node) };
        let name = tree::name_of(&table, K::TABLE_NAME_REF).unwrap_or_else(|| Name::new(""));
        if !has(node, K::COPY_FROM) {
            return Said::Read(Reads { relations: vec![name], ..Reads::default() });
        }
        let write = Write {
            kind: WriteKind::Load,
            table: name,
            reach: Reach::Bounded,
            sets: Vec::new(),
            joined: false,
            in_with: false,
            span: self.span(node),
        };
        Said::Write(vec![write], Reads::default())
    }
}

fn locks_rows(node: &Node) -> Option<Reach> {
    let clause = node.descendants().find(|inner| inner.kind() == K::LOCKING_CLAUSE)?;
    let select = clause.parent()?;
    if has(&select, K::LIMIT_CLAUSE) || has(&select, K::FETCH_CLAUSE) {
        return Some(Reach::Bounded);
    }
    Some(where_reach(&select, false))
}

/// Whether a `SELECT` may look at all rows of a table.
fn scans(select: &Node) -> bool {
    let from = kid(select, K::FROM_CLAUSE);
    let items = from.iter().flat_map(Node::descendants);
    let tables = items.filter(|inner| inner.kind() == K::RELATION_FROM_ITEM).count();
    if tables == 0 || has(select, K::LIMIT_CLAUSE) || has(select, K::FETCH_CLAUSE) || is_extreme(select) {
        return false;
    }
    let Some(condition) = kid(select, K::WHERE_CLAUSE).and_then(|clause| tree::expression(&clause)) else {
        // The first row is enough for EXISTS.
        let exists = |above: Node| tree::text(&above).to_ascii_uppercase().starts_with("EXISTS");
        return !select.ancestors().skip(1).take(2).any(exists);
    };
    let never = condition.kind() == K::LITERAL && has(&condition, K::FALSE_KW);
    // By a variable of PL/pgSQL, most likely: a join has more than one table.
    let sides: Vec<Node> = condition.children().collect();
    let named = sides.len() == 2 && sides.iter().all(|side| side.kind() == K::NAME_REF);
    let by_variable = tables == 1 && condition.kind() == K::BIN_EXPR && has(&condition, K::EQ) && named;
    !never && !by_variable && where_reach(select, false) != Reach::Bounded
}

/// `SELECT max(id) FROM t`: an index tells.
fn is_extreme(select: &Node) -> bool {
    let targets = kid(select, K::SELECT_CLAUSE).and_then(|clause| kid(&clause, K::TARGET_LIST));
    let targets: Vec<Node> = targets.iter().flat_map(|list| kids(list, K::TARGET)).collect();
    let [only] = targets.as_slice() else { return false };
    let calls = calls(only);
    let [call] = calls.as_slice() else { return false };
    let extreme = matches!(call.name.as_str(), "max" | "min");
    let column = only.descendants().find(|inner| inner.kind() == K::ARG_LIST).is_some_and(|list| {
        let mut inside = list.descendants().filter(|inner| tree::is_expression(inner.kind()));
        inside.all(|inner| matches!(inner.kind(), K::NAME_REF | K::FIELD_EXPR))
    });
    extreme && column && !has(select, K::WHERE_CLAUSE) && !has(select, K::GROUP_BY_CLAUSE)
}

fn select_reach(node: &Node) -> Reach {
    let Some(select) = kid(node, K::SELECT) else { return Reach::Some };
    if !has(&select, K::FROM_CLAUSE) || has(&select, K::LIMIT_CLAUSE) {
        return Reach::Bounded;
    }
    where_reach(&select, false)
}

/// How many rows a condition lets through.
fn where_reach(node: &Node, joined: bool) -> Reach {
    let Some(clause) = kid(node, K::WHERE_CLAUSE) else {
        let cursor = has(node, K::WHERE_CURRENT_OF);
        return if cursor {
            Reach::Bounded
        } else if joined {
            Reach::Some
        } else {
            Reach::All
        };
    };
    let Some(condition) = tree::expression(&clause) else { return Reach::Some };
    if is_always_true(&condition) {
        return Reach::All;
    }
    if bounds(&condition) {
        return Reach::Bounded;
    }
    // A join takes every row that the other table knows.
    let values = condition.descendants().any(|inner| inner.kind() == K::LITERAL);
    let limited = holds(node, K::LIMIT_CLAUSE);
    if joined && !values && !limited { Reach::All } else { Reach::Some }
}

/// Whether a `MERGE` takes its rows from tables, not from values written out.
fn merges_query(node: &Node) -> bool {
    kid(node, K::USING_ON_CLAUSE).is_some_and(|clause| holds(&clause, K::RELATION_FROM_ITEM))
}

fn is_always_true(node: &Node) -> bool {
    match node.kind() {
        K::LITERAL => has(node, K::TRUE_KW),
        K::PAREN_EXPR => tree::expression(node).is_some_and(|inner| is_always_true(&inner)),
        K::BIN_EXPR => {
            let sides: Vec<Node> = node.children().filter(|child| child.kind() == K::LITERAL).collect();
            let same = |pair: &[Node]| pair.first().map(tree::text) == pair.get(1).map(tree::text);
            sides.len() == 2 && has(node, K::EQ) && same(&sides)
        }
        _ => false,
    }
}

/// Whether a condition names keys or a range of them: `id = 1`, `id IN (1, 2)`, `id BETWEEN 1 AND 9`,
/// alone or joined by `AND`; or takes the rows from a query with a `LIMIT`.
fn bounds(node: &Node) -> bool {
    let literal = |child: &Node| match child.kind() {
        K::LITERAL | K::CAST_EXPR | K::PREFIX_EXPR => !holds(child, K::NAME_REF),
        K::CALL_EXPR => kid(child, K::ARG_LIST).is_some_and(|list| !holds(&list, K::NAME_REF)),
        _ => false,
    };
    let key = |child: &Node| {
        let name = tree::word(child);
        let keyed =
            name == "id" || name.ends_with("_id") || name.ends_with("id") || name == "ctid" || name == "key";
        matches!(child.kind(), K::NAME_REF | K::FIELD_EXPR) && keyed
    };
    match node.kind() {
        K::PAREN_EXPR => tree::expression(node).is_some_and(|inner| bounds(&inner)),
        K::BETWEEN_EXPR => {
            let mut children = node.children();
            children.next().is_some_and(|target| key(&target))
                && children.all(|child| !holds(&child, K::NAME_REF))
        }
        K::BIN_EXPR if has(node, K::AND_KW) => {
            let sides: Vec<Node> = node.children().collect();
            sides.iter().any(bounds) || is_range(&sides)
        }
        K::BIN_EXPR => {
            let sides: Vec<Node> = node.children().collect();
            let keyed = sides.first().is_some_and(key) || sides.last().is_some_and(key);
            let limited = holds(node, K::LIMIT_CLAUSE);
            let plain = sides.iter().any(literal) && has(node, K::EQ);
            let list = has(node, K::IN_KW) && !holds(node, K::SELECT);
            limited || keyed && (plain || list)
        }
        _ => false,
    }
}

/// `id > 1 AND id <= 9`, or `id > low AND id <= low + 500`
fn is_range(sides: &[Node]) -> bool {
    let names = |value: &Node| -> Vec<String> {
        let refs = value.descendants().filter(|inner| inner.kind() == K::NAME_REF);
        refs.map(|inner| tree::word(&inner)).collect()
    };
    let bound = |kinds: &[K]| {
        sides.iter().find_map(|side| {
            let compares = side.kind() == K::BIN_EXPR && kinds.iter().any(|kind| has(side, *kind));
            let mut children = side.children();
            let column = children.next().filter(|_| compares)?;
            let keyed = column.kind() == K::NAME_REF && tree::word(&column).ends_with("id");
            keyed.then(|| children.flat_map(|value| names(&value)).collect::<Vec<_>>())
        })
    };
    let bounds = bound(&[K::L_ANGLE, K::LTEQ]).zip(bound(&[K::R_ANGLE, K::GTEQ]));
    bounds.is_some_and(|(above, below)| above == below)
}

/// The names of a list of tables.
pub(super) fn listed(node: &Node, list: K) -> Vec<Name> {
    kid(node, list).map(|list| list.children().map(|child| tree::name(&child)).collect()).unwrap_or_default()
}

/// The names of `VACUUM`'s and `ANALYZE`'s tables.
pub(super) fn tables_and_columns(node: &Node) -> Vec<Name> {
    let list = kid(node, K::TABLE_AND_COLUMNS_LIST);
    list.iter()
        .flat_map(|list| kids(list, K::TABLE_AND_COLUMNS))
        .filter_map(|own| tree::name_of(&own, K::TABLE_RELATION_NAME))
        .collect()
}
