//! Scripts as psql reads them: statements, backslash commands and their arguments, variables.
//!
//! Knows: psql's rules for text. Must never know: files, a connection, or what a command does.

mod argument;
mod lex;
mod pending;
pub mod quote;
mod scanner;
mod source;

pub use argument::{Argument, ArgumentKind};
pub use pending::Origin;
pub use scanner::{Note, Piece, Saved, Scanner, Variables};

mod shape;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
pub use shape::*;
