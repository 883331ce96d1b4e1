//! Scripts as the sqlite3 shell reads them.

pub mod cut;
pub mod dot;
pub mod shape;
pub mod statement;
