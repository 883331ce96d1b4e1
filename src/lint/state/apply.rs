//! What a statement makes of the catalogue.

pub(super) use super::rename::move_object;
use super::rename::rename;
use super::{State, table};
use crate::schema::{CustomType, Domain, Index, Relation, Routine};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Function, Key, Name, Object, Reads, Said, Statement, Write, WriteKind};

/// Brings the state past a statement.
pub(super) fn apply(state: &mut State, statement: &Statement) {
    super::sqlite::before(state, statement);
    if is_about_defaults(statement) {
        state.grants_by_default = true;
    }
    match &statement.said {
        Said::Set { name, value, local } => setting(state, name, value.clone(), *local),
        Said::CreateTable(create) => table::create(state, create),
        Said::AlterTable { object, table, actions, if_exists, only, .. } => {
            let missing = *if_exists && state.is_known_missing(table);
            if !missing && *object != Object::Index {
                table::alter(state, table, *only, actions);
            }
        }
        Said::CreateIndex { name, table, keys, unique, if_not_exists, only, filter, .. } => {
            let name = name.as_ref().map(|name| name.name.clone());
            let filter = filter.as_ref().map(|own| own.text.clone());
            let index = Index { partial: filter.is_some(), filter, ..index(name, keys, *unique) };
            if !only && state.relation(table).is_some_and(|own| own.partitioned) {
                index_partitions(state, table, &index);
            }
            add_index(state, table, index, *if_not_exists);
        }
        Said::Drop { object, names, on, cascade, .. } => {
            for name in names {
                drop(state, *object, name);
                unhang(state, *object, name, on.as_ref());
            }
            if *cascade && *object == Object::Function {
                drop_triggers_of_function(state);
            }
        }
        Said::Rename { object, name, part, to, .. } => rename(state, *object, name, part.as_deref(), to),
        Said::RenameTables { pairs } => {
            for (old, new) in pairs {
                let new = state.schema.key(new);
                move_object(state, Object::Table, old, new);
            }
        }
        Said::SetSchema { object, name, to } => {
            let new = Name::within(to, &name.name);
            move_object(state, *object, name, new);
        }
        Said::Write(writes, reads) => {
            writes.iter().for_each(|write| fill(state, write));
            into(state, reads);
        }
        Said::Read(reads) => into(state, reads),
        Said::CreateView { .. } => view(state, &statement.said),
        Said::CreateFunction(function) => routine(state, function),
        Said::AlterFunction { name } => rights(state, name, &statement.text),
        Said::Privileges { grant: true, .. } => privileges(state, &statement.said),
        Said::Do { .. } => {}
        said => types(state, said),
    }
    super::sqlite::after(state, statement);
}

/// Whether privileges are granted on whatever will be made, or by text that is put together.
fn is_about_defaults(statement: &Statement) -> bool {
    let mut words = statement.text.split_whitespace();
    let first = [words.next(), words.next(), words.next()];
    let is =
        |(word, wanted): (&Option<&str>, &str)| word.is_some_and(|word| word.eq_ignore_ascii_case(wanted));
    let dynamic = matches!(statement.said, Said::Do { .. } | Said::Call { .. } | Said::CreateFunction(_));
    first.iter().zip(["ALTER", "DEFAULT", "PRIVILEGES"]).all(is)
        || dynamic && statement.text.to_ascii_uppercase().contains("GRANT ")
}

/// The partitions get an index of the whole, too, unless they have one like it.
fn index_partitions(state: &mut State, table: &Name, index: &Index) {
    for child in state.schema.children(table) {
        let same = |own: &Index| own.columns == index.columns && own.unique == index.unique && own.valid;
        if !state.relation(&child).is_some_and(|own| own.indexes.iter().any(same)) {
            add_index(state, &child, Index { name: String::new(), ..index.clone() }, false);
        }
    }
}

