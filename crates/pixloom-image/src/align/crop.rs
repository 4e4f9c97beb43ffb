//! Whether one picture shows only a part of the other.
use serde::{Deserialize, Serialize};

use super::correlate::{Peak, correlate};
use super::plane::{Plane, band, fit, shrink};
use crate::geometry::Turn;
use crate::{Exec, Image, ImageError, Size};

/// Longer side of the part while it is searched for.
const PART: u32 = 48;
/// The scales that are tried, as the part's share of the whole's sides in hundredths.
const SHARES: [u32; 10] = [95, 90, 85, 80, 75, 70, 65, 60, 55, 50];

/// Which part of the other a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Crop {
    /// Whether LQ shows a part of HQ; otherwise HQ shows a part of LQ.
    pub of_hq: bool,
    /// Left edge of the part as a share of the whole's width.
    pub x: f64,
    /// Top edge of the part as a share of the whole's height.
    pub y: f64,
    /// Width of the part as a share of the whole's width, in steps of 0.05.
    pub width: f64,
    /// Height of the part as a share of the whole's height.
    pub height: f64,
    /// Correlation of the part with that place.
    pub correlation: f64,
}

/// Searches both ways; the best place, however poor.
pub(super) fn search(hq: &Image, lq: &Image, exec: &dyn Exec) -> Result<Crop, ImageError> {
    let (lq_in_hq, hq_in_lq) = (find(hq, lq, exec)?, find(lq, hq, exec)?);
    let (of_hq, (whole, part, peak)) = if hq_in_lq.2.correlation > lq_in_hq.2.correlation {
        (false, hq_in_lq)
    } else {
        (true, lq_in_hq)
    };
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    Ok(Crop {
        of_hq,
        x: -peak.shift[0] / f64::from(whole.width.max(1)),
        y: -peak.shift[1] / f64::from(whole.height.max(1)),
        width: share(part.width, whole.width),
        height: share(part.height, whole.height),
        correlation: peak.correlation,
    })
}

/// Finds `part` in `whole`; sizes of both as they were compared, and the place.
fn find(whole: &Image, part: &Image, exec: &dyn Exec) -> Result<(Size, Size, Peak), ImageError> {
    let part_size = fit(part.size(), PART);
    let slow = part_size.long_edge() as f32 / 6.0;
    let plane = |image: &Image, size: Size| -> Result<Plane, ImageError> {
        band(&shrink(image, size, exec)?, Turn::Identity, slow, exec)
    };
    let part_plane = plane(part, part_size)?;
    let mut best = (part_size, part_size, Peak { correlation: -1.0, shift: [0.0; 2] });
    for share in SHARES {
        let width = (part_size.width * 100 / share).max(part_size.width + 1);
        let height = u64::from(whole.height()) * u64::from(width) / u64::from(whole.width().max(1));
        let size = Size::new(width, (height as u32).clamp(1, 4 * PART));
        if !size.covers(part_size) {
            continue;
        }
        let peak = correlate(&plane(whole, size)?, &part_plane);
        if peak.correlation > best.2.correlation {
            best = (size, part_size, peak);
        }
    }
    Ok(best)
}
