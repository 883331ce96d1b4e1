//! What new names make of the catalogue.

use super::{Birth, State};
use crate::schema::Relation;
use crate::sql::statement::{Name, Object};

/// Something has another name from now on: an object, or a part of a type.
pub(super) fn rename(state: &mut State, object: Object, name: &Name, part: Option<&str>, to: &str) {
    if part.is_some() {
        let key = state.schema.resolve(&state.schema.types, name);
        let Some(own) = key.and_then(|key| state.schema.types.get_mut(&key)) else { return };
        let all = own.values.iter_mut().flatten().chain(&mut own.attributes);
        all.filter(|value| Some(value.as_str()) == part).for_each(|value| to.clone_into(value));
        return;
    }
    if object == Object::Index {
        let key = state.schema.table_of_index(name).map(|(key, _)| key.clone());
        let relation = key.and_then(|key| state.schema.relations.get_mut(&key));
        let index = relation.and_then(|own| own.indexes.iter_mut().find(|index| index.name == name.name));
        if let Some(index) = index {
            to.clone_into(&mut index.name);
        }
        return;
    }
    let new = Name { schema: name.schema.clone(), name: to.to_owned() };
    move_object(state, object, name, new);
}

/// Something has another name or schema from now on.
pub(super) fn move_object(state: &mut State, object: Object, name: &Name, new: Name) {
    match object {
        Object::Table | Object::View | Object::MaterializedView | Object::ForeignTable => {
            let old = state.key(name);
            let new = match new.schema {
                Some(_) => new,
                None => Name { schema: old.schema.clone(), ..new },
            };
            let relation =
                state.schema.relations.remove(&old).unwrap_or_else(|| Relation::new(Object::Table));
            state.schema.relations.insert(new.clone(), relation);
            for relation in state.schema.relations.values_mut() {
                let references = relation.constraints.iter_mut().filter_map(|own| own.to.as_mut());
                references
                    .chain(&mut relation.reads)
                    .chain(&mut relation.partition_of)
                    .filter(|to| **to == old)
                    .for_each(|to| {
                        *to = new.clone();
                    });
            }
            move_birth(state, &old, &new);
            state.renamed.push((old.clone(), new.clone()));
            if let Some(mode) = state.held.remove(&old) {
                state.held.insert(new, mode);
            }
        }
        Object::Domain => {
            let Some(old) = state.schema.resolve(&state.schema.domains, name) else { return };
            let new = Name { schema: new.schema.or_else(|| old.schema.clone()), name: new.name };
            if let Some(domain) = state.schema.domains.remove(&old) {
                state.schema.domains.insert(new.clone(), domain);
            }
            move_birth(state, &old, &new);
        }
        Object::Type => {
            let Some(old) = state.schema.resolve(&state.schema.types, name) else { return };
            let new = Name { schema: new.schema.or_else(|| old.schema.clone()), name: new.name };
            if let Some(own) = state.schema.types.remove(&old) {
                state.schema.types.insert(new.clone(), own);
            }
            move_birth(state, &old, &new);
        }
        _ => {
            let old = state.schema.key(name);
            let new = state.schema.key(&new);
            move_birth(state, &old, &new);
        }
    }
}

fn move_birth(state: &mut State, old: &Name, new: &Name) {
    let birth: Option<Birth> = state.born.remove(old);
    if let Some(birth) = birth {
        state.born.insert(new.clone(), birth);
    }
}