/// Statements about triggers, policies, types, domains and schemas.
fn types(state: &mut State, said: &Said) {
    match said {
        Said::CreateTrigger { name, table, .. } => {
            if let Some(relation) = state.schema.relation_mut(table) {
                relation.triggers.push(name.clone());
            }
        }
        Said::CreatePolicy { name, table, .. } => {
            if let Some(relation) = state.schema.relation_mut(table) {
                relation.policies.push(name.clone());
            }
        }
        Said::CreateDomain { name, base, constraints } => {
            let key = state.schema.key(name);
            let domain = Domain { base: Some(base.clone()), constrained: constraints.iter().any(limits) };
            state.schema.domains.insert(key.clone(), domain);
            state.bear(key);
        }
        Said::AlterDomain { name, action } => alter_domain(state, name, action),
        Said::CreateType { name, values, attributes } => {
            let key = state.schema.key(name);
            let attributes = attributes.iter().map(|column| column.name.clone()).collect();
            state.schema.types.insert(key.clone(), CustomType { values: values.clone(), attributes });
            state.bear(key);
        }
        Said::AddEnumValue { name, value, .. } => {
            let key = state.schema.resolve(&state.schema.types, name);
            let new_type = key.as_ref().is_some_and(|key| state.bore(key)) && state.in_transaction;
            if !new_type {
                state.enum_values.push((name.clone(), value.clone()));
            }
            let values = key.and_then(|key| state.schema.types.get_mut(&key)).map(|own| &mut own.values);
            if let Some(Some(values)) = values {
                values.push(value.clone());
            }
        }
        Said::CreateSchema { name, .. } => {
            state.schema.schemas.push(name.clone());
            state.bear(Name::new(name.clone()));
        }
        Said::CreateSequence { name } => {
            let key = state.schema.key(name);
            state.bear(key);
        }
        _ => {}
    }
}

/// An index as a statement makes it.
pub(super) fn index(name: Option<String>, keys: &[Key], unique: bool) -> Index {
    Index {
        name: name.unwrap_or_default(),
        columns: keys.iter().map(key_text).collect(),
        unique,
        valid: true,
        ..Index::default()
    }
}

/// Rows come into a table that is new.
fn fill(state: &mut State, write: &Write) {
    let fills = !matches!(write.kind, WriteKind::InsertValues | WriteKind::Delete);
    if fills && state.is_new(&write.table) {
        let key = state.key(&write.table);
        state.filled.push(key);
    }
}

/// Whether a domain's constraint can be broken.
pub(in crate::lint) fn limits(constraint: &crate::sql::statement::Constraint) -> bool {
    use crate::sql::statement::ConstraintKind as Kind;
    matches!(constraint.kind, Kind::Check(_) | Kind::NotNull { .. })
}

fn alter_domain(state: &mut State, name: &Name, action: &Action) {
    let Some(key) = state.schema.resolve(&state.schema.domains, name) else { return };
    match action {
        Action::RenameTo { to } => move_object(state, Object::Domain, name, Name { name: to.clone(), ..key }),
        Action::SetSchema { to } => {
            let new = Name::within(to, &name.name);
            move_object(state, Object::Domain, name, new);
        }
        Action::AddConstraint(_) | Action::SetNotNull { .. } => {
            if let Some(domain) = state.schema.domains.get_mut(&key) {
                domain.constrained = true;
            }
        }
        _ => {}
    }
}

/// The key of an index as the catalogue has it.
pub(in crate::lint) fn key_text(key: &Key) -> String {
    match key {
        Key::Column(name) => name.clone(),
        Key::Expression(text) => format!("({text})"),
    }
}

/// Adds an index to a table, with the name the server would make up when it has none.
pub(super) fn add_index(state: &mut State, table: &Name, mut index: Index, if_not_exists: bool) {
    if index.name.is_empty() {
        let columns: Vec<&str> = index
            .columns
            .iter()
            .map(|key| if key.starts_with('(') { "expr" } else { key.as_str() })
            .collect();
        index.name = format!("{}_{}_idx", table.name, columns.join("_"));
    }
    let key = state.key(table);
    let relation = known(state, table);
    if relation.index(&index.name).is_some() {
        if if_not_exists {
            return;
        }
        let taken = |name: &str| relation.index(name).is_some();
        index.name = free_name(&index.name, taken);
    }
    let name = index.name.clone();
    relation.indexes.push(index);
    state.bear_part(key, Object::Index, &name);
}

