//! Requests with all of their answers: rows, or the server's error.

use super::message::{self, Cells, Message};
use super::{Connection, Rows};
use crate::error::{Kind, Result};
use std::collections::VecDeque;

impl Connection {
    /// Runs one statement and returns its rows; anything unanswered before it is thrown away.
    ///
    /// # Errors
    /// `postgres.refused` with the server's message and SQLSTATE if it fails, or as
    /// [`Connection::receive`].
    pub fn rows(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Rows> {
        if self.copying {
            self.settle()?;
        }
        self.execute(sql, values)?;
        self.each_answer(1)?.pop().unwrap_or_else(|| Ok(Rows::new()))
    }

    /// The answers to the last `count` requests, each with its rows or its error; anything unanswered
    /// before them is thrown away.
    ///
    /// # Errors
    /// As [`Connection::receive`].
    pub fn each_answer(&mut self, count: usize) -> Result<Vec<Result<Rows>>> {
        while self.unanswered.len() > count {
            // Whatever failed there was given up, or is told by what follows.
            let _ = self.answer()?;
        }
        let mut all = Vec::with_capacity(count);
        while !self.unanswered.is_empty() {
            all.push(self.answer()?);
        }
        Ok(all)
    }

    /// Hands out the rows of the last `count` requests one by one, with the number of the request;
    /// anything unanswered before them is thrown away.
    ///
    /// # Errors
    /// The first one, be it the server's, of `each` or as [`Connection::receive`].
    pub(crate) fn each_row(
        &mut self,
        count: usize,
        each: &mut dyn FnMut(usize, Cells<'_>) -> Result<()>,
    ) -> Result<()> {
        while self.unanswered.len() > count {
            let _ = self.answer()?;
        }
        let mut done = Ok(());
        self.flush()?;
        if std::mem::take(&mut self.sent) {
            self.pass("postgres.receive")?;
        }
        while !self.unanswered.is_empty() {
            let Some(frame) = self.frame_until(None)? else { continue };
            if let Some(cells) = Cells::of(&frame) {
                let request = count.saturating_sub(self.unanswered.len());
                done = done.and_then(|()| each(request, cells));
                continue;
            }
            match self.understand(&frame) {
                Ok(Some(Message::Error(error))) => {
                    done = done.and(Err(error.to_error(Kind::Database, "postgres.refused")));
                }
                Ok(Some(Message::CopyIn)) => self.copy_fail("no data"),
                Ok(Some(told @ Message::Notification { .. })) => self.kept.push_back(told),
                Ok(_) => {}
                Err(message::Garbled) => return Err(self.garbled()),
            }
        }
        done
    }

    /// Runs statements and throws their rows away.
    ///
    /// # Errors
    /// As [`Connection::rows`].
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        self.settle()?;
        self.query(sql.as_bytes())?;
        self.answers().map(|_| ())
    }

    /// Throws away everything that is still unanswered; a COPY that waits for data fails.
    ///
    /// # Errors
    /// As [`Connection::receive`].
    pub fn settle(&mut self) -> Result<()> {
        if self.copying {
            self.copy_fail("given up");
        }
        // Whatever failed there has been given up; only a lost connection matters.
        match self.answers() {
            Err(error) if self.lost.is_some() => Err(error),
            _ => Ok(()),
        }
    }

    /// All rows of all that is unanswered, or the first error.
    fn answers(&mut self) -> Result<Rows> {
        let mut rows = Ok(Rows::new());
        while !self.unanswered.is_empty() {
            let answer = self.answer()?;
            rows = match (rows, answer) {
                (Ok(mut rows), Ok(more)) => {
                    rows.extend(more);
                    Ok(rows)
                }
                (Err(error), _) | (_, Err(error)) => Err(error),
            };
        }
        rows
    }

    /// The answer to the first request that is unanswered: its rows, or the server's error.
    fn answer(&mut self) -> Result<Result<Rows>> {
        let mut rows = Rows::new();
        let mut failed = None;
        let mut told = VecDeque::new();
        let left = self.unanswered.len().saturating_sub(1);
        while self.unanswered.len() > left {
            match self.receive()? {
                Message::Row(row) => rows.push(row.into_iter().map(|value| value.map(text)).collect()),
                Message::Error(error) => {
                    failed.get_or_insert_with(|| error.to_error(Kind::Database, "postgres.refused"));
                }
                Message::CopyIn => self.copy_fail("no data"),
                message @ Message::Notification { .. } => told.push_back(message),
                _ => {}
            }
        }
        self.kept.append(&mut told);
        Ok(failed.map_or(Ok(rows), Err))
    }
}

/// A value as text, without a copy if it is UTF-8.
fn text(value: Vec<u8>) -> String {
    String::from_utf8(value).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
