//! What the actions of an `ALTER TABLE` need.
//!
//! Knows: actions, and the table as it is. Must never know: the statement around them.

use super::approach::{Part, Way, Why};
use super::modify;
use super::server::Server;
use crate::lint::state::State;
use crate::schema::Relation;
use crate::sql::statement::{Action, Column, Constraint, ConstraintKind, Expr, Key, Name, Span};

/// What is known of the table and its server.
pub(super) struct Known<'a> {
    pub(super) server: Server,
    pub(super) relation: Option<&'a Relation>,
    /// Whether the same statement names a collation for the table.
    collates: bool,
    state: &'a State,
}

impl Known<'_> {
    /// Whether a setting of the session is off.
    fn is_off(&self, setting: &str) -> bool {
        let value = self.state.settings.get(setting).map(|value| value.to_ascii_lowercase());
        matches!(value.as_deref(), Some("0" | "off" | "false"))
    }

    /// Whether the session lets values through that do not fit, if that is known.
    pub(super) fn is_lax(&self) -> bool {
        self.state.settings.get("sql_mode").is_some_and(|mode| {
            let mode = mode.to_ascii_uppercase();
            !mode.contains("STRICT") && !mode.contains("TRADITIONAL") && !mode.contains('@')
        })
    }

    /// Whether `REFERENCES` behind a column makes a foreign key, as far as is known: MariaDB heeds it from
    /// 10.5 on, MySQL from 9.0 on.
    pub(super) fn heeds_references(&self) -> bool {
        heeds_references(self.server)
    }
}

/// Whether `REFERENCES` behind a column surely makes a foreign key.
pub(in crate::lint) fn heeds_references(server: Server) -> bool {
    server.is_mariadb_since((10, 5)) || server.is_mysql_since((9, 0))
}

/// Collects parts for one action.
pub(super) struct Parts {
    span: Span,
    all: Vec<Part>,
}

impl Parts {
    pub(super) fn add(&mut self, why: Why, way: Way, subject: &str) {
        self.add_unless(why, way, subject, None);
    }

    pub(super) fn add_unless(&mut self, why: Why, way: Way, subject: &str, unless: Option<String>) {
        self.all.push(Part { why, way, subject: subject.to_owned(), unless, span: self.span });
    }
}

/// What the actions need, each for itself and all together.
pub(super) fn of(table: &Name, actions: &[(Action, Span)], state: &State, server: Server) -> Vec<Part> {
    let collates = actions
        .iter()
        .any(|(action, _)| matches!(action, Action::TableOption { name, .. } if name == "collate"));
    let known = Known { server, relation: state.relation(table), collates, state };
    let mut parts = Parts { span: Span::default(), all: Vec::new() };
    for (action, span) in actions {
        parts.span = *span;
        one(action, &known, &mut parts);
    }
    let mut all = parts.all;
    together(&mut all, actions, &known);
    all
}

/// What costs more, or less, when it is done together.
fn together(all: &mut [Part], actions: &[(Action, Span)], known: &Known<'_>) {
    let has = |all: &[Part], why: Why| all.iter().any(|part| part.why == why);
    // One primary key in the place of another is built anew; none at all is a copy.
    if has(all, Why::AddPrimaryKey) {
        all.iter_mut()
            .filter(|part| part.why == Why::DropPrimaryKey)
            .for_each(|part| part.way = Way::Rebuild);
    }
    // With an index to build, nothing is instant any more.
    let builds = all.iter().any(|part| matches!(part.why, Why::Index | Why::Unique | Why::SpecialIndex));
    for part in all.iter_mut().filter(|part| builds && part.way == Way::AtOnce) {
        match part.why {
            Why::AddColumn | Why::DropColumn => part.way = Way::Rebuild,
            Why::AddVirtual if is_key(&part.subject, actions) => part.way = Way::Shared,
            _ => {}
        }
    }
    // A virtual column is added alone or not in place.
    let stored = [Why::AddColumn, Why::DropColumn, Why::Placed].into_iter().any(|why| has(all, why));
    if stored {
        all.iter_mut().filter(|part| part.why == Why::AddVirtual).for_each(|part| part.way = Way::Copy);
    }
    let Some(relation) = known.relation else { return };
    // Measured on MariaDB: with a stored generated column, what builds the table anew copies it.
    let generated = relation.columns.iter().any(|column| column.generated == Some(true));
    if generated && known.server.may_be_mariadb() {
        for part in all.iter_mut().filter(|part| part.way == Way::Rebuild) {
            part.way = Way::Copy;
            part.unless = part.unless.take().or_else(|| known.server.unsettled());
        }
    }
    if relation.storage.as_ref().is_some_and(|engine| !engine.eq_ignore_ascii_case("innodb")) {
        let by_catalogue = [Why::Default, Why::Rename, Why::Option];
        for part in all.iter_mut().filter(|part| !by_catalogue.contains(&part.why)) {
            part.way = Way::Copy;
            part.unless = None;
        }
    }
}

