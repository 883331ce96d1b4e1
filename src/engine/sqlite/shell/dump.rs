//! The commands that show what is in the database: `.dump`, `.schema`, `.tables`, `.indexes` and
//! `.databases`.
//!
//! Knows: the catalogue of SQLite. Must never know: modes and settings of the shell.

use super::{command_error, database_error, output, value};
use crate::error::Result;
use crate::sql::sqlite::dot::DotCall;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

/// Where the text goes.
type Print<'p> = dyn FnMut(&[u8]) -> Result<()> + 'p;

/// Runs one of the commands.
///
/// # Errors
/// Bad arguments, or what the database or `print` say.
pub(super) fn run(conn: &Connection, call: &DotCall, print: &mut Print<'_>) -> Result<()> {
    let (options, patterns): (Vec<&str>, Vec<&str>) =
        call.args.iter().map(String::as_str).partition(|arg| arg.starts_with('-'));
    let known: &[&str] = match call.name {
        "schema" => &["indent", "nosys", "debug"],
        "dump" => &["data-only"],
        _ => &[],
    };
    if let Some(option) = options.iter().find(|option| !known.contains(&option.trim_start_matches('-'))) {
        return Err(command_error(format!(".{} has no option {option} here", call.name)));
    }
    let pattern = patterns.first().copied();
    let shown = match call.name {
        "dump" => return dump(conn, &patterns, !options.is_empty(), print),
        "schema" => schema(conn, pattern, options.iter().any(|option| option.ends_with("nosys"))),
        "databases" => databases(conn),
        name => names(conn, name == "tables", pattern),
    };
    print(shown.map_err(database_error)?.as_bytes())
}

/// The database and what is attached, in SQLite's order.
fn schemas(conn: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = conn.prepare("PRAGMA database_list")?;
    let rows = statement
        .query_map([], |row| Ok((row.get(1)?, row.get::<_, Option<String>>(2)?.unwrap_or_default())))?;
    rows.collect()
}

fn databases(conn: &Connection) -> rusqlite::Result<String> {
    let mut shown = String::new();
    for (schema, file) in schemas(conn)? {
        let access = if conn.is_readonly(schema.as_str())? { "r/o" } else { "r/w" };
        let file = if file.is_empty() { "\"\"" } else { &file };
        shown.push_str(&format!("{schema}: {file} {access}\n"));
    }
    Ok(shown)
}

/// The catalogue of one schema.
fn catalogue(schema: &str) -> String {
    format!("{}.sqlite_schema", value::double_quoted(schema))
}

/// Names of tables and views that are like `pattern`, or of the indexes of such tables, in
/// columns on lines of 80 characters.
fn names(conn: &Connection, tables: bool, pattern: Option<&str>) -> rusqlite::Result<String> {
    let mut found = Vec::new();
    for (schema, _) in schemas(conn)? {
        let prefix = if schema == "main" { String::new() } else { format!("{schema}.") };
        let (filter, column) = if tables {
            ("type IN ('table','view') AND name NOT LIKE 'sqlite__%' ESCAPE '_'", "name")
        } else {
            ("type = 'index'", "tbl_name")
        };
        let query =
            format!("SELECT ?1 || name FROM {} WHERE {filter} AND {column} LIKE ?2", catalogue(&schema));
        let mut statement = conn.prepare(&query)?;
        let rows = statement.query_map([prefix.as_str(), pattern.unwrap_or("%")], |row| row.get(0))?;
        for row in rows {
            found.push(row?);
        }
    }
    found.sort_unstable();
    Ok(in_columns(&found))
}

fn in_columns(names: &[String]) -> String {
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let columns = (80 / (width + 2)).max(1);
    let lines = names.len().div_ceil(columns);
    let mut shown = String::new();
    for line in 0..lines {
        for (index, name) in names.iter().skip(line).step_by(lines).enumerate() {
            let gap = if index == 0 { "" } else { "  " };
            let pad = " ".repeat(width.saturating_sub(name.chars().count()));
            shown.push_str(&format!("{gap}{name}{pad}"));
        }
        shown.push('\n');
    }
    shown
}

/// The statements that made the tables that are like `pattern`, and what belongs to them.
fn schema(conn: &Connection, pattern: Option<&str>, nosys: bool) -> rusqlite::Result<String> {
    let mut shown = String::new();
    for (schema, _) in schemas(conn)? {
        let system = if nosys { " AND name NOT LIKE 'sqlite__%' ESCAPE '_'" } else { "" };
        let matched = match pattern {
            Some(pattern) if pattern.contains(['*', '?', '[']) => "lower(tbl_name) GLOB lower(?1)",
            Some(_) => "tbl_name LIKE ?1",
            None => "?1 IS NULL",
        };
        let query = format!(
            "SELECT type, name, sql FROM {} WHERE {matched} AND sql IS NOT NULL{system} ORDER BY rowid",
            catalogue(&schema)
        );
        let mut statement = conn.prepare(&query)?;
        let mut rows = statement.query([pattern])?;
        while let Some(row) = rows.next()? {
            let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
            let sql = in_schema(&row.get::<_, String>(2)?, &schema);
            shown.push_str(&created(&sql));
            if kind == "view" || is_virtual(&sql) {
                shown.push_str(&declared(conn, &schema, &name).unwrap_or_default());
            }
            shown.push_str(";\n");
        }
    }
    Ok(shown)
}

