//! Where the files of a project are.

use crate::error::{Error, Kind, Result};

/// Which of a change's three scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// Makes the change.
    Deploy,
    /// Takes it back.
    Revert,
    /// Makes sure that it is there.
    Verify,
}

impl Which {
    /// `deploy`, `revert` or `verify`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Which::Deploy => "deploy",
            Which::Revert => "revert",
            Which::Verify => "verify",
        }
    }

    /// All three, in the order in which they are shown.
    pub const ALL: [Which; 3] = [Which::Deploy, Which::Revert, Which::Verify];
}

/// The paths of a project, relative to the folder it is run in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The plan.
    pub plan_file: String,
    /// The folder that holds the others unless they are named.
    pub top: String,
    /// The folders of the scripts.
    pub deploy: String,
    /// The folders of the scripts.
    pub revert: String,
    /// The folders of the scripts.
    pub verify: String,
    /// The folders of reworked changes' scripts.
    pub reworked_deploy: String,
    /// The folders of reworked changes' scripts.
    pub reworked_revert: String,
    /// The folders of reworked changes' scripts.
    pub reworked_verify: String,
    /// The scripts' extension, without its dot.
    pub extension: String,
}

impl Layout {
    /// The folder of a kind of script.
    #[must_use]
    pub fn folder(&self, which: Which, reworked: bool) -> &str {
        match (which, reworked) {
            (Which::Deploy, false) => &self.deploy,
            (Which::Revert, false) => &self.revert,
            (Which::Verify, false) => &self.verify,
            (Which::Deploy, true) => &self.reworked_deploy,
            (Which::Revert, true) => &self.reworked_revert,
            (Which::Verify, true) => &self.reworked_verify,
        }
    }

    /// The path of a script; `tag` is given for a reworked change.
    #[must_use]
    pub fn script(&self, name: &str, tag: Option<&str>, which: Which) -> String {
        let folder = self.folder(which, tag.is_some());
        let suffix = tag.map(|tag| format!("@{tag}")).unwrap_or_default();
        join(folder, &format!("{name}{suffix}.{}", self.extension))
    }

    /// The path of a recovery document.
    #[must_use]
    pub fn recovery(&self, name: &str) -> String {
        join(&join(&self.top, "recovery"), &format!("{name}.md"))
    }
}

/// `./` is left out, as Sqitch does.
fn join(folder: &str, file: &str) -> String {
    match folder {
        "" | "." => file.to_owned(),
        folder => format!("{}/{file}", folder.trim_end_matches('/')),
    }
}

/// Refuses a name that, as a path, would leave the folder it is put in.
///
/// # Errors
/// When a part of it is empty, `.` or `..`, or it holds a control character.
pub fn contained(name: &str) -> Result<()> {
    let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains(char::is_control);
    if name.is_empty() || name.split('/').any(bad) {
        return Err(Error::new(
            Kind::Plan,
            "plan.name_as_path",
            format!("the change \"{}\" has no place among the scripts", name.escape_debug()),
        )
        .hint(
            "its name is also the path of its scripts, and that must stay inside their folder; rename it",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for name in ["a/../../../evil", "../a", "/etc/passwd", "a//b", "a/./b", "", "a\u{1}b"] {
            assert!(contained(name).is_err(), "{name}");
        }
        assert!(contained("dir/sub.dir/a..b").is_ok());
    }
}
