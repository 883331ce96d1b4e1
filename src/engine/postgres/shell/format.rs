//! How results are printed: the settings of `\pset` and its shorter relatives.
//!
//! Knows: which settings there are, what they may be and how psql speaks of them. Must never know:
//! rows.

use super::variables::{boolean, boolean_for, lossy, not_among};

/// The look of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Aligned,
    /// Aligned, too: what is not written to a terminal is not wrapped.
    Wrapped,
    Unaligned,
    Csv,
    Html,
}

/// The looks by their names, and those of psql that are not available here.
const STYLES: [(&str, Option<Style>); 8] = [
    ("aligned", Some(Style::Aligned)),
    ("asciidoc", None),
    ("csv", Some(Style::Csv)),
    ("html", Some(Style::Html)),
    ("latex", None),
    ("troff-ms", None),
    ("unaligned", Some(Style::Unaligned)),
    ("wrapped", Some(Style::Wrapped)),
];

/// The characters of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineStyle {
    Ascii,
    OldAscii,
    Unicode,
}

/// Whether each row is a block of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expanded {
    Off,
    On,
    /// If it would be too wide for the terminal; there is none.
    Auto,
}

/// What stands between fields or rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Separator {
    text: Vec<u8>,
    zero: bool,
}

impl Separator {
    fn new(text: &[u8]) -> Separator {
        Separator { text: text.to_vec(), zero: false }
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        if self.zero { b"\0" } else { &self.text }
    }

    /// Whether it is a NUL byte.
    pub(super) fn is_zero(&self) -> bool {
        self.zero
    }
}

/// All settings.
#[derive(Debug, Clone)]
pub(super) struct Format {
    pub style: Style,
    pub expanded: Expanded,
    pub tuples_only: bool,
    pub footer: bool,
    pub border: usize,
    pub line_style: LineStyle,
    pub null: Vec<u8>,
    pub fields: Separator,
    pub records: Separator,
    pub csv_separator: u8,
    pub title: Option<Vec<u8>>,
    pub table_attributes: Option<Vec<u8>>,
    columns: i32,
    pager: &'static str,
    pager_lines: i32,
    numeric_locale: bool,
    unicode: [bool; 3],
}

impl Default for Format {
    /// As Sqitch calls psql: unaligned, rows only.
    fn default() -> Format {
        Format {
            style: Style::Unaligned,
            expanded: Expanded::Off,
            tuples_only: true,
            footer: true,
            border: 1,
            line_style: LineStyle::Ascii,
            null: Vec::new(),
            fields: Separator::new(b"|"),
            records: Separator::new(b"\n"),
            csv_separator: b',',
            title: None,
            table_attributes: None,
            columns: 0,
            pager: "on",
            pager_lines: 0,
            numeric_locale: false,
            unicode: [false; 3],
        }
    }
}

/// The settings in the order in which `\pset` lists them.
pub(super) const NAMES: [&str; 21] = [
    "border",
    "columns",
    "csv_fieldsep",
    "expanded",
    "fieldsep",
    "fieldsep_zero",
    "footer",
    "format",
    "linestyle",
    "null",
    "numericlocale",
    "pager",
    "pager_min_lines",
    "recordsep",
    "recordsep_zero",
    "tableattr",
    "title",
    "tuples_only",
    "unicode_border_linestyle",
    "unicode_column_linestyle",
    "unicode_header_linestyle",
];

/// The full name of a setting.
fn full_name(name: &str) -> Option<&'static str> {
    let name = match name {
        "x" | "vertical" => "expanded",
        "t" => "tuples_only",
        "T" => "tableattr",
        other => other,
    };
    NAMES.into_iter().find(|known| *known == name)
}

