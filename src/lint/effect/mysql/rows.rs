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
        let many =
            matches!(write.kind, WriteKind::Update | WriteKind::Delete) && write.reach != Reach::Bounded;
        if many {
            let unless = (write.reach == Reach::Some)
                .then(|| "how many rows meet the condition, and whether an index finds them".to_owned());
            effort(&write.table, Work::Rows, cause, Mode::RowExclusive, unless, made);
        }
    }
    // A query that fills another table locks the rows that it reads: who wants to write them waits.
    let fills = writes.iter().any(|write| write.joined && write.kind == WriteKind::InsertSelect);
    if fills {
        filled_from(reads, made);
    }
}

/// The rows of these tables are read under locks, to fill another.
pub(super) fn filled_from(reads: &Reads, made: &mut Made<'_>) {
    let read = reads.relations.iter().filter(|table| is_old(made.state, table));
    for table in read.collect::<Vec<_>>() {
        let is_view = made.state.relation(table).is_some_and(|own| !own.stores_rows());
        if !is_view {
            let unless = "the isolation level: READ COMMITTED locks none of them".to_owned();
            effort(table, Work::Scan, Cause::FilledTable, Mode::RowShare, Some(unless), made);
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
