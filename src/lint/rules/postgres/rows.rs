//! Writes of many rows: which statements they are, and how they are done batch by batch.
//!
//! Knows: writes, effects, the locks held before. Must never know: rules.

use super::{around, script, words};
use crate::lint::effect::{Cause, Mode, Work};
use crate::lint::rule::{Seen, Severity};
use crate::lint::settings::SMALL_TABLE_ROWS;
use crate::schema::Kind;
use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use crate::sql::statement::{Name, Reach, Reads, Said, Write, WriteKind};

/// From this many rows on, changing an unknown part of a table takes long.
const MANY_ROWS: u64 = 2_000;

/// The writes of a statement that change or lock rows which were there before, as its effects say.
pub(super) fn written<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a Write> {
    let writes: &[Write] = match &seen.statement.said {
        Said::Write(writes, _) => writes,
        _ => &[],
    };
    let seen = *seen;
    writes.iter().filter(move |write| works_on(&seen, &write.table))
}

/// How much of a table a write reaches. With a `LIMIT` anywhere, it takes its rows from a part of them;
/// in a loop, what the loop does as a whole is what counts.
pub(super) fn reach(seen: &Seen<'_>, write: &Write) -> Reach {
    let limited = || {
        let mut words = seen.statement.text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word.eq_ignore_ascii_case("limit"))
    };
    let looped = || {
        let outer = seen.script.statements.get(seen.position).map(|outer| &outer.said);
        !script::is_top(seen) && matches!(outer, Some(Said::Do { loops: true, .. }))
    };
    let few = || keys_in_range(seen, write).is_some_and(|rows| rows <= SMALL_TABLE_ROWS);
    let some = write.reach == Reach::Some && (limited() || looped() || few());
    if some || write.joined && takes_few(seen, write) { Reach::Bounded } else { write.reach }
}

/// At most how many rows a condition on the key takes, if its numbers begin at 1: those of `id < 20`. Other
/// conditions beside it take fewer.
fn keys_in_range(seen: &Seen<'_>, write: &Write) -> Option<u64> {
    let text = script::text(seen.statement, write.span);
    let all: Vec<Token<'_>> = tokens(text, Dialect::Postgres).collect();
    let at = all.iter().position(|token| token.is("WHERE")).filter(|_| !write.joined)?;
    let rest = all.get(at + 1..)?;
    let end = rest.iter().position(|token| token.text == ";" || token.is("RETURNING"));
    let rest = rest.get(..end.unwrap_or(rest.len()))?;
    // Only what is joined by AND can do nothing but take rows away.
    let other = |token: &Token<'_>| {
        token.is("OR") || token.is("NOT") || token.is("WHERE") || matches!(token.text, "(" | ")")
    };
    if rest.iter().any(other) {
        return None;
    }
    let key = key_column(seen, &write.table)?;
    let of_key = |part: &[Token<'_>]| {
        let words: Vec<&str> = part.iter().map(|token| token.text).collect();
        match words.as_slice() {
            [column, "<", number] | [column, "<", "=", number] | [column, "<=", number]
                if column.trim_matches('"').eq_ignore_ascii_case(key) =>
            {
                number.parse::<u64>().ok()
            }
            _ => None,
        }
    };
    rest.split(|token| token.is("AND")).filter_map(of_key).min()
}

/// Whether the rows are told by a unique column of the table, and by values that are written out: in the
/// statement, or in tables that this script makes and fills with them.
fn takes_few(seen: &Seen<'_>, write: &Write) -> bool {
    let Said::Write(_, reads) = &seen.statement.said else { return false };
    let target = seen.before.key(&write.table);
    let sources: Vec<&Name> = reads.relations.iter().filter(|name| seen.before.key(name) != target).collect();
    let earlier = around::earlier(seen);
    let written_out = |key: &Name| {
        earlier.iter().all(|old| match &old.said {
            Said::CreateTable(create) if seen.before.key(&create.name) == *key => {
                create.filled_from.is_none()
            }
            Said::Write(writes, _) => {
                let mut own = writes.iter().filter(|write| seen.before.key(&write.table) == *key);
                own.all(|write| match write.kind {
                    WriteKind::InsertSelect => is_short_series(&old.text),
                    kind => kind != WriteKind::Load,
                })
            }
            Said::Read(reads) => reads.into.as_ref().is_none_or(|into| seen.before.key(into) != *key),
            _ => true,
        })
    };
    let few = |name: &&Name| seen.before.is_of_this_script(name) && written_out(&seen.before.key(name));
    let listed = write.kind == WriteKind::Merge && sources.is_empty();
    (listed || !sources.is_empty()) && sources.iter().all(few) && equates_unique(seen, write)
}

