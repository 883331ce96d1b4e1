//! Symbolic references: `@HEAD`, `@ROOT`, `name`, `name@tag`, `@tag`, ids, and offsets `^` (earlier)
//! and `~` (later), looked up in a sequence of changes: the plan's or the deployed ones.

use super::{Id, Map, Plan};

/// One change of a sequence, as far as references need it.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: &'a str,
    /// Its tags without `@`.
    pub tags: Vec<&'a str>,
}

/// What became of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// The position in the sequence.
    Found(usize),
    /// There is no such change.
    Unknown,
    /// `name@tag` with a tag that does not exist.
    UnknownTag(String),
    /// The name has several instances: the references that would tell them apart, latest first.
    Ambiguous(Vec<String>),
}

/// Changes in their order, with an index for looking references up.
#[derive(Debug)]
pub struct Sequence<'a> {
    length: usize,
    names: Map<&'a str, Vec<usize>>,
    tags: Map<&'a str, usize>,
    ids: Map<Id, usize>,
    /// In the plan, `name@ROOT` and the ids of tags are known; in the registry they are not.
    planned: bool,
    first_tags: Map<usize, &'a str>,
}

impl<'a> Sequence<'a> {
    /// The changes of a plan.
    pub(super) fn of_plan(plan: &'a Plan) -> Sequence<'a> {
        let entries = plan.changes.iter().map(|change| Entry {
            id: change.id,
            name: &change.name,
            tags: plan.tags_of(change).iter().map(|tag| tag.name.as_str()).collect(),
        });
        let mut sequence = Sequence::new(entries, true);
        sequence.ids.extend(plan.tags.iter().map(|tag| (tag.id, tag.change)));
        sequence
    }

    /// The deployed changes, in the order of their deployment.
    #[must_use]
    pub fn deployed(entries: impl Iterator<Item = Entry<'a>>) -> Sequence<'a> {
        Sequence::new(entries, false)
    }

    fn new(entries: impl Iterator<Item = Entry<'a>>, planned: bool) -> Sequence<'a> {
        let mut sequence = Sequence {
            length: 0,
            names: Map::default(),
            tags: Map::default(),
            ids: Map::default(),
            planned,
            first_tags: Map::default(),
        };
        for (at, entry) in entries.enumerate() {
            sequence.length = at + 1;
            sequence.names.entry(entry.name).or_default().push(at);
            sequence.ids.insert(entry.id, at);
            for tag in &entry.tags {
                sequence.tags.insert(tag, at);
            }
            if let Some(first) = entry.tags.first() {
                sequence.first_tags.insert(at, first);
            }
        }
        sequence
    }

    /// Whether a tag of this name exists here.
    #[must_use]
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.contains_key(tag)
    }

    /// Resolves a reference.
    #[must_use]
    pub fn find(&self, reference: &str) -> Lookup {
        let (base, offset) = split_offset(reference);
        match self.base(base) {
            Lookup::Found(at) => match at.checked_add_signed(offset).filter(|at| *at < self.length) {
                Some(at) => Lookup::Found(at),
                None => Lookup::Unknown,
            },
            other => other,
        }
    }

    fn base(&self, base: &str) -> Lookup {
        let found = |at: Option<usize>| at.map_or(Lookup::Unknown, Lookup::Found);
        match base {
            "HEAD" | "@HEAD" => return found(self.length.checked_sub(1)),
            "ROOT" | "@ROOT" => return found((self.length > 0).then_some(0)),
            _ => {}
        }
        if let Some(id) = Id::parse(base) {
            return found(self.ids.get(&id).copied());
        }
        match base.split_once('@') {
            Some(("", tag)) => found(self.tags.get(tag).copied()),
            Some((name, tag)) => self.at_tag(name, tag),
            None => self.by_name(base),
        }
    }

    fn at_tag(&self, name: &str, tag: &str) -> Lookup {
        let instances = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        let found = |at: Option<&usize>| at.map_or(Lookup::Unknown, |at| Lookup::Found(*at));
        match tag {
            "HEAD" => found(instances.last()),
            // Sqitch looks the tag ROOT up in the plan only, where it means the first change.
            "ROOT" if self.planned => found(instances.first().filter(|at| **at == 0)),
            "ROOT" => Lookup::Unknown,
            _ => match self.tags.get(tag) {
                None => Lookup::UnknownTag(tag.to_owned()),
                Some(limit) => found(instances.iter().rev().find(|at| *at <= limit)),
            },
        }
    }

    fn by_name(&self, name: &str) -> Lookup {
        match self.names.get(name).map(Vec::as_slice) {
            None | Some([]) => Lookup::Unknown,
            Some([at]) => Lookup::Found(*at),
            Some(several) => {
                Lookup::Ambiguous(several.iter().rev().map(|at| self.qualified(name, *at)).collect())
            }
        }
    }

    /// `name@tag` with the first tag at or after the instance and before the next one.
    fn qualified(&self, name: &str, at: usize) -> String {
        let instances = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        let next = instances.iter().find(|other| **other > at).copied().unwrap_or(self.length);
        let tag = (at..next).find_map(|at| self.first_tags.get(&at));
        format!("{name}@{}", tag.copied().unwrap_or("HEAD"))
    }
}

/// Splits `^`, `^^`, `^3`, `~` … from the end. The character before must not be punctuation, so
/// `b^^^` is a plain name.
fn split_offset(reference: &str) -> (&str, isize) {
    let stem = reference.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = reference.get(stem.len()..).unwrap_or_default();
    let Some(sign) = stem.chars().next_back().filter(|c| matches!(c, '^' | '~')) else {
        return (reference, 0);
    };
    let one = stem.get(..stem.len() - 1).unwrap_or_default();
    let (base, count) = match (one.strip_suffix(sign), digits) {
        (Some(base), "") => (base, 2),
        (None, "") => (one, 1),
        (None, digits) => (one, digits.parse::<isize>().unwrap_or(isize::MAX)),
        (Some(_), _) => return (reference, 0),
    };
    if base.is_empty() || base.ends_with(|c: char| c.is_ascii_punctuation() && c != '_') {
        return (reference, 0);
    }
    (base, if sign == '^' { -count } else { count })
}
