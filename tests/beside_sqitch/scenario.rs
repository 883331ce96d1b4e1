//! A story that Sqitch was recorded with, played again with `change`.

use crate::support::{Done, Tool, World, comparable, timeless};
use serde_json::Value;

/// A step that comes out differently, on purpose.
struct Difference {
    step: &'static str,
    why: &'static str,
    status: i32,
    out: &'static str,
    /// The command after which the database is where Sqitch left it.
    catch_up: Option<&'static str>,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        step: "deploy missing external requirement",
        why: "what is refused leaves nothing behind, not even a registry",
        status: 2,
        out: "",
        catch_up: None,
    },
    Difference {
        step: "base project",
        why: "so the registry is made here",
        status: 0,
        out: "Adding registry tables to db:sqlite:../sqitch.db\nDeploying changes to db:sqlite:../app.db\n  + base1 @r1 .. ok\n",
        catch_up: None,
    },
    Difference {
        step: "log raw",
        why: "Sqitch 1.3.1 stumbles over its own format",
        status: 0,
        out: "On database db:sqlite:app.db\n\
              deploy 9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201\nname      delta\nproject   acme\n\
              planner   Pia Planner <pia@example.org>\nplanned   2024-01-01T00:00:08Z\n\
              committer Vera Tester <vera@example.org>\ncommitted NOW\n\n    Fails first\n\n\
              fail 9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201\nname      delta\nproject   acme\n\
              planner   Pia Planner <pia@example.org>\nplanned   2024-01-01T00:00:08Z\n\
              committer Vera Tester <vera@example.org>\ncommitted NOW\n\n    Fails first\n\n",
        catch_up: None,
    },
    Difference {
        step: "log full",
        why: "as above",
        status: 0,
        out: "On database db:sqlite:app.db\n\
              Deploy 9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201\nName:      delta\nProject:   acme\n\
              Planner:   Pia Planner <pia@example.org>\nPlanned:   2024-01-01 00:00:08 +0000\n\
              Committer: Vera Tester <vera@example.org>\nCommitted: NOW\n\n    Fails first\n\n\
              Fail 9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201\nName:      delta\nProject:   acme\n\
              Planner:   Pia Planner <pia@example.org>\nPlanned:   2024-01-01 00:00:08 +0000\n\
              Committer: Vera Tester <vera@example.org>\nCommitted: NOW\n\n    Fails first\n\n",
        catch_up: None,
    },
    Difference {
        step: "log long",
        why: "as above",
        status: 0,
        out: "On database db:sqlite:app.db\n\
              Deploy 9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201\nName:      delta\nProject:   acme\n\
              Planner:   Pia Planner <pia@example.org>\nCommitter: Vera Tester <vera@example.org>\n\n    Fails first\n\n",
        catch_up: None,
    },
    Difference {
        step: "check after edit",
        why: "every divergence is listed, with its file",
        status: 1,
        out: "Checking db:sqlite:app.db\n  * deploy/alpha.sql was edited since alpha was deployed\nCheck found 1 difference\n",
        catch_up: None,
    },
    Difference {
        step: "conflict",
        why: "nothing is announced that is then refused",
        status: 2,
        out: "",
        catch_up: None,
    },
    Difference { step: "missing external", why: "as above", status: 2, out: "", catch_up: None },
    Difference {
        step: "revert declined",
        why: "the answer to a revert is no unless it is yes",
        status: 1,
        out: "Revert all changes from db:sqlite:app.db? [No] Nothing reverted\n",
        catch_up: None,
    },
    Difference {
        step: "revert bad answers",
        why: "as above",
        status: 0,
        out: "Revert all changes from db:sqlite:app.db? [No] Please answer \"y\" or \"n\".\n\
              Revert all changes from db:sqlite:app.db? [No]   - delta @v2 ........ ok\n  \
              - charlie .......... ok\n  - bravo @v1 @v1.1 .. ok\n  - alpha ............ ok\n",
        catch_up: None,
    },
    Difference {
        step: "revert unattended EOF",
        why: "without anybody to ask, nothing is reverted",
        status: 3,
        out: "Revert changes to bravo @v1 @v1.1 from db:sqlite:app.db? [No] \n",
        catch_up: Some("revert --to @v1 -y"),
    },
];

/// Steps whose command is not there.
const LEFT_OUT: &[&str] = &["rebase modified, declined"];

fn vector() -> Value {
    serde_json::from_str(include_str!("../vectors/scenario-sqlite.json")).unwrap()
}