impl Format {
    /// Changes a setting as `\pset` does; without a value switches are turned over. Returns what
    /// psql says about it when it is not quiet.
    pub(super) fn set(&mut self, name: &str, value: Option<&[u8]>) -> Result<String, String> {
        let Some(known) = full_name(name) else { return Err(format!("\\pset: unknown option: {name}")) };
        match (known, value) {
            ("tableattr", value) => self.table_attributes = value.map(<[u8]>::to_vec),
            ("title", value) => self.title = value.map(<[u8]>::to_vec),
            ("fieldsep_zero", _) => self.fields.zero = true,
            ("recordsep_zero", _) => self.records.zero = true,
            ("tuples_only" | "footer" | "numericlocale" | "expanded" | "pager", value) => {
                self.switch(name, known, value)?;
            }
            (_, None) => {}
            (_, Some(value)) => self.assign(known, value)?,
        }
        // psql says nothing about these switches when they are set to a value.
        let silent = value.is_some() && matches!(known, "tuples_only" | "footer" | "numericlocale");
        Ok(if silent { String::new() } else { self.describe(known) + "\n" })
    }

    fn switch(&mut self, name: &str, known: &str, value: Option<&[u8]>) -> Result<(), String> {
        let on = |now: bool| value.map_or(Ok(!now), |value| boolean_for(name, value));
        match known {
            "tuples_only" => self.tuples_only = on(self.tuples_only)?,
            "footer" => self.footer = on(self.footer)?,
            "numericlocale" => self.numeric_locale = on(self.numeric_locale)?,
            "expanded" => {
                self.expanded = match value {
                    None if self.expanded == Expanded::Off => Expanded::On,
                    None => Expanded::Off,
                    Some(value) if value.eq_ignore_ascii_case(b"auto") => Expanded::Auto,
                    Some(value) => match boolean(value) {
                        Some(true) => Expanded::On,
                        Some(false) => Expanded::Off,
                        None => return Err(not_among(name, value, "on, off, auto")),
                    },
                }
            }
            _ => {
                self.pager = match value {
                    None if self.pager == "on" => "off",
                    None => "on",
                    Some(value) if value.eq_ignore_ascii_case(b"always") => "always",
                    Some(value) => match boolean(value) {
                        Some(true) => "on",
                        Some(false) => "off",
                        None => return Err(not_among(name, value, "on, off, always")),
                    },
                }
            }
        }
        Ok(())
    }

    fn assign(&mut self, known: &str, value: &[u8]) -> Result<(), String> {
        match known {
            "format" => self.style = style(value)?,
            "linestyle" => self.line_style = line_style(value)?,
            "border" => self.border = leading_number(value).try_into().unwrap_or(0),
            "columns" => self.columns = leading_number(value),
            "pager_min_lines" => self.pager_lines = leading_number(value),
            "null" => self.null = value.to_vec(),
            "fieldsep" => self.fields = Separator::new(value),
            "recordsep" => self.records = Separator::new(value),
            "csv_fieldsep" => {
                self.csv_separator = match value {
                    [b'"' | b'\n' | b'\r'] => {
                        return Err(
                            "\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return"
                                .into(),
                        );
                    }
                    [one] => *one,
                    _ => return Err("\\pset: csv_fieldsep must be a single one-byte character".into()),
                }
            }
            _ => {
                let which = known.strip_prefix("unicode_").and_then(|rest| rest.split('_').next());
                let which = which.unwrap_or_default();
                let at = ["border", "column", "header"].into_iter().position(|part| part == which);
                let double = match value {
                    b"single" => false,
                    b"double" => true,
                    _ => {
                        return Err(format!(
                            "\\pset: allowed Unicode {which} line styles are single, double"
                        ));
                    }
                };
                if let Some(slot) = at.and_then(|at| self.unicode.get_mut(at)) {
                    *slot = double;
                }
            }
        }
        Ok(())
    }

