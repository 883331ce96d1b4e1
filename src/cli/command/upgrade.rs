//! `change upgrade`

use super::super::options::{Connect, Paths};
use super::super::session::Session;
use super::super::ui;
use super::deploy::open;
use crate::engine::{Notice, Presence, REGISTRY_VERSION};
use crate::error::{Error, Kind, Result};
use clap::Args;
use std::time::Duration;

/// Bring the registry to the current version. Deploying does that by itself.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A target
    #[arg(value_name = "TARGET")]
    arguments: Vec<String>,
    #[command(flatten)]
    connect: Connect,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let opened = open(session, &arguments.arguments, &arguments.connect, &Paths::default())?;
    let who = session.person()?;
    let mut engine = session.engine(&opened)?;
    let registry = engine.registry_destination().to_owned();
    match engine.presence()? {
        Presence::Missing => {
            return Err(Error::new(
                Kind::Database,
                "registry.missing",
                format!("No registry found in {registry}"),
            )
            .hint("change deploy  makes it"));
        }
        Presence::Version(version) if version == REGISTRY_VERSION => {
            let text = format!("Registry {registry} is up-to-date at version {version:.1}\n");
            return ui::write_out(&text).map(|()| 0);
        }
        _ => {}
    }
    engine.lock(Duration::from_secs(60), &mut |_| {})?;
    engine.prepare(&who, &mut |notice| match notice {
        Notice::Upgraded { from, to } => {
            ui::print(&format!("Upgrading registry {registry} to version {to}\n  * From {from} to {to}\n"));
        }
        Notice::HealedRegistry => {
            ui::print(&format!("Completed the registry in {registry}, which was left half-made\n"))
        }
        Notice::AddingRegistry | Notice::Recorded { .. } => {}
    })?;
    Ok(0)
}
