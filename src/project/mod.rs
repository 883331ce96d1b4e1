//! The project on disk: its plan, its scripts, its recovery documents.
//!
//! Knows: files. Must never know: engines, the terminal.

pub mod git;
mod layout;
mod write;

pub use layout::{Layout, Which, contained};
pub use write::{create_new, make_folder, replace};

use crate::error::{Error, Kind, Result};
use crate::plan::{self, Id, Plan};
use crate::sql::Dialect;
use sha2::{Digest as _, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest file that is read as a script or a plan. A larger one is a mistake, and reading it
/// would only exhaust the memory.
const LARGEST: u64 = 1 << 30;

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Text {
    /// The path as the user knows it.
    pub path: String,
    /// What it holds; what is not UTF-8 is replaced.
    pub text: String,
    /// What it holds if that is not UTF-8.
    raw: Option<Vec<u8>>,
}

impl Text {
    /// What it holds, to the byte.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.raw.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// Text and, if that is not all, the bytes.
    #[must_use]
    pub fn into_parts(self) -> (String, Option<Vec<u8>>) {
        (self.text, self.raw)
    }

    /// Whether it is UTF-8.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.raw.is_none()
    }

    /// SHA-1 as Sqitch stores it.
    #[must_use]
    pub fn sha1(&self) -> String {
        Id::of_script(self.bytes()).to_string()
    }

    /// SHA-256 as our own tables hold it.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.digest().to_string()
    }

    /// SHA-256 in a form that takes little room.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.bytes()).into())
    }
}

/// A SHA-256; shown as our own tables hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The digests of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// SHA-1 as Sqitch stores it.
    pub sha1: String,
    /// SHA-256 as our own tables hold it.
    pub sha256: String,
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(nibble as usize).map_or('0', |digit| *digit as char);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The folder of a project, seen from the current one.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that all relative paths start from.
    pub root: PathBuf,
    /// Where things are.
    pub layout: Layout,
}

impl Project {
    /// Reads a file of the project; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read, is not UTF-8, or holds a NUL byte.
    pub fn read(&self, path: &str) -> Result<Option<Text>> {
        let Some(text) = self.read_any(path)? else { return Ok(None) };
        if text.is_utf8() {
            return Ok(Some(text));
        }
        let good = text.bytes().utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        let before = text.bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Err(Error::new(Kind::Project, "file.utf8", format!("{path} is not valid UTF-8"))
            .at(crate::error::Place::new(path, line, 1))
            .hint(format!("convert it: iconv -f latin1 -t utf-8 {path}")))
    }

    /// Reads a script for a database: where databases have encodings of their own, scripts do, too.
    ///
    /// # Errors
    /// As [`Project::read`].
    pub fn read_script(&self, path: &str, dialect: Dialect) -> Result<Option<Text>> {
        match dialect {
            Dialect::Postgres => self.read_any(path),
            Dialect::Sqlite | Dialect::Mysql => self.read(path),
        }
    }

    /// Reads a file of the project in whatever encoding; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read, or holds a NUL byte.
    pub fn read_any(&self, path: &str) -> Result<Option<Text>> {
        let Some(bytes) = self.read_bytes(path)? else { return Ok(None) };
        let (text, raw) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(error.into_bytes())),
        };
        if let Some(at) = text.find('\0') {
            return Err(Error::new(
                Kind::Project,
                "file.nul",
                "a NUL byte, which would hide the rest of its line",
            )
            .at(crate::error::Place { text: None, ..crate::error::Place::in_text(path, &text, at, at) })
            .hint("remove it"));
        }
        Ok(Some(Text { path: path.to_owned(), text, raw }))
    }

    /// The digests of a file, whatever it holds; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn digests(&self, path: &str) -> Result<Option<Digests>> {
        let bytes = self.read_bytes(path)?;
        Ok(bytes.map(|bytes| Digests {
            sha1: Id::of_script(&bytes).to_string(),
            sha256: hex(&Sha256::digest(&bytes)),
        }))
    }

    fn read_bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        crate::fault::point("file.read")?;
        let full = self.root.join(path);
        let failed = |error: std::io::Error| {
            Error::new(Kind::Project, "file.read", format!("cannot read {path}")).because(error)
        };
        let file = match std::fs::File::open(&full) {
            Err(error) if missing(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
            Ok(file) => file,
        };
        let data = file.metadata().map_err(failed)?;
        if data.is_dir() {
            return Err(Error::new(Kind::Project, "file.folder", format!("{path} is a folder, not a file")));
        }
        if data.len() > LARGEST {
            return Err(Error::new(Kind::Project, "file.size", format!("{path} is larger than 1 GB")));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(data.len()).unwrap_or_default());
        file.take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }

    /// Whether a file of the project is there.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The text of the plan.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn plan_bytes(&self) -> Result<Vec<u8>> {
        let path = &self.layout.plan_file;
        self.read_bytes(path)?.ok_or_else(|| {
            Error::new(Kind::Project, "plan.missing", format!("Plan file {path} does not exist"))
                .hint("start a project here: change init NAME --engine sqlite --target db:sqlite:FILE")
                .hint("or name the plan: --plan-file FILE, or the folder: --chdir FOLDER")
        })
    }

    /// The plan.
    ///
    /// # Errors
    /// As [`Project::plan_bytes`], and everything that is wrong with its text.
    pub fn plan(&self) -> Result<Plan> {
        plan::parse(&self.layout.plan_file, &self.plan_bytes()?)
    }

    /// The path of a planned change's script. For a reworked change it is the first of its `@TAG`
    /// files that is there.
    ///
    /// # Errors
    /// When the name would leave the script folder.
    pub fn script_path(&self, plan: &Plan, position: usize, which: Which) -> Result<String> {
        let change = plan.changes.get(position);
        let Some(change) = change else {
            return Err(Error::new(Kind::Plan, "plan.position", "the plan has no such change"));
        };
        self.path_of(&change.name, &plan.suffixes(change), which)
    }

    /// The path of a script by the change's name and the tags that may be in its file name.
    ///
    /// # Errors
    /// When the name would leave the script folder.
    pub fn path_of(&self, name: &str, suffixes: &[&str], which: Which) -> Result<String> {
        contained(name)?;
        let Some(first) = suffixes.first() else { return Ok(self.layout.script(name, None, which)) };
        let there = suffixes
            .iter()
            .find(|tag| self.exists(&self.layout.script(name, Some(tag), Which::Deploy)))
            .unwrap_or(first);
        Ok(self.layout.script(name, Some(there), which))
    }

    /// The path of a change's recovery document.
    #[must_use]
    pub fn recovery_path(&self, name: &str) -> String {
        self.layout.recovery(name)
    }
}

fn missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// Finds a configuration file in a folder or the nearest one above it that has one.
#[must_use]
pub fn find_upwards(folder: &Path, name: &str) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(name)).find(|path| path.exists())
}
