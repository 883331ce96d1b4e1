//! ML07: a `NOT NULL` column without a default.

use super::common::{quoted, quoted_name};
use crate::lint::effect::mysql::is_old;
use crate::lint::effect::{How, Refusal};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Said};

pub(super) static RULE: Rule = Rule {
    code: "ML07",
    name: "add-not-null-column-implicit-default",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "A new NOT NULL column without a default gives all rows 0 or '', and refuses the next INSERT",
    reason: "Other databases refuse this on a table with rows. MySQL and MariaDB do not: every row silently \
        gets 0, an empty string, the first value of an enum or the date 0000-00-00, which looks like data \
        from then on. And the application as it runs does not know the column: its INSERTs leave it out and \
        fail with \"Field doesn't have a default value\" as soon as the SQL mode is strict, which is usual.",
    lock: "the exclusive metadata lock for a moment",
    recipe: "Say what the rows shall get, or let the column be null:\n\n    \
        ALTER TABLE orders ADD COLUMN state INT NOT NULL DEFAULT 1, ALGORITHM=INSTANT;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN z INT NOT NULL;" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN (a INT, b VARCHAR(20) NOT NULL);" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN z INT NOT NULL DEFAULT 5;" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN z INT;" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN z INT GENERATED ALWAYS AS (a + 1) VIRTUAL NOT NULL;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INT); ALTER TABLE orders ADD COLUMN z INT NOT NULL;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::AlterTable { table, actions, .. } = &seen.statement.said else { return };
    if !is_old(seen.before, table) {
        return;
    }
    for (action, span) in actions {
        let Action::AddColumn { column, .. } = action else { continue };
        let required = |broken: &crate::lint::effect::Broken| {
            broken.how == How::Refuses(Refusal::RequiredColumn)
                && broken.part.as_deref() == Some(column.name.as_str())
        };
        if !seen.effects.broken.iter().any(required) {
            continue;
        }
        let ty = column.ty.as_ref().map(|ty| ty.name.as_str()).unwrap_or_default();
        let (gets, default) = match ty {
            "char" | "varchar" => ("''", Some("''")),
            "text" | "tinytext" | "mediumtext" | "longtext" | "binary" | "varbinary" => ("''", None),
            "date" | "datetime" | "timestamp" | "time" => ("a zero date", None),
            "enum" => ("its first value", None),
            "json" | "blob" | "set" => ("an empty value", None),
            _ => ("0", Some("0")),
        };
        let message = format!(
            "every row of \"{}\" silently gets {gets} in \"{}\", and INSERTs that leave it out are refused",
            table.name, column.name
        );
        let written = column.ty.as_ref().map(crate::sql::statement::Type::written).unwrap_or_default();
        let mut hit = Hit::new(*span, message).on(table);
        if let Some(default) = default {
            let (table, name) = (quoted_name(table), quoted(&column.name));
            let ty = written.to_uppercase();
            hit = hit
                .instead(format!("ALTER TABLE {table} ADD COLUMN {name} {ty} NOT NULL DEFAULT {default};"));
        }
        hits.push(hit);
    }
}
