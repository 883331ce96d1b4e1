//! Tables that a script builds again, because SQLite cannot alter them: how it goes about it, and what it
//! carries over.

use crate::sql::Dialect;
use crate::sql::lex::tokens;
use crate::sql::statement::{
    Action, Column, ConstraintKind, CreateTable, Expr, Key, Name, Object, Reach, Said, Statement, Write,
    WriteKind,
};

/// In which order the old table and the new one change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The new one is made beside the old one, which is dropped; then the new one gets its name.
    NewBeside,
    /// The old one is renamed away first, and whatever spoke of it speaks of the new name.
    OldRenamed,
    /// The rows are put aside, the old one is dropped, the new one made in its place.
    PutAside,
}

/// A table that a script builds again.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebuild {
    /// The name it has before and after.
    pub table: Name,
    /// The name that one of the two has meanwhile.
    pub meanwhile: Name,
    /// How it is done.
    pub order: Order,
    /// The columns of the new table; none if they cannot be told.
    pub columns: Option<Vec<Column>>,
    /// The columns over which the new table forbids doubles.
    pub unique: Vec<Vec<String>>,
    /// What the new table is filled with: columns and expressions; none if nothing is copied. A column
    /// without a name is filled by its place.
    pub filled: Option<Vec<(String, Expr)>>,
    /// Whether only some of the rows are copied.
    pub filtered: bool,
    /// The indexes that the script makes, by name and columns.
    pub indexes: Vec<(String, Vec<String>)>,
    /// The triggers and views that it makes.
    pub made: Vec<String>,
    /// Which of the script's statements drops the old table.
    pub drop: usize,
}

impl Rebuild {
    /// Whether the name that a statement drops is that of the old table.
    #[must_use]
    pub fn drops(&self, name: &Name) -> bool {
        same(name, if self.order == Order::OldRenamed { &self.meanwhile } else { &self.table })
    }

    /// Whether a column of the old table has its values in a column of the same name.
    #[must_use]
    pub fn carries(&self, column: &str) -> bool {
        let there = match &self.columns {
            Some(columns) => columns.iter().any(|own| own.name == column),
            None => true,
        };
        let filled = self.filled.as_ref().is_none_or(|filled| {
            let all = filled.iter().any(|(name, expr)| name.is_empty() || expr.text == "*");
            all || filled.iter().any(|(name, _)| name == column)
        });
        there && filled
    }

    /// The column of the new table that is filled from a column of the old one under another name.
    #[must_use]
    pub fn successor(&self, column: &str) -> Option<&str> {
        let filled = self.filled.iter().flatten();
        let mut from = filled.filter(|(name, expr)| !name.is_empty() && expr.columns == [column]);
        from.find(|(name, _)| name != column).map(|(name, _)| name.as_str())
    }
}

fn same(one: &Name, other: &Name) -> bool {
    one.name == other.name
}

/// Finds the tables that a script builds again.
pub(super) fn find(statements: &[Statement]) -> Vec<Rebuild> {
    let mut found = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        let Said::Drop { object: Object::Table, names, .. } = &statement.said else { continue };
        let [dropped] = names.as_slice() else { continue };
        let before = statements.get(..at).unwrap_or_default();
        let after = statements.get(at + 1..).unwrap_or_default();
        let rebuild = beside(dropped, before, after)
            .or_else(|| renamed_away(dropped, before))
            .or_else(|| put_aside(dropped, before, after));
        if let Some((order, table, meanwhile, create)) = rebuild {
            found.push(complete(statements, at, order, table, meanwhile, create));
        }
    }
    found
}

/// The names of the tables that a script drops and does not make again.
pub(super) fn dropped(statements: &[Statement]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for statement in statements {
        match &statement.said {
            Said::Drop { object: Object::Table, names: dropped, .. } => {
                names.extend(dropped.iter().map(|name| name.name.clone()));
            }
            Said::CreateTable(create) => names.retain(|name| *name != create.name.name),
            _ => {
                if let Some((_, to)) = renames(statement) {
                    names.retain(|name| name != to);
                }
            }
        }
    }
    names
}

type Parts<'s> = (Order, &'s Name, Name, &'s CreateTable);

/// `CREATE new; … DROP old; … ALTER new RENAME TO old`
fn beside<'s>(dropped: &'s Name, before: &'s [Statement], after: &[Statement]) -> Option<Parts<'s>> {
    let new = after.iter().find_map(|statement| {
        renames(statement).filter(|(_, to)| **to == dropped.name).map(|(name, _)| name.clone())
    })?;
    let create = before.iter().rev().find_map(|statement| creates(statement, &new))?;
    Some((Order::NewBeside, dropped, new, create))
}

