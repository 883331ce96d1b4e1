//! The dot-commands: one function each, or a line.
//!
//! Knows: the shell's settings and what each command does to them, files and programs. Must
//! never know: how rows look.

use super::sink::{self, Sink};
use super::{Before, DEEPEST, Failure, Flow, Plans, Run, Shell};
use super::{command_error, database_error, dump, import, integer, parameters, session, truth};
use crate::error::{Error, Result};
use crate::sql::sqlite::cut::read_script;
use crate::sql::sqlite::dot::{self, DotCall};
use rusqlite::backup::Progress;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// What `backup` and `restore` report to: nobody.
const SILENT: Option<fn(Progress)> = None;

impl Shell {
    /// Runs a command.
    pub(super) fn command(
        &mut self,
        conn: &mut Connection,
        call: &DotCall,
        run: &mut Run<'_, '_>,
    ) -> Result<Flow, Failure> {
        crate::fault::point("sqlite.command").map_err(Failure::Outside)?;
        if self.echo {
            self.print(format!("{}\n", call.raw), run.out)?;
        }
        let done = match call.name {
            "read" => self.read(conn, call, run),
            "exit" => Ok(call.exit_status().map_or(Flow::GoOn, Flow::Exit)),
            _ => match self.plain(conn, call, run) {
                Ok(()) => Ok(Flow::GoOn),
                Err(error) => Err(Failure::Script(run.at_command(error))),
            },
        };
        self.after_piece(false, run.out)?;
        done
    }

    /// The commands that neither end the script nor bring further pieces.
    fn plain(&mut self, conn: &mut Connection, call: &DotCall, run: &mut Run<'_, '_>) -> Result<()> {
        match call.name {
            "print" => self.print(format!("{}\n", call.args.join(" ")), run.out),
            "mode" => self.mode(call, run),
            "show" => self.show(conn, run),
            "output" | "once" => self.output(call, run),
            "timeout" => {
                let wait = Duration::from_millis(u64::try_from(integer(call.arg(0))).unwrap_or(0));
                conn.busy_timeout(wait).map_err(database_error)
            }
            "parameter" => self.parameter(conn, call, run),
            "dbconfig" => self.dbconfig(conn, call, run),
            "cd" => self.change_directory(conn, call.arg(0).unwrap_or_default()),
            "shell" | "system" => self.system(call, run),
            "open" => self.open(call).map(|opened| *conn = opened),
            "backup" | "save" => self.backup(conn, call),
            "restore" => self.restore(conn, call),
            "import" => import::run(conn, call, &self.format, &self.directory, run.out),
            "dump" | "schema" | "tables" | "indexes" | "indices" | "databases" => {
                dump::run(conn, call, &mut |text| self.sink.write(text, run.out))
            }
            _ => {
                self.setting(call, run);
                Ok(())
            }
        }
    }

    /// The commands that only set something.
    fn setting(&mut self, call: &DotCall, run: &mut Run<'_, '_>) {
        let first = call.arg(0);
        match call.name {
            "bail" => self.bail = switch(first, run),
            "echo" => self.echo = switch(first, run),
            "changes" => self.changes = switch(first, run),
            "timer" => self.timer = switch(first, run),
            "stats" => self.stats = first.is_some() && switch(first, run),
            "headers" => self.format.headers = switch(first, run),
            "eqp" => {
                self.plans = match first {
                    Some("full") => Plans::Full,
                    Some("trigger" | "trace") => Plans::On,
                    _ if switch(first, run) => Plans::On,
                    _ => Plans::Off,
                };
            }
            "explain" => self.explain = explain_word(first),
            "separator" => {
                self.format.column_separator = first.unwrap_or_default().to_owned();
                if let Some(row) = call.arg(1) {
                    row.clone_into(&mut self.format.row_separator);
                }
            }
            "nullvalue" => self.format.null = first.unwrap_or_default().to_owned(),
            "width" => self.format.widths = call.args.iter().map(|width| dot::integer(width)).collect(),
            // `.quit` ended its file when the script was cut; a prompt has no use here.
            _ => {}
        }
    }

