//! What the rules about locks and rewrites share: which work counts, and how it is told.
//!
//! Knows: effects, the state before them. Must never know: one rule in particular.

use super::{script, words};
use crate::lint::effect::{Cause, Effort, Lock, Mode, Work};
use crate::lint::rule::{Hit, Seen};
use crate::sql::Dialect;
use crate::sql::lex::tokens;
use crate::sql::statement::{Action, Column, Constraint, ConstraintKind, Name, Object, Said, Span, Type};

/// The lock that a statement itself takes on a table.
pub(super) fn own_mode(seen: &Seen<'_>, table: &Name) -> Mode {
    let key = seen.before.key(table);
    let own = seen.effects.locks.iter().filter(|lock| seen.before.key(&lock.on) == key);
    own.map(|lock| lock.mode).max().unwrap_or(Mode::AccessShare)
}

/// The work that a statement does for this reason while it keeps writers waiting itself. What it does the
/// same way to the children of its table is left out.
pub(super) fn blocking<'a>(seen: &Seen<'a>, cause: Cause) -> impl Iterator<Item = &'a Effort> {
    let seen = *seen;
    let own = move |effort: &&Effort| own_mode(&seen, &effort.on).stops_writes() && !is_spread(&seen, effort);
    seen.effects.efforts.iter().filter(move |effort| effort.cause == cause).filter(own)
}

/// Whether work is only done to a table because it is done to the one it descends from.
pub(super) fn is_spread(seen: &Seen<'_>, effort: &Effort) -> bool {
    let Some(parent) = altered(seen) else { return false };
    let same = |own: &Effort| own.on == *parent && own.cause == effort.cause && own.span == effort.span;
    effort.on != *parent
        && seen.effects.efforts.iter().any(same)
        && seen.before.schema.children(parent).contains(&seen.before.key(&effort.on))
}

/// The table that a statement alters or indexes.
pub(super) fn altered<'a>(seen: &Seen<'a>) -> Option<&'a Name> {
    match &seen.statement.said {
        Said::AlterTable { table, .. } | Said::CreateIndex { table, .. } => Some(table),
        _ => None,
    }
}

/// A finding about work: which lock is held meanwhile, who waits, and what it depends on.
pub(super) fn work(seen: &Seen<'_>, effort: &Effort, message: impl Into<String>) -> Hit {
    let on = heaviest(seen, effort);
    let hit = about(seen, on, Hit::new(script::at(seen.statement, effort.span), message));
    let own = own_mode(seen, &effort.on);
    let name = told_table(seen, &effort.on);
    let waits = effort.under.who_waits();
    let mode = effort.under.written();
    let mut hit = if effort.under > own {
        hit.note(format!(
            "{name} has been under {mode} since an earlier statement of this transaction: {waits}"
        ))
    } else {
        hit.note(format!("it holds {mode} on {name} meanwhile: {waits}"))
    };
    for lock in strong(seen).filter(|lock| lock.on != effort.on && !is_child(seen, &lock.on)) {
        let (mode, waits) = (lock.mode.written(), lock.mode.who_waits());
        hit = hit.note(format!("it holds {mode} on {} too: {waits}", told(&lock.on)));
    }
    match &effort.unless {
        Some(unless) => hit.note(depends(unless)),
        None => hit,
    }
}

/// The table whose size decides: the largest of those to which the same is done. One of which nobody
/// knows counts as large.
fn heaviest<'a>(seen: &Seen<'a>, effort: &'a Effort) -> &'a Name {
    let rows = |name: &Name| seen.before.relation(name).and_then(|own| own.rows).unwrap_or(u64::MAX);
    let partitioned = seen.before.relation(&effort.on).is_some_and(|own| own.partitioned);
    let same = |own: &&Effort| own.cause == effort.cause && own.span == effort.span && is_spread(seen, own);
    let children = seen.effects.efforts.iter().filter(same).map(|own| &own.on);
    match children.max_by_key(|name| rows(name)) {
        Some(child) if partitioned || rows(child) > rows(&effort.on) => child,
        _ => &effort.on,
    }
}

