//! `DROP` of anything.

use super::tree::{self, cascades, if_exists, kid, kids};
use super::{Cx, K, Node};
use crate::sql::statement::{Name, Object, Said};

impl Cx<'_> {
    /// What a `DROP` says.
    pub(super) fn drops(&self, node: &Node) -> Option<Said> {
        let (object, kind) = match node.kind() {
            K::DROP_TABLE => (Object::Table, K::TABLE_NAME_REF),
            K::DROP_FOREIGN_TABLE => (Object::ForeignTable, K::TABLE_NAME_REF),
            K::DROP_VIEW => (Object::View, K::VIEW_REF),
            K::DROP_MATERIALIZED_VIEW => (Object::MaterializedView, K::VIEW_REF),
            K::DROP_INDEX => (Object::Index, K::INDEX_REF),
            K::DROP_SEQUENCE => (Object::Sequence, K::SEQUENCE_REF),
            K::DROP_DOMAIN => (Object::Domain, K::DOMAIN_REF),
            K::DROP_TYPE => (Object::Type, K::TYPE_NAME_REF),
            K::DROP_SCHEMA => (Object::Schema, K::SCHEMA_REF),
            K::DROP_EXTENSION => (Object::Extension, K::EXTENSION_REF),
            K::DROP_ROLE | K::DROP_USER | K::DROP_GROUP => (Object::Role, K::ROLE_REF),
            K::DROP_STATISTICS => (Object::Statistics, K::STATISTICS_REF),
            K::DROP_PUBLICATION => (Object::Publication, K::PUBLICATION_REF),
            K::DROP_TRIGGER => (Object::Trigger, K::TRIGGER_REF),
            K::DROP_RULE => (Object::Rule, K::RULE_REF),
            K::DROP_POLICY => (Object::Policy, K::POLICY_REF),
            K::DROP_FUNCTION | K::DROP_ROUTINE => return Some(routines(node, Object::Function)),
            K::DROP_PROCEDURE => return Some(routines(node, Object::Procedure)),
            K::DROP_AGGREGATE => return Some(routines(node, Object::Aggregate)),
            K::DROP_DATABASE => (Object::Database, K::DATABASE_REF),
            K::DROP_TABLESPACE => return Some(Said::Alone { command: "DROP TABLESPACE" }),
            K::DROP_SUBSCRIPTION => return Some(Said::Alone { command: "DROP SUBSCRIPTION" }),
            K::DROP_OWNED => {
                return Some(Said::Drop {
                    object: Object::Other,
                    names: vec![Name::new("everything that the role owns")],
                    on: None,
                    if_exists: false,
                    cascade: cascades(node),
                    concurrently: false,
                });
            }
            kind if format!("{kind:?}").starts_with("DROP_") => return Some(Said::Harmless),
            _ => return None,
        };
        let on = kid(node, K::ON_RELATION).or_else(|| kid(node, K::ON_TABLE));
        Some(Said::Drop {
            object,
            names: kids(node, kind).map(|child| tree::name(&child)).collect(),
            on: on.map(|on| tree::name(&on)),
            if_exists: if_exists(node),
            cascade: cascades(node),
            concurrently: tree::has(node, K::CONCURRENTLY_KW),
        })
    }
}

fn routines(node: &Node, object: Object) -> Said {
    let lists = node.children().filter(|child| format!("{:?}", child.kind()).ends_with("_SIG_LIST"));
    let mut names: Vec<Name> = lists
        .flat_map(|list| list.children().collect::<Vec<_>>())
        .filter_map(|signature| signature.children().next())
        .map(|name| tree::name(&name))
        .collect();
    names.extend(
        kids(node, K::AGGREGATE).filter_map(|own| kid(&own, K::PATH_REF)).map(|own| tree::name(&own)),
    );
    Said::Drop {
        object,
        names,
        on: None,
        if_exists: if_exists(node),
        cascade: cascades(node),
        concurrently: false,
    }
}