    /// `.read` of what could not be read beforehand: a file that exists only now, or a program.
    fn read(
        &mut self,
        conn: &mut Connection,
        call: &DotCall,
        run: &mut Run<'_, '_>,
    ) -> Result<Flow, Failure> {
        let name = call.arg(0).unwrap_or_default();
        if self.depth >= DEEPEST {
            return Err(run
                .at_command(command_error("scripts that .read one another are nested too deep"))
                .into());
        }
        let text = self.text_of(name).map_err(|error| run.at_command(error))?;
        let base = self.directory.clone();
        let open = &mut |path: &str| read_text(&base.join(path), path);
        let script = read_script(name, &text, open);
        if let Some(error) = Error::join(script.problems.clone()) {
            return Err(error.into());
        }
        self.depth += 1;
        let mut before: Box<Before<'_>> = Box::new(|conn, text, line| (run.before)(conn, text, line));
        let mut flow = Ok(Flow::GoOn);
        for item in &script.items {
            flow = self.item(conn, &script, item, run.out, &mut *before).map_err(Failure::Outside);
            if !matches!(flow, Ok(Flow::GoOn)) {
                break;
            }
        }
        self.depth -= 1;
        flow
    }

    /// The text of a file, or of what the program behind a `|` prints.
    fn text_of(&self, name: &str) -> Result<String> {
        let Some(command) = name.strip_prefix('|') else {
            return read_text(&self.directory.join(name), name);
        };
        let failed =
            |cause: std::io::Error| command_error(format!("cannot run \"{command}\"")).because(cause);
        let mut child =
            sink::program(command, &self.directory).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut bytes = Vec::new();
        if let Some(stdout) = &mut child.stdout {
            stdout.read_to_end(&mut bytes).map_err(failed)?;
        }
        child.wait().map_err(failed)?;
        String::from_utf8(bytes)
            .map_err(|_| command_error(format!("what \"{command}\" prints is not UTF-8 text")))
    }

    fn mode(&mut self, call: &DotCall, run: &mut Run<'_, '_>) -> Result<()> {
        if call.args.is_empty() {
            let name = self.format.name();
            self.print(format!("current output mode: {name}\n"), run.out)?;
            // To ask for the mode is to set it again, without its options.
            return self.format.set(&name.split(' ').take(1).map(str::to_owned).collect::<Vec<_>>());
        }
        self.format.set(&call.args)
    }

    fn show(&mut self, conn: &Connection, run: &mut Run<'_, '_>) -> Result<()> {
        let word = |on: bool| if on { "on" } else { "off" };
        let c_quoted = |text: &str| {
            format!(
                "\"{}\"",
                text.escape_default().to_string().replace("\\u{1f}", "\\037").replace("\\u{1e}", "\\036")
            )
        };
        let plans = match self.plans {
            Plans::Off => "off",
            Plans::On => "on",
            Plans::Full => "full",
        };
        let mut widths = String::new();
        for width in &self.format.widths {
            let _ = write!(widths, "{width} ");
        }
        let file = conn.path().and_then(|path| Path::new(path).file_name()).unwrap_or_default();
        let lines = [
            ("echo", word(self.echo).to_owned()),
            ("eqp", plans.to_owned()),
            ("explain", self.explain.to_owned()),
            ("headers", word(self.format.headers).to_owned()),
            ("mode", self.format.name()),
            ("nullvalue", c_quoted(&self.format.null)),
            ("output", self.sink_name.clone()),
            ("colseparator", c_quoted(&self.format.column_separator)),
            ("rowseparator", c_quoted(&self.format.row_separator)),
            ("stats", word(self.stats).to_owned()),
            ("width", widths),
            ("filename", file.to_string_lossy().into_owned()),
        ];
        let shown: String = lines.iter().map(|(name, value)| format!("{name:>12}: {value}\n")).collect();
        self.print(shown, run.out)
    }

