//! Scripts as psql reads them: statements, backslash commands and their arguments, variables.
//!
//! Knows: psql's rules for text. Must never know: files, a connection, or what a command does.

mod argument;
mod calls;
pub mod command;
mod found;
mod kind;
mod known;
mod lex;
pub mod locks;
mod pending;
mod quiet;
pub mod quote;
mod scanner;
pub mod shape;
mod source;
pub mod survey;
mod words;

pub use argument::{Argument, ArgumentKind};
pub use found::{Call, Found};
pub use kind::{StatementKind, kind, kinds};
pub use pending::Origin;
pub use quiet::Traces;
pub use scanner::{Note, Piece, Saved, Scanner, Variables};
pub use shape::Shape;
pub use survey::{Survey, canonical, join, survey};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
