//! What must not be kept or shown of a statement.

use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};

const HIDDEN: &str = "'***'";
/// What the name of a variable says that holds a secret.
const SECRET: [&str; 7] = ["pass", "pwd", "pw", "secret", "token", "key", "credential"];

/// A statement without passwords: neither the literal after the words that announce one nor the value
/// of a variable that is called after one.
pub(super) fn masked(text: &str, variables: &[(String, String)], dialect: Dialect) -> String {
    let mut shown = text.to_owned();
    for (name, value) in variables {
        let name = name.to_lowercase();
        if !value.is_empty() && SECRET.iter().any(|word| name.contains(word)) {
            // As a literal it may stand with its quotes doubled.
            shown = shown.replace(value.as_str(), "***").replace(&value.replace('\'', "''"), "***");
        }
    }
    let lower = shown.to_ascii_lowercase();
    let identifies = dialect == Dialect::Mysql && lower.contains("identified");
    if !lower.contains("password") && !identifies {
        return shown;
    }
    let announces = |token: &Token<'_>| token.is("PASSWORD");
    let mut masked = String::with_capacity(shown.len());
    let (mut from, mut after_word, mut identified) = (0, false, false);
    for token in tokens(&shown, dialect).filter(|token| token.kind != TokenKind::Comment) {
        if after_word && token.kind == TokenKind::Text {
            masked.push_str(shown.get(from..token.start).unwrap_or_default());
            masked.push_str(HIDDEN);
            from = token.end();
        }
        // BY, AS, USING, or what was meant to be one of them.
        identified |= identifies && token.is("IDENTIFIED");
        let between = dialect == Dialect::Mysql && matches!(token.text, "(" | "=");
        after_word = identified || announces(&token) || (after_word && between);
    }
    masked.push_str(shown.get(from..).unwrap_or_default());
    masked
}

#[cfg(test)]
mod tests {
    use super::masked;
    use crate::sql::Dialect;

    #[test]
    fn a_password_is_hidden_however_it_came_there() {
        let variables =
            [("app_pw".to_owned(), "Top'Secret".to_owned()), ("schema".to_owned(), "app".to_owned())];
        let of = |text: &str| masked(text, &variables, Dialect::Postgres);
        assert_eq!(
            of("ALTER ROLE a PASSWORD 'x''y' VALID UNTIL 'z'"),
            "ALTER ROLE a PASSWORD '***' VALID UNTIL 'z'"
        );
        assert_eq!(of("ALTER ROLE a password /* */ E'x'"), "ALTER ROLE a password /* */ '***'");
        assert_eq!(of("SELECT f('Top''Secret', 'app')"), "SELECT f('***', 'app')");
        assert_eq!(of("SELECT 'Top''Secret' PASSWORD $$x$$"), "SELECT '***' PASSWORD '***'");
        assert_eq!(
            of("CREATE INDEX CONCURRENTLY i ON app.t (x)"),
            "CREATE INDEX CONCURRENTLY i ON app.t (x)"
        );
    }

    #[test]
    fn mysql_announces_passwords_in_more_ways() {
        let of = |text: &str| masked(text, &[], Dialect::Mysql);
        assert_eq!(
            of("CREATE USER a IDENTIFIED BY 'x' REQUIRE SSL"),
            "CREATE USER a IDENTIFIED BY '***' REQUIRE SSL"
        );
        assert_eq!(of("SET PASSWORD FOR a = PASSWORD('x')"), "SET PASSWORD FOR a = PASSWORD('***')");
        assert_eq!(
            of("GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD \"*F\""),
            "GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD '***'"
        );
    }
}
