//! Reading the two pictures of a pair, and what is noted of it.
use std::cell::RefCell;

use pixloom_engine::{ErrorKind, Fingerprint, ItemCx, ItemError, path_key};
use pixloom_image::Limits;
use pixloom_restore::Planes;

use super::read;
use crate::jobs::pairs::about;
use crate::picture::PictureInput;

/// Pixels a side that SSIM is defined for.
const LEAST_SIDE: usize = 7;

/// A pair of files, the undamaged one first.
pub(super) type Pair = (PictureInput, PictureInput);

/// Everything that decides what is found of a pair: its files, and `identity` of the search.
pub(super) fn fingerprint((undamaged, damaged): &Pair, identity: Fingerprint) -> Fingerprint {
    let mut all = Fingerprint::builder("pair").field("search", identity);
    for input in [undamaged, damaged] {
        all = all
            .field("path", path_key(&input.file.relative).as_bytes())
            .field("bytes", input.file.bytes.to_le_bytes())
            .field("modified", input.file.modified_ns.to_le_bytes());
    }
    all.finish()
}

/// What is noted of a pair: told to the run, and kept for the record.
pub(super) struct Notes<'a, 'b> {
    cx: &'a ItemCx<'b>,
    codes: RefCell<Vec<String>>,
}

impl<'a, 'b> Notes<'a, 'b> {
    pub(super) const fn new(cx: &'a ItemCx<'b>) -> Self {
        Self { cx, codes: RefCell::new(Vec::new()) }
    }

    pub(super) fn add(&self, code: &'static str, message: String) {
        self.codes.borrow_mut().push(code.to_owned());
        self.cx.note(code, message);
    }

    /// Decodes both pictures: the damaged one, the undamaged one.
    pub(super) fn read(
        &self,
        (undamaged, damaged): &Pair,
        limits: (&Limits, bool),
    ) -> Result<(Planes, Planes), ItemError> {
        let note = |code: &'static str, message: String| self.add(code, message);
        let truth = read(undamaged, limits, self.cx, &note).map_err(|e| about(e, "undamaged"))?;
        let picture = read(damaged, limits, self.cx, &note).map_err(|e| about(e, "damaged"))?;
        let (width, height) = (truth.width(), truth.height());
        if width.min(height) < LEAST_SIDE {
            let message =
                format!("undamaged: {width}×{height} pixels, SSIM needs {LEAST_SIDE} a side");
            return Err(ItemError::new(ErrorKind::BadInput, message)
                .with_code("too-small")
                .with_step("search")
                .with_hint("leave the pair out with --glob"));
        }
        self.cx.check()?;
        Ok((picture, truth))
    }

    /// The names of the damaged and the undamaged file, and all codes.
    pub(super) fn finish(
        self,
        (undamaged, damaged): &Pair,
        identical: bool,
    ) -> (String, String, Vec<String>) {
        if identical {
            self.add("identical", "the two pictures are equal".to_owned());
        }
        let names = (path_key(&damaged.file.relative), path_key(&undamaged.file.relative));
        if names.0 != names.1 {
            self.add("other-name", format!("the undamaged one is {}", names.1));
        }
        (names.0, names.1, self.codes.into_inner())
    }
}