/// Whether one of the actions makes an index with this column.
fn is_key(column: &str, actions: &[(Action, Span)]) -> bool {
    let of = |key: &Key| matches!(key, Key::Column(name) if name.eq_ignore_ascii_case(column));
    actions.iter().any(|(action, _)| matches!(action, Action::AddIndex { keys, .. } if keys.iter().any(of)))
}

fn one(action: &Action, known: &Known<'_>, parts: &mut Parts) {
    let server = known.server;
    // What MariaDB calls instant and MySQL in place.
    let by_catalogue = if server.may_be_mysql() { Way::InPlace } else { Way::AtOnce };
    match action {
        Action::AddColumn { column, .. } => add_column(column, known, parts),
        Action::DropColumn { name, .. } => {
            let old = server.is_mysql_before((8, 0)) || server.is_mariadb_before((10, 4));
            parts.add(Why::DropColumn, if old { Way::Rebuild } else { Way::AtOnce }, name);
        }
        Action::Modify { old, column } => modify::modified(old, column, known, parts),
        Action::SetDefault { column, .. } | Action::DropDefault { column } => {
            parts.add(Why::Default, Way::AtOnce, column);
        }
        Action::ColumnOptions { column } => parts.add(Why::Default, Way::AtOnce, column),
        Action::RenameColumn { name, .. } | Action::RenameTo { to: name } => {
            parts.add(Why::Rename, Way::AtOnce, name);
        }
        Action::AddConstraint(constraint) => add_constraint(constraint, None, known, parts),
        Action::AddIndex { name, keys, unique, special } => {
            let subject = name.clone().unwrap_or_else(|| described(keys));
            match special {
                Some(_) => parts.add(Why::SpecialIndex, Way::Shared, &subject),
                None if *unique => parts.add(Why::Unique, Way::Index, &subject),
                None => parts.add(Why::Index, Way::Index, &subject),
            }
        }
        Action::DropIndex { name } => parts.add(Why::DropIndex, Way::InPlace, name),
        Action::RenameIndex { name, .. } | Action::IndexVisibility { name, .. } => {
            parts.add(Why::Rename, by_catalogue, name);
        }
        Action::DropPrimaryKey => parts.add(Why::DropPrimaryKey, Way::Copy, "PRIMARY"),
        Action::DropForeignKey { name } | Action::DropConstraint { name, .. } => {
            parts.add(Why::Option, by_catalogue, name);
        }
        Action::AlterConstraint { name } => parts.add(Why::Option, by_catalogue, name),
        Action::ValidateConstraint { name } => parts.add(Why::Check, Way::Copy, name),
        action => of_table(action, known, parts, by_catalogue),
    }
}

/// Actions on the table as a whole.
fn of_table(action: &Action, known: &Known<'_>, parts: &mut Parts, by_catalogue: Way) {
    match action {
        Action::ConvertCharset { to } => modify::converted(to, known.collates, known, parts),
        Action::Rebuild => parts.add(Why::Rebuild, Way::Rebuild, "FORCE"),
        Action::Partitions { command } => partitions(command, parts),
        Action::TableOption { name, value } => match name.as_str() {
            "engine" => {
                let storage = known.relation.and_then(|relation| relation.storage.as_deref());
                let same = storage.unwrap_or("innodb").eq_ignore_ascii_case(value);
                let (why, way) = if same { (Why::Rebuild, Way::Rebuild) } else { (Why::Engine, Way::Copy) };
                parts.add(why, way, value);
            }
            "row_format" | "key_block_size" | "tablespace" | "page_compressed" => {
                parts.add(Why::Rebuild, Way::Rebuild, name);
            }
            "encryption" | "encrypted" | "order by" => parts.add(Why::Rebuild, Way::Copy, name),
            "system versioning" => {
                parts.add(Why::Versioning, if value == "no" { Way::Shared } else { Way::Copy }, name);
            }
            _ => parts.add(Why::Option, by_catalogue, name),
        },
        _ => {}
    }
}

