//! `change revert`

use super::super::options::OnDatabase;
use super::super::session::Session;
use super::super::ui;
use super::deploy::{open, plural, with_context};
use crate::config::target::Target;
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
    /// Revert this change alone, if nothing deployed requires it
    #[arg(long, value_name = "CHANGE", conflicts_with_all = ["to", "modified"])]
    only: Option<String>,
    /// Revert to the last change before the first one that was modified since
    #[arg(short, long)]
    modified: bool,
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
    if first.is_none()
        && arguments.only.is_none()
        && !arguments.modified
        && (arguments.strict || session.config.flag("revert.strict")?.unwrap_or(false))
    {
        return Err(Error::new(
            Kind::Nothing,
            "revert.strict",
            "Must specify a target revision in strict mode",
        ));
    }
    if let (Some(only), Some(other)) = (&arguments.only, &first) {
        let message = format!("--only {only} and \"{other}\" do not go together");
        return Err(
            Error::new(Kind::Usage, "usage.only", message).hint(format!("change revert --only {only}"))
        );
    }
    let request = Request {
        to: first,
        only: arguments.only.clone(),
        modified: arguments.modified,
        log_only: arguments.log_only,
        dry_run: arguments.dry_run,
        doubtful: None,
    };
    let json = arguments.on.json();
    let mut asker = Asker::new(session, &opened.target, "revert", arguments.yes, json)?;
    let steps = with_context(session, &opened, "revert", json, arguments.lock_timeout, |context| {
        revert::revert(context, &request, &mut |question| asker.ask(question))
    })?;
    if request.dry_run {
        show_steps(&steps, json)?;
    }
    Ok(0)
}

/// Asks before something is taken away, unless the answer was given in advance.
pub(super) struct Asker {
    yes: bool,
    default: bool,
    json: bool,
    terminal: bool,
}

impl Asker {
    /// What options and configuration say; those of `command` win over those of `revert`. On a
    /// protected target only an answer given here and now counts.
    pub(super) fn new(
        session: &Session,
        target: &Target,
        command: &str,
        yes: bool,
        json: bool,
    ) -> Result<Asker> {
        let habit = |key: &str| -> Result<bool> {
            let own = session.config.flag(&format!("{command}.{key}"))?;
            let set = if own.is_some() { own } else { session.config.flag(&format!("revert.{key}"))? };
            Ok(set.unwrap_or(false) && !target.protected)
        };
        let (no_prompt, default) = (habit("no_prompt")?, habit("prompt_accept")?);
        Ok(Asker { yes: yes || no_prompt, default, json, terminal: session.face.terminal })
    }

    pub(super) fn ask(&mut self, question: &Question) -> Result<Answer> {
        if self.yes {
            return Ok(Answer::InAdvance);
        }
        // A machine reads standard output, so the question goes to whoever may be watching.
        let say = if self.json { ui::complain } else { ui::print };
        if self.terminal {
            say(&question.changes.iter().map(|change| format!("  - {change}\n")).collect::<String>());
        }
        Ok(if ui::ask(&question.text, self.default, say)? { Answer::Yes } else { Answer::No })
    }
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
    let mut text: String =
        steps.iter().map(|step| format!("  - {}  ({})\n", step.change, step.script)).collect();
    if !steps.is_empty() {
        text.push_str(&format!("{} to revert; nothing was done\n", plural(steps.len(), "change")));
    }
    ui::write_out(&text)
}
