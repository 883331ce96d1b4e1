//! `ALTER TABLE`: what SQLite can do, and what it refuses.

use super::super::{Cause, Fails, How, Loss, Mode, Refusal, Work};
use super::{CHANGES_CONSTRAINTS, Look, check, has};
use crate::lint::state::sqlite::{Order, mentions};
use crate::schema::{Kind, Relation};
use crate::sql::Dialect;
use crate::sql::lex::tokens;
use crate::sql::sqlite::statement;
use crate::sql::statement::{Action, Column, ConstraintKind, Expr, Name, Object, Origin, Said, Span};

impl Look<'_> {
    pub(super) fn alter(&mut self, table: &Name, actions: &[(Action, Span)], if_exists: bool) {
        if if_exists {
            self.fails(Fails::Guard, true, "SQLite has no ALTER TABLE IF EXISTS", self.statement.span);
        } else if actions.len() > 1 {
            let why = "SQLite does one thing per ALTER TABLE";
            self.fails(Fails::Several, true, why, self.statement.span);
        }
        if self.is_missing(table, if_exists, self.statement.span) {
            return;
        }
        self.lock(table.schema.as_deref(), Mode::Exclusive);
        for (action, span) in actions {
            self.action(table, action, *span);
        }
        // Long work keeps out readers, too, where there is no write-ahead log.
        if !self.effects.efforts.is_empty() {
            let mode = self.long();
            self.effects.locks.iter_mut().for_each(|lock| lock.mode = mode);
        }
    }

    fn action(&mut self, table: &Name, action: &Action, span: Span) {
        match action {
            Action::AddColumn { column, if_not_exists } => {
                if *if_not_exists {
                    self.fails(Fails::Guard, true, "SQLite has no ADD COLUMN IF NOT EXISTS", span);
                }
                self.add_column(table, column, span);
            }
            Action::DropColumn { name, if_exists, cascade } => {
                if *if_exists {
                    self.fails(Fails::Guard, true, "SQLite has no DROP COLUMN IF EXISTS", span);
                } else if *cascade {
                    self.unsupported("SQLite has no CASCADE", span);
                }
                self.drop_column(table, name, span);
            }
            Action::RenameTo { to } => self.rename_table(table, to, span),
            Action::RenameColumn { name, to } => {
                self.lacks_column(table, name, span);
                if !self.state.is_fresh_column(table, name) {
                    let how = How::Renamed { to: to.clone() };
                    self.broken(Object::Column, table, Some(name), how, span);
                }
                self.since((3, 25), "RENAME COLUMN", span);
            }
            Action::SetNotNull { column } => self.set_not_null(table, column, span),
            Action::DropNotNull { column } => {
                self.since(CHANGES_CONSTRAINTS, "ALTER COLUMN … DROP NOT NULL", span);
                self.lost(Object::Column, table, Some(column), Loss::Guarantee, span);
            }
            Action::AddConstraint(constraint) => match &constraint.kind {
                ConstraintKind::Check(_) => self.add_check(table, constraint.name.as_deref(), span),
                _ => self.unsupported("SQLite cannot add this constraint to a table that is there", span),
            },
            Action::DropConstraint { name, .. } => {
                self.since(CHANGES_CONSTRAINTS, "DROP CONSTRAINT", span);
                self.lost(Object::Constraint, table, Some(name), Loss::Guarantee, span);
            }
            Action::AlterType { .. } | Action::Modify { .. } => {
                self.unsupported("SQLite cannot change a column's type", span);
            }
            Action::SetDefault { .. } | Action::DropDefault { .. } => {
                self.unsupported("SQLite cannot change a column's default", span);
            }
            _ => self.unsupported("SQLite has no such form of ALTER TABLE", span),
        }
    }

    /// A form that came with a release.
    fn since(&mut self, release: (u32, u32), form: &str, span: Span) {
        let (major, minor) = release;
        match has(self.state, release) {
            Some(true) => {}
            Some(false) => {
                let why = format!("SQLite has {form} from {major}.{minor} on only");
                self.unsupported(why, span);
            }
            // All but the newest forms are taken for granted.
            None if release < CHANGES_CONSTRAINTS => {}
            None => {
                let why = format!("SQLite before {major}.{minor} has no {form}");
                self.fails(Fails::Unsupported, false, why, span);
            }
        }
    }

    fn lacks_column(&mut self, table: &Name, column: &str, span: Span) {
        let relation = self.state.relation(table);
        if relation.is_some_and(|own| own.columns_known && own.column(column).is_none()) {
            self.fails(Fails::NotThere, true, format!("{table} has no column {column}"), span);
        }
    }

    fn rename_table(&mut self, table: &Name, to: &str, span: Span) {
        let rebuild = self.state.sqlite.rebuild_of(table);
        match rebuild.map(|rebuild| (rebuild.order, rebuild.table.name.as_str())) {
            Some((Order::NewBeside, own)) if own == to => {
                let old = Name { schema: table.schema.clone(), name: to.to_owned() };
                if self.state.pragma("legacy_alter_table", false) {
                    return;
                }
                for (object, name) in self.state.speaking_of(&old) {
                    let why = format!(
                        "the {} {name} speaks of {old}, which is gone by now, and SQLite renames nothing \
                         while one does",
                        object.word()
                    );
                    self.fails(Fails::ViewColumn, true, why, span);
                }
            }
            Some((Order::OldRenamed, own)) if own == table.name => {}
            _ if self.state.is_old(table) => {
                self.broken(Object::Table, table, None, How::Renamed { to: to.to_owned() }, span);
            }
            _ => {}
        }
    }

    fn set_not_null(&mut self, table: &Name, column: &str, span: Span) {
        self.since(CHANGES_CONSTRAINTS, "ALTER COLUMN … SET NOT NULL", span);
        self.lacks_column(table, column, span);
        if self.may_hold_rows(table) {
            let why = format!("it fails if {column} is null in any row of {table}");
            self.fails(Fails::ExistingRows, false, why, span);
        }
        if self.state.is_old(table) {
            self.effort(table.clone(), Work::Scan, Cause::NotNull, span);
            self.broken(Object::Column, table, Some(column), How::Refuses(Refusal::RequiredColumn), span);
        }
    }

    fn add_check(&mut self, table: &Name, name: Option<&str>, span: Span) {
        self.since(CHANGES_CONSTRAINTS, "ADD CHECK", span);
        if self.may_hold_rows(table) {
            let why = format!("it fails if any row of {table} does not meet the check");
            self.fails(Fails::ExistingRows, false, why, span);
        }
        if self.state.is_old(table) {
            self.effort(table.clone(), Work::Scan, Cause::Check, span);
            let how = How::Refuses(Refusal::ConstraintOnNewRows);
            self.broken(Object::Constraint, table, name, how, span);
        }
    }

    fn add_column(&mut self, table: &Name, column: &Column, span: Span) {
        let name = &column.name;
        if self.state.relation(table).is_some_and(|own| own.column(name).is_some()) {
            self.fails(Fails::Duplicates, true, format!("{table} has a column {name} already"), span);
            return;
        }
        let rows = self.may_hold_rows(table);
        let has =
            |wanted: fn(&ConstraintKind) -> bool| column.constraints.iter().any(|one| wanted(&one.kind));
        if has(|kind| matches!(kind, ConstraintKind::PrimaryKey { .. })) {
            self.fails(Fails::Attribute, true, "SQLite cannot add a PRIMARY KEY column", span);
        }
        if has(|kind| matches!(kind, ConstraintKind::Unique { .. })) {
            self.fails(Fails::Attribute, true, "SQLite cannot add a UNIQUE column", span);
        }
        let default = column.default_value();
        let generated = column.find(|kind| match kind {
            ConstraintKind::Generated { stored, .. } => Some(*stored),
            _ => None,
        });
        if rows && generated == Some(true) {
            let why =
                format!("SQLite cannot add a STORED column to a table with rows, and {table} may have some");
            self.fails(Fails::ExistingRows, true, why, span);
        }
        if rows && generated.is_none() {
            self.default_refused(table, column, default, span);
        }
        self.column_checks(table, column, default, rows, span);
    }

    /// What SQLite demands of the default when there are rows that get it.
    fn default_refused(&mut self, table: &Name, column: &Column, default: Option<&Expr>, span: Span) {
        let not_null =
            column.constraints.iter().any(|one| matches!(one.kind, ConstraintKind::NotNull { .. }));
        if not_null && default.is_none() {
            let why = format!("the rows of {table} would have no value for {}", column.name);
            self.fails(Fails::RequiredColumn, true, why, span);
        }
        let Some(default) = default else { return };
        if !default.literal {
            let why =
                format!("SQLite cannot add a column whose default, {}, has to be computed", default.text);
            self.fails(Fails::ExistingRows, true, why, default.span);
        }
        let references = column.constraints.iter().any(|one| matches!(one.kind, ConstraintKind::Foreign(_)));
        if references && self.state.pragma("foreign_keys", false) {
            let why = "SQLite cannot add a REFERENCES column with a default while foreign_keys is on";
            self.fails(Fails::Attribute, true, why, span);
        }
    }

    /// A check is tested against every row, each with the default.
    fn column_checks(
        &mut self,
        table: &Name,
        column: &Column,
        default: Option<&Expr>,
        rows: bool,
        span: Span,
    ) {
        let checks = column.constraints.iter().filter_map(|one| match &one.kind {
            ConstraintKind::Check(expr) => Some((expr, one.span)),
            _ => None,
        });
        let mut any = false;
        for (expr, place) in checks {
            any = true;
            if !rows {
                continue;
            }
            let value = default.map_or("NULL", |default| default.text.as_str());
            let numeric = column.ty.as_ref().is_some_and(|ty| check::is_numeric(&ty.name));
            match check::met(&expr.text, &column.name, value, numeric) {
                Some(true) => {}
                Some(false) => {
                    let why =
                        format!("every row would get {value}, which does not meet CHECK ({})", expr.text);
                    self.fails(Fails::ExistingRows, true, why, place);
                }
                None => {
                    let why = format!("it fails if any row does not meet CHECK ({})", expr.text);
                    self.fails(Fails::ExistingRows, false, why, place);
                }
            }
        }
        let strict = self.state.relation(table).is_some_and(is_strict);
        if (any || strict) && self.state.is_old(table) {
            self.effort(table.clone(), Work::Scan, Cause::ColumnCheck, span);
        }
    }

    fn drop_column(&mut self, table: &Name, name: &str, span: Span) {
        self.since((3, 35), "DROP COLUMN", span);
        self.lacks_column(table, name, span);
        let relation = self.state.relation(table);
        if let Some(relation) = relation {
            for (why, surely) in self.users(table, relation, name) {
                self.fails(Fails::UsedColumn, surely, why, span);
            }
        }
        if !self.state.is_old(table) {
            return;
        }
        let column = relation.and_then(|own| own.column(name));
        let computed = column.is_some_and(|own| own.generated == Some(false));
        if !computed {
            self.effort(table.clone(), Work::Rewrite, Cause::Rebuild, span);
        }
        if !self.state.is_fresh_column(table, name) {
            self.broken(Object::Column, table, Some(name), How::Gone, span);
            if !computed {
                self.lost(Object::Column, table, Some(name), Loss::Values, span);
            }
        }
    }

    /// What keeps a column from being dropped, and whether it surely does.
    fn users(&self, table: &Name, relation: &Relation, name: &str) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        for constraint in relation.constraints.iter().filter(|own| own.columns.iter().any(|own| own == name))
        {
            // What is said behind the column itself goes with it.
            let what = match constraint.kind {
                Kind::PrimaryKey => "it is in the primary key",
                Kind::Unique => "it is UNIQUE",
                Kind::Check if !stands_behind(relation, name, "check") => "a CHECK of the table speaks of it",
                Kind::Foreign if !stands_behind(relation, name, "references") => {
                    "a FOREIGN KEY of the table speaks of it"
                }
                _ => continue,
            };
            found.push((what.to_owned(), true));
        }
        let indexes = relation.indexes.iter().filter(|index| index.constraint.is_none());
        for index in indexes {
            let text = relation.texts.get(&index.name);
            let own = |key: &String| key == name || key.starts_with('(') && mentions(key, name);
            if index.columns.iter().any(own) || text.is_some_and(|text| filters(text, name)) {
                found.push((format!("the index {} uses it", index.name), true));
            }
        }
        let generated =
            relation.columns.iter().filter(|own| own.generated_from.iter().any(|from| from == name));
        found.extend(generated.map(|own| (format!("the column {} is generated from it", own.name), true)));
        found.extend(self.speakers(table, name));
        found
    }

    /// The views and triggers that speak of a column.
    fn speakers(&self, table: &Name, name: &str) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        let key = self.state.key(table);
        for (other, own) in &self.state.schema.relations {
            let reads = own.object == Object::View && own.reads.contains(&key);
            if reads && own.sql.as_deref().is_some_and(|sql| mentions(sql, name)) {
                // Where a view reads several tables, the column may be another's.
                found.push((format!("the view {} uses it", other.name), own.reads.len() == 1));
            }
            for trigger in &own.triggers {
                let Some(text) = own.texts.get(trigger).map(|text| behind(text, "ON")) else { continue };
                let sure = *other == key && of_row(text, name);
                if sure || mentions(text, name) && (*other == key || mentions(text, &table.name)) {
                    found.push((format!("the trigger {trigger} uses it"), sure));
                }
            }
        }
        found
    }
}

