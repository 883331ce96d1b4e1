//! The kinds of objects in a database.

/// What kind of object a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Object {
    Table,
    ForeignTable,
    View,
    MaterializedView,
    Index,
    Sequence,
    Column,
    Constraint,
    Trigger,
    Rule,
    Policy,
    Schema,
    Database,
    Tablespace,
    Type,
    EnumValue,
    Attribute,
    Domain,
    Function,
    Procedure,
    Aggregate,
    Extension,
    Role,
    Statistics,
    Publication,
    Subscription,
    Partition,
    Other,
}

impl Object {
    /// Its name in a sentence.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Object::Table => "table",
            Object::ForeignTable => "foreign table",
            Object::View => "view",
            Object::MaterializedView => "materialized view",
            Object::Index => "index",
            Object::Sequence => "sequence",
            Object::Column => "column",
            Object::Constraint => "constraint",
            Object::Trigger => "trigger",
            Object::Rule => "rule",
            Object::Policy => "policy",
            Object::Schema => "schema",
            Object::Database => "database",
            Object::Tablespace => "tablespace",
            Object::Type => "type",
            Object::EnumValue => "enum value",
            Object::Attribute => "attribute",
            Object::Domain => "domain",
            Object::Function => "function",
            Object::Procedure => "procedure",
            Object::Aggregate => "aggregate",
            Object::Extension => "extension",
            Object::Role => "role",
            Object::Statistics => "statistics object",
            Object::Publication => "publication",
            Object::Subscription => "subscription",
            Object::Partition => "partition",
            Object::Other => "object",
        }
    }
}
