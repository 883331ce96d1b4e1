//! What a statement does to a live database: the locks it takes, the work it does under them, what it
//! takes away from the application, and what it loses.
//!
//! Knows: what statements say, and what is known of the database. Must never know: whether an effect
//! is good or bad; that is for the rules.

pub mod mysql;
pub mod postgres;
pub mod sqlite;

use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Span};

/// PostgreSQL's lock modes, weakest first; on other engines the nearest that keeps the same others
/// waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Mode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

impl Mode {
    /// What the database's own manual calls it, or the nearest it has.
    #[must_use]
    pub fn called(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Postgres => self.written(),
            Dialect::Mysql if self.stops_reads() => "exclusive metadata lock",
            Dialect::Mysql if self.stops_writes() => "LOCK=SHARED",
            Dialect::Mysql => "shared metadata lock",
            Dialect::Sqlite if self.stops_reads() => "EXCLUSIVE lock",
            Dialect::Sqlite if self.stops_writes() => "RESERVED lock",
            Dialect::Sqlite => "SHARED lock",
        }
    }

    /// As PostgreSQL's manual writes it.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            Mode::AccessShare => "ACCESS SHARE",
            Mode::RowShare => "ROW SHARE",
            Mode::RowExclusive => "ROW EXCLUSIVE",
            Mode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Mode::Share => "SHARE",
            Mode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Mode::Exclusive => "EXCLUSIVE",
            Mode::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// Whether `INSERT`, `UPDATE` and `DELETE` wait for it.
    #[must_use]
    pub fn stops_writes(self) -> bool {
        self >= Mode::Share
    }

    /// Whether `SELECT` waits for it, too.
    #[must_use]
    pub fn stops_reads(self) -> bool {
        self == Mode::AccessExclusive
    }

    /// Who waits, in a sentence.
    #[must_use]
    pub fn who_waits(self) -> &'static str {
        match self {
            Mode::AccessExclusive => "every query waits, reads too",
            mode if mode.stops_writes() => "writes wait, reads go on",
            Mode::ShareUpdateExclusive => "reads and writes go on; other schema changes and VACUUM wait",
            _ => "reads and writes go on",
        }
    }
}

/// A lock on something that was there before.
#[derive(Debug, Clone, PartialEq)]
pub struct Lock {
    /// On what.
    pub on: Name,
    /// What that is.
    pub object: Object,
    /// How strong.
    pub mode: Mode,
    /// The part of the statement that takes it.
    pub span: Span,
}

/// What sort of work a statement does with the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// It reads them all.
    Scan,
    /// It reads them all and builds an index.
    Index,
    /// It writes the table anew.
    Rewrite,
    /// It changes many of them.
    Rows,
}

/// Why there is work, or why it is harmful: the finest grain that a rule or a sentence needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Cause {
    CreateIndex,
    Reindex,
    ReindexAll,
    ForeignKey,
    Check,
    NotNull,
    NotNullConstraint,
    Unique,
    PrimaryKey,
    PrimaryKeyUsingIndex,
    Exclusion,
    ColumnCheck,
    ColumnUnique,
    ColumnReferences,
    Validate,
    AttachPartition,
    DefaultPartition,
    CreatePartition,
    AttachIndexes,
    DomainCheck,
    DomainValidate,
    DomainNotNull,
    Collation,
    TypeRecheck,
    TypeChange,
    TypeNarrowing,
    TypeTimeZone,
    TypeUsing,
    VolatileDefault,
    Serial,
    Identity,
    StoredGenerated,
    ConstrainedDomain,
    Logged,
    Tablespace,
    AccessMethod,
    VacuumFull,
    Cluster,
    SetExpression,
    Attribute,
    Refresh,
    RefreshConcurrently,
    ReferencingKey,
    FilledTable,
    Update,
    Delete,
    Merge,
    RowLocks,
    Truncate,
    Copy,
    Query,
    Rebuild,
    Restart,
}

/// Work on the rows of something that was there before.
#[derive(Debug, Clone, PartialEq)]
pub struct Effort {
    /// Whose rows.
    pub on: Name,
    /// What is done with them.
    pub work: Work,
    /// Why.
    pub cause: Cause,
    /// The strongest lock that this session holds on it meanwhile, that of this statement included.
    pub under: Mode,
    /// What would make it harmless if it were known, for a sentence: `whether "c" may be null`.
    pub unless: Option<String>,
    /// The part of the statement that brings it about.
    pub span: Span,
}

