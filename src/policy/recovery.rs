//! Recovery documents: `recovery/NAME.md`, the written way back of a change that no script can
//! take back.

/// The headings a recovery document must have, in the order of the template.
pub const HEADINGS: [&str; 4] = ["Recovery path", "Code gate", "Backfill reversal", "Lock window"];

/// The text a new recovery document starts with. Text in angle brackets counts as missing.
#[must_use]
pub fn template(change: &str) -> String {
    format!(
        "# Recovery of {change}\n\
         \n\
         ## Recovery path\n\
         \n\
         - Backup: <which backup holds what this change destroys, and where it is>\n\
         - Rebuild: <the steps that bring the data back from it>\n\
         - Estimated time: <how long that takes, as rehearsed or measured>\n\
         \n\
         ## Code gate\n\
         \n\
         <the feature flag or release that must be switched back first, or: none>\n\
         \n\
         ## Backfill reversal\n\
         \n\
         <how moved or rewritten rows are put back, or: none>\n\
         \n\
         ## Lock window\n\
         \n\
         <which tables are locked while recovering, and for how long>\n"
    )
}

/// What a recovery document lacks; empty if it is complete.
#[must_use]
pub fn missing(text: &str) -> Vec<String> {
    let mut lacks = Vec::new();
    for heading in HEADINGS {
        match section(text, heading) {
            None => lacks.push(format!("the heading \"{heading}\"")),
            Some(body) if written(&body).is_empty() => lacks.push(format!("something under \"{heading}\"")),
            Some(body) if heading == "Recovery path" => lacks.extend(path_lacks(&written(&body))),
            Some(_) => {}
        }
    }
    lacks
}

/// Whether a document names the backup that holds what is destroyed.
#[must_use]
pub fn names_backup(text: &str) -> bool {
    section(text, "Recovery path").is_some_and(|body| says_backup(&written(&body).to_ascii_lowercase()))
}

fn says_backup(text: &str) -> bool {
    let words = ["backup", "back-up", "snapshot", "dump", "replica", "point-in-time", "point in time"];
    words.iter().any(|word| text.contains(word))
}

/// What a document says under one of its headings, placeholders taken away; none if it says nothing.
#[must_use]
pub fn says(text: &str, heading: &str) -> Option<String> {
    let body = section(text, heading)?;
    (!written(&body).is_empty()).then(|| body.trim().to_owned())
}

/// The body under a heading of any level, up to the next heading of that level or above.
fn section(text: &str, title: &str) -> Option<String> {
    let mut level = None;
    let mut body = String::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let marks = line.chars().take_while(|c| *c == '#').count();
        let is_heading = !fenced && marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(' '));
        if is_heading {
            if level.is_some_and(|level| marks <= level) {
                break;
            }
            let name = line.trim_start_matches('#').trim().trim_end_matches(':');
            if level.is_none() && name.eq_ignore_ascii_case(title) {
                level = Some(marks);
                continue;
            }
        }
        if level.is_some() {
            body.push_str(line);
            body.push('\n');
        }
    }
    level.map(|_| body)
}

/// What is left when placeholders, comments and empty bullets are taken away.
fn written(body: &str) -> String {
    let body = strip_between(body, "<!--", "-->");
    let mut lines = Vec::new();
    for line in body.lines() {
        let text = strip_between(line, "<", ">");
        let text = text.trim().trim_start_matches(['-', '*', ' ']).trim();
        let upper = text.to_ascii_uppercase();
        let label_only = text.trim_end_matches('*').ends_with(':');
        let placeholder = ["TODO", "TBD", "XXX", "FIXME", "..."]
            .iter()
            .any(|word| upper.trim_end_matches(['.', ':']) == word.trim_end_matches('.'))
            || upper.ends_with(": TODO")
            || upper.ends_with(": TBD");
        if !text.is_empty() && !label_only && !placeholder {
            lines.push(text.to_owned());
        }
    }
    lines.join("\n")
}

fn strip_between(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        match after.split_once(close) {
            Some((_, after)) => rest = after,
            // Not closed, so it is no placeholder but a sign.
            None => {
                out.push_str(open);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The recovery path must name the backup, how the data is rebuilt, and the estimated time.
fn path_lacks(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let mut lacks = Vec::new();
    if !says_backup(&text) {
        lacks.push("the backup, named under \"Recovery path\"".to_owned());
    }
    if !any(&["rebuild", "rebuilt", "restore", "recreate", "reload", "copy", "copied"]) {
        lacks.push("how the data is rebuilt, under \"Recovery path\"".to_owned());
    }
    if !names_a_time(&text) {
        lacks.push("the estimated time, under \"Recovery path\"".to_owned());
    }
    lacks
}

/// Whether a number stands before a unit of time.
fn names_a_time(text: &str) -> bool {
    const UNITS: [&str; 18] = [
        "s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h", "hour",
        "hours", "day", "days", "week", "weeks", "ms",
    ];
    let words: Vec<&str> = text
        .split(|c: char| {
            c.is_whitespace() || matches!(c, ',' | '.' | ';' | '(' | ')' | '~' | '≈' | '<' | '>')
        })
        .collect();
    let number = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            || matches!(word, "one" | "two" | "five" | "ten" | "an" | "a")
    };
    words.windows(2).any(|pair| matches!(pair, [count, unit] if number(count) && UNITS.contains(unit)))
        || words.iter().any(|word| {
            let digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
            digits.len() < word.len() && UNITS.contains(&digits)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: &str = "# Recovery of drop\n## Recovery path\n- Backup: nightly dump in the vault\n- Rebuild: restore the column\n- Estimated time: 20 min\n## Code gate\nnone\n## Backfill reversal\nnone\n## Lock window\nusers, under 1 s\n";

    #[test]
    fn the_template_lacks_everything() {
        assert_eq!(missing(&template("x")).len(), 4);
        assert_eq!(missing("").len(), 4);
    }

    #[test]
    fn a_written_document_is_complete() {
        assert_eq!(missing(COMPLETE), Vec::<String>::new());
    }

    #[test]
    fn each_part_of_the_path_is_asked_for() {
        let text = COMPLETE.replace("20 min", "soon");
        assert_eq!(missing(&text), ["the estimated time, under \"Recovery path\""]);
        let text = COMPLETE.replace("nightly dump in the vault", "<which>");
        assert_eq!(missing(&text), ["the backup, named under \"Recovery path\""]);
        let text = COMPLETE.replace("## Code gate\nnone", "## Code gate\nTODO");
        assert_eq!(missing(&text), ["something under \"Code gate\""]);
    }
}
