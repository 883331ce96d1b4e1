//! What a statement says, in values that mean the same for every dialect.
//!
//! Knows: the things SQL speaks of. Must never know: how a statement is read, what it does to a
//! database, or whether that is good.

mod expression;
mod name;
mod object;
mod routine;
mod rows;
mod table;

pub use expression::{Expr, Type};
pub use name::{Name, Span};
pub use object::Object;
pub use routine::Function;
pub use rows::{Reads, Write, WriteKind};
pub use table::{
    Action, Clauses, Column, Constraint, ConstraintKind, CreateTable, Foreign, Key, Partitioning, Trigger,
};

/// The name of something that is only known while a script runs.
pub const UNKNOWN_NAME: &str = "?";

/// A statement: what it says, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it says.
    pub said: Said,
    /// Its text, as it is sent.
    pub text: String,
    /// Where it stands.
    pub origin: Origin,
    /// The part of [`Self::text`] that is meant; the whole of it, unless it stands in a body.
    pub span: Span,
    /// The statements in its body, in order: of a `DO` block, or of a function that it calls.
    pub body: Vec<Statement>,
}

/// Where a statement stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The path of the file.
    pub file: String,
    /// The line in which the text begins, counted from 1.
    pub line: usize,
    /// The byte of the file at which the text begins, when the file holds it letter by letter.
    pub offset: Option<usize>,
}

/// Which rows a statement writes or locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// No condition at all.
    All,
    /// A condition that says nothing about how many rows it takes.
    Some,
    /// A key range or keys written out, or a `LIMIT`.
    Bounded,
}

