//! Transactions, settings, and the statements that keep a database in order.

use super::rows::{listed, tables_and_columns};
use super::tree::{self, has, holds, kid, name_of, word_of};
use super::{Cx, K, Node};
use crate::sql::statement::{Name, Object, Said};

impl Cx<'_> {
    /// What a statement about transactions and settings says.
    pub(super) fn transactional(&self, node: &Node) -> Option<Said> {
        Some(match node.kind() {
            K::BEGIN => Said::Begin,
            K::COMMIT_TRANSACTION | K::COMMIT_PREPARED | K::PREPARE_TRANSACTION => Said::Commit,
            K::ROLLBACK_TRANSACTION | K::ROLLBACK_PREPARED => Said::Rollback,
            K::ROLLBACK_TO_SAVEPOINT | K::SAVEPOINT_CREATE | K::RELEASE_SAVEPOINT => Said::Savepoint,
            K::SET => setting(node),
            K::SET_ROLE => set("role", Some(tree::word(node)), is_local(node)),
            K::SET_SESSION_AUTH => set("session authorization", Some(tree::word(node)), is_local(node)),
            K::RESET_ROLE => set("role", None, false),
            K::RESET_SESSION_AUTH => set("session authorization", None, false),
            K::RESET => set(&word_of(node, K::CONFIG_PARAMETER_REF), None, false),
            _ => return None,
        })
    }

    /// What a statement says that keeps the database in order.
    pub(super) fn keeps_house(&self, node: &Node) -> Option<Said> {
        Some(match node.kind() {
            K::TRUNCATE => {
                Said::Truncate { tables: listed(node, K::TABLE_LIST), cascade: tree::cascades(node) }
            }
            K::LOCK => Said::Lock {
                tables: listed(node, K::RELATION_LIST),
                mode: kid(node, K::LOCK_MODE_CLAUSE).map(|clause| lock_mode(&clause)),
                nowait: has(node, K::NOWAIT),
            },
            K::VACUUM => Said::Vacuum { tables: tables_and_columns(node), full: is_full(node) },
            K::ANALYZE => Said::Analyze { tables: tables_and_columns(node) },
            K::CLUSTER | K::REPACK => Said::Cluster { table: name_of(node, K::TABLE_NAME_REF) },
            K::REINDEX => reindex(node),
            K::REFRESH => Said::Refresh {
                view: name_of(node, K::VIEW_REF).unwrap_or_else(|| Name::new("")),
                concurrently: has(node, K::CONCURRENTLY_KW),
                no_data: holds(node, K::WITH_NO_DATA),
            },
            K::COMMENT_ON | K::SECURITY_LABEL => comment(node),
            K::GRANT | K::REVOKE => privileges(node),
            K::DO => self.block(node),
            K::CALL => {
                Said::Call { name: name_of(node, K::PROCEDURE_NAME_REF).unwrap_or_else(|| Name::new("")) }
            }
            K::EXECUTE => Said::Dynamic,
            K::REASSIGN => Said::AlterOther { object: Object::Role, name: "REASSIGN OWNED".to_owned() },
            K::IMPORT_FOREIGN_SCHEMA | K::SHOW | K::LISTEN | K::UNLISTEN | K::NOTIFY | K::CHECKPOINT => {
                Said::Harmless
            }
            K::DISCARD | K::DEALLOCATE | K::CLOSE | K::FETCH | K::MOVE | K::LOAD => Said::Harmless,
            K::SET_CONSTRAINTS | K::SET_TRANSACTION => Said::Harmless,
            _ => return None,
        })
    }
}

fn set(name: &str, value: Option<String>, local: bool) -> Said {
    Said::Set { name: name.to_owned(), value, local }
}

fn is_local(node: &Node) -> bool {
    has(node, K::LOCAL_SCOPE) || has(node, K::LOCAL_KW)
}

fn setting(node: &Node) -> Said {
    let local = is_local(node);
    let Some(target) =
        node.children().find(|child| child.kind() != K::LOCAL_SCOPE && child.kind() != K::SESSION_SCOPE)
    else {
        return Said::Harmless;
    };
    let name = match target.kind() {
        K::SET_CONFIG => {
            let parameter = kid(&target, K::CONFIG_PARAMETER_REF);
            parameter.map(|own| tree::parts(&own).join(".")).unwrap_or_default()
        }
        K::SET_TIME_ZONE => "timezone".to_owned(),
        K::SET_SCHEMA_VALUE => "search_path".to_owned(),
        _ => return Said::Harmless,
    };
    if holds(&target, K::DEFAULT_KW) {
        return set(&name, None, local);
    }
    let holder = kid(&target, K::TO_CONFIG_VALUE).unwrap_or_else(|| target.clone());
    let value = |child: &Node| match child.kind() {
        K::LITERAL => tree::literal(child).or_else(|| Some(tree::text(child))),
        K::CONFIG_PARAMETER_REF => None,
        _ => Some(tree::word(child)),
    };
    let values: Vec<String> = holder.children().filter_map(|child| value(&child)).collect();
    let text = if values.is_empty() { tree::text(&holder) } else { values.join(", ") };
    set(&name, Some(text), local)
}

