//! Where results go: the caller, a file, a program.
//!
//! Knows: files, processes. Must never know: what is written.

use super::process::{Environment, reason};
use super::variables::lossy;
use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;

/// The target of results.
#[derive(Debug, Default)]
pub(super) enum Sink {
    /// The caller's standard output.
    #[default]
    Caller,
    File {
        name: String,
        file: BufWriter<File>,
    },
    /// A program that reads it; what the program prints goes to the caller when it is done.
    Program {
        child: Child,
        printed: JoinHandle<Vec<u8>>,
    },
}

impl Sink {
    /// Opens what `\o`, `\g` or `\w` name: a file, or `|command`; or says why not.
    pub(super) fn open(target: &[u8], environment: &Environment, folder: &Path) -> Result<Sink, String> {
        crate::fault::point("postgres.file").map_err(|error| error.to_string())?;
        if let Some(command) = target.strip_prefix(b"|") {
            return Sink::program(command, environment, folder)
                .map_err(|error| format!("{}: {}", lossy(target), reason(&error)));
        }
        let path = environment.path(target);
        match File::create(folder.join(&path)) {
            Ok(file) => Ok(Sink::File { name: path.display().to_string(), file: BufWriter::new(file) }),
            Err(error) => Err(format!("{}: {}", path.display(), reason(&error))),
        }
    }

    fn program(command: &[u8], environment: &Environment, folder: &Path) -> std::io::Result<Sink> {
        let mut child =
            environment.shell(command, folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take();
        // Read at the same time as written to, or both sides could wait for each other.
        let printed = std::thread::spawn(move || {
            let mut printed = Vec::new();
            if let Some(mut stdout) = stdout {
                let _ = stdout.read_to_end(&mut printed);
            }
            printed
        });
        Ok(Sink::Program { child, printed })
    }

    /// Writes `bytes`, to `caller` if that is where they go.
    pub(super) fn write(&mut self, bytes: &[u8], caller: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        match self {
            Sink::Caller => caller(bytes),
            Sink::File { name, file } => {
                file.write_all(bytes).map_err(|error| format!("{name}: {}", reason(&error)))?;
            }
            Sink::Program { child, .. } => {
                // A program that has read enough is not an error, as in any pipe.
                if let Some(stdin) = &mut child.stdin {
                    let _ = stdin.write_all(bytes);
                }
            }
        }
        Ok(())
    }

    /// Ends the writing: files are complete, programs have ended. How a program ended, if not well.
    pub(super) fn close(self, caller: &mut dyn FnMut(&[u8])) -> Result<Option<String>, String> {
        match self {
            Sink::Caller => Ok(None),
            Sink::File { name, mut file } => {
                file.flush().map(|()| None).map_err(|error| format!("{name}: {}", reason(&error)))
            }
            Sink::Program { mut child, printed } => {
                drop(child.stdin.take());
                caller(&printed.join().unwrap_or_default());
                child.wait().map(super::process::ending).map_err(|error| reason(&error))
            }
        }
    }
}
