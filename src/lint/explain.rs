//! A statement in plain words: what it does, which locks it takes and who waits, how much work it is, and
//! whether it can be taken back.
//!
//! Knows: steps of a walk, and what is known of the tables. Must never know: how words are laid out.

mod words;

use super::Step;
use super::effect::{Effort, Mode, Reversibility, Work};
use super::rule::{Finding, Severity};
use crate::schema::Schema;
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said};
use serde::Serialize;

/// One statement, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The file.
    pub file: String,
    /// The line in which it begins.
    pub line: usize,
    /// Its text.
    pub sql: String,
    /// How deep in a body it stands.
    pub depth: usize,
    /// What it does.
    pub does: String,
    /// The locks, strongest first.
    pub locks: Vec<Held>,
    /// The work on rows.
    pub work: Vec<Task>,
    /// Whether it can be taken back.
    pub reversibility: Reversibility,
    /// The same in a sentence.
    pub undo: &'static str,
    /// Whether nothing speaks against it.
    pub safe: bool,
    /// Why it is safe, or what speaks against it.
    pub verdict: String,
    /// The codes of what was found in it.
    pub findings: Vec<&'static str>,
    /// The SQL to write instead, where that can be told.
    pub instead: Option<String>,
    /// What to do instead in general, where it cannot.
    pub recipe: Option<&'static str>,
}

/// A lock, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    /// On what.
    pub on: String,
    /// Its name.
    pub mode: &'static str,
    /// Who waits.
    pub waits: &'static str,
    /// Whether it is held for a moment only.
    pub brief: bool,
}

/// Work on rows, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// On what.
    pub on: String,
    /// What is done.
    pub does: &'static str,
    /// Whether others wait meanwhile.
    pub blocks: bool,
    /// How long it may take, by the size of the table.
    pub takes: Option<String>,
    /// What would make it harmless, if it were known.
    pub unless: Option<String>,
}

/// Rules whose findings say that a statement is not judged, since what it does is not known.
const NOT_KNOWN: [&str; 4] = ["PX02", "PX03", "PX04", "ML29"];

/// Explains every step of a walk. A block or a call is no safer than what it runs, and no easier to take
/// back.
#[must_use]
pub fn explain(steps: &[Step], findings: &[Finding], schema: &Schema, dialect: Dialect) -> Vec<Explanation> {
    let mut all: Vec<Explanation> = steps.iter().map(|step| alone(step, findings, schema, dialect)).collect();
    for at in (0..all.len()).rev() {
        let (before, after) = all.split_at_mut(at + 1);
        let Some(outer) = before.last_mut() else { continue };
        let depth = outer.depth;
        let mut inside = after.iter().take_while(|inner| inner.depth > depth);
        if let Some(hardest) = inside.clone().max_by_key(|inner| inner.reversibility)
            && hardest.reversibility > Reversibility::Reversible
            && hardest.reversibility >= outer.reversibility
        {
            (outer.reversibility, outer.undo) = (hardest.reversibility, hardest.undo);
        }
        if let Some(bad) = inside.find(|inner| !inner.safe).filter(|_| outer.safe) {
            let other = if bad.file == outer.file { String::new() } else { format!(" of {}", bad.file) };
            outer.safe = false;
            outer.verdict = format!("what it runs in line {}{other} is not safe", bad.line);
        }
    }
    all
}

/// Explains a step, without what stands inside of it.
fn alone(step: &Step, findings: &[Finding], schema: &Schema, dialect: Dialect) -> Explanation {
    let statement = &step.statement;
    let span = statement.span;
    let before = statement.text.get(..span.start).unwrap_or_default();
    let own: Vec<&Finding> = step.findings.iter().filter_map(|at| findings.get(*at)).collect();
    let worst =
        own.iter().filter(|finding| finding.accepted.is_none()).max_by_key(|finding| finding.severity);
    let locks = locks(step, schema, dialect);
    let work = step.effects.efforts.iter().map(|effort| task(effort, schema)).collect();
    let grave = worst.filter(|finding| finding.severity >= Severity::Breaks);
    let unknown = own.iter().find(|finding| NOT_KNOWN.contains(&finding.rule.code));
    let known = step.effects.opaque.is_none() && unknown.is_none();
    // Of what was not understood, nobody knows where it ends.
    let whole = step.depth == 0 && matches!(statement.said, Said::Opaque { .. });
    let sql = statement.text.get(span.start..span.end).filter(|_| !whole);
    Explanation {
        file: statement.origin.file.clone(),
        line: statement.origin.line + before.matches('\n').count(),
        sql: sql.unwrap_or(statement.text.trim()).to_owned(),
        depth: step.depth,
        does: words::does(statement),
        verdict: match unknown.filter(|_| step.effects.opaque.is_none() && grave.is_none()) {
            Some(finding) => format!("not known: {}", finding.message),
            None => verdict(step, &own, worst.copied(), &locks),
        },
        locks,
        work,
        reversibility: if known { step.effects.reversibility } else { Reversibility::Irreversible },
        undo: if known { undo(step) } else { "nobody can tell from its text" },
        safe: known && grave.is_none(),
        findings: own.iter().map(|finding| finding.rule.code).collect(),
        instead: grave.and_then(|finding| finding.instead.clone()),
        recipe: grave.filter(|finding| finding.instead.is_none()).map(|finding| finding.rule.recipe),
    }
}