/// Whether a table is declared STRICT.
fn is_strict(relation: &Relation) -> bool {
    let Some((_, options)) = relation.sql.as_deref().and_then(|sql| sql.rsplit_once(')')) else {
        return false;
    };
    options.split(',').any(|option| option.trim().trim_end_matches(';').eq_ignore_ascii_case("strict"))
}

/// Whether a constraint is said behind the column itself, as far as the table's own text tells.
fn stands_behind(relation: &Relation, column: &str, word: &str) -> bool {
    let Some(sql) = &relation.sql else { return true };
    let Said::CreateTable(create) = statement::read(sql, Origin::default()).said else { return true };
    // A column that came later is not in the text, and what it brought stands behind it.
    let own = create.columns.iter().find(|own| own.name == column);
    own.is_none_or(|own| own.constraints.iter().any(|one| kind_word(&one.kind) == word))
        && !create.constraints.iter().any(|one| kind_word(&one.kind) == word && about(&one.kind, column))
}

fn kind_word(kind: &ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::Check(_) => "check",
        ConstraintKind::Foreign(_) => "references",
        _ => "",
    }
}

fn about(kind: &ConstraintKind, column: &str) -> bool {
    match kind {
        ConstraintKind::Check(expr) => expr.columns.iter().any(|own| own == column),
        ConstraintKind::Foreign(foreign) => foreign.columns.iter().any(|own| own == column),
        _ => false,
    }
}

/// Whether an index takes only rows that are chosen by a column.
fn filters(index: &str, column: &str) -> bool {
    mentions(behind(index, "WHERE"), column)
}

/// The text behind the first of these words; nothing without it. Behind the `ON` of a trigger stands all
/// but the list of columns whose updates set it off, which SQLite lets pass.
fn behind<'a>(text: &'a str, word: &str) -> &'a str {
    let found = tokens(text, Dialect::Sqlite).find(|token| token.is(word));
    found.and_then(|token| text.get(token.end()..)).unwrap_or_default()
}

/// Whether a trigger takes a column of its own row: `new.c`, `old.c`.
fn of_row(text: &str, column: &str) -> bool {
    let list: Vec<_> = tokens(text, Dialect::Sqlite).collect();
    list.windows(3).any(|three| match three {
        [row, dot, name] => {
            let row = row.is("NEW") || row.is("OLD");
            row && dot.text == "."
                && name.text.trim_matches(['"', '`', '[', ']']).eq_ignore_ascii_case(column)
        }
        _ => false,
    })
}
