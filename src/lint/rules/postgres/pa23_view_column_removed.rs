//! A view loses a column.

use super::around;
use super::words::list;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PA23",
    name: "view-column-removed",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A view is defined anew without a column that it has",
    reason: "CREATE OR REPLACE VIEW can append columns and nothing else: without an old column, or with \
             another name or type for one, it fails with \"cannot drop columns from view\" or \"cannot \
             change name of view column\", and so does the deploy. DROP and CREATE do go through, and then \
             every query that names the column fails.",
    lock: "ACCESS EXCLUSIVE on the view, for a moment.",
    recipe:
        "Append columns only. For another shape make a new view beside the old one, and drop the old one \
         when nothing uses it any more.\n
    CREATE VIEW active_accounts_2 AS SELECT id, email FROM accounts WHERE is_active;
    GRANT SELECT ON active_accounts_2 TO app;",
    bad: &[
        Example {
            given: "CREATE TABLE a (id int, n int); CREATE VIEW v AS SELECT id, n FROM a;",
            sql: "CREATE OR REPLACE VIEW v AS SELECT id FROM a;",
        },
        Example {
            given: "CREATE TABLE a (id int, n int); CREATE VIEW v AS SELECT id, n FROM a;",
            sql: "BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT id FROM a; COMMIT;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE a (id int, n int); CREATE VIEW v AS SELECT id FROM a;",
            sql: "CREATE OR REPLACE VIEW v AS SELECT id, n FROM a;",
        },
        Example {
            given: "CREATE TABLE a (id int, n int); CREATE VIEW v AS SELECT id FROM a;",
            sql: "BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT n, id FROM a; COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for failure in seen.effects.failures.iter().filter(|failure| failure.sort == Fails::ViewColumn) {
        let hit = Hit::new(failure.span, format!("this fails: {}", failure.why))
            .note("columns may be appended at the end; anything else needs a new view");
        hits.push(if failure.surely { hit } else { hit.severity(Severity::Advice) });
    }
    let Said::Drop { object: Object::View | Object::MaterializedView, names, .. } = &seen.statement.said
    else {
        return;
    };
    for name in names.iter().filter(|name| seen.before.is_old(name)) {
        hits.extend(made_with_less(seen, name));
    }
}

/// The view is dropped here and made again later, with fewer columns.
fn made_with_less(seen: &Seen<'_>, name: &Name) -> Option<Hit> {
    let old = seen.before.relation(name).filter(|relation| relation.columns_known)?;
    let (by, _) = around::made_again(seen, &seen.before.key(name))?;
    let Said::CreateView { columns: Some(columns), .. } = &by.said else { return None };
    let gone: Vec<&str> = old
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|own| !columns.iter().any(|new| new == own))
        .collect();
    if gone.is_empty() {
        return None;
    }
    let message = format!(
        "the view {name} is made again without {}: running code that names {} fails",
        list(&gone),
        if gone.len() == 1 { "it" } else { "them" }
    );
    Some(
        Hit::new(seen.statement.span, message)
            .note("keep the column, or make a view of another name beside it"),
    )
}
