//! CASCADE drops more than the script names.

use super::words::list;
use super::{around, words};
use crate::lint::effect::{Loss, Lost};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PD04",
    name: "drop-cascade-reaches-columns",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "CASCADE drops columns, defaults, views and keys that the script does not name",
    reason: "DROP TYPE, DOMAIN or EXTENSION with CASCADE drops every table column of the type, with its \
             values; DROP SEQUENCE the defaults that count with it; DROP FUNCTION the triggers, defaults, \
             indexes and policies that call it; DROP TABLE the views over it and the foreign keys that point \
             to it. The server tells in a notice, after the fact.",
    lock: "ACCESS EXCLUSIVE on every table that is reached, for a moment.",
    recipe:
        "Leave CASCADE out: the server then refuses and lists what depends on it. Drop or change each of \
         these by name.\n
    ALTER TABLE orders ALTER COLUMN state TYPE text USING state::text;
    DROP TYPE order_state;",
    bad: &[
        Example { given: "", sql: "DROP TYPE order_state CASCADE;" },
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a; CREATE VIEW w AS SELECT id \
                    FROM v;",
            sql: "BEGIN; DROP VIEW v CASCADE; CREATE VIEW v AS SELECT id FROM a; COMMIT;",
        },
        Example { given: "", sql: "DROP FUNCTION touch() CASCADE;" },
    ],
    good: &[
        Example { given: "", sql: "DROP TYPE order_state;" },
        Example { given: "", sql: "CREATE TYPE s AS ENUM ('a'); DROP TYPE s CASCADE;" },
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a; CREATE VIEW w AS SELECT id \
                    FROM v;",
            sql: "BEGIN; DROP VIEW v CASCADE; CREATE VIEW v AS SELECT id FROM a; CREATE VIEW w AS SELECT id \
                  FROM v; COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if matches!(
        seen.statement.said,
        Said::Drop { object: Object::Schema | Object::Database, .. } | Said::Truncate { .. }
    ) {
        return;
    }
    for lost in seen.effects.lost.iter().filter(|lost| lost.what == Loss::Dependants) {
        hits.extend(reached(seen, lost));
    }
}

fn reached(seen: &Seen<'_>, lost: &Lost) -> Option<Hit> {
    if lost.object == Object::Other {
        let message = "everything that the role owns in this database is dropped, and its privileges are \
                       taken away";
        return Some(Hit::new(lost.span, message).note("REASSIGN OWNED gives it to another role instead"));
    }
    let (what, on) = (lost.object.word(), &lost.on);
    let name = match &lost.part {
        Some(part) => format!("{on}.{part}"),
        None => on.to_string(),
    };
    let (known, dependants) = dependants(seen, lost);
    let gone: Vec<&String> = dependants
        .iter()
        .filter(|(key, _)| key.as_ref().is_none_or(|key| around::made_again(seen, key).is_none()))
        .map(|(_, word)| word)
        .collect();
    if !gone.is_empty() {
        let message = format!("CASCADE drops more than the {what} {name}: {}", list(&gone));
        return Some(
            Hit::new(lost.span, message)
                .note("drop or change them by name, so that the script says what goes"),
        );
    }
    if known && (seen.before.schema.complete || !dependants.is_empty()) {
        return None;
    }
    let hit = Hit::new(lost.span, format!("CASCADE drops whatever depends on the {what} {name}, unseen"))
        .note(
            "the target's catalogue would tell what that is; without CASCADE the server refuses and lists \
             it",
        );
    // Of what the project made itself, it would know the dependants.
    Some(if known { hit.severity(Severity::Advice) } else { hit })
}

/// What is known to depend on it, in words, with the key of what is a relation; and whether the thing itself
/// is known.
fn dependants(seen: &Seen<'_>, lost: &Lost) -> (bool, Vec<(Option<Name>, String)>) {
    let schema = &seen.before.schema;
    let key = seen.before.key(&lost.on);
    let mut found: Vec<(Option<Name>, String)> = Vec::new();
    let dropped = match &seen.statement.said {
        Said::Drop { names, .. } => names.iter().map(|name| seen.before.key(name)).collect(),
        _ => Vec::new(),
    };
    if let Some(part) = &lost.part {
        let known = schema.relation(&lost.on).is_some_and(|own| own.columns_known);
        let users = if lost.object == Object::Column {
            around::users(seen, &lost.on, part).0
        } else {
            // A key takes the foreign keys with it that point to it.
            let keys = schema.referencing(&lost.on).filter(|(child, _)| **child != key);
            keys.map(|(child, own)| {
                (None, format!("the foreign key {} of {}", own.name, words::shown(seen, child)))
            })
            .collect()
        };
        return (known, users);
    }
    match lost.object {
        Object::Table | Object::View | Object::MaterializedView | Object::ForeignTable => {
            let mut waiting = vec![key.clone()];
            while let Some(next) = waiting.pop() {
                for (view, relation) in schema.relations.iter().filter(|(_, own)| own.reads.contains(&next)) {
                    let known = found.iter().any(|(key, _)| key.as_ref() == Some(view));
                    if !known && !dropped.contains(view) {
                        found.push((
                            Some(view.clone()),
                            format!("the {} {}", relation.object.word(), words::shown(seen, view)),
                        ));
                        waiting.push(view.clone());
                    }
                }
            }
            for (child, constraint) in schema.referencing(&lost.on).filter(|(child, _)| **child != key) {
                if !dropped.contains(child) {
                    found.push((
                        None,
                        format!("the foreign key {} of {}", constraint.name, words::shown(seen, child)),
                    ));
                }
            }
            (schema.relation(&lost.on).is_some(), found)
        }
        Object::Type | Object::Domain => {
            for (table, relation) in &schema.relations {
                let of_type = |column: &&crate::schema::Column| {
                    column.ty.as_ref().is_some_and(|ty| {
                        ty.name == lost.on.name
                            && (ty.schema.is_none()
                                || lost.on.schema.is_none()
                                || ty.schema == lost.on.schema)
                    })
                };
                let columns = relation.columns.iter().filter(of_type);
                found.extend(columns.map(|column| {
                    (None, format!("the column {}.{}", words::shown(seen, table), column.name))
                }));
            }
            let known =
                schema.resolve(&schema.types, &lost.on).or_else(|| schema.resolve(&schema.domains, &lost.on));
            (known.is_some(), found)
        }
        _ => (false, found),
    }
}
