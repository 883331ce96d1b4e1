//! PS17: several `ALTER TABLE` of one table, one after the other.

use super::{script, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said, Span, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PS17",
    name: "combine-alter-tables",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "two ALTER TABLE of the same table stand one behind the other",
    reason: "Each of them waits for its lock and reads or rewrites the table by itself, where one with \
             several actions does so once.",
    lock: "",
    recipe: concat!(
        "One statement, several actions:\n\n",
        "    ALTER TABLE orders ADD COLUMN a int, ADD COLUMN b int;"
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE orders ADD COLUMN b int;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ALTER a SET DEFAULT 1;\nALTER TABLE orders ALTER b SET DEFAULT 2;\n\
                  ALTER TABLE orders ALTER c SET DEFAULT 3;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN a int, ADD COLUMN b int;" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE accounts ADD COLUMN b int;",
        },
        Example { given: "", sql: "ALTER TABLE orders RENAME a TO b;\nALTER TABLE orders RENAME c TO d;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let all = seen.script.statements;
    let Some((table, only)) = combinable(seen.statement).filter(|(table, _)| seen.before.is_old(table))
    else {
        return;
    };
    let same = |statement: &Statement| combinable(statement).is_some_and(|own| own == (table, only));
    // Told once, at the first of them.
    let before = seen.position.checked_sub(1).and_then(|at| all.get(at));
    if !script::is_top(seen) || before.is_some_and(same) {
        return;
    }
    let run: Vec<&Statement> = all.iter().skip(seen.position).take_while(|own| same(own)).collect();
    if run.len() < 2 {
        return;
    }
    let actions: Vec<&str> = run.iter().flat_map(|statement| texts(statement)).collect();
    let message = format!("{} ALTER TABLE of \"{table}\" one behind the other could be one", run.len());
    let mut hit = Hit::new(seen.statement.span, message);
    if actions.iter().all(|text| !text.is_empty() && !text.contains("--")) {
        let only = if only { "ONLY " } else { "" };
        hit = hit.instead(format!("ALTER TABLE {only}{}\n  {};", words::sql(table), actions.join(",\n  ")));
    }
    hits.push(hit);
}

/// The table of an `ALTER TABLE` whose actions may stand beside others, and whether it is `ONLY` that.
fn combinable(statement: &Statement) -> Option<(&Name, bool)> {
    let Said::AlterTable { object: Object::Table, table, if_exists: false, only, actions, .. } =
        &statement.said
    else {
        return None;
    };
    let alone = |action: &Action| {
        matches!(
            action,
            Action::RenameTo { .. }
                | Action::RenameColumn { .. }
                | Action::RenameConstraint { .. }
                | Action::SetSchema { .. }
                | Action::Attach { .. }
                | Action::Detach { .. }
                | Action::ValidateConstraint { .. }
                | Action::Other(_)
        )
    };
    (!actions.iter().any(|(action, _)| alone(action))).then_some((table, *only))
}

fn texts(statement: &Statement) -> Vec<&str> {
    let Said::AlterTable { actions, .. } = &statement.said else { return Vec::new() };
    actions.iter().map(|(_, span): &(Action, Span)| script::text(statement, *span)).collect()
}
