//! PR10: `VACUUM FULL`.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PR10",
    name: "vacuum-full",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "VACUUM FULL writes the table and its indexes anew",
    reason: "Every row is written into a new file and every index built again, while nobody can use the \
             table, not even to read it. A plain VACUUM lets everybody go on; it gives the space back \
             to the table, and seldom more is needed.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "A plain VACUUM, outside of a transaction:\n\n",
        "    VACUUM (ANALYZE) orders;\n\n",
        "Where the file must shrink: pg_repack or pg_squeeze, which copy the table while everybody goes \
         on.",
    ),
    bad: &[
        Example { given: "", sql: "VACUUM FULL orders;" },
        Example { given: "", sql: "VACUUM (FULL, ANALYZE) orders;" },
        Example { given: "", sql: "VACUUM FULL;" },
    ],
    good: &[
        Example { given: "", sql: "VACUUM (ANALYZE) orders;" },
        Example { given: "", sql: "VACUUM (FULL false) orders;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::VacuumFull) {
        let message = format!("{} while it is written anew", common::nobody_uses(&effort.on));
        let table = match &seen.statement.said {
            Said::Vacuum { tables, .. } if tables.contains(&effort.on) => {
                format!(" {}", words::sql(&effort.on))
            }
            _ => String::new(),
        };
        hits.push(common::work(seen, effort, message).instead(format!("VACUUM (ANALYZE){table};")));
    }
}
