//! What statements do that write rows, or read them all.
//!
//! Knows: InnoDB's row locks. Must never know: rules.

use super::{Made, is_old};
use crate::lint::effect::{Cause, Effort, Loss, Mode, Reversibility, Work};
use crate::sql::statement::{Name, Object, Reach, Reads, Write, WriteKind};

/// Rows are written.
pub(super) fn written(writes: &[Write], reads: &Reads, made: &mut Made<'_>) {
    for write in writes.iter().filter(|write| is_old(made.state, &write.table)) {
        let (cause, loses) = match write.kind {
            WriteKind::Update => (Cause::Update, Some(Loss::Values)),
            WriteKind::Delete if write.reach == Reach::All => (Cause::Delete, Some(Loss::Rows)),
            WriteKind::Delete => (Cause::Delete, Some(Loss::SomeRows)),
            WriteKind::Merge | WriteKind::Upsert => (Cause::Merge, None),
            WriteKind::InsertValues | WriteKind::InsertSelect | WriteKind::Load => (Cause::Copy, None),
        };
        if let Some(loss) = loses {
            made.lost(Object::Table, &write.table, None, loss);
        }
        // What is put beside the other rows keeps nobody from those.
        let many = matches!(write.kind, WriteKind::Update | WriteKind::Delete);
        match write.reach {
            _ if !many => {}
            Reach::Bounded => {}
            Reach::All => effort(&write.table, Work::Rows, cause, Mode::Share, None, made),
            // Without an index for the condition, each row that is looked at stays locked.
            Reach::Some => {
                let under = if reads_committed(made) { Mode::RowExclusive } else { Mode::Share };
                let unless = "how many rows meet the condition, and whether an index finds them".to_owned();
                effort(&write.table, Work::Rows, cause, under, Some(unless), made);
            }
        }
    }
    // A query that fills another table locks the rows that it reads: who wants to write them waits.
    let fills =
        |write: &Write| write.joined && write.kind == WriteKind::InsertSelect && write.reach == Reach::All;
    if writes.iter().any(fills) {
        filled_from(reads, made);
    }
}

/// Whether the session locks only the rows that it writes.
fn reads_committed(made: &Made<'_>) -> bool {
    ["transaction", "transaction_isolation", "tx_isolation"].iter().any(|name| {
        let level = made.state.settings.get(*name).map(|level| level.to_ascii_uppercase().replace('-', " "));
        level.is_some_and(|level| level.contains("READ COMMITTED"))
    })
}

/// All rows of these tables are read under locks, to fill another.
pub(super) fn filled_from(reads: &Reads, made: &mut Made<'_>) {
    if reads_committed(made) {
        return;
    }
    for table in &reads.relations {
        let is_view = made.state.relation(table).is_some_and(|own| !own.stores_rows());
        if is_old(made.state, table) && !is_view {
            effort(table, Work::Scan, Cause::FilledTable, Mode::Share, None, made);
        }
    }
}

/// `OPTIMIZE TABLE`, which InnoDB takes for a rebuild.
pub(super) fn optimized(table: &Name, made: &mut Made<'_>) {
    if !is_old(made.state, table) {
        return;
    }
    made.lock(table, Object::Table);
    let storage = made.state.relation(table).and_then(|own| own.storage.as_deref());
    let under = match storage {
        Some(engine) if !engine.eq_ignore_ascii_case("innodb") => Mode::AccessExclusive,
        _ => Mode::ShareUpdateExclusive,
    };
    effort(table, Work::Rewrite, Cause::Rebuild, under, None, made);
    made.effects.reversibility = made.effects.reversibility.max(Reversibility::Reversible);
}

fn effort(on: &Name, work: Work, cause: Cause, under: Mode, unless: Option<String>, made: &mut Made<'_>) {
    made.effects.efforts.push(Effort { on: on.clone(), work, cause, under, unless, span: made.span });
}
