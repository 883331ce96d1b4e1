//! What a reader understands of the prose: where the listings belong, and what is to be done that no
//! command of the text does.

use crate::{maria, postgres};

/// What a listing of the text is there for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Listing {
    /// This script shall look like that, or have that in place of its placeholder, or be changed so.
    To(&'static str),
    /// The same, but the text has a slip: what it says, and what it means.
    Meaning(&'static str, &'static str, &'static str),
    /// The same until the next command was typed.
    Briefly(&'static str),
    /// Nothing is done with it.
    Shown,
}
use Listing::{Briefly, Meaning, Shown, To};

/// What `change` says otherwise, on purpose.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) command: &'static str,
    /// Where docs/sqitch.md tells of it.
    pub(crate) anchor: &'static str,
    /// What the real one says in place of what `change` says.
    pub(crate) sqitch: &'static str,
    pub(crate) change: &'static str,
}

/// A tutorial, and how it is to be understood.
#[derive(Debug)]
pub(crate) struct Tutorial {
    /// The name of its file.
    pub(crate) name: &'static str,
    pub(crate) engine: Engine,
    /// The listings, in order.
    pub(crate) listings: &'static [Listing],
    /// Words of the prose, in order, and what is done when they were read.
    pub(crate) untold: &'static [(&'static str, &'static [&'static str])],
    /// Where the text is not what Sqitch 1.3.1 prints: a command (empty for any), and words that are shown.
    pub(crate) stale: &'static [(&'static str, &'static str)],
    pub(crate) differences: &'static [Difference],
    /// What is looked at in the end.
    pub(crate) state: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    Mysql,
}

impl Tutorial {
    /// Where the text has the engine's client, and where it is here.
    pub(crate) fn client(&self) -> (&'static str, String) {
        match self.engine {
            Engine::Sqlite => ("/opt/local/bin/sqlite3", "sqlite3".to_owned()),
            Engine::Postgres => {
                ("/opt/local/pgsql/bin/psql", postgres::program("psql").display().to_string())
            }
            Engine::Mysql => ("/usr/local/mysql/bin/mysql", maria::program("mysql").display().to_string()),
        }
    }
}

/// Where no text is what Sqitch 1.3.1 prints.
pub(crate) const STALE: [(&str, &str); 4] = [
    // The plan is named, too.
    ("", "Tagged \""),
    ("sqitch bundle", "bundle/"),
    // What the engine says of the script is shown among the rest, but it is printed apart.
    ("", "# Verify script"),
    // The line ends where the answer is typed.
    ("", "? [Yes]"),
];

/// The answer that Enter means.
const fn asks(command: &'static str) -> Difference {
    Difference { command, anchor: "revert-asks", sqitch: "[Yes]", change: "[No]" }
}

/// All files that are neither git's nor a database nor packed with the time of packing.
const FILES: &str =
    "find . -name .git -prune -o -type f ! -name '*.db' ! -name '*.tgz' -print | sort | xargs cksum";

