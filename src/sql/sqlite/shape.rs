//! What kind of script it is: one transaction, or steps that each stand for themselves.

use super::cut::{ItemKind, Script};
use super::dot::Effect;
use crate::sql::Dialect;
use crate::sql::lex::{Statement, TokenKind, statements, tokens};

/// What a statement is to the transaction around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// `BEGIN [DEFERRED|IMMEDIATE]`
    Begin,
    /// `BEGIN EXCLUSIVE`
    BeginExclusive,
    /// `COMMIT` or `END`
    Commit,
    /// `ROLLBACK`, not to a savepoint
    Rollback,
    /// A pragma that sets something for this session only, and outside a transaction only.
    Session,
    /// Reads, or sets something for this session wherever it stands.
    Harmless,
    /// Refuses a transaction, or is silently ignored in one.
    Alone,
    /// Anything else: runs in a transaction and outside.
    Plain,
}

/// Settings of the session that a transaction would ignore.
const OUTSIDE_ONLY: [&str; 2] = ["foreign_keys", "temp_store"];
/// Settings of the session that can be made anywhere.
const ANYWHERE: &[&str] = &[
    "analysis_limit",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "cache_spill",
    "case_sensitive_like",
    "cell_size_check",
    "checkpoint_fullfsync",
    "count_changes",
    "defer_foreign_keys",
    "full_column_names",
    "fullfsync",
    "ignore_check_constraints",
    "journal_size_limit",
    "legacy_alter_table",
    "mmap_size",
    "query_only",
    "read_uncommitted",
    "recursive_triggers",
    "reverse_unordered_selects",
    "short_column_names",
    "soft_heap_limit",
    "threads",
    "trusted_schema",
    "writable_schema",
];
/// Pragmas that only report, whatever stands in parentheses.
const REPORTS: &[&str] = &[
    "collation_list",
    "compile_options",
    "database_list",
    "foreign_key_check",
    "foreign_key_list",
    "freelist_count",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "page_count",
    "pragma_list",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    "data_version",
];
/// Pragmas whose value is part of the database and follows its transaction.
const STORED: [&str; 3] = ["user_version", "application_id", "schema_version"];

/// Judges one statement.
#[must_use]
pub fn control(statement: &Statement<'_>) -> Control {
    let Some(first) = statement.token(0) else { return Control::Harmless };
    let has = |word: &str| statement.tokens.iter().any(|token| token.is(word));
    match first.text.to_ascii_uppercase().as_str() {
        "BEGIN" if has("EXCLUSIVE") => Control::BeginExclusive,
        "BEGIN" => Control::Begin,
        "COMMIT" | "END" => Control::Commit,
        "ROLLBACK" if !has("TO") => Control::Rollback,
        "VACUUM" | "ATTACH" | "DETACH" => Control::Alone,
        "PRAGMA" => pragma(statement),
        "SELECT" | "VALUES" | "EXPLAIN" => Control::Harmless,
        _ => Control::Plain,
    }
}

/// Whether a pragma of this name only reports, whatever stands behind it.
#[must_use]
pub fn only_reports(name: &str) -> bool {
    REPORTS.contains(&name)
}

/// Judges the text of one statement.
#[must_use]
pub fn control_of(text: &str) -> Control {
    statements(text, Dialect::Sqlite).first().map_or(Control::Harmless, control)
}

fn pragma(statement: &Statement<'_>) -> Control {
    // PRAGMA [schema .] name [= value | (value)]
    let dotted = statement.token(2).is_some_and(|token| token.text == ".");
    let at = if dotted { 3 } else { 1 };
    let name = statement.token(at).map(|token| token.text.to_ascii_lowercase()).unwrap_or_default();
    let sets = statement.token(at + 1).is_some();
    let known = |list: &[&str]| list.contains(&name.as_str());
    if known(REPORTS) {
        Control::Harmless
    } else if known(&STORED) {
        if sets { Control::Plain } else { Control::Harmless }
    } else if known(&OUTSIDE_ONLY) {
        if sets { Control::Session } else { Control::Harmless }
    } else if known(ANYWHERE)
        || (!sets && name != "wal_checkpoint" && name != "incremental_vacuum" && name != "optimize")
    {
        Control::Harmless
    } else {
        Control::Alone
    }
}

