//! Splits the rows of a result into bands that are worked on independently.
use std::sync::{Mutex, PoisonError};

use crate::{Exec, ImageError};

/// Most bands that are in work at the same time, which bounds the scratch memory.
pub(crate) const MAX_LANES: usize = 16;

/// How a result is cut into bands of rows. Depends on the picture only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Banding {
    /// Samples of one row.
    pub(crate) row_len: usize,
    /// Rows of every band but the last.
    pub(crate) rows: usize,
}

impl Banding {
    /// Bands of about `samples` samples, at least one row each.
    pub(crate) fn of_samples(row_len: usize, samples: usize) -> Self {
        Self { row_len, rows: (samples / row_len.max(1)).max(1) }
    }

    /// How many bands can be in work at once for a result of `height` rows.
    pub(crate) fn lanes(self, height: usize) -> usize {
        height.div_ceil(self.rows).min(MAX_LANES)
    }
}

/// The error of work that was told to stop.
pub(crate) fn stopped() -> ImageError {
    ImageError::limit("stopped before the picture was finished")
}

/// Calls `work(scratch, first_row, rows)` once for every band of `out`. A scratch value is made
/// for each of at most [`MAX_LANES`] lanes and serves one band after another.
///
/// # Errors
/// The error of the topmost band that failed, or that of a stop.
pub(crate) fn for_each_band<T: Send, S>(
    out: &mut [T],
    banding: Banding,
    exec: &dyn Exec,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize, &mut [T]) -> Result<(), ImageError> + Sync,
) -> Result<(), ImageError> {
    if out.is_empty() {
        return Ok(());
    }
    let bands: Vec<_> =
        out.chunks_mut(banding.row_len * banding.rows).map(|rows| Mutex::new(Some(rows))).collect();
    let failure: Mutex<Option<(usize, ImageError)>> = Mutex::new(None);
    let lanes = bands.len().min(MAX_LANES);
    exec.for_each(lanes, &|lane| {
        let mut scratch = scratch();
        for index in (lane..bands.len()).step_by(lanes) {
            let taken = bands[index].lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(rows) = taken else { continue };
            let result = if exec.is_stopped() {
                Err(stopped())
            } else {
                work(&mut scratch, index * banding.rows, rows)
            };
            if let Err(error) = result {
                let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                if failure.as_ref().is_none_or(|(first, _)| index < *first) {
                    *failure = Some((index, error));
                }
                return;
            }
        }
    });
    let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(()), |(_, error)| Err(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;

    #[test]
    fn every_row_is_visited_once() {
        let mut out = vec![0_usize; 3 * 103];
        let banding = Banding { row_len: 3, rows: 2 };
        for_each_band(
            &mut out,
            banding,
            &Serial,
            || (),
            |(), first, rows| {
                for (y, row) in rows.chunks_mut(3).enumerate() {
                    for v in row {
                        *v += first + y + 1;
                    }
                }
                Ok(())
            },
        )
        .unwrap();
        assert!(out.chunks(3).enumerate().all(|(y, row)| row == [y + 1; 3]));
    }

    #[test]
    fn topmost_error_wins() {
        let mut out = vec![0_u8; 10];
        let banding = Banding { row_len: 1, rows: 1 };
        let error = for_each_band(
            &mut out,
            banding,
            &Serial,
            || (),
            |(), first, _| {
                if first >= 4 { Err(ImageError::corrupt(format!("row {first}"))) } else { Ok(()) }
            },
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "row 4");
    }
}
