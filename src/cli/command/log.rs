//! `change log`

use super::super::options::{Connect, Paths};
use super::super::session::Session;
use super::super::{ui, zone};
use super::deploy::open;
use crate::engine::record::EventRow;
use crate::engine::{EventQuery, Presence};
use crate::error::{Error, Kind, Result};
use crate::report::date::DateFormat;
use crate::report::format::{Event, Formatter, ONELINE_ABBREV, Person, Record, Subject};
use crate::report::pattern::{Filter, Patterns};
use clap::Args;

/// Show what happened in the database, the newest first. Several filters must all match.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A target
    #[arg(value_name = "TARGET")]
    arguments: Vec<String>,
    /// Only these events: deploy, revert, fail, merge
    #[arg(long, value_name = "EVENT")]
    event: Vec<String>,
    /// Only changes whose name matches this regular expression
    #[arg(long, visible_alias = "change-pattern", value_name = "REGEX")]
    change: Option<String>,
    /// Only projects whose name matches
    #[arg(long, visible_alias = "project-pattern", value_name = "REGEX")]
    project: Option<String>,
    /// Only committers whose name matches
    #[arg(long, visible_alias = "committer-pattern", value_name = "REGEX")]
    committer: Option<String>,
    #[command(flatten)]
    layout: Layout,
    #[command(flatten)]
    connect: Connect,
}

/// How lists are laid out.
#[derive(Debug, Clone, Args)]
pub(super) struct Layout {
    /// raw, full, long, medium, short, oneline, json, or format:STRING
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) format: Option<String>,
    /// How dates look: iso, raw, rfc, full, long, medium, short, cldr:…, strftime:…
    #[arg(long, visible_alias = "date", value_name = "FORMAT")]
    pub(super) date_format: Option<String>,
    /// At most this many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    pub(super) max_count: Option<usize>,
    /// Leave out this many first
    #[arg(long, value_name = "NUMBER")]
    pub(super) skip: Option<usize>,
    /// The other way round
    #[arg(long, overrides_with = "no_reverse")]
    pub(super) reverse: bool,
    /// Not the other way round
    #[arg(long, hide = true, alias = "noreverse")]
    pub(super) no_reverse: bool,
    /// Shorten ids to this many digits
    #[arg(long, value_name = "DIGITS")]
    pub(super) abbrev: Option<usize>,
    /// One line each, with short ids
    #[arg(long)]
    pub(super) oneline: bool,
    /// Print the lines above the list (the default)
    #[arg(long, overrides_with = "no_headers")]
    pub(super) headers: bool,
    /// Leave out the lines above the list
    #[arg(long, alias = "noheaders")]
    pub(super) no_headers: bool,
}

impl Layout {
    pub(super) fn is_json(&self) -> bool {
        self.format.as_deref() == Some("json")
    }

    /// The formatter that the options and the configuration of `command` ask for.
    pub(super) fn formatter(&self, session: &Session, subject: Subject, command: &str) -> Result<Formatter> {
        let configured = |key: &str| session.config.trimmed(&format!("{command}.{key}")).map(str::to_owned);
        let format = match (&self.format, self.oneline) {
            (Some(format), _) => format.clone(),
            (None, true) => "oneline".to_owned(),
            (None, false) => configured("format").unwrap_or_else(|| "medium".to_owned()),
        };
        let dates = self
            .date_format
            .clone()
            .or_else(|| configured("date_format"))
            .unwrap_or_else(|| "iso".to_owned());
        let abbrev = self.abbrev.unwrap_or(if self.oneline { ONELINE_ABBREV } else { 0 });
        let format = if self.is_json() { "raw" } else { format.as_str() };
        Formatter::new(
            subject,
            format,
            DateFormat::parse(&dates)?,
            zone::local(),
            abbrev,
            session.face.colour,
        )
    }

    pub(super) fn shows_headers(&self) -> bool {
        !self.no_headers && !self.is_json()
    }
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.layout.is_json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let sorted = session.sort(&arguments.arguments, &arguments.connect, &Paths::default())?;
    sorted.refuse_unknown()?;
    let layout = &arguments.layout;
    let formatter = layout.formatter(session, Subject::Log, "log")?;
    let filter = Filter::new(Patterns {
        events: &arguments.event,
        change: arguments.change.as_deref(),
        project: arguments.project.as_deref(),
        committer: arguments.committer.as_deref(),
        planner: None,
    })?;
    let opened = open(session, &sorted.targets, &arguments.connect, &Paths::default())?;
    let mut engine = session.engine(&opened)?;
    let (destination, registry) = (engine.destination().to_owned(), engine.registry_destination().to_owned());
    if !matches!(engine.presence()?, Presence::Version(_)) {
        let text = format!("Database {registry} has not been initialized for Sqitch");
        return Err(Error::new(Kind::Nothing, "registry.missing", text));
    }
    let mut shown = 0;
    let mut seen = false;
    let mut skip = layout.skip.unwrap_or(0);
    let limit = layout.max_count.unwrap_or(usize::MAX);
    let json = layout.is_json();
    engine.events(&EventQuery { oldest_first: layout.reverse }, &mut |row| {
        if !seen && layout.shows_headers() {
            ui::write_out(&format!("On database {destination}\n"))?;
        }
        seen = true;
        let record = record(row);
        if !filter.accepts(&record) {
            return Ok(shown < limit);
        }
        if skip > 0 {
            skip -= 1;
            return Ok(true);
        }
        if shown < limit {
            shown += 1;
            ui::write_out(&format!("{}\n", rendered(&formatter, &record, json)))?;
        }
        Ok(shown < limit)
    })?;
    if !seen {
        return Err(Error::new(Kind::Nothing, "log.empty", format!("No events logged for {destination}")));
    }
    Ok(0)
}

/// A record as text, or as one line of JSON.
pub(super) fn rendered(formatter: &Formatter, record: &Record, json: bool) -> String {
    if json && let Ok(line) = serde_json::to_string(record) {
        return line;
    }
    formatter.render(record)
}

fn record(row: EventRow) -> Record {
    Record {
        event: Event::parse(&row.event).unwrap_or(Event::Deploy),
        change_id: row.change_id,
        change: row.change,
        project: row.project,
        note: row.note,
        requires: row.requires,
        conflicts: row.conflicts,
        tags: row.tags,
        planner: person(row.planner),
        planned_at: timestamp(row.planned_at),
        committer: Some(person(row.committer)),
        committed_at: Some(row.committed_at),
        deploy_file: None,
    }
}

pub(super) fn person(person: crate::plan::Person) -> Person {
    Person { name: person.name, email: person.email }
}

/// A plan's time as a point in time; a leap second becomes the second before it.
pub(super) fn timestamp(stamp: crate::plan::Stamp) -> jiff::Timestamp {
    let text = stamp.as_str().replace(":60Z", ":59Z");
    text.parse().unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
