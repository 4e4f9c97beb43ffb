//! Regression trees (CART, Breiman et al. 1984) with any number of targets.
use serde::{Deserialize, Serialize};

use super::{ShapeError, Table};

/// How far a tree grows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    pub(super) depth: u32,
    /// Fewer rows are not split.
    pub(super) min_split: usize,
}

/// A question, or an answer where there is no further one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Node {
    #[serde(rename = "f", skip_serializing_if = "is_default")]
    feature: usize,
    /// Smaller or equal goes left.
    #[serde(rename = "t", skip_serializing_if = "is_default")]
    threshold: f64,
    /// The places of the two next nodes; 0 for an answer.
    #[serde(rename = "n", skip_serializing_if = "is_default")]
    next: [usize; 2],
    /// Sum of squared errors that the question removes.
    #[serde(rename = "g", skip_serializing_if = "is_default")]
    gain: f64,
    /// The answer; empty for a question.
    #[serde(rename = "v", skip_serializing_if = "Vec::is_empty")]
    values: Vec<f64>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A regression tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

struct Split {
    feature: usize,
    threshold: f64,
    gain: f64,
}

impl Tree {
    /// Grows a tree on some rows, which may repeat.
    pub(super) fn grow((x, y): (&Table, &Table), rows: &[usize], growth: Growth) -> Self {
        let mut tree = Self { nodes: Vec::new() };
        tree.add((x, y), rows.to_vec(), growth);
        tree
    }

    fn add(&mut self, (x, y): (&Table, &Table), rows: Vec<usize>, growth: Growth) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Node::default());
        let grows = growth.depth > 0 && rows.len() >= growth.min_split;
        let split = if grows { best_split((x, y), &rows) } else { None };
        let Some(split) = split else {
            self.nodes[at].values = means(y, &rows);
            return at;
        };
        let below = |row: &usize| x.row(*row)[split.feature] <= split.threshold;
        let (left, right): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(below);
        let growth = Growth { depth: growth.depth - 1, ..growth };
        let left = self.add((x, y), left, growth);
        let next = [left, self.add((x, y), right, growth)];
        let Split { feature, threshold, gain } = split;
        let node = &mut self.nodes[at];
        (node.feature, node.threshold, node.next, node.gain) = (feature, threshold, next, gain);
        at
    }

    /// The values of the leaf that `row` leads to.
    pub(super) fn predict(&self, row: &[f64]) -> &[f64] {
        let mut node = self.nodes.first();
        // A file may hold a loop; no path is longer than there are nodes.
        for _ in 0..self.nodes.len() {
            let Some(here) = node.filter(|node| node.next != [0, 0]) else { break };
            let value = row.get(here.feature).copied().unwrap_or(0.0);
            node = self.nodes.get(here.next[usize::from(value > here.threshold)]);
        }
        node.map_or(&[], |node| &node.values)
    }

    /// Whether every question is about a feature and leads to later nodes, and every answer has a
    /// value for each target.
    pub(super) fn check(&self, features: usize, targets: usize) -> Result<(), ShapeError> {
        if self.nodes.is_empty() {
            return Err(ShapeError::Empty("nodes"));
        }
        for (at, node) in self.nodes.iter().enumerate() {
            if node.next == [0, 0] {
                ShapeError::of("answer", (node.values.len(), targets))?;
                ShapeError::finite("answers", node.values.iter().copied())?;
                continue;
            }
            let leads = node.next.iter().all(|next| *next > at && *next < self.nodes.len());
            if !leads || node.feature >= features || !node.threshold.is_finite() {
                return Err(ShapeError::Tree);
            }
        }
        Ok(())
    }

    /// Adds what each feature removed of the squared error.
    pub(super) fn add_importances(&self, sums: &mut [f64]) {
        for node in &self.nodes {
            if let Some(sum) = sums.get_mut(node.feature) {
                *sum += node.gain;
            }
        }
    }
}

/// The mean of each target over some rows.
fn means(y: &Table, rows: &[usize]) -> Vec<f64> {
    let mean = |column: usize| {
        let sum: f64 = rows.iter().map(|row| y.row(*row)[column]).sum();
        sum / rows.len().max(1) as f64
    };
    (0..y.columns()).map(mean).collect()
}

/// The question that removes most of the squared error over all targets; the first of equals.
fn best_split((x, y): (&Table, &Table), rows: &[usize]) -> Option<Split> {
    let mut best: Option<Split> = None;
    let mut order = rows.to_vec();
    let targets = y.columns();
    let total: Vec<f64> =
        (0..targets).map(|t| rows.iter().map(|row| y.row(*row)[t]).sum()).collect();
    let squared = |sums: &[f64], count: f64| sums.iter().map(|sum| sum * sum).sum::<f64>() / count;
    let whole = squared(&total, rows.len() as f64);
    for feature in 0..x.columns() {
        order.sort_by(|a, b| x.row(*a)[feature].total_cmp(&x.row(*b)[feature]).then(a.cmp(b)));
        let mut left = vec![0.0; targets];
        for (at, pair) in order.windows(2).enumerate() {
            left.iter_mut().zip(y.row(pair[0])).for_each(|(sum, value)| *sum += value);
            let (low, high) = (x.row(pair[0])[feature], x.row(pair[1])[feature]);
            if low >= high {
                continue;
            }
            let right: Vec<f64> = total.iter().zip(&left).map(|(all, left)| all - left).collect();
            let count = (at + 1) as f64;
            let parts = squared(&left, count) + squared(&right, rows.len() as f64 - count);
            let gain = parts - whole;
            if gain > best.as_ref().map_or(1e-12, |best| best.gain) {
                // Halfway, but never so rounded that nothing goes right.
                let middle = f64::midpoint(low, high);
                let threshold = if middle < high { middle } else { low };
                best = Some(Split { feature, threshold, gain });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_question() {
        let (mut x, mut y) = (Table::new(2), Table::new(1));
        for at in 0..10 {
            x.push(&[f64::from(at % 3), f64::from(at)]);
            y.push(&[if at < 6 { 1.0 } else { 5.0 }]);
        }
        let rows: Vec<usize> = (0..10).collect();
        let tree = Tree::grow((&x, &y), &rows, Growth { depth: 3, min_split: 2 });
        assert_eq!(tree.nodes.len(), 3);
        assert_eq!(
            (tree.predict(&[0.0, 5.4]), tree.predict(&[0.0, 5.6])),
            (&[1.0][..], &[5.0][..])
        );
    }

    #[test]
    fn a_loop_in_a_file_ends() {
        let text = r#"{"nodes":[{"f":9,"t":0,"n":[0,1],"g":0,"v":[7]}]}"#;
        let tree: Tree = serde_json::from_str(text).unwrap();
        assert!(tree.predict(&[1.0]).len() <= 1);
    }
}
