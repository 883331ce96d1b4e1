//! Requirements and conflicts across projects in one registry, in Sqitch's words.

use crate::support::{Done, Tool, World};

/// Two projects beside each other, `base` and `app`, that share the registry of their database.
struct Projects(World);

impl Projects {
    /// `app` holds one change, `page`, with these dependencies.
    fn new(dependencies: &str) -> Projects {
        let world = World::new();
        for project in ["base", "app"] {
            world.write(
                &format!("{project}/sqitch.conf"),
                "[core]\n\tengine = sqlite\n[engine \"sqlite\"]\n\ttarget = db:sqlite:../app.db\n",
            );
        }
        let projects = Projects(world);
        projects.plan("base", "users 2024-01-01T00:00:01Z P Q <p@q.r>\n@r1 2024-01-01T00:00:02Z P Q <p@q.r>\nposts [users] 2024-01-01T00:00:03Z P Q <p@q.r>\n");
        projects.plan("app", &format!("page [{dependencies}] 2024-01-01T00:00:04Z P Q <p@q.r>\n"));
        projects
    }

    fn plan(&self, project: &str, lines: &str) {
        self.0.write(
            &format!("{project}/sqitch.plan"),
            &format!("%syntax-version=1.0.0\n%project={project}\n\n{lines}"),
        );
        for name in
            lines.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.starts_with('@'))
        {
            self.0.write(
                &format!("{project}/deploy/{name}.sql"),
                &format!("CREATE TABLE t_{name} (id INTEGER);\n"),
            );
            self.0.write(&format!("{project}/revert/{name}.sql"), &format!("DROP TABLE t_{name};\n"));
            self.0.write(
                &format!("{project}/verify/{name}.sql"),
                &format!("SELECT id FROM t_{name} WHERE 0;\n"),
            );
        }
    }

    fn run(&self, tool: Tool, project: &str, words: &str) -> Done {
        self.0.run(tool, project, &words.split_whitespace().collect::<Vec<_>>(), "")
    }

    fn change(&self, project: &str, words: &str) -> Done {
        self.run(Tool::Change, project, words)
    }

    /// Both refuse, and every line of what Sqitch says is in what `change` says.
    #[track_caller]
    fn assert_refused_alike(&self, project: &str, words: &str, message: &str) {
        let before = self.0.schema();
        for tool in [Tool::Change, Tool::Sqitch] {
            let done = self.run(tool, project, words);
            assert_eq!(done.status, 2, "{tool:?} {words}: {}{}", done.out, done.err);
            for line in message.lines() {
                assert!(
                    done.err.contains(&format!("{line}\n")),
                    "{tool:?} {words}: {line:?} in {}",
                    done.err
                );
            }
            assert_eq!(self.0.schema(), before, "{tool:?} {words}");
        }
    }
}

#[test]
fn a_requirement_in_another_project_is_looked_up_in_the_registry() {
    for dependency in ["base:users", "base:@r1", "base:users@r1", "base:posts"] {
        let projects = Projects::new(dependency);
        let missing = format!("Missing required change: {dependency}\n");
        projects.assert_refused_alike("app", "deploy", &missing);
        projects.change("base", "deploy").ok();
        projects.change("app", "deploy").ok();
        let rows = projects.0.registry();
        let recorded =
            rows["dependencies"].as_array().unwrap().iter().find(|row| row["dependency"] == dependency);
        let required = &recorded.unwrap()["dependency_id"];
        let name = if dependency == "base:posts" { "posts" } else { "users" };
        let change = rows["changes"].as_array().unwrap().iter().find(|row| row["change"] == name).unwrap();
        assert_eq!(*required, change["change_id"], "{dependency}");
    }
}

#[test]
fn several_missing_requirements_are_named_together() {
    let projects = Projects::new("base:users other:thing base:@nope");
    projects.change("base", "deploy").ok();
    projects.assert_refused_alike("app", "deploy", "Missing required changes: other:thing base:@nope\n");
}

#[test]
fn a_conflict_with_what_is_deployed_is_refused() {
    let projects = Projects::new("!base:posts !base:gone");
    projects.change("base", "deploy").ok();
    projects.assert_refused_alike("app", "deploy", "Conflicts with previously deployed change: base:posts\n");
    projects.change("base", "revert -y --to users").ok();
    projects.change("app", "deploy").ok();
    assert!(projects.0.schema().iter().any(|sql| sql.contains("t_page")));
}

#[test]
fn a_conflict_within_the_run_is_refused_too() {
    let projects = Projects::new("base:users");
    projects.change("base", "deploy").ok();
    projects
        .plan("app", "one 2024-01-01T00:00:05Z P Q <p@q.r>\ntwo [!one] 2024-01-01T00:00:06Z P Q <p@q.r>\n");
    projects.assert_refused_alike("app", "deploy", "Conflicts with previously deployed change: one\n");
}

#[test]
fn what_others_need_is_not_reverted() {
    let projects = Projects::new("base:users@r1 base:posts");
    projects.change("base", "deploy").ok();
    projects.change("app", "deploy").ok();
    let message = "Change \"posts\" required by currently deployed change: app:page\n";
    projects.assert_refused_alike("base", "revert -y --to users", message);
    projects.assert_refused_alike(
        "base",
        "revert -y",
        &format!("{message}Change \"users @r1\" required by currently deployed change: app:page\n"),
    );
    // The first tag after it says which release of the other project it is.
    projects.0.write(
        "app/sqitch.plan",
        &format!(
            "{}next 2024-01-01T00:00:05Z P Q <p@q.r>\n@a1 2024-01-01T00:00:06Z P Q <p@q.r>\n",
            projects.0.read("app/sqitch.plan")
        ),
    );
    projects.0.write("app/deploy/next.sql", "CREATE TABLE t_next (id INTEGER);\n");
    projects.0.write("app/revert/next.sql", "DROP TABLE t_next;\n");
    projects.change("app", "deploy").ok();
    projects.assert_refused_alike(
        "base",
        "revert -y --to users",
        "Change \"posts\" required by currently deployed change: app:page@a1\n",
    );
    // Without the ones that need it, it goes.
    projects.run(Tool::Sqitch, "app", "revert -y").ok();
    projects.change("base", "revert -y").ok();
    assert!(projects.0.schema().is_empty());
}

#[test]
fn a_project_is_registered_once_and_under_one_uri() {
    let projects = Projects::new("base:users");
    projects.change("base", "deploy").ok();
    projects.change("base", "revert -y").ok();
    let plan = projects
        .0
        .read("base/sqitch.plan")
        .replace("%project=base\n", "%project=base\n%uri=https://example.org/b\n");
    projects.0.write("base/sqitch.plan", &plan);
    projects.assert_refused_alike(
        "base",
        "deploy",
        "Cannot register \"base\" with URI https://example.org/b: already exists with NULL URI\n",
    );
}
