//! Several lines make a block.
use crate::shape::{Line, Writing};

/// How lines of different lengths stand to each other. For vertical lines `Start` is the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Left, top.
    #[default]
    Start,
    /// In the middle.
    Centre,
    /// Right, bottom.
    End,
}

/// How lines are put together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockStyle {
    /// Distance of the baselines in heights of a line.
    pub spacing: f32,
    /// How lines of different lengths stand to each other.
    pub align: Align,
    /// Downward lines follow each other from left to right, as those of Mongolian do.
    pub rightwards: bool,
}

impl Default for BlockStyle {
    fn default() -> Self {
        Self { spacing: 1.0, align: Align::Start, rightwards: false }
    }
}

/// A line at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLine {
    /// The line.
    pub line: Line,
    /// Where its baseline begins, pixels.
    pub at: [f32; 2],
}

/// Lines below each other; vertical ones beside each other, downward ones from right to left
/// unless the style says otherwise, upward ones from left to right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// The lines in the order of reading.
    pub lines: Vec<PlacedLine>,
}

impl Block {
    /// Places lines; the first baseline begins at 0, 0 if it is the longest.
    pub fn new(lines: Vec<Line>, style: &BlockStyle) -> Self {
        let longest = lines.iter().map(|line| line.advance).fold(0.0, f32::max);
        let height = lines.iter().map(|line| line.ascent + line.descent).fold(0.0, f32::max);
        let step = height * style.spacing;
        let place = |(number, line): (usize, Line)| {
            let along = match style.align {
                Align::Start => 0.0,
                Align::Centre => 0.5 * (longest - line.advance),
                Align::End => longest - line.advance,
            };
            let across = number as f32 * step;
            let at = match line.writing {
                Writing::Horizontal => [along, across],
                Writing::Down if !style.rightwards => [-across, along],
                Writing::Down | Writing::Up => [across, along],
            };
            PlacedLine { line, at }
        };
        Self { lines: lines.into_iter().enumerate().map(place).collect() }
    }

    /// Left, top, right and bottom of the lines' advances, ascents and descents.
    pub fn bounds(&self) -> [f32; 4] {
        let mut bounds = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        for placed in &self.lines {
            let [left, top, right, bottom] = placed.bounds();
            bounds[0] = bounds[0].min(left);
            bounds[1] = bounds[1].min(top);
            bounds[2] = bounds[2].max(right);
            bounds[3] = bounds[3].max(bottom);
        }
        if bounds[0] <= bounds[2] { bounds } else { [0.0; 4] }
    }

    /// Whether lines are vertical.
    pub fn is_vertical(&self) -> bool {
        self.lines.first().is_some_and(|placed| placed.line.writing != Writing::Horizontal)
    }
}

impl PlacedLine {
    /// Left, top, right and bottom of the line.
    pub fn bounds(&self) -> [f32; 4] {
        let ([x, y], line) = (self.at, &self.line);
        match line.writing {
            Writing::Horizontal => [x, y - line.ascent, x + line.advance, y + line.descent],
            Writing::Down | Writing::Up => [x - line.descent, y, x + line.ascent, y + line.advance],
        }
    }

    /// Left, top, right and bottom of what stands for a cluster without ink, such as a space: its
    /// advance, half an ascent high.
    pub fn advance_box(&self, cluster: usize) -> [f32; 4] {
        let [x, y] = self.at;
        let (start, end) = match self.line.clusters.get(cluster) {
            Some(cluster) => (cluster.start, cluster.end),
            None => (0.0, 0.0),
        };
        match self.line.writing {
            Writing::Horizontal => [x + start, y - 0.5 * self.line.ascent, x + end, y],
            Writing::Down | Writing::Up => {
                let half = 0.5 * self.line.ascent;
                [x - half, y + start, x + half, y + end]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(advance: f32, writing: Writing) -> Line {
        Line { advance, ascent: 8.0, descent: 2.0, writing, ..Line::default() }
    }

    #[test]
    fn lines_are_aligned_and_spaced() {
        let style = BlockStyle::default();
        let lines = vec![line(100.0, Writing::Horizontal), line(60.0, Writing::Horizontal)];
        for (align, x) in [(Align::Start, 0.0), (Align::Centre, 20.0), (Align::End, 40.0)] {
            let block = Block::new(lines.clone(), &BlockStyle { spacing: 1.5, align, ..style });
            assert_eq!(block.lines[1].at.map(f32::to_bits), [x, 15.0].map(f32::to_bits));
            assert_eq!(block.bounds().map(f32::round).map(|side| side as i32), [0, -8, 100, 17]);
        }
    }

    #[test]
    fn columns_run_from_right_to_left() {
        let lines = vec![line(50.0, Writing::Down), line(50.0, Writing::Down)];
        let block = Block::new(lines, &BlockStyle::default());
        assert_eq!(block.lines[1].at.map(|side| side as i32), [-10, 0]);
        let lines = vec![line(50.0, Writing::Down), line(50.0, Writing::Down)];
        let style = BlockStyle { rightwards: true, ..BlockStyle::default() };
        assert_eq!(Block::new(lines, &style).lines[1].at.map(|side| side as i32), [10, 0]);
        assert!(block.is_vertical());
    }
}
