//! Scripts mended where that is safe: indexes built CONCURRENTLY, constraints added NOT VALID and
//! validated by a change of their own.
//!
//! Knows: statements, findings, texts. Must never know: files, plans.

use super::Subject;
use super::rule::Finding;
use crate::sql::Dialect;
use crate::sql::lex::tokens;
use crate::sql::statement::{Action, ConstraintKind, Name, Said, Statement};

/// A script, mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Its new text.
    pub text: String,
    /// What was done, a sentence each.
    pub done: Vec<String>,
    /// The constraints that another change must validate: table and name.
    pub validate: Vec<(Name, String)>,
    /// What could not be done, and why.
    pub left: Vec<String>,
}

/// A piece of text in the place of another.
struct Edit {
    start: usize,
    end: usize,
    text: String,
}

/// Mends a script as far as its findings and its text allow; none if there is nothing to mend.
#[must_use]
pub fn fix(subject: &Subject, findings: &[&Finding]) -> Option<Fix> {
    let mut fix = Fix { text: String::new(), done: Vec::new(), validate: Vec::new(), left: Vec::new() };
    let mut edits: Vec<Edit> = Vec::new();
    for statement in &subject.statements {
        let codes: Vec<&str> =
            findings.iter().filter(|finding| is_about(finding, statement)).map(|own| own.rule.code).collect();
        if codes.is_empty() {
            continue;
        }
        concurrently(subject, statement, &codes, &mut edits, &mut fix);
        not_valid(statement, &codes, &mut edits, &mut fix);
    }
    if edits.iter().any(|edit| edit.text.contains("CONCURRENTLY")) {
        edits.extend(transaction(subject));
    }
    if edits.is_empty() && fix.left.is_empty() {
        return None;
    }
    fix.text = apply(&subject.source, edits);
    Some(fix)
}

fn is_about(finding: &Finding, statement: &Statement) -> bool {
    let first = statement.origin.line;
    let last = first + statement.text.matches('\n').count();
    finding.accepted.is_none()
        && finding.place.file == statement.origin.file
        && (first..=last).contains(&finding.place.line)
}

/// The place in the file right behind the first of these words in a statement.
fn behind(statement: &Statement, word: &str) -> Option<usize> {
    let offset = statement.origin.offset?;
    let found = tokens(&statement.text, Dialect::Postgres).find(|token| token.is(word))?;
    Some(offset + found.end())
}

fn concurrently(
    subject: &Subject,
    statement: &Statement,
    codes: &[&str],
    edits: &mut Vec<Edit>,
    fix: &mut Fix,
) {
    let (word, what) = match &statement.said {
        Said::CreateIndex { concurrently: false, .. } if codes.contains(&"PL01") => ("INDEX", "CREATE INDEX"),
        Said::Drop { concurrently: false, .. } if codes.contains(&"PL23") => ("INDEX", "DROP INDEX"),
        _ => return,
    };
    let alone = |own: &Statement| {
        matches!(
            own.said,
            Said::Begin
                | Said::Commit
                | Said::Set { .. }
                | Said::CreateIndex { .. }
                | Said::Drop { .. }
                | Said::Harmless
        )
    };
    if !subject.statements.iter().all(alone) {
        fix.left.push(format!("line {}: move {what} into a change of its own first", statement.origin.line));
        return;
    }
    if let Some(at) = behind(statement, word) {
        edits.push(Edit { start: at, end: at, text: " CONCURRENTLY".to_owned() });
        fix.done.push(format!("line {}: {what} CONCURRENTLY", statement.origin.line));
    }
}

/// Takes `BEGIN` and `COMMIT` off, with the rest of their lines.
fn transaction(subject: &Subject) -> Vec<Edit> {
    let ends = |statement: &&Statement| matches!(statement.said, Said::Begin | Said::Commit);
    let own = subject.statements.iter().filter(ends).filter_map(|statement| {
        let start = statement.origin.offset?;
        let rest = subject.source.get(start..)?;
        let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let line = rest.get(..length)?;
        let only =
            line.trim().trim_end_matches(';').trim() == statement.text.trim().trim_end_matches(';').trim();
        only.then(|| Edit { start, end: start + length, text: String::new() })
    });
    own.collect()
}

/// `NOT VALID` behind constraints that are added alone and have a name.
fn not_valid(statement: &Statement, codes: &[&str], edits: &mut Vec<Edit>, fix: &mut Fix) {
    if !codes.iter().any(|code| matches!(*code, "PL03" | "PL04")) {
        return;
    }
    let Said::AlterTable { table, actions, .. } = &statement.said else { return };
    for (action, span) in actions {
        let Action::AddConstraint(constraint) = action else { continue };
        let fits = matches!(constraint.kind, ConstraintKind::Check(_) | ConstraintKind::Foreign(_));
        if constraint.not_valid || !fits {
            continue;
        }
        let Some(name) = &constraint.name else {
            fix.left.push(format!("line {}: give the constraint a name first", statement.origin.line));
            continue;
        };
        if let Some(offset) = statement.origin.offset {
            let at = offset + span.end;
            edits.push(Edit { start: at, end: at, text: " NOT VALID".to_owned() });
            fix.done.push(format!("line {}: {name} is added NOT VALID", statement.origin.line));
            fix.validate.push((table.clone(), name.clone()));
        }
    }
}

