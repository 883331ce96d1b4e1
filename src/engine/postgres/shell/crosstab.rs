//! `\crosstabview`: a result with one of its columns laid across.
//!
//! Knows: tables. Must never know: where they come from.

use super::print::{Row, Table};
use super::variables::lossy;

/// Most columns that psql spreads.
const MOST: usize = 1600;

type Cell = Option<Vec<u8>>;

/// Which columns are laid where.
struct Plan {
    /// Whose values head the rows, and the columns.
    down: usize,
    across: usize,
    /// Whose values stand where they meet.
    cell: usize,
    /// Whose numbers sort the columns.
    order: Option<usize>,
}

/// The cells of two columns make rows and columns, those of a third one what stands where they
/// meet. `arguments` name them: rows, columns, cells, and a column of numbers to sort columns by.
pub(super) fn pivot(table: Table, arguments: &[Vec<u8>]) -> Result<Table, String> {
    let Plan { down, across, cell, order } = plan(&table, arguments)?;
    let at = |row: &[Cell], column: usize| row.get(column).cloned().flatten();
    let mut downs: Vec<Cell> = Vec::new();
    let mut acrosses: Vec<(Cell, i64)> = Vec::new();
    for row in &table.rows {
        let (vertical, horizontal) = (at(row, down), at(row, across));
        if !downs.contains(&vertical) {
            downs.push(vertical);
        }
        if !acrosses.iter().any(|(known, _)| *known == horizontal) {
            let rank = order.and_then(|order| at(row, order));
            // What is no number counts as 0, as in psql.
            acrosses.push((horizontal, rank.and_then(|rank| lossy(&rank).parse().ok()).unwrap_or(0)));
        }
        if acrosses.len() > MOST {
            return Err(format!("\\crosstabview: maximum number of columns ({MOST}) exceeded"));
        }
    }
    if order.is_some() {
        acrosses.sort_by_key(|(_, rank)| *rank);
    }
    let mut rows: Vec<Row> = downs.iter().map(|head| empty_row(head, acrosses.len())).collect();
    let mut filled = std::collections::HashSet::new();
    for row in &table.rows {
        let (vertical, horizontal) = (at(row, down), at(row, across));
        let line = downs.iter().position(|known| *known == vertical).unwrap_or(0);
        let place = acrosses.iter().position(|(known, _)| *known == horizontal).unwrap_or(0);
        if !filled.insert((line, place)) {
            let shown = |cell: &Cell| cell.as_ref().map_or_else(|| "(null)".to_owned(), |text| lossy(text));
            return Err(format!(
                "\\crosstabview: query result contains multiple data values for row \"{}\", column \"{}\"",
                shown(&vertical),
                shown(&horizontal)
            ));
        }
        if let Some(slot) = rows.get_mut(line).and_then(|row| row.get_mut(place + 1)) {
            *slot = at(row, cell);
        }
    }
    let head = |at: usize| table.columns.get(at).cloned().unwrap_or_default();
    let right = head(cell).1;
    let mut columns = vec![head(down)];
    columns.extend(acrosses.into_iter().map(|(name, _)| (name.unwrap_or_default(), right)));
    Ok(Table { columns, rows })
}

/// A row with its head and nothing else; where nothing comes to stand is no NULL.
fn empty_row(head: &Cell, width: usize) -> Row {
    let empty = std::iter::repeat_n(Some(Vec::new()), width);
    std::iter::once(head.clone()).chain(empty).collect()
}

fn plan(table: &Table, arguments: &[Vec<u8>]) -> Result<Plan, String> {
    let count = table.columns.len();
    if count < 3 {
        return Err("\\crosstabview: query must return at least three columns".into());
    }
    let chosen = |at: usize| arguments.get(at).map(|name| column(table, name)).transpose();
    let down = chosen(0)?.unwrap_or(0);
    let across = chosen(1)?.unwrap_or(1);
    if down == across {
        return Err("\\crosstabview: vertical and horizontal headers must be different columns".into());
    }
    let cell = match chosen(2)? {
        Some(cell) => cell,
        None if count == 3 => (0..3).find(|at| *at != down && *at != across).unwrap_or(2),
        None => {
            return Err(
                "\\crosstabview: data column must be specified when query returns more than three columns"
                    .into(),
            );
        }
    };
    Ok(Plan { down, across, cell, order: chosen(3)? })
}

/// The column that is meant: a number from 1, or a name.
fn column(table: &Table, name: &[u8]) -> Result<usize, String> {
    let text = lossy(name);
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: usize = text.parse().unwrap_or(0);
        let count = table.columns.len();
        return match number.checked_sub(1).filter(|at| *at < count) {
            Some(at) => Ok(at),
            None => Err(format!("\\crosstabview: column number {number} is out of range 1..{count}")),
        };
    }
    let wanted = crate::sql::psql::quote::unquote_identifier(name, true);
    let mut found = table.columns.iter().enumerate().filter(|(_, (known, _))| *known == wanted);
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Ok(at),
        (None, _) => Err(format!("\\crosstabview: column name not found: \"{}\"", lossy(&wanted))),
        _ => Err(format!("\\crosstabview: ambiguous column name: \"{}\"", lossy(&wanted))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 3]]) -> Table {
        let columns = ["v", "h", "d"].map(|name| (name.into(), false)).to_vec();
        let cell = |text: &&str| Some(text.as_bytes().to_vec());
        Table { columns, rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect() }
    }

    #[test]
    fn rows_and_columns_stand_in_the_order_in_which_they_come() {
        let pivoted = pivot(table(&[["b", "y", "1"], ["a", "x", "2"], ["b", "x", "3"]]), &[]).unwrap();
        let names: Vec<String> = pivoted.columns.iter().map(|(name, _)| lossy(name)).collect();
        assert_eq!(names, ["v", "y", "x"]);
        let cells = |row: &[Cell]| row.iter().flatten().map(|text| lossy(text)).collect::<Vec<_>>();
        assert_eq!(cells(pivoted.rows.first().unwrap()), ["b", "1", "3"]);
        assert_eq!(cells(pivoted.rows.last().unwrap()), ["a", "", "2"]);
    }

    #[test]
    fn two_values_for_one_place_are_refused() {
        assert!(pivot(table(&[["a", "x", "1"], ["a", "x", "2"]]), &[]).is_err());
        assert!(pivot(table(&[]), &[b"1".to_vec(), b"1".to_vec()]).is_err());
        assert!(pivot(table(&[]), &[b"nope".to_vec()]).is_err());
        assert!(pivot(table(&[]), &[b"4".to_vec()]).is_err());
    }
}
