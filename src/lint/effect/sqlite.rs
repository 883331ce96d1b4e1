//! What statements do on this database.

use super::Effects;
use crate::lint::state::State;
use crate::sql::statement::Statement;

/// What a statement does, given what is known before it.
#[must_use]
pub fn of(_statement: &Statement, _state: &State) -> Effects {
    Effects::default()
}
