//! Scripts for MySQL and MariaDB, as the `mariadb` client reads them.
//!
//! Knows: how that client cuts a script, its commands, and what a statement does. Must never know:
//! connections or files.

mod command;
mod cut;
mod kind;
pub mod statement;
mod survey;

pub use command::{Command, Word, command, named};
pub use cut::{Cutter, Modes, Piece, Statement};
pub use kind::{Kind, Object, ObjectKind, kind};
pub use survey::{Found, Survey, survey};

use survey::modes_set_by;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
