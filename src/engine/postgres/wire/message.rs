//! What a server says, as values.
//!
//! Knows: the layout of the messages of protocol 3.0. Must never know: sockets, what was asked.
//!
//! Text stays bytes where it may be in any encoding: names of columns, values, lines of COPY.

use crate::error::{Error, Kind};
use bytes::{Buf, Bytes, BytesMut};
use std::borrow::Cow;

/// The longest message that is accepted; the server's own limit for a value is one gigabyte.
const LONGEST: usize = 0x7fff_ffff;

/// What became of the transaction, as the server says whenever it is ready for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// There is none.
    Idle,
    /// One is open.
    InTransaction,
    /// One is open and has failed; only its end is accepted.
    Failed,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, in the client's encoding.
    pub name: Vec<u8>,
    /// The object id of its type.
    pub oid: u32,
    /// The modifier of its type, -1 if it has none.
    pub modifier: i32,
}

/// An error or a notice, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerError {
    /// `ERROR`, `FATAL`, `NOTICE` …, in the server's language.
    pub severity: String,
    /// The same in English, from servers that say so.
    pub severity_in_english: Option<String>,
    /// The SQLSTATE.
    pub code: String,
    /// What happened.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// What may help.
    pub hint: Option<String>,
    /// Where in the text that was sent: characters, counted from 1.
    pub position: Option<usize>,
    /// Where in the text of `internal_query`.
    pub internal_position: Option<usize>,
    /// A statement that a function ran.
    pub internal_query: Option<String>,
    /// The calls that led there.
    pub context: Option<String>,
    /// The schema concerned.
    pub schema: Option<String>,
    /// The table concerned.
    pub table: Option<String>,
    /// The column concerned.
    pub column: Option<String>,
    /// The type concerned.
    pub datatype: Option<String>,
    /// The constraint concerned.
    pub constraint: Option<String>,
    /// The file of the server's source.
    pub file: Option<String>,
    /// The line there.
    pub line: Option<String>,
    /// The routine there.
    pub routine: Option<String>,
}

impl ServerError {
    /// Whether the server ends the session with it.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        let severity = self.severity_in_english.as_ref().unwrap_or(&self.severity);
        severity == "FATAL" || severity == "PANIC"
    }

    /// The same as an error of ours: message and SQLSTATE, the details below it, the hint.
    #[must_use]
    pub fn to_error(&self, kind: Kind, code: &'static str) -> Error {
        let mut error = Error::new(kind, code, format!("{} (SQLSTATE {})", self.message, self.code));
        for cause in [&self.detail, &self.context].into_iter().flatten() {
            error = error.because(cause);
        }
        match &self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn read(mut body: &[u8]) -> Option<ServerError> {
        let mut error = ServerError::default();
        loop {
            let field = body.try_get_u8().ok()?;
            if field == 0 {
                return Some(error);
            }
            let text = String::from_utf8_lossy(cstr(&mut body)?).into_owned();
            match field {
                b'S' => error.severity = text,
                b'V' => error.severity_in_english = Some(text),
                b'C' => error.code = text,
                b'M' => error.message = text,
                b'D' => error.detail = Some(text),
                b'H' => error.hint = Some(text),
                b'P' => error.position = text.parse().ok(),
                b'p' => error.internal_position = text.parse().ok(),
                b'q' => error.internal_query = Some(text),
                b'W' => error.context = Some(text),
                b's' => error.schema = Some(text),
                b't' => error.table = Some(text),
                b'c' => error.column = Some(text),
                b'd' => error.datatype = Some(text),
                b'n' => error.constraint = Some(text),
                b'F' => error.file = Some(text),
                b'L' => error.line = Some(text),
                b'R' => error.routine = Some(text),
                // Fields of servers to come.
                _ => {}
            }
        }
    }
}

/// Something the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Rows with these columns follow.
    Columns(Vec<Column>),
    /// A row, each value as text.
    Row(Vec<Option<Vec<u8>>>),
    /// A statement ended; its command tag, such as `INSERT 0 1`.
    Complete(String),
    /// There was no statement.
    Empty,
    /// A statement failed, and with it everything up to the next `Ready`.
    Error(Box<ServerError>),
    /// Something to tell the user.
    Notice(Box<ServerError>),
    /// Another session's `NOTIFY`.
    Notification {
        /// The process of that session.
        pid: i32,
        /// The channel.
        channel: String,
        /// What was sent.
        payload: String,
    },
    /// A setting of the session has a new value.
    Parameter {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// The server waits for data of `COPY … FROM STDIN`.
    CopyIn,
    /// Data of `COPY … TO STDOUT` follows.
    CopyOut,
    /// A piece of that data, mostly a line.
    CopyData(Vec<u8>),
    /// The end of that data.
    CopyDone,
    /// Everything that was sent is answered.
    Ready(Status),
}

