//! The texts of new scripts, equal to those Sqitch installs.
//!
//! Knows: one text per engine and kind. Must never know: which of them is wanted.

const DEPLOY_HEAD: &str = "\
-- Deploy [% project %]:[% change %] to [% engine %]
[% FOREACH item IN requires -%]
-- requires: [% item %]
[% END -%]
[% FOREACH item IN conflicts -%]
-- conflicts: [% item %]
[% END -%]
";

const REVERT_HEAD: &str = "-- Revert [% project %]:[% change %] from [% engine %]\n";
const VERIFY_HEAD: &str = "-- Verify [% project %]:[% change %] on [% engine %]\n";
const DDL: &str = "-- XXX Add DDLs here.\n";
const VERIFICATIONS: &str = "-- XXX Add verifications here.\n";

/// The template of a deploy script.
#[must_use]
pub fn deploy_template(engine: &str) -> String {
    format!("{DEPLOY_HEAD}{}", frame(engine, DDL, "COMMIT;"))
}

/// The template of a revert script.
#[must_use]
pub fn revert_template(engine: &str) -> String {
    format!("{REVERT_HEAD}{}", frame(engine, DDL, "COMMIT;"))
}

/// The template of a verify script.
#[must_use]
pub fn verify_template(engine: &str) -> String {
    format!("{VERIFY_HEAD}{}", frame(engine, VERIFICATIONS, "ROLLBACK;"))
}

/// The body between what opens and what ends a script on this engine.
fn frame(engine: &str, body: &str, ending: &str) -> String {
    match engine {
        "oracle" | "vertica" => format!("\n{body}"),
        "exasol" | "firebird" => format!("\n{body}\n{ending}\n"),
        "snowflake" => format!("\nUSE WAREHOUSE &warehouse;\n\n{body}"),
        _ => format!("\nBEGIN;\n\n{body}\n{ending}\n"),
    }
}
