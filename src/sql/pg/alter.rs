//! `ALTER` of anything.

use super::tree::{self, has, holds, if_exists, kid, name_of, word_of};
use super::{Cx, K, Node};
use crate::sql::statement::{Action, Clauses, Constraint, Name, Object, Said, Span, Trigger};

impl Cx<'_> {
    /// What an `ALTER` says.
    pub(super) fn alters(&self, node: &Node) -> Option<Said> {
        Some(match node.kind() {
            K::ALTER_TABLE | K::ALTER_FOREIGN_TABLE => self.table(node),
            K::ALTER_VIEW => self.relation(node, Object::View),
            K::ALTER_MATERIALIZED_VIEW => self.relation(node, Object::MaterializedView),
            K::ALTER_INDEX => index(node, self),
            K::ALTER_SEQUENCE => {
                plain(node, Object::Sequence, K::SEQUENCE_REF, |name| Said::AlterSequence { name })
            }
            K::ALTER_FUNCTION | K::ALTER_PROCEDURE | K::ALTER_ROUTINE | K::ALTER_AGGREGATE => routine(node),
            K::ALTER_TYPE => self.alter_type(node),
            K::ALTER_DOMAIN => self.alter_domain(node),
            K::ALTER_SCHEMA => renamed(node, Object::Schema, Name::new(word_of(node, K::SCHEMA_REF)))
                .unwrap_or(Said::Harmless),
            K::ALTER_TRIGGER => renamed(node, Object::Trigger, Name::new(word_of(node, K::TRIGGER_REF)))
                .unwrap_or(Said::Harmless),
            K::ALTER_POLICY => policy(node),
            K::ALTER_RULE => {
                renamed(node, Object::Rule, Name::new(word_of(node, K::RULE_REF))).unwrap_or(Said::Harmless)
            }
            K::ALTER_EXTENSION => other(Object::Extension, word_of(node, K::EXTENSION_REF)),
            K::ALTER_ROLE | K::ALTER_USER | K::ALTER_GROUP => other(Object::Role, word_of(node, K::ROLE_REF)),
            K::ALTER_DATABASE => other(Object::Database, word_of(node, K::DATABASE_REF)),
            K::ALTER_PUBLICATION => other(Object::Publication, word_of(node, K::PUBLICATION_REF)),
            K::ALTER_SUBSCRIPTION => other(Object::Subscription, word_of(node, K::SUBSCRIPTION_REF)),
            K::ALTER_SYSTEM => Said::Alone { command: "ALTER SYSTEM" },
            kind if format!("{kind:?}").starts_with("ALTER_") => Said::Harmless,
            _ => return None,
        })
    }

    fn table(&self, node: &Node) -> Said {
        let relation = kid(node, K::TABLE_RELATION_NAME);
        let Some(relation) = relation else {
            return other(Object::Tablespace, "ALL IN TABLESPACE".to_owned());
        };
        let foreign = node.kind() == K::ALTER_FOREIGN_TABLE;
        Said::AlterTable {
            object: if foreign { Object::ForeignTable } else { Object::Table },
            table: tree::name(&relation),
            if_exists: if_exists(node),
            only: has(&relation, K::ONLY_KW),
            actions: self.actions(node),
            clauses: Clauses::default(),
        }
    }

    fn actions(&self, node: &Node) -> Vec<(Action, Span)> {
        node.children()
            .filter(|child| !matches!(child.kind(), K::TABLE_RELATION_NAME | K::IF_EXISTS | K::VIEW_REF))
            .map(|child| (self.action(&child), self.span(&child)))
            .collect()
    }

    fn relation(&self, node: &Node, object: Object) -> Said {
        let name = name_of(node, K::VIEW_REF).unwrap_or_else(|| Name::new(""));
        Said::AlterTable {
            object,
            table: name,
            if_exists: if_exists(node),
            only: false,
            actions: self.actions(node),
            clauses: Clauses::default(),
        }
    }

    fn action(&self, node: &Node) -> Action {
        let cascade = tree::cascades(node);
        match node.kind() {
            K::ADD_COLUMN => {
                Action::AddColumn { column: self.column(node), if_not_exists: tree::if_not_exists(node) }
            }
            K::DROP_COLUMN => Action::DropColumn {
                name: word_of(node, K::COLUMN_NAME_REF),
                if_exists: if_exists(node),
                cascade,
            },
            K::ALTER_COLUMN => self.column_action(node),
            K::ADD_CONSTRAINT => {
                let constraint: Option<Constraint> =
                    node.children().find_map(|child| self.constraint(&child));
                constraint.map_or_else(|| Action::Other("ADD".to_owned()), Action::AddConstraint)
            }
            K::DROP_CONSTRAINT => Action::DropConstraint {
                name: word_of(node, K::CONSTRAINT_NAME_REF),
                if_exists: if_exists(node),
                cascade,
            },
            K::VALIDATE_CONSTRAINT => {
                Action::ValidateConstraint { name: word_of(node, K::CONSTRAINT_NAME_REF) }
            }
            K::ALTER_CONSTRAINT => Action::AlterConstraint { name: word_of(node, K::CONSTRAINT_NAME_REF) },
            K::RENAME_CONSTRAINT => Action::RenameConstraint {
                name: word_of(node, K::CONSTRAINT_NAME_REF),
                to: word_of(node, K::CONSTRAINT_NAME),
            },
            K::RENAME_COLUMN => Action::RenameColumn {
                name: word_of(node, K::COLUMN_NAME_REF),
                to: word_of(node, K::COLUMN_NAME),
            },
            K::ATTACH_PARTITION => attach(node),
            K::DETACH_PARTITION => Action::Detach {
                partition: name_of(node, K::TABLE_NAME_REF).unwrap_or_else(|| Name::new("")),
                concurrently: holds(node, K::CONCURRENTLY_KW),
            },
            kind => self.table_attribute(node, kind),
        }
    }

    fn table_attribute(&self, node: &Node, kind: K) -> Action {
        let last = || node.children().last().map(|child| tree::word(&child)).unwrap_or_default();
        match kind {
            K::TABLE_RENAME_TO | K::VIEW_RENAME_TO | K::INDEX_RENAME_TO => Action::RenameTo { to: last() },
            K::SET_SCHEMA => Action::SetSchema { to: last() },
            K::ENABLE_TRIGGER | K::ENABLE_REPLICA_TRIGGER | K::ENABLE_ALWAYS_TRIGGER => {
                Action::EnableTrigger(trigger(node))
            }
            K::DISABLE_TRIGGER => Action::DisableTrigger(trigger(node)),
            K::ENABLE_RULE | K::ENABLE_REPLICA_RULE | K::ENABLE_ALWAYS_RULE => Action::EnableRule,
            K::DISABLE_RULE => Action::DisableRule,
            K::ENABLE_RLS => Action::EnableRls,
            K::DISABLE_RLS => Action::DisableRls,
            K::FORCE_RLS => Action::ForceRls { on: true },
            K::NO_FORCE_RLS => Action::ForceRls { on: false },
            K::CLUSTER_ON | K::SET_WITHOUT_CLUSTER => Action::ClusterOn,
            K::SET_TABLESPACE => Action::SetTablespace { to: last() },
            K::SET_ACCESS_METHOD => Action::SetAccessMethod { to: last() },
            K::SET_LOGGED => Action::SetLogged,
            K::SET_UNLOGGED => Action::SetUnlogged,
            K::SET_OPTIONS | K::RESET_OPTIONS => Action::Options(
                node.descendants()
                    .filter(|inner| inner.kind() == K::ATTRIBUTE_NAME)
                    .map(|inner| tree::word(&inner))
                    .collect(),
            ),
            K::INHERIT_TABLE => Action::Inherit { parent: below(node) },
            K::NO_INHERIT_TABLE => Action::NoInherit { parent: below(node) },
            K::ATTACH_INDEX_PARTITION => Action::Attach {
                partition: name_of(node, K::INDEX_REF).unwrap_or_else(|| Name::new("")),
                default: false,
                bound: String::new(),
            },
            K::REPLICA_IDENTITY => Action::ReplicaIdentity,
            K::OWNER_TO => Action::OwnerTo,
            _ => Action::Other(first_words(node)),
        }
    }

    fn column_action(&self, node: &Node) -> Action {
        let column = word_of(node, K::COLUMN_NAME_REF);
        let Some(option) = node.children().find(|child| child.kind() != K::COLUMN_NAME_REF) else {
            return Action::Other("ALTER".to_owned());
        };
        match option.kind() {
            K::SET_TYPE => {
                let (ty, collate) = self.type_of(&option);
                let using = kid(&option, K::USING_EXPR).map(|using| self.inner_expression(&using));
                Action::AlterType { column, ty, collate, using }
            }
            K::SET_DEFAULT => Action::SetDefault { column, expr: self.inner_expression(&option) },
            K::DROP_DEFAULT => Action::DropDefault { column },
            K::SET_NOT_NULL => Action::SetNotNull { column },
            K::DROP_NOT_NULL => Action::DropNotNull { column },
            K::ADD_GENERATED => Action::AddIdentity { column, always: holds(&option, K::GENERATED_ALWAYS) },
            K::SET_GENERATED | K::SET_GENERATED_OPTIONS | K::SET_SEQUENCE_OPTION | K::RESTART => {
                let always = holds(&option, K::GENERATED_ALWAYS);
                let by_default = holds(&option, K::GENERATED_BY_DEFAULT);
                Action::SetIdentity { column, always: (always || by_default).then_some(always) }
            }
            K::DROP_IDENTITY => Action::DropIdentity { column },
            K::SET_EXPRESSION => Action::SetExpression { column },
            K::DROP_EXPRESSION => Action::DropExpression { column },
            K::SET_STORAGE | K::SET_COMPRESSION => Action::ColumnStorage { column },
            _ => Action::ColumnOptions { column },
        }
    }

    fn alter_domain(&self, node: &Node) -> Said {
        let name = name_of(node, K::DOMAIN_REF).unwrap_or_else(|| Name::new(""));
        let action = node.children().find(|child| child.kind() != K::DOMAIN_REF);
        let action = match action {
            Some(action) => match action.kind() {
                K::SET_NOT_NULL => Action::SetNotNull { column: String::new() },
                K::DROP_NOT_NULL => Action::DropNotNull { column: String::new() },
                K::SET_DEFAULT => {
                    Action::SetDefault { column: String::new(), expr: self.inner_expression(&action) }
                }
                K::DROP_DEFAULT => Action::DropDefault { column: String::new() },
                K::DOMAIN_RENAME_TO => Action::RenameTo { to: tree::word(&action) },
                _ => self.action(&action),
            },
            None => Action::Other("ALTER DOMAIN".to_owned()),
        };
        Said::AlterDomain { name, action }
    }

    fn alter_type(&self, node: &Node) -> Said {
        let name = name_of(node, K::TYPE_NAME_REF).unwrap_or_else(|| Name::new(""));
        if let Some(added) = kid(node, K::ADD_VALUE) {
            let value = kid(&added, K::LITERAL).and_then(|literal| tree::literal(&literal));
            return Said::AddEnumValue {
                name,
                value: value.unwrap_or_default(),
                placed: has(&added, K::AFTER_VALUE) || has(&added, K::BEFORE_VALUE),
                if_not_exists: tree::if_not_exists(&added),
            };
        }
        if let Some(value) = kid(node, K::RENAME_VALUE) {
            let mut values = tree::kids(&value, K::LITERAL).filter_map(|literal| tree::literal(&literal));
            let part = values.next();
            let to = values.next().unwrap_or_default();
            return Said::Rename { object: Object::EnumValue, name, part, to, on: None };
        }
        if let Some(attribute) = kid(node, K::RENAME_ATTRIBUTE) {
            let part = kid(&attribute, K::COMPOSITE_FIELD_REF).map(|part| tree::word(&part));
            let to = word_of(&attribute, K::COMPOSITE_FIELD);
            return Said::Rename { object: Object::Attribute, name, part, to, on: None };
        }
        if let Some(list) = kid(node, K::ALTER_TYPE_ATTRIBUTE_ACTION_LIST) {
            let actions = list.children().map(|child| (self.attribute(&child), self.span(&child))).collect();
            return Said::AlterAttributes { name, actions, cascade: holds(&list, K::CASCADE) };
        }
        renamed(node, Object::Type, name).unwrap_or(Said::Harmless)
    }

    fn attribute(&self, node: &Node) -> Action {
        let old = word_of(node, K::COMPOSITE_FIELD_REF);
        let (ty, collate) = self.type_of(node);
        match node.kind() {
            K::ADD_ATTRIBUTE => {
                let name = word_of(node, K::COMPOSITE_FIELD);
                let column = crate::sql::statement::Column { name, ty: Some(ty), ..Default::default() };
                Action::AddColumn { column, if_not_exists: false }
            }
            K::DROP_ATTRIBUTE => {
                Action::DropColumn { name: old, if_exists: if_exists(node), cascade: tree::cascades(node) }
            }
            K::ALTER_ATTRIBUTE => Action::AlterType { column: old, ty, collate, using: None },
            _ => Action::Other(first_words(node)),
        }
    }
}

