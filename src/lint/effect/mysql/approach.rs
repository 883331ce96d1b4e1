//! How the server goes about an `ALTER TABLE`: the cheapest way in which it can do all of it at once.
//!
//! Knows: what each part needs, and what the statement asks for. Must never know: rules.
//!
//! The ways are those that the servers take by themselves. Measured on MariaDB 10.11 by asking for each
//! `ALGORITHM` and `LOCK` in turn; for MySQL from its manual.

use super::parts;
use super::server::Server;
use crate::lint::effect::{Cause, Mode, Work};
use crate::lint::state::State;
use crate::sql::statement::{Action, Clauses, Name, Said, Span, Statement};

/// How a part of an `ALTER TABLE` can be done, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::lint) enum Way {
    /// Only the catalogue changes (`ALGORITHM=INSTANT`).
    AtOnce,
    /// Only the catalogue changes, but the server does not call it instant.
    InPlace,
    /// An index is built, while rows are written.
    Index,
    /// The table is built anew, while rows are written.
    Rebuild,
    /// An index or the table is built; writes wait (`LOCK=SHARED`).
    Shared,
    /// The rows are copied into a new table; writes wait.
    Copy,
}

/// What a part does, as far as its cost depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub(in crate::lint) enum Why {
    AddColumn,
    AddVirtual,
    AutoIncrement,
    StoredGenerated,
    ExpressionDefault,
    DropColumn,
    Rename,
    Default,
    Placed,
    UnknownType,
    TypeChange,
    Narrowing,
    VarcharBorder,
    Enum,
    Charset,
    NotNull,
    Nullable,
    Check,
    ForeignKey,
    Index,
    Unique,
    SpecialIndex,
    DropIndex,
    AddPrimaryKey,
    DropPrimaryKey,
    Engine,
    Rebuild,
    Versioning,
    Partition,
    Option,
    Requested,
}

impl Why {
    /// The cause of the work in the words of all dialects.
    fn cause(self) -> Cause {
        match self {
            Why::AutoIncrement => Cause::Identity,
            Why::StoredGenerated => Cause::StoredGenerated,
            Why::ExpressionDefault => Cause::VolatileDefault,
            Why::UnknownType | Why::TypeChange | Why::VarcharBorder | Why::Enum => Cause::TypeChange,
            Why::Narrowing => Cause::TypeNarrowing,
            Why::Charset => Cause::Collation,
            Why::NotNull | Why::Nullable => Cause::NotNull,
            Why::Check => Cause::Check,
            Why::ForeignKey => Cause::ForeignKey,
            Why::Index | Why::SpecialIndex | Why::DropIndex => Cause::CreateIndex,
            Why::Unique => Cause::Unique,
            Why::AddPrimaryKey | Why::DropPrimaryKey => Cause::PrimaryKey,
            _ => Cause::Rebuild,
        }
    }
}

/// One thing that an `ALTER TABLE` has to do.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::lint) struct Part {
    /// What.
    pub(in crate::lint) why: Why,
    /// The cheapest way, as far as is known.
    pub(in crate::lint) way: Way,
    /// The column, index or option concerned.
    pub(in crate::lint) subject: String,
    /// What would settle whether there is a cheaper one.
    pub(in crate::lint) unless: Option<String>,
    /// Where it is asked for.
    pub(in crate::lint) span: Span,
}

impl Part {
    /// What is done with the rows.
    pub(super) fn work(&self) -> Option<Work> {
        let index = matches!(self.why, Why::Index | Why::Unique | Why::SpecialIndex);
        match self.way {
            Way::AtOnce | Way::InPlace => None,
            Way::Index => Some(Work::Index),
            _ if index => Some(Work::Index),
            _ => Some(Work::Rewrite),
        }
    }

    /// Why there is work.
    pub(super) fn cause(&self) -> Cause {
        self.why.cause()
    }
}

/// How the server goes about an `ALTER TABLE` of a table that was there before.
#[derive(Debug, Clone)]
pub(in crate::lint) struct Approach<'a> {
    /// The table.
    pub(in crate::lint) table: &'a Name,
    /// What is to be done.
    pub(in crate::lint) parts: Vec<Part>,
    /// The way in which all of it is done.
    pub(in crate::lint) way: Way,
    /// The lock that is held while it is done.
    pub(in crate::lint) under: Mode,
    /// Why the server refuses: it was asked for a cheaper way than there is.
    pub(in crate::lint) refused: Option<String>,
    /// What the statement asks for.
    pub(in crate::lint) clauses: Clauses,
}

impl Approach<'_> {
    /// The parts that keep writes waiting, for one of these reasons.
    pub(in crate::lint) fn blocking(&self, reasons: &[Why]) -> Vec<&Part> {
        if self.refused.is_some() || !self.under.stops_writes() {
            return Vec::new();
        }
        let fits = |part: &&Part| part.way >= Way::Shared && reasons.contains(&part.why);
        self.parts.iter().filter(fits).collect()
    }

    /// Whether a part of this sort is in it.
    pub(in crate::lint) fn has(&self, why: Why) -> bool {
        self.parts.iter().any(|part| part.why == why)
    }
}