/// What would settle it.
pub(super) fn depends(unless: &str) -> String {
    format!("it depends on {unless}: lint with --target or --facts settles it")
}

/// The locks of a statement that keep writers waiting, on anything with rows.
pub(super) fn strong<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a Lock> {
    let on_rows = |lock: &&Lock| match lock.object {
        Object::View => false,
        // Only a second REFRESH writes to it.
        Object::MaterializedView => lock.mode.stops_reads(),
        _ => lock.mode.stops_writes(),
    };
    seen.effects.locks.iter().filter(on_rows)
}

/// Whether a table descends from the one that the statement alters.
pub(super) fn is_child(seen: &Seen<'_>, table: &Name) -> bool {
    let parent = match &seen.statement.said {
        Said::AlterTable { table, .. } | Said::CreateIndex { table, .. } => table,
        Said::CreateTrigger { table, .. } => table,
        _ => return false,
    };
    seen.before.schema.children(parent).contains(&seen.before.key(table))
}

/// Whether a statement works on rows while it keeps writers waiting itself.
pub(super) fn works(seen: &Seen<'_>) -> bool {
    seen.effects
        .efforts
        .iter()
        .any(|effort| effort.work != Work::Rows && own_mode(seen, &effort.on).stops_writes())
}

/// The strong locks that earlier statements of the transaction took, the strongest first.
pub(super) fn held(seen: &Seen<'_>) -> Vec<(Name, Mode)> {
    let all = seen.before.all_held().filter(|(_, mode)| mode.stops_writes());
    let mut held: Vec<(Name, Mode)> = all.map(|(name, mode)| (name.clone(), mode)).collect();
    held.sort_by_key(|(_, mode)| std::cmp::Reverse(*mode));
    held
}

/// A finding about a strong lock that is held for a moment only.
pub(super) fn brief(seen: &Seen<'_>, lock: &Lock, message: impl Into<String>) -> Hit {
    let (mode, name, waits) = (lock.mode.written(), told_table(seen, &lock.on), lock.mode.who_waits());
    let kept = if seen.before.in_transaction { "until the transaction ends" } else { "for a moment" };
    let hit = about(seen, &lock.on, Hit::new(script::at(seen.statement, lock.span), message))
        .note(format!("it holds {mode} on {name} {kept}: {waits}"));
    if seen.script.limited {
        hit.note(
            "behind a long query it would wait, and every later query behind it: change deploy bounds \
                  that wait and tries again",
        )
    } else {
        hit.note("behind a long query it waits, and every later query waits behind it: set lock_timeout")
    }
}

/// A table in a sentence: its name in quotes, unless it stands for tables that nobody can name.
pub(super) fn told(name: &Name) -> String {
    // A name that the script puts together while it runs.
    if name.name == "?" {
        return "a table that is named while it runs".to_owned();
    }
    let several = name.schema.is_none() && (name.name.starts_with("every ") || name.name.starts_with("the "));
    // Lint's own words for a schema that is found by its key say more than a reader needs.
    let name = match &name.schema {
        Some(schema) if schema == "public" => Name::new(name.name.clone()),
        _ => name.clone(),
    };
    if several { name.to_string() } else { format!("\"{name}\"") }
}

/// The same, but of an index that nobody knows it is the table that counts.
fn told_table(seen: &Seen<'_>, name: &Name) -> String {
    if is_unknown_index(seen, name) { format!("the table of {}", told(name)) } else { told(name) }
}

/// Whether a name is that of an index whose table nobody knows.
fn is_unknown_index(seen: &Seen<'_>, name: &Name) -> bool {
    seen.effects.locks.iter().any(|lock| lock.on == *name && lock.object == Object::Index)
        && seen.before.relation(name).is_none()
}

/// Says of a finding which table it concerns, if that has a name.
fn about(seen: &Seen<'_>, name: &Name, hit: Hit) -> Hit {
    if is_unknown_index(seen, name) { hit } else { hit.on(name) }
}

/// That nobody can use a table, or tables that nobody can name.
pub(super) fn nobody_uses(name: &Name) -> String {
    match told(name) {
        all if all.starts_with("every ") => format!("{all} stands still"),
        name => format!("nobody can use {name}"),
    }
}

