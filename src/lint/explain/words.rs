//! What a statement does, in a sentence.

use crate::sql::statement::{
    Action, ConstraintKind, Key, Name, Object, Reach, Said, Statement, Trigger, Write, WriteKind,
};

/// What a statement does.
pub(super) fn does(statement: &Statement) -> String {
    match &statement.said {
        Said::Begin => "begins a transaction: locks are kept until it ends".to_owned(),
        Said::Commit => "ends the transaction, and its work stays".to_owned(),
        Said::Rollback => "ends the transaction, and its work is undone".to_owned(),
        Said::Savepoint => "marks or leaves a point inside the transaction".to_owned(),
        Said::Set { name, value: Some(value), .. } => format!("sets {name} to {value}"),
        Said::Set { name, value: None, .. } => format!("sets {name} back to its default"),
        Said::CreateTable(create) => {
            let filled = if create.filled_from.is_some() { " and fills it from a query" } else { "" };
            let part = create.partitioning.of.as_ref().map(|parent| format!(", a partition of {parent}"));
            format!("makes the table {}{}{filled}", create.name, part.unwrap_or_default())
        }
        Said::AlterTable { object, table, actions, .. } => {
            let done: Vec<String> = actions.iter().map(|(action, _)| action_words(action)).collect();
            format!("{} {table}: {}", object.word(), done.join("; "))
        }
        Said::CreateIndex { name, table, keys, unique, concurrently, .. } => {
            let keys: Vec<&str> = keys.iter().map(key).collect();
            let name = name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            let unique = if *unique { "unique " } else { "" };
            let how = if *concurrently { ", while others go on reading and writing" } else { "" };
            format!("builds the {unique}index{name} on {table} ({}){how}", keys.join(", "))
        }
        Said::Drop { object, names, on, cascade, .. } => {
            let of = on.as_ref().map(|on| format!(" of {on}")).unwrap_or_default();
            let all = if *cascade { ", and everything that depends on it" } else { "" };
            format!("drops the {} {}{of}{all}", object.word(), listed(names))
        }
        Said::Rename { object, name, part: Some(part), to, .. } => {
            format!("renames the {} \"{part}\" of {name} to \"{to}\"", object.word())
        }
        Said::Rename { object, name, to, .. } => format!("renames the {} {name} to {to}", object.word()),
        Said::SetSchema { object, name, to } => {
            format!("moves the {} {name} to the schema {to}", object.word())
        }
        Said::Truncate { tables, cascade } => {
            let all = if *cascade { ", and every table that points to it" } else { "" };
            format!("empties {}{all}", listed(tables))
        }
        Said::Write(writes, _) => writes.iter().map(write).collect::<Vec<_>>().join("; "),
        Said::Read(reads) if reads.into.is_some() => "makes a table from a query".to_owned(),
        Said::Read(reads) if reads.locks_rows.is_some() => {
            format!("reads and locks rows of {}", listed(&reads.relations))
        }
        Said::Read(reads) if reads.relations.is_empty() && !reads.calls.is_empty() => {
            format!("calls {}", listed(&reads.calls))
        }
        Said::Read(reads) if reads.relations.is_empty() => "reads".to_owned(),
        Said::Read(reads) => format!("reads from {}", listed(&reads.relations)),
        said => made(said),
    }
}