/// How the server goes about a statement, if it alters a table that was there before.
pub(in crate::lint) fn approach<'a>(statement: &'a Statement, state: &State) -> Option<Approach<'a>> {
    let server = Server::of(state);
    let made;
    let (table, actions, clauses) = match &statement.said {
        Said::AlterTable { table, actions, clauses, .. } => (table, actions, clauses),
        Said::CreateIndex { name, table, keys, unique, special, clauses, .. } => {
            let name = name.as_ref().map(|name| name.name.clone());
            let action = Action::AddIndex { name, keys: keys.clone(), unique: *unique, special: *special };
            made = vec![(action, statement.span)];
            (table, &made, clauses)
        }
        _ => return None,
    };
    if !super::is_old(state, table) {
        return None;
    }
    let mut parts = parts::of(table, actions, state, server);
    let asked = asked(clauses, state);
    if asked.algorithm.as_deref() == Some("COPY") {
        let span = statement.span;
        let subject = table.to_string();
        parts.push(Part { why: Why::Requested, way: Way::Copy, subject, unless: None, span });
    }
    let way = parts.iter().map(|part| part.way).max().unwrap_or(Way::AtOnce);
    let refused = refusal(&parts, way, &asked, server);
    let under = under(&parts, way, &asked, server);
    Some(Approach { table, parts, way, under, refused, clauses: asked })
}

/// What is asked for, by the statement or by its session.
fn asked(clauses: &Clauses, state: &State) -> Clauses {
    let mut asked = clauses.clone();
    if asked.algorithm.is_none() {
        let usual = state.settings.get("alter_algorithm").map(|value| value.to_ascii_uppercase());
        asked.algorithm = usual.filter(|value| value != "DEFAULT");
    }
    asked
}

/// Whether a copy lets others write: MariaDB's does from 11.2 on, where it can.
fn copies_online(parts: &[Part], server: Server) -> bool {
    let cannot = [Why::AutoIncrement, Why::DropPrimaryKey, Why::Versioning, Why::Partition, Why::Engine];
    server.is_mariadb_since((11, 2)) && !parts.iter().any(|part| cannot.contains(&part.why))
}

/// The strongest lock that is held while the work is done.
fn under(parts: &[Part], way: Way, asked: &Clauses, server: Server) -> Mode {
    let least = match way {
        Way::AtOnce | Way::InPlace => Mode::AccessShare,
        Way::Index | Way::Rebuild => Mode::ShareUpdateExclusive,
        Way::Copy if copies_online(parts, server) => Mode::ShareUpdateExclusive,
        // Measured: while the rows of a table are looked at that becomes a partition, nobody can read.
        Way::Shared if parts.iter().any(|part| part.why == Why::Partition) => Mode::AccessExclusive,
        Way::Shared | Way::Copy => Mode::Share,
    };
    match asked.lock.as_deref() {
        Some("SHARED") => least.max(Mode::Share),
        Some("EXCLUSIVE") => Mode::AccessExclusive,
        _ => least,
    }
}

/// Why the server would rather refuse than do it.
fn refusal(parts: &[Part], way: Way, asked: &Clauses, server: Server) -> Option<String> {
    let algorithm = asked.algorithm.as_deref().unwrap_or_default();
    let most = match algorithm {
        "INSTANT" => Way::AtOnce,
        "NOCOPY" => Way::Index,
        "INPLACE" => Way::Shared,
        _ => Way::Copy,
    };
    let builds_index = |part: &Part| part.why == Why::SpecialIndex && algorithm == "NOCOPY";
    if let Some(part) = parts.iter().find(|part| part.way > most && !builds_index(part)) {
        let needs = match part.way {
            Way::Copy => "a copy of the table",
            Way::Shared | Way::Rebuild => "to build the table anew",
            Way::Index => "to build an index",
            _ => "ALGORITHM=INPLACE",
        };
        return Some(format!("ALGORITHM={algorithm} is asked for, and this needs {needs}"));
    }
    let waits = way >= Way::Shared && !(way == Way::Copy && copies_online(parts, server));
    let part = parts.iter().find(|part| waits && part.way == way)?;
    let none = asked.lock.as_deref() == Some("NONE");
    none.then(|| {
        let needs = if part.way == Way::Copy { "a copy of the table" } else { "writes to wait" };
        format!("LOCK=NONE is asked for, and this needs {needs}")
    })
}

/// Whether values of a column that is declared anew may not fit into it any more.
pub(super) fn narrows(
    state: &State,
    table: &Name,
    old: &str,
    column: &crate::sql::statement::Column,
) -> bool {
    let action = Action::Modify { old: old.to_owned(), column: column.clone() };
    let parts = parts::of(table, &[(action, Span::default())], state, Server::of(state));
    parts.iter().any(|part| part.why == Why::Narrowing)
}