fn attach(node: &Node) -> Action {
    let bound = node.children().last();
    Action::Attach {
        partition: name_of(node, K::TABLE_NAME_REF).unwrap_or_else(|| Name::new("")),
        default: has(node, K::PARTITION_DEFAULT),
        bound: bound.map(|bound| tree::text(&bound)).unwrap_or_default(),
    }
}

fn trigger(node: &Node) -> Trigger {
    match kid(node, K::TRIGGER_REF) {
        Some(name) => Trigger::Named(tree::word(&name)),
        None => Trigger::All,
    }
}

fn below(node: &Node) -> Name {
    name_of(node, K::TABLE_NAME_REF).unwrap_or_else(|| Name::new(""))
}

fn first_words(node: &Node) -> String {
    let text = tree::text(node);
    text.split_whitespace().take(4).collect::<Vec<_>>().join(" ").to_uppercase()
}

fn other(object: Object, name: String) -> Said {
    Said::AlterOther { object, name }
}

/// A new name or schema, if that is what is said.
fn renamed(node: &Node, object: Object, name: Name) -> Option<Said> {
    let relation = kid(node, K::ON_RELATION).or_else(|| kid(node, K::ON_TABLE));
    let on = relation.map(|on| tree::name(&on));
    node.children().find_map(|child| {
        let kind = format!("{:?}", child.kind());
        if kind.ends_with("RENAME_TO") {
            let to = child.children().last().map(|last| tree::word(&last)).unwrap_or_default();
            return Some(Said::Rename { object, name: name.clone(), part: None, to, on: on.clone() });
        }
        let schema = (child.kind() == K::SET_SCHEMA).then(|| tree::word(&child))?;
        Some(Said::SetSchema { object, name: name.clone(), to: schema })
    })
}