/// What a statement says.
///
/// Only what some rule or the order of things needs is kept; a statement of no consequence for either
/// is [`Said::Harmless`], one that cannot be understood is [`Said::Opaque`].
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A transaction begins.
    Begin,
    /// It ends, and its work stays.
    Commit,
    /// It ends, and its work is lost.
    Rollback,
    /// A savepoint, its release, or a rollback to it.
    Savepoint,
    /// A setting.
    Set {
        /// Its name, in lower case; `role`, `session authorization` and `time zone` among them.
        name: String,
        /// The value as written, quotes taken off; none for `DEFAULT` and `RESET`.
        value: Option<String>,
        /// `SET LOCAL`
        local: bool,
    },
    /// `CREATE TABLE`
    CreateTable(Box<CreateTable>),
    /// `ALTER TABLE`, with all its actions; also of views, indexes and foreign tables, whose actions
    /// have the same names.
    AlterTable {
        /// What is altered.
        object: Object,
        /// Its name.
        table: Name,
        /// `IF EXISTS`
        if_exists: bool,
        /// `ONLY`
        only: bool,
        /// What is done to it, in order.
        actions: Vec<(Action, Span)>,
        /// What MySQL is told about how to do it.
        clauses: Clauses,
    },
    /// `CREATE INDEX`
    CreateIndex {
        /// Its name; none if the server makes one up.
        name: Option<Name>,
        /// The table.
        table: Name,
        /// The columns and expressions.
        keys: Vec<Key>,
        /// `UNIQUE`
        unique: bool,
        /// `CONCURRENTLY`
        concurrently: bool,
        /// `IF NOT EXISTS`
        if_not_exists: bool,
        /// `ON ONLY`
        only: bool,
        /// `USING`, in lower case.
        method: Option<String>,
        /// Only the rows that meet this.
        filter: Option<Expr>,
        /// `FULLTEXT` or `SPATIAL` on MySQL.
        special: Option<&'static str>,
        /// What MySQL is told about how to do it.
        clauses: Clauses,
    },
    /// `DROP` of anything that has a name of its own.
    Drop {
        /// What is dropped.
        object: Object,
        /// Their names.
        names: Vec<Name>,
        /// The table of a trigger, a rule, a policy or (on MySQL) an index.
        on: Option<Name>,
        /// `IF EXISTS`
        if_exists: bool,
        /// `CASCADE`
        cascade: bool,
        /// `CONCURRENTLY`
        concurrently: bool,
    },
    /// A new name for anything but a table, its columns and its constraints.
    Rename {
        /// What is renamed.
        object: Object,
        /// Its name until now.
        name: Name,
        /// The attribute or enum value of it, if that is renamed.
        part: Option<String>,
        /// The name from now on.
        to: String,
        /// The table of a trigger, a rule or a policy.
        on: Option<Name>,
    },
    /// `RENAME TABLE` on MySQL: all names change at once.
    RenameTables {
        /// The names until now, each with the one from now on.
        pairs: Vec<(Name, Name)>,
    },
    /// `SET SCHEMA` of anything but a table.
    SetSchema {
        /// What is moved.
        object: Object,
        /// Its name.
        name: Name,
        /// Where to.
        to: String,
    },
    /// `TRUNCATE`
    Truncate {
        /// The tables.
        tables: Vec<Name>,
        /// `CASCADE`
        cascade: bool,
    },
    /// Rows are written.
    Write(Vec<Write>, Reads),
    /// Rows are read, functions perhaps called.
    Read(Reads),
    /// `CREATE VIEW`, `CREATE MATERIALIZED VIEW`
    CreateView {
        /// Its name.
        name: Name,
        /// Whether its rows are stored.
        materialized: bool,
        /// `OR REPLACE`
        or_replace: bool,
        /// `IF NOT EXISTS`
        if_not_exists: bool,
        /// The names of its columns, as far as the text tells them.
        columns: Option<Vec<String>>,
        /// What it reads.
        reads: Reads,
        /// `WITH NO DATA`
        no_data: bool,
        /// `TEMPORARY`
        temporary: bool,
    },
    /// `REFRESH MATERIALIZED VIEW`
    Refresh {
        /// The view.
        view: Name,
        /// `CONCURRENTLY`
        concurrently: bool,
        /// `WITH NO DATA`
        no_data: bool,
    },
    /// `CREATE FUNCTION`, `CREATE PROCEDURE`
    CreateFunction(Box<Function>),
    /// `ALTER FUNCTION` and its kin, unless it is a new name or schema.
    AlterFunction {
        /// Its name.
        name: Name,
    },
    /// `CREATE TRIGGER`
    CreateTrigger {
        /// Its name.
        name: String,
        /// The table.
        table: Name,
        /// `BEFORE`, `AFTER` or `INSTEAD OF`, in upper case.
        timing: String,
        /// The function it calls.
        function: Option<Name>,
    },
    /// `CREATE RULE`
    CreateRule {
        /// Its name.
        name: String,
        /// The table.
        table: Name,
        /// `DO INSTEAD`
        instead: bool,
        /// The event, in upper case.
        event: String,
    },
    /// `CREATE POLICY`
    CreatePolicy {
        /// Its name.
        name: String,
        /// The table.
        table: Name,
        /// `AS RESTRICTIVE`
        restrictive: bool,
    },
    /// `ALTER POLICY`
    AlterPolicy {
        /// Its name.
        name: String,
        /// The table.
        table: Name,
    },
    /// `CREATE DOMAIN`
    CreateDomain {
        /// Its name.
        name: Name,
        /// What it is made of.
        base: Type,
        /// Its constraints.
        constraints: Vec<Constraint>,
    },
    /// `ALTER DOMAIN`, with actions that have the names of those of a table.
    AlterDomain {
        /// Its name.
        name: Name,
        /// What is done.
        action: Action,
    },
    /// `CREATE TYPE`
    CreateType {
        /// Its name.
        name: Name,
        /// The values of an enum.
        values: Option<Vec<String>>,
        /// The attributes of a composite type.
        attributes: Vec<Column>,
    },
    /// `ALTER TYPE … ADD VALUE`
    AddEnumValue {
        /// The type.
        name: Name,
        /// The new value.
        value: String,
        /// Whether `BEFORE` or `AFTER` says where.
        placed: bool,
        /// `IF NOT EXISTS`
        if_not_exists: bool,
    },
    /// `ALTER TYPE` with `ADD`, `DROP` or `ALTER ATTRIBUTE`, as actions on columns.
    AlterAttributes {
        /// The type.
        name: Name,
        /// What is done.
        actions: Vec<(Action, Span)>,
        /// `CASCADE`
        cascade: bool,
    },
    /// `CREATE SCHEMA`, `CREATE DATABASE`
    CreateSchema {
        /// Its name.
        name: String,
        /// Whether it is a whole database (not on MySQL, where both are one).
        database: bool,
    },
    /// `CREATE SEQUENCE`
    CreateSequence {
        /// Its name.
        name: Name,
    },
    /// `ALTER SEQUENCE`, unless it is a new name or schema.
    AlterSequence {
        /// Its name.
        name: Name,
    },
    /// `CREATE EXTENSION`
    CreateExtension {
        /// Its name.
        name: String,
        /// `SCHEMA`
        schema: Option<String>,
    },
    /// `ALTER EXTENSION`, `ALTER ROLE`, `ALTER SYSTEM` and what else changes behaviour for everyone.
    AlterOther {
        /// What is altered.
        object: Object,
        /// Its name.
        name: String,
    },
    /// `LOCK TABLE`
    Lock {
        /// The tables.
        tables: Vec<Name>,
        /// The mode as written, in upper case; none for the default.
        mode: Option<String>,
        /// `NOWAIT`
        nowait: bool,
    },
    /// `VACUUM`
    Vacuum {
        /// The tables; all if empty.
        tables: Vec<Name>,
        /// `FULL`
        full: bool,
    },
    /// `ANALYZE`
    Analyze {
        /// The tables; all if empty.
        tables: Vec<Name>,
    },
    /// `CLUSTER`, `OPTIMIZE TABLE`
    Cluster {
        /// The table; all if none.
        table: Option<Name>,
    },
    /// `REINDEX`
    Reindex {
        /// What: an index, a table, a schema, a database or (as [`Object::Other`]) the catalogue.
        object: Object,
        /// Its name.
        name: Option<Name>,
        /// `CONCURRENTLY`
        concurrently: bool,
    },
    /// `COMMENT ON`
    Comment {
        /// On what.
        object: Object,
        /// Its name; the table of a column or a constraint.
        name: Option<Name>,
    },
    /// `GRANT`, `REVOKE`
    Privileges {
        /// Whether they are given; taken otherwise.
        grant: bool,
        /// `ALL`
        all: bool,
        /// The tables, views and other objects.
        objects: Vec<Name>,
        /// To or from whom, in lower case.
        roles: Vec<String>,
        /// Whether it is about privileges, not membership of roles.
        on_objects: bool,
        /// Whether `INSERT`, `UPDATE` or `DELETE` is among them.
        writes: bool,
        /// The schemas of `ALL TABLES IN SCHEMA`.
        schemas: Vec<String>,
    },
    /// `CREATE STATISTICS`, `CREATE PUBLICATION` and others that take a weak lock on tables.
    Attend {
        /// What is made.
        object: Object,
        /// The tables.
        tables: Vec<Name>,
    },
    /// `CALL`
    Call {
        /// The procedure.
        name: Name,
    },
    /// `DO`, whose statements are in [`Statement::body`].
    Do {
        /// Whether its body has a loop.
        loops: bool,
        /// Whether its body ends transactions itself.
        commits: bool,
    },
    /// It refuses to be run in a transaction, and does nothing else that is of interest here.
    Alone {
        /// Its name, as `CREATE DATABASE`.
        command: &'static str,
    },
    /// SQL that is put together while it runs.
    Dynamic,
    /// Nothing of interest here: comments on roles, notices, `SHOW`.
    Harmless,
    /// It could not be understood.
    Opaque {
        /// Why.
        why: String,
    },
}
