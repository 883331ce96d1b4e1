//! A recovery document that is not finished.

use super::words::list;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::error::Place;
use crate::lint::rule::{Example, Rule, Severity};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH05",
        name: "recovery-document-incomplete",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "A recovery document lacks a section, the backup, the rebuild or the estimated time",
        reason: "A recovery document is read once, in the worst hour. What it does not say has to be found \
                 out then: which backup holds the data, by which steps it comes back, how long that takes, \
                 which release has to be switched back first. Text in angle brackets is the template, and \
                 counts as missing. If it is the only way back, `change deploy` refuses the change.",
        lock: "",
        recipe: "Fill in all four sections; \"none\" is an answer.\n\n    \
                 ## Recovery path\n    \
                 - Backup: nightly dump in the vault, kept 30 days\n    \
                 - Rebuild: restore orders.note from it with change restore\n    \
                 - Estimated time: 20 min\n    \
                 ## Code gate\n    \
                 none\n    \
                 ## Backfill reversal\n    \
                 none\n    \
                 ## Lock window\n    \
                 orders, under 1 s",
        bad: &[Example {
            given: "",
            sql: "-- deploy/drop_note.sql\nALTER TABLE orders DROP COLUMN note;\n-- \
                  recovery/drop_note.md\n## Recovery path\n- Backup: <which backup>\n- Rebuild: restore \
                  it\n- Estimated time: soon\n## Code gate\nnone",
        }],
        good: &[Example {
            given: "",
            sql: "-- deploy/drop_note.sql\nALTER TABLE orders DROP COLUMN note;\n-- \
                  recovery/drop_note.md\n## Recovery path\n- Backup: nightly dump\n- Rebuild: restore the \
                  column from it\n- Estimated time: 20 min\n## Code gate\nnone\n## Backfill \
                  reversal\nnone\n## Lock window\norders, 1 s",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let Some((path, text)) = &seen.change.recovery else { return Vec::new() };
    if seen.lacks.is_empty() {
        return Vec::new();
    }
    let end = text.find('\n').unwrap_or(text.len());
    let hit = PlanHit::new(
        Place::in_text(path, text, 0, end),
        format!("the recovery document lacks {}", list(&seen.lacks)),
    );
    vec![match &seen.way_back {
        Ok(_) => hit.severity(Severity::Advice).note("there is another way back: the revert script"),
        Err(_) => hit.note(format!("it is the only way back of {}, so it is refused", seen.change.name)),
    }]
}
