//! How a target is found, and what it inherits.

use super::*;
use crate::config::{Layer, ini::Ini};

fn config(text: &str) -> Config {
    let entries = Ini::parse(text, "sqitch.conf").unwrap().entries().cloned().collect();
    let mut config = Config::new();
    config.push_layer(Layer { origin: Origin::Project, file: Some("sqitch.conf".to_owned()), entries });
    config
}

fn found(text: &str, name: Option<&str>) -> Target {
    resolve(&config(text), name, &TargetEnv::default()).unwrap()
}

fn refused(text: &str, name: Option<&str>) -> String {
    let error = resolve(&config(text), name, &TargetEnv::default()).unwrap_err();
    assert!(!error.hints().is_empty(), "{error}");
    error.message().to_owned()
}

#[test]
fn an_engine_alone_gives_its_bare_address_and_the_defaults() {
    let target = found("[core]\n\tengine = sqlite \n", None);
    assert_eq!(target.destination(), "db:sqlite:");
    assert_eq!((target.engine.as_str(), target.registry.as_str()), ("sqlite", "sqitch"));
    assert_eq!((target.top_dir.as_str(), target.plan_file.as_str()), (".", "sqitch.plan"));
    assert_eq!((target.deploy_dir.as_str(), target.reworked_verify_dir.as_str()), ("deploy", "verify"));
    assert_eq!((target.client, target.protected), (None, false));
    assert_eq!(found("[core]\nengine = Pg\n", None).engine, "pg");
}

const PROD: &str = "\
[core]
	engine = pg