/// Statements about objects without rows, and upkeep.
fn made(said: &Said) -> String {
    match said {
        Said::CreateView { name, materialized, or_replace, .. } => {
            let kind = if *materialized { "materialized view" } else { "view" };
            let verb = if *or_replace { "makes or replaces" } else { "makes" };
            format!("{verb} the {kind} {name}")
        }
        Said::Refresh { view, no_data: true, .. } => {
            format!("empties {view}, which cannot be read until it is filled")
        }
        Said::Refresh { view, concurrently: true, .. } => {
            format!("fills {view} anew, while others go on reading it")
        }
        Said::Refresh { view, .. } => format!("fills {view} anew"),
        Said::CreateFunction(function) => {
            let kind = if function.procedure { "procedure" } else { "function" };
            let verb = if function.or_replace { "makes or replaces" } else { "makes" };
            format!("{verb} the {kind} {}", function.name)
        }
        Said::AlterFunction { name } => format!("changes properties of the function {name}"),
        Said::CreateTrigger { name, table, .. } => format!("makes the trigger {name} on {table}"),
        Said::CreateRule { name, table, .. } => format!("makes the rule {name} on {table}"),
        Said::CreatePolicy { name, table, .. } => format!("makes the policy {name} on {table}"),
        Said::AlterPolicy { name, table } => format!("changes the policy {name} of {table}"),
        Said::CreateDomain { name, .. } => format!("makes the domain {name}"),
        Said::AlterDomain { name, action } => format!("domain {name}: {}", action_words(action)),
        Said::CreateType { name, .. } => format!("makes the type {name}"),
        Said::AddEnumValue { name, value, .. } => format!("adds the value '{value}' to the enum {name}"),
        Said::AlterAttributes { name, actions, .. } => {
            let done: Vec<String> = actions.iter().map(|(action, _)| action_words(action)).collect();
            format!("type {name}: {}", done.join("; "))
        }
        Said::CreateSchema { name, .. } => format!("makes the schema {name}"),
        Said::CreateSequence { name } => format!("makes the sequence {name}"),
        Said::AlterSequence { name } => format!("changes the sequence {name}"),
        Said::CreateExtension { name, .. } => format!("installs the extension {name}"),
        Said::AlterOther { object, name } => format!("changes the {} {name}", object.word()),
        Said::Lock { tables, mode, .. } => {
            format!("locks {} in {} mode", listed(tables), mode.as_deref().unwrap_or("ACCESS EXCLUSIVE"))
        }
        Said::Vacuum { tables, full: true } => format!("writes {} anew without its gaps", all_or(tables)),
        Said::Vacuum { tables, .. } => format!("clears {} of dead rows", all_or(tables)),
        Said::Analyze { tables } => format!("gathers statistics of {}", all_or(tables)),
        Said::Cluster { table } => {
            let table = table.as_ref().map_or_else(|| "every clustered table".to_owned(), Name::to_string);
            format!("writes {table} anew in the order of an index")
        }
        Said::Reindex { object, name, .. } => {
            let name = name.as_ref().map(Name::to_string).unwrap_or_default();
            format!("builds the indexes of the {} {name} anew", object.word())
        }
        Said::Comment { .. } => "writes a comment into the catalogue".to_owned(),
        Said::Privileges { grant, objects, roles, .. } => {
            let verb = if *grant { "gives privileges" } else { "takes privileges" };
            let on = if objects.is_empty() { String::new() } else { format!(" on {}", listed(objects)) };
            format!("{verb}{on}: {}", roles.join(", "))
        }
        Said::Attend { object, tables } => format!("makes a {} for {}", object.word(), listed(tables)),
        Said::Call { name } => format!("calls the procedure {name}"),
        Said::Do { .. } => "runs a block of code".to_owned(),
        Said::Alone { command } => format!("{command}, which cannot be run in a transaction"),
        Said::Dynamic => "runs SQL that is put together while it runs".to_owned(),
        Said::Opaque { .. } => "could not be understood".to_owned(),
        _ => "changes nothing that others see".to_owned(),
    }
}

fn listed(names: &[Name]) -> String {
    names.iter().map(Name::to_string).collect::<Vec<_>>().join(", ")
}

fn all_or(names: &[Name]) -> String {
    if names.is_empty() { "every table".to_owned() } else { listed(names) }
}

fn key(key: &Key) -> &str {
    match key {
        Key::Column(name) => name,
        Key::Expression(text) => text,
    }
}

fn write(write: &Write) -> String {
    let rows = match write.reach {
        Reach::All => "every row",
        Reach::Some => "the rows that meet a condition",
        Reach::Bounded => "some rows, named by their keys or limited",
    };
    let table = &write.table;
    match write.kind {
        WriteKind::InsertValues => format!("adds rows to {table}"),
        WriteKind::InsertSelect => format!("fills {table} from a query"),
        WriteKind::Load => format!("loads rows into {table}"),
        WriteKind::Upsert => format!("adds or changes rows of {table}"),
        WriteKind::Update => format!("changes {rows} of {table}"),
        WriteKind::Delete => format!("deletes {rows} of {table}"),
        WriteKind::Merge => format!("merges rows into {table}"),
    }
}

