//! Statements as they are read.

use super::*;
use crate::sql::statement::{Action, ConstraintKind, Key, Name, Object};

fn said(text: &str) -> Said {
    read(text, Origin::default()).said
}

fn actions(text: &str) -> Vec<Action> {
    match said(text) {
        Said::AlterTable { actions, .. } => actions.into_iter().map(|(action, _)| action).collect(),
        other => panic!("{text}: {other:?}"),
    }
}

/// The actions in short, so that a table of cases can be read.
fn short(text: &str) -> Vec<String> {
    actions(text).iter().map(one).collect()
}

fn one(action: &Action) -> String {
    let keys = |keys: &[Key]| {
        let key = |key: &Key| match key {
            Key::Column(name) => name.clone(),
            Key::Expression(text) => format!("({text})"),
        };
        keys.iter().map(key).collect::<Vec<_>>().join(",")
    };
    match action {
        Action::AddColumn { column, .. } => format!("add {}", describe(column)),
        Action::Modify { old, column } => format!("modify {old}: {}", describe(column)),
        Action::DropColumn { name, .. } => format!("drop column {name}"),
        Action::RenameColumn { name, to } => format!("rename column {name} {to}"),
        Action::RenameTo { to } => format!("rename {to}"),
        Action::AddIndex { name, keys: list, unique, special } => format!(
            "index {} {}{}{}",
            name.as_deref().unwrap_or("-"),
            keys(list),
            if *unique { " unique" } else { "" },
            special.map(|word| format!(" {word}")).unwrap_or_default()
        ),
        Action::DropIndex { name } => format!("drop index {name}"),
        Action::RenameIndex { name, to } => format!("rename index {name} {to}"),
        Action::IndexVisibility { name, visible } => format!("index {name} {visible}"),
        Action::AddConstraint(made) => format!(
            "constraint {} {}{}",
            made.name.as_deref().unwrap_or("-"),
            kind(&made.kind),
            if made.not_enforced { " not enforced" } else { "" }
        ),
        Action::SetDefault { column, expr } => format!("default {column} {}", expr.text),
        Action::TableOption { name, value } => format!("{name}={value}"),
        Action::Partitions { command } => command.clone(),
        other => format!("{other:?}"),
    }
}

fn describe(column: &crate::sql::statement::Column) -> String {
    let ty = column.ty.as_ref().map(|ty| {
        let more: String = ty.more.iter().map(|word| format!(" {word}")).collect();
        format!("{}{more}", ty.written())
    });
    let mut text = format!("{} {}", column.name, ty.unwrap_or_default());
    for made in &column.constraints {
        text.push_str(&format!(" | {}", kind(&made.kind)));
    }
    if let Some(collate) = &column.collate {
        text.push_str(&format!(" | collate {collate}"));
    }
    if column.placed { text + " | placed" } else { text }
}

fn kind(kind: &ConstraintKind) -> String {
    match kind {
        ConstraintKind::NotNull { .. } => "not null".to_owned(),
        ConstraintKind::Null => "null".to_owned(),
        ConstraintKind::Default(expr) => {
            format!("default {}{}", expr.text, if expr.literal { "" } else { " (computed)" })
        }
        ConstraintKind::Check(expr) => format!("check {}", expr.text),
        ConstraintKind::Unique { columns, .. } => format!("unique {}", columns.join(",")),
        ConstraintKind::PrimaryKey { columns, .. } => format!("primary {}", columns.join(",")),
        ConstraintKind::Foreign(foreign) => format!(
            "foreign {} -> {}({}){}",
            foreign.columns.join(","),
            foreign.table,
            foreign.to.join(","),
            if foreign.cascades { " cascade" } else { "" }
        ),
        ConstraintKind::Generated { expr, stored } => format!("as {} {stored}", expr.text),
        ConstraintKind::Identity { .. } => "counts".to_owned(),
        ConstraintKind::Exclude => "exclude".to_owned(),
    }
}

