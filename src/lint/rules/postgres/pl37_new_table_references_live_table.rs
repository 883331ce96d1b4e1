//! PL37: a new table that was filled gets a foreign key to a table in use.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL37",
    name: "new-table-references-live-table",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "a foreign key from a new table that was filled in the same transaction",
    reason: "A foreign key of an empty new table takes a moment. If rows were copied in before, in the \
             same transaction, each of them is looked up in the other table, and writes to that table \
             wait until COMMIT.",
    lock: "SHARE ROW EXCLUSIVE on the table it points to: writes wait, reads go on.",
    recipe: concat!(
        "Make the table with its foreign key NOT VALID after the copy, and validate in the next change:\n\n",
        "    CREATE TABLE visits AS SELECT account_id, count(*) AS n FROM clicks GROUP BY account_id;\n",
        "    ALTER TABLE visits ADD CONSTRAINT visits_account_id_fkey\n",
        "      FOREIGN KEY (account_id) REFERENCES accounts (id) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE visits VALIDATE CONSTRAINT visits_account_id_fkey;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "CREATE TABLE visits AS SELECT account_id FROM clicks;\n\
                  ALTER TABLE visits ADD FOREIGN KEY (account_id) REFERENCES accounts (id);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE visits (account_id bigint);\n\
                  INSERT INTO visits SELECT account_id FROM clicks;\n\
                  ALTER TABLE visits ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts (id);",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE visits (account_id bigint REFERENCES accounts (id));" },
        Example {
            given: "",
            sql: "CREATE TABLE visits AS SELECT account_id FROM clicks;\n\
                  ALTER TABLE visits ADD FOREIGN KEY (account_id) REFERENCES accounts (id) NOT VALID;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE a (id bigint PRIMARY KEY);\n\
                  CREATE TABLE b AS SELECT account_id FROM clicks;\n\
                  ALTER TABLE b ADD FOREIGN KEY (account_id) REFERENCES a (id);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::FilledTable) {
        let message = format!(
            "writes to {} wait while the rows that were copied are looked up in it",
            common::told(&effort.on)
        );
        let hit = common::work(seen, effort, message);
        let constraint = common::constraint_at(seen, effort.span);
        hits.push(match (constraint, common::altered(seen)) {
            (Some(constraint), Some(table)) => {
                let columns = match &constraint.kind {
                    ConstraintKind::Foreign(foreign) => foreign.columns.as_slice(),
                    _ => &[],
                };
                let name = common::name_of(table, constraint, columns);
                let sql = common::named(seen, constraint, &name);
                hit.instead(common::in_two_changes(&common::table_sql(seen), &sql, &words::ident(&name)))
            }
            _ => hit,
        });
    }
}
