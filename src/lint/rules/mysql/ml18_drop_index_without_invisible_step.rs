//! ML18: an index that goes without having been hidden first.

use super::common::{quoted, quoted_name};
use crate::lint::effect::How;
use crate::lint::effect::mysql::Server;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Key, Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "ML18",
    name: "drop-index-without-invisible-step",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "An index is dropped that queries may still need",
    reason: "Dropping takes a moment; building the index again takes hours. If a query needed it after all, \
        it reads the whole table from then on, every time, and a few of them at once are enough to stop the \
        server. A hidden index is kept up to date but not used: if something gets slow, it is back at once. \
        A unique index also keeps doubles out, which nothing else does when it is gone.",
    lock: "the exclusive metadata lock for a moment",
    recipe: "Hide the index in one change, watch for some days, and drop it in a later one:\n\n    \
        ALTER TABLE orders ALTER INDEX placed INVISIBLE; -- MySQL 8.0\n    \
        ALTER TABLE orders ALTER INDEX placed IGNORED;   -- MariaDB 10.6",
    bad: &[
        Example { given: "", sql: "DROP INDEX placed ON orders;" },
        Example { given: "", sql: "ALTER TABLE orders DROP INDEX placed;" },
    ],
    good: &[
        Example {
            given: "ALTER TABLE orders ALTER INDEX placed INVISIBLE;",
            sql: "ALTER TABLE orders DROP INDEX placed;",
        },
        Example {
            given: "CREATE INDEX placed ON orders (placed_at);",
            sql: "ALTER TABLE orders DROP INDEX placed, ADD INDEX placed (placed_at, state);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INT, KEY placed (id)); DROP INDEX placed ON orders;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let server = Server::of(seen.before);
    for broken in seen.effects.broken.iter().filter(|broken| broken.object == Object::Index) {
        let (How::Gone, Some(name)) = (&broken.how, &broken.part) else { continue };
        let index = seen.before.relation(&broken.on).and_then(|relation| relation.index(name));
        if index.is_some_and(|index| !index.valid || is_covered(seen, &broken.on, &index.columns)) {
            continue;
        }
        let guards = index.is_some_and(|index| index.unique);
        let table = &broken.on.name;
        let message = format!("queries on \"{table}\" that need \"{name}\" read the whole table from now on");
        let words = match (server.may_be_mysql(), server.may_be_mariadb()) {
            (true, false) => "INVISIBLE",
            (false, true) => "IGNORED",
            _ => "INVISIBLE; -- IGNORED on MariaDB",
        };
        let instead = format!("ALTER TABLE {} ALTER INDEX {} {words}", quoted_name(&broken.on), quoted(name));
        let instead = if instead.contains(';') { instead } else { format!("{instead};") };
        let hit = Hit::new(broken.span, message).on(&broken.on).instead(instead);
        hits.push(if guards { hit.note("it is unique: doubles are no longer kept out") } else { hit });
    }
}

/// Whether another index does the same: one that is there, or that the same statement adds.
fn is_covered(seen: &Seen<'_>, table: &Name, columns: &[String]) -> bool {
    if columns.is_empty() {
        return false;
    }
    let Said::AlterTable { actions, .. } = &seen.statement.said else { return false };
    let added = actions.iter().any(|(action, _)| match action {
        Action::AddIndex { keys, special: None, .. } => {
            let names: Vec<&str> = keys
                .iter()
                .map(|key| match key {
                    Key::Column(name) => name.as_str(),
                    Key::Expression(_) => "",
                })
                .collect();
            begins(&names, columns)
        }
        _ => false,
    });
    let dropped = |name: &str| {
        actions.iter().any(|(action, _)| matches!(action, Action::DropIndex { name: own } if own == name))
    };
    let others = seen.before.relation(table).map(|relation| relation.indexes.as_slice()).unwrap_or_default();
    let there = others.iter().filter(|index| index.valid && !dropped(&index.name)).any(|index| {
        let names: Vec<&str> = index.columns.iter().map(String::as_str).collect();
        begins(&names, columns)
    });
    added || there
}

fn begins(names: &[&str], columns: &[String]) -> bool {
    names.len() >= columns.len()
        && columns.iter().zip(names).all(|(column, name)| column.eq_ignore_ascii_case(name))
}
