//! The dot-commands of the sqlite3 shell: their names, abbreviations, arguments and reach.
//!
//! Knows: one line of text that starts with a dot. Must never know: what running a command
//! does, or where in which file the line stands.

/// One dot-command, ready to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotCall {
    /// The full name without the dot, however short it was written.
    pub name: &'static str,
    /// The arguments, quotes and escapes resolved.
    pub args: Vec<String>,
    /// The line as written.
    pub raw: String,
}

/// How far a command reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It prints, or changes how later results are printed.
    OutputOnly,
    /// It changes the session: how later statements run.
    Session,
    /// It changes the database, or which database later statements work on.
    Database,
    /// It writes files or starts programs: nothing a rollback undoes.
    Outside,
}

/// Why a line cannot be run as a dot-command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, in one line.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

/// What may stand after a command's name.
type Arity = std::ops::RangeInclusive<usize>;

enum Support {
    Runs { arity: Arity, usage: &'static str, effect: Effect },
    Refused { reason: &'static str, hint: &'static str },
}

/// A command, and the shortest beginning of its name that the shell takes for it.
struct Command {
    name: &'static str,
    shortest: usize,
    support: Support,
}

const ANY: Arity = 0..=usize::MAX;

const fn runs(
    name: &'static str,
    shortest: usize,
    arity: Arity,
    usage: &'static str,
    effect: Effect,
) -> Command {
    Command { name, shortest, support: Support::Runs { arity, usage, effect } }
}

const fn refused(name: &'static str, shortest: usize, reason: &'static str, hint: &'static str) -> Command {
    Command { name, shortest, support: Support::Refused { reason, hint } }
}

const REMOVE: &str = "remove the line; it has no effect on the database";
const BY_HAND: &str = "run it with the sqlite3 shell, outside of the change";

/// All commands of sqlite3 3.40 in the order in which the shell compares them: where a short
/// form fits several, the first one wins.
#[rustfmt::skip]
const COMMANDS: &[Command] = {
    use Effect::{Database, OutputOnly, Outside, Session};
    &[
    refused("auth", 1, "it shows authorizer callbacks, which nobody reads here", REMOVE),
    refused("archive", 1, "it packs and unpacks files, which is no database change", BY_HAND),
    runs("backup", 3, 1..=usize::MAX, "[--append] [DB] FILE", Outside),
    runs("save", 3, 1..=usize::MAX, "[--append] [DB] FILE", Outside),
    runs("bail", 3, 1..=1, "on|off", Session),
    refused("binary", 3, "output is always written as it is", REMOVE),
    refused("breakpoint", 3, "it is for debugging the shell itself", REMOVE),
    runs("cd", 2, 1..=1, "DIRECTORY", Session),
    runs("changes", 3, 1..=1, "on|off", OutputOnly),
    refused("check", 3, "it belongs to the shell's own tests", REMOVE),
    refused("clone", 1, "the copy it makes is not exact", "use .backup FILE, which copies page by page"),
    refused("connection", 2, "a change works on one connection", "use ATTACH, or a target of its own"),
    runs("databases", 2, ANY, "", OutputOnly),
    runs("dbconfig", 3, 0..=2, "[OPTION [VALUE]]", Session),
    refused("dbinfo", 3, "it only shows the file header", REMOVE),
    runs("dump", 1, ANY, "[OBJECTS]", OutputOnly),
    runs("echo", 1, 1..=1, "on|off", OutputOnly),
    runs("eqp", 1, 1..=1, "off|on|full", OutputOnly),
    runs("exit", 2, ANY, "[STATUS]", Session),
    runs("explain", 3, ANY, "[on|off|auto]", OutputOnly),
    refused("expert", 4, "index advice is no database change", BY_HAND),
    refused("filectrl", 1, "it works on the file below SQLite", BY_HAND),
    refused("fullschema", 2, "it only shows statistics", "use .schema"),
    runs("headers", 1, 1..=1, "on|off", OutputOnly),
    refused("help", 3, "it only prints the shell's manual", REMOVE),
    runs("import", 1, 2..=usize::MAX, "[--csv|--ascii] [--schema S] [--skip N] [-v] FILE TABLE", Database),
    refused("imposter", 5, "imposter tables can corrupt the database", "write the statements it would need"),
    runs("indexes", 2, 0..=1, "[TABLE]", OutputOnly),
    runs("indices", 4, 0..=1, "[TABLE]", OutputOnly),
    refused("limits", 5, "the limits of the library cannot be changed here", "remove the line"),
    refused("lint", 3, "advice on indexes is no database change", BY_HAND),
    refused("load", 1, "extensions are never loaded into this process", "use only what SQLite has built in"),
    refused("log", 1, "the library's log is not available here", REMOVE),
    runs("mode", 1, ANY, "[MODE [OPTIONS]]", OutputOnly),
    refused("nonce", 5, "it belongs to the shell's safe mode", REMOVE),
    runs("nullvalue", 1, 1..=1, "STRING", OutputOnly),
    runs("open", 2, ANY, "[--new] [--readonly] FILE", Database),
    runs("output", 1, ANY, "[FILE|'|COMMAND']", Outside),
    runs("once", 2, ANY, "FILE|'|COMMAND'", Outside),
    refused("excel", 5, "it opens a spreadsheet on somebody's screen", "use .once FILE with .mode csv"),
    runs("parameter", 3, ANY, "init|list|set NAME VALUE|unset NAME|clear", Session),
    runs("print", 3, ANY, "[TEXT]", OutputOnly),
    refused("progress", 3, "the progress handler is not available here", REMOVE),
    runs("prompt", 1, ANY, "MAIN [CONTINUE]", OutputOnly),
    runs("quit", 1, ANY, "", Session),
    runs("read", 3, 1..=1, "FILE", Database),
    runs("restore", 3, 1..=2, "[DB] FILE", Database),
    refused("recover", 1, "salvaging a damaged file is no database change", BY_HAND),
    refused("scanstats", 1, "the library here counts no scans", REMOVE),
    runs("schema", 3, ANY, "[--indent] [--nosys] [PATTERN]", OutputOnly),
    refused("session", 3, "change sets cannot be recorded here", BY_HAND),
    refused("selftest", 4, "it belongs to the shell's own tests", "use PRAGMA integrity_check"),
    runs("separator", 2, 1..=2, "COLUMN [ROW]", OutputOnly),
    refused("sha3sum", 4, "digests of the content are not computed here", BY_HAND),
    runs("shell", 2, 1..=usize::MAX, "COMMAND", Outside),
    runs("system", 2, 1..=usize::MAX, "COMMAND", Outside),
    runs("show", 3, 0..=0, "", OutputOnly),
    runs("stats", 2, 0..=1, "[on|off]", OutputOnly),
    runs("tables", 2, 0..=1, "[PATTERN]", OutputOnly),
    refused("testcase", 8, "it belongs to the shell's own tests", REMOVE),
    refused("testctrl", 8, "it changes the inside of the library", REMOVE),
    runs("timeout", 5, ANY, "[MILLISECONDS]", Session),
    runs("timer", 5, 1..=1, "on|off", OutputOnly),
    refused("trace", 1, "tracing is not available here", REMOVE),
    refused("version", 1, "it only prints the shell's version", "use SELECT sqlite_version()"),
    refused("vfsinfo", 4, "it only shows the file system layer", REMOVE),
    refused("vfslist", 4, "it only shows the file system layer", REMOVE),
    refused("vfsname", 4, "it only shows the file system layer", REMOVE),
    refused("wheretrace", 1, "it is for debugging the library", REMOVE),
    runs("width", 2, ANY, "[NUMBERS]", OutputOnly),
    ]
};

impl DotCall {
    /// Reads a line that starts with a dot; a lone dot is a call that does nothing, `None`.
    ///
    /// # Errors
    /// The command is unknown, is one that is refused on purpose, has too few or too many
    /// arguments, or an argument whose escapes spell bytes that are no text.
    pub fn parse(line: &str) -> Result<Option<DotCall>, Refusal> {
        let words = split_arguments(line.strip_prefix('.').unwrap_or(line))?;
        let Some((word, args)) = words.split_first() else { return Ok(None) };
        let Some(command) = find(word) else {
            return Err(Refusal {
                reason: format!(".{word} is not a command of the sqlite3 shell"),
                hint: "correct the name, or remove the line".to_owned(),
            });
        };
        match &command.support {
            Support::Refused { reason, hint } => Err(Refusal {
                reason: format!(".{} cannot be run here: {reason}", command.name),
                hint: (*hint).to_owned(),
            }),
            Support::Runs { arity, usage, .. } if !arity.contains(&args.len()) => Err(Refusal {
                reason: format!(".{} does not take {}", command.name, count(args.len())),
                hint: format!("write .{} {usage}", command.name).trim_end().to_owned(),
            }),
            Support::Runs { .. } => {
                Ok(Some(DotCall { name: command.name, args: args.to_vec(), raw: line.to_owned() }))
            }
        }
    }