/// The name with the first number behind it that is free.
pub(super) fn free_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    (1..1_000).map(|number| format!("{name}{number}")).find(|name| !taken(name)).unwrap_or_default()
}

/// A relation that a statement speaks of: it is there from now on, whatever was known before.
pub(super) fn known<'a>(state: &'a mut State, name: &Name) -> &'a mut Relation {
    let key = state.key(name);
    state.schema.relations.entry(key).or_insert_with(|| Relation::new(Object::Table))
}

fn into(state: &mut State, reads: &Reads) {
    if let Some(name) = &reads.into {
        let key = state.schema.key(name);
        state.schema.relations.insert(key.clone(), Relation::new(Object::Table));
        state.bear(key.clone());
        state.filled.push(key);
    }
}

fn view(state: &mut State, said: &Said) {
    let Said::CreateView { name, materialized, or_replace, if_not_exists, columns, reads, temporary, .. } =
        said
    else {
        return;
    };
    if *if_not_exists && state.relation(name).is_some() {
        return;
    }
    let mut relation = Relation::new(if *materialized { Object::MaterializedView } else { Object::View });
    relation.columns_known = columns.is_some();
    for column in columns.iter().flatten() {
        relation.columns.push(crate::schema::Column { name: column.clone(), ..Default::default() });
    }
    relation.reads = reads.relations.iter().map(|name| state.key(name)).collect();
    let key = if *temporary { Name::within("pg_temp", &name.name) } else { state.key(name) };
    let was_there = state.schema.relations.get(&key).cloned();
    if let Some(old) = was_there.as_ref().filter(|_| *or_replace) {
        relation.granted.clone_from(&old.granted);
        relation.writers.clone_from(&old.writers);
    } else {
        state.bear(key.clone());
    }
    state.schema.relations.insert(key, relation);
}

fn routine(state: &mut State, function: &Function) {
    let key = state.schema.key(&function.name);
    let there = state.schema.routines.contains_key(&key);
    if !(there && function.or_replace) {
        state.bear(key.clone());
    }
    // One that takes other types stands beside it.
    let old = state.schema.routines.get(&key).and_then(|old| old.parameters.as_ref());
    let other = there && old != Some(&function.parameters);
    let routine = Routine {
        volatile: function.volatile,
        constant: function.constant,
        language: function.language.clone(),
        body: None,
        of_trigger: function.returns.as_deref().is_some_and(|text| {
            text.split_whitespace().next_back().is_some_and(|ty| ty.eq_ignore_ascii_case("trigger"))
        }),
        definer: function.definer,
        parameters: (!there || function.or_replace && !other).then(|| function.parameters.clone()),
    };
    if let Some(body) = &function.body {
        state.keep_body(key.clone(), body.clone());
    }
    state.schema.routines.insert(key, routine);
}

/// `ALTER FUNCTION … SECURITY DEFINER`
fn rights(state: &mut State, name: &Name, text: &str) {
    let lower = text.to_ascii_lowercase();
    let words = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let (definer, invoker) = (words.contains("security definer"), words.contains("security invoker"));
    let key = state.schema.resolve(&state.schema.routines, name);
    if let Some(routine) =
        key.and_then(|key| state.schema.routines.get_mut(&key)).filter(|_| definer || invoker)
    {
        routine.definer = definer;
    }
}

fn privileges(state: &mut State, said: &Said) {
    let Said::Privileges { objects, roles, writes, schemas, .. } = said else { return };
    let within = |key: &&Name| key.schema.as_ref().is_some_and(|schema| schemas.contains(schema));
    let mut keys: Vec<Name> = state.schema.relations.keys().filter(within).cloned().collect();
    keys.extend(objects.iter().filter_map(|object| state.schema.relation_key(object)));
    for key in keys {
        let Some(relation) = state.schema.relations.get_mut(&key) else { continue };
        for role in roles {
            let lists = [Some(&mut relation.granted), writes.then_some(&mut relation.writers)];
            for list in lists.into_iter().flatten().filter(|list| !list.contains(role)) {
                list.push(role.clone());
            }
        }
    }
}

