//! Paths and estimates.
#![allow(clippy::unwrap_used)]

use super::{schemas, told};
use crate::schema::Schema;

#[test]
fn a_search_path_is_taken_apart() {
    for (path, user, expected) in [
        ("\"$user\", public", None, &["public"][..]),
        ("\"$user\", public", Some("ann"), &["ann", "public"]),
        ("App, \"Odd, \"\"one\", pg_catalog", None, &["app", "Odd, \"one"]),
        ("", None, &[]),
        ("\"", None, &[]),
    ] {
        assert_eq!(schemas(path, user), expected, "{path}");
    }
}

#[test]
fn the_path_is_kept_only_if_it_is_not_the_usual_one() {
    let usual = "\"$user\", public";
    let path = |path: &str, has_own: &str| {
        let cells = ["150018", "UTC", path, usual, "ann", has_own, "8192", "3600.5"];
        let mut schema = Schema::default();
        let server = told(&mut schema, vec![cells.map(|cell| Some(cell.to_owned())).to_vec()]);
        assert_eq!((schema.version, server.page, server.seconds), (Some((15, 18)), 8192, Some(3600.5)));
        schema.path
    };
    assert!(path(usual, "f").is_empty());
    assert_eq!(path(usual, "t"), ["ann", "public"]);
    assert_eq!(path("app, public", "f"), ["app", "public"]);
    assert!(told(&mut Schema::default(), Vec::new()).seconds.is_none());
}