    /// The `index`-th argument.
    #[must_use]
    pub fn arg(&self, index: usize) -> Option<&str> {
        self.args.get(index).map(String::as_str)
    }

    /// How far this call reaches, its arguments considered.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match (self.name, self.arg(0)) {
            // Back to standard output, or nowhere: no file is touched.
            ("output" | "once", None | Some("off" | "stdout")) => Effect::OutputOnly,
            ("read", Some(file)) if file.starts_with('|') => Effect::Outside,
            _ => match find(self.name).map(|command| &command.support) {
                Some(Support::Runs { effect, .. }) => *effect,
                _ => Effect::Outside,
            },
        }
    }

    /// True if the command ends the file that holds it.
    #[must_use]
    pub fn ends_file(&self) -> bool {
        matches!(self.name, "quit" | "exit")
    }

    /// The exit status with which `.exit N` ends the whole script at once; `None` for all others.
    #[must_use]
    pub fn exit_status(&self) -> Option<i32> {
        let status = integer(self.arg(0)?);
        (self.name == "exit" && status != 0).then_some(i32::try_from(status).unwrap_or(1))
    }
}

/// The shell's integers: a sign, decimal or `0x…`, and a unit such as `KB` or `MiB`; whatever
/// does not fit is not read.
#[must_use]
pub fn integer(text: &str) -> i64 {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.strip_prefix("0x") {
        Some(rest) => (16, rest),
        None => (10, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (number, unit) = digits.split_at_checked(end).unwrap_or((digits, ""));
    let value = i64::from_str_radix(number, radix).unwrap_or(0);
    let factor = match unit.to_ascii_lowercase().as_str() {
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => 1,
    };
    let value = value.saturating_mul(factor);
    if negative { -value } else { value }
}

/// The shell's yes and no; `None` is neither, which the shell takes for no after a warning.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(integer(text) != 0);
    }
    match text.to_ascii_lowercase().as_str() {
        "on" | "yes" => Some(true),
        "off" | "no" => Some(false),
        _ => None,
    }
}

