//! Which commit is checked out, read from git's own files: starting git would take longer than many a
//! deployment.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// The commit that git has checked out in the folder or one around it, if there is one.
///
/// Layout: gitrepository-layout(5): `HEAD` names a commit or a ref, and a ref is a file or a line of
/// `packed-refs`; in a worktree `.git` is a file, and the refs are in the common folder.
#[must_use]
pub fn head(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let git = folder.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
    let git = if git.is_dir() {
        git
    } else {
        let text = read_to_string(&git).ok()?;
        git.parent()?.join(text.trim().strip_prefix("gitdir:")?.trim())
    };
    let head = read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref:").map(str::trim) else { return commit(&head) };
    let common = match read_to_string(git.join("commondir")) {
        Ok(path) => git.join(path.trim()),
        Err(_) => git.clone(),
    };
    loose(&[git, common.clone()], name).or_else(|| packed(&common, name))
}

fn loose(folders: &[PathBuf], name: &str) -> Option<String> {
    folders.iter().find_map(|folder| commit(&read_to_string(folder.join(name)).ok()?))
}

fn packed(common: &Path, name: &str) -> Option<String> {
    let list = read_to_string(common.join("packed-refs")).ok()?;
    list.lines().find_map(|line| commit(line.strip_suffix(name)?.strip_suffix(' ')?))
}

fn commit(text: &str) -> Option<String> {
    let text = text.trim();
    let hex = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::head;
    use std::fs::{create_dir_all, write};

    const ONE: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn a_branch_a_packed_ref_a_bare_commit_and_a_worktree() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| home.path().join(path);
        assert_eq!(head(home.path()), None, "no repository");
        create_dir_all(at("r/.git/refs/heads")).unwrap();
        create_dir_all(at("r/deep/er")).unwrap();
        write(at("r/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        assert_eq!(head(&at("r")), None, "a branch without a commit");
        write(at("r/.git/packed-refs"), format!("# pack-refs\n{ONE} refs/heads/main\n")).unwrap();
        assert_eq!(head(&at("r/deep/er")).as_deref(), Some(ONE));
        let two = ONE.replace('0', "a");
        write(at("r/.git/refs/heads/main"), format!("{two}\n")).unwrap();
        assert_eq!(head(&at("r")), Some(two.clone()), "a loose ref is newer");
        write(at("r/.git/HEAD"), format!("{ONE}\n")).unwrap();
        assert_eq!(head(&at("r")).as_deref(), Some(ONE));
        create_dir_all(at("r/.git/worktrees/w")).unwrap();
        create_dir_all(at("w")).unwrap();
        write(at("w/.git"), format!("gitdir: {}\n", at("r/.git/worktrees/w").display())).unwrap();
        write(at("r/.git/worktrees/w/HEAD"), "ref: refs/heads/main\n").unwrap();
        write(at("r/.git/worktrees/w/commondir"), "../..\n").unwrap();
        assert_eq!(head(&at("w")), Some(two));
    }
}