/// How a script can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Everything in one transaction, its own or one put around it.
    Atomic {
        /// Whether the script's own `BEGIN` asks for an exclusive lock.
        exclusive: bool,
    },
    /// Step by step, for this reason.
    Stepwise(String),
}

/// What a script's words tell about running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysis {
    /// How it can be run.
    pub shape: Shape,
    /// Whether its last transaction is left open, so that its work would be lost.
    pub left_open: bool,
    /// Whether its own transaction ends in a rollback.
    pub rolls_back: bool,
    /// Whether it must not see what an earlier script did to the session.
    pub needs_fresh: bool,
    /// Whether it leaves something behind in the session.
    pub taints: bool,
    /// Whether it could notice an attached registry.
    pub sees_attached: bool,
    /// Whether it makes temporary objects.
    pub temporary: bool,
    /// Whether it makes settings that a transaction would ignore.
    pub session_settings: bool,
    /// Whether it makes other settings that last as long as the session.
    pub settings: bool,
    /// Whether it reads after it rolled its own work back.
    pub reads_rolled_back: bool,
    /// Whether it does nothing but read, so that there is nothing to take back.
    pub only_reads: bool,
}

/// Words that leave something in the session: settings, other databases, temporary objects.
const TAINTING: [&str; 7] =
    ["pragma", "attach", "detach", "temp", "temporary", "load_extension", "writefile"];
/// Commands that print what they are given, or set how things are printed.
const SHOWS_NOTHING: [&str; 12] = [
    "print",
    "echo",
    "headers",
    "mode",
    "nullvalue",
    "separator",
    "width",
    "bail",
    "timer",
    "prompt",
    "output",
    "once",
];
/// Words that see what earlier statements of the session left.
const CURIOUS: [&str; 3] = ["last_insert_rowid", "changes", "total_changes"];
/// The names in a registry file; without a table of its own of that name a script would reach it.
const REGISTRY_NAMES: [&str; 9] = [
    "releases",
    "projects",
    "changes",
    "tags",
    "dependencies",
    "events",
    "change_runs",
    "change_steps",
    "change_commits",
];

/// Judges a whole script.
#[must_use]
pub fn analyse(script: &Script, in_transaction: Option<bool>) -> Analysis {
    let mut analysis = Analysis {
        shape: Shape::Atomic { exclusive: false },
        left_open: false,
        rolls_back: false,
        needs_fresh: false,
        taints: script.late_reads,
        sees_attached: script.late_reads,
        temporary: script.late_reads,
        session_settings: false,
        settings: false,
        reads_rolled_back: false,
        only_reads: !script.late_reads,
    };
    let mut course = Course::default();
    for item in &script.items {
        match &item.kind {
            ItemKind::Dot(dot) => {
                let effect = dot.effect();
                analysis.taints |= effect != Effect::OutputOnly;
                analysis.sees_attached |= !SHOWS_NOTHING.contains(&dot.name);
                analysis.only_reads &= !matches!(effect, Effect::Database | Effect::Outside);
                analysis.settings |= effect == Effect::Session;
                // Which file later statements work on is lost with the session, like temporary objects.
                analysis.temporary |= dot.name == "open";
                course.dot(dot.name, effect);
            }
            ItemKind::Sql(text) => {
                words(text, &mut analysis);
                for statement in statements(text, Dialect::Sqlite) {
                    let control = control(&statement);
                    analysis.session_settings |= control == Control::Session;
                    analysis.settings |= sets_for_session(&statement);
                    analysis.only_reads &= !matches!(control, Control::Plain | Control::Alone);
                    course.statement(control, &statement);
                }
            }
        }
    }
    course.open |= !course.savepoints.is_empty();
    analysis.reads_rolled_back = course.reads_rolled_back;
    analysis.left_open = course.open;
    analysis.rolls_back = course.rolled_back;
    if script.late_reads {
        course.refuse("it reads a file that is made while it runs");
    }
    if in_transaction == Some(false) {
        course.refuse("its directive says transaction=off");
    }
    if course.open {
        course.refuse("its transaction is left open at the end");
    }
    analysis.shape = match course.refusal {
        Some(reason) => Shape::Stepwise(reason),
        None => Shape::Atomic { exclusive: course.exclusive },
    };
    analysis
}

