//! Paths and estimates.
#![allow(clippy::unwrap_used)]

use super::{Gathered, Server, schemas, told};
use crate::engine::columns::Row;
use crate::schema::Schema;
use crate::sql::statement::Name;

fn row(cells: &str) -> Row {
    cells.split(' ').map(|cell| Some(cell.to_owned()).filter(|cell| cell != "-")).collect()
}

#[test]
fn rows_and_traffic_are_estimated_and_added_up() {
    let server = Server { seconds: Some(100.0), page: 8192 };
    let mut gathered = Gathered::new(Schema::default());
    // Oid, name, partition of 1 or not; rows and pages when last counted, live rows, read, written.
    let table = |oid: u32, kind: &str, parent: &str, numbers: &str| {
        let (part, parent) =
            if parent.is_empty() { ("f", "-".to_owned()) } else { ("t", format!("[\"{parent}\"]")) };
        let mut numbers = numbers.split(' ');
        let then = format!("{} {}", numbers.next().unwrap(), numbers.next().unwrap());
        let now: Vec<&str> = numbers.collect();
        row(&format!("{oid} public t{oid} {kind} p {part} {parent} f f - - {then} - {}", now.join(" ")))
    };
    gathered.relations(vec![
        table(1, "p", "", "-1 0 0 0 0"),
        table(2, "r", "1", "1000 10 900 5000 100"),
        table(3, "r", "1", "0 0 40 1 1"),
        table(4, "r", "", "-1 0 3 0 0"),
        table(5, "r", "", "-1 0 500 0 0"),
        table(6, "r", "", "1000 10 5000 0 0"),
        table(7, "r", "", "1000 10 0 0 0"),
    ]);
    let size = |oid: u32, pages: u64| row(&format!("{oid} {} {}", pages * 8192, pages * 9000));
    let sizes = vec![size(2, 20), size(3, 0), size(4, 50), size(5, 50), size(6, 20)];
    let schema = gathered.finish(sizes, &server);
    let own = |oid: u32| schema.relation(&Name::new(format!("t{oid}"))).unwrap();
    // Twice the pages, twice the rows; an empty file is empty; more pages than rows is a stranger.
    assert_eq!(
        [2, 3, 4, 5, 6, 7].map(|oid| own(oid).rows),
        [Some(2000), Some(0), None, Some(500), Some(5000), Some(1000)]
    );
    assert_eq!((own(2).reads_per_second, own(2).writes_per_second), (Some(50.0), Some(1.0)));
    assert_eq!((own(1).rows, own(1).bytes), (Some(2000), Some(180_000)));
    assert_eq!((own(1).reads_per_second, own(1).writes_per_second), (Some(50.01), Some(1.01)));
    assert_eq!(own(7).bytes, Some(81_920));
}

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
