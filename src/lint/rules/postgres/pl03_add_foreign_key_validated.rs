//! PL03: a foreign key that is checked at once.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL03",
    name: "add-foreign-key-validated",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "a foreign key is added to a table with rows, and every row is checked",
    reason: "Every row of the table is looked up in the other table while both are locked against \
             writes. Two tables stand still at once, often the two that are used most, for as long as \
             the slowest of the two takes.",
    lock: "SHARE ROW EXCLUSIVE on both tables: writes wait, reads go on. VALIDATE CONSTRAINT takes \
           SHARE UPDATE EXCLUSIVE on the one and ROW SHARE on the other: nobody waits.",
    recipe: concat!(
        "Two changes. The first adds the key for new rows only, which takes a moment:\n\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_account_id_fkey\n",
        "      FOREIGN KEY (account_id) REFERENCES accounts (id) NOT VALID;\n\n",
        "The second checks the rows that were there, while everybody goes on:\n\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_account_id_fkey;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD CONSTRAINT orders_account_fk FOREIGN KEY (account_id) \
                  REFERENCES accounts (id);",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY);\n\
                    CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint);",
            sql: "ALTER TABLE orders ADD FOREIGN KEY (account_id) REFERENCES accounts;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN account_id bigint, ADD FOREIGN KEY (account_id) \
                  REFERENCES accounts (id);",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD CONSTRAINT orders_account_fk FOREIGN KEY (account_id) \
                  REFERENCES accounts (id) NOT VALID;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, account_id bigint);\n\
                  ALTER TABLE t ADD FOREIGN KEY (account_id) REFERENCES accounts (id);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN account_id bigint REFERENCES accounts (id);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD FOREIGN KEY (account_id) REFERENCES accounts (id) NOT ENFORCED;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::ForeignKey) {
        // The other table is read for the same reason; it stands in the notes.
        if common::altered(seen) != Some(&effort.on) {
            continue;
        }
        let Some(constraint) = common::constraint_at(seen, effort.span) else { continue };
        let ConstraintKind::Foreign(foreign) = &constraint.kind else { continue };
        let waiting = match seen.before.is_new(&foreign.table) {
            true => common::told(&effort.on),
            false => format!("{} and {}", common::told(&effort.on), common::told(&foreign.table)),
        };
        let message = format!("writes to {waiting} wait while every row is checked against the foreign key");
        let hit = common::work(seen, effort, message);
        let partitioned = seen.before.relation(&effort.on).is_some_and(|own| own.partitioned);
        if partitioned && seen.before.version().is_none_or(|(major, _)| major < 18) {
            hits.push(hit.note(
                "a partitioned table takes NOT VALID foreign keys from PostgreSQL 18 on: before, add the key \
                 to each partition NOT VALID, validate it there, and then to the whole",
            ));
            continue;
        }
        let name = common::name_of(&effort.on, constraint, &foreign.columns);
        let sql = common::named(seen, constraint, &name);
        hits.push(hit.instead(common::in_two_changes(&common::table_sql(seen), &sql, &words::ident(&name))));
    }
}
