//! Commands on objects in the database: definitions of routines and views, large objects.
//!
//! Knows: the catalog functions that do the work. Must never know: results of a script's own.

use super::commands::{After, Ran};
use super::process::reason;
use super::variables::lossy;
use super::{Level, Run, Shell, Statement};
use crate::engine::postgres::wire::ServerError;
use crate::error::Result;
use crate::sql::psql::{ArgumentKind, quote};

impl Shell {
    pub(super) fn object_command(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        match name {
            "sf" | "sf+" => self.definition(run, level, name, "function"),
            "sv" | "sv+" => self.definition(run, level, name, "view"),
            _ => self.large_object(run, level, name),
        }
    }

    /// The only value of a query of psql's own, or what psql says about its failure.
    fn value(&mut self, run: &mut Run<'_, '_>, level: &Level, sql: &[u8]) -> Result<Result<Vec<u8>, String>> {
        Ok(match self.quietly(run, level, sql)? {
            Ok(rows) => Ok(rows.into_iter().flatten().flatten().next().unwrap_or_default()),
            Err(error) => Err(short(&error)),
        })
    }

    /// `\sf`, `\sv`: how a function or a view is defined; with `+` its lines are counted.
    fn definition(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str, what: &str) -> Ran {
        let line = self.argument(run, level, ArgumentKind::WholeLine);
        let object = line.map(crate::sql::psql::Argument::line_without_semicolons).unwrap_or_default();
        if object.is_empty() {
            self.fail(level, format!("{what} name is required"));
            return Ok(After::Failed);
        }
        let kind = match what {
            "view" => "regclass",
            _ if object.contains(&b'(') => "regprocedure",
            _ => "regproc",
        };
        let literal = quote::literal(&object);
        let cast = format!("::pg_catalog.{kind}::pg_catalog.oid");
        let found = [b"SELECT ", literal.as_slice(), cast.as_bytes()].concat();
        let text = match self.value(run, level, &found)? {
            Err(why) => Err(why),
            Ok(oid) => {
                let oid = lossy(&oid);
                let query = if what == "view" {
                    format!(
                        "SELECT 'CREATE OR REPLACE VIEW ' || pg_catalog.format('%I.%I', n.nspname, c.relname) \
                         || E' AS\\n' || pg_catalog.pg_get_viewdef(c.oid, true) FROM pg_catalog.pg_class c \
                         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {oid}"
                    )
                } else {
                    format!("SELECT pg_catalog.pg_get_functiondef({oid})")
                };
                self.value(run, level, query.as_bytes())?
            }
        };
        match text {
            Err(why) => {
                self.fail(level, why);
                Ok(After::Failed)
            }
            Ok(mut text) => {
                if text.last() != Some(&b'\n') {
                    text.push(b'\n');
                }
                let text = if name.ends_with('+') { numbered(&text, what == "function") } else { text };
                self.print(run, level, &text)?;
                Ok(After::Done)
            }
        }
    }

    /// `\lo_import`, `\lo_export`, `\lo_unlink`.
    fn large_object(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let first = self.text(run, level);
        let second = self.text(run, level);
        let Some(first) = first else { return self.missing(level, name) };
        crate::fault::point("postgres.file")?;
        let done = match (name, second) {
            ("lo_import", comment) => self.import_object(run, level, &first, comment)?,
            ("lo_unlink", _) => {
                let sql = format!("SELECT pg_catalog.lo_unlink({})", lossy(&quote::literal(&first)));
                let written = self.written(run, level, &sql)?;
                if written.is_some() && !self.variables.is_on("QUIET") {
                    self.print(run, level, format!("lo_unlink {}\n", lossy(&first)).as_bytes())?;
                }
                written.is_some()
            }
            (_, None) => return self.missing(level, name),
            (_, Some(target)) => {
                let sql = format!(
                    "SELECT pg_catalog.encode(pg_catalog.lo_get({}), 'hex')",
                    lossy(&quote::literal(&first))
                );
                match self.value(run, level, sql.as_bytes())? {
                    Ok(hex) => self.export_object(level, &target, &hex),
                    Err(why) => {
                        self.fail(level, why);
                        false
                    }
                }
            }
        };
        Ok(if done { After::Done } else { After::Failed })
    }

    fn import_object(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        file: &[u8],
        comment: Option<Vec<u8>>,
    ) -> Result<bool> {
        let path = self.folder.join(self.environment.path(file));
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let why = reason(&error);
                self.fail(level, format!("could not open file \"{}\": {why}", lossy(file)));
                return Ok(false);
            }
        };
        let mut sql = String::from("SELECT pg_catalog.lo_from_bytea(0, pg_catalog.decode('");
        for byte in bytes {
            sql.push_str(&format!("{byte:02x}"));
        }
        sql.push_str("', 'hex'))");
        let Some(oid) = self.written(run, level, &sql)? else { return Ok(false) };
        if let Some(comment) = comment {
            let sql = format!("COMMENT ON LARGE OBJECT {oid} IS {}", lossy(&quote::literal(&comment)));
            if self.written(run, level, &sql)?.is_none() {
                return Ok(false);
            }
        }
        if !self.variables.is_on("QUIET") {
            self.print(run, level, format!("lo_import {oid}\n").as_bytes())?;
        }
        self.variables.put("LASTOID", oid);
        Ok(true)
    }

    /// Sends something that writes through the gate; its only value.
    fn written(&mut self, run: &mut Run<'_, '_>, level: &Level, sql: &str) -> Result<Option<String>> {
        let spot = super::Spot { path: &level.path, line: self.line, offset: None };
        if (run.gate)(run.conn, sql.as_bytes(), &spot)? == super::Ask::Skip {
            return Ok(Some("0".to_owned()));
        }
        match self.quietly(run, level, sql.as_bytes())? {
            Ok(rows) => Ok(Some(lossy(&rows.into_iter().flatten().flatten().next().unwrap_or_default()))),
            Err(error) => {
                let statement = Statement { text: sql.into(), line: self.line, ..Statement::default() };
                self.server_failed(run, level, *error, &statement);
                Ok(None)
            }
        }
    }

    fn export_object(&mut self, level: &Level, target: &[u8], hex: &[u8]) -> bool {
        let path = self.folder.join(self.environment.path(target));
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Vec<u8> = hex
            .chunks(2)
            .filter_map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?))
            .collect();
        match std::fs::write(path, bytes) {
            Ok(()) => true,
            Err(error) => {
                let why = reason(&error);
                self.fail(level, format!("could not open file \"{}\": {why}", lossy(target)));
                false
            }
        }
    }
}

/// Severity and message only.
fn short(error: &ServerError) -> String {
    format!("{}:  {}", error.severity, error.message)
}

/// Numbers the lines; those of a function's body from its own first line.
fn numbered(text: &[u8], function: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut number = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let begins = ["AS ", "BEGIN ", "RETURN "].iter().any(|word| line.starts_with(word.as_bytes()));
        if number > 0 || !function || begins {
            number += 1;
            out.extend_from_slice(format!("{number:<7} ").as_bytes());
        } else {
            out.extend_from_slice(b"        ");
        }
        out.extend_from_slice(line);
    }
    out
}
