//! The user's editor: for a note, and for new scripts.

use super::session::Session;
use crate::error::{Error, Kind, Result};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Names to try for the file in which a note is written.
const NAMES: u32 = 100;

/// The note: what was given with `--note`, or what the editor is left with.
///
/// # Errors
/// [`Kind::Nothing`] when the note stays empty; errors when the editor cannot be run.
pub(super) fn note(session: &Session, given: &[String], what: &str) -> Result<String> {
    if !given.is_empty() {
        return Ok(crate::plan::unescape(given.join("\n\n").trim()));
    }
    let hint = "give the note: --note \"why\"";
    let program = program(session, "note.editor", "there is nobody to ask for a note")
        .map_err(|error| error.hint(hint))?;
    let failed = |why: &dyn std::fmt::Display| {
        Error::new(Kind::Usage, "note.editor", format!("cannot ask for a note with {program}"))
            .because(why)
            .hint(hint)
    };
    let prompt = format!(
        "\n# Please write a note for {what}. Lines starting with \"#\" are dropped,\n# and an empty note aborts.\n"
    );
    let path = write_prompt(&std::env::temp_dir(), &prompt).map_err(|error| failed(&error))?;
    let status = start(&program, Path::new("."), [path.as_path()]);
    let text = std::fs::read_to_string(&path);
    let _ = std::fs::remove_file(&path);
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(failed(&status)),
        Err(error) => return Err(failed(&error)),
    }
    let text = text.map_err(|error| failed(&error))?;
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let note = kept.join("\n").trim().to_owned();
    if note.is_empty() {
        return Err(Error::new(Kind::Nothing, "note.empty", "Aborting due to empty note"));
    }
    Ok(note)
}

/// Whoever wants scripts opened learns that they cannot be before any is written.
///
/// # Errors
/// When there is neither an editor nor a terminal for the usual one.
pub(super) fn can_open(session: &Session) -> Result<()> {
    program_for_scripts(session).map(|_| ())
}

/// Opens files of the project.
///
/// # Errors
/// As [`can_open`], and when the editor cannot be run.
pub(super) fn open(session: &Session, files: &[String]) -> Result<()> {
    let program = program_for_scripts(session)?;
    start(&program, &session.root, files)
        .map(|_| ())
        .map_err(|error| Error::new(Kind::Usage, "editor", format!("cannot run {program}")).because(error))
}

fn program_for_scripts(session: &Session) -> Result<String> {
    program(session, "editor", "there is no terminal to open the scripts in").map_err(|error| {
        error.hint("or leave them closed: neither --open-editor nor add.open_editor, rework.open_editor")
    })
}

/// The editor that is set, in Sqitch's order; without one `vi`, which needs a terminal.
fn program(session: &Session, code: &'static str, unattended: &str) -> Result<String> {
    let env = |name: &str| session.env(name).filter(|value| !value.is_empty());
    let set = env("SQITCH_EDITOR")
        .or_else(|| {
            session.config.trimmed("core.editor").filter(|value| !value.is_empty()).map(str::to_owned)
        })
        .or_else(|| env("VISUAL"))
        .or_else(|| env("EDITOR"));
    let terminal = || std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    match set {
        Some(program) => Ok(program),
        None if terminal() => Ok("vi".to_owned()),
        None => Err(Error::new(Kind::Usage, code, unattended)
            .because("input and output are no terminal, and no editor is set (EDITOR, core.editor)")),
    }
}

/// Runs the editor, whose name may come with arguments, as in git.
fn start<S: AsRef<std::ffi::OsStr>>(
    program: &str,
    folder: &Path,
    files: impl IntoIterator<Item = S>,
) -> std::io::Result<ExitStatus> {
    Command::new("sh")
        .arg("-c")
        .arg(format!("{program} \"$@\""))
        .arg(program)
        .args(files)
        .current_dir(folder)
        .status()
}

/// Writes a file that is new and the user's alone, whatever others planted in that folder.
fn write_prompt(folder: &Path, prompt: &str) -> std::io::Result<PathBuf> {
    let (mut file, path) = new_file(folder)?;
    file.write_all(prompt.as_bytes()).inspect_err(|_| {
        let _ = std::fs::remove_file(&path);
    })?;
    Ok(path)
}

fn new_file(folder: &Path) -> std::io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for number in 0..NAMES {
        let path = folder.join(format!("change-note-{}-{number}.txt", std::process::id()));
        match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}