/// A message as it came.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) tag: u8,
    pub(crate) body: Bytes,
}

/// What the server sent is not its protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Garbled;

/// Takes the first whole message off `inbox`.
pub(crate) fn frame(inbox: &mut BytesMut, longest: Option<usize>) -> Result<Option<Frame>, Garbled> {
    let Some((head, _)) = inbox.split_first_chunk::<5>() else { return Ok(None) };
    let [tag, length @ ..] = *head;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| Garbled)?;
    if length < 4 || length > longest.unwrap_or(LONGEST) || !tag.is_ascii_alphanumeric() {
        return Err(Garbled);
    }
    if inbox.len() <= length {
        return Ok(None);
    }
    let mut body = inbox.split_to(length + 1).freeze();
    body.advance(5);
    Ok(Some(Frame { tag, body }))
}

/// Whether the server's `Ready` stands in the inbox at or after `from`, the start of a message; it goes
/// on to the first one that is not there as a whole.
pub(crate) fn holds_ready(inbox: &[u8], from: &mut usize) -> bool {
    while let Some([tag, length @ ..]) = inbox.get(*from..).and_then(|rest| rest.first_chunk::<5>()) {
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or_default();
        let next = *from + 1 + length;
        // What is no message is told when it is read.
        if length < 4 || next > inbox.len() {
            break;
        }
        if *tag == b'Z' {
            return true;
        }
        *from = next;
    }
    false
}

/// Understands a message of a session that has begun. `None` for those that only say that a step
/// was taken, which the next one says as well.
pub(crate) fn understand(frame: &Frame) -> Result<Option<Message>, Garbled> {
    let mut body: &[u8] = &frame.body;
    let message = match frame.tag {
        b'1' | b'2' | b'3' | b'n' | b's' | b't' => return Ok(None),
        b'T' => columns(body).map(Message::Columns),
        b'D' => row(body).map(Message::Row),
        b'C' => text(&mut body).map(Message::Complete),
        b'I' => Some(Message::Empty),
        b'E' => ServerError::read(body).map(|error| Message::Error(Box::new(error))),
        b'N' => ServerError::read(body).map(|notice| Message::Notice(Box::new(notice))),
        b'A' => notification(body),
        b'S' => parameter(body),
        b'G' => Some(Message::CopyIn),
        b'H' => Some(Message::CopyOut),
        b'd' => Some(Message::CopyData(body.to_vec())),
        b'c' => Some(Message::CopyDone),
        b'Z' => match body {
            b"I" => Some(Message::Ready(Status::Idle)),
            b"T" => Some(Message::Ready(Status::InTransaction)),
            b"E" => Some(Message::Ready(Status::Failed)),
            _ => None,
        },
        _ => None,
    };
    message.map(Some).ok_or(Garbled)
}

fn columns(mut body: &[u8]) -> Option<Vec<Column>> {
    let count = body.try_get_u16().ok()?;
    let mut columns = Vec::with_capacity(count.into());
    for _ in 0..count {
        let name = cstr(&mut body)?.to_vec();
        // Table, column of the table.
        skip(&mut body, 4 + 2)?;
        let oid = body.try_get_u32().ok()?;
        let _size = body.try_get_i16().ok()?;
        let modifier = body.try_get_i32().ok()?;
        let _format = body.try_get_i16().ok()?;
        columns.push(Column { name, oid, modifier });
    }
    body.is_empty().then_some(columns)
}

/// The values of a row as they stand in its message, for what has too many rows to copy them all.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    body: &'a [u8],
    left: u16,
}

impl<'a> Cells<'a> {
    /// Of a frame, if that is a row.
    pub(crate) fn of(frame: &'a Frame) -> Option<Cells<'a>> {
        let mut body: &[u8] = &frame.body;
        (frame.tag == b'D').then_some(())?;
        let left = body.try_get_u16().ok()?;
        Some(Cells { body, left })
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Option<Cow<'a, str>>;

    /// What is cut off is as good as not there: the server counts what it sends.
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let length = usize::try_from(self.body.try_get_i32().ok()?).ok();
        let Some(length) = length else { return Some(None) };
        let (value, rest) = self.body.split_at_checked(length)?;
        self.body = rest;
        // The lossy way is slower where nothing is lost.
        Some(Some(std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed)))
    }
}

