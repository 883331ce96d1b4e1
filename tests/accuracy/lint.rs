//! Asking `change lint` about a case: from the text of the plan alone, or with a look at the database.

use crate::case::Case;
use crate::label::Label;
use crate::place;
use crate::score::Claim;
use crate::support::{Tool, World};
use serde_json::Value;

/// The change under judgement, in the plan.
const JUDGED: &str = "judged";

/// What the linter says when it has nothing but the project.
pub(crate) fn offline(case: &Case) -> Result<Claim, String> {
    let (world, _) = project(case);
    ask(&world, &["lint", JUDGED, "--format", "json"])
}

/// What it says when it may look at the database, as it is before the change.
pub(crate) fn with_facts(case: &Case) -> Result<Claim, String> {
    let (world, last) = project(case);
    let database = place::before(case);
    let mut claim = Ok(());
    if let Some(last) = last {
        // The earlier changes are there already; only the registry must know it.
        let words = ["deploy", "--log-only", "--to-change", &last, "--target", &database.uri];
        let done = world.run(Tool::Change, "", &words, "");
        if done.status != 0 {
            claim = Err(format!("deploy --log-only: {}{}", done.out, done.err));
        }
    }
    let claim =
        claim.and_then(|()| ask(&world, &["lint", JUDGED, "--target", &database.uri, "--format", "json"]));
    place::drop(&database);
    claim
}

/// A project whose plan has what was deployed before and the change under judgement; and the name
/// of the last change before it.
fn project(case: &Case) -> (World, Option<String>) {
    let world = World::new();
    world.write("sqitch.conf", "[core]\n\tengine = pg\n");
    let earlier = case.deployed();
    let mut plan = String::from("%syntax-version=1.0.0\n%project=accuracy\n\n");
    let judged = (JUDGED.to_owned(), case.change.clone());
    for (second, (name, script)) in earlier.iter().chain([&judged]).enumerate() {
        plan.push_str(&format!(
            "{name} 2024-03-01T00:00:{second:02}Z Vera Tester <vera@example.org> # {name}\n"
        ));
        world.write(&format!("deploy/{name}.sql"), script);
        // Neither is judged here.
        world.write(&format!("verify/{name}.sql"), "SELECT 1/1;\n");
        world.write(&format!("revert/{name}.sql"), "DROP TABLE IF EXISTS what_is_not_judged;\n");
    }
    world.write("sqitch.plan", &plan);
    let last = earlier.last().map(|(name, _)| name.clone());
    (world, last)
}

fn ask(world: &World, words: &[&str]) -> Result<Claim, String> {
    let done = world.run(Tool::Change, "", words, "");
    let answer: Value = serde_json::from_str(&done.out).map_err(|error| {
        format!("{words:?} ended with {}: {error}\n{}{}", done.status, done.out, done.err)
    })?;
    let findings = answer["findings"].as_array().ok_or("the answer has no findings")?;
    let mut claim = Claim::default();
    for finding in findings {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        if !text("file").ends_with("deploy/judged.sql") {
            continue;
        }
        let label = match text("severity") {
            "blocks" => Label::Blocks,
            "breaks" => Label::Breaks,
            "brief" => Label::Brief,
            "advice" => continue,
            other => return Err(format!("no severity: {other:?}")),
        };
        claim.add(label, text("code"));
    }
    Ok(claim)
}