/// The project `acme` of the story and, in a folder below it, the project `base`.
fn world(vector: &Value) -> World {
    let world = World::with_plan(vector["plan"].as_str().unwrap());
    for name in ["alpha", "bravo", "charlie", "delta"] {
        world.write_table_scripts(name);
    }
    std::fs::remove_file(world.path("verify/charlie.sql")).unwrap();
    world.write("deploy/delta.sql", "CREATE TABLE t_delta (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n");
    world.write(
        "base/sqitch.conf",
        "[core]\n\tengine = sqlite\n[engine \"sqlite\"]\n\ttarget = db:sqlite:../app.db\n",
    );
    world.write(
        "base/sqitch.plan",
        "%syntax-version=1.0.0\n%project=base\n\n\
         base1 2024-01-01T00:00:01Z Pia Planner <pia@example.org> # Base one\n\
         @r1 2024-01-01T00:00:02Z Pia Planner <pia@example.org> # Base release\n",
    );
    world.write("base/deploy/base1.sql", "CREATE TABLE t_base1 (id INTEGER);\n");
    world.write("base/revert/base1.sql", "DROP TABLE t_base1;\n");
    world.write("base/verify/base1.sql", "SELECT id FROM t_base1 WHERE 0;\n");
    world
}

/// What happens to the files before a step, and what is typed during it.
fn prepare(world: &World, step: &str) -> &'static str {
    let planned = |line: &str| world.write("sqitch.plan", &format!("{}{line}\n", world.read("sqitch.plan")));
    let unplan = || {
        let plan = world.read("sqitch.plan");
        let kept = plan.trim_end().rsplit_once('\n').unwrap().0;
        world.write("sqitch.plan", &format!("{kept}\n"));
    };
    match step {
        "deploy rest with verify" => world.write("deploy/delta.sql", "CREATE TABLE t_delta (id INTEGER);\n"),
        "new tag logged by deploy" => {
            planned("@v2 2024-01-01T00:00:09Z Pia Planner <pia@example.org> # Later tag")
        }
        "check after edit" => {
            world.write("deploy/alpha.sql", "CREATE TABLE t_alpha (id INTEGER); -- edited\n")
        }
        "conflict" => {
            world.write_table_scripts("echo");
            planned("echo [!alpha] 2024-01-01T00:00:10Z Pia Planner <pia@example.org>");
        }
        "missing external" => {
            unplan();
            planned("echo [other:thing other:@tag2] 2024-01-01T00:00:10Z Pia Planner <pia@example.org>");
        }
        "revert base refused" => unplan(),
        "revert declined" => return "n\n",
        "revert bad answers" => return "maybe\ny\n",
        _ => {}
    }
    ""
}

fn play(world: &World, step: &Value) -> Done {
    let input = prepare(world, step["label"].as_str().unwrap());
    let (command, folder) = match step["cmd"].as_str().unwrap().split_once("(in base/)") {
        Some((command, _)) => (command, "base"),
        None => (step["cmd"].as_str().unwrap(), ""),
    };
    let mut words: Vec<&str> = command.split_whitespace().skip(1).collect();
    if step["label"] == "redeploy 2" {
        // Sqitch verifies when asked to, `change` unless asked not to: it would notice that what is
        // logged here is not there.
        words.push("--no-verify");
    }
    world.run(Tool::Change, folder, &words, input)
}

#[test]
fn the_recorded_story_comes_out_the_same() {
    let vector = vector();
    let world = world(&vector);
    let mut differences = DIFFERENCES.iter().peekable();
    for step in vector["steps"].as_array().unwrap() {
        let label = step["label"].as_str().unwrap();
        if LEFT_OUT.contains(&label) {
            continue;
        }
        let done = play(&world, step);
        let got = (done.status, timeless(&done.out));
        match differences.next_if(|difference| difference.step == label) {
            Some(difference) => {
                assert_eq!(
                    got,
                    (difference.status, difference.out.to_owned()),
                    "{label}: {}",
                    difference.why
                );
                difference.catch_up.map(|words| world.change(words).ok());
            }
            None => {
                let recorded =
                    (step["rc"].as_i64().unwrap() as i32, timeless(step["stdout"].as_str().unwrap()));
                assert_eq!(got, recorded, "{label}\n{}", done.err);
                assert_same_complaints(label, &done.err, step["stderr"].as_str().unwrap());
            }
        }
        if let Some(recorded) = step.get("registry") {
            assert_eq!(without_hashes(&world.registry()), recorded_rows(label, recorded), "{label}");
        }
    }
    assert!(differences.peek().is_none(), "a difference that is none");
}

/// Every line of complaint is there, except those that were the sqlite3 program's own.
fn assert_same_complaints(label: &str, got: &str, recorded: &str) {
    let of_sqlite3 = |line: &&str| {
        line.starts_with("Parse error") || line.starts_with("\"sqlite3\"") || line.starts_with("  ")
    };
    for line in recorded.lines().filter(|line| !of_sqlite3(line)) {
        assert!(got.contains(line), "{label}: {line:?} is missing in {got:?}");
    }
}

/// The rows as recorded. Sqitch registered the project even though its first deploy was refused.
fn recorded_rows(label: &str, recorded: &Value) -> Value {
    let mut recorded = without_hashes(recorded);
    if label == "base project" {
        recorded["projects"].as_array_mut().unwrap().retain(|project| project["project"] == "base");
    }
    recorded
}

/// The scripts of the record are not known, so neither are their hashes.
fn without_hashes(dump: &Value) -> Value {
    let mut dump = comparable(dump);
    for change in dump["changes"].as_array_mut().unwrap() {
        change["script_hash"].take();
    }
    dump
}
