//! Whether the header can be read and keeps to the limits.
use super::Subject;
use crate::finding::{Finding, Kind};

pub(super) fn check(subject: &mut Subject<'_>, found: &mut Vec<Finding>) {
    match &subject.header {
        Some(Ok(header)) => {
            let bytes_per_pixel = header.format.bytes_per_pixel() as u64;
            if let Err(error) = subject.limits.check(header.size, bytes_per_pixel) {
                found.push(Finding::of_error(&error));
                return;
            }
            let upright = header.upright_size();
            if upright.width.min(upright.height) < subject.min_side {
                let message = format!("{upright} is smaller than {} pixels", subject.min_side);
                let hint = "leave it out, or lower --min-side";
                found.push(Finding::new(Kind::TooSmall, message).with_hint(hint));
            }
        }
        Some(Err(error)) => found.push(Finding::of_error(error)),
        None => {}
    }
}
