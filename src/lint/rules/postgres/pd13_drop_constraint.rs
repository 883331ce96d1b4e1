//! A constraint is dropped.

use super::around;
use crate::lint::effect::{Loss, Lost};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::{self, Kind};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Constraint, ConstraintKind, Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PD13",
    name: "drop-constraint",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A constraint is dropped, and with it a guarantee",
    reason: "No statement fails, but from the commit on rows may get in that the constraint kept out, and \
             readers that rely on it meet them. To add it again takes a scan, and fails once there is such a \
             row. A foreign key also takes its ON DELETE CASCADE or SET NULL with it.",
    lock: "ACCESS EXCLUSIVE on the table, of a foreign key on both tables, for a moment.",
    recipe: "Add what takes its place first (NOT VALID, then VALIDATE in a later change), and drop the old \
             one when that is valid.\n
    ALTER TABLE orders ADD CONSTRAINT qty_in_range CHECK (qty BETWEEN 1 AND 100) NOT VALID;
    -- in later changes
    ALTER TABLE orders VALIDATE CONSTRAINT qty_in_range;
    ALTER TABLE orders DROP CONSTRAINT qty_positive;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders DROP CONSTRAINT qty_positive;" },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int, CONSTRAINT qty_positive CHECK (qty > 0));",
            sql: "ALTER TABLE orders DROP CONSTRAINT IF EXISTS qty_positive;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint, ref text, CONSTRAINT has_ref CHECK (ref IS NOT NULL));",
            sql: "BEGIN; ALTER TABLE orders ALTER COLUMN ref SET NOT NULL; ALTER TABLE orders DROP \
                  CONSTRAINT has_ref; COMMIT;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int, CONSTRAINT q CHECK (qty > 0));",
            sql: "BEGIN; ALTER TABLE orders DROP CONSTRAINT q; ALTER TABLE orders ADD CONSTRAINT q CHECK \
                  (qty > 1) NOT VALID; COMMIT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (n int, CONSTRAINT c CHECK (n > 0)); ALTER TABLE t DROP CONSTRAINT c;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for lost in seen.effects.lost.iter().filter(|lost| lost.what == Loss::Guarantee) {
        let Some(name) = &lost.part else { continue };
        match (&seen.statement.said, lost.object) {
            (Said::AlterTable { .. }, Object::Constraint) => hits.extend(dropped(seen, lost, name)),
            (Said::AlterDomain { .. }, Object::Domain) => hits.push(Hit::new(
                lost.span,
                format!(
                    "the constraint {name} of the domain {} is gone: values that it kept out may get in",
                    lost.on
                ),
            )),
            _ => {}
        }
    }
}

fn dropped(seen: &Seen<'_>, lost: &Lost, name: &str) -> Option<Hit> {
    let table = &lost.on;
    let known = seen.before.relation(table).and_then(|relation| relation.constraint(name));
    if replaced(seen, table, name, known) || no_longer_needed(seen, table, name) {
        return None;
    }
    let what = match known.map(|known| known.kind) {
        Some(Kind::Check) => "the check",
        Some(Kind::Foreign) => "the foreign key",
        Some(Kind::Unique) => "the unique key",
        Some(Kind::PrimaryKey) => "the primary key",
        Some(Kind::NotNull) => "the not-null constraint",
        Some(Kind::Exclude) => "the exclusion constraint",
        None => "the constraint",
    };
    let message = format!("{what} {name} of {table} is gone: rows that it kept out may get in");
    let mut hit = Hit::new(lost.span, message).on(table);
    if let Some(known) = known.filter(|known| known.kind == Kind::Foreign) {
        let to = known.to.as_ref().map(ToString::to_string).unwrap_or_default();
        hit = hit.note(format!("rows without a match in {to} may get in"));
        if known.cascades {
            hit = hit.note(format!("rows that pointed to a deleted row of {to} stay from now on"));
        }
    }
    Some(hit.note("a revert has to scan the table, and fails once such a row is in"))
}

/// Whether the script adds another one of the same kind.
fn replaced(seen: &Seen<'_>, table: &Name, name: &str, known: Option<&schema::Constraint>) -> bool {
    let mut statements = around::earlier(seen);
    statements.push(seen.statement);
    statements.extend(around::later(seen));
    around::actions_on(seen, &statements, table).into_iter().any(|action| match action {
        Action::AddConstraint(added) => {
            added.name.as_deref() == Some(name) || known.is_none_or(|known| takes_place(added, known))
        }
        Action::RenameConstraint { to, .. } => to == name,
        _ => false,
    })
}

/// Whether a constraint is of the same kind, about some of the same columns.
fn takes_place(added: &Constraint, known: &schema::Constraint) -> bool {
    let (kinds, columns): (&[Kind], &[String]) = match &added.kind {
        ConstraintKind::Check(expr) => (&[Kind::Check, Kind::NotNull], &expr.columns),
        ConstraintKind::Foreign(foreign) => (&[Kind::Foreign], &foreign.columns),
        ConstraintKind::Unique { columns, .. } | ConstraintKind::PrimaryKey { columns, .. } => {
            (&[Kind::Unique, Kind::PrimaryKey], columns)
        }
        ConstraintKind::NotNull { column: Some(column) } => {
            (&[Kind::NotNull, Kind::Check], std::slice::from_ref(column))
        }
        ConstraintKind::Exclude => return known.kind == Kind::Exclude,
        _ => return false,
    };
    kinds.contains(&known.kind)
        && (columns.is_empty()
            || known.columns.is_empty()
            || columns.iter().any(|column| known.columns.contains(column)))
}

/// Whether it only proved what the columns say themselves by now: a check before SET NOT NULL.
fn no_longer_needed(seen: &Seen<'_>, table: &Name, name: &str) -> bool {
    let relation = seen.before.relation(table);
    if let Some(known) = relation.and_then(|relation| relation.constraint(name)) {
        let not_null = |column: &String| {
            relation.and_then(|relation| relation.column(column)).is_some_and(|own| own.not_null)
                || sets_not_null(seen.statement, column)
        };
        let proves = &known.proves_not_null;
        // More than that in it, and more than that is lost.
        let plain = known.text.as_deref().is_none_or(|text| {
            let upper = text.to_ascii_uppercase();
            upper.matches("IS NOT NULL").count() == proves.len() && !upper.contains(['<', '>', '='])
        });
        return known.kind == Kind::Check && !proves.is_empty() && plain && proves.iter().all(not_null);
    }
    // Nothing is known of it: SET NOT NULL before it is the usual reason.
    let mut statements = around::earlier(seen);
    statements.push(seen.statement);
    around::actions_on(seen, &statements, table)
        .into_iter()
        .any(|action| matches!(action, Action::SetNotNull { .. }))
}

fn sets_not_null(statement: &crate::sql::statement::Statement, column: &str) -> bool {
    let actions = around::actions(statement).into_iter().flat_map(|(_, actions)| actions);
    actions
        .into_iter()
        .any(|(action, _)| matches!(action, Action::SetNotNull { column: own } if own == column))
}
