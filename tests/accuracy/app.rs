//! The old application: what it says, before the change and after.

use crate::case::Spoken;
use crate::place::{self, APP};
use crate::postgres::Database;
use postgres::{Client, SimpleQueryMessage};

/// What a statement of the application came to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Done {
        columns: Vec<String>,
        rows: Vec<Vec<Option<String>>>,
        affected: u64,
        /// Said twice, it says the same twice; a sequence or a clock does not.
        stable: bool,
    },
    Refused(String),
}

/// What the application was told before the change.
#[derive(Debug)]
pub(crate) struct Heard {
    answers: Vec<Answer>,
}

/// Runs all statements, each in a transaction of its own that is rolled back.
pub(crate) fn listen(database: &Database, app: &[Spoken]) -> Heard {
    let mut session = place::connect(database, APP);
    session.batch_execute("SET lock_timeout = '5s'").unwrap();
    let answers = app.iter().map(|spoken| {
        let first = say(&mut session, &spoken.sql);
        let second = say(&mut session, &spoken.sql);
        match first {
            Answer::Done { columns, rows, affected, .. } => {
                let stable = matches!(&second, Answer::Done { rows: again, .. } if *again == rows);
                Answer::Done { columns, rows, affected, stable }
            }
            refused => refused,
        }
    });
    Heard { answers: answers.collect() }
}

/// What is another now, in words.
pub(crate) fn differences(before: &Heard, after: &Heard, app: &[Spoken]) -> Vec<String> {
    let pairs = before.answers.iter().zip(&after.answers).zip(app);
    pairs.filter_map(|((before, after), spoken)| differs(before, after, spoken)).collect()
}

/// The statements that were refused already before the change. Those are probes of a guarantee.
pub(crate) fn refused(before: &Heard, app: &[Spoken]) -> Vec<String> {
    let pairs = before.answers.iter().zip(app);
    let refused = pairs.filter_map(|(answer, spoken)| match answer {
        Answer::Refused(why) => Some(format!("{}: {why}", spoken.sql)),
        Answer::Done { .. } => None,
    });
    refused.collect()
}

fn differs(before: &Answer, after: &Answer, spoken: &Spoken) -> Option<String> {
    let sql = &spoken.sql;
    match (before, after) {
        (Answer::Refused(_), Answer::Refused(_)) => None,
        (Answer::Done { .. }, Answer::Refused(why)) => Some(format!("{sql} fails: {why}")),
        (Answer::Refused(why), Answer::Done { .. }) => Some(format!("{sql} is accepted now; it was: {why}")),
        (
            Answer::Done { columns, rows, affected, stable },
            Answer::Done { columns: new_columns, rows: new_rows, affected: new_affected, stable: new_stable },
        ) => {
            if columns != new_columns {
                Some(format!("{sql} returns the columns {new_columns:?}, not {columns:?}"))
            } else if spoken.may_differ {
                None
            } else if affected != new_affected {
                Some(format!("{sql} reaches {new_affected} rows, not {affected}"))
            } else if *stable && *new_stable && rows != new_rows {
                Some(format!("{sql} returns {new_rows:?}, not {rows:?}"))
            } else {
                None
            }
        }
    }
}

fn say(session: &mut Client, sql: &str) -> Answer {
    session.batch_execute("BEGIN").unwrap();
    // Deferred constraints speak at the end.
    let answer = session
        .simple_query(sql)
        .and_then(|messages| session.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").map(|()| messages));
    session.batch_execute("ROLLBACK").unwrap();
    let messages = match answer {
        Ok(messages) => messages,
        Err(error) => return Answer::Refused(place::told(&error)),
    };
    let (mut columns, mut rows, mut affected) = (Vec::new(), Vec::new(), 0);
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(found) => {
                columns = found.iter().map(|column| column.name().to_owned()).collect();
            }
            SimpleQueryMessage::Row(row) => {
                rows.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
            }
            SimpleQueryMessage::CommandComplete(count) => affected = count,
            _ => {}
        }
    }
    Answer::Done { columns, rows, affected, stable: true }
}
