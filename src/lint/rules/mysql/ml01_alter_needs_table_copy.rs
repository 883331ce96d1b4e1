//! ML01: an `ALTER TABLE` that only works by copying the table.

use super::common::{approach_to, by_a_tool, waits};
use crate::lint::effect::mysql::{Part, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML01",
    name: "alter-needs-table-copy",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "The change works only by copying the whole table, while writes wait",
    reason: "Most changes of a column's type, a new CHECK, another storage engine and some others are \
        possible only with ALGORITHM=COPY: the server makes an empty table of the new form and copies every \
        row into it. Until the last one is copied, every INSERT, UPDATE and DELETE on the table waits. On a \
        table of 100 million rows that takes hours; the application's connections pile up until there are \
        none left. Replicas do the same afterwards, and lag as long again.",
    lock: "SHARED (no writes) on the table for the whole copy, then the exclusive metadata lock for a \
        moment. MariaDB lets others write during most copies from 11.2 on.",
    recipe: "Add a column of the new form, fill it in batches, let the application write both, and drop the \
        old one in a later change:\n\n    \
        ALTER TABLE orders ADD COLUMN qty_big BIGINT, ALGORITHM=INSTANT;\n    \
        UPDATE orders SET qty_big = qty WHERE id BETWEEN 1 AND 10000; -- and so on\n\n\
        Or have the table copied by gh-ost, pt-online-schema-change or spirit, which let others write and \
        swap the tables at the end. Write ALGORITHM=INPLACE, LOCK=NONE behind every ALTER TABLE: then the \
        server refuses rather than copies.",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, qty INT);",
            sql: "ALTER TABLE orders MODIFY qty BIGINT;",
        },
        Example { given: "", sql: "ALTER TABLE orders MODIFY qty BIGINT;" },
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, total DECIMAL(10,2));",
            sql: "ALTER TABLE orders MODIFY total DECIMAL(12,4);",
        },
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(100));",
            sql: "ALTER TABLE orders MODIFY name VARCHAR(40);",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD CONSTRAINT positive CHECK (qty > 0);" },
        Example { given: "", sql: "ALTER TABLE orders ENGINE = MyISAM;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN z INT;" },
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, qty INT);",
            sql: "ALTER TABLE orders MODIFY qty INT(10) DEFAULT 5 COMMENT 'pieces';",
        },
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, qty INT);",
            sql: "ALTER TABLE orders ENGINE = InnoDB;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INT, qty INT); ALTER TABLE orders MODIFY qty BIGINT;",
        },
    ],
    check,
};

const REASONS: [Why; 16] = [
    Why::UnknownType,
    Why::TypeChange,
    Why::Narrowing,
    Why::Check,
    Why::Engine,
    Why::Versioning,
    Why::AddVirtual,
    Why::NotNull,
    Why::Nullable,
    Why::Rebuild,
    Why::Placed,
    Why::AddColumn,
    Why::DropColumn,
    Why::Index,
    Why::Unique,
    Why::AddPrimaryKey,
];

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let before = hits.len();
    waits(seen, &REASONS, what, hits);
    let Some(approach) = approach_to(seen) else { return };
    for hit in hits.iter_mut().skip(before) {
        hit.instead = Some(by_a_tool(seen, approach.table, hit.span));
    }
    // Asked for a cheaper way than there is, the server says no, and nobody waits.
    if let Some(why) = &approach.refused {
        let sure = approach.parts.iter().all(|part| part.unless.is_none());
        let verb = if sure { "refuses" } else { "may refuse" };
        let message = format!("the server {verb} this statement: {why}");
        let hit = Hit::new(seen.statement.span, message).on(approach.table).severity(Severity::Advice);
        hits.push(hit.note("nothing happens to the table, but the change cannot be deployed as it is"));
    }
}

fn what(part: &Part) -> String {
    let name = &part.subject;
    match part.why {
        Why::UnknownType => format!("giving \"{name}\" another type"),
        Why::TypeChange => format!("changing the type of \"{name}\""),
        Why::Narrowing => format!("making \"{name}\" smaller, for which some values may be too large,"),
        Why::Check => format!("checking the rows for \"{name}\""),
        Why::Engine => format!("changing the storage engine to {name}"),
        Why::Versioning => "keeping versions of rows".to_owned(),
        Why::AddVirtual => format!("adding the virtual column \"{name}\" together with others"),
        Why::NotNull => format!("making \"{name}\" NOT NULL"),
        Why::Nullable => format!("letting \"{name}\" be null"),
        Why::Rebuild => format!("building the table anew ({name})"),
        Why::Placed => format!("moving \"{name}\" to another place"),
        Why::Index | Why::Unique => format!("building the index \"{name}\""),
        Why::AddPrimaryKey => "making the primary key".to_owned(),
        _ => format!("changing \"{name}\""),
    }
}