/// `ALTER old RENAME TO away; CREATE old; … DROP away`
fn renamed_away<'s>(dropped: &Name, before: &'s [Statement]) -> Option<Parts<'s>> {
    let (at, old) = before.iter().enumerate().rev().find_map(|(at, statement)| {
        renames(statement).filter(|(_, to)| **to == dropped.name).map(|(name, _)| (at, name))
    })?;
    let create = before.get(at..)?.iter().find_map(|statement| creates(statement, old))?;
    Some((Order::OldRenamed, old, dropped.clone(), create))
}

/// `CREATE aside AS SELECT … FROM old; DROP old; CREATE old; INSERT INTO old SELECT … FROM aside`
fn put_aside<'s>(dropped: &'s Name, before: &[Statement], after: &'s [Statement]) -> Option<Parts<'s>> {
    let create = after.iter().find_map(|statement| creates(statement, dropped))?;
    let (_, from) = after.iter().find_map(|statement| copies(statement, dropped))?;
    let aside = before.iter().rev().find_map(|statement| match &statement.said {
        Said::CreateTable(made) if from.iter().any(|name| same(name, &made.name)) => Some(made.name.clone()),
        _ => None,
    })?;
    Some((Order::PutAside, dropped, aside, create))
}

fn renames(statement: &Statement) -> Option<(&Name, &String)> {
    let Said::AlterTable { table, actions, .. } = &statement.said else { return None };
    match actions.as_slice() {
        [(Action::RenameTo { to }, _)] => Some((table, to)),
        _ => None,
    }
}

fn creates<'s>(statement: &'s Statement, name: &Name) -> Option<&'s CreateTable> {
    match &statement.said {
        Said::CreateTable(create) if same(&create.name, name) => Some(create),
        _ => None,
    }
}

/// A statement that fills a table from others, with their names.
fn copies<'s>(statement: &'s Statement, table: &Name) -> Option<(&'s Write, &'s [Name])> {
    let Said::Write(writes, reads) = &statement.said else { return None };
    let write =
        writes.iter().find(|write| same(&write.table, table) && write.kind == WriteKind::InsertSelect)?;
    Some((write, &reads.relations))
}

fn complete(
    statements: &[Statement],
    drop: usize,
    order: Order,
    table: &Name,
    meanwhile: Name,
    create: &CreateTable,
) -> Rebuild {
    let (filling, from) = match order {
        Order::NewBeside => (&meanwhile, table),
        Order::OldRenamed | Order::PutAside => (table, &meanwhile),
    };
    let reading = |names: &[Name]| names.iter().any(|name| same(name, from));
    let copy = statements.iter().find_map(|statement| {
        copies(statement, filling).filter(|(_, names)| reading(names)).map(|(write, _)| (statement, write))
    });
    let selected = create.filled_from.as_ref().is_some_and(|reads| reading(&reads.relations));
    let everything = || vec![(String::new(), Expr::default())];
    let mut rebuild = Rebuild {
        table: table.clone(),
        order,
        columns: create.filled_from.is_none().then(|| create.columns.clone()),
        unique: unique(create),
        filled: copy.map(|(_, write)| write.sets.clone()).or_else(|| selected.then(everything)),
        filtered: copy.is_some_and(|(statement, write)| write.reach != Reach::All || ignores(statement)),
        indexes: Vec::new(),
        made: Vec::new(),
        drop,
        meanwhile,
    };
    for statement in statements {
        match &statement.said {
            Said::CreateIndex { name, table: own, keys, .. }
                if same(own, &rebuild.table) || same(own, &rebuild.meanwhile) =>
            {
                let name = name.as_ref().map(|name| name.name.clone()).unwrap_or_default();
                rebuild.indexes.push((name, keys.iter().map(key_text).collect()));
            }
            Said::CreateTrigger { name, .. } => rebuild.made.push(name.clone()),
            Said::CreateView { name, .. } => rebuild.made.push(name.name.clone()),
            _ => {}
        }
    }
    rebuild
}

/// A column of an index as the catalogue has it.
#[must_use]
pub fn key_text(key: &Key) -> String {
    match key {
        Key::Column(name) => name.clone(),
        Key::Expression(text) => format!("({text})"),
    }
}

fn unique(create: &CreateTable) -> Vec<Vec<String>> {
    let of = |kind: &ConstraintKind, own: &str| match kind {
        ConstraintKind::Unique { columns, .. } | ConstraintKind::PrimaryKey { columns, .. } => {
            Some(if columns.is_empty() { vec![own.to_owned()] } else { columns.clone() })
        }
        _ => None,
    };
    let columns = create.columns.iter();
    let of_columns =
        columns.flat_map(|own| own.constraints.iter().filter_map(|one| of(&one.kind, &own.name)));
    let of_table = create.constraints.iter().filter_map(|one| of(&one.kind, ""));
    of_columns.chain(of_table).collect()
}

/// `INSERT OR IGNORE` leaves rows out without a word.
fn ignores(statement: &Statement) -> bool {
    let words: Vec<_> = tokens(&statement.text, Dialect::Sqlite).take(12).collect();
    words.windows(2).any(|pair| matches!(pair, [one, two] if one.is("OR") && two.is("IGNORE")))
}
