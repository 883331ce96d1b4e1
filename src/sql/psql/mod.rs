//! Scripts as psql reads them: statements, backslash commands and their arguments, variables.
//!
//! Knows: psql's rules for text. Must never know: files, a connection, or what a command does.

mod argument;
pub mod kind;
mod lex;
mod pending;
pub mod quote;
mod scanner;
mod source;
mod words;

pub use argument::{Argument, ArgumentKind};
pub use kind::{StatementKind, kind};
pub use pending::Origin;
pub use scanner::{Note, Piece, Saved, Scanner, Variables};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
