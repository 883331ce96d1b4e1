//! One runner at a time: a lock on a file beside the registry. The operating system drops it
//! when the process ends, however it ends, so nobody ever has to clear it.

use crate::engine::Holder;
use crate::error::{Error, Kind, Result};
use crate::fault;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock beside `registry`, polling for at most `patience`.
    pub(super) fn take(
        registry: &Path,
        me: &str,
        patience: Duration,
        waiting: &mut dyn FnMut(&Holder),
    ) -> Result<Lock> {
        let path = beside(registry);
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut told = false;
        loop {
            fault::point("lock.try")?;
            if let Some(lock) = try_take(&path, me)? {
                return Ok(lock);
            }
            let holder = holder(&path);
            if !told {
                waiting(&holder);
                told = true;
            }
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(busy(&holder, patience));
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn beside(registry: &Path) -> PathBuf {
    let mut name = registry.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Who holds the lock at this moment, if anybody does.
pub(super) fn holder_now(registry: &Path) -> Option<Holder> {
    let path = beside(registry);
    let file = File::open(&path).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| holder(&path))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is still held: whoever opened it meanwhile sees that the name is gone
        // and opens a new one.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

fn try_take(path: &Path, me: &str) -> Result<Option<Lock>> {
    let failed = |error: std::io::Error| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let hint = match folder {
            Some(folder) => format!("the folder is not there; make it first: mkdir -p {}", folder.display()),
            None => "the folder of the registry must be writable for you".to_owned(),
        };
        Error::new(Kind::Database, "sqlite.lock", format!("cannot make the lock file {}", path.display()))
            .because(error)
            .hint(hint)
    };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    if !still_named(&file, path) {
        // Another runner removed the name between our opening and locking it.
        return try_take(path, me);
    }
    // What stands in the file is only for people who wait; not being able to write it does no harm.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(me.as_bytes()));
    Ok(Some(Lock { file, path: path.to_owned() }))
}

#[cfg(unix)]
fn still_named(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(named)) => ours.ino() == named.ino() && ours.dev() == named.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn still_named(_: &File, path: &Path) -> bool {
    path.exists()
}

fn holder(path: &Path) -> Holder {
    let mut description = String::new();
    if let Ok(file) = File::open(path) {
        let _ = file.take(400).read_to_string(&mut description);
    }
    if description.is_empty() {
        description.push_str("another runner");
    }
    Holder { description }
}

fn busy(holder: &Holder, patience: Duration) -> Error {
    Error::new(
        Kind::Busy,
        "lock.timeout",
        format!(
            "Timed out waiting {} seconds for another runner to finish: {}",
            patience.as_secs(),
            holder.description
        ),
    )
    .hint("wait longer with --lock-timeout SECONDS, or end that process; the lock goes with it")
}
