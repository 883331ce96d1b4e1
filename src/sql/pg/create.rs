//! `CREATE` of anything.

use super::expression::is_type;
use super::tree::{self, has, holds, if_not_exists, kid, kids, name_of, word_of};
use super::{Cx, K, Node};
use crate::sql::statement::{
    Clauses, Column, CreateTable, Expr, Function, Key, Name, Object, Partitioning, Said,
};

impl Cx<'_> {
    /// What a `CREATE` says.
    pub(super) fn creates(&self, node: &Node) -> Option<Said> {
        let named = |kind| name_of(node, kind).unwrap_or_else(|| Name::new(""));
        Some(match node.kind() {
            K::CREATE_TABLE | K::CREATE_FOREIGN_TABLE => Said::CreateTable(Box::new(self.create_table(node))),
            K::CREATE_TABLE_AS => Said::CreateTable(Box::new(CreateTable {
                filled_from: Some(self.reads(node)).filter(|_| !holds(node, K::WITH_NO_DATA)),
                ..self.create_table(node)
            })),
            K::CREATE_INDEX => self.create_index(node),
            K::CREATE_VIEW | K::CREATE_MATERIALIZED_VIEW => self.create_view(node),
            K::CREATE_FUNCTION | K::CREATE_PROCEDURE => {
                Said::CreateFunction(Box::new(self.create_function(node)))
            }
            K::CREATE_TRIGGER => Said::CreateTrigger {
                name: word_of(node, K::TRIGGER),
                table: kid(node, K::ON_RELATION).map_or_else(|| Name::new(""), |on| tree::name(&on)),
                timing: timing(node),
                function: super::expression::calls(node).into_iter().last(),
            },
            K::CREATE_RULE => create_rule(node),
            K::CREATE_POLICY => Said::CreatePolicy {
                name: word_of(node, K::POLICY),
                table: kid(node, K::ON_TABLE).map_or_else(|| Name::new(""), |on| tree::name(&on)),
                restrictive: kid(node, K::AS_POLICY_TYPE)
                    .is_some_and(|kind| tree::text(&kind).to_ascii_uppercase().contains("RESTRICTIVE")),
            },
            K::CREATE_DOMAIN => Said::CreateDomain {
                name: named(K::DOMAIN),
                base: self.type_of(node).0,
                constraints: node.children().filter_map(|child| self.constraint(&child)).collect(),
            },
            K::CREATE_TYPE => self.create_type(node),
            K::CREATE_SCHEMA => Said::CreateSchema {
                name: node
                    .descendants()
                    .find(|inner| inner.kind() == K::SCHEMA)
                    .map(|own| tree::word(&own))
                    .unwrap_or_default(),
                database: false,
            },
            K::CREATE_SEQUENCE => Said::CreateSequence { name: named(K::SEQUENCE) },
            K::CREATE_EXTENSION => Said::CreateExtension {
                name: word_of(node, K::EXTENSION),
                schema: kid(node, K::EXTENSION_SCHEMA).map(|schema| tree::word(&schema)),
            },
            K::CREATE_STATISTICS => attends(node, Object::Statistics),
            K::CREATE_PUBLICATION => attends(node, Object::Publication),
            K::CREATE_DATABASE => Said::Alone { command: "CREATE DATABASE" },
            K::CREATE_TABLESPACE => Said::Alone { command: "CREATE TABLESPACE" },
            K::CREATE_SUBSCRIPTION => Said::Alone { command: "CREATE SUBSCRIPTION" },
            kind if format!("{kind:?}").starts_with("CREATE_") => Said::Harmless,
            _ => return None,
        })
    }

    fn create_table(&self, node: &Node) -> CreateTable {
        let list = kid(node, K::TABLE_ARG_LIST);
        let arguments: Vec<Node> = list.iter().flat_map(Node::children).collect();
        let columns: Vec<Column> =
            arguments.iter().filter(|own| own.kind() == K::COLUMN).map(|own| self.column(own)).collect();
        let names = |kind| arguments.iter().filter(move |own| own.kind() == kind);
        CreateTable {
            name: name_of(node, K::TABLE_NAME).unwrap_or_else(|| Name::new("")),
            temporary: is_temporary(node),
            unlogged: has(node, K::UNLOGGED),
            if_not_exists: if_not_exists(node),
            columns,
            constraints: arguments.iter().filter_map(|own| self.constraint(own)).collect(),
            partitioning: Partitioning {
                by: has(node, K::PARTITION_BY),
                of: kid(node, K::PARTITION_OF).map(|of| tree::name(&of)),
                default: has(node, K::PARTITION_DEFAULT),
                bound: node
                    .children()
                    .find(|child| format!("{:?}", child.kind()).starts_with("PARTITION_FOR_VALUES"))
                    .map(|bound| tree::text(&bound)),
            },
            inherits: kid(node, K::INHERITS)
                .map(|own| tree::names_of(&own, K::TABLE_NAME_REF))
                .unwrap_or_default(),
            like: names(K::LIKE_CLAUSE).map(tree::name).collect(),
            filled_from: None,
            options: Vec::new(),
        }
    }

    fn create_index(&self, node: &Node) -> Said {
        let relation = kid(node, K::TABLE_RELATION_NAME);
        let keys = kid(node, K::PARTITION_ITEM_LIST);
        let keys = keys.iter().flat_map(|list| kids(list, K::PARTITION_ITEM)).map(|item| {
            match tree::expression(&item) {
                Some(name) if name.kind() == K::NAME_REF => Key::Column(tree::word(&name)),
                Some(expression) => Key::Expression(tree::text(&expression)),
                None => Key::Expression(tree::text(&item)),
            }
        });
        let filter: Option<Expr> = kid(node, K::WHERE_CLAUSE).map(|clause| self.inner_expression(&clause));
        Said::CreateIndex {
            name: name_of(node, K::INDEX),
            table: relation.as_ref().map_or_else(|| Name::new(""), tree::name),
            keys: keys.collect(),
            unique: has(node, K::UNIQUE_KW),
            concurrently: has(node, K::CONCURRENTLY_KW),
            if_not_exists: if_not_exists(node),
            only: relation.is_some_and(|relation| has(&relation, K::ONLY_KW)),
            method: kid(node, K::USING_METHOD).map(|method| tree::word(&method)),
            filter,
            special: None,
            clauses: Clauses::default(),
        }
    }

    fn create_view(&self, node: &Node) -> Said {
        Said::CreateView {
            name: name_of(node, K::VIEW).unwrap_or_else(|| Name::new("")),
            materialized: node.kind() == K::CREATE_MATERIALIZED_VIEW,
            or_replace: has(node, K::OR_REPLACE),
            if_not_exists: if_not_exists(node),
            columns: view_columns(node),
            reads: self.reads(node),
            no_data: holds(node, K::WITH_NO_DATA),
            temporary: is_temporary(node),
        }
    }

    fn create_type(&self, node: &Node) -> Said {
        let values = kid(node, K::ENUM_TYPE).map(|own| {
            let literals = own.descendants().filter(|inner| inner.kind() == K::LITERAL);
            literals.filter_map(|literal| tree::literal(&literal)).collect()
        });
        let attributes = kid(node, K::COMPOSITE_TYPE).map(|own| {
            let fields = own.descendants().filter(|inner| kid(inner, K::COMPOSITE_FIELD).is_some());
            fields
                .map(|field| Column {
                    name: word_of(&field, K::COMPOSITE_FIELD),
                    ty: Some(self.type_of(&field).0),
                    span: self.span(&field),
                    ..Column::default()
                })
                .collect()
        });
        Said::CreateType {
            name: name_of(node, K::TYPE_NAME).unwrap_or_else(|| Name::new("")),
            values,
            attributes: attributes.unwrap_or_default(),
        }
    }

    fn create_function(&self, node: &Node) -> Function {
        let options = kid(node, K::FUNC_OPTION_LIST);
        let option = |kind: K| options.as_ref().is_some_and(|list| has(list, kind));
        let language = options.as_ref().and_then(|list| kid(list, K::LANGUAGE_FUNC_OPTION));
        let language = language.map(|own| {
            let literal = kid(&own, K::LITERAL).and_then(|literal| tree::literal(&literal));
            literal.unwrap_or_else(|| tree::word(&own)).to_lowercase()
        });
        let list = kid(node, K::PARAM_LIST);
        let parameters: Vec<Node> = list.iter().flat_map(|list| kids(list, K::PARAM)).collect();
        let (body, constant) = self.function_body(node);
        let sets = options.as_ref().is_some_and(|list| {
            kids(list, K::SET_FUNC_OPTION).any(|own| tree::text(&own).to_lowercase().contains("search_path"))
        });
        Function {
            name: name_of(node, K::FUNCTION_NAME)
                .or_else(|| name_of(node, K::PROCEDURE_NAME))
                .unwrap_or_else(|| Name::new("")),
            procedure: node.kind() == K::CREATE_PROCEDURE,
            or_replace: has(node, K::OR_REPLACE),
            defaults: parameters.iter().filter(|own| has(own, K::PARAM_DEFAULT)).count(),
            parameters: parameters
                .iter()
                .filter(|own| !has(own, K::PARAM_OUT))
                .filter_map(|own| own.children().find(|child| is_type(child.kind())))
                .map(|ty| self.ty(&ty).written())
                .collect(),
            returns: kid(node, K::RET_TYPE).map(|ret| tree::text(&ret)),
            sql: language.as_deref().unwrap_or("sql") == "sql",
            language,
            volatile: !(option(K::IMMUTABLE) || option(K::STABLE)),
            definer: option(K::SECURITY_DEFINER_FUNC_OPTION),
            sets_path: sets,
            calls: Vec::new(),
            constant,
            body,
        }
    }
}