#[test]
fn actions_of_alter_table() {
    let cases: &[(&str, &[&str])] = &[
        ("ADD z int", &["add z int"]),
        (
            "ADD COLUMN IF NOT EXISTS `z` INT(11) UNSIGNED NOT NULL DEFAULT 0 AFTER `a`",
            &["add z int(11) unsigned | not null | default 0 | placed"],
        ),
        (
            "ADD (a int, b varchar(20) NOT NULL, INDEX ib (b))",
            &["add a int", "add b varchar(20) | not null", "index ib b"],
        ),
        (
            "ADD c varchar(5) CHARACTER SET latin1 COLLATE latin1_bin COMMENT 'a, (b' FIRST, ADD d date",
            &["add c varchar(5) charset latin1 | collate latin1_bin | placed", "add d date"],
        ),
        ("ADD e enum('n','it''s') DEFAULT 'n'", &["add e enum 'n' 'it's' | default 'n'"]),
        (
            "ADD ts timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), ADD f int",
            &["add ts timestamp(3) | null | default CURRENT_TIMESTAMP(3) (computed)", "add f int"],
        ),
        ("ADD u char(36) DEFAULT (uuid())", &["add u char(36) | default (uuid()) (computed)"]),
        ("ADD n decimal(10, 2) DEFAULT -1.5", &["add n decimal(10, 2) | default -1.5"]),
        ("ADD g int GENERATED ALWAYS AS (a + b) STORED NOT NULL", &["add g int | as a + b true | not null"]),
        ("ADD g int AS (a) VIRTUAL, ADD h int AS (a)", &["add g int | as a false", "add h int | as a false"]),
        ("ADD id bigint AUTO_INCREMENT PRIMARY KEY", &["add id bigint | counts | primary "]),
        ("ADD id serial", &["add id bigint unsigned | not null | counts | unique "]),
        (
            "ADD p int REFERENCES other.t (id) ON DELETE CASCADE ON UPDATE SET NULL",
            &["add p int | foreign  -> other.t(id) cascade"],
        ),
        (
            "ADD p int CHECK (p > 0), ADD CONSTRAINT c CHECK (p < 9) NOT ENFORCED",
            &["add p int | check p > 0", "constraint c check p < 9 not enforced"],
        ),
        ("ADD INDEX (a, b(10) DESC)", &["index - a,b"]),
        ("ADD UNIQUE KEY uk USING BTREE (a) COMMENT 'x'", &["index uk a unique"]),
        ("ADD CONSTRAINT uk UNIQUE (a)", &["index uk a unique"]),
        ("ADD FULLTEXT INDEX ft (a) WITH PARSER ngram", &["index ft a FULLTEXT"]),
        ("ADD SPATIAL (g)", &["index - g SPATIAL"]),
        ("ADD INDEX fx ((lower(a)))", &["index fx (lower(a))"]),
        ("ADD PRIMARY KEY (a, b)", &["constraint - primary a,b"]),
        ("ADD CONSTRAINT fk FOREIGN KEY ix (a) REFERENCES t (b)", &["constraint fk foreign a -> t(b)"]),
        ("MODIFY COLUMN a bigint NOT NULL", &["modify a: a bigint | not null"]),
        ("CHANGE a b varchar(10)", &["modify a: b varchar(10)"]),
        ("DROP a, DROP COLUMN IF EXISTS b", &["drop column a", "drop column b"]),
        (
            "DROP INDEX i, DROP KEY k, RENAME INDEX a TO b",
            &["drop index i", "drop index k", "rename index a b"],
        ),
        ("DROP PRIMARY KEY", &["DropPrimaryKey"]),
        ("DROP FOREIGN KEY fk", &["DropForeignKey { name: \"fk\" }"]),
        ("RENAME COLUMN a TO b", &["rename column a b"]),
        ("RENAME TO u", &["rename u"]),
        ("RENAME u", &["rename u"]),
        ("ALTER COLUMN a SET DEFAULT 'x'", &["default a 'x'"]),
        ("ALTER a DROP DEFAULT", &["DropDefault { column: \"a\" }"]),
        ("ALTER INDEX i INVISIBLE, ALTER INDEX j NOT IGNORED", &["index i false", "index j true"]),
        ("ALTER CHECK c NOT ENFORCED", &["AlterConstraint { name: \"c\" }"]),
        (
            "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            &["ConvertCharset { to: \"utf8mb4\" }", "collate=utf8mb4_bin"],
        ),
        ("DEFAULT CHARACTER SET = utf8mb4", &["charset=utf8mb4"]),
        (
            "ENGINE=InnoDB ROW_FORMAT=DYNAMIC, COMMENT 'x'",
            &["engine=innodb", "row_format=dynamic", "comment=x"],
        ),
        ("AUTO_INCREMENT = 100", &["auto_increment=100"]),
        ("FORCE", &["Rebuild"]),
        ("ORDER BY a, b", &["order by=a, b"]),
        ("ADD SYSTEM VERSIONING", &["system versioning=yes"]),
        ("DISABLE KEYS", &["keys=disable"]),
        ("PARTITION BY HASH (id) PARTITIONS 4", &["PARTITION BY HASH (ID) PARTITIONS 4"]),
        ("ADD c int PARTITION BY KEY (id)", &["add c int", "PARTITION BY KEY (ID)"]),
        ("DROP PARTITION p0, p1", &["DROP PARTITION P0, P1"]),
        ("ADD FOO BAR BAZ, DROP a", &["add FOO bar", "Other(\"BAZ\")", "drop column a"]),
    ];
    for (text, expected) in cases {
        assert_eq!(short(&format!("ALTER TABLE t {text}")), *expected, "{text}");
    }
}