fn action_words(action: &Action) -> String {
    match action {
        Action::AddColumn { column, .. } => {
            let ty = column.ty.as_ref().map(|ty| format!(" ({})", ty.written())).unwrap_or_default();
            format!("adds the column \"{}\"{ty}", column.name)
        }
        Action::DropColumn { name, .. } => format!("drops the column \"{name}\" with its values"),
        Action::AlterType { column, ty, .. } => {
            format!("changes the type of \"{column}\" to {}", ty.written())
        }
        Action::SetDefault { column, expr } => format!("sets the default of \"{column}\" to {}", expr.text),
        Action::DropDefault { column } => format!("drops the default of \"{column}\""),
        Action::SetNotNull { column } => format!("forbids NULL in \"{column}\""),
        Action::DropNotNull { column } => format!("allows NULL in \"{column}\""),
        Action::AddConstraint(constraint) => {
            let later = if constraint.not_valid { ", for new rows only" } else { "" };
            let name = constraint.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            let to = match &constraint.kind {
                ConstraintKind::Foreign(foreign) => format!(" to {}", foreign.table),
                _ => String::new(),
            };
            format!("adds {}{name}{to}{later}", constraint_words(&constraint.kind))
        }
        Action::DropConstraint { name, .. } | Action::DropForeignKey { name } => {
            format!("drops the constraint {name}")
        }
        Action::ValidateConstraint { name } => format!("checks the rows that were there against {name}"),
        Action::RenameColumn { name, to } => format!("renames the column \"{name}\" to \"{to}\""),
        Action::RenameTo { to } => format!("renames it to {to}"),
        Action::SetSchema { to } => format!("moves it to the schema {to}"),
        Action::RenameConstraint { name, to } => format!("renames the constraint {name} to {to}"),
        Action::Attach { partition, .. } => format!("takes {partition} in as a partition"),
        Action::Detach { partition, .. } => format!("lets the partition {partition} go"),
        Action::EnableTrigger(which) => format!("switches {} on", trigger(which)),
        Action::DisableTrigger(which) => format!("switches {} off", trigger(which)),
        Action::EnableRls => "switches row-level security on".to_owned(),
        Action::DisableRls => "switches row-level security off".to_owned(),
        Action::SetLogged => "makes it survive a crash".to_owned(),
        Action::SetUnlogged => "gives up its rows after a crash".to_owned(),
        Action::SetTablespace { to } => format!("moves its files to the tablespace {to}"),
        Action::Modify { column, .. } => {
            format!("defines the column \"{}\" anew", column.name)
        }
        Action::AddIndex { .. } => "builds an index".to_owned(),
        Action::DropIndex { name } => format!("drops the index {name}"),
        Action::Options(names) => format!("sets {}", names.join(", ")),
        Action::OwnerTo => "gives it another owner".to_owned(),
        Action::Other(text) => text.to_lowercase(),
        _ => "changes properties of it".to_owned(),
    }
}

fn constraint_words(kind: &ConstraintKind) -> String {
    match kind {
        ConstraintKind::Check(_) => "the check".to_owned(),
        ConstraintKind::Foreign(_) => "the foreign key".to_owned(),
        ConstraintKind::Unique { .. } => "the unique constraint".to_owned(),
        ConstraintKind::PrimaryKey { .. } => "the primary key".to_owned(),
        ConstraintKind::Exclude => "the exclusion constraint".to_owned(),
        ConstraintKind::NotNull { column } => {
            format!("NOT NULL of \"{}\"", column.as_deref().unwrap_or_default())
        }
        _ => "the constraint".to_owned(),
    }
}

fn trigger(which: &Trigger) -> String {
    match which {
        Trigger::All => format!("all {}s", Object::Trigger.word()),
        Trigger::Named(name) => format!("the trigger {name}"),
    }
}
