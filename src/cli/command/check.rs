//! `change check`

use super::super::options::OnDatabase;
use super::super::session::Session;
use super::super::ui;
use super::deploy::{open, plural, with_context};
use crate::error::Result;
use crate::run::check;
use clap::Args;

/// Compare plan and scripts with what is deployed, and list every difference.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The first and the last change to compare, or a target
    #[arg(value_name = "FROM|TO|TARGET")]
    arguments: Vec<String>,
    /// The first change to compare
    #[arg(long, visible_alias = "from-change", value_name = "CHANGE")]
    from: Option<String>,
    /// The last change to compare
    #[arg(long, visible_alias = "to-change", value_name = "CHANGE")]
    to: Option<String>,
    #[command(flatten)]
    on: OnDatabase,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let sorted = session.sort(&arguments.arguments, &arguments.on.connect, &arguments.on.paths)?;
    sorted.refuse_unknown()?;
    let opened = open(session, &sorted.targets, &arguments.on.connect, &arguments.on.paths)?;
    let mut changes = sorted.changes.into_iter();
    let from = arguments.from.clone().or_else(|| changes.next());
    let to = arguments.to.clone().or_else(|| changes.next());
    let json = arguments.on.json();
    let report = with_context(session, &opened, "check", json, None, |context| {
        check::check(context, from.as_deref(), to.as_deref())
    })?;
    let status = u8::from(!report.divergences.is_empty());
    if json {
        let value = serde_json::json!({ "deployed": report.deployed, "divergences": report.divergences });
        ui::write_out(&format!("{value}\n"))?;
        return report.in_doubt.map_or(Ok(status), Err);
    }
    let mut text = format!("Checking {}\n", opened.target.destination());
    if report.deployed == 0 {
        text.push_str("No changes deployed\n");
    } else if report.divergences.is_empty() {
        text.push_str("Check successful\n");
    } else {
        for divergence in &report.divergences {
            text.push_str(&format!("  * {}\n", divergence.describe(&opened.project.layout.plan_file)));
        }
        text.push_str(&format!("Check found {}\n", plural(report.divergences.len(), "difference")));
    }
    ui::write_out(&text)?;
    report.in_doubt.map_or(Ok(status), Err)
}
