//! Whatever is left of a script, nothing panics and nothing hangs.

use super::World;
use super::support::Tool;
use std::path::Path;
use std::time::{Duration, Instant};

/// So many pieces are cut for each dialect.
const PIECES: usize = 200;
/// A run of a debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// Numbers that look like chance, and are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// The SQL scripts that the repository holds.
fn scripts() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut scripts: Vec<_> = ["deploy", "revert", "verify", "tests"]
        .iter()
        .flat_map(|folder| walkdir::WalkDir::new(root.join(folder)))
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "sql"))
        .map(|entry| entry.into_path())
        .collect();
    scripts.sort();
    scripts.iter().map(|path| std::fs::read(path).unwrap()).filter(|text| text.len() > 20).collect()
}

fn never_panics(dialect: &str, seed: u64) {
    let scripts = scripts();
    assert!(scripts.len() > 50);
    let world = World::new();
    let mut dice = Dice(seed);
    for number in 0..PIECES {
        let text = &scripts[dice.below(scripts.len())];
        let (one, other) = (dice.below(text.len()), dice.below(text.len()));
        let mut piece = text[one.min(other)..one.max(other)].to_vec();
        if number % 4 == 0 && !piece.is_empty() {
            let at = dice.below(piece.len());
            piece[at] = u8::try_from(dice.below(256)).unwrap();
        }
        std::fs::create_dir_all(world.path("cut")).unwrap();
        std::fs::write(world.path(&format!("cut/{number}.sql")), piece).unwrap();
    }
    // One run each would take minutes; where a bundle fails, its pieces are tried one by one.
    for bundle in 0..PIECES / 20 {
        let names: Vec<String> = (0..20).map(|at| format!("cut/{}.sql", bundle * 20 + at)).collect();
        for command in ["lint", "explain"] {
            let mut words = vec![command, "--dialect", dialect];
            words.extend(names.iter().map(String::as_str));
            if !is_fine(&world, &words) {
                let alone = |name: &&String| !is_fine(&world, &[command, "--dialect", dialect, name]);
                let guilty = names.iter().find(alone);
                panic!(
                    "{dialect} {command}: {:?}",
                    guilty.map(|name| std::fs::read(world.path(name)).unwrap())
                );
            }
        }
    }
}

fn is_fine(world: &World, words: &[&str]) -> bool {
    let begun = Instant::now();
    let done = world.run(Tool::Change, "", words, "");
    (0..=2).contains(&done.status) && !done.err.contains("panicked") && begun.elapsed() < LIMIT
}

#[test]
fn nothing_panics_on_pieces_read_as_postgresql() {
    never_panics("pg", 0x9e37_79b9_7f4a_7c15);
}

#[test]
fn nothing_panics_on_pieces_read_as_mysql() {
    never_panics("mysql", 0xd1b5_4a32_d192_ed03);
}

#[test]
fn nothing_panics_on_pieces_read_as_sqlite() {
    never_panics("sqlite", 0x2545_f491_4f6c_dd1d);
}
