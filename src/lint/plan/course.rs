//! The walk through the plan: what each change makes of the catalogue, and what its revert script makes of
//! that again.

use super::seen::{self, ChangeSeen, Failed, LockOrder, Plan, Script, Stepped};
use super::{known, names};
use crate::lint::effect::{self, Effects, Fails, Failure};
use crate::lint::state::State;
use crate::schema::Schema;
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said, Statement};
use std::collections::{BTreeMap, HashSet};

/// Deeper, bodies are not looked into: a function that calls itself has no end.
const DEEPEST: usize = 6;
/// More tables than these in one transaction have no order worth naming.
const MOST_TABLES: usize = 40;

/// Walks through the plan and shows each judged change.
pub(super) fn walk(mut state: State, plan: &Plan, show: &mut dyn FnMut(&ChangeSeen<'_>)) {
    let mut gone: HashSet<Name> = HashSet::new();
    let mut dark = false;
    let mut ordered: BTreeMap<(Name, Name), usize> = BTreeMap::new();
    for (position, change) in plan.changes.iter().enumerate() {
        let words = match change.judged {
            true => names::all(change.scripts().map(|script| script.text.as_str()), plan.dialect),
            false => HashSet::new(),
        };
        let part = |schema: &Schema| match change.judged {
            true => names::part(schema, &words),
            false => Schema::default(),
        };
        let mut before = part(&state.schema);
        let mut steps = Vec::new();
        let mut locks = Locks::default();
        state.begin_script(change.deploy.as_ref().is_some_and(|script| script.atomic), change.pending);
        if let Some(script) = &change.deploy {
            state.look_ahead(&script.statements);
            let mut deploy = Deploy { steps: &mut steps, locks: &mut locks, wanted: change.judged, dark };
            script.statements.iter().for_each(|statement| deploy.pass(&mut state, statement, 0));
            dark = deploy.dark;
        }
        gone.extend(state.dropped.iter().chain(state.renamed.iter().map(|(old, _)| old)).cloned());
        gone.retain(|key| !state.schema.relations.contains_key(key));
        if change.judged {
            let after = part(&state.schema);
            let made = |key: &&Name| !before.relations.contains_key(*key) && state.is_of_this_script(key);
            let born: Vec<Name> = after.relations.keys().filter(made).cloned().collect();
            known::seed(&mut before, &after, &born, &state, &steps);
            let (reverted, revert_fails) = match &change.revert {
                Some(script) => {
                    let (schema, fails) = reverted(plan, &after, script);
                    (Some(schema), fails)
                }
                None => (None, Vec::new()),
            };
            let (way_back, lacks) = seen::way_back(change, plan.dialect);
            show(&ChangeSeen {
                plan,
                position,
                change,
                steps: &steps,
                before: &before,
                after: &after,
                reverted: reverted.as_ref(),
                revert_fails: &revert_fails,
                born: &born,
                gone: &gone,
                dark,
                orders: &locks.orders,
                ordered: &ordered,
                way_back,
                lacks,
            });
        }
        for LockOrder { first, then } in locks.orders {
            ordered.entry((first, then)).or_insert(position);
        }
    }
}

/// The catalogue after a revert script, and why statements of it surely fail.
fn reverted(plan: &Plan, after: &Schema, script: &Script) -> (Schema, Vec<Failed>) {
    let mut state = State::new(plan.dialect, after.clone());
    state.begin_script(script.atomic, false);
    state.look_ahead(&script.statements);
    let mut fails = Vec::new();
    for statement in &script.statements {
        revert(&mut state, script, statement, 0, &mut fails);
    }
    (state.schema, fails)
}

fn revert(state: &mut State, script: &Script, statement: &Statement, depth: usize, fails: &mut Vec<Failed>) {
    let effects = effect::of(statement, state);
    // A body may catch its failures, and who runs it in which transaction is another matter.
    // What one statement drops together does not hold itself up.
    let several = matches!(&statement.said, Said::Drop { names, .. } if names.len() > 1)
        && state.dialect != Dialect::Sqlite;
    let sure = |failure: &&Failure| {
        failure.surely && depth == 0 && !several && failure.sort != Fails::RefusesTransaction
    };
    fails.extend(
        effects
            .failures
            .iter()
            .filter(sure)
            .map(|failure| Failed { place: script.place(statement, failure.span), why: failure.why.clone() }),
    );
    let bodies = state.bodies_called(statement);
    if depth < DEEPEST && !(statement.body.is_empty() && bodies.is_empty()) {
        let outside = state.enter_body();
        statement.body.iter().chain(&bodies).for_each(|inner| revert(state, script, inner, depth + 1, fails));
        state.leave_body(outside);
    }
    state.pass(statement, &effects);
}

/// A deploy script on the way.
struct Deploy<'a> {
    steps: &'a mut Vec<Stepped>,
    locks: &'a mut Locks,
    wanted: bool,
    dark: bool,
}

impl Deploy<'_> {
    fn pass(&mut self, state: &mut State, statement: &Statement, depth: usize) {
        let effects = effect::of(statement, state);
        self.locks.see(state, statement, &effects);
        let bodies = state.bodies_called(statement);
        self.dark |= names::is_dark(statement, state.dialect, !bodies.is_empty());
        if depth < DEEPEST && !(statement.body.is_empty() && bodies.is_empty()) {
            let outside = state.enter_body();
            statement.body.iter().chain(&bodies).for_each(|inner| self.pass(state, inner, depth + 1));
            state.leave_body(outside);
        }
        state.pass(statement, &effects);
        if !state.in_transaction {
            self.locks.held.clear();
        }
        if self.wanted {
            self.steps.push(Stepped { statement: statement.clone(), effects });
        }
    }
}

/// Which table is locked while which other is held.
#[derive(Default)]
struct Locks {
    orders: Vec<LockOrder>,
    /// The tables that the present transaction has locked, in order.
    held: Vec<Name>,
}

impl Locks {
    /// Locks that let writes pass do not count.
    fn see(&mut self, state: &State, statement: &Statement, effects: &Effects) {
        if matches!(statement.said, Said::Begin | Said::Commit | Said::Rollback) {
            self.held.clear();
            return;
        }
        for lock in &effects.locks {
            let table = matches!(lock.object, Object::Table | Object::MaterializedView);
            if !table || !lock.mode.stops_writes() || self.held.len() >= MOST_TABLES {
                continue;
            }
            let key = state.key(&lock.on);
            if self.held.contains(&key) {
                continue;
            }
            let orders = self.held.iter().map(|first| LockOrder { first: first.clone(), then: key.clone() });
            self.orders.extend(orders);
            self.held.push(key);
        }
    }
}

/// The order of locks that statements with these effects have.
#[cfg(test)]
pub(super) fn orders(state: &State, steps: Vec<(&Statement, Effects)>) -> Vec<LockOrder> {
    let mut locks = Locks::default();
    steps.iter().for_each(|(statement, effects)| locks.see(state, statement, effects));
    locks.orders
}
