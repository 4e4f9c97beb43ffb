//! The three things a caller brings: where items come from, what to do, where results go.
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Bytes, Delivery, Fingerprint, ItemCx, ItemError, RunError, SourceItem};

/// Yields items, in a stable order, on a thread of its own.
pub trait Source: Send {
    /// What a stage works on.
    type Value: Send;

    /// The next item, or `None` at the end. An error here ends the run; an unreadable item is
    /// better yielded as [`SourceItem::failed`]. A run that is asked to stop waits for a call
    /// that is under way.
    fn next(&mut self) -> Result<Option<SourceItem<Self::Value>>, RunError>;

    /// How many items there are, if known.
    fn total(&self) -> Option<u64> {
        None
    }
}

/// Turns one input into one small record and any number of files. Shared by all workers.
pub trait Stage: Sync {
    /// Input of one item.
    type In: Send;
    /// The record of one item: small (kilobytes) and able to survive JSON unchanged, because
    /// the journal brings it back as JSON. A number that JSON lacks, such as NaN, comes back as
    /// `null`; where the type does not take that, the item is done again instead of resumed.
    type Out: Serialize + DeserializeOwned + Send;
    /// Buffers that one worker reuses. Must not influence results.
    type Scratch;

    /// A short name for progress and threads.
    fn name(&self) -> &'static str;

    /// Makes the buffers of one worker; asked again after a panic.
    fn scratch(&self) -> Self::Scratch;

    /// An upper bound on the memory that `run` needs for this input, payloads and record
    /// included; asked before the work starts.
    fn cost(&self, input: &Self::In) -> Bytes;

    /// Everything that decides the result: input, settings, versions, seed. `None`: never
    /// taken from a journal.
    fn fingerprint(&self, input: &Self::In) -> Option<Fingerprint>;

    /// Does the work of one item: a pure function of `input` and `cx.seed`.
    fn run(
        &self,
        input: Self::In,
        scratch: &mut Self::Scratch,
        cx: &ItemCx<'_>,
    ) -> Result<Self::Out, ItemError>;
}

/// Receives outcomes in source order, on the calling thread.
pub trait Sink {
    /// The stage's record.
    type In;

    /// Takes one outcome. An error here ends the run.
    fn accept(&mut self, delivery: Delivery<Self::In>) -> Result<(), RunError>;
}

/// A source made of an iterator.
#[derive(Debug)]
pub struct IterSource<I> {
    items: I,
    total: Option<u64>,
}

impl<I> IterSource<I> {
    /// Yields what `items` yields. The total is known if the iterator knows it.
    pub fn new<V>(items: impl IntoIterator<IntoIter = I>) -> Self
    where
        I: Iterator<Item = SourceItem<V>>,
    {
        let items = items.into_iter();
        let total = match items.size_hint() {
            (low, Some(high)) if low == high => Some(low as u64),
            _ => None,
        };
        Self { items, total }
    }
}

impl<V: Send, I: Iterator<Item = SourceItem<V>> + Send> Source for IterSource<I> {
    type Value = V;

    fn next(&mut self) -> Result<Option<SourceItem<V>>, RunError> {
        Ok(self.items.next())
    }

    fn total(&self) -> Option<u64> {
        self.total
    }
}

/// A sink made of a closure.
pub struct FnSink<F, T> {
    accept: F,
    record: PhantomData<fn(T)>,
}

impl<T, F: FnMut(Delivery<T>) -> Result<(), RunError>> FnSink<F, T> {
    /// Hands each delivery to `accept`.
    pub fn new(accept: F) -> Self {
        Self { accept, record: PhantomData }
    }
}

impl<T, F: FnMut(Delivery<T>) -> Result<(), RunError>> Sink for FnSink<F, T> {
    type In = T;

    fn accept(&mut self, delivery: Delivery<T>) -> Result<(), RunError> {
        (self.accept)(delivery)
    }
}
