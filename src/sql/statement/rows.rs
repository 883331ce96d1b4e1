//! Statements that read and write rows.

use super::{Expr, Name, Reach, Span};

/// A statement that writes rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// What it does to them.
    pub kind: WriteKind,
    /// The table.
    pub table: Name,
    /// Which of its rows.
    pub reach: Reach,
    /// The columns it sets, with what each becomes.
    pub sets: Vec<(String, Expr)>,
    /// Whether rows come from other tables (`FROM`, `USING`, `SELECT`).
    pub joined: bool,
    /// Whether it stands inside a `WITH`.
    pub in_with: bool,
    /// Its place.
    pub span: Span,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum WriteKind {
    /// Rows written out.
    InsertValues,
    /// Rows from a query.
    InsertSelect,
    Update,
    Delete,
    Merge,
    /// `INSERT … ON CONFLICT DO UPDATE`, `REPLACE`.
    Upsert,
    /// `COPY … FROM`, `LOAD DATA`.
    Load,
}

/// What the rows of a reading statement come from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reads {
    /// The tables and views.
    pub relations: Vec<Name>,
    /// The functions it calls.
    pub calls: Vec<Name>,
    /// `SELECT … FOR UPDATE` and the like: which rows are locked.
    pub locks_rows: Option<Reach>,
    /// `SELECT … INTO`, a new table.
    pub into: Option<Name>,
    /// Whether it may look at all their rows: no key and no `LIMIT` says which.
    pub scans: bool,
}
