//! A verify script that asks for something that is not there after the deploy script.

use super::names::is_catalogue;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::schema::Relation;
use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use crate::sql::statement::{Name, Reads, Said, Statement};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH17",
        name: "verify-contradicts-deploy",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "A verify script names a table or column that is not there after the deploy script",
        reason: "The verify script runs right after the deploy script. If it asks for what is not there, it \
                 fails, and the change that did what it should is taken back: the deployment stops in \
                 production because of a typing error in its check.",
        lock: "",
        recipe: "Let it name what the deploy script leaves. To check that something is gone, ask the \
                 catalogue. On PostgreSQL:\n\n    \
                 SELECT 1 / (1 - count(*)) FROM information_schema.columns\n    \
                 WHERE table_name = 'orders' AND column_name = 'note';",
        bad: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                      verify/orders.sql\nSELECT id, notes FROM orders WHERE 0;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      deploy/rename.sql\nALTER TABLE orders RENAME TO purchases;\n-- \
                      verify/rename.sql\nSELECT id FROM orders WHERE 0;",
            },
        ],
        good: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                      verify/orders.sql\nSELECT rowid, id, \"note\", o.note, count(*) FROM orders AS o WHERE \
                      0;\nSELECT a FROM elsewhere WHERE 0;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      deploy/drop.sql\nDROP TABLE orders;\n\
                      -- verify/drop.sql\nSELECT count(*) FROM sqlite_master WHERE name = 'orders';",
            },
        ],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let Some(verify) = &seen.change.verify else { return Vec::new() };
    // A script that makes something of its own may well name it.
    let makes = |statement: &Statement| match &statement.said {
        Said::CreateTable(_) | Said::CreateView { .. } | Said::Opaque { .. } => true,
        Said::Dynamic | Said::Set { .. } => true,
        Said::Read(reads) => reads.into.is_some(),
        _ => false,
    };
    let mut hits = Vec::new();
    for statement in verify.statements.iter().take_while(|statement| !makes(statement)) {
        let (Said::Read(reads) | Said::Write(_, reads)) = &statement.said else { continue };
        let missing = reads.relations.iter().find(|name| is_gone(seen, name));
        let hit = match missing {
            Some(name) => Some(format!("this fails: there is no {name} after the deploy script")),
            None => lacking(seen, statement, reads),
        };
        hits.extend(hit.map(|message| {
            let place = verify.place(statement, statement.span);
            PlanHit::new(place, message).note("the change would be taken back although it worked")
        }));
    }
    hits
}

/// Whether it is certain that a relation is not there.
fn is_gone(seen: &ChangeSeen<'_>, name: &Name) -> bool {
    if is_catalogue(name) || seen.after.relation_key(name).is_some() {
        return false;
    }
    seen.after.complete || seen.gone.contains(&seen.after.key(name))
}

/// The first column that a query names and its only table does not have.
fn lacking(seen: &ChangeSeen<'_>, statement: &Statement, reads: &Reads) -> Option<String> {
    // What nobody could look into may have added columns.
    let [only] = reads.relations.as_slice() else { return None };
    if seen.dark {
        return None;
    }
    let relation = seen.after.relation(only).filter(|relation| relation.columns_known)?;
    let list: Vec<Token<'_>> =
        tokens(&statement.text, seen.plan.dialect).filter(|token| token.kind != TokenKind::Comment).collect();
    let [select, rest @ ..] = list.as_slice() else { return None };
    let end = rest.iter().position(|token| token.is("FROM"))?;
    if !select.is("SELECT") || rest.get(end + 1..)?.iter().any(|token| token.is("SELECT")) {
        return None;
    }
    let columns = rest.get(..end)?.split(|token| token.text == ",").filter_map(column);
    let missing = columns.into_iter().find(|name| !has(relation, name, seen.plan.dialect))?;
    Some(format!("this fails: {only} has no column {missing} after the deploy script"))
}

/// Words of a select list that are no columns.
const CONSTANTS: [&str; 8] =
    ["TRUE", "FALSE", "NULL", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "USER"];

/// The column that an item of a select list is, if it is nothing else.
fn column<'a>(item: &[Token<'a>]) -> Option<&'a str> {
    let name = match item {
        [name] => name,
        [_, dot, name] if dot.text == "." => name,
        [name, word, _] if word.is("AS") => name,
        _ => return None,
    };
    let constant = CONSTANTS.iter().any(|word| name.is(word));
    let named = matches!(name.kind, TokenKind::Word | TokenKind::Quoted) && !constant;
    named.then(|| name.text.trim_matches(['"', '`', '[', ']']))
}

fn has(relation: &Relation, name: &str, dialect: Dialect) -> bool {
    let system: &[&str] = match dialect {
        Dialect::Sqlite => &["rowid", "oid", "_rowid_"],
        Dialect::Postgres => &["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"],
        Dialect::Mysql => &["_rowid"],
    };
    system.iter().any(|own| name.eq_ignore_ascii_case(own))
        || relation.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
}