#[test]
fn clauses_and_the_table_of_an_alter() {
    let text = "/*!50701 ALTER IGNORE */ TABLE `my db`.`my``t` ADD a int, ALGORITHM=INPLACE, LOCK = none";
    let Said::AlterTable { table, clauses, .. } = said(text) else { panic!() };
    assert_eq!(table, Name::within("my db", "my`t"));
    assert_eq!((clauses.algorithm.as_deref(), clauses.lock.as_deref()), (Some("INPLACE"), Some("NONE")));
    let Said::AlterTable { clauses, .. } = said("ALTER TABLE t WAIT 5 ADD a int") else { panic!() };
    assert!(clauses.wait);
    let text = "SET STATEMENT lock_wait_timeout=2 FOR ALTER TABLE t ADD a int, ALGORITHM=DEFAULT";
    let Said::AlterTable { clauses, actions, .. } = said(text) else { panic!() };
    assert!(clauses.wait && clauses.algorithm.is_none() && actions.len() == 1);
    // Spans are of the text as it stands there.
    let text = "ALTER TABLE t /* x */ ADD COLUMN é int, DROP b";
    let Said::AlterTable { actions, .. } = said(text) else { panic!() };
    let parts: Vec<&str> = actions.iter().map(|(_, span)| &text[span.start..span.end]).collect();
    assert_eq!(parts, ["ADD COLUMN é int", "DROP b"]);
}

#[test]
fn tables_are_read() {
    let text = "CREATE TABLE IF NOT EXISTS `a`.`orders` (
        `id` BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT,
        state ENUM('n','p') NOT NULL DEFAULT 'n' COMMENT 'a;b',
        name national varchar(20), total DOUBLE PRECISION, ok boolean,
        user_id INT, KEY k (state), UNIQUE KEY uk (name, state),
        PRIMARY KEY (`id`), FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='x' PARTITION BY HASH (id) PARTITIONS 4";
    let Said::CreateTable(create) = said(text) else { panic!() };
    assert_eq!(create.name, Name::within("a", "orders"));
    assert!(create.if_not_exists && create.partitioning.by && create.filled_from.is_none());
    let columns: Vec<String> = create.columns.iter().map(describe).collect();
    assert_eq!(
        columns,
        [
            "id bigint(20) unsigned | not null | counts",
            "state enum 'n' 'p' | not null | default 'n'",
            "name varchar(20) charset utf8mb3",
            "total double",
            "ok tinyint(1)",
            "user_id int"
        ]
    );
    let constraints: Vec<String> = create.constraints.iter().map(|made| kind(&made.kind)).collect();
    assert_eq!(constraints, ["unique name,state", "primary id", "foreign user_id -> users(id) cascade"]);
    let options: Vec<&str> = create.options.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(options, ["engine", "charset", "comment"]);
}

#[test]
fn tables_that_are_filled_or_copied() {
    let Said::CreateTable(create) = said("CREATE TABLE b AS SELECT * FROM a WHERE x") else { panic!() };
    assert_eq!(create.filled_from.unwrap().relations, [Name::new("a")]);
    let Said::CreateTable(create) = said("CREATE TABLE b (id int) ENGINE=MyISAM SELECT 1") else { panic!() };
    assert!(create.filled_from.is_some() && create.columns.len() == 1);
    for text in ["CREATE TABLE b LIKE c.a", "CREATE TABLE b (LIKE c.a)"] {
        let Said::CreateTable(create) = said(text) else { panic!() };
        assert_eq!(create.like, [Name::within("c", "a")], "{text}");
    }
    let Said::CreateTable(create) = said("CREATE TEMPORARY TABLE b (id int)") else { panic!() };
    assert!(create.temporary);
    let replaced = read("CREATE OR REPLACE TABLE b (id int)", Origin::default());
    assert!(matches!(&replaced.body[0].said, Said::Drop { object: Object::Table, if_exists: true, .. }));
}

#[test]
fn indexes_are_read() {
    let text =
        "CREATE UNIQUE INDEX i USING BTREE ON d.t (a, (b + 1)) COMMENT 'x' ALGORITHM=INPLACE LOCK=NONE";
    let Said::CreateIndex { name, table, keys, unique, clauses, .. } = said(text) else { panic!() };
    assert_eq!((name, table), (Some(Name::within("d", "i")), Name::within("d", "t")));
    assert_eq!(keys, [Key::Column("a".to_owned()), Key::Expression("b + 1".to_owned())]);
    assert!(unique && clauses.lock.as_deref() == Some("NONE"));
    assert_eq!(short("DROP INDEX `i` ON t LOCK=NONE"), ["drop index i"]);
    assert_eq!(short("DROP INDEX `PRIMARY` ON t"), ["DropPrimaryKey"]);
}
