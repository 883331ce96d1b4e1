//! `change show`

use super::super::opened::Opened;
use super::super::options::{Connect, Output, Paths};
use super::super::session::Session;
use super::super::ui;
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Id, Plan};
use crate::project::Which;
use crate::steps::resolve;
use clap::Args;

/// Show a change, a tag, or one of a change's scripts.
#[derive(Debug, Args)]
pub struct Arguments {
    /// change, tag, deploy, revert or verify
    #[arg(value_name = "TYPE")]
    kind: String,
    /// The change or tag
    #[arg(value_name = "CHANGE")]
    object: String,
    /// Print nothing; the exit status says whether it exists
    #[arg(short, long)]
    exists: bool,
    /// The target whose plan is meant
    #[arg(short, long, value_name = "TARGET")]
    target: Option<String>,
    /// Text or JSON
    #[arg(long, value_enum, default_value_t)]
    format: Output,
    #[command(flatten)]
    paths: Paths,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Output::Json
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let connect = Connect { target: arguments.target.clone(), ..Connect::default() };
    let opened = session.target(None, &connect, &arguments.paths)?;
    let plan = opened.project.plan()?;
    let found = text(arguments, &opened, &plan);
    match found {
        Err(_) if arguments.exists => Ok(2),
        Err(error) => Err(error),
        Ok(_) if arguments.exists => Ok(0),
        Ok(text) if arguments.wants_json() => {
            let text = String::from_utf8_lossy(&text);
            let value =
                serde_json::json!({ "type": arguments.kind, "object": arguments.object, "text": text });
            ui::write_out(&format!("{value}\n")).map(|()| 0)
        }
        Ok(mut text) => {
            text.push(b'\n');
            ui::write_bytes(&text).map(|()| 0)
        }
    }
}

fn text(arguments: &Arguments, opened: &Opened, plan: &Plan) -> Result<Vec<u8>> {
    let which = match arguments.kind.as_str() {
        "change" => None,
        "tag" => return tag(plan, &arguments.object).map(String::into_bytes),
        "deploy" => Some(Which::Deploy),
        "revert" => Some(Which::Revert),
        "verify" => Some(Which::Verify),
        other => {
            return Err(Error::new(Kind::Usage, "show.type", format!("Unknown object type \"{other}\""))
                .hint("use change, tag, deploy, revert or verify"));
        }
    };
    let at = resolve::in_plan(plan, &arguments.object)?;
    let Some(which) = which else {
        return plan::change_info(plan, at)
            .map(String::into_bytes)
            .ok_or_else(|| Error::new(Kind::Plan, "show.change", "the plan has no such change"));
    };
    let path = opened.project.script_path(plan, at, which)?;
    match opened.project.read_any(&path)? {
        Some(text) => Ok(text.bytes().to_owned()),
        None => Err(Error::new(Kind::Project, "file.missing", format!("File \"{path}\" does not exist"))),
    }
}

fn tag(plan: &Plan, name: &str) -> Result<String> {
    let name = name.strip_prefix('@').unwrap_or(name);
    let by_id = || Id::parse(name).and_then(|id| plan.tag_with_id(&id));
    let tag = plan.tag(name).or_else(by_id);
    tag.and_then(|tag| plan::tag_info(plan, tag)).ok_or_else(|| {
        Error::new(Kind::Plan, "reference.unknown", format!("Unknown tag \"{name}\""))
            .hint("change tag  lists the tags there are")
    })
}