/// `generate_series(1200, 1250)` and no other source.
fn is_short_series(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((_, rest)) = lower.split_once("generate_series(") else { return false };
    let mut numbers =
        rest.split(')').next().unwrap_or_default().split(',').map(|part| part.trim().parse::<u64>());
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(last))) => last.saturating_sub(first) < SMALL_TABLE_ROWS,
        _ => false,
    }
}

/// Whether a condition compares a unique column of the table with something.
fn equates_unique(seen: &Seen<'_>, write: &Write) -> bool {
    let Some(relation) = seen.before.relation(&write.table) else { return false };
    let unique = relation.indexes.iter().filter(|index| index.unique && !index.partial);
    let mut columns: Vec<&str> = unique
        .filter_map(|index| match index.columns.as_slice() {
            [column] => Some(column.as_str()),
            _ => None,
        })
        .collect();
    columns.extend(key_column(seen, &write.table));
    let text = script::text(seen.statement, write.span);
    let all: Vec<Token<'_>> = tokens(text, Dialect::Postgres).collect();
    let names = |token: &Token<'_>| columns.contains(&token.text.trim_matches('"'));
    let other = |token: &Token<'_>| token.is("OR") || token.is("NOT");
    let equal = |three: &[Token<'_>]| match three {
        [column, equal, value] if equal.text == "=" => {
            names(column) && !matches!(value.kind, TokenKind::Text | TokenKind::Number)
        }
        _ => false,
    };
    let from = all.iter().position(|token| token.is("WHERE") || token.is("ON")).unwrap_or(all.len());
    let condition = all.get(from..).unwrap_or_default();
    let end = condition.iter().position(|token| token.is("WHEN")).unwrap_or(condition.len());
    let condition = condition.get(..end).unwrap_or_default();
    // `f.sku = p.sku`: the column may stand on either side.
    let behind = condition.windows(4).any(|four| match four {
        [equal, _, dot, column] => equal.text == "=" && dot.text == "." && names(column),
        _ => false,
    });
    let matched = all.iter().any(|token| token.is("SOURCE"));
    !matched && !condition.iter().any(other) && (behind || condition.windows(3).any(equal))
}

/// Whether a write is an `INSERT … ON CONFLICT DO UPDATE` of the rows of a query.
pub(super) fn upserts_query(seen: &Seen<'_>, write: &Write) -> bool {
    let text = || script::text(seen.statement, write.span).to_ascii_lowercase();
    let updates = || text().split_whitespace().collect::<Vec<_>>().join(" ").contains(" do update set ");
    match write.kind {
        WriteKind::Upsert => write.joined,
        WriteKind::InsertSelect => updates(),
        _ => false,
    }
}

fn works_on(seen: &Seen<'_>, table: &Name) -> bool {
    let key = seen.before.key(table);
    let mut efforts = seen.effects.efforts.iter();
    efforts.any(|effort| {
        effort.work == Work::Rows && effort.cause != Cause::RowLocks && seen.before.key(&effort.on) == key
    })
}

/// How grave it is to change rows of a table: `None` if it is known to take no time.
pub(super) fn severity(seen: &Seen<'_>, table: &Name, reach: Reach) -> Option<Severity> {
    let rows = seen.before.relation(table).and_then(|relation| relation.rows);
    match reach {
        Reach::Bounded => None,
        // Small tables are made less grave by whoever asked the rule, and told so.
        Reach::All => Some(Severity::Blocks),
        Reach::Some => match rows {
            Some(rows) if rows <= SMALL_TABLE_ROWS => None,
            Some(rows) if rows >= MANY_ROWS => Some(Severity::Blocks),
            None => Some(Severity::Blocks),
            _ => Some(Severity::Advice),
        },
    }
}

/// What would settle how many rows an unknown condition takes.
pub(super) fn unsettled(seen: &Seen<'_>, table: &Name) -> String {
    let name = words::sql(table);
    match seen.before.relation(table).and_then(|relation| relation.rows) {
        Some(_) => format!("EXPLAIN on the target tells how many rows of {name} the condition takes"),
        None => format!(
            "the size of {name} is not known here; EXPLAIN on the target tells how many rows the condition \
             takes"
        ),
    }
}