    /// The value of a setting as `\pset` lists it.
    pub(super) fn value(&self, name: &str) -> String {
        let on = |yes: bool| if yes { "on" } else { "off" }.to_owned();
        let quoted = |text: &[u8]| format!("'{}'", lossy(text).replace('\n', "\\n").replace('\'', "\\'"));
        let optional = |text: &Option<Vec<u8>>| text.as_ref().map(|text| quoted(text)).unwrap_or_default();
        let kind =
            |at: usize| if self.unicode.get(at) == Some(&true) { "double" } else { "single" }.to_owned();
        match name {
            "border" => self.border.to_string(),
            "columns" => self.columns.to_string(),
            "csv_fieldsep" => quoted(&[self.csv_separator]),
            "expanded" => match self.expanded {
                Expanded::Auto => "auto".into(),
                other => on(other == Expanded::On),
            },
            "fieldsep" => quoted(&self.fields.text),
            "fieldsep_zero" => on(self.fields.zero),
            "footer" => on(self.footer),
            "format" => self.style_name().into(),
            "linestyle" => self.line_style_name().into(),
            "null" => quoted(&self.null),
            "numericlocale" => on(self.numeric_locale),
            "pager" => match self.pager {
                "on" => "1",
                "off" => "0",
                _ => "2",
            }
            .into(),
            "pager_min_lines" => self.pager_lines.to_string(),
            "recordsep" => quoted(&self.records.text),
            "recordsep_zero" => on(self.records.zero),
            "tableattr" => optional(&self.table_attributes),
            "title" => optional(&self.title),
            "tuples_only" => on(self.tuples_only),
            "unicode_border_linestyle" => kind(0),
            "unicode_column_linestyle" => kind(1),
            _ => kind(2),
        }
    }

    /// What psql says about a setting.
    fn describe(&self, name: &str) -> String {
        let on = |yes: bool| if yes { "on" } else { "off" };
        let separator = |what: &str, separator: &Separator| match separator {
            Separator { zero: true, .. } => format!("{what} separator is zero byte."),
            Separator { text, .. } if what == "Record" && text == b"\n" => {
                "Record separator is <newline>.".into()
            }
            Separator { text, .. } => format!("{what} separator is \"{}\".", lossy(text)),
        };
        match name {
            "border" => format!("Border style is {}.", self.border),
            "columns" if self.columns == 0 => "Target width is unset.".into(),
            "columns" => format!("Target width is {}.", self.columns),
            "csv_fieldsep" => {
                format!("Field separator for CSV is \"{}\".", char::from(self.csv_separator))
            }
            "expanded" if self.expanded == Expanded::Auto => "Expanded display is used automatically.".into(),
            "expanded" => format!("Expanded display is {}.", on(self.expanded == Expanded::On)),
            "fieldsep" | "fieldsep_zero" => separator("Field", &self.fields),
            "footer" => format!("Default footer is {}.", on(self.footer)),
            "format" => format!("Output format is {}.", self.style_name()),
            "linestyle" => format!("Line style is {}.", self.line_style_name()),
            "null" => format!("Null display is \"{}\".", lossy(&self.null)),
            "numericlocale" => format!("Locale-adjusted numeric output is {}.", on(self.numeric_locale)),
            "pager" => match self.pager {
                "on" => "Pager is used for long output.".into(),
                "off" => "Pager usage is off.".into(),
                _ => "Pager is always used.".into(),
            },
            "pager_min_lines" => format!(
                "Pager won't be used for less than {} line{}.",
                self.pager_lines,
                if self.pager_lines == 1 { "" } else { "s" }
            ),
            "recordsep" | "recordsep_zero" => separator("Record", &self.records),
            "tableattr" => match &self.table_attributes {
                Some(text) => format!("Table attributes are \"{}\".", lossy(text)),
                None => "Table attributes unset.".into(),
            },
            "title" => match &self.title {
                Some(text) => format!("Title is \"{}\".", lossy(text)),
                None => "Title is unset.".into(),
            },
            "tuples_only" => format!("Tuples only is {}.", on(self.tuples_only)),
            other => {
                let which = other.trim_start_matches("unicode_").trim_end_matches("_linestyle");
                format!("Unicode {which} line style is \"{}\".", self.value(other))
            }
        }
    }