fn find(word: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| word.len() >= command.shortest && command.name.starts_with(word))
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no argument".to_owned(),
        1 => "1 argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

/// Splits at blanks: `'…'` is literal, `"…"` and bare words know the escapes of C. A quote
/// that is left open ends with the line.
fn split_arguments(line: &str) -> Result<Vec<String>, Refusal> {
    let mut words = Vec::new();
    let mut rest = line.trim_start_matches(is_blank);
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '\'' => split_at_char(rest.get(1..).unwrap_or_default(), '\''),
            '"' => split_double_quoted(rest.get(1..).unwrap_or_default()),
            _ => rest.split_once(is_blank).unwrap_or((rest, "")),
        };
        words.push(if first == '\'' { word.to_owned() } else { unescape(word)? });
        rest = after.trim_start_matches(is_blank);
    }
    Ok(words)
}

fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}'
}

fn split_at_char(text: &str, end: char) -> (&str, &str) {
    text.split_once(end).unwrap_or((text, ""))
}

fn split_double_quoted(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                return (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (text, "")
}

/// Resolves `\n`, `\t`, `\101` and their like; an unknown escape stands for its character.
fn unescape(word: &str) -> Result<String, Refusal> {
    if !word.contains('\\') {
        return Ok(word.to_owned());
    }
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' || rest.peek().is_none() {
            bytes.push(byte);
            continue;
        }
        match rest.next().unwrap_or_default() {
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b't' => bytes.push(b'\t'),
            b'n' => bytes.push(b'\n'),
            b'v' => bytes.push(11),
            b'f' => bytes.push(12),
            b'r' => bytes.push(b'\r'),
            digit @ b'0'..=b'7' => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    let Some(next) = rest.next_if(|b| (b'0'..=b'7').contains(b)) else { break };
                    value = value.wrapping_mul(8).wrapping_add(next - b'0');
                }
                bytes.push(value);
            }
            other => bytes.push(other),
        }
    }
    // In the shell a zero byte ends the argument.
    if let Some(end) = bytes.iter().position(|&byte| byte == 0) {
        bytes.truncate(end);
    }
    String::from_utf8(bytes).map_err(|_| Refusal {
        reason: format!("the escapes in {word} do not spell UTF-8 text"),
        hint: "write the characters themselves".to_owned(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn call(line: &str) -> DotCall {
        DotCall::parse(line).unwrap().unwrap()
    }

    #[test]
    fn arguments_are_split_and_unescaped_as_in_the_shell() {
        assert_eq!(call(r#".print a  b 'c  d' "e\tf" 'g\th'"#).args, ["a", "b", "c  d", "e\tf", r"g\th"]);
        assert_eq!(call(r".print \101\x \").args, ["Ax", "\\"]);
        assert_eq!(call(r#".print "a\"b"c 'open"#).args, ["a\"b", "c", "open"]);
        assert_eq!(call(r"  .print é\303\251".trim_start()).args, ["éé"]);
        assert!(DotCall::parse(r".print \377").is_err());
    }

    #[test]
    fn a_short_name_means_what_it_means_in_the_shell() {
        for (short, name) in [
            ("pri", "print"),
            ("p", "prompt"),
            ("pr", "prompt"),
            ("he", "headers"),
            ("q", "quit"),
            ("ex", "exit"),
            ("exp", "explain"),
            ("rea", "read"),
            ("in", "indexes"),
            ("indi", "indices"),
            ("d", "dump"),
            ("da", "databases"),
            ("o", "output"),
            ("op", "open"),
            ("wi", "width"),
        ] {
            let call = find(short).unwrap();
            assert_eq!(call.name, name, "{short}");
        }
        for unknown in ["b", "ba", "sa", "ti", "nosuch", "readx", "READ"] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
        assert_eq!(find("s").unwrap().name, "scanstats");
    }

    #[test]
    fn what_cannot_run_says_why_and_what_to_do() {
        let refusal = DotCall::parse(".load nosuch").unwrap_err();
        assert!(refusal.reason.contains(".load cannot be run here"), "{}", refusal.reason);
        let refusal = DotCall::parse(".read 'a''b'").unwrap_err();
        assert_eq!(refusal.reason, ".read does not take 2 arguments");
        assert_eq!(refusal.hint, "write .read FILE");
        assert_eq!(DotCall::parse("."), Ok(None));
    }

    #[test]
    fn the_reach_depends_on_the_arguments() {
        assert_eq!(call(".output").effect(), Effect::OutputOnly);
        assert_eq!(call(".output x").effect(), Effect::Outside);
        assert_eq!(call(".read '|ls'").effect(), Effect::Outside);
        assert_eq!(call(".read x").effect(), Effect::Database);
    }

    #[test]
    fn numbers_and_booleans() {
        assert_eq!(
            [integer("7"), integer("-2k"), integer("0x10"), integer("3MB"), integer("x")],
            [7, -2048, 16, 3_000_000, 0]
        );
        assert_eq!([boolean("ON"), boolean("0"), boolean("maybe")], [Some(true), Some(false), None]);
        assert_eq!(call(".exit 7").exit_status(), Some(7));
        assert_eq!(call(".exit 0").exit_status(), None);
    }
}