/// Something that the application can no longer use as it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// What.
    pub object: Object,
    /// Its name; the table of a column or a constraint.
    pub on: Name,
    /// The column, constraint, value or argument concerned.
    pub part: Option<String>,
    /// How.
    pub how: How,
    /// The part of the statement that brings it about.
    pub span: Span,
}

/// How something breaks for the application.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum How {
    /// It is gone.
    Gone,
    /// It has a new name.
    Renamed { to: String },
    /// It is in another schema.
    Moved { to: String },
    /// Writes that do not name it, or that write what was fine, are refused.
    Refuses(Refusal),
    /// What is read may be something else, or nothing.
    ReadsDiffer(&'static str),
    /// Its type changed.
    Retyped { to: String },
}

/// Why writes are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Refusal {
    RequiredColumn,
    DefaultDropped,
    IdentityAlways,
    ConstraintOnNewRows,
    NoPrivilege,
    RowSecurity,
    Trigger,
    NoArbiter,
}

/// Something that is lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Lost {
    /// What kind of thing.
    pub object: Object,
    /// Its name; the table of a column or a constraint.
    pub on: Name,
    /// The column or constraint.
    pub part: Option<String>,
    /// What.
    pub what: Loss,
    /// The part of the statement that brings it about.
    pub span: Span,
}

/// What is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Loss {
    /// All rows.
    Rows,
    /// Some of the rows.
    SomeRows,
    /// The values of a column.
    Values,
    /// Digits, letters or zones of the values of a column.
    Precision,
    /// The rows after a crash.
    Durability,
    /// A guarantee: a constraint, a trigger, a rule.
    Guarantee,
    /// Whatever depended on it, unseen.
    Dependants,
    /// Privileges, comments and policies.
    Privileges,
}

/// Why a statement fails, on this database or on any.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Why, in a sentence without its full stop.
    pub why: String,
    /// Which sort, for the rules.
    pub sort: Fails,
    /// Whether it surely fails; it depends on the rows otherwise.
    pub surely: bool,
    /// The part of the statement.
    pub span: Span,
}

/// Which sort of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fails {
    RefusesTransaction,
    ConcurrentOnPartitioned,
    EnumValueUsed,
    NeedsUniqueIndex,
    Duplicates,
    ExistingRows,
    RequiredColumn,
    ViewColumn,
    UsedColumn,
    Attribute,
    NotThere,
    Unsupported,
    Several,
    /// A guard such as `IF EXISTS` that is not known there.
    Guard,
}

/// Whether a statement can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversibility {
    /// Yes, without loss.
    Reversible,
    /// The schema can, but values or rows written since, or before, are lost.
    WithDataLoss,
    /// No.
    Irreversible,
}

/// Everything that a statement does.
#[derive(Debug, Clone, PartialEq)]
pub struct Effects {
    /// The locks on what was there before, the strongest for each.
    pub locks: Vec<Lock>,
    /// The work on rows that were there before.
    pub efforts: Vec<Effort>,
    /// What the application can no longer use.
    pub broken: Vec<Broken>,
    /// What is lost.
    pub lost: Vec<Lost>,
    /// Why it fails or may fail.
    pub failures: Vec<Failure>,
    /// Whether it can be taken back.
    pub reversibility: Reversibility,
    /// Why nobody can tell what it does.
    pub opaque: Option<String>,
}

impl Default for Effects {
    fn default() -> Effects {
        Effects {
            locks: Vec::new(),
            efforts: Vec::new(),
            broken: Vec::new(),
            lost: Vec::new(),
            failures: Vec::new(),
            reversibility: Reversibility::Reversible,
            opaque: None,
        }
    }
}

impl Effects {
    /// The strongest lock on anything that was there before.
    #[must_use]
    pub fn strongest(&self) -> Option<&Lock> {
        self.locks.iter().max_by_key(|lock| lock.mode)
    }
}

/// What a statement does, given what is known before it.
#[must_use]
pub fn of(statement: &crate::sql::statement::Statement, state: &super::state::State) -> Effects {
    match state.dialect {
        crate::sql::Dialect::Postgres => postgres::of(statement, state),
        crate::sql::Dialect::Mysql => mysql::of(statement, state),
        crate::sql::Dialect::Sqlite => sqlite::of(statement, state),
    }
}
