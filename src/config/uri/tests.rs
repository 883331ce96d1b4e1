//! Database URIs as people write them, and where their passwords stay.

use super::*;
use proptest::prelude::*;

fn uri(text: &str) -> DatabaseUri {
    DatabaseUri::parse(text).unwrap()
}

#[test]
fn spellings_seen_in_the_wild() {
    for (text, string, engine) in [
        ("postgres://u@h/d", "db:postgres://u@h/d", "pg"),
        ("POSTGRES://H/D", "db:POSTGRES://H/D", "pg"),
        ("mariadb://u@h/d", "db:mariadb://u@h/d", "mysql"),
        ("DB:maria:d", "db:maria:d", "mysql"),
        (" sqlite::memory: ", "db:sqlite::memory:", "sqlite"),
        ("db:pg:?service=x", "db:pg:?service=x", "pg"),
        ("db:sqlite:C:\\x\\y.db", "db:sqlite:C:%5Cx%5Cy.db", "sqlite"),
        ("db:pg:[x]", "db:pg:%5Bx%5D", "pg"),
        ("db:pg:flipr#frag", "db:pg:flipr#frag", "pg"),
        ("db:pg://h1:1,h2:2/d", "db:pg://h1:1,h2:2/d", "pg"),
    ] {
        assert_eq!(uri(text).with_secrets(), string);
        assert_eq!(uri(text).canonical_engine().as_deref(), Some(engine));
    }
    assert_eq!(uri("flipr").engine(), None);
    assert_eq!(uri("").display(), "db:");
}

#[test]
fn parameters_are_decoded() {
    let pairs = |text: &str| uri(text).query().iter().map(|(k, v)| format!("{k}|{v}")).collect::<Vec<_>>();
    assert_eq!(pairs("db:pg:a?x=1;y=%20+z&x=a=b&w"), ["x|1", "y|  z", "x|a=b", "w|"]);
    assert!(pairs("db:pg:a?x").is_empty());
    assert_eq!(uri("db:pg:a?x=1&y=2").parameter("y"), Some("2"));
}

#[test]
fn no_password_is_ever_shown() {
    for (text, shown) in [
        ("db:pg://u:secret@h/d", "db:pg://u:@h/d"),
        ("db:pg://u:se:cr@et@h/d", "db:pg://u:@h/d"),
        ("db:pg://:secret@h/d", "db:pg://h/d"),
        ("db:pg://u@h/d", "db:pg://u@h/d"),
        ("db:pg:d?password=secret&x=1", "db:pg:d?password=***&x=1"),
        ("db:pg:d?x=1;SSLPassword=secret", "db:pg:d?x=1;SSLPassword=***"),
        ("db:pg:d?p%61ssword=secret", "db:pg:d?p%61ssword=***"),
        ("db:pg:u:secret@h/d", "db:pg:u:***@h/d"),
        ("user:name:secret@h", "db:user:name:***@h"),
    ] {
        assert_eq!(uri(text).display(), shown);
        assert_eq!(uri(text).to_string(), shown);
        assert!(!format!("{:?}", uri(text)).contains("secret"));
    }
}

#[test]
fn errors_never_repeat_the_text() {
    for text in [
        "db:pg://u:secret%zz@h/d",
        "db:pg://u:secret%00@h/d",
        "db:pg://u:secret%FF@h/d",
        "db:pg://u:secret/x@h/d",
        "db:pg://u:secret?x=y@h/d",
        "db:pg://u:12?secret@h/d=1",
        "db:pg://u:secret@h:99999/d",
        "db:pg://u:secret@[::1/d",
        "db:pg://u:secret@[::1]x/d",
        "db:pg://u:secret@::1/d",
    ] {
        let error = DatabaseUri::parse(text).unwrap_err();
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}

#[test]
fn a_nul_in_a_name_is_an_error() {
    let error = DatabaseUri::parse("db:pg:a%00b").unwrap_err();
    assert_eq!(error.message(), "the database name of the database URI holds a NUL");
}

#[test]
fn overrides_are_escaped() {
    let base = "db:pg://u:p@h:1/d?x=1";
    assert_eq!(uri(base).with_user("a@b:c/").with_secrets(), "db:pg://a%40b%3Ac%2F:p@h:1/d?x=1");
    assert_eq!(uri(base).with_password("p:@/%").password(), Some("p:@/%"));
    assert_eq!(uri(base).with_host("::1").with_secrets(), "db:pg://u:p@[::1]:1/d?x=1");
    assert_eq!(uri(base).with_host("/var/run").with_secrets(), "db:pg://u:p@%2Fvar%2Frun:1/d?x=1");
    assert_eq!(
        uri(base).with_port(5).with_dbname("/abs/x y").with_secrets(),
        "db:pg://u:p@h:5//abs/x%20y?x=1"
    );
    assert_eq!(uri("db:pg:a").with_host("h").with_secrets(), "db:pg://h/a");
    assert_eq!(uri("db:pg:").with_port(5).with_secrets(), "db:pg://:5");
    assert_eq!(uri("db:pg:a").with_password("p").display(), "db:pg:///a");
    assert_eq!(uri("db:pg:a").with_dbname("").with_secrets(), "db:pg:");
}

#[test]
fn registries_of_sqlite_lie_beside_their_target() {
    for (target, registry, file) in [
        ("app.db", "sqitch", "sqitch.db"),
        ("sub/my.app.db", "sqitch", "sub/sqitch.app.db"),
        ("noext", "sqitch", "sqitch"),
        ("app.db", "meta", "meta.db"),
        ("app.db", "meta.sqlite", "meta.sqlite"),
        ("app.db", "/x/y", "/x/y"),
        ("app.db", "sub/meta", "sub/meta.db"),
        ("d/app.db", "sub/meta", "d/sub/meta.db"),
        ("d.e/app", "sqitch", "d.e/sqitch"),
        (".hidden", "sqitch", "sqitch.hidden"),
        ("./dot.db", "sqitch", "./sqitch.db"),
        ("../up.db", "../m", "../../m"),
        ("dir/", "m", "dir/m"),
        (":memory:", "sqitch", "sqitch"),
    ] {
        assert_eq!(sqlite_registry_path(target, registry), file, "{target} {registry}");
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_what_is_written_reads_back(text in ".{0,40}") {
        if let Ok(first) = DatabaseUri::parse(&text) {
            let second = DatabaseUri::parse(&first.with_secrets()).unwrap();
            prop_assert_eq!(first.with_secrets(), second.with_secrets());
            let _ = first.display();
        }
    }

    #[test]
    fn addresses_do_not_panic(text in "(db:)?[a-z]{0,3}:?(//)?[u:@/?#&=%0-9\\[\\],é]{0,20}") {
        if let Ok(uri) = DatabaseUri::parse(&text) {
            let _ = (uri.display(), uri.effective_port(), format!("{uri:?}"));
        }
    }

    #[test]
    fn any_part_survives(user in "[^\0]{1,9}", password in "[^\0]{1,9}", name in "[^\0]{1,9}") {
        let uri = uri("db:pg://h/d").with_user(&user).with_password(&password).with_dbname(&name);
        let read = DatabaseUri::parse(&uri.with_secrets()).unwrap();
        prop_assert_eq!(read.user(), Some(user.as_str()));
        prop_assert_eq!(read.password(), Some(password.as_str()));
        prop_assert_eq!(read.dbname(), Some(name.as_str()));
    }
}