pub(crate) const POSTGRES: Tutorial = Tutorial {
    name: "sqitchtutorial",
    engine: Engine::Postgres,
    listings: &[
        Shown, // the synopsis
        To("deploy/appschema.sql"),
        To("revert/appschema.sql"),
        To("verify/appschema.sql"),
        // Other ways to verify.
        Shown,
        Shown,
        Shown,
        Briefly("verify/appschema.sql"),
        Briefly("verify/appschema.sql"),
        To("deploy/users.sql"),
        To("verify/users.sql"),
        To("revert/users.sql"),
        To("deploy/insert_user.sql"),
        To("verify/insert_user.sql"),
        To("revert/insert_user.sql"),
        To("deploy/change_pass.sql"),
        To("verify/change_pass.sql"),
        To("revert/change_pass.sql"),
        To("deploy/flips.sql"),
        To("verify/flips.sql"),
        To("revert/flips.sql"),
        To("deploy/insert_flip.sql"),
        To("deploy/delete_flip.sql"),
        To("verify/insert_flip.sql"),
        To("verify/delete_flip.sql"),
        To("revert/insert_flip.sql"),
        To("revert/delete_flip.sql"),
        To("deploy/pgcrypto.sql"),
        To("revert/pgcrypto.sql"),
        Shown, // for servers older than ours
        To("verify/pgcrypto.sql"),
        To("deploy/insert_user.sql"),
        To("deploy/change_pass.sql"),
        To("verify/insert_user.sql"),
        To("verify/change_pass.sql"),
    ],
    untold: &[
        (
            "Go ahead and add C<insert_flip> and C<delete_flip>",
            &[
                "sqitch add insert_flip -r flips -r appschema -r users -n 'Creates a function to insert a flip.'",
                "sqitch add delete_flip -r flips -r appschema -r users -n 'Creates a function to delete a flip.'",
            ],
        ),
        (
            "Test L<C<deploy>|sqitch-deploy> and",
            &[
                "sqitch deploy",
                "sqitch revert -y --to @HEAD^^",
                "sqitch deploy",
                "git add .",
                "git commit -m 'Add functions to insert and delete flips.'",
            ],
        ),
        (
            "Emergency",
            &[
                // Somebody else.
                "git clone --branch main . ../theirs",
                "cd ../theirs",
                "git checkout -b lists",
                "sqitch add lists -r appschema -r users -n 'Adds table for storing lists.'",
                "sqitch add insert_list -r lists -r appschema -r users -n 'Creates a function to insert a list.'",
                "sqitch add delete_list -r lists -r appschema -r users -n 'Creates a function to delete a list.'",
                "cat > deploy/lists.sql <<'EOF'
                CREATE TABLE flipr.lists (nickname TEXT NOT NULL REFERENCES flipr.users, name TEXT NOT NULL, PRIMARY KEY (nickname, name));
EOF",
                "echo 'SELECT nickname, name FROM flipr.lists WHERE FALSE;' > verify/lists.sql",
                "echo 'DROP TABLE flipr.lists;' > revert/lists.sql",
                "cat > deploy/insert_list.sql <<'EOF'
                CREATE FUNCTION flipr.insert_list(TEXT, TEXT) RETURNS VOID LANGUAGE SQL AS 'INSERT INTO flipr.lists VALUES ($1, $2)';
EOF",
                r#"echo "SELECT has_function_privilege('flipr.insert_list(text, text)', 'execute');" > verify/insert_list.sql"#,
                "echo 'DROP FUNCTION flipr.insert_list(TEXT, TEXT);' > revert/insert_list.sql",
                "cat > deploy/delete_list.sql <<'EOF'
                CREATE FUNCTION flipr.delete_list(TEXT, TEXT) RETURNS VOID LANGUAGE SQL AS 'DELETE FROM flipr.lists WHERE nickname = $1 AND name = $2';
EOF",
                r#"echo "SELECT has_function_privilege('flipr.delete_list(text, text)', 'execute');" > verify/delete_list.sql"#,
                "echo 'DROP FUNCTION flipr.delete_list(TEXT, TEXT);' > revert/delete_list.sql",
                "git add .",
                "git commit -m 'Add lists.'",
                "git checkout main",
                "git merge --no-ff lists",
                "cd ../flipr",
                "git remote add origin ../theirs",
                "git fetch origin",
                "git branch --set-upstream-to=origin/main main",
            ],
        ),
        ("We just add a change to add C<pgcrypto>", &["sqitch add pgcrypto -n 'Loads the pgcrypto extension.'"]),
        (
            "Now we can use C<pgcrypto>.",
            &["sqitch deploy", "git add .", "git commit -m 'Add the pgcrypto extension.'"],
        ),
    ],
    stale: &[
        ("sqitch deploy db:pg:flipr_test", "Deploying to"),
    ],
    differences: &[asks("sqitch revert db:pg:flipr_test")],
    state: &[
        FILES,
        "git ls-files -s -- '*.sql' sqitch.*",
        "git status --porcelain",
        "pg_dump --schema-only --exclude-schema=sqitch flipr_test | grep -v restrict",
        "pg_dump --schema-only --exclude-schema=sqitch flipr_dev | grep -v restrict",
        "psql -AXt flipr_test -c 'SELECT * FROM sqitch.projects' -c 'SELECT * FROM sqitch.releases' -c 'SELECT * FROM sqitch.changes ORDER BY committed_at'",
        "psql -AXt flipr_test -c 'SELECT * FROM sqitch.tags ORDER BY tag' -c 'SELECT * FROM sqitch.dependencies ORDER BY 1, 3' -c 'SELECT * FROM sqitch.events ORDER BY committed_at'",
        "psql -AXt flipr_dev -c 'SELECT * FROM sqitch.tags ORDER BY tag' -c 'SELECT * FROM sqitch.dependencies ORDER BY 1, 3' -c 'SELECT * FROM sqitch.events ORDER BY committed_at'",
        "psql -AXt flipr_prod -c 'SELECT * FROM sqitch.tags ORDER BY tag' -c 'SELECT * FROM sqitch.dependencies ORDER BY 1, 3' -c 'SELECT * FROM sqitch.events ORDER BY committed_at'",
    ],
};