/// Puts the name of an attached database where the stored statement leaves it out.
fn in_schema(sql: &str, schema: &str) -> String {
    if schema == "main" {
        return sql.to_owned();
    }
    let prefix = if schema == "temp" { "temp".to_owned() } else { value::identifier(schema) };
    let starts = ["TABLE ", "INDEX ", "UNIQUE INDEX ", "VIEW ", "TRIGGER ", "VIRTUAL TABLE "];
    for start in starts {
        if let Some(rest) = sql.strip_prefix("CREATE ").and_then(|rest| rest.strip_prefix(start)) {
            return format!("CREATE {start}{prefix}.{rest}");
        }
    }
    sql.to_owned()
}

/// The columns of a view or virtual table as a comment, unless it is broken.
fn declared(conn: &Connection, schema: &str, name: &str) -> Option<String> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1, ?2)").ok()?;
    let columns = statement.query_map([name, schema], |row| row.get::<_, String>(0)).ok()?;
    let columns: Vec<String> = columns.collect::<rusqlite::Result<_>>().ok()?;
    let columns: Vec<String> = columns.iter().map(|column| value::identifier(column)).collect();
    let prefix = if schema == "main" { String::new() } else { format!("{}.", value::identifier(schema)) };
    (!columns.is_empty())
        .then(|| format!("\n/* {prefix}{}({}) */", value::identifier(name), columns.join(",")))
}

/// Tables with quoted names may be shadow tables that exist already when the text is run.
fn created(sql: &str) -> String {
    match sql.strip_prefix("CREATE TABLE ") {
        Some(rest) if rest.starts_with(['"', '\'']) => format!("CREATE TABLE IF NOT EXISTS {rest}"),
        _ => sql.to_owned(),
    }
}

/// The whole database, or the tables that are like one of `patterns`, as statements.
fn dump(conn: &Connection, patterns: &[&str], data_only: bool, print: &mut Print<'_>) -> Result<()> {
    let matched = match patterns.len() {
        0 => "true".to_owned(),
        n => (1..=n).map(|n| format!("name LIKE ?{n} ESCAPE '\\'")).collect::<Vec<_>>().join(" OR "),
    };
    let tables = format!(
        "SELECT name, sql FROM sqlite_schema WHERE ({matched}) AND type = 'table' AND sql NOT NULL \
         ORDER BY tbl_name = 'sqlite_sequence', rowid"
    );
    let others = format!(
        "SELECT name, sql FROM sqlite_schema WHERE ({matched}) AND sql NOT NULL \
         AND type IN ('index','trigger','view')"
    );
    let tables = list(conn, &tables, patterns).map_err(database_error)?;
    if data_only {
        let mut kept = tables.iter().filter(|(name, sql)| head(name, sql).is_some());
        return kept.try_for_each(|(name, _)| rows(conn, name, print));
    }
    print(b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n")?;
    let mut writable = false;
    for (name, sql) in &tables {
        if is_virtual(sql) && !writable {
            print(b"PRAGMA writable_schema=ON;\n")?;
            writable = true;
        }
        let Some(head) = head(name, sql) else { continue };
        print(head.as_bytes())?;
        if !is_virtual(sql) {
            rows(conn, name, print)?;
        }
    }
    for (_, sql) in list(conn, &others, patterns).map_err(database_error)? {
        print(format!("{sql};\n").as_bytes())?;
    }
    print(if writable { b"PRAGMA writable_schema=OFF;\nCOMMIT;\n" } else { b"COMMIT;\n" })
}

fn list(conn: &Connection, query: &str, patterns: &[&str]) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = conn.prepare(query)?;
    let rows = statement.query_map(params_from_iter(patterns), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn is_virtual(sql: &str) -> bool {
    sql.starts_with("CREATE VIRTUAL TABLE")
}

/// The statement that comes before the rows of a table; `None` for tables that make themselves.
fn head(name: &str, sql: &str) -> Option<String> {
    let quote = |text: &str| text.replace('\'', "''");
    match name {
        "sqlite_sequence" => Some("DELETE FROM sqlite_sequence;\n".to_owned()),
        _ if name.starts_with("sqlite_stat") => Some("ANALYZE sqlite_schema;\n".to_owned()),
        _ if name.starts_with("sqlite_") => None,
        _ if is_virtual(sql) => Some(format!(
            "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','{0}','{0}',0,'{1}');\n",
            quote(name),
            quote(sql)
        )),
        _ => Some(format!("{};\n", created(sql))),
    }
}

/// One INSERT for each row of a table.
fn rows(conn: &Connection, name: &str, print: &mut Print<'_>) -> Result<()> {
    let columns = stored_columns(conn, name).map_err(database_error)?;
    let quoted: Vec<String> = columns.iter().map(|column| value::double_quoted(column)).collect();
    let query = format!("SELECT {} FROM {}", quoted.join(","), value::double_quoted(name));
    let mut statement = conn.prepare(&query).map_err(database_error)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(database_error)? {
        let mut line = format!("INSERT INTO {} VALUES(", value::identifier(name)).into_bytes();
        let cells: Vec<ValueRef<'_>> =
            (0..columns.len()).filter_map(|index| row.get_ref(index).ok()).collect();
        output::literals(&mut line, &cells);
        line.extend_from_slice(b");\n");
        print(&line)?;
    }
    Ok(())
}

/// The columns that INSERT fills: all but generated ones.
fn stored_columns(conn: &Connection, name: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let columns = statement.query_map([name], |row| row.get(0))?;
    columns.collect()
}
