//! temporary
use super::wire::{Connection, Message};
use crate::engine::{Output, Script};
use crate::error::{Error, Kind, Place, Result};
use crate::sql::psql::{Piece, Scanner, Variables};
use std::path::PathBuf;
pub(super) enum Ask {
    Send,
    Skip,
}
pub(super) struct End;
pub(super) struct Spot {
    pub(super) path: String,
    pub(super) line: usize,
}
pub(super) struct Shell {
    vars: Vec<(String, String)>,
}
struct V<'a>(&'a [(String, String)]);
impl Variables for V<'_> {
    fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.0.iter().find(|(k, _)| k.as_bytes() == name).map(|(_, v)| v.clone().into_bytes())
    }
}
impl Shell {
    pub(super) fn new(_folder: PathBuf, vars: &[(String, String)]) -> Shell {
        Shell { vars: vars.to_vec() }
    }
    pub(super) fn run(
        &mut self,
        conn: &mut Connection,
        script: &Script,
        output: &mut dyn Output,
        gate: &mut dyn FnMut(&mut Connection, &[u8], &Spot) -> Result<Ask>,
    ) -> Result<End> {
        let mut scanner = Scanner::new(script.text.clone().into_bytes(), true);
        loop {
            let (text, line, end) = match scanner.next(&V(&self.vars), true) {
                Piece::Statement { text, line, .. } => (text, line, false),
                Piece::Command { .. } => {
                    scanner.skip_line();
                    continue;
                }
                Piece::End { .. } => (scanner.take_pending(), scanner.line(), true),
            };
            if !text.iter().all(u8::is_ascii_whitespace) {
                let spot = Spot { path: script.path.clone(), line };
                if matches!(gate(conn, &text, &spot)?, Ask::Send) {
                    conn.query(&text)?;
                    let mut failed = None;
                    loop {
                        match conn.receive()? {
                            Message::Error(error) => failed = Some(error),
                            Message::Row(row) => {
                                let cells: Vec<String> = row
                                    .into_iter()
                                    .map(|c| String::from_utf8_lossy(&c.unwrap_or_default()).into_owned())
                                    .collect();
                                output.stdout(format!("{}\n", cells.join("|")).as_bytes());
                            }
                            Message::Ready(_) => break,
                            _ => {}
                        }
                    }
                    if let Some(error) = failed {
                        return Err(Error::new(
                            Kind::Script,
                            "postgres.sql",
                            format!("{}: {}", error.code, error.message),
                        )
                        .at(Place::new(&script.path, line, 1)));
                    }
                }
            }
            if end {
                return Ok(End);
            }
        }
    }
}

pub(super) fn notice_lines(
    path: &str,
    line: usize,
    notice: &super::wire::ServerError,
    _sent: &[u8],
) -> Vec<u8> {
    format!("psql:{path}:{line}: {}:  {}\n", notice.severity, notice.message).into_bytes()
}
pub(super) fn code_of(_: &super::wire::ServerError) -> &'static str {
    "script.statement"
}
