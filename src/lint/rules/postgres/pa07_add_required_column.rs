//! A column that must be given a value, without a default.

use super::words::{ident, list, sql};
use super::{around, script};
use crate::lint::effect::{Broken, How, Refusal};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said, Span, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PA07",
    name: "add-required-column",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A new column is NOT NULL without a default",
    reason: "On a table with rows the statement fails, for they would all hold NULL. On an empty table it \
             succeeds, and then every INSERT of running code, which does not know the column, fails with \
             \"null value violates not-null constraint\". A serial column has a default, but one that only \
             who may use its sequence can work out: for other roles every INSERT fails, too.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Give it a constant default: from PostgreSQL 11 on that rewrites nothing, and old code goes on. \
             Or add it without NOT NULL, fill it in batches, and set NOT NULL in a later change.\n
    ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN channel text NOT NULL;" },
        Example {
            given: "CREATE TABLE orders (id bigint);",
            sql: "ALTER TABLE orders ADD channel text NOT NULL DEFAULT NULL;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint); GRANT INSERT ON orders TO app;",
            sql: "ALTER TABLE orders ADD COLUMN n bigserial;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint);",
            sql: "BEGIN; ALTER TABLE orders ADD COLUMN channel text; UPDATE orders SET channel = 'web'; ALTER TABLE orders ALTER channel SET NOT NULL; COMMIT;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, n bigint); GRANT INSERT ON orders TO app;",
            sql: "CREATE SEQUENCE numbers; ALTER TABLE orders ALTER n SET DEFAULT nextval('numbers');",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint); GRANT INSERT ON orders TO app;",
            sql: "BEGIN; ALTER TABLE orders ADD COLUMN n bigserial; GRANT USAGE ON SEQUENCE orders_n_seq TO \
                  app; COMMIT;",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN channel text;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id int); ALTER TABLE t ADD COLUMN channel text NOT NULL;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, n bigint); GRANT INSERT ON orders TO app;",
            sql: "CREATE SEQUENCE numbers; GRANT USAGE ON SEQUENCE numbers TO app; ALTER TABLE orders ALTER n SET DEFAULT nextval('numbers');",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        if broken.how == How::Refuses(Refusal::RequiredColumn) && broken.object == Object::Column {
            hits.extend(required(seen, broken));
        }
    }
    counters(seen, hits);
}

/// A serial column counts with a sequence of its own, on which nobody has privileges yet.
fn counters(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    let granted = seen.before.relation(table).map_or(&[][..], |relation| &relation.writers);
    if granted.is_empty() || !seen.before.is_old(table) || grants_sequences(seen) {
        return;
    }
    for (action, span) in actions {
        if let Some(hit) = counts_with_new(seen, table, action, *span, granted) {
            hits.push(hit);
        }
        let Action::AddColumn { column, .. } = action else { continue };
        if column.ty.as_ref().is_none_or(|ty| ty.serial().is_none()) {
            continue;
        }
        let message = format!(
            "every INSERT into {table} counts with the sequence of {} from now on, which {} may not use: it \
             fails",
            column.name,
            list(granted)
        );
        let sequence =
            Name { schema: table.schema.clone(), name: format!("{}_{}_seq", table.name, column.name) };
        hits.push(
            Hit::new(*span, message)
                .on(table)
                .note("an identity column needs no such privilege; default privileges may have granted it")
                .instead(format!(
                    "GRANT USAGE ON SEQUENCE {} TO {};  -- after it, in the same transaction",
                    sql(&sequence),
                    granted.join(", ")
                )),
        );
    }
}

/// A default that takes the next value of a sequence on which nobody has privileges yet.
fn counts_with_new(
    seen: &Seen<'_>,
    table: &Name,
    action: &Action,
    span: Span,
    granted: &[String],
) -> Option<Hit> {
    let (column, expr) = match action {
        Action::SetDefault { column, expr } => (column, expr),
        Action::AddColumn { column, .. } => (&column.name, column.default_value()?),
        _ => return None,
    };
    let lower = expr.text.to_ascii_lowercase();
    let (_, rest) = lower.split_once("nextval")?;
    let named = rest.split('\'').nth(1)?.replace('"', "");
    let sequence = match named.split_once('.') {
        Some((schema, name)) => Name::within(schema, name),
        None => Name::new(named),
    };
    let sequences = |next: &&Statement| grants_on_sequences(next);
    if !seen.before.bore(&sequence)
        || around::earlier(seen).iter().any(sequences)
        || around::later(seen).iter().any(sequences)
    {
        return None;
    }
    let message = format!(
        "every INSERT into {table} that leaves out {column} counts with {sequence} from now on, which {} may \
         not use: it fails",
        list(granted)
    );
    let grant = format!("GRANT USAGE ON SEQUENCE {} TO {};", sql(&sequence), granted.join(", "));
    Some(Hit::new(span, message).on(table).instead(grant))
}

/// Whether the script grants privileges on sequences.
fn grants_sequences(seen: &Seen<'_>) -> bool {
    around::later(seen).into_iter().any(grants_on_sequences)
}

fn grants_on_sequences(statement: &Statement) -> bool {
    matches!(statement.said, Said::Privileges { grant: true, .. })
        && statement.text.to_ascii_uppercase().contains("SEQUENCE")
}

fn required(seen: &Seen<'_>, broken: &Broken) -> Option<Hit> {
    let (table, column) = (&broken.on, broken.part.as_deref().unwrap_or_default());
    let rows = seen.before.relation(table).and_then(|relation| relation.rows);
    let set = script::action(seen.statement, broken.span);
    let filled = rows == Some(0) || matches!(set, Some(Action::SetNotNull { .. }));
    if filled && eased(seen, broken) {
        return None;
    }
    let message = match rows {
        _ if matches!(set, Some(Action::SetNotNull { .. })) => format!(
            "{table}.{column} is new, must not be null and has no default: every INSERT of running code, which \
             does not know it, fails"
        ),
        Some(rows) if rows > 0 => {
            format!("{table}.{column} must not be null and has no default: with about {rows} rows this fails")
        }
        _ => format!(
            "{table}.{column} must not be null and has no default: this fails if there are rows, and every \
             INSERT of running code fails after it"
        ),
    };
    let added = around::actions(seen.statement).into_iter().flat_map(|(_, actions)| actions);
    let ty = added.filter_map(|(action, _)| match action {
        Action::AddColumn { column: added, .. } if added.name == column => added.ty.as_ref(),
        _ => None,
    });
    let hit = Hit::new(broken.span, message)
        .on(table)
        .note("only a BEFORE INSERT trigger that fills the column would let old code go on");
    Some(match ty.into_iter().next() {
        Some(ty) => hit.instead(format!(
            "ALTER TABLE {table} ADD COLUMN {column} {ty};  -- or: NOT NULL DEFAULT with a constant",
            table = sql(table),
            column = ident(column),
            ty = ty.written()
        )),
        None => hit,
    })
}

/// Whether the same transaction gives it a default, or lets it be null after all.
fn eased(seen: &Seen<'_>, broken: &Broken) -> bool {
    let column = broken.part.as_deref().unwrap_or_default();
    around::actions_on(seen, &around::together(seen), &broken.on).into_iter().any(|action| match action {
        Action::SetDefault { column: own, .. }
        | Action::DropNotNull { column: own }
        | Action::AddIdentity { column: own, .. } => own == column,
        _ => false,
    })
}
