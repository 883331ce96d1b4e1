//! The walk: script after script, statement after statement, with the state brought along.

use super::effect::{self, Effects};
use super::rule::{Finding, Hit, Script, Seen, Severity};
use super::rules;
use super::settings::Settings;
use super::state::State;
use super::{place, relax, settings};
use crate::sql::Dialect;
use crate::sql::directive::Directives;
use crate::sql::lex::{TokenKind, tokens};
use crate::sql::statement::{Said, Statement};

/// A script on the way.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The name of its change; none for a file that belongs to none.
    pub change: Option<String>,
    /// The path of the script.
    pub file: String,
    /// Its text.
    pub source: String,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// What its directives say.
    pub directives: Directives,
    /// Whether it is run in one transaction.
    pub atomic: bool,
    /// Whether its last transaction is left open.
    pub left_open: bool,
    /// Whether it is deployed together with the one before, so that what that made is new still.
    pub pending: bool,
    /// Whether findings in it are wanted; otherwise it is only walked through.
    pub judged: bool,
}

/// A statement that was walked, with what it does.
#[derive(Debug, Clone)]
pub struct Step {
    /// Which of the subjects holds it.
    pub subject: usize,
    /// The statement.
    pub statement: Statement,
    /// What it does.
    pub effects: Effects,
    /// How deep in bodies it stands.
    pub depth: usize,
    /// The findings about it, by index.
    pub findings: Vec<usize>,
    /// The tables it speaks of that are new, so that nobody else waits.
    pub touches_only_new: bool,
}

/// What a walk found.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Every finding, those that are accepted included.
    pub findings: Vec<Finding>,
    /// Every statement of the judged scripts; only when asked for.
    pub steps: Vec<Step>,
    /// What is known of the database after the last script.
    pub schema: crate::schema::Schema,
    /// The acceptances (`allow=`) that no finding used: subject and index in its directives.
    pub unused: Vec<(usize, usize)>,
}

/// Deeper, bodies are not looked into: a function that calls itself has no end.
const DEEPEST: usize = 6;

/// Walks through the scripts in order. `steps` says whether the statements are wanted, too.
#[must_use]
pub fn walk(mut state: State, subjects: &[Subject], wanted: &Settings, steps: bool) -> Outcome {
    let mut outcome = Outcome::default();
    for (number, subject) in subjects.iter().enumerate() {
        state.begin_script(subject.atomic, subject.pending);
        state.look_ahead(&subject.statements);
        let script = Script {
            change: subject.change.as_deref(),
            statements: &subject.statements,
            directives: &subject.directives,
            atomic: subject.atomic,
            limited: wanted.limited,
        };
        let mut used = vec![false; subject.directives.allow.len()];
        let mut visit = Visit {
            number,
            subject,
            script: &script,
            wanted,
            steps,
            outcome: &mut outcome,
            used: &mut used,
            undone: undone(&subject.statements),
        };
        let mut points: Vec<(String, State)> = Vec::new();
        let goes_back = visit.undone.contains(&true);
        for (position, statement) in subject.statements.iter().enumerate() {
            visit.statement(&mut state, statement, position, 0, None);
            if goes_back {
                savepoint(&mut state, &mut points, statement);
            }
        }
        if subject.judged {
            let unused = used.iter().enumerate().filter(|(_, used)| !**used);
            outcome.unused.extend(unused.map(|(at, _)| (number, at)));
        }
    }
    outcome.schema = state.schema;
    outcome
}

struct Visit<'a> {
    number: usize,
    subject: &'a Subject,
    script: &'a Script<'a>,
    wanted: &'a Settings,
    steps: bool,
    outcome: &'a mut Outcome,
    used: &'a mut Vec<bool>,
    /// Which statements of the script are rolled back to a savepoint before anybody sees what they did.
    undone: Vec<bool>,
}

/// The savepoint that a statement names, and whether it goes back there.
fn savepoint_of(statement: &Statement) -> Option<(String, bool)> {
    if statement.said != Said::Savepoint {
        return None;
    }
    let words = tokens(&statement.text, Dialect::Postgres);
    let mut words = words.filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted));
    let (first, name) = (words.next()?, words.last()?.text.to_ascii_lowercase());
    let back = first.is("ROLLBACK");
    (back || first.is("SAVEPOINT")).then_some((name, back))
}

/// The statements between a savepoint and the return to it.
fn undone(statements: &[Statement]) -> Vec<bool> {
    let mut undone = vec![false; statements.len()];
    let mut points: Vec<(String, usize)> = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        match savepoint_of(statement) {
            Some((name, false)) => points.push((name, at)),
            Some((name, true)) => {
                let Some((_, from)) = points.iter().rfind(|(own, _)| *own == name) else { continue };
                undone.iter_mut().take(at).skip(*from).for_each(|own| *own = true);
            }
            None => {}
        }
    }
    undone
}

/// With a return to a savepoint everything is as it was there, locks too.
fn savepoint(state: &mut State, points: &mut Vec<(String, State)>, statement: &Statement) {
    match savepoint_of(statement) {
        Some((name, false)) => {
            points.retain(|(own, _)| *own != name);
            points.push((name, state.clone()));
        }
        Some((name, true)) => {
            if let Some((_, then)) = points.iter().rfind(|(own, _)| *own == name) {
                *state = then.clone();
            }
        }
        None if matches!(statement.said, Said::Commit | Said::Rollback) => points.clear(),
        None => {}
    }
}

