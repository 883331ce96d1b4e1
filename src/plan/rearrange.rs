//! Rearranging a plan line by line: into the order in which its changes were deployed, and out of two
//! branches.
//!
//! Knows: the text of plans. Must never know: files, git, databases.

use super::{Plan, parse};
use crate::error::{Error, Kind, Result};

/// The lines of a plan that belong together: a change with the comments right above it, its tags, and
/// what follows up to the next one.
struct Blocks<'a> {
    header: String,
    blocks: Vec<Vec<&'a str>>,
}

fn blocks<'a>(plan: &Plan, text: &'a str) -> Blocks<'a> {
    let lines: Vec<&str> = text.lines().collect();
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let mut starts = Vec::with_capacity(plan.changes.len());
    let mut floor = lines.iter().take_while(|line| !line.trim().is_empty()).count();
    for change in &plan.changes {
        let line = (change.line as usize).saturating_sub(1);
        let above = lines.get(floor..line).unwrap_or_default();
        let comments = above.iter().rev().take_while(|line| is_comment(line)).count();
        starts.push(line - comments);
        floor = line + 1;
    }
    let first = starts.first().copied().unwrap_or(lines.len());
    let header = lines.get(..first).unwrap_or_default().iter().map(|line| format!("{line}\n")).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let blocks =
        starts.iter().zip(ends).map(|(start, end)| lines.get(*start..end).unwrap_or_default().to_vec());
    Blocks { header, blocks: blocks.collect() }
}

/// The plan with its changes in this order, each with its tags and comments.
#[must_use]
pub fn reordered(plan: &Plan, text: &str, order: &[usize]) -> String {
    let Blocks { header, blocks } = blocks(plan, text);
    let mut result = header;
    for block in order.iter().filter_map(|at| blocks.get(*at)) {
        for line in block {
            result.push_str(line);
            result.push('\n');
        }
    }
    // A blank line that stood between two changes must not end the plan.
    format!("{}\n", result.trim_end())
}

/// A line that is planned: a change or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item<'a> {
    text: &'a str,
    tag: bool,
}

fn items<'a>(plan: &Plan, text: &'a str) -> Vec<Item<'a>> {
    let lines: Vec<&str> = text.lines().collect();
    let line =
        |number: u32| lines.get((number as usize).saturating_sub(1)).copied().unwrap_or_default().trim();
    let changes = plan.changes.iter().map(|change| (change.line, false));
    let mut numbers: Vec<(u32, bool)> = changes.chain(plan.tags.iter().map(|tag| (tag.line, true))).collect();
    numbers.sort_unstable();
    numbers.into_iter().map(|(number, tag)| Item { text: line(number), tag }).collect()
}

/// Puts two plans together that grew from one: what theirs has besides goes behind what ours has, and a
/// tag stays with its change.
///
/// # Errors
/// When a line of the common plan was edited or removed in one of them, or the result is no plan: the
/// same name in both, or a requirement that comes too late.
pub fn merged(base: &str, ours: &str, theirs: &str) -> Result<String> {
    let [base_plan, ours_plan, theirs_plan] =
        [("the common plan", base), ("our plan", ours), ("their plan", theirs)]
            .map(|(name, text)| parse(name, text.as_bytes()));
    let (base_plan, ours_plan, theirs_plan) = (base_plan?, ours_plan?, theirs_plan?);
    let (base_items, our_items, their_items) =
        (items(&base_plan, base), items(&ours_plan, ours), items(&theirs_plan, theirs));
    for (name, side) in [("our", &our_items), ("their", &their_items)] {
        if let Some(lost) = first_lost(&base_items, side) {
            return Err(Error::new(
                Kind::Plan,
                "plan.merge",
                format!("{name} plan has another line than the common one: {}", lost.text),
            )
            .hint("lines that may be deployed stay as they are; put it back, and merge again"));
        }
    }
    let new = |item: &&Item<'_>| !base_items.contains(item) && !our_items.contains(item);
    let mut result: Vec<String> = ours.lines().map(str::to_owned).collect();
    let mut anchor: Option<&Item<'_>> = None;
    let mut behind: Vec<String> = Vec::new();
    let ours_end = our_items.last();
    for item in &their_items {
        if !new(&item) {
            anchor = Some(item);
            continue;
        }
        let stays = anchor.filter(|anchor| item.tag && Some(*anchor) != ours_end && behind.is_empty());
        match stays.and_then(|anchor| result.iter().position(|line| line.trim() == anchor.text)) {
            // A tag of a common change stays with it.
            Some(at) => {
                result.insert(at + 1, item.text.to_owned());
                anchor = Some(item);
            }
            None => behind.push(item.text.to_owned()),
        }
    }
    result.extend(behind);
    let text = format!("{}\n", result.join("\n").trim_end());
    parse("the merged plan", text.as_bytes()).map(|_| text).map_err(|error| {
        Error::new(Kind::Plan, "plan.merge", "the two plans do not go together").and([error])
    })
}

/// The first line of the common plan that a side does not have in its place.
fn first_lost<'a>(base: &'a [Item<'a>], side: &[Item<'_>]) -> Option<&'a Item<'a>> {
    let mut rest = side.iter();
    base.iter().find(|item| !rest.any(|other| other == *item))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HEAD: &str = "%syntax-version=1.0.0\n%project=p\n\n";

    fn line(name: &str, second: u32) -> String {
        format!("{name} 2024-01-01T00:00:{second:02}Z P Q <p@q.r> # {name}\n")
    }

    fn plan(lines: &[String]) -> String {
        format!("{HEAD}{}", lines.concat())
    }

    #[test]
    fn changes_move_with_their_tags_and_comments() {
        let text =
            format!("{HEAD}{}{}\n# about c\n{}{}", line("a", 1), line("b", 2), line("c", 3), line("@v1", 4));
        let parsed = parse("p", text.as_bytes()).unwrap();
        let moved = reordered(&parsed, &text, &[0, 2, 1]);
        assert_eq!(
            moved,
            format!("{HEAD}{}# about c\n{}{}{}", line("a", 1), line("c", 3), line("@v1", 4), line("b", 2))
        );
    }

    #[test]
    fn what_both_added_is_put_one_behind_the_other() {
        let base = plan(&[line("a", 1)]);
        let ours = plan(&[line("a", 1), line("b", 2), line("@v1", 3)]);
        let theirs = plan(&[line("a", 1), line("@v0", 2), line("c", 4), line("@v2", 5)]);
        let want =
            plan(&[line("a", 1), line("@v0", 2), line("b", 2), line("@v1", 3), line("c", 4), line("@v2", 5)]);
        assert_eq!(merged(&base, &ours, &theirs).unwrap(), want);
        assert_eq!(merged(&base, &base, &theirs).unwrap(), theirs);
        assert_eq!(merged(&base, &ours, &base).unwrap(), ours);
    }

    #[test]
    fn what_cannot_be_merged_is_said() {
        let base = plan(&[line("a", 1), line("b", 2)]);
        let edited = plan(&[line("a", 9), line("b", 2)]);
        assert!(merged(&base, &edited, &base).unwrap_err().message().contains("our plan has another line"));
        let ours = plan(&[line("a", 1), line("b", 2), line("c", 3)]);
        let theirs = plan(&[line("a", 1), line("b", 2), line("c", 4)]);
        assert!(merged(&base, &ours, &theirs).is_err(), "the same name in both");
    }
}
