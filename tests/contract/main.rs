//! What every engine must do: a new one starts from this list. Each line of the list is a function that
//! gets an engine and plays on a fresh database of it; docs/adding-an-engine.md tells how to add one.
#![cfg(all(unix, feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod journal;
#[path = "../support/mysql.rs"]
mod maria;
#[path = "../support/place.rs"]
mod place;
#[path = "../support/postgres.rs"]
mod postgres;
mod registry;
mod scripts;
#[allow(dead_code)] // Parts of it are about SQLite.
#[path = "../support/mod.rs"]
mod support;

use place::{Engine, Place};

/// Makes a test of each function for each engine.
macro_rules! contract {
    ($($module:ident: $($name:ident)*;)*) => {
        contract!(@engine sqlite Sqlite $($module: $($name)*;)*);
        contract!(@engine postgresql Postgres $($module: $($name)*;)*);
        contract!(@engine mariadb Mysql $($module: $($name)*;)*);
    };
    (@engine $engine:ident $variant:ident $($module:ident: $($name:ident)*;)*) => {
        mod $engine {
            $($(
                #[test]
                fn $name() {
                    crate::$module::$name(crate::place::Engine::$variant);
                }
            )*)*
        }
    };
}

contract! {
    registry:
        looking_leaves_nothing_behind
        what_is_refused_leaves_nothing_behind
        rows_are_those_of_sqitch
        sqitch_and_change_take_turns
        records_are_in_order
        a_half_made_registry_is_completed
        an_older_registry_is_upgraded
        a_newer_registry_is_refused
        projects_are_told_apart
        what_others_need_is_not_reverted
        two_runners_take_turns
        a_password_is_nowhere
        one_change_alone_is_reverted
        a_plan_is_put_back_into_order
        who_broke_a_verify_script_is_named;
    scripts:
        nothing_a_script_sets_reaches_the_next
        a_verify_script_leaves_nothing
        a_failing_script_stops_its_run_in_every_mode
        a_failing_verify_script_has_its_change_taken_back
        the_same_script_twice_is_deployed
        included_files_are_run
        output_of_scripts_is_shown_but_not_of_verify_scripts;
    journal:
        a_stopped_change_is_named_and_gone_on_with
        a_stopped_change_is_taken_back
        a_stopped_change_is_settled_by_a_person
        every_fault_is_survived
        every_sudden_end_is_survived;
}

/// A project of changes that make a table each.
pub(crate) fn tables(engine: Engine, names: &[&str]) -> Place {
    let line =
        |(at, name): (usize, &&str)| format!("{name} 2024-01-01T00:00:{:02}Z P Q <p@q.r> # {name}\n", at + 1);
    let lines: String = names.iter().enumerate().map(line).collect();
    let place = Place::with_plan(engine, &format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    for name in names.iter().filter(|name| !name.starts_with('@')) {
        place.write_table_scripts(name);
    }
    place
}

/// The names of what is recorded as deployed, in order.
pub(crate) fn recorded(place: &Place) -> String {
    place.recorded().join(" ")
}
