//! The result of a prepared statement gets other types.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Span};

pub(super) static RULE: Rule = Rule {
    code: "PA19",
    name: "result-type-changes-under-prepared-statements",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "The columns of a result change under statements that are prepared",
    reason: "A session that keeps a prepared statement whose result has other columns or types by now gets \
             \"cached plan must not change result type\" once for each: SELECT * after a column is added, \
             SELECT of a column after its type changed, a longer varchar included. Inside a transaction that \
             error ends it. Most drivers prepare by themselves, and not all of them try again.",
    lock: "As the statement takes it.",
    recipe: "Name the columns in queries instead of SELECT *. Where a type changes, let the sessions forget \
             what they prepared, or start the application anew right after the deploy.\n
    DEALLOCATE ALL;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint, note varchar(100));",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE text;",
        },
        Example {
            given: "CREATE TABLE orders (id int, note varchar(100));",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint, note varchar(100));",
            sql: "ALTER TABLE orders ALTER COLUMN note SET DEFAULT '';",
        },
        Example { given: "", sql: "CREATE TABLE t (n int); ALTER TABLE t ALTER COLUMN n TYPE bigint;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    for (action, span) in actions {
        let Action::AlterType { column, ty, .. } = action else { continue };
        let known = around::column(seen, table, column).and_then(|own| own.ty.as_ref());
        if known == Some(ty) || around::is_new_column(seen, table, column) {
            continue;
        }
        let message = format!(
            "{table}.{column} is {} from now on: statements prepared before fail once with \"cached plan \
             must not change result type\"",
            ty.written()
        );
        hits.push(
            Hit::new(*span, message)
                .on(table)
                .note("harmless if the sessions prepare nothing, or try again after error 0A000"),
        );
    }
    added(seen, hits);
}

/// A new column changes SELECT * only: worth a word where the table is known to be read.
fn added(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) || !is_read(seen, table) {
        return;
    }
    let first: Option<(&str, Span)> = actions.iter().find_map(|(action, span)| match action {
        Action::AddColumn { column, .. } => Some((column.name.as_str(), *span)),
        _ => None,
    });
    if let Some((column, span)) = first {
        let message = format!(
            "{table} has {column} from now on: each SELECT * prepared before fails once with \"cached plan \
             must not change result type\""
        );
        hits.push(Hit::new(span, message).on(table).note("harmless where queries name their columns"));
    }
}

fn is_read(seen: &Seen<'_>, table: &Name) -> bool {
    let reads = seen.before.relation(table).and_then(|relation| relation.reads_per_second);
    reads.is_some_and(|reads| reads >= 1.0)
}
