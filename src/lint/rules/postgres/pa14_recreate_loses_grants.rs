//! Something is dropped and made again, without its privileges.

use super::around::{self, Grants};
use super::words::{list, sql};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PA14",
    name: "recreate-loses-grants",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "DROP and CREATE of a view, function or table loses its privileges",
    reason: "What is made again belongs to the one who makes it, and nobody else may use it: the \
             application's role gets \"permission denied\". Comments, policies, triggers and the indexes of \
             a materialized view go the same way. Of functions everybody may call the new one, so there it \
             is the opposite that surprises: what was taken from PUBLIC is back.",
    lock: "ACCESS EXCLUSIVE on what is dropped, for a moment.",
    recipe: "CREATE OR REPLACE keeps the privileges; where it is refused, grant them again in the same \
             transaction.\n
    DROP VIEW active_accounts;
    CREATE VIEW active_accounts AS SELECT id, email FROM accounts WHERE is_active;
    GRANT SELECT ON active_accounts TO app;",
    bad: &[
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a; GRANT SELECT ON v TO app;",
            sql: "BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT id FROM a; COMMIT;",
        },
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a; GRANT SELECT ON v TO app, \
                    report;",
            sql: "BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT id FROM a; GRANT SELECT ON v TO app; COMMIT;",
        },
        Example { given: "", sql: "DROP VIEW v; CREATE VIEW v AS SELECT id FROM a;" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a; GRANT SELECT ON v TO app;",
            sql: "BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT id FROM a; GRANT SELECT ON v TO app; COMMIT;",
        },
        Example {
            given: "CREATE TABLE a (id int); CREATE VIEW v AS SELECT id FROM a; GRANT SELECT ON v TO app;",
            sql: "CREATE OR REPLACE VIEW v AS SELECT id FROM a WHERE id > 0;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Drop { object, names, .. } = &seen.statement.said else { return };
    for name in names {
        let new = match object {
            Object::Function | Object::Procedure => seen.before.bore(name),
            Object::View | Object::MaterializedView | Object::Table => !seen.before.is_old(name),
            _ => return,
        };
        let key = seen.before.key(name);
        if let (false, Some((by, _))) = (new, around::made_again(seen, &key)) {
            hits.extend(again(seen, *object, name, by));
        }
    }
}

fn again(seen: &Seen<'_>, object: Object, name: &Name, by: &Statement) -> Option<Hit> {
    let what = object.word();
    let key = seen.before.key(name);
    let later = around::later(seen);
    if matches!(object, Object::Function | Object::Procedure) {
        // Of functions only the text tells which are meant.
        let settled = later
            .iter()
            .any(|next| matches!(next.said, Said::Privileges { .. }) && next.text.contains(&name.name));
        let message = format!(
            "the {what} {name} is dropped and made again: privileges granted on it are lost, and PUBLIC may \
             call it"
        );
        return (!settled && matches!(by.said, Said::CreateFunction(_)))
            .then(|| Hit::new(seen.statement.span, message).severity(Severity::Advice));
    }
    // A table that is renamed into the place is a swap, which has a rule of its own.
    if !matches!(by.said, Said::CreateView { .. } | Said::CreateTable(_)) {
        return None;
    }
    let relation = seen.before.relation(name);
    let (severity, whom) = match around::grants(seen, relation, &key, &later) {
        Grants::Kept => return indexes_lost(seen, object, name, &later),
        Grants::Lacking(roles) => (Severity::Breaks, Some(roles)),
        // A table is reported with its rows already, and a project without grants has none to lose.
        Grants::Unsure { walked } if object == Object::Table || walked && !around::grants_at_all(seen) => {
            return None;
        }
        Grants::Unsure { walked } => (if walked { Severity::Advice } else { Severity::Breaks }, None),
    };
    let fails = match &whom {
        Some(roles) => format!("{} may not use it any more", list(roles)),
        None => "roles that were granted it may not use it any more".to_owned(),
    };
    let hit = Hit::new(
        seen.statement.span,
        format!("the {what} {name} is dropped and made again without its privileges: {fails}"),
    )
    .severity(severity);
    let hit = match whom {
        Some(roles) => hit.instead(format!(
            "GRANT SELECT ON {} TO {};  -- after the CREATE, with whatever else they had",
            sql(name),
            roles.join(", ")
        )),
        None => hit.note("harmless if the application owns it: the privileges in the catalogue would tell"),
    };
    Some(hit)
}

/// The privileges are given again; the indexes of a materialized view may be missing still.
fn indexes_lost(seen: &Seen<'_>, object: Object, name: &Name, later: &[&Statement]) -> Option<Hit> {
    let key = seen.before.key(name);
    let had = seen.before.relation(name).map_or(0, |relation| relation.indexes.len());
    let made = later.iter().filter(
        |next| matches!(&next.said, Said::CreateIndex { table, .. } if seen.before.key(table) == key),
    );
    (object == Object::MaterializedView && had > made.count()).then(|| {
        Hit::new(
            seen.statement.span,
            format!("the materialized view {name} is dropped and made again without all of its indexes"),
        )
        .severity(Severity::Advice)
    })
}
