//! What a rule is, and what it finds.
//!
//! Knows: statements, effects, the state before them. Must never know: one rule in particular, or how
//! findings are shown.

use super::effect::Effects;
use super::state::State;
use crate::error::Place;
use crate::sql::Dialect;
use crate::sql::statement::{Name, Span, Statement};

/// How grave a finding is, gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth a thought; nothing happens to a running application.
    Advice,
    /// Takes a strong lock, for a moment: harmful only behind a long query.
    Brief,
    /// Breaks the running application, or loses data.
    Breaks,
    /// Keeps others waiting while it reads, builds or rewrites.
    Blocks,
}

impl Severity {
    /// All of them, gravest first.
    pub const ALL: [Severity; 4] = [Severity::Blocks, Severity::Breaks, Severity::Brief, Severity::Advice];

    /// Its name in a sentence and in documents.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Severity::Blocks => "blocks or rewrites",
            Severity::Breaks => "breaks the application or loses data",
            Severity::Brief => "brief exclusive lock",
            Severity::Advice => "advice",
        }
    }

    /// Its name for machines and in configuration.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Severity::Blocks => "blocks",
            Severity::Breaks => "breaks",
            Severity::Brief => "brief",
            Severity::Advice => "advice",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.key() == key)
    }
}

/// An example, which is a test of its rule and stands on its page.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Changes that were deployed before; may be empty.
    pub given: &'static str,
    /// The script.
    pub sql: &'static str,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its stable code, as `PL01`.
    pub code: &'static str,
    /// Its stable name, as `create-index-not-concurrent`.
    pub name: &'static str,
    /// For which database.
    pub dialect: Dialect,
    /// How grave its findings usually are.
    pub severity: Severity,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// What happens in production, in a few sentences.
    pub reason: &'static str,
    /// The locks that are really taken, and on what; empty where there are none.
    pub lock: &'static str,
    /// What to write instead, in words and SQL.
    pub recipe: &'static str,
    /// What it finds; the first stands on its page.
    pub bad: &'static [Example],
    /// What it lets pass.
    pub good: &'static [Example],
    /// Looks at one statement.
    pub check: fn(&Seen<'_>, &mut Vec<Hit>),
}

/// A statement with everything around it that a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// What it does.
    pub effects: &'a Effects,
    /// What is known of the database and the session before it.
    pub before: &'a State,
    /// The script.
    pub script: &'a Script<'a>,
    /// Which of the script's statements it is.
    pub position: usize,
}

/// The script that is looked at.
#[derive(Debug)]
pub struct Script<'a> {
    /// The name of its change; none for a file that belongs to none.
    pub change: Option<&'a str>,
    /// All its statements.
    pub statements: &'a [Statement],
    /// What its directives say.
    pub directives: &'a crate::sql::directive::Directives,
    /// Whether all of it is run in one transaction.
    pub atomic: bool,
    /// Whether limits are set by the one who runs it, as `change deploy` does.
    pub limited: bool,
}

/// What a rule finds in one statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What happens, in a sentence without its full stop.
    pub message: String,
    /// The part of the statement.
    pub span: Span,
    /// Further sentences: the tables, the lock, what would settle it.
    pub notes: Vec<String>,
    /// What to write instead, when it can be said for this very statement.
    pub instead: Option<String>,
    /// The table concerned, whose size and traffic decide how grave it is.
    pub table: Option<Name>,
    /// How grave, if it is not the rule's own severity.
    pub severity: Option<Severity>,
}

impl Hit {
    /// A finding with a message at a place.
    pub fn new(span: Span, message: impl Into<String>) -> Hit {
        Hit { message: message.into(), span, notes: Vec::new(), instead: None, table: None, severity: None }
    }

    /// Adds a sentence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Hit {
        self.notes.push(note.into());
        self
    }

    /// Says what to write instead of this very statement.
    #[must_use]
    pub fn instead(mut self, sql: impl Into<String>) -> Hit {
        self.instead = Some(sql.into());
        self
    }

    /// Names the table whose size and traffic decide how grave it is.
    #[must_use]
    pub fn on(mut self, table: &Name) -> Hit {
        self.table = Some(table.clone());
        self
    }

    /// Says how grave it is, if it is not the rule's own severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Hit {
        self.severity = Some(severity);
        self
    }
}

/// A finding, complete.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How grave it is here.
    pub severity: Severity,
    /// What happens, in a sentence without its full stop.
    pub message: String,
    /// Further sentences.
    pub notes: Vec<String>,
    /// What to write instead.
    pub instead: Option<String>,
    /// The table concerned.
    pub table: Option<String>,
    /// Where.
    pub place: Place,
    /// The name of the change.
    pub change: Option<String>,
    /// The reason with which it is accepted; such a finding is not counted.
    pub accepted: Option<String>,
    /// Why it is less grave than the rule says.
    pub relaxed: Option<String>,
}
