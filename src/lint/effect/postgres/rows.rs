//! Statements that read and write rows.

use super::table::is_catalogue;
use super::{Cause, Found, Loss, Mode, Reversibility, Work};
use crate::schema::Relation;
use crate::sql::statement::{Name, Object, Reach, Reads, Write, WriteKind};

impl Found<'_> {
    pub(super) fn writes(&mut self, writes: &[Write], reads: &Reads) {
        for write in writes {
            self.span = write.span;
            self.write(write, reads);
        }
    }

    fn write(&mut self, write: &Write, reads: &Reads) {
        let table = &write.table;
        if is_catalogue(table) {
            return;
        }
        if write.kind == WriteKind::InsertSelect && write.reach != Reach::Bounded {
            self.copies(reads);
        }
        if !self.state.is_old(table) {
            return;
        }
        self.lock(table, Object::Table, Mode::RowExclusive);
        let (cause, lost) = match write.kind {
            WriteKind::Update => (Cause::Update, true),
            WriteKind::Delete => (Cause::Delete, true),
            WriteKind::Merge => (Cause::Merge, true),
            WriteKind::InsertSelect | WriteKind::Load => (Cause::Copy, false),
            WriteKind::Upsert | WriteKind::InsertValues => return self.adds(),
        };
        if write.reach != Reach::Bounded {
            let unless = (write.reach == Reach::Some).then(|| "how many rows meet the condition".to_owned());
            self.effort(table, Work::Rows, cause, unless);
        }
        if write.kind == WriteKind::Delete {
            self.delete(table, write.reach);
        }
        if lost {
            self.effects.reversibility = Reversibility::Irreversible;
        } else {
            self.adds();
        }
    }

    fn delete(&mut self, table: &Name, reach: Reach) {
        let what = if reach == Reach::All { Loss::Rows } else { Loss::SomeRows };
        self.lose(Object::Table, table, None, what);
        let cascading: Vec<Name> = self
            .state
            .schema
            .referencing(table)
            .filter(|(_, own)| own.cascades)
            .map(|(name, _)| name.clone())
            .collect();
        for child in cascading {
            self.lock(&child, Object::Table, Mode::RowExclusive);
            self.lose(Object::Table, &child, None, Loss::SomeRows);
        }
    }

    pub(super) fn reads(&mut self, reads: &Reads) {
        for relation in &reads.relations {
            let view = self.state.relation(relation).is_some_and(|own: &Relation| !own.stores_rows());
            if let (Some(reach), false) = (reads.locks_rows, view || is_catalogue(relation)) {
                self.lock(relation, Object::Table, Mode::RowShare);
                if reach != Reach::Bounded {
                    self.effort(relation, Work::Rows, Cause::RowLocks, None);
                }
            }
        }
        if reads.into.is_some() {
            self.adds();
            self.copies(reads);
        } else if reads.scans && reads.locks_rows.is_none() {
            self.scans(reads);
        }
    }

    /// A query that looks at all rows: it takes its time, and nobody minds but those who wait for a lock
    /// that was taken before.
    fn scans(&mut self, reads: &Reads) {
        for relation in &reads.relations {
            let stores = self.state.relation(relation).is_none_or(Relation::stores_rows);
            if stores && !is_catalogue(relation) {
                self.effort(relation, Work::Scan, Cause::Query, None);
            }
        }
    }
}
