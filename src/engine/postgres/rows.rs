//! What registry and journal are to hold about a change.

use super::Postgres;
use super::atomic::Started;
use super::db::{fill, literal};
use crate::engine::journal::{self, Finished, Waits};
use crate::engine::registry::{self, Times, Value, Write};
use crate::engine::{Direction, Job};
use crate::error::Result;

impl Postgres {
    /// What the journal and the registry are to hold about a change that is done.
    pub(super) fn applied(
        &mut self,
        job: &Job<'_>,
        mode: &str,
        started: &Started,
        waits: &Waits,
        step: Option<i64>,
    ) -> Result<Vec<Write>> {
        let record = match job.direction {
            Direction::Deploy => job.record.clone(),
            Direction::Revert => self.as_recorded(job.record)?,
        };
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
    pub(super) fn rows_to_come(&self, job: &Job<'_>, waits: &Waits) -> Vec<Write> {
        let record = job.record;
        let at = |micros: usize| {
            let moment = "current_setting('change.at')::pg_catalog.timestamptz";
            Value::Expression(format!("{moment} + interval '{micros} microseconds'"))
        };
        let tags = record.tags.len();
        let times = Times { change: at(0), tags: (1..=tags).map(at).collect(), event: at(tags + 1) };
        let mut writes = match job.direction {
            Direction::Deploy => registry::deploy_rows(record, job.committer, &times),
            // What goes with the change is looked up where it is, before it goes.
            Direction::Revert => {
                let id = literal(&record.id.to_string());
                let list = |sql: &str| Value::Expression(fill(&sql.replace("{id}", &id), &self.schema));
                let lists = [
                    list(
                        "ARRAY(SELECT dependency FROM {r}dependencies WHERE change_id = {id} \
                          AND dependency_id IS NOT NULL ORDER BY ctid)",
                    ),
                    list(
                        "ARRAY(SELECT dependency FROM {r}dependencies WHERE change_id = {id} \
                          AND dependency_id IS NULL ORDER BY ctid)",
                    ),
                    list("ARRAY(SELECT tag FROM {r}tags WHERE change_id = {id} ORDER BY committed_at)"),
                ];
                registry::revert_rows_of(record, job.committer, &times, lists)
            }
        };
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
