//! A script uses a variable that nothing sets.

use super::{ANY, Check, Plan, PlanHit, PlanRule, Used, nothing};
use crate::error::Place;
use crate::lint::rule::{Example, Rule, Severity};
use crate::suggest::suggest;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH15",
        name: "variable-not-set",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "A script uses a variable that neither the configuration nor the script sets",
        reason: "A variable without a value stays in the text as it is written, and the statement fails with \
                 a syntax error at the colon; or, inside of quotes, it does not fail and writes the \
                 variable's name into the database. It works for whoever sets it on the command line, and \
                 for nobody else.",
        lock: "",
        recipe: "Give it a value in the configuration, for all targets or for one.\n\n    \
                 change config deploy.variables.schema app\n\n\
                 Or in the script itself, for psql:\n\n    \
                 \\set schema app",
        bad: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nCREATE TABLE :schema.orders (id INT);\n-- variables\nscheme = app",
        }],
        good: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nCREATE TABLE :schema.orders (id INT);\n-- variables\nschema = app",
        }],
        check: nothing,
    },
    check: Check::Plan(check),
};

fn check(plan: &Plan) -> Vec<PlanHit> {
    let unset = plan.used.iter().filter(|used| !plan.set.contains(&used.name));
    unset.map(|used| found(plan, used)).collect()
}

fn found(plan: &Plan, used: &Used) -> PlanHit {
    let of = plan.changes.iter().find(|change| change.scripts().any(|script| script.path == used.file));
    let script = of.and_then(|change| change.scripts().find(|script| script.path == used.file));
    let place = script.and_then(|script| {
        let lines = script.text.split_inclusive('\n').take(used.line.saturating_sub(1));
        let start: usize = lines.map(str::len).sum();
        let line = script.text.get(start..)?.lines().next()?;
        let at = line.find(&format!(":{}", used.name)).or_else(|| line.find(&used.name)).unwrap_or(0);
        Some(Place::in_text(&used.file, &script.text, start + at, start + at + used.name.len() + 1))
    });
    let place = place.unwrap_or_else(|| Place::new(&used.file, used.line, 1));
    let mut hit = PlanHit::new(place, format!("nothing sets the variable {}", used.name));
    hit.change = of.map(|change| change.name.clone());
    let hit = match suggest(&used.name, plan.set.iter().map(String::as_str)) {
        Some(near) => hit.note(format!("did you mean {near}?")),
        None => hit,
    };
    hit.instead(format!("change config deploy.variables.{} VALUE", used.name))
}
