//! A constraint binds running writers from now on, NOT VALID or not.

use super::{around, script, words};
use crate::lint::effect::{Broken, How, Refusal};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Constraint, ConstraintKind, Name, Object, Said, Type};

pub(super) static RULE: Rule = Rule {
    code: "PA13",
    name: "not-valid-constraint-rejects-new-rows",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "A new constraint refuses what running code writes, NOT VALID too",
    reason: "NOT VALID leaves out the check of the rows that are there, and nothing else: every INSERT and \
             UPDATE is held to the constraint at once. A running writer that breaks it fails from the commit \
             on, even when it only updates another column of an old row that breaks it. A foreign key in the \
             place of one with ON DELETE CASCADE refuses deletes of the rows it points to.",
    lock: "As the statement takes it; the refusals have nothing to do with locks.",
    recipe: "See first whether recent rows meet it, and mend the writers before the constraint comes.\n
    SELECT count(*) FROM orders WHERE created_at > now() - interval '7 days' AND NOT (qty > 0);
    ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0) NOT VALID;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD CONSTRAINT q CHECK (qty > 0) NOT VALID;" },
        Example {
            given: "CREATE TABLE orders (id bigint, account_id bigint);",
            sql: "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts (id) NOT \
                  VALID;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE lines (order_id bigint, CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE);",
            sql: "ALTER TABLE lines DROP CONSTRAINT fk; ALTER TABLE lines ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE TABLE t (n int); ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID;",
        },
        Example { given: "", sql: "ALTER TABLE orders VALIDATE CONSTRAINT q;" },
        Example {
            given: "CREATE TABLE orders (id bigint, ref text, CONSTRAINT c CHECK (ref IS NOT NULL));",
            sql: "ALTER TABLE orders ALTER COLUMN ref SET NOT NULL;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        if broken.how == How::Refuses(Refusal::ConstraintOnNewRows) {
            hits.extend(bound(seen, broken));
        }
    }
}

fn bound(seen: &Seen<'_>, broken: &Broken) -> Option<Hit> {
    let table = &broken.on;
    let action = match &seen.statement.said {
        Said::AlterDomain { action, .. } => Some(action),
        _ => script::action(seen.statement, broken.span),
    };
    let (what, query) = demand(seen, action);
    if let Some(Action::SetNotNull { column }) = action
        && (proven(seen, table, column) || around::is_new_column(seen, table, column))
    {
        return None;
    }
    let left_out = match broken.object {
        Object::Domain => left_out_of_domain(seen, table, action),
        _ => left_out(seen, table, action),
    };
    let message = match &left_out {
        Some(column) => format!(
            "{table} refuses rows without {column} from now on: it has no default, so INSERTs that leave it \
             out fail"
        ),
        None if broken.object == Object::Domain => {
            format!(
                "{table} refuses values that break {what} from now on: running code that writes such fails"
            )
        }
        None => {
            format!(
                "{table} refuses rows that break {what} from now on: running code that writes such rows \
                 fails"
            )
        }
    };
    if let Some(Action::AddConstraint(constraint)) = action
        && let Some(hit) = keeps_parents(seen, table, constraint)
    {
        return Some(hit.on(table));
    }
    let mut hit = Hit::new(script::at(seen.statement, broken.span), message);
    if broken.object != Object::Domain {
        hit = hit.on(table);
    }
    if let Some(column) = left_out {
        hit = hit.severity(Severity::Breaks).note(format!(
            "harmless if every writer names {column}; a default would serve those that do not"
        ));
    }
    if let Some(query) = query {
        hit = hit.note(format!("recent rows tell whether any writer does: {query}"));
    }
    if matches!(action, Some(Action::AddConstraint(constraint)) if constraint.not_valid) {
        hit = hit
            .note("NOT VALID spares the rows that are there, until they are updated; new ones it does not");
    }
    Some(hit)
}

/// A foreign key in the place of one with which rows went when the row they point to was deleted.
fn keeps_parents(seen: &Seen<'_>, table: &Name, constraint: &Constraint) -> Option<Hit> {
    let ConstraintKind::Foreign(foreign) = &constraint.kind else { return None };
    let text = script::text(seen.statement, constraint.span).to_ascii_uppercase();
    if foreign.cascades || text.contains("SET NULL") || text.contains("SET DEFAULT") {
        return None;
    }
    let to = seen.before.key(&foreign.table);
    let replaced = seen.before.dropped_keys.iter().any(|(of, own)| {
        *of == seen.before.key(table) && own.to.as_ref() == Some(&to) && own.columns == foreign.columns
    });
    let same_statement = || {
        let (_, actions) = around::actions(seen.statement)?;
        let relation = seen.before.relation(table)?;
        actions.iter().find_map(|(action, _)| match action {
            Action::DropConstraint { name, .. } => relation
                .constraint(name)
                .filter(|own| own.cascades && own.to.as_ref() == Some(&to) && own.columns == foreign.columns),
            _ => None,
        })
    };
    (replaced || same_statement().is_some()).then(|| {
        let message = format!(
            "rows of {} that rows of {table} point to can be deleted no more: with the foreign key of before, \
             these went with them",
            foreign.table
        );
        Hit::new(constraint.span, message)
            .severity(Severity::Breaks)
            .note("first let running code delete the rows that point there itself")
    })
}