impl Visit<'_> {
    /// Visits a statement. `call` is the statement that calls the function in whose body it stands.
    fn statement(
        &mut self,
        state: &mut State,
        statement: &Statement,
        position: usize,
        depth: usize,
        call: Option<&Statement>,
    ) {
        let effects = effect::of(statement, state);
        let step = self.judge(state, statement, &effects, position, depth, call);
        let bodies = state.bodies_called(statement);
        if depth < DEEPEST && !(statement.body.is_empty() && bodies.is_empty()) {
            let outside = state.enter_body();
            for inner in &statement.body {
                self.statement(state, inner, position, depth + 1, call);
            }
            for inner in &bodies {
                self.statement(state, inner, position, depth + 1, Some(call.unwrap_or(statement)));
            }
            state.leave_body(outside);
        }
        if let (Some(at), Said::Do { .. }) = (step, &statement.said) {
            self.gather(at, depth);
        }
        state.pass(statement, &effects);
    }

    /// A block is as hard to take back as the hardest of its statements.
    fn gather(&mut self, at: usize, depth: usize) {
        let middle = (at + 1).min(self.outcome.steps.len());
        let (before, after) = self.outcome.steps.split_at_mut(middle);
        let inner = after.iter().take_while(|step| step.depth > depth);
        let hardest = inner.map(|step| step.effects.reversibility).max();
        if let (Some(step), Some(hardest)) = (before.last_mut(), hardest) {
            step.effects.reversibility = step.effects.reversibility.max(hardest);
        }
    }

    fn judge(
        &mut self,
        state: &State,
        statement: &Statement,
        effects: &Effects,
        position: usize,
        depth: usize,
        call: Option<&Statement>,
    ) -> Option<usize> {
        if !self.subject.judged {
            return None;
        }
        let seen = Seen { statement, effects, before: state, script: self.script, position };
        let mut hits = Vec::new();
        let mut found = Vec::new();
        for rule in rules::of(state.dialect) {
            (rule.check)(&seen, &mut hits);
            // Nobody sees what is taken back at once.
            let undone = self.undone.get(position).copied().unwrap_or_default();
            let seen_by_others = |hit: &Hit| hit.severity.unwrap_or(rule.severity) != Severity::Breaks;
            for hit in hits.drain(..).filter(|hit| !undone || seen_by_others(hit)) {
                found.extend(self.keep(rule, hit, (state, effects), statement, call));
            }
        }
        if !self.steps {
            return None;
        }
        self.outcome.steps.push(Step {
            subject: self.number,
            statement: statement.clone(),
            effects: effects.clone(),
            depth,
            findings: found,
            touches_only_new: effects.locks.is_empty() && effects.opaque.is_none(),
        });
        Some(self.outcome.steps.len() - 1)
    }

    /// Makes a finding of a hit, unless it is not wanted.
    fn keep(
        &mut self,
        rule: &'static super::rule::Rule,
        hit: Hit,
        (state, effects): (&State, &Effects),
        statement: &Statement,
        call: Option<&Statement>,
    ) -> Option<usize> {
        let file = call.unwrap_or(statement).origin.file.as_str();
        let said = self.wanted.said(rule, file);
        if said == Some(None) {
            return None;
        }
        let mut finding = Finding {
            rule,
            severity: hit.severity.unwrap_or(rule.severity),
            message: hit.message,
            notes: hit.notes,
            instead: hit.instead,
            table: hit.table.as_ref().map(ToString::to_string),
            place: self.place(statement, hit.span, call),
            change: self.subject.change.clone(),
            accepted: None,
            relaxed: None,
        };
        if let Some(call) = call {
            let line = call.text.lines().next().unwrap_or_default();
            finding.notes.push(format!(
                "this happens in {}:{}, which \"{line}\" calls",
                statement.origin.file, statement.origin.line
            ));
        }
        match said.flatten() {
            Some(severity) => finding.severity = severity,
            None => relax::relax(&mut finding, hit.table.as_ref(), (statement, effects), state, self.wanted),
        }
        let allows = self.subject.directives.allow.iter().enumerate();
        for (at, allow) in allows.filter(|(_, allow)| settings::is_meant(rule, &allow.code)) {
            finding.accepted.get_or_insert_with(|| allow.reason.clone());
            if let Some(used) = self.used.get_mut(at) {
                *used = true;
            }
        }
        let repeats = |old: &Finding| {
            old.rule.code == rule.code && old.place == finding.place && old.message == finding.message
        };
        if self.outcome.findings.iter().rev().take(50).any(repeats) {
            return None;
        }
        self.outcome.findings.push(finding);
        Some(self.outcome.findings.len() - 1)
    }

    fn place(
        &self,
        statement: &Statement,
        span: crate::sql::statement::Span,
        call: Option<&Statement>,
    ) -> crate::error::Place {
        let (shown, span) = match call {
            Some(call) => (call, call.span),
            None => (statement, span),
        };
        let own = shown.origin.file == self.subject.file;
        place::of(shown, span, own.then_some(self.subject.source.as_str()))
    }
}
