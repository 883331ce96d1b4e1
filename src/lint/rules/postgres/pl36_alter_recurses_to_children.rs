//! PL36: an `ALTER TABLE` that reaches partitions and children.

use super::{common, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL36",
    name: "alter-recurses-to-children",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER TABLE locks every partition and child as well, and does the same work on each",
    reason: "All partitions and all tables that inherit are locked before the first is worked on, and \
             stay so until the last is done: a statement that names one table stops a hundred.",
    lock: "The same lock as on the table itself, on every partition and child.",
    recipe: concat!(
        "Do it to one child at a time where that is possible. A check, for example: to each partition \
         NOT VALID, validated there, and then to the whole, which finds it everywhere and reads nothing:\n\n",
        "    ALTER TABLE events_2024 ADD CONSTRAINT kind_check CHECK (kind <> '') NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE events_2024 VALIDATE CONSTRAINT kind_check;\n",
        "    -- in the last change:\n",
        "    ALTER TABLE events ADD CONSTRAINT kind_check CHECK (kind <> '');",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date, kind text) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO \
                    ('2025-01-01');",
            sql: "ALTER TABLE events ADD CHECK (kind <> '');",
        },
        Example {
            given: "CREATE TABLE parent (id bigint, v int);\n\
                    CREATE TABLE child () INHERITS (parent);",
            sql: "ALTER TABLE parent ADD COLUMN w int;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE parent (id bigint, v int);\n\
                    CREATE TABLE child () INHERITS (parent);",
            sql: "ALTER TABLE parent ADD CONSTRAINT c CHECK (v > 0) NO INHERIT NOT VALID;",
        },
        Example {
            given: "CREATE TABLE parent (id bigint, v int);\n\
                    CREATE TABLE child () INHERITS (parent);",
            sql: "ALTER TABLE parent ADD UNIQUE (id);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\n\
                  CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO \
                  ('2025-01-01');\n\
                  ALTER TABLE events ADD COLUMN kind text;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::AlterTable { table, actions, .. } = &seen.statement.said else { return };
    let partitions = |action: &Action| matches!(action, Action::Attach { .. } | Action::Detach { .. });
    if actions.iter().any(|(action, _)| partitions(action)) {
        return;
    }
    let children: Vec<_> = common::strong(seen).filter(|lock| common::is_child(seen, &lock.on)).collect();
    let Some(first) = children.first() else { return };
    let rows = |name: &Name| seen.before.relation(name).and_then(|own| own.rows).unwrap_or(u64::MAX);
    let spread = seen.effects.efforts.iter().filter(|effort| common::is_spread(seen, effort));
    let heaviest = spread.map(|effort| &effort.on).max_by_key(|name| rows(name));
    let works = heaviest.is_some();
    let name = common::told(table);
    let names = common::all_told(children.iter().map(|lock| &lock.on));
    let message = if works {
        format!("the children of {name} are locked, too, until the same work is done on the last of them")
    } else {
        format!("the children of {name} are locked, too")
    };
    let hit = Hit::new(script::at(seen.statement, first.span), message)
        .on(heaviest.unwrap_or(table))
        .note(format!("{} on each of {names}: {}", first.mode.written(), first.mode.who_waits()));
    hits.push(if works { hit } else { hit.severity(Severity::Brief) });
}