fn plain(node: &Node, object: Object, kind: K, otherwise: impl Fn(Name) -> Said) -> Said {
    let name = name_of(node, kind).unwrap_or_else(|| Name::new(""));
    renamed(node, object, name.clone()).unwrap_or_else(|| otherwise(name))
}

fn routine(node: &Node) -> Said {
    let signature = node.children().find(|child| format!("{:?}", child.kind()).ends_with("_SIG"));
    let named = signature.as_ref().and_then(|own| own.children().next());
    let name = named.map_or_else(|| Name::new(""), |named| tree::name(&named));
    let object = match node.kind() {
        K::ALTER_PROCEDURE => Object::Procedure,
        K::ALTER_AGGREGATE => Object::Aggregate,
        _ => Object::Function,
    };
    renamed(node, object, name.clone()).unwrap_or(Said::AlterFunction { name })
}

fn policy(node: &Node) -> Said {
    let name = word_of(node, K::POLICY_REF);
    renamed(node, Object::Policy, Name::new(name.clone())).unwrap_or_else(|| Said::AlterPolicy {
        name,
        table: kid(node, K::ON_TABLE).map_or_else(|| Name::new(""), |on| tree::name(&on)),
    })
}

fn index(node: &Node, cx: &Cx<'_>) -> Said {
    let name = name_of(node, K::INDEX_REF).unwrap_or_else(|| Name::new(""));
    if let Some(said) = renamed(node, Object::Index, name.clone()) {
        return said;
    }
    let actions = node
        .children()
        .filter(|child| !matches!(child.kind(), K::INDEX_REF | K::IF_EXISTS))
        .map(|child| (cx.table_attribute(&child, child.kind()), cx.span(&child)))
        .collect();
    Said::AlterTable {
        object: Object::Index,
        table: name,
        if_exists: if_exists(node),
        only: false,
        actions,
        clauses: Clauses::default(),
    }
}
