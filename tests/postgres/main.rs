//! `change` on PostgreSQL: beside the real Sqitch, killed, refused, resumed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod ahead;
mod builds;
mod client;
mod faults;
mod flavours;
mod forty;
mod in_the_way;
mod kills;
mod live;
mod lost;
mod pitfalls;
mod races;
mod scenario;
#[path = "../support/postgres.rs"]
mod server;
mod shop;
mod stepwise;
#[allow(dead_code)] // Parts of it are about SQLite.
#[path = "../support/mod.rs"]
mod support;
mod surroundings;
mod turns;
mod whole;
mod wild;

use serde_json::Value;
use server::Database;
use std::process::{Command, Stdio};
use support::World;

/// A project and its database.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) database: Database,
}

impl Place {
    /// A project with this plan and a fresh database.
    pub(crate) fn with_plan(plan: &str) -> Place {
        Place::on(server::server(), plan)
    }

    /// The same on another server.
    pub(crate) fn on(server: &server::Server, plan: &str) -> Place {
        let place = Place { world: World::with_plan(plan), database: server.database() };
        place.point("sqitch.conf");
        place
    }

    /// The same files once more, and another fresh database.
    pub(crate) fn twin(&self) -> Place {
        let place = Place { world: self.world.twin(), database: server::server().database() };
        place.point("sqitch.conf");
        place
    }

    /// Writes a configuration that points to the database.
    pub(crate) fn point(&self, file: &str) {
        let uri = &self.database.uri;
        self.world.write(file, &format!("[core]\n\tengine = pg\n[engine \"pg\"]\n\ttarget = {uri}\n"));
    }

    /// Scripts in one transaction each, as Sqitch's template lays them out.
    pub(crate) fn write_table_scripts(&self, name: &str) {
        let write = |kind: &str, body: &str, end: &str| {
            self.world.write(&format!("{kind}/{name}.sql"), &format!("BEGIN;\n\n{body}\n\n{end};\n"));
        };
        write("deploy", &format!("CREATE TABLE t_{name} (id INTEGER);"), "COMMIT");
        write("revert", &format!("DROP TABLE t_{name};"), "COMMIT");
        write("verify", &format!("SELECT id FROM t_{name} WHERE false;"), "ROLLBACK");
    }

    /// A deployment that is yet to be started, for those who do something to it.
    pub(crate) fn deploy_command(&self) -> Command {
        let mut command = support::Tool::Change.command();
        command.arg("deploy").current_dir(self.world.path(""));
        command.env("SQITCH_FULLNAME", "V").env("SQITCH_EMAIL", "v@e.org");
        command.env("SQITCH_USER_CONFIG", "/nonexistent").env("SQITCH_SYSTEM_CONFIG", "/nonexistent");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What a query says, as psql prints it.
    pub(crate) fn ask(&self, sql: &str) -> String {
        self.database.psql(sql).trim_end().to_owned()
    }

    /// The tables and indexes outside the registry.
    pub(crate) fn schema(&self) -> String {
        self.ask(
            "SELECT n.nspname || '.' || c.relname || ' ' || c.relkind::text FROM pg_class c JOIN pg_namespace n \
             ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sqitch') \
             ORDER BY 1",
        )
    }

    /// The rows of Sqitch's tables, without the times at which the test ran.
    pub(crate) fn registry(&self) -> Value {
        let tables = [
            ("projects", "project"),
            ("changes", "committed_at"),
            ("tags", "committed_at"),
            ("dependencies", "change_id, dependency"),
            ("events", "committed_at"),
        ];
        let dump = tables.map(|(table, order)| {
            let rows = self
                .ask(&format!("SELECT COALESCE(json_agg(t ORDER BY {order}), '[]') FROM sqitch.{table} t"));
            (table.to_owned(), timeless_rows(&serde_json::from_str(&rows).unwrap()))
        });
        Value::Object(dump.into_iter().collect())
    }

    /// Text without the database's own address.
    pub(crate) fn nameless(&self, text: &str) -> String {
        support::timeless(&text.replace(&self.database.uri, "db:pg:scen"))
    }
}

/// Rows without the times at which something was done; those of the plans are of 2024.
pub(crate) fn timeless_rows(rows: &Value) -> Value {
    let mut rows = rows.clone();
    for row in rows.as_array_mut().unwrap() {
        for (column, cell) in row.as_object_mut().unwrap() {
            if column == "committed_at" || column == "created_at" || column == "installed_at" {
                *cell = "when it was done".into();
            }
        }
    }
    rows
}
