//! A script that is not one transaction, cut into the units that take effect one by one.

use crate::sql::Dialect;
use crate::sql::lex::{Statement, statements};
use crate::sql::sqlite::cut::{Item, ItemKind, Script};
use crate::sql::sqlite::dot::Effect;
use crate::sql::sqlite::shape::{self, Control, control};
use sha2::{Digest, Sha256};

/// What a unit is to the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Concerns only the session: run again when a later run goes on.
    Session,
    /// One statement that is committed together with its progress.
    Plain,
    /// A transaction of the script's own, committed together with its progress.
    Block,
    /// A whole script that is one transaction, its own or one put around it.
    Whole,
    /// Cannot be in a transaction, and does no harm when it is run twice.
    Repeatable,
    /// Cannot be in a transaction, and nobody can tell whether it took effect.
    Outside,
}

/// A unit: some items of the script that take effect together.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    pub(super) items: Vec<Item>,
    pub(super) line: usize,
    /// The file it stands in, as an index into the script's files.
    pub(super) file: usize,
    pub(super) text: String,
    /// Whether a part of it reaches outside of the database, where no rollback does.
    pub(super) outside: bool,
}

impl Unit {
    /// Tells whether this unit is what it was when an earlier run did it.
    pub(super) fn digest(&self) -> String {
        let digest = Sha256::digest(self.text.as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a later run that goes on after it needs it again: settings of the session, and
    /// pragmas, of which some wait in the session for a later VACUUM.
    pub(super) fn is_setting(&self) -> bool {
        self.kind == Kind::Session || self.kind == Kind::Repeatable && begins(&self.text, "PRAGMA")
    }

    /// Whether it changes anything that outlives the session.
    pub(super) fn takes_effect(&self) -> bool {
        self.kind != Kind::Session
    }
}

/// A script that is one transaction, as the only unit there is.
pub(super) fn whole(script: &Script) -> Vec<Unit> {
    let mut text = String::new();
    for item in &script.items {
        match &item.kind {
            ItemKind::Sql(sql) => text.push_str(sql),
            ItemKind::Dot(dot) => text.push_str(&dot.raw),
        }
        text.push('\n');
    }
    let line = script.items.first().map_or(1, |item| item.line);
    vec![Unit { kind: Kind::Whole, items: script.items.clone(), line, file: 0, text, outside: false }]
}

/// Cuts a script into units.
pub(super) fn cut(script: &Script) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut block: Option<Unit> = None;
    // Outside a transaction a savepoint begins one, which ends with its release.
    let mut savepoint: Option<String> = None;
    for item in &script.items {
        match &item.kind {
            ItemKind::Dot(dot) => {
                let kind = match dot.effect() {
                    Effect::OutputOnly | Effect::Session => Kind::Session,
                    Effect::Database if dot.name == "import" => Kind::Plain,
                    Effect::Database | Effect::Outside => Kind::Outside,
                };
                add(&mut units, &mut block, kind, item.clone(), &dot.raw);
            }
            ItemKind::Sql(text) => {
                for statement in statements(text, Dialect::Sqlite) {
                    let before = text.get(..statement.start).unwrap_or_default();
                    let piece = Item {
                        file: item.file,
                        line: item.line + before.matches('\n').count(),
                        kind: ItemKind::Sql(format!("{};", statement.text)),
                    };
                    let control = control(&statement);
                    let ends = matches!(control, Control::Commit | Control::Rollback);
                    if matches!(control, Control::Begin | Control::BeginExclusive) && block.is_none() {
                        block = Some(unit(Kind::Block, piece, statement.text));
                        continue;
                    }
                    if let Some(name) = shape::savepoint(&statement).filter(|_| block.is_none()) {
                        block = Some(unit(Kind::Plain, piece, statement.text));
                        savepoint = Some(name);
                        continue;
                    }
                    let ends = ends || savepoint.is_some() && shape::released(&statement) == savepoint;
                    add(&mut units, &mut block, kind_of(control, &statement), piece, statement.text);
                    if ends {
                        units.extend(block.take());
                        savepoint = None;
                    }
                }
            }
        }
    }
    units.extend(block);
    units
}

fn kind_of(control: Control, statement: &Statement<'_>) -> Kind {
    let text = statement.text;
    match control {
        Control::Session | Control::Harmless => Kind::Session,
        // Attached databases belong to the session, and what is done in them to their own statements.
        Control::Alone if begins(text, "ATTACH") || begins(text, "DETACH") => Kind::Session,
        // VACUUM INTO refuses a file that is there.
        Control::Alone if statement.tokens.iter().any(|token| token.is("INTO")) => Kind::Outside,
        Control::Alone => Kind::Repeatable,
        _ => Kind::Plain,
    }
}

fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn unit(kind: Kind, item: Item, text: &str) -> Unit {
    let outside = kind == Kind::Outside;
    Unit { kind, line: item.line, file: item.file, items: vec![item], text: text.to_owned(), outside }
}

fn add(units: &mut Vec<Unit>, block: &mut Option<Unit>, kind: Kind, item: Item, text: &str) {
    match block {
        Some(block) => {
            block.items.push(item);
            block.text.push('\n');
            block.text.push_str(text);
            block.outside |= kind == Kind::Outside;
        }
        None => units.push(unit(kind, item, text)),
    }
}
