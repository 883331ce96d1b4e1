//! Where printed text goes: the caller, a file, a program; and how programs are run.
//!
//! Knows: files, processes. Must never know: what is printed.

use super::Output;
use crate::error::{Error, Kind, Result};
use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// The target of `.output` and `.once`.
#[derive(Debug, Default)]
pub(super) enum Sink {
    /// The caller's standard output.
    #[default]
    Caller,
    /// Nowhere.
    Nothing,
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
    /// Opens what `.output` names: nothing for the caller, `off`, a file, or `|command`.
    pub(super) fn open(target: Option<&str>, directory: &Path) -> Result<Sink> {
        match target {
            None | Some("stdout") => Ok(Sink::Caller),
            Some("off") => Ok(Sink::Nothing),
            Some(target) => match target.strip_prefix('|') {
                Some(command) => Sink::program(command, directory),
                None => match File::create(directory.join(target)) {
                    Ok(file) => Ok(Sink::File { name: target.to_owned(), file: BufWriter::new(file) }),
                    Err(cause) => Err(trouble(format!("cannot write to \"{target}\"")).because(cause)),
                },
            },
        }
    }

    fn program(command: &str, directory: &Path) -> Result<Sink> {
        let mut child = program(command, directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|cause| trouble(format!("cannot start \"{command}\"")).because(cause))?;
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

    /// Writes `bytes`.
    pub(super) fn write(&mut self, bytes: &[u8], out: &mut Output<'_>) -> Result<()> {
        match self {
            Sink::Caller => (out.stdout)(bytes),
            Sink::Nothing => {}
            Sink::File { name, file } => file.write_all(bytes).map_err(|cause| unwritten(name, &cause))?,
            Sink::Program { child, .. } => {
                // A program that has read enough is not an error, as in any pipe.
                if let Some(stdin) = &mut child.stdin {
                    let _ = stdin.write_all(bytes);
                }
            }
        }
        Ok(())
    }

    /// Ends the writing: files are complete, programs have ended.
    pub(super) fn close(self, out: &mut Output<'_>) -> Result<()> {
        match self {
            Sink::Caller | Sink::Nothing => Ok(()),
            Sink::File { name, mut file } => file.flush().map_err(|cause| unwritten(&name, &cause)),
            Sink::Program { mut child, printed } => {
                drop(child.stdin.take());
                let printed = printed.join().unwrap_or_default();
                (out.stdout)(&printed);
                child
                    .wait()
                    .map(drop)
                    .map_err(|cause| trouble("the program cannot be waited for").because(cause))
            }
        }
    }
}

/// The system's command interpreter, about to run `command` in `directory`.
pub(super) fn program(command: &str, directory: &Path) -> Command {
    let (interpreter, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut program = Command::new(interpreter);
    program.arg(option).arg(command).current_dir(if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    });
    program
}

/// The number the shell shows for how a program ended.
pub(super) fn raw_status(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    {
        std::os::unix::process::ExitStatusExt::into_raw(status)
    }
    #[cfg(not(unix))]
    {
        status.code().unwrap_or(1)
    }
}

fn unwritten(name: &str, cause: &std::io::Error) -> Error {
    trouble(format!("cannot write to \"{name}\"")).because(cause)
}

fn trouble(message: impl Into<String>) -> Error {
    Error::new(Kind::Script, "script.output", message)
}