fn row(mut body: &[u8]) -> Option<Vec<Option<Vec<u8>>>> {
    let count = body.try_get_u16().ok()?;
    let mut values = Vec::with_capacity(count.into());
    for _ in 0..count {
        let length = body.try_get_i32().ok()?;
        values.push(match usize::try_from(length) {
            Ok(length) => {
                let (value, rest) = body.split_at_checked(length)?;
                body = rest;
                Some(value.to_vec())
            }
            Err(_) if length == -1 => None,
            Err(_) => return None,
        });
    }
    body.is_empty().then_some(values)
}

fn notification(mut body: &[u8]) -> Option<Message> {
    let pid = body.try_get_i32().ok()?;
    Some(Message::Notification { pid, channel: text(&mut body)?, payload: text(&mut body)? })
}

fn parameter(mut body: &[u8]) -> Option<Message> {
    Some(Message::Parameter { name: text(&mut body)?, value: text(&mut body)? })
}

fn text(body: &mut &[u8]) -> Option<String> {
    cstr(body).map(|text| String::from_utf8_lossy(text).into_owned())
}

fn cstr<'a>(body: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = body.iter().position(|byte| *byte == 0)?;
    let (text, rest) = body.split_at_checked(end)?;
    *body = rest.get(1..)?;
    Some(text)
}

fn skip(body: &mut &[u8], count: usize) -> Option<()> {
    *body = body.get(count..)?;
    Some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn one(tag: u8, body: &[u8]) -> Result<Option<Message>, Garbled> {
        understand(&Frame { tag, body: Bytes::copy_from_slice(body) })
    }

    #[test]
    fn a_message_is_taken_when_it_is_whole() {
        let whole = b"Z\0\0\0\x05IC";
        for end in 0..6 {
            let mut inbox = BytesMut::from(&whole[..end]);
            assert!(frame(&mut inbox, None).unwrap().is_none());
        }
        let mut inbox = BytesMut::from(&whole[..]);
        let taken = frame(&mut inbox, None).unwrap().unwrap();
        assert_eq!(understand(&taken), Ok(Some(Message::Ready(Status::Idle))));
        assert_eq!(&inbox[..], b"C");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for text in [&b"Z\0\0\0\x03"[..], b"Z\xff\xff\xff\xff", b"\x15\x03\x01\0\x02"] {
            assert_eq!(frame(&mut BytesMut::from(text), None).unwrap_err(), Garbled);
        }
        assert_eq!(frame(&mut BytesMut::from(&b"HTTP/1.1"[..]), Some(30_000)).unwrap_err(), Garbled);
    }

    #[test]
    fn values_are_bytes_and_may_be_missing() {
        let body = b"\0\x03\0\0\0\x02\xff\xfe\xff\xff\xff\xff\0\0\0\0";
        assert_eq!(one(b'D', body), Ok(Some(Message::Row(vec![Some(vec![255, 254]), None, Some(vec![])]))));
    }

    #[test]
    fn no_cut_or_changed_message_panics() {
        let samples: [(u8, &[u8]); 6] = [
            (b'T', b"\0\x01a\0\0\0\0\x01\0\x02\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"),
            (b'D', b"\0\x02\0\0\0\x02ab\xff\xff\xff\xff"),
            (b'E', b"SERROR\0C42601\0Msyntax error\0P8\0\0"),
            (b'A', b"\0\0\0\x07chan\0load\0"),
            (b'S', b"a\0b\0"),
            (b'Z', b"T"),
        ];
        for (tag, body) in samples {
            assert!(one(tag, body).unwrap().is_some());
            for end in 0..body.len() {
                assert_eq!(one(tag, &body[..end]), Err(Garbled), "{tag} cut at {end}");
            }
            for at in 0..body.len() {
                let mut changed = body.to_vec();
                changed[at] = 0xff;
                let _ = one(tag, &changed);
            }
        }
    }

    #[test]
    fn an_error_keeps_its_fields() {
        let body = b"SFEHLER\0VERROR\0C23505\0Mdouble\0DKey (id)=(1)\0Htry 2\0P12\0nt_pkey\0\0";
        let Ok(Some(Message::Error(error))) = one(b'E', body) else { panic!("no error") };
        assert_eq!((error.position, error.constraint.as_deref()), (Some(12), Some("t_pkey")));
        let ours = error.to_error(Kind::Script, "x");
        assert_eq!(ours.message(), "double (SQLSTATE 23505)");
        assert_eq!((ours.causes().len(), ours.hints().len()), (1, 1));
        assert!(!error.is_fatal());
    }
}
