//! `ALTER TABLE`.
//!
//! Knows: tokens. Must never know: what an action costs.

use super::column::{charset, column, default, enforced};
use super::reader::Reader;
use super::table::{Element, clause, element, option};
use crate::sql::statement::{Action, Clauses, Object, Said, Span};

/// What one part of the list says: actions, or nothing but how to go about it.
struct Alter {
    actions: Vec<(Action, Span)>,
    clauses: Clauses,
}

impl Alter {
    fn add(&mut self, action: Action, span: Span) {
        self.actions.push((action, span));
    }
}

/// `ALTER TABLE`, behind these words.
pub(super) fn alter_table(reader: &mut Reader<'_>) -> Option<Said> {
    let if_exists = reader.eat(&["IF", "EXISTS"]);
    let table = reader.qualified()?;
    let mut alter = Alter { actions: Vec::new(), clauses: Clauses::default() };
    if reader.eat(&["WAIT"]) {
        alter.clauses.wait = reader.next().is_some();
    } else if reader.eat(&["NOWAIT"]) {
        alter.clauses.wait = true;
    }
    while !reader.done() {
        if partitions(reader, &mut alter) {
            break;
        }
        // The columns of an ORDER BY have commas of their own.
        let sorts = reader.are(&["ORDER", "BY"]);
        let mut part = reader.until(|reader| reader.is(",") && !sorts || opens_partitioning(reader));
        reader.eat(&[","]);
        while !part.done() {
            one(&mut part, &mut alter);
        }
    }
    let Alter { actions, clauses } = alter;
    Some(Said::AlterTable { object: Object::Table, table, if_exists, only: false, actions, clauses })
}

fn opens_partitioning(reader: &Reader<'_>) -> bool {
    reader.are(&["PARTITION", "BY"]) || reader.are(&["REMOVE", "PARTITIONING"])
}

/// Anything with partitions takes all that is left.
fn partitions(reader: &mut Reader<'_>, alter: &mut Alter) -> bool {
    const COMMANDS: [&str; 14] = [
        "ADD",
        "DROP",
        "TRUNCATE",
        "COALESCE",
        "REORGANIZE",
        "EXCHANGE",
        "ANALYZE",
        "CHECK",
        "OPTIMIZE",
        "REBUILD",
        "REPAIR",
        "DISCARD",
        "IMPORT",
        "CONVERT",
    ];
    let of_partitions = reader.is_any(&COMMANDS) && reader.is_at(1, "PARTITION")
        || reader.are(&["CONVERT", "TABLE"])
        || reader.are(&["UPGRADE", "PARTITIONING"]);
    if !(of_partitions || opens_partitioning(reader)) {
        return false;
    }
    let start = reader.here();
    let command = reader.rest_text().to_ascii_uppercase();
    let command = command.split_whitespace().collect::<Vec<_>>().join(" ");
    reader.skip(usize::MAX / 2);
    alter.add(Action::Partitions { command }, reader.span(start));
    true
}

/// One action; whatever is not understood is taken, too.
fn one(part: &mut Reader<'_>, alter: &mut Alter) {
    let start = part.here();
    let before = *part;
    if clause(part, &mut alter.clauses) {
        return;
    }
    if part.is("ADD") {
        if add(part, alter).is_some() {
            return leftover(part, alter);
        }
    } else if let Some(action) = action(part) {
        alter.add(action, part.span(start));
        return leftover(part, alter);
    }
    *part = before;
    other(part, alter);
}

/// What stands behind an action and was not understood; options of the table may follow without comma.
fn leftover(part: &mut Reader<'_>, alter: &mut Alter) {
    let mut ahead = *part;
    let fine = part.done()
        || part.is_any(&["ALGORITHM", "LOCK", "FORCE", "CONVERT"])
        || option(&mut ahead).is_some();
    if !fine {
        other(part, alter);
    }
}

fn other(part: &mut Reader<'_>, alter: &mut Alter) {
    let start = part.here();
    let words: Vec<String> = part.rest().iter().take(4).map(|token| token.text.to_owned()).collect();
    part.skip(usize::MAX / 2);
    alter.add(Action::Other(words.join(" ")), part.span(start));
}

/// `ADD …`
fn add(part: &mut Reader<'_>, alter: &mut Alter) -> Option<()> {
    let start = part.here();
    part.eat(&["ADD"]);
    if part.eat(&["SYSTEM", "VERSIONING"]) {
        let action = Action::TableOption { name: "system versioning".to_owned(), value: "yes".to_owned() };
        alter.add(action, part.span(start));
        return Some(());
    }
    if part.are(&["PERIOD", "FOR"]) {
        return None;
    }
    let named = part.eat(&["COLUMN"]);
    let if_not_exists = part.eat(&["IF", "NOT", "EXISTS"]);
    if let Some(group) = part.group() {
        for mut inner in group.parts() {
            let start = inner.here();
            let action = added(&mut inner, if_not_exists, false)?;
            alter.add(action, inner.span(start));
        }
        return Some(());
    }
    let action = added(part, if_not_exists, named)?;
    alter.add(action, part.span(start));
    Some(())
}

/// What is added: a key, a constraint or (and nothing else, with `named`) a column.
fn added(part: &mut Reader<'_>, if_not_exists: bool, named: bool) -> Option<Action> {
    if !named && let Some(element) = element(part) {
        return Some(match element {
            Element::Constraint(constraint) => Action::AddConstraint(constraint),
            Element::Index { name, keys, unique, special } => {
                Action::AddIndex { name, keys, unique, special }
            }
        });
    }
    let column = column(part)?;
    column.ty.is_some().then_some(Action::AddColumn { column, if_not_exists })
}

