//! Whatever is read, nothing panics.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::sql::mysql::statement::{read, script};
use crate::sql::statement::{Origin, Said};
use proptest::prelude::*;

/// Words from which statements are made, and some that spoil them.
const SOUP: &[&str] = &[
    "ALTER",
    "TABLE",
    "t",
    "ADD",
    "COLUMN",
    "c",
    "int",
    "(",
    ")",
    ",",
    ";",
    "DROP",
    "INDEX",
    "CREATE",
    "UNIQUE",
    "PRIMARY KEY",
    "FOREIGN KEY",
    "REFERENCES",
    "CHECK",
    "DEFAULT",
    "'x'",
    "`q`",
    "\"",
    "'",
    "1",
    "1e",
    "-",
    "--x",
    "/*!40101",
    "*/",
    "/*",
    "#",
    "\n",
    "SELECT",
    "FROM",
    "WHERE",
    "UPDATE",
    "SET",
    "DELETE",
    "INSERT INTO",
    "VALUES",
    "BEGIN",
    "END",
    "IF",
    "THEN",
    "PROCEDURE",
    "p",
    "DECLARE",
    "HANDLER",
    "FOR",
    "PARTITION",
    "BY",
    "RENAME",
    "TO",
    "MODIFY",
    "CHANGE",
    "AFTER",
    "FIRST",
    "NOT",
    "NULL",
    "AS",
    "STORED",
    "ENGINE",
    "=",
    "@",
    "@@",
    ".",
    "é",
    "EXECUTE",
    "IMMEDIATE",
    "PREPARE",
    "WITH",
    "JOIN",
    "ON",
    "DELIMITER //",
    "//",
    "\\",
    "USE",
    "GRANT",
    "LOCK",
    "ALGORITHM",
];

proptest! {
    #[test]
    fn no_soup_of_words_makes_it_panic(
        words in proptest::collection::vec(proptest::sample::select(SOUP), 0..60)
    ) {
        let text = words.join(" ");
        check(&text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        check(&text);
    }
}

/// Reads a text both ways; spans are inside their texts, on whole letters.
fn check(text: &str) {
    let mut all = vec![read(text, Origin::default())];
    all.extend(script("a.sql", text).0);
    while let Some(one) = all.pop() {
        assert!(one.text.get(one.span.start..one.span.end).is_some());
        if let Said::AlterTable { actions, .. } = &one.said {
            for (action, span) in actions {
                assert!(one.text.get(span.start..span.end).is_some(), "{action:?} {span:?} {:?}", one.text);
            }
        }
        if let Some(offset) = one.origin.offset.filter(|_| one.origin.file == "a.sql") {
            assert_eq!(text.get(offset..offset + one.text.len()), Some(one.text.as_str()));
        }
        all.extend(one.body);
    }
}
