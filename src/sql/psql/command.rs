//! psql's commands: which there are, how far each one reaches, and which cannot be run here.
//!
//! Knows: names. Must never know: what running a command does, or where it stands.

/// How far a command reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Prints something, or sets how results are shown.
    Output,
    /// Variables, the folder, the encoding: what the client keeps for the rest of the script.
    Client,
    /// Sends the statement so far, and does something with its result.
    Send,
    /// The statement so far.
    Buffer,
    /// `\if` and its like.
    Branch,
    /// Another script.
    Include,
    /// `\copy`: data between a file and the database.
    Copy,
    /// Another connection takes the place of this one.
    Connect,
    /// The end of the file.
    Quit,
    /// A shell command.
    Shell,
}

/// Whether a command can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Runs {
        /// How far it reaches.
        reach: Reach,
        /// How many arguments it cannot do without.
        needs: usize,
    },
    /// It is refused on purpose.
    Refused {
        /// Why.
        reason: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
}

const REMOVE: &str = "remove the line";
const BY_HAND: &str = "run it by hand in psql";
const SERVER_SIDE: &str = "use lo_from_bytea() or lo_unlink() in SQL";
const CATALOGUE: Support = Support::Refused {
    reason: "listings of the catalogue are psql's own",
    hint: "remove the line, or query the catalogue in SQL",
};

const HELP: Support = Support::Refused { reason: "it prints psql's own help", hint: REMOVE };

const fn runs(reach: Reach, needs: usize) -> Support {
    Support::Runs { reach, needs }
}

const fn refused(reason: &'static str, hint: &'static str) -> Support {
    Support::Refused { reason, hint }
}

/// Every command of psql 15 by its full name, but for the listings, which begin with `d`.
const COMMANDS: &[(&str, Support)] = {
    use Reach::{Branch, Buffer, Client, Connect, Include, Output, Quit, Send, Shell};
    &[
        ("!", runs(Shell, 1)),
        ("?", HELP),
        ("C", runs(Output, 0)),
        ("H", runs(Output, 0)),
        ("T", runs(Output, 0)),
        ("a", runs(Output, 0)),
        ("c", runs(Connect, 0)),
        ("cd", runs(Client, 0)),
        ("connect", runs(Connect, 0)),
        ("conninfo", runs(Output, 0)),
        ("copyright", HELP),
        ("crosstabview", runs(Send, 0)),
        ("e", refused("it opens an editor", REMOVE)),
        ("echo", runs(Output, 0)),
        ("edit", refused("it opens an editor", REMOVE)),
        ("ef", refused("it opens an editor", REMOVE)),
        ("elif", runs(Branch, 0)),
        ("else", runs(Branch, 0)),
        ("encoding", runs(Client, 0)),
        ("endif", runs(Branch, 0)),
        ("errverbose", runs(Output, 0)),
        ("ev", refused("it opens an editor", REMOVE)),
        ("f", runs(Output, 0)),
        ("g", runs(Send, 0)),
        ("gdesc", runs(Send, 0)),
        ("getenv", runs(Client, 2)),
        ("gexec", runs(Send, 0)),
        ("gset", runs(Send, 0)),
        ("gx", runs(Send, 0)),
        ("h", HELP),
        ("help", HELP),
        ("html", runs(Output, 0)),
        ("i", runs(Include, 1)),
        ("if", runs(Branch, 0)),
        ("include", runs(Include, 1)),
        ("include_relative", runs(Include, 1)),
        ("ir", runs(Include, 1)),
        ("l", CATALOGUE),
        ("l+", CATALOGUE),
        ("list", CATALOGUE),
        ("list+", CATALOGUE),
        ("lo_export", refused("large objects are not exported here", BY_HAND)),
        ("lo_import", refused("large objects are not imported here", SERVER_SIDE)),
        ("lo_list", CATALOGUE),
        ("lo_list+", CATALOGUE),
        ("lo_unlink", refused("large objects are not unlinked here", SERVER_SIDE)),
        ("o", runs(Output, 0)),
        ("out", runs(Output, 0)),
        ("p", runs(Buffer, 0)),
        ("password", refused("it asks for a password", "use ALTER ROLE, or run it by hand in psql")),
        ("print", runs(Buffer, 0)),
        ("prompt", runs(Client, 1)),
        ("pset", runs(Output, 0)),
        ("q", runs(Quit, 0)),
        ("qecho", runs(Output, 0)),
        ("quit", runs(Quit, 0)),
        ("r", runs(Buffer, 0)),
        ("reset", runs(Buffer, 0)),
        ("restrict", runs(Client, 1)),
        ("s", refused("a script has no history of lines typed", REMOVE)),
        ("set", runs(Client, 0)),
        ("setenv", runs(Client, 1)),
        ("sf", CATALOGUE),
        ("sf+", CATALOGUE),
        ("sv", CATALOGUE),
        ("sv+", CATALOGUE),
        ("t", runs(Output, 0)),
        ("timing", runs(Output, 0)),
        ("unrestrict", runs(Client, 1)),
        ("unset", runs(Client, 1)),
        ("w", runs(Buffer, 1)),
        ("warn", runs(Output, 0)),
        ("watch", refused("it repeats a query without end", "query once, or wait in SQL")),
        ("write", runs(Buffer, 1)),
        ("x", runs(Output, 0)),
        ("z", CATALOGUE),
    ]
};

