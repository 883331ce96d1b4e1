//! A whole script as statements, in whatever dialect.
//!
//! Knows: which module reads which dialect. Must never know: what statements do.

use super::statement::{Said, Statement};
use super::{Dialect, pg};
use crate::error::{Error, Result};

/// A whole script, as it would be run.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its statements, those of included files among them.
    pub statements: Vec<Statement>,
    /// What is wrong with it as a script.
    pub problems: Vec<Error>,
    /// Whether it is run in one transaction that is not its own.
    pub atomic: bool,
    /// Whether its last transaction is left open.
    pub left_open: bool,
}

/// Reads a script as the client of its database would. `include` reads a file whose path is relative to
/// the project's folder.
pub fn read(
    dialect: Dialect,
    path: &str,
    text: &[u8],
    variables: &[(String, String)],
    include: &mut dyn FnMut(&str) -> Result<Vec<u8>>,
) -> Script {
    let mut text_of = |path: &str| include(path).map(|text| String::from_utf8_lossy(&text).into_owned());
    match dialect {
        Dialect::Postgres => pg::script(path, text, variables, include),
        Dialect::Sqlite => {
            let (statements, problems) =
                super::sqlite::statement::script_with(path, &String::from_utf8_lossy(text), &mut text_of);
            let own = |statement: &Statement| matches!(statement.said, Said::Begin | Said::Vacuum { .. });
            let (atomic, left_open) = (!statements.iter().any(own), is_left_open(&statements));
            Script { statements, problems, atomic, left_open }
        }
        Dialect::Mysql => {
            let (statements, problems) =
                super::mysql::statement::script_with(path, &String::from_utf8_lossy(text), &mut text_of);
            let left_open = is_left_open(&statements);
            Script { statements, problems, atomic: false, left_open }
        }
    }
}

fn is_left_open(statements: &[Statement]) -> bool {
    statements.iter().fold(false, |open, statement| match statement.said {
        Said::Begin => true,
        Said::Commit | Said::Rollback => false,
        _ => open,
    })
}