fn is_temporary(node: &Node) -> bool {
    has(node, K::TEMP) || node.children().any(|child| has(&child, K::TEMP_KW) || has(&child, K::TEMPORARY_KW))
}

fn timing(node: &Node) -> String {
    let timing = node.children().find(|child| format!("{:?}", child.kind()).starts_with("TIMING"));
    timing.map(|timing| tree::text(&timing).to_uppercase()).unwrap_or_default()
}

fn create_rule(node: &Node) -> Said {
    let on = kid(node, K::RULE_ON);
    let event = on.as_ref().and_then(|on| kid(on, K::RULE_EVENT));
    Said::CreateRule {
        name: word_of(node, K::RULE),
        table: on.as_ref().and_then(|on| name_of(on, K::RELATION_NAME_REF)).unwrap_or_else(|| Name::new("")),
        instead: kid(node, K::RULE_DO).is_some_and(|own| has(&own, K::INSTEAD_KW)),
        event: event.map(|event| tree::text(&event).to_uppercase()).unwrap_or_default(),
    }
}

fn attends(node: &Node, object: Object) -> Said {
    let tables = node.descendants().filter(|inner| inner.kind() == K::TABLE_NAME_REF);
    Said::Attend { object, tables: tables.map(|table| tree::name(&table)).collect() }
}

/// The names of a view's columns; none if they are not written (`*`, expressions without a name).
fn view_columns(node: &Node) -> Option<Vec<String>> {
    if let Some(list) = kid(node, K::COLUMN_LIST) {
        return Some(kids(&list, K::COLUMN_NAME).map(|column| tree::word(&column)).collect());
    }
    let select = kid(node, K::SELECT)?;
    let targets = kid(&kid(&select, K::SELECT_CLAUSE)?, K::TARGET_LIST)?;
    kids(&targets, K::TARGET)
        .map(|target| {
            if let Some(alias) = kid(&target, K::AS_NAME) {
                return Some(tree::word(&alias));
            }
            let inner = tree::expression(&target)?;
            match inner.kind() {
                K::NAME_REF | K::FIELD_EXPR if !has(&inner, K::STAR) => Some(tree::word(&inner)),
                K::CALL_EXPR => inner.children().next().map(|name| tree::word(&name)),
                _ => None,
            }
        })
        .collect()
}
