//! temporary
use super::{Piece, Scanner, Variables};
use crate::error::{Error, Result};
pub enum Shape {
    Atomic { own_transaction: bool },
    Stepwise(String),
}
pub struct Unit {
    pub text: Vec<u8>,
}
pub struct Survey {
    pub problems: Vec<Error>,
    pub shape: Shape,
    pub begin: Option<String>,
    pub left_open: bool,
    pub needs_new_session: bool,
    pub statements: Vec<Unit>,
}
#[derive(PartialEq)]
pub enum StatementKind {
    Begin,
    Commit,
    Rollback,
    Set { local: bool },
    RefusesTransaction(&'static str),
    MayCommit,
    Other,
    Empty,
}
pub fn kind(text: &[u8]) -> StatementKind {
    let t = String::from_utf8_lossy(text).to_uppercase();
    let w: Vec<&str> =
        t.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    match w.as_slice() {
        [] => StatementKind::Empty,
        ["BEGIN", ..] | ["START", "TRANSACTION", ..] => StatementKind::Begin,
        ["COMMIT", ..] | ["END", ..] => StatementKind::Commit,
        ["ROLLBACK", "TO", ..] => StatementKind::Other,
        ["ROLLBACK", ..] => StatementKind::Rollback,
        ["SET", ..] => StatementKind::Set { local: false },
        ["VACUUM", ..] => StatementKind::RefusesTransaction("VACUUM"),
        [_, ..] if w.iter().take(4).any(|w| *w == "CONCURRENTLY") => {
            StatementKind::RefusesTransaction("CONCURRENTLY")
        }
        _ => StatementKind::Other,
    }
}
struct None_;
impl Variables for None_ {
    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
pub fn survey(
    _path: &str,
    text: &[u8],
    _v: &[(String, String)],
    _i: &mut dyn FnMut(&str) -> Result<Vec<u8>>,
) -> Survey {
    let mut s = Scanner::new(text.to_vec(), true);
    let mut out = Survey {
        problems: vec![],
        shape: Shape::Atomic { own_transaction: false },
        begin: None,
        left_open: false,
        needs_new_session: false,
        statements: vec![],
    };
    let mut commits = 0;
    loop {
        let (text, end) = match s.next(&None_, true) {
            Piece::Statement { text, .. } => (text, false),
            Piece::Command { .. } => {
                s.skip_line();
                continue;
            }
            Piece::End { .. } => (s.take_pending(), true),
        };
        if !text.iter().all(u8::is_ascii_whitespace) {
            match kind(&text) {
                StatementKind::Begin => out.begin = Some(String::from_utf8_lossy(&text).into_owned()),
                StatementKind::Commit => commits += 1,
                StatementKind::RefusesTransaction(w) => out.shape = Shape::Stepwise(w.to_owned()),
                _ => {}
            }
            out.statements.push(Unit { text });
        }
        if end {
            break;
        }
    }
    if commits > 1 {
        out.shape = Shape::Stepwise("several transactions".to_owned());
    }
    out
}
