//! What the template dialect makes of variables, conditions and loops.

use super::*;
use proptest::prelude::*;

fn vars() -> IndexMap<String, Value> {
    let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
    IndexMap::from([
        ("change".to_owned(), Value::from("widgets")),
        ("conflicts".to_owned(), list(&[])),
        ("empty".to_owned(), Value::from("")),
        ("engine".to_owned(), Value::from("pg")),
        ("k".to_owned(), Value::from("one")),
        ("multi".to_owned(), list(&["a", "b"])),
        ("project".to_owned(), Value::from("acme")),
        ("requires".to_owned(), list(&["users", "other:x"])),
        ("tricky".to_owned(), Value::from("[% change %]")),
        ("zero".to_owned(), Value::from("0")),
    ])
}

#[test]
fn tags_without_their_partner_are_text() {
    for (template, output) in [
        ("[% IF x %]a", "[% IF x %]a"),
        ("\n[%- IF x -%]\nunclosed", "\n[%- IF x -%]\nunclosed"),
        ("a[% END %]b", "a[% END %]b"),
        ("\n[%- END -%]\nx", "\n[%- END -%]\nx"),
        ("[% ELSE %]", "[% ELSE %]"),
        ("[% FOREACH i IN multi %][% IF k %]x[% END %]", "[% FOREACH i IN multi %]x"),
        ("[% IF k %][% FOREACH i IN multi %]x[% END %]", "[% IF k %]xx"),
        ("[% IF empty %]x[% IF k %]y[% END %]", "[% IF empty %]xy"),
        ("[% IF x %]a[% ELSE %]b", "[% IF x %]a[% ELSE %]b"),
    ] {
        assert_eq!(render(template, &vars()), output, "{template:?}");
    }
}

#[test]
fn blocks_nest() {
    for (template, output) in [
        ("[% IF k %]a[% IF empty %]b[% ELSE %]c[% END %]d[% ELSE %]e[% END %]f", "acdf"),
        ("[% IF conflicts %]a[% ELSE %]b[% END %]", "a"),
        ("[% UNLESS k %]a[% ELSE %]b[% END %]", "b"),
        ("[% FOREACH i IN requires %]a[% ELSE %]b[% END %]", "aa"),
        ("[% FOREACH i IN k %]<[% i %]>[% END %]", ""),
        ("[% IF zero %]a[% ELSE %]b[% END %]", "b"),
        ("[% IF k %]a[% ELSE %]b[% ELSE %]c[% END %]", "a"),
        ("[% IF nope %]a[% ELSE %]b[% ELSE %]c[% END %]", "b[% ELSE %]c"),
        ("[% FOREACH change IN multi %][% change %][% END %][% change %]", "abwidgets"),
        (
            "[% FOREACH i IN multi %][% FOREACH j IN requires %][% i %][% j %] [% END %][% END %]",
            "ausers aother:x busers bother:x ",
        ),
    ] {
        assert_eq!(render(template, &vars()), output, "{template:?}");
    }
}

#[test]
fn only_known_tags_count() {
    for (template, output) in [
        ("[% foreach i in requires %]x[% end %]", "[% foreach i in requires %]x"),
        ("[% requires.1 %][% requires.2 %][% k.x %][% requires.0.x %][% requires.00 %]", "other:xusers"),
        ("[% a-b %][% .x %][% 1 %][%--%][% %][%%]", "[% a-b %][% .x %][% 1 %][%--%][% %][%%]"),
        ("[% x. %]|[% _x %]|[% multi.1x %]|[% aé %]|", "||||"),
        ("[% [% change %] %]", "[% widgets %]"),
        ("[% Change %][% GET change %][% IF(k) %]", "[% Change %][% GET change %][% IF(k) %]"),
        ("[%-change-%][%+ change +%][%\nchange\n%]", "widgetswidgetswidgets"),
        ("[% IF\nk%]x[%END%]", "x"),
        ("[% tricky %]", "[% change %]"),
        ("[% requires %]", "users other:x"),
    ] {
        assert_eq!(render(template, &vars()), output, "{template:?}");
    }
}

#[test]
fn white_space_is_eaten_as_sqitch_eats_it() {
    for (template, output) in [
        (" \n [%- change -%] \n x", " widgets x"),
        ("\n\n  [%- change -%]  \n\n x", "\nwidgets\n x"),
        ("a  \n  [%- IF k -%]  \n b \n [%- END -%] \n c", "a   b  c"),
        ("x\r\n  [%- change -%]\r\n y", "x\rwidgets\r\n y"),
        ("\t[%- change -%]\t\ny", "widgetsy"),
        ("[% change -%] [%- engine %]", "widgets pg"),
        ("[% change -%]\n[%- engine %]", "widgetspg"),
        ("x [% change -%]  ", "x widgets  "),
        ("a \n \n [%- change %]", "a \n widgets"),
        ("[% IF empty -%]\na\n[%- ELSE -%]\nb\n[%- END %]", "b"),
        ("\n[%- \"lit\" -%]\nx", "\n[%- \"lit\" -%]\nx"),
        ("\n[%- change -%]\n[%- engine -%]\n", "widgetspg"),
    ] {
        assert_eq!(render(template, &vars()), output, "{template:?}");
    }
}

#[test]
fn default_scripts_are_sqitchs() {
    let deploy = render(&deploy_template("sqlite"), &vars());
    assert_eq!(
        deploy,
        "-- Deploy acme:widgets to pg\n-- requires: users\n-- requires: other:x\n\nBEGIN;\n\n\
         -- XXX Add DDLs here.\n\nCOMMIT;\n"
    );
    let verify = render(&verify_template("oracle"), &vars());
    assert_eq!(verify, "-- Verify acme:widgets on pg\n\n-- XXX Add verifications here.\n");
    assert!(revert_template("snowflake").contains("USE WAREHOUSE &warehouse;"));
}

#[test]
fn deep_nesting_is_text() {
    let deep = "[% IF k %]".repeat(100_000);
    assert_eq!(render(&deep, &vars()), deep);
}

proptest! {
    #[test]
    fn any_template_renders(template in "\\PC{0,60}") { let _ = render(&template, &vars()); }

    #[test]
    fn tags_in_any_order_render(
        template in "(\\[%-? ?|-?%\\]|IF k |END|ELSE|FOREACH i IN multi|change| |\n|\t|é){0,25}"
    ) {
        let _ = render(&template, &vars());
    }
}
