//! ML28: partitions that are cut anew.

use super::common::waits;
use crate::lint::effect::mysql::{Part, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML28",
    name: "partition-reorganise",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "Dividing a table anew copies its rows while writes wait",
    reason: "Partitions that come or go as a whole cost nothing. To divide a table that is not divided, to \
        undo it, to split or join partitions, and to change the number of those made by a hash, the rows \
        are copied into new ones, and writes wait until that is done. EXCHANGE PARTITION looks at every row \
        of the table that is put in, unless it says WITHOUT VALIDATION.",
    lock: "SHARED (no writes) on the table until the rows are copied, then the exclusive metadata lock for \
        a moment",
    recipe: "Have the table copied by gh-ost, pt-online-schema-change or spirit. Add ranges ahead of time, \
        while they are empty, instead of splitting full ones:\n\n    \
        ALTER TABLE events ADD PARTITION (PARTITION p2026 VALUES LESS THAN (2027));",
    bad: &[
        Example { given: "", sql: "ALTER TABLE events PARTITION BY HASH (id) PARTITIONS 8;" },
        Example {
            given: "",
            sql: "ALTER TABLE events REORGANIZE PARTITION pmax INTO (PARTITION p1 VALUES LESS THAN (10), \
                PARTITION pmax VALUES LESS THAN MAXVALUE);",
        },
        Example { given: "", sql: "ALTER TABLE events REMOVE PARTITIONING;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE events ADD PARTITION (PARTITION p9 VALUES LESS THAN (100));" },
        Example { given: "", sql: "CREATE TABLE events (id INT) PARTITION BY HASH (id) PARTITIONS 8;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    waits(seen, &[Why::Partition], |part: &Part| format!("{} ", part.subject).trim_end().to_owned(), hits);
}
