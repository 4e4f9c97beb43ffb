//! Groups of verified pairs, each around a representative.

/// A verified pair of pictures, by their indexes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// One picture.
    pub a: u32,
    /// The other one.
    pub b: u32,
    /// `Verdict::similarity`.
    pub similarity: f32,
}

/// Pictures that are all copies of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The picture every member was verified against.
    pub representative: u32,
    /// The members with the place of their edge in the list that was given, by descending
    /// similarity, then by key.
    pub members: Vec<(u32, u32)>,
}

/// What [`group`] gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grouping {
    /// The groups, in the order of the keys of their representatives.
    pub groups: Vec<Group>,
    /// Edges that are inside no group: they join two groups, or a member with a picture whose
    /// own comparison with the representative failed. Places in the list that was given.
    pub loose: Vec<u32>,
}

/// Covers the verified pairs with stars: the picture with most verified partners left becomes a
/// representative and takes them along, until no edge joins two pictures that are left.
///
/// There is no chaining: each member was verified against the representative. `keys` gives each
/// picture (edges name them by index) a rank that does not depend on the order of the input, e.g.
/// (larger first, path); it breaks ties, the smaller key winning, so the result is the same in any
/// order of pictures and edges. Keys must differ. Edges outside of `keys` and from a picture to
/// itself are ignored. To bring a loose picture in, try [`verify_along`](crate::verify_along) over
/// the member it matched.
pub fn group<K: Ord>(keys: &[K], edges: &[Edge]) -> Grouping {
    let mut cover = Cover::new(keys, edges);
    cover.take_stars();
    cover.finish()
}

struct Cover<'a, K> {
    keys: &'a [K],
    edges: &'a [Edge],
    /// For each picture its partners and edges.
    partners: Vec<Vec<(u32, u32)>>,
    taken: Vec<bool>,
    groups: Vec<Group>,
}

impl<'a, K: Ord> Cover<'a, K> {
    fn new(keys: &'a [K], edges: &'a [Edge]) -> Self {
        let mut partners = vec![Vec::new(); keys.len()];
        for (place, edge) in edges.iter().enumerate() {
            let (a, b) = (edge.a as usize, edge.b as usize);
            if a != b && a < keys.len() && b < keys.len() {
                partners[a].push((edge.b, place as u32));
                partners[b].push((edge.a, place as u32));
            }
        }
        for list in &mut partners {
            // Of several edges between the same two the strongest stands.
            list.sort_by(|x, y| {
                let strength = |place: u32| edges[place as usize].similarity;
                x.0.cmp(&y.0).then(strength(y.1).total_cmp(&strength(x.1))).then(x.1.cmp(&y.1))
            });
            list.dedup_by_key(|entry| entry.0);
        }
        Self { keys, edges, partners, taken: vec![false; keys.len()], groups: Vec::new() }
    }

    fn left(&self, picture: u32) -> usize {
        let partners = &self.partners[picture as usize];
        partners.iter().filter(|(other, _)| !self.taken[*other as usize]).count()
    }

    fn take_stars(&mut self) {
        // Most partners first, then the smaller key; counts only shrink, so a stale entry is
        // put back with its present count.
        let mut ranks: Vec<u32> = (0..self.keys.len() as u32).collect();
        ranks.sort_by(|a, b| self.keys[*a as usize].cmp(&self.keys[*b as usize]));
        let mut queue: std::collections::BinaryHeap<(usize, std::cmp::Reverse<usize>)> = ranks
            .iter()
            .enumerate()
            .map(|(rank, picture)| (self.left(*picture), std::cmp::Reverse(rank)))
            .collect();
        while let Some((count, std::cmp::Reverse(rank))) = queue.pop() {
            let picture = ranks[rank];
            if self.taken[picture as usize] || count == 0 {
                continue;
            }
            let left = self.left(picture);
            if left < count {
                queue.push((left, std::cmp::Reverse(rank)));
            } else {
                self.take(picture);
            }
        }
    }

    fn take(&mut self, representative: u32) {
        self.taken[representative as usize] = true;
        let mut members = Vec::new();
        for (other, place) in &self.partners[representative as usize] {
            if !self.taken[*other as usize] {
                members.push((*other, *place));
            }
        }
        for (member, _) in &members {
            self.taken[*member as usize] = true;
        }
        let strength = |place: u32| self.edges[place as usize].similarity;
        members.sort_by(|x, y| {
            let keys = || self.keys[x.0 as usize].cmp(&self.keys[y.0 as usize]);
            strength(y.1).total_cmp(&strength(x.1)).then_with(keys)
        });
        self.groups.push(Group { representative, members });
    }

    fn finish(mut self) -> Grouping {
        self.groups.sort_by(|x, y| {
            self.keys[x.representative as usize].cmp(&self.keys[y.representative as usize])
        });
        let mut home = vec![u32::MAX; self.keys.len()];
        for (place, group) in self.groups.iter().enumerate() {
            home[group.representative as usize] = place as u32;
            for (member, _) in &group.members {
                home[*member as usize] = place as u32;
            }
        }
        let inside = |edge: &Edge| {
            let of = |picture: u32| home.get(picture as usize).copied();
            edge.a == edge.b || of(edge.a).is_none() || of(edge.a) == of(edge.b)
        };
        let loose = self
            .edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| !inside(edge))
            .map(|(at, _)| at as u32);
        Grouping { loose: loose.collect(), groups: self.groups }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(a: u32, b: u32) -> Edge {
        Edge { a, b, similarity: 0.9 }
    }

    #[test]
    fn a_chain_falls_apart_around_its_middle() {
        let keys = ["a", "b", "c", "d"];
        let found = group(&keys, &[edge(0, 1), edge(1, 2), edge(2, 3)]);
        assert_eq!(found.groups.len(), 1);
        assert_eq!(found.groups[0].representative, 1);
        assert_eq!(found.groups[0].members, [(0, 0), (2, 1)]);
        assert_eq!(found.loose, [2]);
    }

    #[test]
    fn the_order_of_the_input_does_not_matter() {
        let edges = [edge(0, 1), edge(0, 2), edge(3, 4), edge(2, 3), edge(4, 5)];
        let forward = group(&[0, 1, 2, 3, 4, 5], &edges);
        // The same pictures, numbered backwards, and the edges in another order.
        let turned: Vec<Edge> = edges.iter().rev().map(|e| edge(5 - e.b, 5 - e.a)).collect();
        let backward = group(&[5, 4, 3, 2, 1, 0], &turned);
        let named = |grouping: &Grouping, flip: bool| -> Vec<(u32, Vec<u32>)> {
            let name = |picture: u32| if flip { 5 - picture } else { picture };
            let members = |group: &Group| group.members.iter().map(|m| name(m.0)).collect();
            grouping.groups.iter().map(|g| (name(g.representative), members(g))).collect()
        };
        assert_eq!(named(&forward, false), named(&backward, true));
        assert_eq!(forward.loose.len(), backward.loose.len());
    }

    #[test]
    fn odd_edges_are_ignored() {
        let found = group(&[0, 1], &[edge(0, 0), edge(0, 7), edge(1, 0), edge(0, 1)]);
        assert_eq!(found.groups.len(), 1);
        assert_eq!(found.groups[0].members.len(), 1);
        assert!(group::<u8>(&[], &[edge(0, 1)]).groups.is_empty());
    }
}
