//! Asking for a note in the user's editor.

use super::session::Session;
use crate::error::{Error, Kind, Result};
use std::process::Command;

/// The note: what was given with `--note`, or what the editor is left with.
///
/// # Errors
/// [`Kind::Nothing`] when the note stays empty; errors when the editor cannot be run.
pub(super) fn note(session: &Session, given: &[String], what: &str) -> Result<String> {
    if !given.is_empty() {
        return Ok(crate::plan::unescape(given.join("\n\n").trim()));
    }
    let program = ["SQITCH_EDITOR"]
        .iter()
        .find_map(|name| session.env(name))
        .or_else(|| session.config.trimmed("core.editor").map(str::to_owned))
        .or_else(|| ["VISUAL", "EDITOR"].iter().find_map(|name| session.env(name)))
        .unwrap_or_else(|| "vi".to_owned());
    let failed = |why: &dyn std::fmt::Display| {
        Error::new(Kind::Usage, "note.editor", format!("cannot ask for a note with {program}"))
            .because(why)
            .hint("give the note: --note \"why this change\"")
    };
    let path = std::env::temp_dir().join(format!("change-note-{}.txt", std::process::id()));
    let prompt = format!(
        "\n# Please write a note for {what}. Lines starting with \"#\" are dropped,\n# and an empty note aborts.\n"
    );
    std::fs::write(&path, prompt).map_err(|error| failed(&error))?;
    // The editor's name may come with arguments, as in git.
    let status =
        Command::new("sh").arg("-c").arg(format!("{program} \"$@\"")).arg(&program).arg(&path).status();
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
