//! ML08: `REFERENCES` behind a column, which most MySQL servers read and forget.

use super::common::{quoted, quoted_name};
use crate::lint::effect::mysql::{Server, heeds_references};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Column, ConstraintKind, Name, Said, Span};

pub(super) static RULE: Rule = Rule {
    code: "ML08",
    name: "inline-references-ignored",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "REFERENCES behind a column makes no foreign key on MySQL before 9.0",
    reason: "MySQL up to 8.4 reads REFERENCES behind a column and forgets it, without an error or a \
        warning. The table looks as if it were guarded, and rows that point to nothing come in from the \
        first day. (MariaDB heeds it from 10.5 on, MySQL from 9.0 on.)",
    lock: "",
    recipe: "Write the foreign key for the table:\n\n    \
        CREATE TABLE items (\n      id INT PRIMARY KEY,\n      order_id INT,\n      \
        FOREIGN KEY (order_id) REFERENCES orders (id)\n    );",
    bad: &[
        Example {
            given: "",
            sql: "CREATE TABLE items (id INT PRIMARY KEY, order_id INT REFERENCES orders (id));",
        },
        Example { given: "", sql: "ALTER TABLE items ADD COLUMN order_id INT REFERENCES orders (id);" },
    ],
    good: &[Example {
        given: "",
        sql: "CREATE TABLE items (id INT PRIMARY KEY, order_id INT, FOREIGN KEY (order_id) REFERENCES \
                orders (id));",
    }],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let server = Server::of(seen.before);
    if heeds_references(server) {
        return;
    }
    match &seen.statement.said {
        Said::CreateTable(create) => {
            for column in &create.columns {
                let instead =
                    |foreign: &str| format!("  {foreign} -- beside the columns of {}", create.name.name);
                one(column, column.span, &create.name, server, instead, hits);
            }
        }
        Said::AlterTable { table, actions, .. } => {
            for (action, span) in actions {
                if let Action::AddColumn { column, .. } | Action::Modify { column, .. } = action {
                    let instead =
                        |foreign: &str| format!("ALTER TABLE {} ADD {foreign};", quoted_name(table));
                    one(column, *span, table, server, instead, hits);
                }
            }
        }
        _ => {}
    }
}

fn one(
    column: &Column,
    span: Span,
    table: &Name,
    server: Server,
    instead: impl Fn(&str) -> String,
    hits: &mut Vec<Hit>,
) {
    let foreign = column.find(|kind| match kind {
        ConstraintKind::Foreign(foreign) => Some(foreign),
        _ => None,
    });
    let Some(foreign) = foreign else { return };
    let to = if foreign.to.is_empty() { "id".to_owned() } else { foreign.to.join(", ") };
    let wanted =
        format!("FOREIGN KEY ({}) REFERENCES {} ({to})", quoted(&column.name), quoted_name(&foreign.table));
    let message = format!(
        "REFERENCES behind \"{}\" makes no foreign key: \"{}\" is not guarded",
        column.name, table.name
    );
    let hit = Hit::new(span, message).on(table).instead(instead(&wanted));
    hits.push(if server.may_be_mariadb() {
        let unless = "the server and its version (MariaDB 10.5 and MySQL 9.0 heed it)";
        hit.note(format!("worst case; what would settle it: {unless}"))
    } else {
        hit
    });
}
