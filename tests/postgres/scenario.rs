//! A story that Sqitch was recorded with on PostgreSQL, played again with `change`.

use crate::support::{Done, Tool, timeless};
use crate::{Place, timeless_rows};
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
        out: "Adding registry tables to db:pg:scen\nDeploying changes to db:pg:scen\n  + base1 @r1 .. ok\n",
        catch_up: None,
    },
    Difference {
        step: "log raw",
        why: "Sqitch 1.3.1 stumbles over its own format",
        status: 0,
        out: "On database db:pg:scen\n\
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
        out: "On database db:pg:scen\n\
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
        out: "On database db:pg:scen\n\
              Deploy 9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201\nName:      delta\nProject:   acme\n\
              Planner:   Pia Planner <pia@example.org>\nCommitter: Vera Tester <vera@example.org>\n\n    Fails first\n\n",
        catch_up: None,
    },
    Difference {
        step: "check after edit",
        why: "every divergence is listed, with its file",
        status: 1,
        out: "Checking db:pg:scen\n  * deploy/alpha.sql was edited since alpha was deployed\nCheck found 1 difference\n",
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
        out: "Revert all changes from db:pg:scen? [No] Nothing reverted\n",
        catch_up: None,
    },
    Difference {
        step: "revert bad answers",
        why: "as above",
        status: 0,
        out: "Revert all changes from db:pg:scen? [No] Please answer \"y\" or \"n\".\n\
              Revert all changes from db:pg:scen? [No]   - delta @v2 ........ ok\n  \
              - charlie .......... ok\n  - bravo @v1 @v1.1 .. ok\n  - alpha ............ ok\n",
        catch_up: None,
    },
    Difference {
        step: "revert unattended EOF",
        why: "without anybody to ask, nothing is reverted",
        status: 3,
        out: "Revert changes to bravo @v1 @v1.1 from db:pg:scen? [No] \n",
        catch_up: Some("revert --to @v1 -y"),
    },
];

/// Steps whose command is not there.
const LEFT_OUT: &[&str] = &["rebase modified, declined"];

fn vector() -> Value {
    serde_json::from_str(include_str!("../vectors/scenario-pg.json")).unwrap()
}

/// The project `acme` of the story and, in a folder below it, the project `base`.
fn place(vector: &Value) -> Place {
    let place = Place::with_plan(vector["plan"].as_str().unwrap());
    for name in ["alpha", "bravo", "charlie", "delta"] {
        place.write_table_scripts(name);
    }
    let world = &place.world;
    std::fs::remove_file(world.path("verify/charlie.sql")).unwrap();
    world.write("deploy/delta.sql", "CREATE TABLE t_delta (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n");
    place.point("base/sqitch.conf");
    world.write(
        "base/sqitch.plan",
        "%syntax-version=1.0.0\n%project=base\n\n\
         base1 2024-01-01T00:00:01Z Pia Planner <pia@example.org> # Base one\n\
         @r1 2024-01-01T00:00:02Z Pia Planner <pia@example.org> # Base release\n",
    );
    world.write("base/deploy/base1.sql", "CREATE TABLE t_base1 (id INTEGER);\n");
    world.write("base/revert/base1.sql", "DROP TABLE t_base1;\n");
    world.write("base/verify/base1.sql", "SELECT id FROM t_base1 WHERE false;\n");
    place
}

/// What happens to the files before a step, and what is typed during it.
fn prepare(place: &Place, step: &str) -> &'static str {
    let world = &place.world;
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
            place.write_table_scripts("echo");
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

fn play(place: &Place, step: &Value) -> Done {
    let input = prepare(place, step["label"].as_str().unwrap());
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
    place.world.run(Tool::Change, folder, &words, input)
}

#[test]
fn the_recorded_story_comes_out_the_same() {
    let vector = vector();
    let place = place(&vector);
    let mut differences = DIFFERENCES.iter().peekable();
    for step in vector["steps"].as_array().unwrap() {
        let label = step["label"].as_str().unwrap();
        if LEFT_OUT.contains(&label) {
            continue;
        }
        let done = play(&place, step);
        let got = (done.status, place.nameless(&done.out));
        match differences.next_if(|difference| difference.step == label) {
            Some(difference) => {
                let wanted = (difference.status, difference.out.to_owned());
                assert_eq!(got, wanted, "{label}: {}", difference.why);
                difference.catch_up.map(|words| place.world.change(words).ok());
            }
            None => {
                let recorded =
                    (step["rc"].as_i64().unwrap() as i32, timeless(step["stdout"].as_str().unwrap()));
                assert_eq!(got, recorded, "{label}\n{}", done.err);
                assert_same_complaints(label, &place.nameless(&done.err), step["stderr"].as_str().unwrap());
            }
        }
        if let Some(recorded) = step.get("registry") {
            assert_same_rows(label, &place.registry(), recorded);
        }
    }
    assert!(differences.peek().is_none(), "a difference that is none");
}

/// Every line of complaint is there, except those that were the psql program's own.
fn assert_same_complaints(label: &str, got: &str, recorded: &str) {
    let of_psql = |line: &&str| {
        line.starts_with("psql:")
            || line.starts_with("\"psql\"")
            || line.starts_with("LINE")
            || line.starts_with("  ")
    };
    for line in recorded.lines().filter(|line| !of_psql(line)) {
        assert!(got.contains(line), "{label}: {line:?} is missing in {got:?}");
    }
}

/// The rows as recorded, in any order where order means nothing. The scripts of the record are not
/// known, so neither are their hashes; Sqitch registered the project even though its first deploy
/// was refused.
fn assert_same_rows(label: &str, got: &Value, recorded: &Value) {
    for table in ["projects", "changes", "tags", "dependencies", "events"] {
        let sorted = |dump: &Value| {
            let mut rows: Vec<Value> = timeless_rows(&dump[table]).as_array().unwrap().clone();
            for row in &mut rows {
                if let Some(hash) = row.get_mut("script_hash") {
                    hash.take();
                }
            }
            rows.retain(|row| table != "projects" || label != "base project" || row["project"] == "base");
            if !matches!(table, "changes" | "events") {
                rows.sort_by_key(Value::to_string);
            }
            rows
        };
        assert_eq!(sorted(got), sorted(recorded), "{label}: {table}");
    }
}