/// Tables in a sentence.
pub(super) fn all_told<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    const MOST: usize = 4;
    let all: Vec<String> = names.map(told).collect();
    match all.len().checked_sub(MOST) {
        Some(more) if more > 0 => {
            format!("{} and {more} more", all.get(..MOST).unwrap_or_default().join(", "))
        }
        _ => all.join(", "),
    }
}

/// The table of a statement that alters one, as SQL.
pub(super) fn table_sql(seen: &Seen<'_>) -> String {
    altered(seen).map(words::sql).unwrap_or_default()
}

/// The action at a place of an `ALTER TABLE`, with its place.
pub(super) fn action_at<'a>(seen: &Seen<'a>, span: Span) -> Option<(&'a Action, Span)> {
    let Said::AlterTable { actions, .. } = &seen.statement.said else { return None };
    let around = |own: &Span| own.start <= span.start && span.end <= own.end;
    actions.iter().find(|(_, own)| around(own)).map(|(action, own)| (action, *own))
}

/// The constraint that an action adds by itself.
pub(super) fn constraint_at<'a>(seen: &Seen<'a>, span: Span) -> Option<&'a Constraint> {
    match action_at(seen, span)?.0 {
        Action::AddConstraint(constraint) => Some(constraint),
        _ => None,
    }
}

/// The column that an action adds, the action's place, and the constraint of the column at a place.
pub(super) fn column_at<'a>(
    seen: &Seen<'a>,
    span: Span,
) -> Option<(&'a Column, Span, Option<&'a Constraint>)> {
    let (action, whole) = action_at(seen, span)?;
    let Action::AddColumn { column, .. } = action else { return None };
    Some((column, whole, column.constraints.iter().find(|own| own.span == span)))
}

/// The name of a constraint, or the one that the server would make up, of these columns.
pub(super) fn name_of(table: &Name, constraint: &Constraint, columns: &[String]) -> String {
    if let Some(name) = &constraint.name {
        return name.clone();
    }
    let end = match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } => return format!("{}_pkey", table.name),
        ConstraintKind::Foreign(_) => "fkey",
        ConstraintKind::Unique { .. } => "key",
        ConstraintKind::NotNull { .. } => "not_null",
        ConstraintKind::Exclude => "excl",
        _ => "check",
    };
    // Of the columns of a check the server names one only.
    let columns = match (end, columns) {
        ("check", [_, _, ..]) => &[],
        _ => columns,
    };
    let parts = std::iter::once(table.name.as_str()).chain(columns.iter().map(String::as_str));
    parts.chain([end]).collect::<Vec<_>>().join("_")
}

/// A constraint as SQL, with a name.
pub(super) fn named(seen: &Seen<'_>, constraint: &Constraint, name: &str) -> String {
    let text = script::text(seen.statement, constraint.span);
    match constraint.name {
        Some(_) => text.to_owned(),
        None => format!("CONSTRAINT {} {text}", words::ident(name)),
    }
}

/// Adds a constraint in one change, and reads the rows in the next. All of it is SQL already.
pub(super) fn in_two_changes(table: &str, constraint: &str, name: &str) -> String {
    format!(
        "ALTER TABLE {table} ADD {constraint} NOT VALID;\n\
         -- in the next change:\n\
         ALTER TABLE {table} VALIDATE CONSTRAINT {name};"
    )
}

/// The text of a part of a statement without a smaller part of it.
pub(super) fn without(seen: &Seen<'_>, whole: Span, part: Span) -> String {
    let text = |start, end| seen.statement.text.get(start..end).unwrap_or_default();
    let kept = format!("{} {}", text(whole.start, part.start).trim_end(), text(part.end, whole.end).trim());
    kept.trim().trim_end_matches(';').to_owned()
}

/// A text with a word put behind the first of these keywords.
pub(super) fn with_word(text: &str, behind: &[&str], word: &str) -> Option<String> {
    let mut all = tokens(text, Dialect::Postgres);
    let end = all.find(|token| behind.iter().any(|own| token.is(own)))?.end();
    let (before, after) = text.split_at_checked(end)?;
    Some(format!("{before} {word}{after}"))
}

