//! The formats that go by a name, written in the same codes as everybody's own.
//!
//! Knows: Sqitch's layouts. Must never know: what the codes mean.

use super::Subject;

/// The names, from much to little.
pub(super) const NAMES: [&str; 6] = ["raw", "full", "long", "medium", "short", "oneline"];

/// The format string behind `name`, if there is such a name.
pub(super) fn text(subject: Subject, name: &str) -> Option<String> {
    let logged = subject == Subject::Log;
    let when = |condition: bool, text: &'static str| if condition { text } else { "" };
    let head = "%{:event}C%L %h%{reset}C";
    let change = "%{name}_ %n\n";
    let planner = "%{planner}_ %p\n";
    let committer = when(logged, "%{committer}_ %c\n");
    // Where there is room for one person only, it is the one who made it happen.
    let person = if logged { committer } else { planner };
    let note = "\n%{    }B\n";
    Some(match name {
        "raw" => [
            "%{:event}C%e %H%{reset}C%T\nname      %n\nproject   %o\n%{requires}a%{conflicts}a",
            "planner   %{name}p <%{email}p>\nplanned   %{date:raw}p\n",
            when(logged, "committer %{name}c <%{email}c>\ncommitted %{date:raw}c\n"),
            note,
        ]
        .concat(),
        "full" => [
            head,
            "%T\n",
            change,
            "%{project}_ %o\n%R%X",
            planner,
            "%{planned}_ %{date}p\n",
            committer,
            when(logged, "%{committed}_ %{date}c\n"),
            note,
        ]
        .concat(),
        "long" => [head, "%T\n", change, "%{project}_ %o\n", planner, committer, note].concat(),
        "medium" => {
            let date = if logged { "%{date}_ %{date}c\n" } else { "%{date}_ %{date}p\n" };
            [head, "\n", change, person, date, note].concat()
        }
        "short" => [head, "\n", change, person, "\n%{    }s\n"].concat(),
        "oneline" => {
            let rest = if logged { "%o:%n %s" } else { "%n%{cyan}C%t%{reset}C" };
            ["%{:event}C%h %l%{reset}C ", rest].concat()
        }
        _ => return None,
    })
}
