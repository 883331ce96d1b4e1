//! Scripts as text: tokens, statements, directives, and what a statement does.
//!
//! Knows: the grammar of SQL dialects and of their clients' commands. Must never know: plans,
//! registries, connections or files.

pub mod directive;
pub mod effect;
pub mod lex;
pub mod mysql;
pub mod pg;
pub mod psql;
pub mod script;
pub mod sqlite;
pub mod statement;

/// Which database's grammar a script is read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL and what speaks its language.
    Postgres,
    /// SQLite.
    Sqlite,
    /// MySQL and MariaDB.
    Mysql,
}

impl Dialect {
    /// The dialect of an engine by its canonical key.
    #[must_use]
    pub fn of_engine(engine: &str) -> Option<Dialect> {
        match engine {
            "sqlite" => Some(Dialect::Sqlite),
            "pg" | "cockroach" | "yugabyte" => Some(Dialect::Postgres),
            "mysql" => Some(Dialect::Mysql),
            _ => None,
        }
    }
}