pub(crate) const SQLITE: Tutorial = Tutorial {
    name: "sqitchtutorial-sqlite",
    engine: Engine::Sqlite,
    listings: &[
        Shown, // the synopsis
        Shown, // the draft
        To("deploy/users.sql"),
        To("revert/users.sql"),
        To("verify/users.sql"),
        Briefly("verify/users.sql"),
        To("deploy/flips.sql"),
        To("verify/flips.sql"),
        To("revert/flips.sql"),
        To("deploy/userflips.sql"),
        To("verify/userflips.sql"),
        To("revert/userflips.sql"),
        To("deploy/hashtags.sql"),
        To("verify/hashtags.sql"),
        To("revert/hashtags.sql"),
        To("deploy/userflips.sql"),
        To("verify/userflips.sql"),
        To("revert/userflips.sql"),
    ],
    untold: &[(
        "Emergency",
        &[
            // Somebody else.
            "git clone --branch main . ../theirs",
            "cd ../theirs",
            "git checkout -b lists",
            "sqitch add lists -r users -n 'Adds table for storing lists.'",
            "echo 'CREATE TABLE lists (nickname TEXT NOT NULL REFERENCES users (nickname), name TEXT NOT NULL);' > deploy/lists.sql",
            "echo 'SELECT nickname, name FROM lists WHERE 0;' > verify/lists.sql",
            "echo 'DROP TABLE lists;' > revert/lists.sql",
            "git add .",
            "git commit -m 'Add lists.'",
            "git checkout main",
            "git merge --no-ff lists",
            "cd ../flipr",
            "git remote add origin ../theirs",
            "git fetch origin",
            "git branch --set-upstream-to=origin/main main",
        ],
    )],
    stale: &[
        // One change was forgotten.
        ("sqitch deploy db:sqlite:dev/flipr.db", ""),
    ],
    differences: &[
        asks("sqitch revert db:sqlite:flipr_test.db"),
        // The text means the file that it deployed to just before, dev/flipr.db. The real one makes
        // the other and answers out of the registry that the two would share.
        Difference {
            command: "sqitch status db:sqlite:dev/flipr_dev.db",
            anchor: "shared-registry",
            sqitch: "",
            change: "# The database does not exist; the registry may be another database's.\n",
        },
    ],
    state: &[
        FILES,
        "git ls-files -s -- '*.sql' sqitch.*",
        "git status --porcelain",
        "sqlite3 flipr_test.db .schema",
        "sqlite3 sqitch.db 'SELECT * FROM projects; SELECT * FROM releases; SELECT * FROM changes ORDER BY committed_at'",
        "sqlite3 sqitch.db 'SELECT * FROM tags ORDER BY tag; SELECT * FROM dependencies ORDER BY 1, 3; SELECT * FROM events ORDER BY committed_at'",
    ],
};