/// The lock of an earlier statement of the same transaction that keeps others waiting: that on the
/// table itself if there is one, else the strongest.
pub(super) fn held(seen: &Seen<'_>, table: Option<&Name>) -> Option<(Name, Mode)> {
    let own = table.and_then(|table| Some((seen.before.key(table), seen.before.held(table)?)));
    let all = seen.before.all_held().map(|(name, mode)| (name.clone(), mode));
    let stops = |(_, mode): &(Name, Mode)| mode.stops_writes();
    own.filter(stops).or_else(|| all.filter(stops).max_by_key(|(_, mode)| *mode))
}

/// The tables with rows that were there before which a query reads, but for those in `except`.
pub(super) fn sources<'a>(seen: &Seen<'_>, reads: &'a Reads, except: &Name) -> Vec<&'a Name> {
    let target = seen.before.key(except);
    let holds_rows = |name: &&Name| {
        let system = matches!(name.schema.as_deref(), Some("pg_catalog" | "information_schema"));
        let relation = seen.before.relation(name);
        !(system || name.schema.is_none() && name.name.starts_with("pg_"))
            && seen.before.is_old(name)
            && relation.is_none_or(|relation| relation.rows.is_none_or(|rows| rows > SMALL_TABLE_ROWS))
            && seen.before.key(name) != target
    };
    reads.relations.iter().filter(holds_rows).collect()
}

/// The one column of a table's primary key.
pub(super) fn key_column<'a>(seen: &Seen<'a>, table: &Name) -> Option<&'a str> {
    let constraints = &seen.before.relation(table)?.constraints;
    let key = constraints.iter().find(|constraint| constraint.kind == Kind::PrimaryKey)?;
    match key.columns.as_slice() {
        [column] => Some(column),
        _ => None,
    }
}

/// The same `UPDATE` or `DELETE` without a condition, batch by batch, each of them committed.
pub(super) fn batches(seen: &Seen<'_>, write: &Write) -> Option<String> {
    let simple = matches!(write.kind, WriteKind::Update | WriteKind::Delete)
        && write.reach == Reach::All
        && !write.joined
        && !write.in_with
        && script::is_top(seen);
    let key = words::ident(key_column(seen, &write.table).filter(|_| simple)?);
    let text = script::text(seen.statement, script::at(seen.statement, write.span));
    let lower = text.to_ascii_lowercase();
    let whole = lower.starts_with("update") || lower.starts_with("delete");
    if !whole || lower.contains("returning") || lower.contains("--") || lower.contains("$$") {
        return None;
    }
    let table = words::sql(&write.table);
    // What is done already is not written a second time.
    let differs = match write.sets.as_slice() {
        [(column, value)] if !value.text.is_empty() && !value.text.eq_ignore_ascii_case("default") => {
            format!("\n       AND {} IS DISTINCT FROM ({})", words::ident(column), value.text)
        }
        _ => String::new(),
    };
    Some(format!(
        "-- change: transaction=off\n\
         DO $$\n\
         DECLARE\n  batch_done {table}.{key}%TYPE;\n  batch_end {table}.{key}%TYPE;\n\
         BEGIN\n\
         \x20 LOOP\n\
         \x20   SELECT {key} INTO batch_end FROM (\n\
         \x20     SELECT {key} FROM {table}\n\
         \x20      WHERE batch_done IS NULL OR {key} > batch_done ORDER BY {key} LIMIT 5000\n\
         \x20   ) AS batch ORDER BY {key} DESC LIMIT 1;\n\
         \x20   EXIT WHEN batch_end IS NULL;\n\
         \x20   {text}\n\
         \x20    WHERE (batch_done IS NULL OR {key} > batch_done) AND {key} <= batch_end{differs};\n\
         \x20   COMMIT;\n\
         \x20   batch_done := batch_end;\n\
         \x20 END LOOP;\n\
         END $$;"
    ))
}

/// What a write is called in a sentence.
pub(super) fn verb(kind: WriteKind) -> &'static str {
    match kind {
        WriteKind::InsertValues | WriteKind::InsertSelect => "INSERT",
        WriteKind::Update => "UPDATE",
        WriteKind::Delete => "DELETE",
        WriteKind::Merge => "MERGE",
        WriteKind::Upsert => "INSERT … ON CONFLICT DO UPDATE",
        WriteKind::Load => "COPY",
    }
}
