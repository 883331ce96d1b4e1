//! PN10: a constraint that fails where a row breaks it.

use super::{rows, script, words};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema;
use crate::sql::Dialect;
use crate::sql::statement::{Action, ConstraintKind, Name, Said, Span};

pub(super) static RULE: Rule = Rule {
    code: "PN10",
    name: "constraint-fails-on-existing-rows",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a constraint is checked against the rows that are there, and fails if one breaks it",
    reason: "Adding a CHECK, a foreign key or NOT NULL, or validating it later, reads the rows that are \
             there. One that breaks it makes the statement fail (23514, 23503, 23502), often after minutes \
             of reading under a lock. An empty test database never shows it.",
    lock: "",
    recipe: concat!(
        "Count the offenders before the deploy, and mend them in a change before this one:\n\n",
        "    SELECT count(*) FROM orders WHERE NOT (qty > 0);\n",
        "    SELECT count(*) FROM orders AS o WHERE account_id IS NOT NULL\n",
        "       AND NOT EXISTS (SELECT FROM accounts AS a WHERE a.id = o.account_id);",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY \
                    KEY, account_id bigint);",
            sql: "ALTER TABLE orders ADD CONSTRAINT orders_account_fk FOREIGN KEY (account_id) REFERENCES \
                  accounts (id);",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0);" },
        Example { given: "", sql: "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;" },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0) NOT VALID;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, qty int);\nALTER TABLE t ADD CHECK (qty > 0);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n\
                    ALTER TABLE orders ADD CONSTRAINT note_there CHECK (note IS NOT NULL);",
            sql: "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for failure in seen.effects.failures.iter().filter(|failure| failure.sort == Fails::ExistingRows) {
        let span = script::at(seen.statement, failure.span);
        let mut hit = match offenders(seen, failure.span) {
            Some((table, what, condition)) => {
                let message = match failure.surely {
                    true => format!("this fails on the rows of \"{table}\": the deploy stops here"),
                    false => format!("this fails if a row of \"{table}\" {what}"),
                };
                let query = format!("SELECT count(*) FROM {} AS t WHERE {condition}", words::sql(&table));
                Hit::new(span, message).note(format!("this counts them: {query}")).on(&table)
            }
            None => Hit::new(span, failure.why.clone()),
        };
        if failure.surely {
            hit = hit.severity(Severity::Breaks);
        }
        hits.push(hit);
    }
}

/// The table, what a row of it must not do, and the condition that finds such rows (of `t`).
fn offenders(seen: &Seen<'_>, span: Span) -> Option<(Name, String, String)> {
    let Said::AlterTable { table, .. } = &seen.statement.said else { return None };
    let (what, condition) = match script::action(seen.statement, span)? {
        Action::AddConstraint(constraint) => match &constraint.kind {
            ConstraintKind::Check(expr) => check_fails(&expr.text),
            ConstraintKind::Foreign(foreign) => {
                dangles(seen, &foreign.columns, &foreign.table, Some(&foreign.to))?
            }
            ConstraintKind::NotNull { column: Some(column) } => is_null(column),
            _ => return None,
        },
        Action::SetNotNull { column } => is_null(column),
        Action::AddColumn { column, .. } => {
            let check = column.find(|kind| match kind {
                ConstraintKind::Check(expr) => Some(expr.text.as_str()),
                _ => None,
            });
            let text = check?;
            (format!("breaks CHECK ({})", words::shortened(bare(text))), "true".to_owned())
        }
        Action::ValidateConstraint { name } => {
            let constraint = seen.before.relation(table)?.constraint(name)?;
            match constraint.kind {
                schema::Kind::Check => check_fails(constraint.text.as_deref()?),
                schema::Kind::NotNull => is_null(constraint.columns.first()?),
                schema::Kind::Foreign => dangles(seen, &constraint.columns, constraint.to.as_ref()?, None)?,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some((table.clone(), what, condition))
}

/// An expression without the parentheses around it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    // `(a) OR (b)` has none around it.
    let mut depth = 0_i32;
    let whole = |inner: &&str| {
        inner.chars().all(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth >= 0
        })
    };
    inner.filter(whole).unwrap_or(text)
}

fn check_fails(text: &str) -> (String, String) {
    let text = bare(text);
    (format!("breaks CHECK ({})", words::shortened(text)), format!("NOT ({text})"))
}

fn is_null(column: &str) -> (String, String) {
    (format!("has no \"{column}\""), format!("{} IS NULL", words::ident(column)))
}

/// Rows that point to none. The columns pointed to are looked up if they are not said.
fn dangles(
    seen: &Seen<'_>,
    columns: &[String],
    to: &Name,
    said: Option<&[String]>,
) -> Option<(String, String)> {
    let keys: Vec<String> = match said {
        Some(said) if !said.is_empty() => said.to_vec(),
        _ => vec![rows::key_column(seen, to)?.to_owned()],
    };
    if keys.len() != columns.len() || columns.is_empty() {
        return None;
    }
    let there: Vec<String> =
        columns.iter().map(|own| format!("t.{} IS NOT NULL", words::ident(own))).collect();
    let pairs = keys.iter().zip(columns);
    let equal: Vec<String> =
        pairs.map(|(key, own)| format!("r.{} = t.{}", words::ident(key), words::ident(own))).collect();
    let condition = format!(
        "{} AND NOT EXISTS (SELECT FROM {} AS r WHERE {})",
        there.join(" AND "),
        words::sql(to),
        equal.join(" AND ")
    );
    Some((format!("points to none of \"{to}\""), condition))
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn only_parentheses_around_it_are_taken_off() {
        for (text, expected) in [("(a > 0)", "a > 0"), ("(a) OR (b)", "(a) OR (b)"), ("a > 0", "a > 0")] {
            assert_eq!(bare(text), expected);
        }
    }
}
