//! Something moves to another schema.

use super::around;
use super::words::{ident, sql};
use crate::lint::effect::{Broken, How};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object};

pub(super) static RULE: Rule = Rule {
    code: "PA05",
    name: "set-schema",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A table, view, function or type moves to another schema",
    reason: "Running code that names it with its schema fails, and so does code that names it without, \
             unless the new schema is in the search path of its session. Roles also need USAGE on the new \
             schema.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment; nothing is read or rewritten.",
    recipe: "Keep the old name as a view, with the same privileges, in the same transaction, and drop it \
             when nothing uses it any more.\n
    ALTER TABLE public.orders SET SCHEMA sales;
    CREATE VIEW public.orders AS SELECT * FROM sales.orders;
    GRANT SELECT, INSERT, UPDATE, DELETE ON public.orders TO app;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders SET SCHEMA archive;" },
        Example { given: "", sql: "ALTER FUNCTION total(bigint) SET SCHEMA util;" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE public.orders (id int); GRANT SELECT ON public.orders TO app;",
            sql: "BEGIN; ALTER TABLE public.orders SET SCHEMA sales; CREATE VIEW public.orders AS SELECT id \
                  FROM sales.orders; GRANT SELECT ON public.orders TO app; COMMIT;",
        },
        Example { given: "", sql: "CREATE TABLE t (id int); ALTER TABLE t SET SCHEMA archive;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        if let How::Moved { to } = &broken.how {
            hits.extend(moved(seen, broken, to));
        }
    }
}

fn moved(seen: &Seen<'_>, broken: &Broken, to: &str) -> Option<Hit> {
    let (what, on) = (broken.object.word(), &broken.on);
    let key = seen.before.key(on);
    let mut hit = Hit::new(
        broken.span,
        format!(
            "the {what} {on} is in the schema {to} from now on: running code that looks for it here fails"
        ),
    );
    if matches!(broken.object, Object::Table | Object::ForeignTable) {
        hit = hit.on(on);
    }
    let Some(stand_in) = around::stand_in(seen, &key) else {
        return Some(alone(hit, broken.object, on, &key, to));
    };
    let is_table = matches!(broken.object, Object::Table | Object::ForeignTable);
    // Another table in its place is a swap, which has a rule of its own.
    if is_table && !stand_in.is_view() {
        return None;
    }
    if !is_table && !matches!(broken.object, Object::View | Object::MaterializedView) {
        return (!stand_in.at_once).then(|| {
            hit.severity(Severity::Advice).note("what takes its place comes in another transaction")
        });
    }
    let (severity, note) = stand_in.trouble(&key)?;
    Some(hit.note(note).severity(severity))
}

/// Nothing takes its place.
fn alone(hit: Hit, object: Object, on: &Name, key: &Name, to: &str) -> Hit {
    let hit = hit.note(format!(
        "code that names it without a schema goes on if its search_path holds {to} and its role has USAGE on \
         that"
    ));
    match object {
        Object::Type | Object::Domain => {
            hit.severity(Severity::Advice).note("columns follow; casts in queries and functions do not")
        }
        Object::Table | Object::View => {
            let word = if object == Object::Table { "TABLE" } else { "VIEW" };
            hit.instead(format!(
                "ALTER {word} {old} SET SCHEMA {schema};\nCREATE VIEW {key} AS SELECT * FROM {new};\n\
                 GRANT SELECT, INSERT, UPDATE, DELETE ON {key} TO app;  -- to the roles that use it",
                old = sql(on),
                key = sql(key),
                schema = ident(to),
                new = sql(&Name::within(to, &on.name)),
            ))
        }
        _ => hit,
    }
}
