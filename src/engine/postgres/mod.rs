//! PostgreSQL.
//!
//! Knows: PostgreSQL's protocol, its catalogs, psql's ways. Must never know: plan files, policy,
//! the terminal, other engines.

pub mod settings;
pub mod shell;
pub mod tls;
pub mod wire;
