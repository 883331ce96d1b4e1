//! Functions and procedures.

use super::{Name, Statement};

/// A function or procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Whether it is a procedure.
    pub procedure: bool,
    /// `OR REPLACE`
    pub or_replace: bool,
    /// The types of its parameters, as written; those with a default apart.
    pub parameters: Vec<String>,
    /// How many of the parameters have defaults.
    pub defaults: usize,
    /// What it gives back, as written.
    pub returns: Option<String>,
    /// In lower case.
    pub language: Option<String>,
    /// Whether its result may differ from call to call (PostgreSQL's default).
    pub volatile: bool,
    /// `SECURITY DEFINER`
    pub definer: bool,
    /// Whether it sets its own `search_path`.
    pub sets_path: bool,
    /// What its body does; none if nobody can tell.
    pub body: Option<Vec<Statement>>,
    /// Whether its body is one constant expression, which the server puts in the place of the call.
    pub constant: bool,
    /// Whether its body is one query, which the server may put in the place of the call.
    pub sql: bool,
    /// The functions its body calls.
    pub calls: Vec<Name>,
}
