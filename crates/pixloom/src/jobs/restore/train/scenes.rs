//! Which pairs show the same, so that none of them is learned from while another is tested.
use std::collections::BTreeMap;

/// What comes before the last underscore of a name.
pub(super) fn scene(filename: &str) -> &str {
    filename.rsplit_once('_').map_or(filename, |(scene, _)| scene)
}

/// A number for each name: equal names have the same, in the order in which they come.
pub(super) fn numbered<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let number = |name| {
        let next = known.len();
        *known.entry(name).or_insert(next)
    };
    names.into_iter().map(number).collect()
}

/// How many groups there are.
pub(super) fn count(groups: &[usize]) -> usize {
    groups.iter().max().map_or(0, |last| last + 1)
}

/// The places whose groups are among some.
pub(super) fn members(groups: &[usize], wanted: &[usize]) -> Vec<usize> {
    let is_wanted = |at: &usize| wanted.contains(&groups[*at]);
    (0..groups.len()).filter(is_wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_are_named_before_the_last_underscore() {
        assert_eq!(scene("sea_side_0012.png"), "sea_side");
        assert_eq!(scene("0012.png"), "0012.png");
    }

    #[test]
    fn groups_are_numbered_as_they_come() {
        let groups = numbered(["b", "a", "b", "c", "a"]);
        assert_eq!((groups.as_slice(), count(&groups)), (&[0, 1, 0, 2, 1][..], 3));
        assert_eq!(members(&groups, &[1, 2]), [1, 3, 4]);
        assert_eq!(count(&[]), 0);
    }
}
