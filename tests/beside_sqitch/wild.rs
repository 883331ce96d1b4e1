//! What projects in the wild do that the textbook does not.

use crate::pair::Pair;
use crate::support::rows;

/// A project below the folder of the configuration, a database elsewhere, a registry with a name
/// of its own.
const CONFIGURATION: &str = "[core]\n\tengine = sqlite\n\ttop_dir = db\n\
    [engine \"sqlite\"]\n\ttarget = local\n\tclient = sqlite3\n\
    [target \"local\"]\n\turi = \"db:sqlite:var/app.db\"\n\tregistry = meta.sqitch.db\n\
    [deploy]\n\tverify = true\n[revert]\n\tverify = true\n";

const PLAN: &str = "%syntax-version=1.0.0-b2\n%project=shop\n%uri=shop.example\n\n\
    users 2024-01-01T00:00:01Z P Q <p@q.local> # Creates table to track our users.\n\
    data/first-users 2024-01-01T00:00:02Z P Q <p@q.local># No blank before this note.\n\
    # views [users] 2024-01-01T00:00:03Z P Q <p@q.local> # planned and withdrawn\n\
    bills [users] 2024-01-01T00:00:04Z P Ö <p@q.local> # Tracks who owes what\n\
    owner_of_bills [bills users] 2024-01-01T00:00:05Z P Q <p@q.local>\n\
    data/its-2024 2024-01-01T00:00:06Z P Q <p@q.local> # A year in a name\n";

fn shop() -> Pair {
    let pair = Pair::new("");
    pair.write("sqitch.conf", CONFIGURATION);
    pair.write("db/sqitch.plan", PLAN);
    pair.write("var/.keep", "");
    let scripts = |name: &str, deploy: &str, revert: &str, verify: Option<&str>| {
        pair.write(&format!("db/deploy/{name}.sql"), deploy);
        pair.write(&format!("db/revert/{name}.sql"), revert);
        if let Some(verify) = verify {
            pair.write(&format!("db/verify/{name}.sql"), verify);
        }
    };
    scripts(
        "users",
        "-- Deploy shop:users to sqlite\n\nBEGIN;\n\ncreate table users (\n\tid integer primary key autoincrement,\n\tname text unique\n);\n\
         CREATE TRIGGER users_trim AFTER INSERT ON users BEGIN\n  UPDATE users SET name = trim(new.name) WHERE id = new.id;\nEND;\n\nCOMMIT;\n",
        "BEGIN;\n\nDROP TABLE users;\n\nCOMMIT;",
        // Ends its transaction by COMMIT, as many do.
        Some("-- Verify\n\nBEGIN;\n\nSELECT id, name FROM users WHERE FALSE;\n\nCOMMIT;\n"),
    );
    scripts(
        "data/first-users",
        "BEGIN;\n\n    INSERT INTO users (name) VALUES ('  Ann; or \"Anna\" '), ('Bob -- O''Neil'), ('\u{fc}nder /* no */');\n\nCOMMIT;\n",
        "BEGIN;\n\n    DELETE FROM users;\n\nCOMMIT;\n",
        // Prints rows, and nobody wants to see them.
        Some("BEGIN;\n\nSELECT * FROM users;\n\nROLLBACK;\n"),
    );
    scripts(
        "bills",
        "create table bills (id integer primary key, amount integer check (amount > 0));\ninsert into bills (amount) values (7), (12)",
        "drop table if exists bills;\n",
        None,
    );
    // SQLite's own recipe for what ALTER TABLE cannot do.
    scripts(
        "owner_of_bills",
        "PRAGMA foreign_keys=off;\n\nBEGIN;\n\nALTER TABLE bills RENAME TO bills_old;\n\n\
         CREATE TABLE \"bills\" (\n  id INTEGER PRIMARY KEY,\n  amount INTEGER CHECK (amount > 0),\n  owner INTEGER REFERENCES users(id)\n);\n\n\
         INSERT INTO bills SELECT *, NULL FROM bills_old;\n\nDROP TABLE bills_old;\n\nCOMMIT;\n\nPRAGMA foreign_keys=on;\n",
        "PRAGMA foreign_keys=off;\n\nBEGIN;\n\nALTER TABLE bills DROP COLUMN owner;\n\nCOMMIT;\n\nPRAGMA foreign_keys=on;\n",
        Some("SELECT owner FROM bills WHERE 0;\n"),
    );
    scripts(
        "data/its-2024",
        "UPDATE bills SET amount = amount * 2;\n",
        "UPDATE bills SET amount = amount / 2;\n",
        Some("SELECT 1/count(*) FROM bills WHERE amount = 14;\n"),
    );
    pair
}

#[test]
fn the_shop_is_deployed_and_reverted_alike() {
    let pair = shop();
    for words in [
        "status",
        "deploy --to data/first-users",
        "deploy",
        "status --show-changes",
        "verify",
        "check",
        "revert -y --to users",
        "deploy --mode change",
        "log --oneline",
        "plan --oneline",
    ] {
        pair.play(words);
    }
    let worlds = [&pair.change, &pair.sqitch];
    let [ours, theirs] = worlds.map(|world| world.registry_in("var/meta.sqitch.db"));
    assert_eq!(ours, theirs);
    let [ours, theirs] = worlds.map(|world| world.schema_in("var/app.db"));
    assert_eq!(ours, theirs);
    for table in ["users", "bills"] {
        let [ours, theirs] = worlds.map(|world| rows(&world.database("var/app.db"), table));
        assert_eq!(ours, theirs);
        assert!(!ours.is_empty());
    }
    pair.play("revert -y");
    assert_eq!(pair.change.schema_in("var/app.db"), pair.sqitch.schema_in("var/app.db"));
}