    fn output(&mut self, call: &DotCall, run: &mut Run<'_, '_>) -> Result<()> {
        let target = output_target(call)?;
        let target = target.as_deref();
        // The old target is complete before the new one is opened: they may be the same file.
        self.redirect(Sink::Caller, "stdout", run.out)?;
        let sink = Sink::open(target, &self.directory)?;
        self.redirect(sink, target.unwrap_or("stdout"), run.out)?;
        // The command itself counts as the first piece.
        self.once = if call.name == "once" { 2 } else { 0 };
        Ok(())
    }

    fn parameter(&mut self, conn: &Connection, call: &DotCall, run: &mut Run<'_, '_>) -> Result<()> {
        let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
        let done = match *args.as_slice() {
            ["init"] => parameters::init(conn),
            ["clear"] => parameters::clear(conn),
            ["set", name, value] => parameters::set(conn, name, value),
            ["unset", name] => parameters::unset(conn, name),
            ["list"] => match parameters::list(conn) {
                Ok(shown) => return self.print(shown, run.out),
                Err(error) => Err(error),
            },
            _ => {
                // No error in the shell either.
                run.warn("usage: .parameter init | list | set NAME VALUE | unset NAME | clear");
                Ok(())
            }
        };
        done.map_err(database_error)
    }

    fn dbconfig(&mut self, conn: &Connection, call: &DotCall, run: &mut Run<'_, '_>) -> Result<()> {
        let wanted = call.arg(0);
        if let Some(name) = wanted.filter(|name| DB_CONFIG.iter().all(|(known, _)| known != name)) {
            run.warn(&format!("Error: unknown dbconfig \"{name}\""));
            return Ok(());
        }
        for (name, option) in DB_CONFIG.iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name))
        {
            let set = match call.arg(1) {
                Some(value) => conn.set_db_config(*option, switch(Some(value), run)),
                None => conn.db_config(*option),
            };
            let word = if set.map_err(database_error)? { "on" } else { "off" };
            self.print(format!("{name:>19} {word}\n"), run.out)?;
        }
        Ok(())
    }

    fn change_directory(&mut self, conn: &Connection, to: &str) -> Result<()> {
        let directory = self.directory.join(to);
        if !directory.is_dir() {
            return Err(command_error(format!("cannot change to the directory \"{to}\"")));
        }
        self.directory = directory;
        session::add_functions(conn, &self.directory).map_err(database_error)
    }

    fn system(&mut self, call: &DotCall, run: &mut Run<'_, '_>) -> Result<()> {
        let quote = |arg: &String| if arg.contains(' ') { format!("\"{arg}\"") } else { arg.clone() };
        let command = call.args.iter().map(quote).collect::<Vec<_>>().join(" ");
        let ended = sink::program(&command, &self.directory).stdin(Stdio::inherit()).output();
        let ended =
            ended.map_err(|cause| command_error(format!("cannot run \"{command}\"")).because(cause))?;
        // A program's own output is never sent where `.output` points.
        (run.out.stdout)(&ended.stdout);
        (run.out.stderr)(&ended.stderr);
        if !ended.status.success() {
            run.warn(&format!("System command returns {}", sink::raw_status(ended.status)));
        }
        Ok(())
    }

    /// The connection that takes the place of the present one.
    fn open(&self, call: &DotCall) -> Result<Connection> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (mut file, mut new) = (None, false);
        for arg in &call.args {
            match arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) {
                Some("new") => new = true,
                Some("readonly") => {
                    flags.remove(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE);
                    flags.insert(OpenFlags::SQLITE_OPEN_READ_ONLY);
                }
                Some("nofollow") => flags.insert(OpenFlags::SQLITE_OPEN_NOFOLLOW),
                Some(_) => return Err(command_error(format!(".open has no option {arg} here"))),
                None if file.is_some() => return Err(command_error(".open takes one file")),
                None => file = Some(arg.as_str()),
            }
        }
        let path = match file {
            None | Some("") | Some(":memory:") => PathBuf::from(":memory:"),
            Some(uri) if uri.starts_with("file:") => PathBuf::from(uri),
            Some(file) => self.directory.join(file),
        };
        if new && path.is_file() {
            std::fs::remove_file(&path).map_err(|cause| {
                command_error(format!("cannot remove \"{}\"", path.display())).because(cause)
            })?;
        }
        let conn = session::open(&path, flags)?;
        session::add_functions(&conn, &self.directory).map_err(database_error)?;
        Ok(conn)
    }

    fn backup(&self, conn: &Connection, call: &DotCall) -> Result<()> {
        let (schema, file) = schema_and_file(call)?;
        conn.backup(schema, self.directory.join(file), SILENT).map_err(database_error)
    }

    fn restore(&self, conn: &mut Connection, call: &DotCall) -> Result<()> {
        let (schema, file) = schema_and_file(call)?;
        let path = self.directory.join(file);
        if !path.is_file() {
            // The shell would make an empty file and then empty the database with it.
            return Err(command_error(format!("cannot open \"{file}\"")));
        }
        conn.restore(schema, path, SILENT).map_err(database_error)
    }
}

