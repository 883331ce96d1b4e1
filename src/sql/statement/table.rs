//! Tables, their columns and constraints, and what can be done to them.

use super::{Expr, Name, Reads, Span, Type};

/// A column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type; SQLite does without.
    pub ty: Option<Type>,
    /// `COLLATE`
    pub collate: Option<String>,
    /// What is said about it, in order.
    pub constraints: Vec<Constraint>,
    /// `FIRST` or `AFTER` on MySQL.
    pub placed: bool,
    /// Its place.
    pub span: Span,
}

impl Column {
    /// The first constraint for which `pick` has an answer.
    pub fn find<'a, T>(&'a self, pick: impl Fn(&'a ConstraintKind) -> Option<T>) -> Option<T> {
        self.constraints.iter().find_map(|constraint| pick(&constraint.kind))
    }

    /// Its default, if it has one that is not `NULL`.
    #[must_use]
    pub fn default_value(&self) -> Option<&Expr> {
        self.find(|kind| match kind {
            ConstraintKind::Default(expr) if !expr.null => Some(expr),
            _ => None,
        })
    }

    /// Whether it may not be null.
    #[must_use]
    pub fn not_null(&self) -> bool {
        self.find(|kind| match kind {
            ConstraintKind::NotNull { .. }
            | ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Identity { .. } => Some(()),
            _ => None,
        })
        .is_some()
            || self.ty.as_ref().is_some_and(|ty| ty.serial().is_some())
    }
}

/// A constraint, of a column or a table, or what stands in its place (default, generated).
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Its name, if it is given one.
    pub name: Option<String>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// `NOT VALID`
    pub not_valid: bool,
    /// `NOT ENFORCED`
    pub not_enforced: bool,
    /// `NO INHERIT`
    pub no_inherit: bool,
    /// Its place.
    pub span: Span,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    /// `NOT NULL`; the column is named when it stands for itself (PostgreSQL 18).
    NotNull {
        /// The column.
        column: Option<String>,
    },
    /// `NULL`
    Null,
    /// `DEFAULT`
    Default(Expr),
    /// `CHECK`
    Check(Expr),
    /// `UNIQUE`
    Unique {
        /// The columns; none when it stands behind its column.
        columns: Vec<String>,
        /// `USING INDEX`
        using_index: Option<String>,
    },
    /// `PRIMARY KEY`
    PrimaryKey {
        /// The columns; none when it stands behind its column.
        columns: Vec<String>,
        /// `USING INDEX`
        using_index: Option<String>,
    },
    /// `REFERENCES`, `FOREIGN KEY`
    Foreign(Foreign),
    /// `EXCLUDE`
    Exclude,
    /// `GENERATED ALWAYS AS (…)`
    Generated {
        /// The expression.
        expr: Expr,
        /// Whether it is stored; virtual otherwise.
        stored: bool,
    },
    /// `GENERATED … AS IDENTITY`, `AUTO_INCREMENT`
    Identity {
        /// `ALWAYS`
        always: bool,
    },
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    /// The columns; none when it stands behind its column.
    pub columns: Vec<String>,
    /// The table they point to.
    pub table: Name,
    /// The columns there; none for its primary key.
    pub to: Vec<String>,
    /// `ON DELETE CASCADE`
    pub cascades: bool,
}

/// How a table is divided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Partitioning {
    /// `PARTITION BY`
    pub by: bool,
    /// `PARTITION OF`
    pub of: Option<Name>,
    /// `DEFAULT`, as a partition.
    pub default: bool,
    /// `FOR VALUES …`, as written.
    pub bound: Option<String>,
}

/// `CREATE TABLE`
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    /// Its name.
    pub name: Name,
    /// `TEMPORARY`
    pub temporary: bool,
    /// `UNLOGGED`
    pub unlogged: bool,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
    /// How it is divided.
    pub partitioning: Partitioning,
    /// `INHERITS`
    pub inherits: Vec<Name>,
    /// `LIKE`
    pub like: Vec<Name>,
    /// `AS SELECT`: what it is filled from.
    pub filled_from: Option<Reads>,
    /// Options of MySQL (`engine=innodb`) and SQLite (`strict`), in lower case.
    pub options: Vec<(String, String)>,
}

