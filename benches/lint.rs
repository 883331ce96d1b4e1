//! Lint of a long plan, and of one changed script.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod support;

use std::process::ExitCode;
use support::{Project, Report, average, change, megabytes, milliseconds, peak_memory};

fn main() -> ExitCode {
    let mut report = Report::default();
    let project = Project::planned(1_000);
    let at = |path: &str| project.folder().join(path);
    std::fs::write(at("sqitch.conf"), "[core]\n\tengine = pg\n[engine \"pg\"]\n\ttarget = db:pg:app\n")
        .unwrap();
    let plan = std::fs::read_to_string(at("sqitch.plan")).unwrap();
    let names: Vec<&str> = plan
        .lines()
        .filter(|line| !line.starts_with(['%', '@', '#']) && !line.trim().is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    std::fs::create_dir_all(at("deploy")).unwrap();
    let mut bytes = 0;
    for (number, name) in names.iter().enumerate() {
        let text = script(number);
        bytes += text.len();
        let path = at(&format!("deploy/{name}.sql"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    report.note("scripts", format!("{} changes, {} kB", names.len(), bytes / 1000));
    let never = ["lint", "--fail-on", "never", "--format", "json"];
    let all = average(5, || change(project.folder(), &never));
    report.at_most("lint of 1 000 changes, wall", all.wall.as_secs_f64(), 1.5, milliseconds);
    report.note("lint of 1 000 changes, CPU", milliseconds(all.cpu.as_secs_f64()));
    let peak = peak_memory(&mut change(project.folder(), &never));
    report.at_most("lint of 1 000 changes, peak memory", peak as f64, 300e6, megabytes);
    let single = at("one.sql");
    std::fs::write(&single, script(7)).unwrap();
    let words = ["lint", "--fail-on", "never", "one.sql"];
    let one = average(20, || change(project.folder(), &words));
    report.at_most("lint of one file, wall", one.wall.as_secs_f64(), 0.05, milliseconds);
    let words = ["explain", "one.sql"];
    let one = average(20, || change(project.folder(), &words));
    report.at_most("explain of one file, wall", one.wall.as_secs_f64(), 0.05, milliseconds);
    report.finish()
}

/// A script such as people write: a new table with its index, a change to an older one, a function.
fn script(number: usize) -> String {
    let older = number / 2;
    format!(
        "BEGIN;\n\n\
         CREATE TABLE app.orders_{number} (\n    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    \
         account_id bigint NOT NULL REFERENCES app.orders_{older} (id),\n    state text NOT NULL DEFAULT 'new'\n        \
         CHECK (state IN ('new', 'paid', 'sent')),\n    total numeric(10, 2) NOT NULL DEFAULT 0,\n    \
         created_at timestamptz NOT NULL DEFAULT now(),\n    note text\n);\n\
         CREATE INDEX orders_{number}_account ON app.orders_{number} (account_id);\n\
         COMMENT ON TABLE app.orders_{number} IS 'what was ordered';\n\
         ALTER TABLE app.orders_{older} ADD COLUMN extra_{number} text;\n\
         ALTER TABLE app.orders_{older} ADD CONSTRAINT extra_{number}_ok CHECK (extra_{number} <> '');\n\
         CREATE OR REPLACE FUNCTION app.touch_{number}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    \
         IF NEW.note IS DISTINCT FROM OLD.note THEN\n        \
         INSERT INTO app.audit (what, at) VALUES (NEW.note, now());\n    END IF;\n    RETURN NEW;\nEND;\n$$;\n\
         GRANT SELECT, INSERT ON app.orders_{number} TO web;\n\nCOMMIT;\n"
    )
}
