//! PL31: a script that takes its limits off before it takes strong locks.

use super::{common, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL31",
    name: "timeout-disabled-or-too-long",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "the script itself sets lock_timeout or statement_timeout to 0, or very long, before a \
              strong lock",
    reason: "What a script sets wins over the limits that change deploy sets. With lock_timeout at 0 a \
             statement waits for its lock without end, and every later query waits behind it. Such a \
             line often comes along with a dump, unseen.",
    lock: "That of the statement; it is the waiting that does the harm.",
    recipe: concat!(
        "Leave the line out, or name a limit of seconds:\n\n",
        "    SET lock_timeout = '2s';\n\n",
        "Where one statement needs longer, say it to change: -- change: statement_timeout=10min.",
    ),
    bad: &[
        Example {
            given: "",
            sql: "SET lock_timeout = 0;\n\
                  ALTER TABLE orders ADD COLUMN note text;",
        },
        Example {
            given: "",
            sql: "SET lock_timeout = '10min';\n\
                  ALTER TABLE orders ADD COLUMN note text;",
        },
        Example {
            given: "",
            sql: "SET statement_timeout = 0;\n\
                  ALTER TABLE orders ADD CHECK (qty > 0);",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "SET lock_timeout = '2s';\n\
                  ALTER TABLE orders ADD COLUMN note text;",
        },
        Example {
            given: "",
            sql: "SET lock_timeout = 0;\n\
                  CREATE TABLE t (a int);",
        },
        Example {
            given: "",
            sql: "SET statement_timeout = 0;\n\
                  CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
        },
        Example {
            given: "",
            sql: "SET lock_timeout = 0;\n\
                  RESET lock_timeout;\n\
                  ALTER TABLE orders ADD COLUMN note text;",
        },
    ],
    check,
};

/// The longest `lock_timeout` that is still one, in milliseconds.
const LONGEST_WAIT: u64 = 10_000;
/// The longest `statement_timeout` under a strong lock, in milliseconds.
const LONGEST_WORK: u64 = 3_600_000;

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if !common::held(seen).is_empty() {
        return;
    }
    let Some(lock) = common::strong(seen).next() else { return };
    let name = common::told(&lock.on);
    for (setting, longest, concerns) in
        [("lock_timeout", LONGEST_WAIT, true), ("statement_timeout", LONGEST_WORK, common::works(seen))]
    {
        let Some(value) = seen.before.settings.get(setting).filter(|_| concerns) else { continue };
        let how = match milliseconds(value) {
            Some(0) => "is switched off",
            Some(limit) if limit > longest => "is very long",
            _ => continue,
        };
        let what = if setting == "lock_timeout" { "waits for" } else { "keeps others waiting for" };
        let message = format!("{setting} {how} here while this {what} {name}");
        hits.push(
            Hit::new(script::at(seen.statement, lock.span), message)
                .on(&lock.on)
                .note(format!(
                    "the script sets {setting} = {value} before, and that wins over change's own limit"
                ))
                .note(format!("it takes {}: {}", lock.mode.written(), lock.mode.who_waits()))
                .note("leave that line out, or name a limit of seconds"),
        );
    }
}

/// How long a setting is.
fn milliseconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at_checked(digits)?;
    let unit = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn values_are_read_with_their_units() {
        for (value, expected) in [
            ("0", Some(0)),
            ("500", Some(500)),
            ("2s", Some(2_000)),
            ("10 min", Some(600_000)),
            ("1h", Some(3_600_000)),
            ("", None),
            ("1.5s", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(milliseconds(value), expected, "{value}");
        }
    }
}