fn apply(source: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.start);
    let mut text = String::with_capacity(source.len());
    let mut at = 0;
    for edit in edits {
        text.push_str(source.get(at..edit.start).unwrap_or_default());
        text.push_str(&edit.text);
        at = edit.end.max(at);
    }
    text.push_str(source.get(at..).unwrap_or_default());
    text
}

/// The scripts of a change that validates constraints: deploy, verify and revert.
#[must_use]
pub fn validation(constraints: &[(Name, String)]) -> [String; 3] {
    let quote = |name: &str| {
        let plain = name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
            && !name.starts_with(|letter: char| letter.is_ascii_digit());
        if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
    };
    let table = |name: &Name| match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    };
    let text = |text: &str| text.replace('\'', "''");
    let mut deploy = String::from("-- Reads and writes go on while the rows are checked.\n");
    let mut verify = String::new();
    for (on, name) in constraints {
        deploy.push_str(&format!("ALTER TABLE {} VALIDATE CONSTRAINT {};\n", table(on), quote(name)));
        verify.push_str(&format!(
            "SELECT 1 / count(*) FROM pg_constraint\n WHERE conrelid = '{}'::regclass AND conname = '{}' AND convalidated;\n",
            text(&table(on)),
            text(name)
        ));
    }
    let revert =
        "-- change: revert=nothing because \"a constraint that was validated need not be forgotten\"\n";
    [deploy, verify, revert.to_owned()]
}

/// What is left of a script's kinds of tokens; for tests.
#[cfg(test)]
fn words(text: &str) -> Vec<String> {
    use crate::sql::lex::TokenKind;
    let meant = tokens(text, Dialect::Postgres).filter(|token| token.kind != TokenKind::Comment);
    meant.map(|token| token.text.to_owned()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::lint::settings::Settings;
    use crate::lint::state::State;
    use crate::lint::walk;
    use crate::schema::Schema;
    use crate::sql::{directive, pg};

    fn mended(sql: &str) -> Option<Fix> {
        let script = pg::script("f", sql.as_bytes(), &[], &mut |_| Ok(Vec::new()));
        let subject = Subject {
            change: None,
            file: "f".to_owned(),
            source: sql.to_owned(),
            statements: script.statements,
            directives: directive::read("f", sql, Dialect::Postgres).0,
            atomic: script.atomic,
            left_open: false,
            pending: false,
            judged: true,
        };
        let state = State::new(Dialect::Postgres, Schema::default());
        let outcome = walk(state, std::slice::from_ref(&subject), &Settings::usual(), false);
        fix(&subject, &outcome.findings.iter().collect::<Vec<_>>())
    }

    #[test]
    fn an_index_is_built_concurrently_and_its_transaction_taken_off() {
        let fixed = mended("-- why\nBEGIN;\nCREATE UNIQUE INDEX i\n  ON t (a); -- kept\nCOMMIT;\n").unwrap();
        assert_eq!(fixed.text, "-- why\nCREATE UNIQUE INDEX CONCURRENTLY i\n  ON t (a); -- kept\n");
        assert!(mended(&fixed.text).is_none_or(|again| again.done.is_empty()));
    }

    #[test]
    fn an_index_among_other_statements_is_left_and_said_so() {
        let text = "ALTER TABLE t ADD COLUMN a int;\nCREATE INDEX i ON t (a);\n";
        let fixed = mended(text).unwrap();
        assert_eq!(fixed.text, text);
        assert_eq!(fixed.left.len(), 1);
    }

    #[test]
    fn a_constraint_is_added_not_valid_and_validated_later() {
        let fixed =
            mended("ALTER TABLE app.\"T\" ADD CONSTRAINT c CHECK (a > 0), ADD COLUMN z int;\n").unwrap();
        assert_eq!(
            fixed.text,
            "ALTER TABLE app.\"T\" ADD CONSTRAINT c CHECK (a > 0) NOT VALID, ADD COLUMN z int;\n"
        );
        let [deploy, verify, _] = validation(&fixed.validate);
        assert!(
            words(&deploy).join(" ").contains("ALTER TABLE app . \"T\" VALIDATE CONSTRAINT c"),
            "{deploy}"
        );
        assert!(verify.contains("'app.\"T\"'::regclass"), "{verify}");
        assert!(mended("ALTER TABLE t ADD CHECK (a > 0);").unwrap().left[0].contains("name"));
    }

    #[test]
    fn what_is_fine_is_left_alone() {
        assert_eq!(mended("CREATE TABLE t (a int); CREATE INDEX i ON t (a);"), None);
    }
}
