//! Walks two folders side by side and yields what belongs together, one folder at a time.
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::path::{Path, PathBuf};

use super::names::Naming;
use crate::source::Listed;

/// The files that share a key.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) hq: Vec<Listed>,
    pub(super) lq: Vec<Listed>,
}

/// The files of one folder.
type Folder = (PathBuf, Vec<Listed>);

/// Gathers a sorted listing into folders, each after its subfolders.
///
/// Listings are sorted by name, with extension and ending; keys sort differently. So the files
/// of a folder are held until the walk leaves it, which is what the walk itself holds of them.
struct Folders<I> {
    listing: I,
    open: Vec<Folder>,
    closed: Vec<Folder>,
}

impl<I: Iterator<Item = Listed>> Folders<I> {
    const fn new(listing: I) -> Self {
        Self { listing, open: Vec::new(), closed: Vec::new() }
    }

    fn take(&mut self, listed: Listed) {
        let folder = listed.relative.parent().unwrap_or(Path::new("")).to_owned();
        while self.open.last().is_some_and(|(top, _)| !folder.starts_with(top)) {
            self.closed.extend(self.open.pop());
        }
        match self.open.last_mut() {
            Some((top, files)) if *top == folder => files.push(listed),
            _ => self.open.push((folder, vec![listed])),
        }
    }
}

impl<I: Iterator<Item = Listed>> Iterator for Folders<I> {
    type Item = Folder;

    fn next(&mut self) -> Option<Folder> {
        while self.closed.is_empty() {
            match self.listing.next() {
                Some(listed) => self.take(listed),
                None => return self.open.pop(),
            }
        }
        Some(self.closed.remove(0))
    }
}

/// Folders in the order of [`Folders`]: subfolders first, otherwise by name.
fn post_order(a: &Path, b: &Path) -> Ordering {
    match (a.starts_with(b), b.starts_with(a)) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

/// Pairs up two listings.
pub(super) struct Matcher<'a> {
    hq: Peekable<Box<dyn Iterator<Item = Folder> + Send + 'a>>,
    lq: Peekable<Box<dyn Iterator<Item = Folder> + Send + 'a>>,
    naming: &'a Naming,
    ready: std::vec::IntoIter<Group>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(
        hq: impl Iterator<Item = Listed> + Send + 'a,
        lq: impl Iterator<Item = Listed> + Send + 'a,
        naming: &'a Naming,
    ) -> Self {
        let folders = |listing: Box<dyn Iterator<Item = Listed> + Send + 'a>| {
            let folders: Box<dyn Iterator<Item = Folder> + Send + 'a> =
                Box::new(Folders::new(listing));
            folders.peekable()
        };
        let (hq, lq) = (folders(Box::new(hq)), folders(Box::new(lq)));
        Self { hq, lq, naming, ready: Vec::new().into_iter() }
    }

    /// The files of the next folder that either side has.
    fn next_folder(&mut self) -> Option<(Vec<Listed>, Vec<Listed>)> {
        let order = match (self.hq.peek(), self.lq.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((hq, _)), Some((lq, _))) => post_order(hq, lq),
        };
        let files = |folder: Option<Folder>| folder.map(|(_, files)| files).unwrap_or_default();
        let hq = if order.is_le() { files(self.hq.next()) } else { Vec::new() };
        let lq = if order.is_ge() { files(self.lq.next()) } else { Vec::new() };
        Some((hq, lq))
    }

    fn groups(&self, hq: Vec<Listed>, lq: Vec<Listed>) -> Vec<Group> {
        let mut groups: BTreeMap<Vec<u8>, Group> = BTreeMap::new();
        for listed in hq {
            let key = self.naming.hq_key(&listed.relative);
            groups.entry(key).or_default().hq.push(listed);
        }
        // Keys of LQ files must not lead other LQ files to them, so they are found first.
        let has_hq = |key: &[u8]| groups.contains_key(key);
        let keyed: Vec<(Vec<u8>, Listed)> = lq
            .into_iter()
            .map(|listed| (self.naming.lq_key(&listed.relative, &has_hq), listed))
            .collect();
        for (key, listed) in keyed {
            groups.entry(key).or_default().lq.push(listed);
        }
        groups.into_values().collect()
    }
}

impl Iterator for Matcher<'_> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        loop {
            if let Some(group) = self.ready.next() {
                return Some(group);
            }
            let (hq, lq) = self.next_folder()?;
            self.ready = self.groups(hq, lq).into_iter();
        }
    }
}

#[cfg(test)]
mod tests {
    use pixloom_engine::{ErrorKind, ItemError, ItemKey};

    use super::*;

    fn listing(names: &[&str]) -> Vec<Listed> {
        let listed = |name: &&str| Listed {
            key: ItemKey::new(name),
            relative: PathBuf::from(name),
            file: Err(ItemError::new(ErrorKind::Io, "not there")),
        };
        names.iter().map(listed).collect()
    }

    /// `hq+hq=lq+lq` of each group.
    fn groups(hq: &[&str], lq: &[&str]) -> Vec<String> {
        let naming = Naming::default();
        let names =
            |side: &[Listed]| side.iter().map(|l| l.key.to_string()).collect::<Vec<_>>().join("+");
        Matcher::new(listing(hq).into_iter(), listing(lq).into_iter(), &naming)
            .map(|group| format!("{}={}", names(&group.hq), names(&group.lq)))
            .collect()
    }

    #[test]
    fn order_by_name_differs_from_order_by_key() {
        // Sorted by name, as the walk does: '-' < '.', and capitals < '_'.
        let found = groups(&["a-1.png", "a.png", "aB.png"], &["aB_x4.png", "a_x4.png"]);
        assert_eq!(found, ["a.png=a_x4.png", "a-1.png=", "aB.png=aB_x4.png"]);
    }

    #[test]
    fn folders_are_walked_side_by_side() {
        let hq = ["a/1.png", "a/b/2.png", "a/z.png", "b.png", "c/d/e/3.png"];
        let lq = ["a/1.jpg", "a/c/4.jpg", "b.jpg", "c/d/e/3x2.jpg", "c/d/x.jpg"];
        let expected = [
            "a/b/2.png=",
            "=a/c/4.jpg",
            "a/1.png=a/1.jpg",
            "a/z.png=",
            "c/d/e/3.png=c/d/e/3x2.jpg",
            "=c/d/x.jpg",
            "b.png=b.jpg",
        ];
        assert_eq!(groups(&hq, &lq), expected);
        assert_eq!(groups(&[], &["a.png"]), ["=a.png"]);
    }

    #[test]
    fn several_files_of_one_key_stay_together() {
        let found = groups(&["a.jpg", "a.png", "b.png"], &["b.png", "b_lq.png"]);
        assert_eq!(found, ["a.jpg+a.png=", "b.png=b.png+b_lq.png"]);
    }

    #[test]
    fn any_order_of_folders_meets_itself() {
        let names = ["0/a.png", "a/0/b.png", "a/c.png", "a.b/c.png", "a-b/d.png", "z.png"];
        let mut sorted = names;
        sorted.sort_by(|x, y| Path::new(x).cmp(Path::new(y)));
        let found = groups(&sorted, &sorted);
        assert_eq!(found.len(), names.len(), "{found:?}");
        assert!(found.iter().all(|group| !group.starts_with('=') && !group.ends_with('=')));
    }
}
