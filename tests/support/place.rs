//! A project with a database of any engine, on which `change` and the real Sqitch are run alike.
#![allow(dead_code)] // Each test binary uses what it needs.

use crate::support::{self, Done, Tool, World};
use crate::{maria, postgres};
use std::process::{Command, Stdio};

/// The engines that every test of a kind runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    Mysql,
}

impl Engine {
    pub(crate) const ALL: [Engine; 3] = [Engine::Sqlite, Engine::Postgres, Engine::Mysql];

    /// Its key in configurations.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "pg",
            Engine::Mysql => "mysql",
        }
    }
}

/// Where the data are.
#[derive(Debug, Clone)]
enum Base {
    File,
    Postgres(postgres::Database),
    Mysql(maria::Database),
}

/// A project and its database.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) engine: Engine,
    base: Base,
}

/// What of the registry is compared: all but times.
const REGISTRY: [(&str, &str, &str); 6] = [
    ("releases", "version, installer_name, installer_email", "version"),
    ("projects", "project, uri, creator_name, creator_email", "project"),
    (
        "changes",
        "change_id, script_hash, {change}, project, note, committer_name, committer_email, {planned}, planner_name, planner_email",
        "committed_at",
    ),
    (
        "tags",
        "tag_id, tag, project, change_id, note, committer_name, committer_email, {planned}, planner_name, planner_email",
        "tag",
    ),
    ("dependencies", "change_id, type, dependency, dependency_id", "change_id, dependency"),
    (
        "events",
        "event, change_id, {change}, project, note, {requires}, {conflicts}, {tags}, committer_name, committer_email, {planned}, planner_name, planner_email",
        "committed_at",
    ),
];

impl Place {
    /// An empty project whose configuration points to a fresh database.
    pub(crate) fn new(engine: Engine) -> Place {
        let base = match engine {
            Engine::Sqlite => Base::File,
            Engine::Postgres => Base::Postgres(postgres::server().database()),
            Engine::Mysql => Base::Mysql(maria::server().database()),
        };
        let place = Place { world: World::new(), engine, base };
        place.point("sqitch.conf");
        place
    }

    /// The same on this server of MariaDB.
    pub(crate) fn on_maria(server: &maria::Server) -> Place {
        let base = Base::Mysql(server.database());
        let place = Place { world: World::new(), engine: Engine::Mysql, base };
        place.point("sqitch.conf");
        place
    }

    /// The database of MariaDB that it is on.
    pub(crate) fn maria(&self) -> &maria::Database {
        match &self.base {
            Base::Mysql(base) => base,
            _ => panic!("this place is not on MariaDB"),
        }
    }

    /// The same with a plan.
    pub(crate) fn with_plan(engine: Engine, plan: &str) -> Place {
        let place = Place::new(engine);
        place.world.write("sqitch.plan", plan);
        place
    }

    /// The address of the database.
    pub(crate) fn uri(&self) -> String {
        match &self.base {
            Base::File => "db:sqlite:app.db".to_owned(),
            Base::Postgres(base) => base.uri.clone(),
            Base::Mysql(base) => base.uri.clone(),
        }
    }

    /// The registry's name.
    pub(crate) fn registry_name(&self) -> String {
        match &self.base {
            Base::File | Base::Postgres(_) => "sqitch".to_owned(),
            Base::Mysql(base) => base.registry.clone(),
        }
    }

    /// Writes a configuration that points to the database.
    pub(crate) fn point(&self, file: &str) {
        let (key, uri, registry) = (self.engine.key(), self.uri(), self.registry_name());
        let registry =
            if registry == "sqitch" { String::new() } else { format!("\tregistry = {registry}\n") };
        let text = format!("[core]\n\tengine = {key}\n[engine \"{key}\"]\n\ttarget = {uri}\n{registry}");
        self.world.write(file, &text);
    }

    /// The three scripts of a change that makes the table `t_NAME`.
    pub(crate) fn write_table_scripts(&self, name: &str) {
        let write = |kind: &str, text: String| self.world.write(&format!("{kind}/{name}.sql"), &text);
        let table = name.replace('/', "_");
        write("deploy", format!("CREATE TABLE t_{table} (id INTEGER);\n"));
        write("revert", format!("DROP TABLE t_{table};\n"));
        write("verify", format!("SELECT id FROM t_{table} WHERE 1 = 0;\n"));
    }

    /// A deployment that is yet to be started, for those who do something to it.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Tool::Change.command();
        command.args(words).current_dir(self.world.path(""));
        command.env("SQITCH_FULLNAME", "Vera Tester").env("SQITCH_EMAIL", "vera@example.org");
        command.env("SQITCH_USER_CONFIG", "/nonexistent").env("SQITCH_SYSTEM_CONFIG", "/nonexistent");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn change(&self, words: &str) -> Done {
        self.world.change(words)
    }

    pub(crate) fn sqitch(&self, words: &str) -> Done {
        self.world.sqitch(words)
    }

    /// What a query of the database says: rows as lines, columns with bars between.
    pub(crate) fn ask(&self, sql: &str) -> String {
        match &self.base {
            Base::File => lines(&self.world.database("app.db"), sql),
            Base::Postgres(base) => base.psql(sql).trim_end().to_owned(),
            Base::Mysql(base) => base.ask(sql).replace('\t', "|").replace("NULL", ""),
        }
    }

