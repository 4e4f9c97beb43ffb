//! What a stage may use besides its input.
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::fan_out::fan_out;
use crate::permits::Permits;
use crate::{Cancel, ErrorKind, ItemError, ItemKey, Note, Output, PendingFile, Product, Seed};

/// The surroundings of one item. It can be used inside the parts of
/// [`fan_out`](ItemCx::fan_out), too.
#[derive(Debug)]
pub struct ItemCx<'run> {
    /// The item's stable name.
    pub key: ItemKey,
    /// Its position in the whole data set, from 0.
    pub index: u64,
    /// Its own seed: the run's seed and the key.
    pub seed: Seed,
    scope: Scope<'run>,
    deadline: Option<Deadline>,
    collected: Mutex<Collected>,
    input_bytes: AtomicU64,
    fan_depth: AtomicUsize,
}

/// What items of a run share.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scope<'run> {
    pub(crate) cancel: Option<&'run Cancel>,
    pub(crate) abort: Option<&'run std::sync::atomic::AtomicBool>,
    pub(crate) permits: Option<&'run Permits>,
    pub(crate) output: Option<&'run Arc<Output>>,
    pub(crate) timeout: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    limit: Duration,
}

/// What an item gathered while it was worked on.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) notes: Vec<Note>,
    pub(crate) products: Vec<Product>,
}

impl ItemCx<'static> {
    /// The surroundings of an item outside of any run, for previews and tests: no helpers, no
    /// output folder, nothing to stop it.
    pub fn standalone(key: ItemKey, seed: Seed) -> Self {
        ItemCx::new(key, 0, seed, Scope::default())
    }
}

impl<'run> ItemCx<'run> {
    pub(crate) fn new(key: ItemKey, index: u64, seed: Seed, scope: Scope<'run>) -> Self {
        let deadline = scope.timeout.and_then(|limit| {
            let at = Instant::now().checked_add(limit)?;
            Some(Deadline { at, limit })
        });
        Self {
            key,
            index,
            seed,
            scope,
            deadline,
            collected: Mutex::default(),
            input_bytes: AtomicU64::new(0),
            fan_depth: AtomicUsize::new(0),
        }
    }

    /// Fails with kind `cancelled` when the run is aborted and with kind `timeout` when the
    /// item's time is up; to be called between rows, tiles and operations.
    pub fn check(&self) -> Result<(), ItemError> {
        let aborting = self.scope.cancel.is_some_and(Cancel::is_aborting)
            || self.scope.abort.is_some_and(|abort| abort.load(Ordering::Relaxed));
        if aborting {
            return Err(ItemError::new(ErrorKind::Cancelled, "cancelled"));
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline.at => Err(timed_out(deadline.limit)),
            _ => Ok(()),
        }
    }

    /// Adds a warning: a stable kebab-case code and a lower-case sentence. Those added inside
    /// a fan-out are sorted when it ends, so that they do not show who was faster.
    pub fn note(
        &self,
        code: impl Into<std::borrow::Cow<'static, str>>,
        message: impl Into<String>,
    ) {
        self.collected().notes.push(Note { code: code.into(), message: message.into() });
    }

    /// Adds a file to write. It is written after the stage returns a record, and dropped if it
    /// fails or skips. Those added inside a fan-out are sorted by path when it ends.
    pub fn add_product(&self, product: Product) {
        self.collected().products.push(product);
    }

