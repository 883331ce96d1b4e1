//! `change bundle`

use super::super::config_edit;
use super::super::opened::Opened;
use super::super::options::Paths;
use super::super::session::Session;
use super::super::ui;
use super::add::open_all;
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Plan};
use crate::project::{Which, make_folder, replace};
use clap::Args;
use std::path::Path;

/// Copy a project for distribution: configuration, plan and scripts.
///
/// With --from and --to, only those changes are copied. A plan without its first changes gives the
/// others new ids, so it must not be deployed where the whole plan was.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The first and the last change, or targets
    #[arg(value_name = "FROM|TO|TARGET")]
    arguments: Vec<String>,
    /// The folder to copy to
    #[arg(long, visible_alias = "dir", value_name = "DIR")]
    dest_dir: Option<String>,
    /// The first change
    #[arg(long, value_name = "CHANGE")]
    from: Option<String>,
    /// The last change
    #[arg(long, value_name = "CHANGE")]
    to: Option<String>,
    /// Bundle the plans of all targets
    #[arg(short, long)]
    all: bool,
    #[command(flatten)]
    paths: Paths,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let connect = super::super::options::Connect::default();
    let sorted = session.sort(&arguments.arguments, &connect, &arguments.paths)?;
    sorted.refuse_unknown()?;
    let all = arguments.all || session.config.flag("bundle.all")?.unwrap_or(false);
    let projects = open_all(session, &sorted.targets, all, &arguments.paths)?;
    let folder =
        arguments.dest_dir.clone().or_else(|| session.config.trimmed("bundle.dest_dir").map(str::to_owned));
    let folder = folder.unwrap_or_else(|| "bundle".to_owned());
    if (arguments.from.is_some() || arguments.to.is_some()) && !sorted.changes.is_empty() {
        let message = "Cannot specify both --from or --to and change arguments";
        return Err(
            Error::new(Kind::Usage, "usage.bundle", message).hint("change bundle --from CHANGE --to CHANGE")
        );
    }
    let mut changes = sorted.changes.into_iter();
    let from = arguments.from.clone().or_else(|| changes.next());
    let to = arguments.to.clone().or_else(|| changes.next());
    let bundle = Bundle { session, folder: &folder, from, to };
    bundle.say(&format!("Bundling into {folder}\nWriting config\n"))?;
    make_folder(&session.root.join(&folder))?;
    bundle.configuration()?;
    for opened in &projects {
        bundle.project(opened)?;
    }
    Ok(0)
}

struct Bundle<'a> {
    session: &'a Session,
    folder: &'a str,
    from: Option<String>,
    to: Option<String>,
}

impl Bundle<'_> {
    fn say(&self, text: &str) -> Result<()> {
        if self.session.face.quiet { Ok(()) } else { ui::write_out(text) }
    }

    /// Copies a file if it is there, to its place in the bundle.
    fn copy(&self, path: &str) -> Result<()> {
        let from = self.session.root.join(path);
        let to = self.session.root.join(self.folder).join(path);
        match std::fs::read(&from) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => {
                Err(Error::new(Kind::Project, "file.read", format!("cannot read {path}")).because(error))
            }
            Ok(bytes) if std::fs::read(&to).is_ok_and(|there| there == bytes) => Ok(()),
            Ok(bytes) => replace_in_folder(&to, &bytes),
        }
    }

    fn configuration(&self) -> Result<()> {
        for name in ["sqitch.conf", "change.toml"] {
            self.copy(name)?;
        }
        let file = config_edit::project_file(self.session);
        let named = file.strip_prefix(&self.session.root).ok().and_then(Path::to_str);
        named.map_or(Ok(()), |name| self.copy(name))
    }

    fn project(&self, opened: &Opened) -> Result<()> {
        let plan_file = &opened.project.layout.plan_file;
        if self.from.is_none() && self.to.is_none() {
            self.say("Writing plan\n")?;
            let plan = opened.project.plan()?;
            self.copy(plan_file)?;
            return self.scripts(opened, &plan, 0, plan.changes.len());
        }
        let from = self.from.as_deref().unwrap_or("@ROOT");
        let to = self.to.as_deref().unwrap_or("@HEAD");
        self.say(&format!("Writing plan from {from} to {to}\n"))?;
        let plan = opened.project.plan()?;
        let find = |reference: &str| {
            crate::steps::resolve::in_plan(&plan, reference).map_err(|_| {
                Error::new(Kind::Plan, "reference.unknown", format!("Cannot find change {reference}"))
                    .hint("change plan  lists the changes there are")
            })
        };
        let (first, last) = (find(from)?, find(to)?);
        let bytes = opened.project.plan_bytes()?;
        let text = String::from_utf8_lossy(&bytes);
        let part = plan::part_of(&plan, &text, first, last);
        replace_in_folder(&self.session.root.join(self.folder).join(plan_file), part.as_bytes())?;
        self.scripts(opened, &plan, first, last + 1)
    }

    fn scripts(&self, opened: &Opened, plan: &Plan, first: usize, end: usize) -> Result<()> {
        self.say("Writing scripts\n")?;
        for at in first..end {
            let Some(change) = plan.changes.get(at) else { continue };
            self.say(&format!("  + {}\n", plan.label(change)))?;
            for which in Which::ALL {
                self.copy(&opened.project.script_path(plan, at, which)?)?;
            }
            self.copy(&opened.project.recovery_path(&change.name))?;
        }
        Ok(())
    }
}

fn replace_in_folder(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    replace(path, bytes)
}