pub(crate) const MYSQL: Tutorial = Tutorial {
    name: "sqitchtutorial-mysql",
    engine: Engine::Mysql,
    listings: &[
        Shown, // the synopsis
        Shown, // the draft
        To("deploy/appuser.sql"),
        To("revert/appuser.sql"),
        To("verify/appuser.sql"),
        Briefly("verify/appuser.sql"),
        To("deploy/users.sql"),
        To("verify/users.sql"),
        To("revert/users.sql"),
        To("deploy/insert_user.sql"),
        To("verify/insert_user.sql"),
        To("revert/insert_user.sql"),
        To("deploy/change_pass.sql"),
        To("verify/change_pass.sql"),
        To("revert/change_pass.sql"),
        To("deploy/flips.sql"),
        // Nothing ever makes a database of that name.
        Meaning("verify/flips.sql", "flipr.flips", "flips"),
        To("revert/flips.sql"),
        To("deploy/insert_flip.sql"),
        To("deploy/delete_flip.sql"),
        To("verify/insert_flip.sql"),
        To("verify/delete_flip.sql"),
        To("revert/insert_flip.sql"),
        To("revert/delete_flip.sql"),
        To("deploy/insert_user.sql"),
        To("revert/insert_user.sql"),
        To("deploy/change_pass.sql"),
        To("revert/change_pass.sql"),
        To("verify/insert_user.sql"),
        To("verify/change_pass.sql"),
    ],
    untold: &[
        (
            "Go ahead and add C<insert_flip> and C<delete_flip>",
            &[
                "sqitch add insert_flip -r flips -r appuser -n 'Creates a function to insert a flip.'",
                "sqitch add delete_flip -r flips -r appuser -n 'Creates a function to delete a flip.'",
            ],
        ),
        (
            "Test L<C<deploy>|sqitch-deploy> and",
            &[
                "sqitch deploy",
                "sqitch revert -y --to @HEAD^^",
                "sqitch deploy",
                "git add .",
                "git commit -m 'Add functions to insert and delete flips.'",
            ],
        ),
        (
            "Emergency",
            &[
                // Somebody else.
                "git clone --branch main . ../theirs",
                "cd ../theirs",
                "git checkout -b lists",
                "sqitch add lists -r appuser -r users -n 'Adds table for storing lists.'",
                "sqitch add insert_list -r lists -r appuser -n 'Creates a function to insert a list.'",
                "sqitch add delete_list -r lists -r appuser -n 'Creates a function to insert a list.'",
                "echo 'CREATE TABLE lists (nickname VARCHAR(512) NOT NULL, name VARCHAR(255) NOT NULL);' > deploy/lists.sql",
                "echo 'SELECT nickname, name FROM lists WHERE 0;' > verify/lists.sql",
                "echo 'DROP TABLE lists;' > revert/lists.sql",
                "cat > deploy/insert_list.sql <<'EOF'
DELIMITER //
CREATE PROCEDURE insert_list(nickname VARCHAR(512), name VARCHAR(255)) SQL SECURITY DEFINER
BEGIN
    INSERT INTO lists (nickname, name) VALUES (nickname, name);
END
//
DELIMITER ;
GRANT EXECUTE ON PROCEDURE insert_list TO flipr;
EOF",
                "echo 'SHOW CREATE PROCEDURE insert_list;' > verify/insert_list.sql",
                "echo 'DROP PROCEDURE insert_list;' > revert/insert_list.sql",
                "cat > deploy/delete_list.sql <<'EOF'
DELIMITER //
CREATE PROCEDURE delete_list(nickname VARCHAR(512), name VARCHAR(255)) SQL SECURITY DEFINER
BEGIN
    DELETE FROM lists WHERE lists.nickname = nickname AND lists.name = name;
END
//
DELIMITER ;
GRANT EXECUTE ON PROCEDURE delete_list TO flipr;
EOF",
                "echo 'SHOW CREATE PROCEDURE delete_list;' > verify/delete_list.sql",
                "echo 'DROP PROCEDURE delete_list;' > revert/delete_list.sql",
                "git add .",
                "git commit -m 'Add lists.'",
                "git checkout main",
                "git merge --no-ff lists",
                "cd ../flipr",
                "git remote add origin ../theirs",
                "git fetch origin",
                "git branch --set-upstream-to=origin/main main",
            ],
        ),
    ],
    stale: &[
        // It says the name of a target that is made only later.
        ("sqitch verify db:mysql://root@/flipr_test", "Verifying flipr_test"),
        // The change that was just added was forgotten.
        ("sqitch deploy", "appuser"),
    ],
    differences: &[asks("sqitch revert db:mysql://root@/flipr_test")],
    state: &[
        FILES,
        "git ls-files -s -- '*.sql' sqitch.*",
        "git status --porcelain",
        "mysqldump -u root --no-data --routines --skip-dump-date flipr_test",
        "mysqldump -u root --no-data --routines --skip-dump-date flipr_dev",
        "mysql -u root sqitch -Ne 'SELECT * FROM projects; SELECT * FROM releases; SELECT * FROM changes ORDER BY committed_at'",
        "mysql -u root sqitch -Ne 'SELECT * FROM tags ORDER BY tag; SELECT * FROM dependencies ORDER BY 1, 3; SELECT * FROM events ORDER BY committed_at'",
    ],
};
