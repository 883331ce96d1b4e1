//! No change without a way back: a revert script that does something, a revert that says why it
//! does nothing, or a complete recovery document.

use super::recovery;
use crate::sql::directive::Directives;
use crate::sql::{Dialect, effect};

/// The texts that a way back can be found in.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// The revert script, if there is a file.
    pub revert: Option<&'a str>,
    /// The directives of the revert script.
    pub directives: &'a Directives,
    /// The recovery document, if there is a file.
    pub recovery: Option<&'a str>,
}

/// How a change can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WayBack {
    /// The revert script does something.
    Script,
    /// The revert script says that nothing has to be done.
    Nothing,
    /// The recovery document is complete.
    Document,
}

/// Finds the way back, or says what is missing.
///
/// # Errors
/// The text says, for one change, why neither revert script nor document is enough.
pub fn judge(texts: Texts<'_>, dialect: Dialect) -> Result<WayBack, String> {
    if texts.directives.revert_nothing.is_some() {
        return Ok(WayBack::Nothing);
    }
    if texts.revert.is_some_and(|revert| effect::does_something(revert, dialect)) {
        return Ok(WayBack::Script);
    }
    let script =
        if texts.revert.is_some() { "its revert script does nothing" } else { "it has no revert script" };
    match texts.recovery.map(recovery::missing) {
        None => Err(format!("{script}, and it has no recovery document")),
        Some(lacks) if lacks.is_empty() => Ok(WayBack::Document),
        Some(lacks) => Err(format!("{script}, and its recovery document lacks {}", lacks.join("; "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(revert: Option<&str>, recovery: Option<&str>) -> Result<WayBack, String> {
        let (directives, errors) =
            crate::sql::directive::read("r", revert.unwrap_or_default(), Dialect::Sqlite);
        assert!(errors.is_empty());
        judge(Texts { revert, directives: &directives, recovery }, Dialect::Sqlite)
    }

    #[test]
    fn a_script_that_does_something_is_a_way_back() {
        assert_eq!(judged(Some("BEGIN; DROP TABLE a; COMMIT;"), None), Ok(WayBack::Script));
    }

    #[test]
    fn an_empty_script_is_none() {
        assert!(judged(Some("BEGIN;\n-- XXX Add DDLs here.\nCOMMIT;"), None).is_err());
        assert!(judged(None, None).is_err());
        assert!(judged(Some("SELECT 1;"), Some(&recovery::template("a"))).is_err());
    }

    #[test]
    fn a_reason_is_a_way_back() {
        assert_eq!(
            judged(Some("-- change: revert=nothing because \"comments only\""), None),
            Ok(WayBack::Nothing)
        );
    }
}
