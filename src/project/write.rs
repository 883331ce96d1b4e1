//! Writing files so that they are there completely or not at all.

use crate::error::{Error, Kind, Result};
use crate::fault;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

fn failed(path: &Path, error: &std::io::Error) -> Error {
    let hint = match error.kind() {
        std::io::ErrorKind::StorageFull => "free some space and run the command again; the file is as it was",
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "make the folder writable for you; the file is as it was"
        }
        std::io::ErrorKind::IsADirectory => "a folder of that name is in the way; move it",
        std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => {
            "a file stands where a folder should be; move it"
        }
        _ => "the file is as it was",
    };
    Error::new(Kind::Project, "file.write", format!("cannot write {}", path.display()))
        .because(error)
        .hint(hint)
}

/// Makes a folder and those above it; says whether it is new.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(path: &Path) -> Result<bool> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(false);
    }
    fault::point("file.folder")?;
    std::fs::create_dir_all(path).map_err(|error| failed(path, &error))?;
    Ok(true)
}

/// Writes a file that must not be there yet; says whether it wrote.
///
/// # Errors
/// When it cannot be written.
pub fn create_new(path: &Path, text: &str) -> Result<bool> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    // Under its name only when it is whole: the next command would take half a file for a whole one.
    let temporary = temporary_beside(path);
    fault::point("file.create")?;
    let written = write_synced(&temporary, text.as_bytes(), path).and_then(|()| {
        fault::point("file.link")?;
        put(&temporary, path).map_err(|error| failed(path, &error))
    });
    let _ = std::fs::remove_file(&temporary);
    written
}

/// Gives a file its name unless that is taken, and says whether it did.
fn put(temporary: &Path, path: &Path) -> std::io::Result<bool> {
    match std::fs::hard_link(temporary, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        // A file system without links; nobody is likely to have taken the name meanwhile.
        Err(_) => std::fs::rename(temporary, path).map(|()| true),
    }
}

/// Replaces a file's content at one stroke: readers see the old text or the new one.
///
/// # Errors
/// When it cannot be written; the old content is then still there.
pub fn replace(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    // A symbolic link stays a link: what it points to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let temporary = temporary_beside(&path);
    fault::point("file.create")?;
    let written = write_synced(&temporary, content.as_ref(), &path).and_then(|()| {
        fault::point("file.rename")?;
        std::fs::rename(&temporary, &path).map_err(|error| failed(&path, &error))
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn write_synced(temporary: &Path, content: &[u8], path: &Path) -> Result<()> {
    let mut file = File::create(temporary).map_err(|error| failed(path, &error))?;
    if let Ok(data) = std::fs::metadata(path) {
        // Keeps the permissions; a file system that cannot is no reason to refuse.
        let _ = file.set_permissions(data.permissions());
    }
    fault::point("file.write")?;
    file.write_all(content).map_err(|error| failed(path, &error))?;
    file.sync_all().map_err(|error| failed(path, &error))
}

fn temporary_beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}