fn words(text: &str, analysis: &mut Analysis) {
    for token in tokens(text, Dialect::Sqlite) {
        // SQLite takes a text in single quotes for a name where only a name fits.
        if !matches!(token.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Text) {
            continue;
        }
        let word = token.text.trim_matches(['"', '`', '[', ']', '\'']).to_ascii_lowercase();
        let among = |list: &[&str]| list.contains(&word.as_str());
        analysis.taints |= among(&TAINTING);
        analysis.needs_fresh |= among(&CURIOUS);
        analysis.temporary |= word == "temp" || word == "temporary";
        analysis.sees_attached |= among(&TAINTING)
            || among(&REGISTRY_NAMES)
            || among(&["analyze", "reindex"])
            || word.starts_with("pragma_");
    }
}

/// The course of transactions through a script.
#[derive(Default)]
struct Course {
    /// Something other than session settings was run.
    started: bool,
    /// Inside the script's own transaction.
    open: bool,
    /// The script's own transaction is over.
    over: bool,
    rolled_back: bool,
    exclusive: bool,
    /// The savepoints that are open, outermost first.
    savepoints: Vec<String>,
    reads_rolled_back: bool,
    refusal: Option<String>,
}

impl Course {
    fn refuse(&mut self, reason: &str) {
        self.refusal.get_or_insert_with(|| reason.to_owned());
    }

    fn dot(&mut self, name: &str, effect: Effect) {
        match effect {
            Effect::OutputOnly | Effect::Session => {}
            Effect::Database if name == "import" && !self.over => self.started = true,
            Effect::Database => self.refuse(&format!("it uses .{name}")),
            Effect::Outside => self.refuse(&format!("it uses .{name}, which reaches outside the database")),
        }
    }

    fn statement(&mut self, control: Control, statement: &Statement<'_>) {
        if let Some(name) = savepoint(statement) {
            self.savepoints.push(name);
        } else if let Some(name) = released(statement) {
            let at = self.savepoints.iter().rposition(|open| *open == name);
            self.savepoints.truncate(at.unwrap_or(self.savepoints.len()));
        }
        self.reads_rolled_back |= self.rolled_back && self.over && control == Control::Harmless;
        match control {
            Control::Begin | Control::BeginExclusive => {
                if self.started || self.over {
                    self.refuse("it holds more than one transaction");
                }
                self.started = true;
                self.open = true;
                self.exclusive = control == Control::BeginExclusive;
            }
            Control::Commit | Control::Rollback => {
                if !self.open {
                    self.refuse("it ends a transaction that it did not begin");
                }
                self.savepoints.clear();
                self.rolled_back |= control == Control::Rollback;
                self.open = false;
                self.over = true;
            }
            Control::Session if self.started && !self.over => {
                self.refuse(&format!("\"{}\" would be ignored in a transaction", first_line(statement.text)));
            }
            Control::Session | Control::Harmless => {}
            Control::Alone => {
                self.refuse(&format!("\"{}\" cannot be run in a transaction", first_line(statement.text)))
            }
            Control::Plain if self.over => self.refuse("statements follow its transaction"),
            Control::Plain => self.started = true,
        }
    }
}

/// The name after `SAVEPOINT`.
#[must_use]
pub fn savepoint(statement: &Statement<'_>) -> Option<String> {
    statement.begins(&["SAVEPOINT"]).then(|| name_at(statement, 1)).flatten()
}

/// The name after `RELEASE [SAVEPOINT]`.
#[must_use]
pub fn released(statement: &Statement<'_>) -> Option<String> {
    let at = if statement.begins(&["RELEASE", "SAVEPOINT"]) { 2 } else { 1 };
    statement.begins(&["RELEASE"]).then(|| name_at(statement, at)).flatten()
}

fn name_at(statement: &Statement<'_>, at: usize) -> Option<String> {
    let token = statement.token(at)?;
    Some(token.text.trim_matches(['"', '`', '[', ']', '\'']).to_ascii_lowercase())
}

/// Whether a pragma changes how later statements of the session work, wherever it stands.
fn sets_for_session(statement: &Statement<'_>) -> bool {
    let has = |name: &&&str| statement.tokens.iter().any(|token| token.is(name));
    statement.begins(&["PRAGMA"])
        && ANYWHERE.iter().find(has).is_some()
        && statement.tokens.iter().any(|token| matches!(token.text, "=" | "("))
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(60).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}