fn locks(step: &Step, schema: &Schema, dialect: Dialect) -> Vec<Held> {
    let mut locks: Vec<_> = step.effects.locks.iter().collect();
    locks.sort_by(|one, other| other.mode.cmp(&one.mode).then(one.on.cmp(&other.on)));
    let key = |name: &Name| schema.relation_key(name).unwrap_or_else(|| name.clone());
    let works = |on: &Name| step.effects.efforts.iter().any(|effort| key(&effort.on) == key(on));
    locks
        .into_iter()
        .map(|lock| Held {
            on: lock.on.to_string(),
            mode: lock.mode.called(dialect),
            waits: lock.mode.who_waits(),
            brief: !works(&lock.on) && step.effects.efforts.is_empty(),
        })
        .collect()
}

fn task(effort: &Effort, schema: &Schema) -> Task {
    Task {
        on: effort.on.to_string(),
        does: match effort.work {
            Work::Scan => "reads every row",
            Work::Index => "reads every row and builds an index",
            Work::Rewrite => "writes the whole table anew",
            Work::Rows => "changes rows, each of which stays locked until the transaction ends",
        },
        blocks: effort.under.stops_writes(),
        takes: takes(effort, schema),
        unless: effort.unless.clone(),
    }
}

/// How long work on a table takes, roughly, on an ordinary server.
fn takes(effort: &Effort, schema: &Schema) -> Option<String> {
    let relation = schema.relation(&effort.on)?;
    let (rows, bytes) = (relation.rows?, relation.bytes);
    // Bytes in a second; a server with a cold cache takes several times as long.
    let speed = match effort.work {
        Work::Scan => 300_000_000,
        Work::Index => 40_000_000,
        Work::Rewrite => 50_000_000,
        Work::Rows => 15_000_000,
    };
    let seconds = bytes.unwrap_or(rows.saturating_mul(100)) / speed;
    let time = match seconds {
        0 => "less than a second".to_owned(),
        1..=119 => format!("some {seconds} s"),
        120..=7_199 => format!("some {} min", seconds / 60),
        _ => format!("some {} h", seconds / 3_600),
    };
    Some(format!("{time} for about {rows} rows"))
}

fn undo(step: &Step) -> &'static str {
    match (step.effects.reversibility, &step.statement.said) {
        (_, Said::Begin | Said::Commit | Said::Rollback | Said::Set { .. } | Said::Harmless) => {
            "nothing to take back"
        }
        (Reversibility::Reversible, _) => "can be taken back without loss",
        (Reversibility::WithDataLoss, _) if !step.effects.lost.is_empty() => {
            "a script can bring back its form; what it takes away, only a copy made before can"
        }
        (Reversibility::WithDataLoss, _) => "can be taken back; what was written into it meanwhile is lost",
        (Reversibility::Irreversible, _) => {
            "no script can bring back what it takes away; only a copy made before can"
        }
    }
}

/// What would be grave, and why it is not here.
fn relaxed<'a>(own: &[&'a Finding]) -> Option<(&'a Finding, &'a str)> {
    let graver = |finding: &&&Finding| finding.severity < Severity::Breaks && finding.accepted.is_none();
    own.iter().filter(graver).find_map(|finding| Some((*finding, finding.relaxed.as_deref()?)))
}

fn verdict(step: &Step, own: &[&Finding], worst: Option<&Finding>, locks: &[Held]) -> String {
    if let Some(why) = &step.effects.opaque {
        return format!("not known: {why}");
    }
    if let Some((finding, why)) =
        relaxed(own).filter(|_| worst.is_none_or(|own| own.severity < Severity::Breaks))
    {
        return format!("safe here, since {why}; elsewhere {}", finding.message);
    }
    match worst {
        Some(finding) if finding.severity >= Severity::Breaks => finding.message.clone(),
        Some(finding) if finding.severity == Severity::Brief => {
            format!(
                "safe with a limit on the wait for its lock, as change deploy sets it ({})",
                finding.rule.code
            )
        }
        _ if locks.iter().any(|lock| lock.brief && lock.waits != Mode::RowExclusive.who_waits()) => {
            "safe: its lock is held for a moment only".to_owned()
        }
        _ if step.effects.efforts.iter().any(|effort| !effort.under.stops_writes()) => {
            "safe: nobody waits while it works".to_owned()
        }
        _ => "safe: nobody waits for it".to_owned(),
    }
}

/// The sum of all: how many statements, how many of them safe.
#[must_use]
pub fn sum(all: &[Explanation]) -> String {
    let top: Vec<&Explanation> = all.iter().filter(|own| own.depth == 0).collect();
    let unsafe_ones = top.iter().filter(|own| !own.safe).count();
    let irreversible = top.iter().filter(|own| own.reversibility == Reversibility::Irreversible).count();
    let statements =
        if top.len() == 1 { "1 statement".to_owned() } else { format!("{} statements", top.len()) };
    match (unsafe_ones, irreversible) {
        (0, 0) => format!("Safe: {statements}, and all can be taken back"),
        (0, lost) => {
            format!("Safe for those who use the database; {lost} of {statements} cannot be taken back")
        }
        (bad, 0) => format!("{bad} of {statements} not safe on a live database"),
        (bad, lost) => {
            format!("{bad} of {statements} not safe on a live database, {lost} cannot be taken back")
        }
    }
}