    /// What a query of the registry says; `{r}` stands before its tables.
    pub(crate) fn ask_registry(&self, sql: &str) -> String {
        match &self.base {
            Base::File => {
                if !self.world.path("sqitch.db").exists() {
                    return String::new();
                }
                lines(&self.world.database("sqitch.db"), &sql.replace("{r}", ""))
            }
            _ => self.ask(&sql.replace("{r}", &format!("{}.", self.registry_name()))),
        }
    }

    /// Whether there is a registry.
    pub(crate) fn has_registry(&self) -> bool {
        match &self.base {
            Base::File => {
                let tables = "SELECT 1 FROM sqlite_schema WHERE name = 'events'";
                self.world.path("sqitch.db").exists()
                    && !lines(&self.world.database("sqitch.db"), tables).is_empty()
            }
            _ => {
                let name = self.registry_name();
                !self.ask(&format!("SELECT 1 FROM information_schema.tables WHERE table_schema = '{name}' AND table_name = 'changes'"))
                    .is_empty()
            }
        }
    }

    /// Runs a statement on the registry; `{r}` stands before its tables.
    pub(crate) fn tell_registry(&self, sql: &str) {
        match &self.base {
            Base::File => self.world.database("sqitch.db").execute_batch(&sql.replace("{r}", "")).unwrap(),
            _ => drop(self.ask(&sql.replace("{r}", &format!("{}.", self.registry_name())))),
        }
    }

    /// The names of what is recorded as deployed, in order.
    pub(crate) fn recorded(&self) -> Vec<String> {
        if !self.has_registry() {
            return Vec::new();
        }
        let column = if self.engine == Engine::Mysql { "`change`" } else { "change" };
        let rows = self.ask_registry(&format!("SELECT {column} FROM {{r}}changes ORDER BY committed_at"));
        rows.lines().map(str::to_owned).collect()
    }

    /// An address with a password that is wrong; none where there are no passwords.
    pub(crate) fn uri_with_password(&self, password: &str) -> Option<String> {
        match &self.base {
            Base::File | Base::Postgres(_) => None,
            Base::Mysql(base) => Some(base.tcp().replace(":pw@", &format!(":{password}@"))),
        }
    }

    fn has_table(&self, table: &str) -> bool {
        let name = self.registry_name();
        match &self.base {
            Base::File => !self.ask_registry(&format!("SELECT 1 FROM sqlite_schema WHERE name = '{table}'")).is_empty(),
            _ => !self
                .ask(&format!("SELECT 1 FROM information_schema.tables WHERE table_schema = '{name}' AND table_name = '{table}'"))
                .is_empty(),
        }
    }

    /// The rows of Sqitch's tables, without times.
    pub(crate) fn registry(&self) -> String {
        if !self.has_registry() {
            return String::new();
        }
        let mut text = String::new();
        for (table, columns, order) in REGISTRY {
            if table == "releases" && !self.has_table(table) {
                continue;
            }
            let array = |name: &str| match self.engine {
                Engine::Postgres => format!("array_to_string({name}, ',')"),
                _ => name.to_owned(),
            };
            let columns = columns
                .replace("{change}", if self.engine == Engine::Mysql { "`change`" } else { "change" })
                .replace(
                    "{planned}",
                    if self.engine == Engine::Postgres {
                        "planned_at AT TIME ZONE 'UTC'"
                    } else {
                        "planned_at"
                    },
                )
                .replace("{requires}", &array("requires"))
                .replace("{conflicts}", &array("conflicts"))
                .replace("{tags}", &array("tags"));
            let rows = self.ask_registry(&format!("SELECT {columns} FROM {{r}}{table} ORDER BY {order}"));
            text.push_str(&format!("{table}\n{rows}\n"));
        }
        text
    }

    /// The database's tables, views and indexes, outside of the registry.
    pub(crate) fn schema(&self) -> String {
        match &self.base {
            Base::File => {
                let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
                if self.world.path("app.db").exists() { self.ask(sql) } else { String::new() }
            }
            Base::Postgres(_) => self.ask(
                "SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.is_nullable, c.column_default \
                 FROM information_schema.columns c WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'sqitch') AND table_name NOT LIKE 'change!_%' ESCAPE '!' \
                 ORDER BY 1, 2, c.ordinal_position",
            ),
            Base::Mysql(base) => self.ask(&format!(
                "SELECT table_name, column_name, column_type, is_nullable, column_default FROM information_schema.columns \
                 WHERE table_schema = '{}' ORDER BY table_name, ordinal_position",
                base.name
            )),
        }
    }

    /// Text without what is another in every place and at every time.
    pub(crate) fn nameless(&self, text: &str) -> String {
        support::timeless(&self.nameless_file(text))
    }

    /// The same of a file, in which times matter.
    pub(crate) fn nameless_file(&self, text: &str) -> String {
        let name = match &self.base {
            Base::File => return text.to_owned(),
            Base::Postgres(base) => &base.name,
            Base::Mysql(base) => &base.name,
        };
        text.replace(&self.uri(), "db:engine:app").replace(&format!("sqitch_{name}"), "sqitch")
    }
}

fn lines(db: &rusqlite::Connection, sql: &str) -> String {
    use rusqlite::types::ValueRef;
    let mut statement = db.prepare(sql).unwrap();
    let count = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cell = |at: usize| match row.get_ref(at).unwrap() {
            ValueRef::Null => String::new(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        };
        all.push((0..count).map(cell).collect::<Vec<_>>().join("|"));
    }
    all.join("\n")
}
