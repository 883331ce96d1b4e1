//! Where results go: the caller, a file, a program.
//!
//! Knows: files, processes. Must never know: what is written.

use super::process::{Environment, reason};
use super::variables::lossy;
use crate::engine::Output;
use std::fs::File;
use std::io::{BufWriter, Read, Write as _};
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
        printed: [JoinHandle<Vec<u8>>; 2],
    },
}

/// Reads to the end beside the work: whoever writes and reads in turn could wait for ever.
pub(super) fn gather(from: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut read = Vec::new();
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut read);
        }
        read
    })
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
        let mut program = environment.shell(command, folder);
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn()?;
        let printed = [gather(child.stdout.take()), gather(child.stderr.take())];
        Ok(Sink::Program { child, printed })
    }

    /// Writes `bytes`, to the caller's `output` if that is where they go.
    pub(super) fn write(&mut self, bytes: &[u8], output: &mut dyn Output) -> std::io::Result<()> {
        match self {
            Sink::Caller => {
                output.stdout(bytes);
                Ok(())
            }
            Sink::File { file, .. } => file.write_all(bytes),
            Sink::Program { child, .. } => match &mut child.stdin {
                Some(stdin) => stdin.write_all(bytes),
                None => Ok(()),
            },
        }
    }

    /// Writes results: a program that has read enough of them is not an error, as in any pipe.
    pub(super) fn show(&mut self, bytes: &[u8], output: &mut dyn Output) -> Result<(), String> {
        let written = self.write(bytes, output);
        match (self, written) {
            (Sink::File { name, .. }, Err(error)) => Err(format!("{name}: {}", reason(&error))),
            _ => Ok(()),
        }
    }

    /// Ends the writing: files are complete, programs have ended. How a program ended, if not well.
    pub(super) fn close(self, output: &mut dyn Output) -> Result<Option<String>, String> {
        match self {
            Sink::Caller => Ok(None),
            Sink::File { name, mut file } => {
                file.flush().map(|()| None).map_err(|error| format!("{name}: {}", reason(&error)))
            }
            Sink::Program { mut child, printed } => {
                drop(child.stdin.take());
                let [stdout, stderr] = printed.map(|printed| printed.join().unwrap_or_default());
                output.stdout(&stdout);
                output.stderr(&stderr);
                child.wait().map(super::process::ending).map_err(|error| reason(&error))
            }
        }
    }
}
