//! Editing the project's configuration, and what a target of it needs on disk.

use super::options::key_value;
use super::session::Session;
use super::ui;
use crate::config::file::File;
use crate::config::target::Target;
use crate::error::{Error, Kind, Result};
use crate::plan;
use crate::project::{create_new, make_folder, replace};
use clap::Args;
use std::path::{Path, PathBuf};

/// The folders that a target may have of its own.
const FOLDERS: [&str; 7] =
    ["deploy", "revert", "verify", "reworked", "reworked_deploy", "reworked_revert", "reworked_verify"];

/// The properties of a target or an engine, as options.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Properties {
    /// The plan file
    #[arg(short = 'f', long, value_name = "FILE")]
    plan_file: Option<String>,
    /// The registry: schema, database or file
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
    /// The client program
    #[arg(long, value_name = "PATH")]
    client: Option<String>,
    /// What script names end in
    #[arg(long, value_name = "EXTENSION")]
    extension: Option<String>,
    /// The folder above plan and scripts
    #[arg(long, value_name = "DIR")]
    top_dir: Option<String>,
    /// A folder for one kind of script
    #[arg(short, long, value_name = "KIND=DIR")]
    dir: Vec<String>,
    /// Set a variable for the scripts
    #[arg(short, long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Properties {
    /// What the options say, as keys of a section and values.
    ///
    /// # Errors
    /// When a folder or a variable is not `KEY=VALUE`, or there is no such folder.
    pub(super) fn settings(&self, section: &str) -> Result<Vec<(String, String)>> {
        let mut all = Vec::new();
        let plain = [
            ("registry", &self.registry),
            ("client", &self.client),
            ("plan_file", &self.plan_file),
            ("top_dir", &self.top_dir),
            ("extension", &self.extension),
        ];
        for (key, value) in plain {
            all.extend(value.iter().map(|value| (format!("{section}.{key}"), value.clone())));
        }
        for text in &self.dir {
            let (kind, folder) = key_value(text)?;
            check_folder(&kind)?;
            all.push((format!("{section}.{kind}_dir"), folder));
        }
        for text in &self.set {
            let (key, value) = key_value(text)?;
            all.push((format!("{section}.variables.{key}"), value));
        }
        Ok(all)
    }
}

/// Refuses a folder that no target has.
pub(super) fn check_folder(kind: &str) -> Result<()> {
    if FOLDERS.contains(&kind) {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, "usage.dir", format!("Unknown directory name: {kind}"))
        .hint(format!("use one of: {}", FOLDERS.join(", "))))
}

/// The project's file to write to: `change.toml` wins where both stand. Under Sqitch's name, a new one
/// is Sqitch's.
pub(super) fn project_file(session: &Session) -> PathBuf {
    let toml = session.root.join("change.toml");
    let conf = match session.env("SQITCH_CONFIG") {
        Some(path) => session.root.join(path),
        None => session.root.join("sqitch.conf"),
    };
    if (conf.exists() || session.as_sqitch) && !toml.exists() { conf } else { toml }
}

/// Edits a configuration file; nothing is written if that fails, or changes nothing.
pub(super) fn edit<T>(
    session: &Session,
    path: &Path,
    change: impl FnOnce(&mut File) -> Result<T>,
) -> Result<T> {
    let shown = path.strip_prefix(&session.root).unwrap_or(path).display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(
                Error::new(Kind::Config, "config.read", format!("cannot read {shown}")).because(error)
            );
        }
    };
    let mut file = File::parse(&text, &shown)?;
    let done = change(&mut file)?;
    let edited = file.to_string();
    if edited != text {
        replace(path, &edited)?;
    }
    Ok(done)
}

/// Sets a key in the project's file and says which file that is.
pub(super) fn edit_project_file(session: &Session, key: &str, value: &str) -> Result<String> {
    let path = project_file(session);
    edit(session, &path, |file| file.set(key, value))?;
    Ok(path.strip_prefix(&session.root).unwrap_or(&path).display().to_string())
}

/// Sets all these keys in the project's file.
pub(super) fn set_all(session: &Session, settings: &[(String, String)]) -> Result<()> {
    edit(session, &project_file(session), |file| {
        settings.iter().try_for_each(|(key, value)| file.set(key, value))
    })
}