/// A column or expression of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A column.
    Column(String),
    /// An expression, as written.
    Expression(String),
}

/// Which triggers or rules are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// `ALL`, `USER`
    All,
    /// One by name.
    Named(String),
}

/// How MySQL is told to go about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clauses {
    /// `ALGORITHM`, in upper case.
    pub algorithm: Option<String>,
    /// `LOCK`, in upper case.
    pub lock: Option<String>,
    /// Whether it says itself how long it waits for its lock.
    pub wait: bool,
}

/// One thing that is done to a table; PostgreSQL's unless it says otherwise.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    AddColumn {
        column: Column,
        if_not_exists: bool,
    },
    DropColumn {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    AlterType {
        column: String,
        ty: Type,
        collate: Option<String>,
        using: Option<Expr>,
    },
    SetDefault {
        column: String,
        expr: Expr,
    },
    DropDefault {
        column: String,
    },
    SetNotNull {
        column: String,
    },
    DropNotNull {
        column: String,
    },
    AddIdentity {
        column: String,
        always: bool,
    },
    SetIdentity {
        column: String,
        always: Option<bool>,
    },
    DropIdentity {
        column: String,
    },
    SetExpression {
        column: String,
    },
    DropExpression {
        column: String,
    },
    /// Statistics and other settings of a column, which take a weak lock.
    ColumnOptions {
        column: String,
    },
    /// Storage and compression of a column, which take the strongest.
    ColumnStorage {
        column: String,
    },
    AddConstraint(Constraint),
    DropConstraint {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    ValidateConstraint {
        name: String,
    },
    /// `ALTER CONSTRAINT`: deferrable or not.
    AlterConstraint {
        name: String,
    },
    RenameConstraint {
        name: String,
        to: String,
    },
    RenameColumn {
        name: String,
        to: String,
    },
    RenameTo {
        to: String,
    },
    SetSchema {
        to: String,
    },
    Attach {
        partition: Name,
        default: bool,
        bound: String,
    },
    Detach {
        partition: Name,
        concurrently: bool,
    },
    EnableTrigger(Trigger),
    DisableTrigger(Trigger),
    EnableRule,
    DisableRule,
    EnableRls,
    DisableRls,
    ForceRls {
        on: bool,
    },
    ClusterOn,
    SetTablespace {
        to: String,
    },
    SetAccessMethod {
        to: String,
    },
    SetLogged,
    SetUnlogged,
    /// `SET (…)`, `RESET (…)`: the names of the settings.
    Options(Vec<String>),
    Inherit {
        parent: Name,
    },
    NoInherit {
        parent: Name,
    },
    ReplicaIdentity,
    OwnerTo,
    /// MySQL: `MODIFY`, or `CHANGE` with the old name.
    Modify {
        old: String,
        column: Column,
    },
    /// MySQL: `ADD [UNIQUE|FULLTEXT|SPATIAL] INDEX`.
    AddIndex {
        name: Option<String>,
        keys: Vec<Key>,
        unique: bool,
        special: Option<&'static str>,
    },
    DropIndex {
        name: String,
    },
    RenameIndex {
        name: String,
        to: String,
    },
    /// MySQL: whether an index is seen by the planner.
    IndexVisibility {
        name: String,
        visible: bool,
    },
    DropPrimaryKey,
    DropForeignKey {
        name: String,
    },
    /// MySQL: `CONVERT TO CHARACTER SET`.
    ConvertCharset {
        to: String,
    },
    /// MySQL: a table option: its name and value, in lower case.
    TableOption {
        name: String,
        value: String,
    },
    /// MySQL: anything with partitions: the words, in upper case.
    Partitions {
        command: String,
    },
    /// `FORCE`, `ENGINE = …`, `ORDER BY`: the table is built again.
    Rebuild,
    /// Anything else, with its first words.
    Other(String),
}