/// `ADD COLUMN`
fn add_column(column: &Column, known: &Known<'_>, parts: &mut Parts) {
    let server = known.server;
    let name = column.name.as_str();
    let old = server.is_mysql_before((8, 0)) || server.is_mariadb_before((10, 3));
    let generated = column.find(|kind| match kind {
        ConstraintKind::Generated { stored, .. } => Some(*stored),
        _ => None,
    });
    let counts = column.find(|kind| matches!(kind, ConstraintKind::Identity { .. }).then_some(()));
    if generated == Some(true) {
        parts.add(Why::StoredGenerated, Way::Copy, name);
    } else if generated == Some(false) {
        parts.add(Why::AddVirtual, if old { Way::InPlace } else { Way::AtOnce }, name);
    } else if counts.is_some() {
        parts.add(Why::AutoIncrement, Way::Shared, name);
    } else {
        parts.add(Why::AddColumn, if old { Way::Rebuild } else { Way::AtOnce }, name);
    }
    if let Some(expr) = column.default().filter(|expr| !is_plain(expr)) {
        if !is_constant_to_mariadb(expr) {
            parts.add(Why::ExpressionDefault, Way::Copy, name);
        } else if server.may_be_mysql() {
            parts.add_unless(Why::ExpressionDefault, Way::Copy, name, server.unsettled());
        }
    }
    for constraint in &column.constraints {
        add_constraint(constraint, Some(name), known, parts);
    }
}

/// Whether a default is a literal or the time, which every server fills in without touching rows.
pub(in crate::lint) fn is_plain(expr: &Expr) -> bool {
    let now = ["current_timestamp", "now", "localtime", "localtimestamp"];
    let is_now = matches!(expr.calls.as_slice(), [call] if now.contains(&call.name.as_str()));
    !expr.text.starts_with('(') && (expr.literal || is_now && expr.columns.is_empty())
}

/// Whether MariaDB makes one value of it for all rows; measured for these.
fn is_constant_to_mariadb(expr: &Expr) -> bool {
    const SAME: [&str; 12] = [
        "current_timestamp",
        "now",
        "localtime",
        "localtimestamp",
        "current_date",
        "curdate",
        "utc_timestamp",
        "utc_date",
        "concat",
        "upper",
        "lower",
        "rand",
    ];
    expr.columns.is_empty() && !expr.query && expr.calls.iter().all(|call| SAME.contains(&call.name.as_str()))
}

/// A constraint: of the table, or of a column that is added.
pub(super) fn add_constraint(
    constraint: &Constraint,
    column: Option<&str>,
    known: &Known<'_>,
    parts: &mut Parts,
) {
    let subject = constraint.name.as_deref().or(column).unwrap_or("the new constraint");
    match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } => parts.add(Why::AddPrimaryKey, Way::Rebuild, subject),
        ConstraintKind::Unique { .. } => parts.add(Why::Unique, Way::Index, subject),
        ConstraintKind::Check(_) if constraint.not_enforced => parts.add(Why::Option, Way::InPlace, subject),
        // MariaDB does not look at the rows for a check that comes with its column.
        ConstraintKind::Check(_) if column.is_some() && !known.server.may_be_mysql() => {}
        ConstraintKind::Check(_) if column.is_some() => {
            parts.add_unless(Why::Check, Way::Copy, subject, known.server.unsettled());
        }
        ConstraintKind::Check(_) => parts.add(Why::Check, Way::Copy, subject),
        ConstraintKind::Foreign(foreign) if column.is_none() || known.heeds_references() => {
            let unchecked = known.is_off("foreign_key_checks");
            let way = if unchecked { Way::InPlace } else { Way::Copy };
            parts.add(Why::ForeignKey, way, &foreign.table.to_string());
        }
        _ => {}
    }
}

/// The columns of an index, for a sentence.
fn described(keys: &[Key]) -> String {
    let key = |key: &Key| match key {
        Key::Column(name) => name.clone(),
        Key::Expression(text) => format!("({text})"),
    };
    keys.iter().map(key).collect::<Vec<_>>().join(", ")
}

/// Work on partitions. Those that only come or go cost nothing; those that are cut anew are copied.
fn partitions(command: &str, parts: &mut Parts) {
    let begins = |words: &str| command.starts_with(words);
    let by_hash = begins("ADD PARTITION PARTITIONS");
    let copies = ["PARTITION BY", "REMOVE PARTITIONING", "REORGANIZE", "COALESCE", "REBUILD", "REPAIR"];
    let subject = command.split(" (").next().unwrap_or(command);
    let subject = subject.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    if by_hash || copies.iter().any(|words| begins(words)) {
        parts.add(Why::Partition, Way::Copy, &subject);
    } else if begins("EXCHANGE") && !command.contains("WITHOUT VALIDATION") || begins("CONVERT TABLE") {
        // Every row of the table that is put in its place is looked at; measured: nobody can even read.
        parts.add(Why::Partition, Way::Shared, &subject);
    } else if begins("OPTIMIZE") {
        // InnoDB builds the whole table anew, while others write; measured.
        parts.add(Why::Rebuild, Way::Rebuild, &subject);
    } else {
        parts.add(Why::Option, Way::InPlace, &subject);
    }
}