/// Anything but `ADD`.
fn action(part: &mut Reader<'_>) -> Option<Action> {
    if part.eat(&["DROP"]) {
        return dropped(part);
    }
    if part.eat(&["RENAME"]) {
        return renamed(part);
    }
    if part.eat(&["ALTER"]) {
        return altered(part);
    }
    if let Some(word) = part.eat_any(&["MODIFY", "CHANGE"]) {
        part.eat(&["COLUMN"]);
        part.eat(&["IF", "EXISTS"]);
        let old = if word == "CHANGE" { Some(part.name()?) } else { None };
        let column = column(part).filter(|column| column.ty.is_some())?;
        return Some(Action::Modify { old: old.unwrap_or_else(|| column.name.clone()), column });
    }
    if part.eat(&["CONVERT", "TO"]) {
        // A collation that follows is an option of the table.
        let to = charset(part)?;
        return Some(Action::ConvertCharset { to });
    }
    if part.eat(&["FORCE"]) {
        return Some(Action::Rebuild);
    }
    if part.eat(&["ORDER", "BY"]) {
        let value = part.rest_text().to_owned();
        part.skip(usize::MAX / 2);
        return Some(Action::TableOption { name: "order by".to_owned(), value });
    }
    if let Some(word) = part.eat_any(&["DISABLE", "ENABLE"]) {
        let keys = part.eat(&["KEYS"]);
        return keys.then(|| Action::TableOption { name: "keys".to_owned(), value: word.to_lowercase() });
    }
    if let Some(word) = part.eat_any(&["DISCARD", "IMPORT"]) {
        let name = "tablespace file".to_owned();
        return part.eat(&["TABLESPACE"]).then(|| Action::TableOption { name, value: word.to_lowercase() });
    }
    let (name, value) = option(part)?;
    Some(Action::TableOption { name, value })
}

fn dropped(part: &mut Reader<'_>) -> Option<Action> {
    if part.eat(&["PRIMARY", "KEY"]) {
        return Some(Action::DropPrimaryKey);
    }
    if part.eat(&["SYSTEM", "VERSIONING"]) {
        return Some(Action::TableOption { name: "system versioning".to_owned(), value: "no".to_owned() });
    }
    if part.are(&["PERIOD", "FOR"]) {
        return None;
    }
    let foreign = part.eat(&["FOREIGN", "KEY"]);
    let index = !foreign && part.eat_any(&["INDEX", "KEY"]).is_some();
    let constraint = !foreign && !index && part.eat_any(&["CONSTRAINT", "CHECK"]).is_some();
    part.eat(&["COLUMN"]);
    let if_exists = part.eat(&["IF", "EXISTS"]);
    let name = part.name()?;
    let cascade = part.eat_any(&["RESTRICT", "CASCADE"]) == Some("CASCADE");
    Some(if foreign {
        Action::DropForeignKey { name }
    } else if index {
        Action::DropIndex { name }
    } else if constraint {
        Action::DropConstraint { name, if_exists, cascade }
    } else {
        Action::DropColumn { name, if_exists, cascade }
    })
}

fn renamed(part: &mut Reader<'_>) -> Option<Action> {
    let column = part.eat(&["COLUMN"]);
    if column || part.is_any(&["INDEX", "KEY"]) {
        part.skip(usize::from(!column));
        part.eat(&["IF", "EXISTS"]);
        let name = part.name()?;
        let to = if part.eat(&["TO"]) { part.name()? } else { return None };
        return Some(if column {
            Action::RenameColumn { name, to }
        } else {
            Action::RenameIndex { name, to }
        });
    }
    if part.eat_any(&["TO", "AS", "="]).is_none() && part.done() {
        return None;
    }
    let to = part.qualified()?;
    Some(Action::RenameTo { to: to.name })
}

fn altered(part: &mut Reader<'_>) -> Option<Action> {
    if part.is_any(&["INDEX", "KEY"]) && !part.is_at(1, "SET") {
        part.skip(1);
        part.eat(&["IF", "EXISTS"]);
        let name = part.name()?;
        let hidden = part.eat(&["INVISIBLE"]) || part.eat(&["IGNORED"]);
        let shown = !hidden && (part.eat(&["VISIBLE"]) || part.eat(&["NOT", "IGNORED"]));
        return (hidden || shown).then_some(Action::IndexVisibility { name, visible: shown });
    }
    if part.is_any(&["CHECK", "CONSTRAINT"]) {
        part.skip(1);
        let name = part.name()?;
        return Some(match enforced(part)? {
            true => Action::ValidateConstraint { name },
            false => Action::AlterConstraint { name },
        });
    }
    part.eat(&["COLUMN"]);
    part.eat(&["IF", "EXISTS"]);
    let column = part.name()?;
    if part.eat(&["DROP", "DEFAULT"]) {
        return Some(Action::DropDefault { column });
    }
    if part.eat(&["SET", "DEFAULT"]) {
        return Some(Action::SetDefault { column, expr: default(part)? });
    }
    if part.eat(&["SET", "VISIBLE"]) || part.eat(&["SET", "INVISIBLE"]) {
        return Some(Action::ColumnOptions { column });
    }
    None
}
