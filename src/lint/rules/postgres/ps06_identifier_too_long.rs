//! PS06: a name that the server cuts off.

use super::{made, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PS06",
    name: "identifier-too-long",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new name is longer than 63 bytes",
    reason: "The server cuts names after 63 bytes with no more than a notice. Two long names may become the \
             same one, and who looks for the whole name in the catalogue finds nothing.",
    lock: "",
    recipe: "Choose a name of 63 bytes or less.",
    bad: &[
        Example {
            given: "",
            sql: "CREATE INDEX CONCURRENTLY \
                  orders_by_account_and_state_and_time_of_the_last_payment_attempt_idx ON orders \
                  (account_id);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, \
                  the_moment_in_which_the_customer_first_looked_at_the_page_of_the_product timestamptz);",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_account_idx ON orders (account_id);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, \
                  a_name_of_exactly_sixty_three_bytes_which_is_the_longest_of_all int);",
        },
    ],
    check,
};

/// The longest name the server keeps, in bytes.
const LONGEST: usize = 63;

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for new in made::names(seen.statement).into_iter().filter(|new| new.name.len() > LONGEST) {
        let mut end = LONGEST;
        while !new.name.is_char_boundary(end) {
            end -= 1;
        }
        let kept = new.name.get(..end).unwrap_or_default();
        let message = format!(
            "the name of this {} has {} bytes: the server cuts it off",
            new.object.word(),
            new.name.len()
        );
        hits.push(
            Hit::new(script::at(seen.statement, new.span), message)
                .note(format!("\"{kept}\" is what remains")),
        );
    }
}