/// What follows `\d` in the listings.
const LISTINGS: &[u8] = b"+SACDEFLOPRTXabcdefgilmnoprstuvxy";

/// What there is to say about the command of this name; `None` if psql knows no such command.
#[must_use]
pub fn support(name: &[u8]) -> Option<Support> {
    // psql itself knows only this one in any case.
    if name.eq_ignore_ascii_case(b"copy") {
        return Some(runs(Reach::Copy, 1));
    }
    if let Some((_, support)) = COMMANDS.iter().find(|(known, _)| known.as_bytes() == name) {
        return Some(*support);
    }
    let listing = match name {
        [b'd'] => true,
        [b'd', kind, ..] => LISTINGS.contains(kind),
        _ => false,
    };
    listing.then_some(CATALOGUE)
}

/// psql's yes and no: any beginning of these words that is not ambiguous, in any case.
#[must_use]
pub fn boolean(text: &[u8]) -> Option<bool> {
    let text = text.to_ascii_lowercase();
    let begins = |word: &[u8], least: usize| text.len() >= least && word.starts_with(&text);
    if begins(b"true", 1) || begins(b"yes", 1) || begins(b"on", 2) || text == b"1" {
        Some(true)
    } else if begins(b"false", 1) || begins(b"no", 1) || begins(b"off", 2) || text == b"0" {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_psqls_own() {
        for known in ["i", "COPY", "copy", "gset", "!"] {
            assert!(matches!(support(known.as_bytes()), Some(Support::Runs { .. })), "{known}");
        }
        for refused in ["watch", "password", "d", "dt+", "sf", "lo_import"] {
            assert!(matches!(support(refused.as_bytes()), Some(Support::Refused { .. })), "{refused}");
        }
        for unknown in ["", "I", "nosuch", "bind", "dz", ".", "copyx"] {
            assert_eq!(support(unknown.as_bytes()), None, "{unknown}");
        }
    }

    #[test]
    fn yes_and_no_may_be_shortened() {
        for yes in ["t", "TRUE", "y", "on", "1"] {
            assert_eq!(boolean(yes.as_bytes()), Some(true), "{yes}");
        }
        for no in ["f", "n", "OF", "off", "0"] {
            assert_eq!(boolean(no.as_bytes()), Some(false), "{no}");
        }
        for neither in ["", "o", "maybe", "10", "true "] {
            assert_eq!(boolean(neither.as_bytes()), None, "{neither}");
        }
    }
}
