//! Databases that are not as usual: other encodings, row level security that spares nobody, roles.

use crate::Place;
use crate::server::server;
use crate::support::{Tool, World};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    alpha 2024-01-01T00:00:01Z P Q <p@q.r> # d\u{e9}j\u{e0}\n\
    bravo [alpha] 2024-01-01T00:00:02Z P \u{d6} <p@q.r>\n";

fn place_with(options: &str) -> Place {
    let place = Place { world: World::with_plan(PLAN), database: server().database_with(options) };
    place.point("sqitch.conf");
    place.write_table_scripts("alpha");
    place.write_table_scripts("bravo");
    place
}

/// Scripts hold bytes, of whatever encoding the database has; psql passes them on as they are.
#[test]
fn scripts_are_in_the_databases_encoding() {
    let place = place_with("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    let write = |path: &str, bytes: &[u8]| std::fs::write(place.world.path(path), bytes).unwrap();
    write("deploy/alpha.sql", b"BEGIN;\n-- caf\xe9\nCREATE TABLE t_alpha (name TEXT DEFAULT 'caf\xe9');\nINSERT INTO t_alpha VALUES (DEFAULT);\nCOMMIT;\n");
    write("verify/alpha.sql", b"SELECT 1 / count(*) FROM t_alpha WHERE name = 'caf\xe9';\n");
    // In several transactions, too.
    write(
        "deploy/bravo.sql",
        b"CREATE TABLE t_bravo (id INTEGER);\nCREATE INDEX CONCURRENTLY \"i_\xe9\" ON t_bravo (id);\nCOMMENT ON TABLE t_bravo IS '\xe9';\n",
    );
    place.world.change("deploy").ok();
    let name = "SELECT encode(convert_to(name, 'LATIN1'), 'hex') FROM t_alpha";
    assert_eq!(place.ask(name), "636166e9");
    assert_eq!(
        place.ask("SELECT encode(convert_to(obj_description('t_bravo'::regclass), 'LATIN1'), 'hex')"),
        "e9"
    );
    assert_eq!(
        place.ask(
            "SELECT encode(convert_to(note, 'UTF8'), 'hex') FROM sqitch.changes ORDER BY committed_at LIMIT 1"
        ),
        "64c3a96ac3a0"
    );
    place.world.change("verify").ok();
    place.world.sqitch("status").ok();
    let ours = place.registry();
    place.world.change("revert -y").ok();
    assert_eq!(place.schema(), "");
    place.world.sqitch("deploy --verify").ok();
    assert_eq!(place.ask(name), "636166e9");
    let hash = |rows: &serde_json::Value| rows["changes"][0]["script_hash"].clone();
    assert_eq!(hash(&ours), hash(&place.registry()));
    // Sqitch itself cannot show a script that is not UTF-8; ours comes out to the byte.
    let shown =
        Tool::Change.command().args(["show", "deploy", "alpha"]).current_dir(place.world.path("")).output();
    let shown = shown.unwrap().stdout;
    assert!(shown.windows(4).any(|window| window == b"caf\xe9"), "{shown:?}");
}

#[test]
fn an_encoding_that_the_database_does_not_have_is_its_own_error() {
    let place = place_with("");
    std::fs::write(place.world.path("deploy/alpha.sql"), b"CREATE TABLE t_alpha (id INT);\nSELECT '\xe9';\n")
        .unwrap();
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("22021") && done.err.contains("deploy/alpha.sql:2"), "{}", done.err);
    assert_eq!(place.schema(), "");
}

/// Row level security that is forced binds owners as well; the registry has none, and what a script
/// sets up for its tables is not ours to pass by.
#[test]
fn row_level_security_and_roles_stay_the_scripts_own() {
    let place = place_with("");
    let role = format!("owner_{}", place.database.name);
    place.ask(&format!("CREATE ROLE {role} LOGIN NOBYPASSRLS; GRANT CREATE ON DATABASE {0} TO {role}; GRANT ALL ON SCHEMA public TO {role}; ALTER ROLE {role} IN DATABASE {0} SET row_security = on", place.database.name));
    let uri = place.database.uri.replace("://postgres@", &format!("://{role}@"));
    place.world.write("deploy/alpha.sql", "BEGIN;\nSET ROLE NONE;\nCREATE TABLE t_alpha (id INTEGER, owner NAME DEFAULT current_user);\n\
        ALTER TABLE t_alpha ENABLE ROW LEVEL SECURITY;\nALTER TABLE t_alpha FORCE ROW LEVEL SECURITY;\n\
        CREATE POLICY mine ON t_alpha USING (owner = 'somebody else') WITH CHECK (true);\nINSERT INTO t_alpha VALUES (1);\nCOMMIT;\n");
    // The row is there, and nobody who is bound by the policy sees it.
    place
        .world
        .write("verify/alpha.sql", "BEGIN;\nSELECT 1 / (count(*) = 0)::int FROM t_alpha;\nROLLBACK;\n");
    place.world.write("deploy/bravo.sql", &format!("BEGIN;\nSET ROLE {role};\nSET LOCAL row_security = off;\nCREATE TABLE t_bravo (id INTEGER);\nCOMMIT;\n"));
    place.world.change(&format!("deploy --target {uri}")).ok();
    assert_eq!(place.ask("SELECT count(*) FROM t_alpha"), "1");
    assert_eq!(place.ask("SELECT count(*) FROM sqitch.changes"), "2");
    place.world.change(&format!("verify --target {uri}")).ok();
    place.world.sqitch(&format!("status --target {uri}")).ok();
    place.world.change(&format!("revert -y --target {uri}")).ok();
    assert_eq!(place.schema(), "");
    place.ask(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
}

/// What the journal keeps to find a change again is kept exactly, whatever the encoding.
#[test]
fn a_change_that_stopped_is_found_again_in_a_database_of_another_encoding() {
    let place = place_with("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    let plan = place.world.read("sqitch.plan").replace("%project=acme", "%project=gr\u{f6}\u{df}e");
    place.world.write("sqitch.plan", &plan);
    let write = |bytes: &[u8]| std::fs::write(place.world.path("deploy/alpha.sql"), bytes).unwrap();
    place.world.write("verify/alpha.sql", "SELECT 't_alpha'::regclass;\n");
    let first: &[u8] =
        b"CREATE TABLE t_alpha (\xe4 INTEGER);\nCREATE INDEX CONCURRENTLY \"i_\xe4\" ON t_alpha (\xe4);\n";
    write(&[first, b"SELECT 1/0; -- \xe4\n"].concat());
    assert_eq!(place.world.change("deploy").status, 4);
    let status = place.world.change("status");
    assert!(status.out.contains("stopped after 2 of 3 statements"), "{}{}", status.out, status.err);
    write(&[first, b"SELECT 1/1; -- \xe4\n"].concat());
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT count(*) FROM sqitch.changes"), "2");
}