fn drop(state: &mut State, object: Object, name: &Name) {
    match object {
        Object::Table | Object::View | Object::MaterializedView | Object::ForeignTable => {
            let key = state.key(name);
            state.schema.relations.remove(&key);
            let references = |constraint: &crate::schema::Constraint| constraint.to.as_ref() == Some(&key);
            // SQLite keeps the foreign keys of others, which point to the name.
            if state.dialect != Dialect::Sqlite {
                for relation in state.schema.relations.values_mut() {
                    relation.constraints.retain(|constraint| !references(constraint));
                }
            }
            state.unbear(&key);
            state.dropped.push(key);
        }
        Object::Index => {
            let key = state.schema.table_of_index(name).map(|(key, _)| key.clone());
            if let Some(relation) = key.and_then(|key| state.schema.relations.get_mut(&key)) {
                relation.indexes.retain(|index| index.name != name.name);
            }
        }
        Object::Domain | Object::Type => {
            let domain = state.schema.resolve(&state.schema.domains, name);
            let other = state.schema.resolve(&state.schema.types, name);
            domain.iter().for_each(|key| drop_key(state, key));
            other.iter().for_each(|key| drop_key(state, key));
        }
        Object::Function | Object::Procedure | Object::Aggregate => {
            let key = state.schema.key(name);
            state.schema.routines.remove(&key);
            state.unbear(&key);
            state.dropped.push(key);
        }
        Object::Schema => {
            let inside = |key: &Name| key.schema.as_deref() == Some(name.name.as_str());
            state.schema.relations.retain(|key, _| !inside(key));
            state.schema.routines.retain(|key, _| !inside(key));
            state.schema.types.retain(|key, _| !inside(key));
            state.schema.domains.retain(|key, _| !inside(key));
            state.schema.schemas.retain(|schema| *schema != name.name);
            state.unbear(&Name::new(name.name.clone()));
        }
        _ => {
            let key = state.schema.key(name);
            state.unbear(&key);
        }
    }
}

/// The triggers that called a function go with it; which they are is not kept, so none is counted on.
fn drop_triggers_of_function(state: &mut State) {
    state.schema.relations.values_mut().for_each(|relation| relation.triggers.clear());
}

/// Triggers and policies hang from tables; a name without a table is the only one of its kind.
fn unhang(state: &mut State, object: Object, name: &Name, on: Option<&Name>) {
    let key = on.map(|on| state.key(on));
    let meant = |table: &&Name| key.as_ref().is_none_or(|key| key == *table);
    for (_, relation) in state.schema.relations.iter_mut().filter(|(table, _)| meant(table)) {
        match object {
            Object::Trigger => relation.triggers.retain(|own| *own != name.name),
            Object::Policy => relation.policies.retain(|own| *own != name.name),
            _ => return,
        }
    }
}

fn drop_key(state: &mut State, key: &Name) {
    state.schema.domains.remove(key);
    state.schema.types.remove(key);
    state.unbear(key);
    state.dropped.push(key.clone());
}

fn setting(state: &mut State, name: &str, value: Option<String>, local: bool) {
    if super::sqlite::is_ignored(state, name) {
        return;
    }
    if local {
        if !state.in_transaction {
            return;
        }
        state.local.push((name.to_owned(), state.settings.get(name).cloned()));
    }
    set(state, name, value);
}

/// Sets a setting, or takes it back.
pub(super) fn set(state: &mut State, name: &str, value: Option<String>) {
    if name == "search_path" && state.dialect == Dialect::Postgres {
        let path = value.as_deref().map(schemas).filter(|path| !path.is_empty());
        state.schema.path = path.unwrap_or_else(|| state.home_path());
    }
    match value {
        Some(value) => state.settings.insert(name.to_owned(), value),
        None => state.settings.remove(name),
    };
}

/// The schemas of a search path.
fn schemas(value: &str) -> Vec<String> {
    let names = value.split(',').map(|name| name.trim().trim_matches(['\'', '"']));
    names.filter(|name| !name.is_empty() && *name != "$user").map(str::to_owned).collect()
}
