//! What registry and journal are to hold about a change.

use super::Postgres;
use super::atomic::Started;
use crate::engine::journal::{self, Finished, Waits};
use crate::engine::record::ChangeRecord;
use crate::engine::registry::{self, Times, Value, Write};
use crate::engine::{Direction, Job};
use crate::error::Result;

impl Postgres {
    /// The change as its rows are to say it. For a revert, the registry knows which tags and
    /// dependencies go with it.
    pub(super) fn record_of(&mut self, job: &Job<'_>) -> Result<ChangeRecord> {
        match job.direction {
            Direction::Deploy => {
                self.recorded = None;
                Ok(job.record.clone())
            }
            Direction::Revert => self.as_recorded(job.record),
        }
    }

    /// What the journal and the registry are to hold about a change that is done.
    pub(super) fn applied(
        &mut self,
        job: &Job<'_>,
        mode: &str,
        started: &Started,
        waits: &Waits,
        step: Option<i64>,
    ) -> Result<Vec<Write>> {
        let record = self.record_of(job)?;
        let times = self.times(record.tags.len());
        let duration = i64::try_from(started.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut writes = registry::rows(job.direction, &record, job.committer, &times);
        writes.push(journal::finished(Finished {
            record: &record,
            direction: job.direction,
            run: self.run,
            mode,
            started_at: started.at.as_str().into(),
            recorded_at: times.change,
            ended_at: times.event,
            duration_ms: duration.into(),
            checksums: sums(job),
            waits,
            step,
        }));
        Ok(writes)
    }

    /// The same for a change that is yet to be done: the server says when it was.
    pub(super) fn rows_to_come(&self, job: &Job<'_>, record: &ChangeRecord, waits: &Waits) -> Vec<Write> {
        let at = |micros: usize| {
            let moment = "current_setting('change.at')::pg_catalog.timestamptz";
            Value::Expression(format!("{moment} + interval '{micros} microseconds'"))
        };
        let tags = record.tags.len();
        let times = Times { change: at(0), tags: (1..=tags).map(at).collect(), event: at(tags + 1) };
        let mut writes = registry::rows(job.direction, record, job.committer, &times);
        writes.push(journal::finished(Finished {
            record,
            direction: job.direction,
            run: self.run,
            mode: "atomic",
            started_at: Value::Expression("now()".to_owned()),
            recorded_at: times.change,
            ended_at: times.event,
            duration_ms: Value::Expression(
                "round(extract(epoch FROM clock_timestamp() - now()) * 1000)::bigint".to_owned(),
            ),
            checksums: sums(job),
            waits,
            step: None,
        }));
        writes
    }
}

/// The digests of a job's scripts, as the journal lists them.
fn sums<'a>(job: &'a Job<'_>) -> [Option<&'a str>; 3] {
    let sums = job.checksums;
    [sums.deploy.as_deref(), sums.verify.as_deref(), sums.revert.as_deref()]
}
