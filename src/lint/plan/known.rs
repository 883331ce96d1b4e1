//! What a deploy script itself tells of things of which nothing was known before it.

use super::seen::Stepped;
use crate::lint::state::State;
use crate::schema::{Column, Relation, Schema};
use crate::sql::statement::{Action, Name, Object, Said};

/// Adds to what was known before a deploy script what it takes for granted: the tables that it alters or
/// drops, and the columns that it drops. Only their names are known then.
pub(super) fn seed(before: &mut Schema, after: &Schema, born: &[Name], state: &State, steps: &[Stepped]) {
    for (key, relation) in &after.relations {
        if !before.relations.contains_key(key) && !born.contains(key) && !is_renamed(state, key) {
            before.relations.insert(key.clone(), Relation::new(relation.object));
        }
    }
    for step in steps {
        match &step.statement.said {
            Said::Drop { object, names, .. } => {
                for name in names {
                    dropped(before, born, state, *object, name);
                }
            }
            Said::AlterTable { table, actions, .. } => {
                let key = state.schema.key(table);
                let Some(relation) = before.relations.get_mut(&key).filter(|own| !own.columns_known) else {
                    continue;
                };
                for (action, _) in actions {
                    let (Action::DropColumn { name, .. } | Action::RenameColumn { name, .. }) = action else {
                        continue;
                    };
                    if relation.column(name).is_none() {
                        relation.columns.push(Column { name: name.clone(), ..Column::default() });
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_renamed(state: &State, key: &Name) -> bool {
    state.renamed.iter().any(|(_, new)| new == key)
}

fn dropped(before: &mut Schema, born: &[Name], state: &State, object: Object, name: &Name) {
    let relation =
        matches!(object, Object::Table | Object::View | Object::MaterializedView | Object::ForeignTable);
    let key = state.schema.key(name);
    let made_here = born.contains(&key) || is_renamed(state, &key);
    if relation && !made_here && before.relation_key(name).is_none() && state.dropped.contains(&key) {
        before.relations.insert(key, Relation::new(object));
    }
}
