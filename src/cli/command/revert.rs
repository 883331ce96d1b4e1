//! `change revert`

use super::super::options::OnDatabase;
use super::super::session::Session;
use super::super::ui;
use super::deploy::{open, plural, with_context};
use crate::error::{Error, Kind, Result};
use crate::run::revert::{self, Answer, Question, Request};
use clap::Args;

/// Take deployed changes back, the latest first.
///
/// CHANGE itself stays; without one, everything is reverted. Reverting asks first; -y answers.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The change that stays as the last one, or a target
    #[arg(value_name = "CHANGE|TARGET")]
    arguments: Vec<String>,
    /// Revert to this change or tag, which stays
    #[arg(long, visible_aliases = ["to-change", "change"], value_name = "CHANGE")]
    to: Option<String>,
    /// Record the changes as reverted without running their scripts
    #[arg(long)]
    log_only: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Require a CHANGE to revert to
    #[arg(long)]
    strict: bool,
    /// Set a variable for the scripts
    #[arg(short, long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Wait this long for another runner to finish
    #[arg(long, value_name = "SECONDS")]
    lock_timeout: Option<u64>,
    /// Do not ask
    #[arg(short = 'y')]
    yes: bool,
    #[command(flatten)]
    on: OnDatabase,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let sorted = sort(session, arguments)?;
    let opened = open(session, &sorted.1, &arguments.on.connect, &arguments.on.paths)?;
    let opened = opened.with_variables(&session.config, "revert", &arguments.set)?;
    let mut to = arguments.to.iter().chain(&sorted.0);
    let first = to.next().cloned();
    if let Some(first) = first.as_ref().filter(|_| to.next().is_some()) {
        ui::complain(&format!("warning: Too many changes specified; reverting to \"{first}\"\n"));
    }
    if first.is_none() && (arguments.strict || session.config.flag("revert.strict")?.unwrap_or(false)) {
        return Err(Error::new(Kind::Nothing, "revert.strict", "Must specify a target revision in strict mode"));
    }
    let request = Request { to: first, log_only: arguments.log_only, dry_run: arguments.dry_run, doubtful: None };
    // On a protected target only an answer given here and now counts.
    let habit = |key: &str| session.config.flag(key).map(|value| value.unwrap_or(false) && !opened.target.protected);
    let yes = arguments.yes || habit("revert.no_prompt")?;
    let default = habit("revert.prompt_accept")?;
    let (face, json) = (session.face, arguments.on.json());
    let steps = with_context(session, &opened, "revert", json, arguments.lock_timeout, |context| {
        revert::revert(context, &request, &mut |question: &Question| {
            if yes {
                return Ok(Answer::InAdvance);
            }
            // A machine reads standard output, so the question goes to whoever may be watching.
            let say = if json { ui::complain } else { ui::print };
            if face.terminal {
                say(&question.changes.iter().map(|change| format!("  - {change}\n")).collect::<String>());
            }
            Ok(if ui::ask(&question.text, default, say)? { Answer::Yes } else { Answer::No })
        })
    })?;
    if request.dry_run {
        show_steps(&steps, json)?;
    }
    Ok(0)
}

/// Changes and targets among the arguments. A change that is deployed but no longer planned is
/// named like any other, so what names nothing else is taken for one.
fn sort(session: &Session, arguments: &Arguments) -> Result<(Vec<String>, Vec<String>)> {
    let sorted = session.sort(&arguments.arguments, &arguments.on.connect, &arguments.on.paths)?;
    let mut changes = sorted.changes;
    changes.extend(sorted.unknown);
    Ok((changes, sorted.targets))
}

fn show_steps(steps: &[revert::Step], json: bool) -> Result<()> {
    if json {
        return ui::write_out(&format!("{}\n", serde_json::json!({ "steps": steps })));
    }
    let mut text: String = steps.iter().map(|step| format!("  - {}  ({})\n", step.change, step.script)).collect();
    if !steps.is_empty() {
        text.push_str(&format!("{} to revert; nothing was done\n", plural(steps.len(), "change")));
    }
    ui::write_out(&text)
}