    fn style_name(&self) -> &'static str {
        STYLES.iter().find(|(_, style)| *style == Some(self.style)).map_or("unaligned", |(name, _)| *name)
    }

    fn line_style_name(&self) -> &'static str {
        match self.line_style {
            LineStyle::Ascii => "ascii",
            LineStyle::OldAscii => "old-ascii",
            LineStyle::Unicode => "unicode",
        }
    }
}

fn begins(word: &str, value: &[u8]) -> bool {
    word.as_bytes().get(..value.len()).is_some_and(|part| part.eq_ignore_ascii_case(value))
}

fn style(value: &[u8]) -> Result<Style, String> {
    let mut fitting = STYLES.iter().filter(|(name, _)| begins(name, value));
    match (fitting.next(), fitting.next()) {
        (Some((first, _)), Some((second, _))) => Err(format!(
            "\\pset: ambiguous abbreviation \"{}\" matches both \"{first}\" and \"{second}\"",
            lossy(value)
        )),
        (Some((_, Some(style))), None) => Ok(*style),
        (Some((name, None)), None) => Err(unavailable(name)),
        _ if begins("latex-longtable", value) => Err(unavailable("latex-longtable")),
        _ => Err("\\pset: allowed formats are aligned, asciidoc, csv, html, latex, latex-longtable, \
                  troff-ms, unaligned, wrapped"
            .into()),
    }
}

fn unavailable(name: &str) -> String {
    format!("\\pset: change cannot print results as {name}")
}

fn line_style(value: &[u8]) -> Result<LineStyle, String> {
    match () {
        () if begins("ascii", value) => Ok(LineStyle::Ascii),
        () if begins("old-ascii", value) => Ok(LineStyle::OldAscii),
        () if begins("unicode", value) => Ok(LineStyle::Unicode),
        () => Err("\\pset: allowed line styles are ascii, old-ascii, unicode".into()),
    }
}

/// The number that the text begins with; 0 if there is none.
fn leading_number(value: &[u8]) -> i32 {
    let text = lossy(value);
    let text = text.trim_start();
    let digits = text.trim_start_matches(['-', '+']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number = digits.get(..end).and_then(|digits| digits.parse::<i32>().ok()).unwrap_or(0);
    if text.starts_with('-') { -number } else { number }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn switches_turn_over_without_a_value() {
        let mut format = Format::default();
        assert_eq!(format.set("t", None).unwrap(), "Tuples only is off.\n");
        assert_eq!(format.set("tuples_only", Some(b"on")).unwrap(), "");
        assert_eq!(format.set("x", None).unwrap(), "Expanded display is on.\n");
        assert_eq!(
            format.set("x", Some(b"maybe")).unwrap_err(),
            "unrecognized value \"maybe\" for \"x\"\nAvailable values are: on, off, auto."
        );
    }

    #[test]
    fn formats_may_be_shortened_but_not_ambiguous() {
        let mut format = Format::default();
        assert_eq!(format.set("format", Some(b"un")).unwrap(), "Output format is unaligned.\n");
        assert!(format.set("format", Some(b"a")).unwrap_err().contains("\"aligned\" and \"asciidoc\""));
        assert!(format.set("format", Some(b"nosuch")).unwrap_err().contains("allowed formats are"));
        assert!(format.set("format", Some(b"latex")).is_err());
        assert_eq!(format.set("nosuch", None).unwrap_err(), "\\pset: unknown option: nosuch");
        assert_eq!(format.style, Style::Unaligned);
    }

    #[test]
    fn every_setting_has_a_value_and_a_sentence() {
        let mut format = Format::default();
        for name in NAMES {
            assert!(format.set(name, None).unwrap().ends_with(".\n"), "{name}");
        }
        assert_eq!(format.value("recordsep"), "'\\n'");
    }
}
