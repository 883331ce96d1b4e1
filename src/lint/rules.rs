//! All rules, one file each.
//!
//! Knows: their list. Must never know: how they are used.

pub mod mysql;
pub mod omitted;
pub mod postgres;
pub mod sqlite;

use super::rule::Rule;
use crate::sql::Dialect;

/// The rules for a database, in the order of their codes.
#[must_use]
pub fn of(dialect: Dialect) -> &'static [&'static Rule] {
    match dialect {
        Dialect::Postgres => postgres::RULES,
        Dialect::Mysql => mysql::RULES,
        Dialect::Sqlite => sqlite::RULES,
    }
}

/// Rules that are a matter of taste, off until the configuration asks for them: they would find something
/// in most scripts that somebody else wrote.
pub const PEDANTIC: &[&str] =
    &["PS05", "PS10", "PS11", "PS13", "PS14", "PS15", "PS17", "PS19", "PS20", "PS22"];

/// Whether a rule is a matter of taste.
#[must_use]
pub fn is_pedantic(rule: &Rule) -> bool {
    PEDANTIC.contains(&rule.code)
}

/// All rules.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite].into_iter().flat_map(of).copied()
}

/// Makes the modules and the list of rules out of their names.
macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// The rules, in the order of their codes.
        pub static RULES: &[&crate::lint::rule::Rule] = &[$(&$module::RULE),*];
    };
}
pub(crate) use rules;

#[cfg(test)]
mod tests;