    /// Counts bytes that the stage has read, for the report.
    pub fn add_input_bytes(&self, bytes: u64) {
        self.input_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A temporary file in the run's output folder, for results too big to hold: write it row
    /// by row and add it with [`Product::file`].
    pub fn pending_file(&self) -> io::Result<PendingFile> {
        let missing = || io::Error::new(io::ErrorKind::Unsupported, "the run has no output folder");
        self.scope.output.ok_or_else(missing)?.pending_file()
    }

    /// Splits this item into `parts` (tiles, bands, rows of a matrix) over idle workers; the
    /// caller takes part. Each thread makes its own scratch. The results come by index, so the
    /// split never shows. A panic in a part goes on in the caller. May be nested.
    pub fn fan_out<T: Send, S>(
        &self,
        parts: usize,
        scratch: &(dyn Fn() -> S + Sync),
        work: &(dyn Fn(usize, &mut S) -> T + Sync),
    ) -> Vec<T> {
        let outermost = FanGuard::enter(self);
        let results = fan_out(self.scope.permits, parts, scratch, work);
        drop(outermost);
        results
    }

    /// [`fan_out`](Self::fan_out) without scratch and results.
    pub fn for_each_part(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        self.fan_out(parts, &|| (), &|index, ()| work(index));
    }

    /// The warnings so far, taken out.
    pub fn take_notes(&self) -> Vec<Note> {
        std::mem::take(&mut self.collected().notes)
    }

    /// The files so far, taken out.
    pub fn take_products(&self) -> Vec<Product> {
        std::mem::take(&mut self.collected().products)
    }

    /// The bytes read so far.
    pub fn input_bytes(&self) -> u64 {
        self.input_bytes.load(Ordering::Relaxed)
    }

    fn collected(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn timed_out(limit: Duration) -> ItemError {
    ItemError::new(ErrorKind::Timeout, format!("took longer than {} s", limit.as_secs_f64()))
        .with_hint("raise --timeout, or leave this input out")
}

/// Puts in order what the parts of the outermost fan-out gathered.
struct FanGuard<'a, 'run> {
    cx: &'a ItemCx<'run>,
    start: Option<(usize, usize)>,
}

impl<'a, 'run> FanGuard<'a, 'run> {
    fn enter(cx: &'a ItemCx<'run>) -> Self {
        let outermost = cx.fan_depth.fetch_add(1, Ordering::Relaxed) == 0;
        let start = outermost.then(|| {
            let collected = cx.collected();
            (collected.notes.len(), collected.products.len())
        });
        Self { cx, start }
    }
}

impl Drop for FanGuard<'_, '_> {
    fn drop(&mut self) {
        self.cx.fan_depth.fetch_sub(1, Ordering::Relaxed);
        if let Some((notes, products)) = self.start {
            let mut collected = self.cx.collected();
            if let Some(new) = collected.notes.get_mut(notes..) {
                new.sort();
            }
            if let Some(new) = collected.products.get_mut(products..) {
                new.sort_by(|a, b| (&a.path, a.role).cmp(&(&b.path, b.role)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gathers_in_an_order_that_does_not_depend_on_helpers() {
        for extra in [0, 3] {
            let permits = Permits::new(extra);
            let scope = Scope { permits: Some(&permits), ..Scope::default() };
            let cx = ItemCx::new(ItemKey::new("k"), 0, Seed::root(0), scope);
            cx.note("z", "before");
            cx.for_each_part(20, &|part| {
                cx.note("part", format!("{part:02}"));
                cx.add_product(Product::bytes("tile", format!("{part:02}"), vec![]));
            });
            let notes = cx.take_notes();
            assert_eq!(notes[0].code, "z");
            assert!(notes.len() == 21 && notes[1..].is_sorted());
            assert!(cx.take_products().is_sorted_by_key(|product| product.path.clone()));
        }
    }

    #[test]
    fn check_names_the_reason() {
        let cancel = Cancel::new();
        let scope =
            Scope { cancel: Some(&cancel), timeout: Some(Duration::ZERO), ..Scope::default() };
        let cx = ItemCx::new(ItemKey::new("k"), 0, Seed::root(0), scope);
        cancel.request();
        assert_eq!(cx.check().unwrap_err().kind, ErrorKind::Timeout);
        cancel.request();
        assert_eq!(cx.check().unwrap_err().kind, ErrorKind::Cancelled);
    }
}
