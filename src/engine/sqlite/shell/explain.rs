//! How the shell shows EXPLAIN and EXPLAIN QUERY PLAN.
//!
//! Knows: the rows of both. Must never know: why they were asked for.

use rusqlite::Statement;
use std::fmt::Write as _;

/// The rows of an EXPLAIN (kind 1) or EXPLAIN QUERY PLAN (kind 2), laid out.
pub(super) fn render(statement: &mut Statement<'_>, kind: i32) -> rusqlite::Result<String> {
    if kind == 2 { query_plan(statement) } else { program(statement) }
}

/// The plan as a tree.
fn query_plan(statement: &mut Statement<'_>) -> rusqlite::Result<String> {
    let mut nodes: Vec<(i64, i64, String)> = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        nodes.push((row.get(0)?, row.get(1)?, row.get(3)?));
    }
    let mut shown = String::new();
    if !nodes.is_empty() {
        shown.push_str("QUERY PLAN\n");
        branch(&mut shown, &nodes, 0, "");
    }
    Ok(shown)
}

fn branch(shown: &mut String, nodes: &[(i64, i64, String)], parent: i64, indent: &str) {
    // A node that named itself as its parent would never end.
    let mut children = nodes.iter().filter(|(id, of, _)| *of == parent && *id != parent).peekable();
    while let Some((id, _, detail)) = children.next() {
        let (mark, below) = if children.peek().is_some() { ("|--", "|  ") } else { ("`--", "   ") };
        let _ = writeln!(shown, "{indent}{mark}{detail}");
        if indent.len() < 300 {
            branch(shown, nodes, *id, &format!("{indent}{below}"));
        }
    }
}

/// The program of the virtual machine as a table.
fn program(statement: &mut Statement<'_>) -> rusqlite::Result<String> {
    const COLUMNS: [(&str, usize); 8] = [
        ("addr", 4),
        ("opcode", 13),
        ("p1", 4),
        ("p2", 4),
        ("p3", 4),
        ("p4", 13),
        ("p5", 2),
        ("comment", 13),
    ];
    const LAST: usize = COLUMNS.len() - 1;
    let mut shown = String::new();
    let line = |shown: &mut String, cells: [String; 8], last_width: usize| {
        for (index, (cell, (_, width))) in cells.iter().zip(COLUMNS).enumerate() {
            let (width, end) = if index == LAST { (last_width, "\n") } else { (width, "  ") };
            let _ = write!(shown, "{cell:<width$}{end}");
        }
    };
    line(&mut shown, COLUMNS.map(|(name, _)| name.to_owned()), COLUMNS[LAST].1);
    line(&mut shown, COLUMNS.map(|(_, width)| "-".repeat(width)), 0);
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let mut cells: [String; 8] = Default::default();
        for (index, cell) in cells.iter_mut().enumerate() {
            if let Some(text) = super::value::plain(row.get_ref(index)?) {
                *cell = String::from_utf8_lossy(&text).into_owned();
            }
        }
        line(&mut shown, cells, 0);
    }
    Ok(shown)
}
