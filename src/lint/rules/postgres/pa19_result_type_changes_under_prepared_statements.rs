//! The result of a prepared statement gets other types.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Span, Type};

pub(super) static RULE: Rule = Rule {
    code: "PA19",
    name: "result-type-changes-under-prepared-statements",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "The columns of a result change under statements that are prepared",
    reason: "A session that keeps a prepared statement whose result has other columns or types by now gets \
             \"cached plan must not change result type\" once for each: SELECT * after a column is added, \
             SELECT of a column after its type changed, a longer varchar included. Inside a transaction that \
             error ends it. Most drivers prepare by themselves, and not all of them try again. Where the new \
             type is of another sort (a number that becomes text), code that compares or decodes the values \
             fails for good.",
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
            given: "CREATE TABLE orders (id int);",
            sql: "ALTER TABLE orders ADD COLUMN n int; ALTER TABLE orders ALTER COLUMN n TYPE text;",
        },
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
        if let Some(was) = known.and_then(|old| other_family(seen, old, ty)) {
            // In quotes, a number is taken for one; without them it is not taken for text.
            let severity = if was == "text" { Severity::Advice } else { Severity::Breaks };
            let message = format!(
                "{table}.{column} is {} from now on, and no longer a {was}: running code that compares or \
                 decodes it as one fails",
                ty.written()
            );
            hits.push(
                Hit::new(*span, message)
                    .on(table)
                    .severity(severity)
                    .note("add a column of the new type beside it, and let the code move over")
                    .note("statements prepared before fail once, too"),
            );
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

/// What the values no longer are, if operators and clients treat the new type as something else.
fn other_family(seen: &Seen<'_>, old: &Type, new: &Type) -> Option<&'static str> {
    if old.array != new.array {
        return Some(if old.array { "list" } else { "single value" });
    }
    let (was, is) = (family(seen, old)?, family(seen, new)?);
    // Text in quotes is taken for a value of any type, so between these most statements go on.
    let quoted = |family: &str| matches!(family, "text" | "value in quotes");
    (was != is && !(quoted(was) && quoted(is))).then_some(was)
}

/// What the values of a type are, if that is known.
fn family(seen: &Seen<'_>, ty: &Type) -> Option<&'static str> {
    let schema = &seen.before.schema;
    let name = Name { schema: ty.schema.clone(), name: ty.name.clone() };
    if let Some(domain) = schema.resolve(&schema.domains, &name).and_then(|key| schema.domains.get(&key)) {
        return domain.base.as_ref().and_then(|base| builtin(&base.name));
    }
    match schema.resolve(&schema.types, &name) {
        Some(_) => Some("value in quotes"),
        None => builtin(&ty.name),
    }
}

fn builtin(name: &str) -> Option<&'static str> {
    Some(match name {
        "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" | "oid" => "number",
        "text" | "varchar" | "bpchar" | "citext" | "name" => "text",
        "bool" => "truth value",
        "timestamp" | "timestamptz" | "date" => "point in time",
        "time" | "timetz" => "time of day",
        "interval" => "span of time",
        "bytea" => "string of bytes",
        "json" | "jsonb" | "uuid" | "inet" | "cidr" | "xml" | "money" | "hstore" => "value in quotes",
        _ => return None,
    })
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