fn lock_mode(clause: &Node) -> String {
    let text = tree::text(clause).to_uppercase();
    let words: Vec<&str> = text.split_whitespace().filter(|word| !matches!(*word, "IN" | "MODE")).collect();
    words.join(" ")
}

fn is_full(node: &Node) -> bool {
    if has(node, K::FULL_KW) {
        return true;
    }
    let options = kid(node, K::VACUUM_OPTION_LIST);
    options.iter().flat_map(|list| tree::kids(list, K::VACUUM_OPTION)).any(|option| {
        let text = tree::text(&option).to_lowercase();
        let mut words = text.split_whitespace();
        words.next() == Some("full")
            && !matches!(words.next(), Some("false" | "off" | "0" | "'false'" | "'off'"))
    })
}

fn reindex(node: &Node) -> Said {
    let target = node.children().find(|child| format!("{:?}", child.kind()).starts_with("REINDEX_TARGET"));
    let object = match target.as_ref().map(Node::kind) {
        Some(K::REINDEX_TARGET_INDEX) => Object::Index,
        Some(K::REINDEX_TARGET_TABLE) => Object::Table,
        Some(K::REINDEX_TARGET_SCHEMA) => Object::Schema,
        Some(K::REINDEX_TARGET_DATABASE) => Object::Database,
        _ => Object::Other,
    };
    let named = target.as_ref().and_then(|target| target.children().next());
    let off = kid(node, K::REINDEX_OPTION_LIST).is_some_and(|list| {
        holds(&list, K::CONCURRENTLY_KW) && (holds(&list, K::FALSE_KW) || holds(&list, K::OFF_KW))
    });
    Said::Reindex {
        object,
        name: named.map(|named| tree::name(&named)),
        concurrently: holds(node, K::CONCURRENTLY_KW) && !off,
    }
}

fn comment(node: &Node) -> Said {
    let object = node.children().find(|child| format!("{:?}", child.kind()).starts_with("OBJECT_"));
    let Some(target) = object else { return Said::Harmless };
    let (object, name) = match target.kind() {
        K::OBJECT_TABLE => (Object::Table, target.children().next().map(|own| tree::name(&own))),
        K::OBJECT_COLUMN => {
            let mut parts = tree::parts(&target);
            parts.pop();
            let name = parts.pop().map(|name| Name { schema: parts.pop(), name });
            (Object::Column, name)
        }
        K::OBJECT_CONSTRAINT => (Object::Constraint, name_of(&target, K::TABLE_NAME_REF)),
        _ => (Object::Other, None),
    };
    Said::Comment { object, name }
}

fn privileges(node: &Node) -> Said {
    let clause = kid(node, K::ON_PRIVILEGE_OBJECTS_CLAUSE);
    let roles = kid(node, K::ROLE_REF_LIST);
    let role = |child: Node| tree::word(&child);
    let text = tree::text(node).to_ascii_uppercase();
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        parts.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    // Before ON stand the privileges, perhaps with columns.
    let given: Vec<String> = words(&text).into_iter().take_while(|word| word != "ON").collect();
    let all_tables = words(&text)
        .windows(2)
        .any(|pair| matches!(pair, [all, tables] if all == "ALL" && tables == "TABLES"));
    let schemas = clause
        .iter()
        .filter(|_| all_tables)
        .flat_map(Node::descendants)
        .filter(|inner| inner.kind() == K::SCHEMA_REF)
        .map(|inner| tree::word(&inner))
        .collect();
    let on_tables = |kind: K| matches!(kind, K::RELATION_NAME_REF | K::TABLE_NAME_REF);
    Said::Privileges {
        grant: node.kind() == K::GRANT,
        all: has(node, K::ALL_PRIVILEGES),
        objects: clause
            .iter()
            .flat_map(Node::descendants)
            .filter(|inner| on_tables(inner.kind()))
            .map(|inner| tree::name(&inner))
            .collect(),
        roles: roles.iter().flat_map(Node::children).map(role).collect(),
        on_objects: clause.is_some(),
        writes: given.iter().any(|word| ["INSERT", "UPDATE", "DELETE", "ALL"].contains(&word.as_str())),
        schemas,
    }
}