/// The one file, or the command with its words, that `.output` and `.once` name.
fn output_target(call: &DotCall) -> Result<Option<String>> {
    let mut target: Option<String> = None;
    for arg in &call.args {
        match &mut target {
            Some(command) if command.starts_with('|') => {
                command.push(' ');
                command.push_str(arg);
            }
            Some(_) => return Err(command_error("only one file can be written to at a time")),
            None if arg.starts_with('-') => {
                return Err(command_error(format!(".{} has no option {arg} here", call.name)));
            }
            None => target = Some(arg.clone()),
        }
    }
    Ok(target)
}

/// `[DB] FILE`, as `.backup` and `.restore` take them.
fn schema_and_file(call: &DotCall) -> Result<(&str, &str)> {
    let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
    match *args.as_slice() {
        [option] | [option, _] | [_, option] if option.starts_with('-') => {
            Err(command_error(format!(".{} has no option {option} here", call.name)))
        }
        [file] => Ok(("main", file)),
        [schema, file] => Ok((schema, file)),
        _ => Err(command_error(format!(".{} takes [DB] FILE", call.name))),
    }
}

fn read_text(path: &Path, name: &str) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|cause| command_error(format!("cannot open \"{name}\"")).because(cause))
}

/// A yes or no; what is neither is a no with a warning.
fn switch(text: Option<&str>, run: &mut Run<'_, '_>) -> bool {
    if let Some(text) = text.filter(|text| dot::boolean(text).is_none()) {
        run.warn(&format!("ERROR: Not a boolean value: \"{text}\". Assuming \"no\"."));
    }
    truth(text)
}

fn explain_word(argument: Option<&str>) -> &'static str {
    match argument {
        Some("auto") => "auto",
        None => "on",
        on if truth(on) => "on",
        _ => "off",
    }
}

/// The names the shell has for the options, in its order.
const DB_CONFIG: [(&str, DbConfig); 15] = [
    ("defensive", DbConfig::SQLITE_DBCONFIG_DEFENSIVE),
    ("dqs_ddl", DbConfig::SQLITE_DBCONFIG_DQS_DDL),
    ("dqs_dml", DbConfig::SQLITE_DBCONFIG_DQS_DML),
    ("enable_fkey", DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY),
    ("enable_qpsg", DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG),
    ("enable_trigger", DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER),
    ("enable_view", DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW),
    ("fts3_tokenizer", DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER),
    ("legacy_alter_table", DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE),
    ("legacy_file_format", DbConfig::SQLITE_DBCONFIG_LEGACY_FILE_FORMAT),
    ("no_ckpt_on_close", DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE),
    ("reset_database", DbConfig::SQLITE_DBCONFIG_RESET_DATABASE),
    ("trigger_eqp", DbConfig::SQLITE_DBCONFIG_TRIGGER_EQP),
    ("trusted_schema", DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA),
    ("writable_schema", DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA),
];