/// Makes the folders of a target that are not there yet, and says so.
pub(super) fn make_folders(session: &Session, target: &Target) -> Result<()> {
    let mut says = String::new();
    let usual = [&target.deploy_dir, &target.revert_dir, &target.verify_dir];
    let reworked = [&target.reworked_deploy_dir, &target.reworked_revert_dir, &target.reworked_verify_dir];
    let own = |folder: &&&String| {
        !usual.contains(*folder) && folder.as_str() != format!("{}/deploy", target.top_dir)
    };
    let moved = reworked.iter().filter(own).filter(|_| reworked_elsewhere(target)).copied();
    for folder in usual.into_iter().chain(moved) {
        if make_folder(&session.root.join(folder))? {
            says.push_str(&format!("Created {}/\n", folder.trim_end_matches('/')));
        }
    }
    tell(session, &says)
}

/// Whether reworked scripts are kept apart from the others.
fn reworked_elsewhere(target: &Target) -> bool {
    let below = |kind: &str| {
        if target.top_dir == "." { kind.to_owned() } else { format!("{}/{kind}", target.top_dir) }
    };
    target.reworked_deploy_dir != below("deploy")
}

/// Writes a target's plan if there is none, for the project of the default plan.
pub(super) fn make_plan(session: &Session, target: &Target) -> Result<()> {
    let path = session.root.join(&target.plan_file);
    if path.exists() {
        return Ok(());
    }
    let other = session.target(None, &super::options::Connect::default(), &super::options::Paths::default());
    let Some(known) = other.ok().and_then(|opened| opened.project.plan().ok()) else { return Ok(()) };
    let mut says = String::new();
    if let Some(folder) = path.parent()
        && make_folder(folder)?
    {
        let shown = Path::new(&target.plan_file).parent().map(|folder| folder.display().to_string());
        says.push_str(&format!("Created {}/\n", shown.unwrap_or_default()));
    }
    create_new(&path, &plan::new_plan_text(&known.project, known.uri.as_deref()))?;
    says.push_str(&format!("Created {}\n", target.plan_file));
    tell(session, &says)
}

fn tell(session: &Session, says: &str) -> Result<()> {
    if session.face.quiet { Ok(()) } else { ui::write_out(says) }
}

/// What `target show` and `engine show` print below the first line.
pub(super) fn described(session: &Session, target: &Target) -> String {
    let client = target.client.clone().unwrap_or_else(|| usual_client(&target.engine).to_owned());
    let reworked = match target.reworked_deploy_dir.strip_suffix("/deploy") {
        Some(folder) => folder.to_owned(),
        None if target.reworked_deploy_dir == "deploy" => ".".to_owned(),
        None => target.top_dir.clone(),
    };
    let mut text = String::new();
    for (label, value) in [
        ("Registry:", &target.registry),
        ("Client:", &client),
        ("Top Directory:", &target.top_dir),
        ("Plan File:", &target.plan_file),
        ("Extension:", &target.extension),
    ] {
        text.push_str(&format!("    {label:<14} {value}\n"));
    }
    text.push_str("    Script Directories:\n");
    for (label, value) in
        [("Deploy:", &target.deploy_dir), ("Revert:", &target.revert_dir), ("Verify:", &target.verify_dir)]
    {
        text.push_str(&format!("      {label:<12} {value}\n"));
    }
    text.push_str("    Reworked Script Directories:\n");
    for (label, value) in [
        ("Reworked:", &reworked),
        ("Deploy:", &target.reworked_deploy_dir),
        ("Revert:", &target.reworked_revert_dir),
        ("Verify:", &target.reworked_verify_dir),
    ] {
        text.push_str(&format!("      {label:<12} {value}\n"));
    }
    let mut variables: Vec<(String, String)> =
        crate::config::target::own_variables(&session.config, target).into_iter().collect();
    variables.sort();
    if variables.is_empty() {
        text.push_str("    No Variables\n");
    } else {
        text.push_str("    Variables:\n");
        for (name, value) in variables {
            text.push_str(&format!("  {name}: {value}\n"));
        }
    }
    text
}

/// The client program that Sqitch starts unless another is named.
pub(super) fn usual_client(engine: &str) -> &'static str {
    match engine {
        "sqlite" => "sqlite3",
        "mysql" => "mysql",
        "cockroach" => "cockroach-sql",
        _ => "psql",
    }
}
