//! What makes a finding less grave than its rule: small tables, quiet targets, names that stand for nothing.
//!
//! Knows: findings, and what is known of the tables. Must never know: one rule in particular.

use super::effect::{Cause, Effects, Work};
use super::rule::{Finding, Severity};
use super::settings::{Profile, Settings};
use super::state::State;
use crate::sql::statement::{Name, Object, Said, Statement};

/// Lowers the severity where there is reason to, and says which.
pub(super) fn relax(
    finding: &mut Finding,
    table: Option<&Name>,
    (statement, effects): (&Statement, &Effects),
    state: &State,
    wanted: &Settings,
) {
    if let Some(name) = stranger(statement, table, state) {
        finding.severity = Severity::Advice;
        finding.relaxed =
            Some(format!("nothing in the plan makes {name}, so IF EXISTS is likely to find nothing"));
        return;
    }
    small(finding, table, effects, state, wanted);
    unused(finding, table, effects, state);
    if let Some(table) = table.filter(|table| wanted.is_append_only(table)) {
        // Rows that wait keep nobody waiting if nobody else changes them.
        let mut efforts = effects.efforts.iter().filter(|effort| state.key(&effort.on) == state.key(table));
        let rows_only = efforts.clone().next().is_some() && efforts.all(|effort| effort.work == Work::Rows);
        let strong = effects.locks.iter().any(|lock| lock.mode.stops_writes());
        let free = !strong && !state.all_held().any(|(_, mode)| mode.stops_writes());
        if rows_only && free && matches!(finding.severity, Severity::Blocks | Severity::Brief) {
            finding.severity = Severity::Advice;
            finding.relaxed = Some(format!("rows of {table} are only added (lint.append_only)"));
        }
    }
    quiet(finding, wanted);
}

/// The name that `IF EXISTS` looks for and that the plan, which makes other things, never makes anything of.
fn stranger<'a>(statement: &'a Statement, table: Option<&'a Name>, state: &State) -> Option<&'a Name> {
    match &statement.said {
        Said::Drop { object, names, if_exists: true, .. } if is_remembered(*object) => match table {
            Some(table) => names.contains(table).then_some(table).filter(|table| state.is_unheard_of(table)),
            None => names.first().filter(|_| names.iter().all(|name| state.is_unheard_of(name))),
        },
        _ => None,
    }
}

/// Whether the state knows what there is of a sort of things.
fn is_remembered(object: Object) -> bool {
    matches!(
        object,
        Object::Table
            | Object::ForeignTable
            | Object::View
            | Object::MaterializedView
            | Object::Index
            | Object::Function
            | Object::Procedure
            | Object::Type
            | Object::Domain
            | Object::Schema
    )
}

/// What nobody but its owner may use is used by no running code, as far as grants tell.
fn unused(finding: &mut Finding, table: Option<&Name>, effects: &Effects, state: &State) {
    let Some(table) = table.filter(|table| state.is_unused(table)) else { return };
    let strong = effects.locks.iter().filter(|lock| lock.mode.stops_writes());
    let held = state.all_held().filter(|(_, mode)| mode.stops_writes()).map(|(name, _)| name);
    let alone = || strong.map(|lock| &lock.on).chain(held).all(|name| state.is_unused(name));
    let counted = state.relation(table).is_some_and(|own| own.rows.is_some());
    finding.severity = match finding.severity {
        Severity::Breaks if finding.rule.code.starts_with("PA") => Severity::Advice,
        Severity::Blocks if !counted && alone() => Severity::Brief,
        _ => return,
    };
    finding.relaxed = Some(format!("nobody was granted anything on {table}, as on tables in use"));
}

fn small(finding: &mut Finding, table: Option<&Name>, effects: &Effects, state: &State, wanted: &Settings) {
    let relation = table.and_then(|table| state.relation(table));
    // What is done to a table may be done to its children, too.
    let worked = |child: &Name| effects.efforts.iter().any(|effort| state.key(&effort.on) == *child);
    let below = |table| {
        let children = state.schema.children(table).into_iter().filter(worked);
        children.filter_map(|child| state.relation(&child)?.rows).sum::<u64>()
    };
    let rows = relation.and_then(|relation| {
        let own = relation.rows?;
        Some(if relation.partitioned { own } else { own + below(table?) })
    });
    // Work on others under the same locks takes its time, too.
    let keys = effects.efforts.iter().filter(|effort| effort.cause == Cause::ReferencingKey);
    let elsewhere = keys.filter_map(|effort| state.relation(&effort.on)?.rows).max();
    let large = elsewhere.is_some_and(|rows| rows > wanted.small_table_rows);
    if let Some(rows) = rows.filter(|rows| *rows <= wanted.small_table_rows) {
        if finding.severity == Severity::Blocks && !large {
            // Rows that stay locked for a moment stop nobody else.
            let strong = effects.locks.iter().any(|lock| lock.mode.stops_writes());
            let held = state.all_held().any(|(_, mode)| mode.stops_writes());
            finding.severity = if strong || held { Severity::Brief } else { Severity::Advice };
            finding.relaxed = Some(format!("the table has {rows} rows only"));
        }
    } else if let (Some(rows), Severity::Blocks | Severity::Brief) = (rows, finding.severity) {
        let traffic =
            relation.and_then(|own| own.reads_per_second).zip(relation.and_then(|own| own.writes_per_second));
        let traffic =
            traffic.map(|(reads, writes)| format!(", {reads:.1} rows read and {writes:.1} written a second"));
        finding.notes.push(format!("the table has about {rows} rows{}", traffic.unwrap_or_default()));
    }
}

fn quiet(finding: &mut Finding, wanted: &Settings) {
    let quiet = match wanted.profile {
        Profile::Live => return,
        Profile::Prelaunch => "nobody uses the target yet (profile prelaunch)",
        Profile::Maintenance => "the target is in its maintenance hours (profile maintenance)",
        Profile::Small => "few use the target (profile small)",
    };
    let harmless = match finding.severity {
        Severity::Blocks | Severity::Brief => true,
        Severity::Breaks => wanted.profile == Profile::Prelaunch,
        Severity::Advice => false,
    };
    if harmless {
        finding.severity = Severity::Advice;
        finding.relaxed = Some(quiet.to_owned());
    }
}