/// A type as people write it.
pub(super) fn type_sql(ty: &Type) -> String {
    let name = match ty.name.as_str() {
        "int2" => "smallint",
        "int4" => "int",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        "bool" => "boolean",
        "bpchar" => "char",
        other => other,
    };
    Type { name: name.to_owned(), ..ty.clone() }.written()
}

/// A new table beside the old one, and the names swapped in the end. `before` and `behind` say what is
/// other about it.
pub(super) fn swapped(table: &Name, before: &str, behind: &str) -> String {
    let beside = |end: &str| Name { name: format!("{}{end}", table.name), ..table.clone() };
    let (own, fresh, old) = (words::sql(table), beside("_new"), beside("_old"));
    format!(
        "CREATE {before}TABLE {} (LIKE {own} INCLUDING ALL){behind};\n\
         -- the next changes: write both, copy the old rows in batches\n\
         -- the last change:\n\
         ALTER TABLE {own} RENAME TO {};\n\
         ALTER TABLE {} RENAME TO {};",
        words::sql(&fresh),
        words::ident(&old.name),
        words::sql(&fresh),
        words::ident(&table.name)
    )
}

/// Whether a key is nothing but its columns, so that an index of them is all it needs.
pub(super) fn is_plain_key(text: &str) -> bool {
    text.trim_end().ends_with(')')
        && text.matches('(').count() == 1
        && !text.to_ascii_uppercase().contains("NULLS")
}

/// Columns as SQL lists them.
pub(super) fn list(columns: &[String]) -> String {
    columns.iter().map(|name| words::ident(name)).collect::<Vec<_>>().join(", ")
}

/// Whether work is the validation of a constraint that the present transaction added.
pub(super) fn is_added_here(seen: &Seen<'_>, effort: &Effort) -> bool {
    let Said::AlterTable { table, actions, .. } = &seen.statement.said else { return false };
    let Some((Action::ValidateConstraint { name }, _)) = action_at(seen, effort.span) else { return false };
    let here = actions.iter().any(|(action, _)| match action {
        Action::AddConstraint(constraint) => constraint.name.as_ref() == Some(name),
        _ => false,
    });
    effort.cause == Cause::Validate && (here || seen.before.added_here(table, name))
}

/// A column of an index as SQL writes it; an expression is written out already.
pub(super) fn key_sql(key: &str) -> String {
    if key.starts_with('(') { key.to_owned() } else { words::ident(key) }
}

/// Says which tables are locked and read again because a foreign key joins them to a column whose type
/// changes.
pub(super) fn keys(seen: &Seen<'_>, effort: &Effort, hit: Hit) -> Hit {
    let keys = |own: &&Effort| own.cause == Cause::ReferencingKey && own.on != effort.on;
    let tables: Vec<&Name> = seen.effects.efforts.iter().filter(keys).map(|own| &own.on).collect();
    if tables.is_empty() {
        return hit;
    }
    hit.note(format!("the foreign keys of {} are checked again, row by row", all_told(tables.into_iter())))
}

/// A name as SQL writes it, without the schema in which names are looked up anyway.
pub(super) fn short(name: &Name) -> String {
    match name.schema.as_deref() {
        Some("public") => words::ident(&name.name),
        _ => words::sql(name),
    }
}

/// The statement in a change of its own, if it can stand alone.
pub(super) fn in_its_own(seen: &Seen<'_>, hit: Hit) -> Hit {
    if !script::is_top(seen) {
        return hit.note("give it a change of its own");
    }
    let text = script::text(seen.statement, seen.statement.span);
    hit.instead(format!("-- in a change of its own:\n{text};"))
}

/// Says that `NOT NULL` comes last, where a column is filled row by row.
pub(super) fn not_null_later(column: &Column, hit: Hit) -> Hit {
    let wanted = column.constraints.iter().any(|own| matches!(own.kind, ConstraintKind::NotNull { .. }));
    if wanted { hit.note("NOT NULL comes last, when every row has its value: PL05 says how") } else { hit }
}