[engine \"pg\"]
	target = prod
	registry = reg
	top_dir = ./sql/
[target \"prod\"]
	uri = db:pg://u:p@h/d \n	registry =
	client = 0
	plan_file = ./x//y.plan
	deploy_dir = sql/dep/
	reworked_dir = rw
	protected = yes
[target \"prod.variables\"]
	Foo = 1
[engine \"pg.variables\"]
	foo = 2
	Bar = 3
";

#[test]
fn properties_come_from_target_then_engine_then_core() {
    let target = found(PROD, None);
    assert_eq!((target.name.as_str(), target.named), ("prod", true));
    assert_eq!(target.uri.with_secrets(), "db:pg://u:p@h/d");
    assert_eq!((target.registry.as_str(), target.client.as_deref()), ("reg", None));
    assert_eq!(target.plan_file, "x/y.plan");
    assert_eq!((target.top_dir.as_str(), target.revert_dir.as_str()), ("sql", "sql/revert"));
    assert_eq!((target.deploy_dir.as_str(), target.reworked_deploy_dir.as_str()), ("sql/dep", "rw/deploy"));
    assert!(target.protected);
}

#[test]
fn the_default_comes_from_the_call_then_environment_then_configuration() {
    let text = "[core]\nengine=pg\ntarget=db:sqlite:core.db\n";
    let env = TargetEnv { sqitch_target: Some("db:sqlite:env.db".to_owned()), ..TargetEnv::default() };
    let name = |name| resolve(&config(text), name, &env).unwrap().destination();
    assert_eq!(name(Some("db:sqlite:call.db")), "db:sqlite:call.db");
    assert_eq!(name(None), "db:sqlite:env.db");
    assert_eq!(name(Some("")), "db:sqlite:env.db");
    assert_eq!(found(text, None).destination(), "db:sqlite:core.db");
    assert_eq!(
        found("[core]\nengine=pg\ntarget=\n[engine \"pg\"]\ntarget=0\n", None).destination(),
        "db:pg:"
    );
}

#[test]
fn the_url_of_the_environment_counts_where_no_address_is_configured() {
    let url = "postgres://u:secret@h/d";
    let env = TargetEnv { database_url: Some(url.to_owned()), ..TargetEnv::default() };
    let name = |text: &str| resolve(&config(text), None, &env).unwrap().destination();
    let by_url = resolve(&config("[core]\nengine=pg\n"), None, &env).unwrap();
    assert_eq!((by_url.engine.as_str(), by_url.uri.password()), ("pg", Some("secret")));
    assert!(!by_url.destination().contains("secret") && !format!("{env:?}").contains("secret"));
    assert_eq!(name("[core]\nplan_file=x\n"), by_url.destination());
    assert_eq!(name("[core]\nengine=sqlite\n"), "db:sqlite:");
    assert_eq!(name("[core]\ntarget=db:pg:a\n"), "db:pg:a");
    assert_eq!(name("[core]\nengine=pg\n[engine \"pg\"]\ntarget=db:pg:b\n"), "db:pg:b");
}

#[test]
fn user_and_password_of_the_environment_connect_but_are_not_shown() {
    let env =
        TargetEnv { username: Some("joe".into()), password: Some("secret".into()), ..TargetEnv::default() };
    let target = resolve(&config("[core]\nengine=pg\n"), Some("db:pg://u:p@h/d"), &env).unwrap();
    assert_eq!((target.uri.user(), target.uri.password()), (Some("joe"), Some("secret")));
    assert_eq!(target.destination(), "db:pg://u:@h/d");
    assert!(!format!("{target:?} {env:?}").contains("secret"));
    let moved = target.clone().with_uri(target.uri.with_host("other"));
    assert_eq!(moved.destination(), "db:pg://joe:@other/d");
}

#[test]
fn an_alias_of_an_engine_uses_the_section_of_its_own_name() {
    let text = "[target \"dev\"]\nuri=db:mariadb://u@h/d\n\
                [engine \"mysql\"]\nregistry=my\n[engine \"mariadb\"]\nregistry=ma\n";
    let target = found(text, Some("dev"));
    assert_eq!((target.engine.as_str(), target.registry.as_str()), ("mysql", "my"));
}

#[test]
fn errors_say_what_sqitch_says() {
    let dev = "[core]\nengine=pg\n[target \"dev\"]\n";
    assert_eq!(refused(dev, Some("flipr")), "Cannot find target \"flipr\"");
    assert_eq!(refused(&format!("{dev}uri=\n"), Some("dev")), "No URI associated with target \"dev\"");
    let no_engine = |uri| format!("No engine specified by URI {uri}; URI must start with \"db:$engine:\"");
    assert_eq!(refused(&format!("{dev}uri=flipr\n"), Some("dev")), no_engine("db:flipr"));
    assert_eq!(refused(dev, Some("db:")), no_engine("db:"));
    assert_eq!(refused("", None), "No engine specified; specify via target or core.engine");
    let error = resolve(&Config::new(), None, &TargetEnv::default()).unwrap_err();
    assert!(error.message().starts_with("No project configuration found."));
}

#[test]
fn a_faulty_uri_is_placed_but_not_repeated() {
    let text = "[target \"dev\"]\nuri=db:pg://u:secret%zz@h/d\n";
    let error = resolve(&config(text), Some("dev"), &TargetEnv::default()).unwrap_err();
    assert_eq!(error.place().unwrap().line, 2);
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn all_targets_come_once() {
    let text = format!(
        "{PROD}[engine \"sqlite\"]\nclient=x\n[target \"a\"]\nuri=db:sqlite:a\n[target \"none\"]\nclient=x\n"
    );
    let all = resolve_all(&config(&text), &TargetEnv::default()).unwrap();
    assert_eq!(all.iter().map(Target::destination).collect::<Vec<_>>(), ["prod", "a", "db:sqlite:"]);
    assert!(resolve_all(&Config::new(), &TargetEnv::default()).unwrap().is_empty());
}

#[test]
fn variables_of_nearer_things_win() {
    let text = format!(
        "{PROD}[core \"variables\"]\na=core\nb=core\n[deploy \"variables\"]\nb=deploy\nc=deploy\n\
         [verify \"variables\"]\nc=verify\nBar=verify\n"
    );
    let config = config(&text);
    let target = resolve(&config, None, &TargetEnv::default()).unwrap();
    let listed = |kind: &str| {
        let variables = variables(&config, kind, &target);
        variables.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed("deploy"), "a=core b=deploy c=deploy foo=2 Bar=3 Foo=1");
    assert_eq!(listed("revert"), listed("deploy"));
    assert_eq!(listed("verify"), "a=core b=deploy c=verify Bar=3 foo=2 Foo=1");
}

#[test]
fn paths_are_tidied_like_sqitchs() {
    for (path, tidied) in [
        ("/abs/../x/./y", "/abs/../x/y"),
        ("./", "."),
        ("", "."),
        ("/", "/"),
        ("a//b/", "a/b"),
        ("a/../b", "a/../b"),
    ] {
        assert_eq!(tidy(path), tidied);
    }
}

#[test]
fn an_address_without_a_database_is_shown_with_the_one_it_leads_to() {
    let shown = |name: &str| {
        let config = config("[core]\nengine=pg\n[target \"own\"]\nuri=db:pg:\n");
        resolve(&config, Some(name), &TargetEnv::default()).unwrap().destination_in("acme")
    };
    assert_eq!(shown("db:pg:"), "db:pg:acme");
    assert_eq!(shown("db:pg://me:secret@host/"), "db:pg://me:@host/acme");
    assert_eq!(shown("db:pg:other"), "db:pg:other");
    assert_eq!(shown("own"), "own");
}
