//! What the catalogue can tell about a statement that commits by itself: how what it names looked
//! before it, and how it looks now.

use super::db::{Db, quoted};
use crate::error::Result;
use crate::sql::mysql::{Object, ObjectKind};
use regex::Regex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// What the catalogue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It took effect.
    Done,
    /// It did not, or it does no harm when it is run again.
    Undone,
    /// Nobody can tell.
    Unknown,
}

/// How things looked before a statement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Look {
    /// What the statement names, each with a digest of what the catalogue says of it; none if there is
    /// no such thing.
    objects: Vec<(Object, Option<String>)>,
    /// Whether it can be run again without harm.
    repeatable: bool,
}

impl Look {
    /// Looks at what a statement names; names without a database are in `database`.
    pub(super) fn at(db: &mut Db, objects: &[Object], repeatable: bool, database: &str) -> Result<Look> {
        let mut looked = Vec::with_capacity(objects.len());
        for object in objects {
            let mut object = object.clone();
            if !matches!(object.kind, ObjectKind::User | ObjectKind::Database) && object.schema.is_none() {
                object.schema = Some(database.to_owned());
            }
            let digest = digest_of(db, &object)?;
            looked.push((object, digest));
        }
        Ok(Look { objects: looked, repeatable })
    }

    /// Compares with how things look now.
    pub(super) fn compare(&self, db: &mut Db) -> Result<Verdict> {
        if self.objects.is_empty() {
            return Ok(if self.repeatable { Verdict::Undone } else { Verdict::Unknown });
        }
        let mut changed = 0;
        for (object, before) in &self.objects {
            changed += usize::from(digest_of(db, object)? != *before);
        }
        Ok(match changed {
            // Either nothing has happened, or nothing that could be seen: then it may happen again.
            0 => Verdict::Undone,
            all if all == self.objects.len() => Verdict::Done,
            _ => Verdict::Unknown,
        })
    }
}

/// The text that would make an object anew, in brief.
fn digest_of(db: &mut Db, object: &Object) -> Result<Option<String>> {
    let name = quoted(&object.name);
    let full = match &object.schema {
        Some(schema) if object.kind != ObjectKind::User => format!("{}.{name}", quoted(schema)),
        _ => name,
    };
    let sql = match object.kind {
        ObjectKind::Table => format!("SHOW CREATE TABLE {full}"),
        ObjectKind::Trigger => format!("SHOW CREATE TRIGGER {full}"),
        ObjectKind::Procedure => format!("SHOW CREATE PROCEDURE {full}"),
        ObjectKind::Function => format!("SHOW CREATE FUNCTION {full}"),
        ObjectKind::Event => format!("SHOW CREATE EVENT {full}"),
        ObjectKind::Database => format!("SHOW CREATE DATABASE {full}"),
        ObjectKind::User => {
            let host = object.schema.as_deref().unwrap_or("%");
            let account =
                [object.name.as_str(), host].map(|text| text.replace('\\', "\\\\").replace('\'', "''"));
            let [user, host] = account;
            format!("SHOW GRANTS FOR '{user}'@'{host}'")
        }
    };
    let rows = match db.texts(&sql) {
        Ok(rows) => rows,
        Err(code) if is_absent(code) => return Ok(None),
        Err(_) => return Ok(Some("unreadable".to_owned())),
    };
    // The number that the next row gets is no part of what the table is.
    static COUNTER: OnceLock<Option<Regex>> = OnceLock::new();
    let counter = COUNTER.get_or_init(|| Regex::new(r" AUTO_INCREMENT=\d+").ok());
    let text = rows.join("\n");
    let text = counter.as_ref().map_or(text.as_str().into(), |counter| counter.replace_all(&text, ""));
    Ok(Some(Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()))
}

/// Errors that say there is no such thing: table, database, trigger, routine, event, account.
fn is_absent(code: u16) -> bool {
    matches!(code, 1146 | 1049 | 1360 | 1305 | 1539 | 1141 | 1109 | 4091)
}
