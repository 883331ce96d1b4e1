//! Columns and constraints.

use super::expression::{column_names, is_type};
use super::tree::{self, has, holds, kid, name_of, word_of};
use super::{Cx, K, Node};
use crate::sql::statement::{Column, Constraint, ConstraintKind, Expr, Foreign, Name, Type};

impl Cx<'_> {
    /// A column as `CREATE TABLE` and `ADD COLUMN` define it.
    pub(super) fn column(&self, node: &Node) -> Column {
        Column {
            name: word_of(node, K::COLUMN_NAME),
            ty: node.children().find(|child| is_type(child.kind())).map(|ty| self.ty(&ty)),
            collate: collation(node),
            constraints: node.children().filter_map(|child| self.constraint(&child)).collect(),
            placed: false,
            span: self.span(node),
        }
    }

    /// The type and collation of a node that has both.
    pub(super) fn type_of(&self, node: &Node) -> (Type, Option<String>) {
        let ty = node.children().find(|child| is_type(child.kind()));
        (ty.map(|ty| self.ty(&ty)).unwrap_or_default(), collation(node))
    }

    /// A constraint, if the node is one.
    pub(super) fn constraint(&self, node: &Node) -> Option<Constraint> {
        let kind = match node.kind() {
            K::NOT_NULL_CONSTRAINT => ConstraintKind::NotNull {
                column: kid(node, K::COLUMN_NAME_REF).map(|column| tree::word(&column)),
            },
            K::NULL_CONSTRAINT => ConstraintKind::Null,
            K::DEFAULT_CONSTRAINT => ConstraintKind::Default(self.inner_expression(node)),
            K::CHECK_CONSTRAINT => ConstraintKind::Check(self.inner_expression(node)),
            K::UNIQUE_CONSTRAINT => {
                let (columns, using_index) = keys(node);
                ConstraintKind::Unique { columns, using_index }
            }
            K::PRIMARY_KEY_CONSTRAINT => {
                let (columns, using_index) = keys(node);
                ConstraintKind::PrimaryKey { columns, using_index }
            }
            K::REFERENCES_CONSTRAINT => ConstraintKind::Foreign(Foreign {
                columns: Vec::new(),
                table: name_of(node, K::TABLE_NAME_REF).unwrap_or_else(|| Name::new("")),
                to: column_names(node),
                cascades: deletes_cascade(node),
            }),
            K::FOREIGN_KEY_CONSTRAINT => {
                let mut lists = tree::kids(node, K::FOREIGN_KEY_COLUMN_LIST).map(|list| column_names(&list));
                ConstraintKind::Foreign(Foreign {
                    columns: lists.next().unwrap_or_default(),
                    table: name_of(node, K::TABLE_NAME_REF).unwrap_or_else(|| Name::new("")),
                    to: lists.next().unwrap_or_default(),
                    cascades: deletes_cascade(node),
                })
            }
            K::EXCLUDE_CONSTRAINT => ConstraintKind::Exclude,
            K::GENERATED_CONSTRAINT => self.generated(node),
            _ => return None,
        };
        Some(Constraint {
            name: kid(node, K::CONSTRAINT_NAME_CLAUSE).map(|clause| word_of(&clause, K::CONSTRAINT_NAME)),
            kind,
            not_valid: has(node, K::NOT_VALID),
            not_enforced: has(node, K::NOT_ENFORCED),
            no_inherit: has(node, K::NO_INHERIT),
            span: self.span(node),
        })
    }

    fn generated(&self, node: &Node) -> ConstraintKind {
        if let Some(identity) = kid(node, K::GENERATED_IDENTITY) {
            return ConstraintKind::Identity { always: has(&identity, K::GENERATED_ALWAYS) };
        }
        let inner = kid(node, K::GENERATED_STORED).unwrap_or_else(|| node.clone());
        // PostgreSQL 18 takes a column without either word for virtual, older ones refuse it.
        ConstraintKind::Generated { expr: self.inner_expression(&inner), stored: holds(node, K::STORED_KW) }
    }

    /// The expression below a node.
    pub(super) fn inner_expression(&self, node: &Node) -> Expr {
        tree::expression(node).map(|inner| self.expr(&inner)).unwrap_or_default()
    }
}

fn collation(node: &Node) -> Option<String> {
    kid(node, K::COLLATE).map(|collate| tree::word(&collate))
}

/// The columns of a key, and the index it is made from.
fn keys(node: &Node) -> (Vec<String>, Option<String>) {
    let list = kid(node, K::INDEX_PARAMETERS).and_then(|own| kid(&own, K::CONSTRAINT_COLUMN_REF_LIST));
    let columns = list.map(|list| column_names(&list)).unwrap_or_default();
    (columns, kid(node, K::USING_INDEX_NAME).map(|using| word_of(&using, K::INDEX_REF)))
}

fn deletes_cascade(node: &Node) -> bool {
    kid(node, K::ON_DELETE_ACTION).is_some_and(|action| has(&action, K::CASCADE))
}
