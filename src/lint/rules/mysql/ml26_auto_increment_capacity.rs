//! ML26: a counter that is nearly at its end.

use super::common::{quoted, quoted_name};
use super::ml24_timestamp_2038_and_zero_date::declared;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said, Type};

pub(super) static RULE: Rule = Rule {
    code: "ML26",
    name: "auto-increment-capacity",
    dialect: Dialect::Mysql,
    severity: Severity::Advice,
    summary: "The numbers of an AUTO_INCREMENT column are used up to four fifths",
    reason: "An INT counts to 2,147,483,647. When it is there, every INSERT fails, and making the column \
        larger copies the whole table while nobody can write: the worst moment to begin with it. Only the \
        catalogue of the target tells how far it is.",
    lock: "",
    recipe: "Move to BIGINT UNSIGNED in good time, with gh-ost, pt-online-schema-change or spirit:\n\n    \
        gh-ost --table=orders --alter='MODIFY id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT' --execute",
    bad: &[Example {
        given: "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 2000000000;",
        sql: "ALTER TABLE orders ADD COLUMN note TEXT;",
    }],
    good: &[
        Example {
            given: "CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 2000000000;",
            sql: "ALTER TABLE orders ADD COLUMN note TEXT;",
        },
        Example {
            given: "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 2000000000;",
            sql: "ALTER TABLE orders MODIFY id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT;",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let tables: Vec<&Name> = match &seen.statement.said {
        Said::AlterTable { table, .. } | Said::CreateIndex { table, .. } => vec![table],
        Said::Write(writes, _) => writes.iter().map(|write| &write.table).collect(),
        _ => return,
    };
    let (_, declared) = declared(&seen.statement.said);
    for table in tables {
        let Some(relation) = seen.before.relation(table) else { continue };
        let counter = relation.columns.iter().find(|column| column.identity);
        let Some((column, next)) = counter.zip(relation.auto_increment) else { continue };
        let most = column.ty.as_ref().and_then(most);
        let Some(most) = most.filter(|most| next / 4 >= most / 5) else { continue };
        // It may be what this very statement is for.
        if declared.iter().any(|(own, _)| own.name.eq_ignore_ascii_case(&column.name)) {
            continue;
        }
        let percent = u128::from(next) * 100 / u128::from(most.max(1));
        let message = format!(
            "\"{}\" of \"{}\" has used {percent} % of its numbers; at the end every INSERT fails",
            column.name, table.name
        );
        let alter = format!("MODIFY {} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT", quoted(&column.name));
        let instead = format!("gh-ost --table={} --alter='{alter}' --execute", quoted_name(table));
        hits.push(Hit::new(seen.statement.span, message).on(table).instead(instead));
    }
}

/// The largest number of a type.
fn most(ty: &Type) -> Option<u64> {
    let bits = match ty.name.as_str() {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" => 32,
        "bigint" => 64,
        _ => return None,
    };
    let bits = if ty.more.iter().any(|word| word == "unsigned") { bits } else { bits - 1 };
    Some(u64::MAX >> (64 - bits))
}
