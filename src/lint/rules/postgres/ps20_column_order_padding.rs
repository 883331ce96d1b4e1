//! PS20: columns in an order that wastes room.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Column, Said};

pub(super) static RULE: Rule = Rule {
    code: "PS20",
    name: "column-order-padding",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "the order of a new table's columns wastes eight bytes or more in each row",
    reason: "A bigint begins at a multiple of eight bytes, an int at one of four. A boolean between two of \
             them leaves a hole in every row, which is read and cached like the rest.",
    lock: "",
    recipe: "Columns of eight bytes first, then those of four, of two and of one, then those of any length.",
    bad: &[
        Example {
            given: "",
            sql: "CREATE TABLE t (a boolean, id bigint PRIMARY KEY, b boolean, at timestamptz);",
        },
        Example { given: "", sql: "CREATE TABLE t (a int, id bigint PRIMARY KEY, b int, at timestamptz);" },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz, a boolean, b boolean);",
        },
        Example { given: "", sql: "CREATE TABLE t (a boolean, id bigint PRIMARY KEY, note text);" },
    ],
    check,
};

/// Less is not worth a word: it is lost in the rounding of the row.
const LEAST: usize = 8;

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateTable(create) = &seen.statement.said else { return };
    if create.temporary || create.partitioning.of.is_some() || !create.inherits.is_empty() {
        return;
    }
    // What follows a value of any length begins anywhere.
    let fixed: Vec<(usize, usize)> = create.columns.iter().map_while(layout).collect();
    let mut sorted = fixed.clone();
    sorted.sort_by_key(|(_, align)| std::cmp::Reverse(*align));
    let wasted = room(&fixed).saturating_sub(room(&sorted));
    if wasted >= LEAST {
        let message =
            format!("the order of the columns of \"{}\" wastes {wasted} bytes in each row", create.name);
        hits.push(Hit::new(seen.statement.span, message).note("put the wide columns first"));
    }
}

/// The bytes that columns take one after the other, with the row's end on a multiple of eight.
fn room(columns: &[(usize, usize)]) -> usize {
    let end = columns.iter().fold(0, |at: usize, (size, align)| at.next_multiple_of(*align) + size);
    end.next_multiple_of(8)
}

/// The size and the alignment of a column of fixed size.
fn layout(column: &Column) -> Option<(usize, usize)> {
    let ty = column.ty.as_ref().filter(|ty| !ty.array)?;
    match ty.serial().unwrap_or(ty.name.as_str()) {
        "bool" => Some((1, 1)),
        "int2" => Some((2, 2)),
        "int4" | "float4" | "date" | "oid" => Some((4, 4)),
        "int8" | "float8" | "timestamp" | "timestamptz" | "time" | "money" => Some((8, 8)),
        "timetz" => Some((12, 8)),
        "interval" => Some((16, 8)),
        "uuid" => Some((16, 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn holes_are_counted() {
        assert_eq!(room(&[(1, 1), (8, 8), (1, 1), (8, 8)]), 32);
        assert_eq!(room(&[(8, 8), (8, 8), (1, 1), (1, 1)]), 24);
        assert_eq!(room(&[]), 0);
    }
}