/// The column that must not be null from now on and that INSERTs could leave out until now.
fn left_out(seen: &Seen<'_>, table: &Name, action: Option<&Action>) -> Option<String> {
    let columns: Vec<&String> = match action? {
        Action::SetNotNull { column } => vec![column],
        Action::AddConstraint(constraint) => match &constraint.kind {
            ConstraintKind::Check(expr) => expr.proves_not_null.iter().collect(),
            ConstraintKind::NotNull { column } => column.iter().collect(),
            _ => return None,
        },
        _ => return None,
    };
    let relation = seen.before.relation(table)?;
    // A trigger may fill it.
    if !relation.triggers.is_empty() {
        return None;
    }
    let without = |name: &&&String| {
        relation.column(name).is_some_and(|own| {
            !own.not_null && own.default.is_none() && !own.identity && own.generated.is_none()
        }) && !around::is_new_column(seen, table, name)
            && !proven(seen, table, name)
    };
    columns.iter().find(without).map(|name| (*name).clone())
}

/// The column of a domain that INSERTs could leave out until now.
fn left_out_of_domain(seen: &Seen<'_>, domain: &Name, action: Option<&Action>) -> Option<String> {
    let not_null = match action? {
        Action::SetNotNull { .. } => true,
        Action::AddConstraint(constraint) => matches!(constraint.kind, ConstraintKind::NotNull { .. }),
        _ => false,
    };
    let of_domain = |ty: &Type| {
        let fits = ty.schema.is_none() || domain.schema.is_none() || ty.schema == domain.schema;
        ty.name == domain.name && fits && !ty.array
    };
    let relations = seen.before.schema.relations.iter();
    let mut old = relations.filter(|(name, own)| own.triggers.is_empty() && !seen.before.is_new(name));
    old.find_map(|(name, own)| {
        let column = own.columns.iter().find(|column| {
            column.ty.as_ref().is_some_and(of_domain) && !column.not_null && column.default.is_none()
        })?;
        Some(format!("{}.{}", words::shown(seen, name), column.name))
    })
    .filter(|_| not_null)
}

/// What is demanded of new rows, and how to look for those that do not meet it.
fn demand(seen: &Seen<'_>, action: Option<&Action>) -> (String, Option<String>) {
    match action {
        Some(Action::SetNotNull { column }) => {
            (format!("\"{column} IS NOT NULL\""), Some(format!("count those with {column} IS NULL")))
        }
        Some(Action::AddConstraint(constraint)) => match &constraint.kind {
            ConstraintKind::Check(expr) => (
                format!("\"{}\"", expr.text.trim()),
                Some(format!("count those with NOT ({})", expr.text.trim())),
            ),
            ConstraintKind::Foreign(foreign) => (
                format!("the foreign key to {}", foreign.table),
                Some(format!("count those without a match in {}", foreign.table)),
            ),
            ConstraintKind::NotNull { column: Some(column) } => {
                (format!("\"{column} IS NOT NULL\""), Some(format!("count those with {column} IS NULL")))
            }
            ConstraintKind::Unique { .. } | ConstraintKind::PrimaryKey { .. } => {
                ("the new key".to_owned(), Some("count those that share a key".to_owned()))
            }
            _ => ("the new constraint".to_owned(), None),
        },
        _ => match &seen.statement.said {
            Said::AlterDomain { action: Action::SetNotNull { .. }, .. } => ("NOT NULL".to_owned(), None),
            _ => ("the new constraint".to_owned(), None),
        },
    }
}

/// Whether a constraint of old demands the same already.
fn proven(seen: &Seen<'_>, table: &Name, column: &str) -> bool {
    let key = seen.before.key(table);
    let by = |statement: &Said| match statement {
        Said::AlterTable { table, actions, .. } if seen.before.key(table) == key => {
            actions.iter().any(|(action, _)| match action {
                Action::AddConstraint(own) => match &own.kind {
                    ConstraintKind::Check(expr) => expr.proves_not_null.iter().any(|name| name == column),
                    _ => false,
                },
                _ => false,
            })
        }
        _ => false,
    };
    let known = seen.before.relation(table).is_some_and(|relation| {
        relation.column(column).is_some_and(|own| own.not_null)
            || relation.constraints.iter().any(|own| own.proves_not_null.iter().any(|name| name == column))
    });
    known || around::earlier(seen).into_iter().any(|old| by(&old.said))
}
