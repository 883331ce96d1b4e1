//! Commands on the statement that is pending: `\g` and its like, `\p`, `\r`, `\w`.
//!
//! Knows: how a statement may be sent and shown. Must never know: what is done with its results.

use super::commands::{After, Ran};
use super::sink::Sink;
use super::variables::lossy;
use super::{Level, Run, Shell, Wish};
use crate::sql::psql::ArgumentKind;

impl Shell {
    pub(super) fn buffer_command(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        match name {
            "g" | "gx" => self.go(run, level, name),
            "gset" => {
                let prefix = self.text(run, level).unwrap_or_default();
                self.wish = Wish::Set(prefix);
                Ok(After::Send)
            }
            "gexec" => {
                self.wish = Wish::Execute;
                Ok(After::Send)
            }
            "gdesc" => {
                self.wish = Wish::Describe;
                Ok(After::Send)
            }
            "crosstabview" => {
                let mut arguments = Vec::new();
                while let Some(argument) =
                    (arguments.len() < 4).then(|| self.bare(run, level, ArgumentKind::Normal)).flatten()
                {
                    arguments.push(argument);
                }
                self.wish = Wish::Crosstab(arguments);
                Ok(After::Send)
            }
            "p" | "print" => {
                let text = pending_or_previous(level);
                if !text.is_empty() {
                    run.output.stdout(&[text, b"\n"].concat());
                } else if !self.variables.is_on("QUIET") {
                    run.output.stdout(b"Query buffer is empty.\n");
                }
                Ok(After::Done)
            }
            "r" | "reset" => {
                level.scanner.reset_pending();
                if !self.variables.is_on("QUIET") {
                    run.output.stdout(b"Query buffer reset (cleared).\n");
                }
                Ok(After::Done)
            }
            _ => self.write(run, level, name),
        }
    }

    /// `\g` and `\gx`: settings in parentheses, then a file or a program.
    fn go(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let before = self.format.clone();
        let mut changed = name == "gx";
        let mut target = self.argument(run, level, ArgumentKind::Filepipe).map(|argument| argument.text);
        if let Some([b'(', first @ ..]) = target.as_deref() {
            changed = true;
            let first = first.to_vec();
            if !self.go_settings(run, level, name, first) {
                self.format = before;
                return Ok(After::Failed);
            }
            target = self.argument(run, level, ArgumentKind::Filepipe).map(|argument| argument.text);
        }
        if name == "gx" {
            self.format.expanded = super::format::Expanded::On;
        }
        let format = changed.then(|| Box::new(before));
        self.wish = Wish::Differently { target, format };
        Ok(After::Send)
    }

    fn go_settings(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str, first: Vec<u8>) -> bool {
        let mut next = Some(first);
        let mut done = true;
        while let Some(mut setting) = next {
            let closed = setting.last() == Some(&b')');
            if closed {
                setting.pop();
            }
            if !setting.is_empty() {
                let (key, value) = match setting.iter().position(|byte| *byte == b'=') {
                    Some(at) => (setting.get(..at), setting.get(at + 1..)),
                    None => (Some(setting.as_slice()), None),
                };
                if let Err(why) = self.format.set(&lossy(key.unwrap_or_default()), value) {
                    self.fail(level, why);
                    done = false;
                }
            }
            if closed {
                return done;
            }
            next = self.text(run, level);
        }
        self.fail(level, format!("\\{name}: missing right parenthesis"));
        false
    }

    /// `\w`: the statement into a file or a program.
    fn write(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let Some(target) = self.bare(run, level, ArgumentKind::Filepipe) else {
            return self.missing(level, name);
        };
        let mut sink = match Sink::open(&target, &self.environment, &self.folder) {
            Ok(sink) => sink,
            Err(why) => {
                self.fail(level, why);
                return Ok(After::Failed);
            }
        };
        let mut text = pending_or_previous(level).to_vec();
        if !text.is_empty() {
            text.push(b'\n');
        }
        let done = sink.show(&text, run.output).and_then(|()| match sink.close(run.output)? {
            Some(ending) => Err(format!("{}: {ending}", lossy(&target))),
            None => Ok(()),
        });
        Ok(self.done(level, done))
    }
}

fn pending_or_previous(level: &Level) -> &[u8] {
    match level.scanner.pending() {
        [] => &level.previous.text,
        pending => pending,
    }
}
