//! The commands of the client: words at the start of a statement, and letters after a backslash.

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Drops the statement that was begun.
    Clear,
    /// Connects anew.
    Connect,
    /// Names the delimiter.
    Delimiter,
    /// Opens an editor.
    Edit,
    /// Sends the statement, its rows shown one column per line.
    Ego,
    /// Ends the file.
    Exit,
    /// Sends the statement.
    Go,
    /// Shows help.
    Help,
    /// No more copy of the output.
    NoTee,
    /// No more warnings.
    NoWarning,
    /// No pager.
    NoPager,
    /// A pager.
    Pager,
    /// Shows the statement.
    Print,
    /// Sets the prompt.
    Prompt,
    /// Reads names for completion.
    Rehash,
    /// Forbids commands that reach files.
    Sandbox,
    /// Runs another script.
    Source,
    /// Shows the state of the connection.
    Status,
    /// Runs a shell command.
    System,
    /// Copies the output to a file.
    Tee,
    /// Changes the database.
    Use,
    /// Changes the character set.
    Charset,
    /// Shows warnings after each statement.
    Warnings,
}

/// A command with its argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub word: Word,
    /// What follows it, to the end of its line or statement.
    pub argument: String,
    /// The line it stands in, counted from 1.
    pub line: usize,
}

/// Name, letter, meaning, and whether an argument may follow. Source: what the client's own `help`
/// prints.
const COMMANDS: [(&str, char, Word, bool); 24] = [
    ("?", '?', Word::Help, true),
    ("charset", 'C', Word::Charset, true),
    ("clear", 'c', Word::Clear, false),
    ("connect", 'r', Word::Connect, true),
    ("delimiter", 'd', Word::Delimiter, true),
    ("edit", 'e', Word::Edit, false),
    ("ego", 'G', Word::Ego, false),
    ("exit", 'q', Word::Exit, false),
    ("go", 'g', Word::Go, false),
    ("help", 'h', Word::Help, true),
    ("nopager", 'n', Word::NoPager, false),
    ("notee", 't', Word::NoTee, false),
    ("nowarning", 'w', Word::NoWarning, false),
    ("pager", 'P', Word::Pager, true),
    ("print", 'p', Word::Print, false),
    ("prompt", 'R', Word::Prompt, true),
    ("quit", 'q', Word::Exit, false),
    ("rehash", '#', Word::Rehash, false),
    ("sandbox", '-', Word::Sandbox, false),
    ("source", '.', Word::Source, true),
    ("status", 's', Word::Status, false),
    ("system", '!', Word::System, true),
    ("tee", 'T', Word::Tee, true),
    ("use", 'u', Word::Use, true),
];
/// The one that does not fit into the table above by its letter.
const WARNINGS: (&str, char, Word, bool) = ("warnings", 'W', Word::Warnings, false);

/// The command that a letter after a backslash means, and whether an argument may follow.
#[must_use]
pub fn command(letter: char) -> Option<(Word, bool)> {
    let all = COMMANDS.iter().chain([&WARNINGS]);
    all.into_iter().find(|(_, known, ..)| *known == letter).map(|(_, _, word, takes)| (*word, *takes))
}

/// The command that a text begins with, and its argument. A word with something after it is a
/// command only if it may have an argument.
#[must_use]
pub fn named(text: &str) -> Option<(Word, &str)> {
    let text = text.trim_start();
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let all = COMMANDS.iter().chain([&WARNINGS]);
    let found = all.into_iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
    (rest.is_empty() || found.3).then_some((found.2, rest))
}
