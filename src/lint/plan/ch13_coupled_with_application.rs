//! A migration and the code that needs it in the same branch.

use super::words::list;
use super::{ANY, Check, Plan, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::lint::settings::covers;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH13",
        name: "coupled-with-application",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "The same commits change the database and the application",
        reason: "What is merged together is deployed together, but never at the same moment: for a while old \
                 code runs on the new schema, or new code on the old one. If the migration takes long, the \
                 release waits for it; if it fails, the release is half out. And neither can be taken back \
                 without the other.",
        lock: "",
        recipe: "Merge and deploy the migration first, in a form that the old code does not notice (expand). \
                 Then the code. Then, when no old instance is left, what removes the old form (contract).",
        bad: &[Example {
            given: "",
            sql: "-- deploy/note.sql\nALTER TABLE orders ADD COLUMN note TEXT;\n-- changed since \
                  origin/main\ndeploy/note.sql\n\
                  app/models/order.py\nREADME.md",
        }],
        good: &[Example {
            given: "",
            sql: "-- deploy/note.sql\nALTER TABLE orders ADD COLUMN note TEXT;\n-- changed since \
                  origin/main\ndeploy/note.sql\n\
                  verify/note.sql\nREADME.md\n.github/workflows/ci.yml\ntests/test_order.py",
        }],
        check: nothing,
    },
    check: Check::Plan(check),
};

/// The ends of files that are code.
const CODE: &[&str] = &[
    "c", "cc", "clj", "cpp", "cs", "dart", "erb", "erl", "ex", "exs", "fs", "go", "h", "hs", "java", "js",
    "jsx", "kt", "lua", "mjs", "ml", "php", "pl", "pm", "py", "rb", "rs", "scala", "svelte", "swift", "ts",
    "tsx", "vb", "vue",
];

fn check(plan: &Plan) -> Vec<PlanHit> {
    let changed = |path: &str| plan.changed_files.iter().any(|file| file == path);
    let judged = plan.changes.iter().filter(|change| change.judged);
    let touched = judged.filter_map(|change| change.deploy.as_ref()).find(|script| changed(&script.path));
    let Some(script) = touched else { return Vec::new() };
    let code: Vec<String> = plan.changed_files.iter().filter(|file| is_code(plan, file)).cloned().collect();
    if code.is_empty() {
        return Vec::new();
    }
    let (path, code) = (&script.path, list(&code));
    let message = format!("the same commits change the database ({path}) and the application ({code})");
    vec![PlanHit::new(script.start(), message).note("merge and deploy the migration first, on its own")]
}

fn is_code(plan: &Plan, file: &str) -> bool {
    let end = file.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let own = plan.own_paths.iter().any(|path| covers(path, file));
    let tests = file.split(['/', '_', '.', '-']).any(|part| {
        ["test", "tests", "spec", "specs", "fixtures"].contains(&part.to_ascii_lowercase().as_str())
    });
    CODE.contains(&end.as_str()) && !own && !tests
}
