//! Reading scripts for a run: all are read and judged before the first statement, and none may
//! change between then and its turn.

use crate::engine;
use crate::error::{Error, Kind, Result};
use crate::project::{Digest, Project, Text};
use crate::sql::Dialect;
use crate::sql::directive::{self, Directives};
use std::num::NonZeroU32;
use std::time::Duration;

/// Texts up to this many bytes in all are kept from the check to the run; others are read again.
/// It bounds the memory of a run of any length.
const KEPT: usize = 1 << 16;

/// A script that was looked at. There are three for each pending change, so it is small: what few
/// scripts have is with the reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checked {
    pub(super) digest: Digest,
    /// Its entry in [`Reader::more`].
    more: Option<NonZeroU32>,
}

/// What only some scripts have: directives, or a text that is kept.
#[derive(Debug, Default, PartialEq)]
struct More {
    transaction: Option<bool>,
    lock_timeout: Option<Duration>,
    statement_timeout: Option<Duration>,
    client: Option<String>,
    kept: Option<Box<str>>,
}

/// Looks at scripts within a budget of memory.
pub(super) struct Reader<'a> {
    project: &'a Project,
    dialect: Dialect,
    left: usize,
    more: Vec<More>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(project: &'a Project, dialect: Dialect) -> Self {
        Reader { project, dialect, left: KEPT, more: Vec::new() }
    }

    /// Notes a script's digest and, while there is room, its text.
    pub(super) fn check(&mut self, text: &Text, directives: &Directives) -> Checked {
        let fits = text.is_utf8() && text.text.len() <= self.left;
        if fits {
            self.left -= text.text.len();
        }
        let more = More {
            transaction: directives.transaction,
            lock_timeout: directives.lock_timeout,
            statement_timeout: directives.statement_timeout,
            client: directives.client.clone(),
            kept: fits.then(|| text.text.as_str().into()),
        };
        Checked { digest: text.digest(), more: self.keep(more) }
    }

    /// Keeps what a script has beyond its digest. Entries are counted from one.
    fn keep(&mut self, more: More) -> Option<NonZeroU32> {
        if more == More::default() {
            return None;
        }
        self.more.push(more);
        u32::try_from(self.more.len()).ok().and_then(NonZeroU32::new)
    }

    /// The script at `path` as it was checked.
    pub(super) fn script(&self, path: &str, checked: &Checked) -> Result<engine::Script> {
        let none = More::default();
        let at = checked.more.and_then(|entry| usize::try_from(entry.get() - 1).ok());
        let more = at.and_then(|at| self.more.get(at)).unwrap_or(&none);
        let (text, raw) = match &more.kept {
            Some(text) => (text.to_string(), None),
            None => self
                .project
                .read_script(path, self.dialect)?
                .filter(|text| text.digest() == checked.digest)
                .map(Text::into_parts)
                .ok_or_else(|| {
                    Error::new(
                        Kind::Project,
                        "file.changed",
                        format!("{path} was changed after it was checked"),
                    )
                    .hint("run the command again; what was deployed before it is complete")
                })?,
        };
        Ok(engine::Script {
            path: path.to_owned(),
            text,
            raw,
            client: more.client.clone(),
            transaction: more.transaction,
            lock_timeout: more.lock_timeout,
            statement_timeout: more.statement_timeout,
        })
    }
}

/// A script with what its directives say.
pub(super) fn with(text: Text, directives: &Directives) -> engine::Script {
    let path = text.path.clone();
    let (text, raw) = text.into_parts();
    engine::Script {
        path,
        text,
        raw,
        client: directives.client.clone(),
        transaction: directives.transaction,
        lock_timeout: directives.lock_timeout,
        statement_timeout: directives.statement_timeout,
    }
}

/// A script with its directives, read without a check.
pub(super) fn read_now(project: &Project, path: &str, dialect: Dialect) -> Result<Option<engine::Script>> {
    let Some(text) = project.read_script(path, dialect)? else { return Ok(None) };
    let (directives, errors) = directive::read(path, &text.text, dialect);
    match Error::join(errors) {
        Some(error) => Err(error),
        None => Ok(Some(with(text, &directives))),
    }
}

/// The path of a deployed change's script: the plan knows best; for a change that the plan no
/// longer holds, the registry's tags tell which files of a reworked change are meant.
pub(super) fn path_of_deployed(
    context: &super::Context<'_>,
    state: &crate::steps::State,
    at: usize,
    which: crate::project::Which,
) -> Result<String> {
    let Some(change) = state.changes.get(at) else {
        return Err(Error::new(Kind::Plan, "plan.position", "there is no such deployed change"));
    };
    if let Some(position) = context.plan.position(&change.id) {
        return context.project.script_path(context.plan, position, which);
    }
    let later = state.changes.get(at + 1..).unwrap_or_default();
    let reworked = later.iter().position(|other| other.name == change.name);
    let tags: Vec<&str> = match reworked {
        None => Vec::new(),
        Some(distance) => {
            let until = later.get(..distance).unwrap_or_default();
            let between = until.iter().rev().chain([change]);
            between.flat_map(|change| change.tags.iter().map(|tag| tag.name.as_str())).collect()
        }
    };
    context.project.path_of(&change.name, &tags, which)
}
