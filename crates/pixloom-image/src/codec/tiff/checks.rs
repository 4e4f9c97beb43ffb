//! What must hold before the `tiff` crate sees a file, as it takes numbers at their word.
use std::collections::BTreeSet;

use super::file::{File, type_bytes};
use super::page::Page;
use crate::ImageError;

/// The crate takes memory for the number of values that a field states before it reads them.
/// Fields that hold one number, or a few, cannot need many, and what is stated must be there.
pub(super) fn check_fields(file: &File<'_>, page: &Page) -> Result<(), ImageError> {
    /// Fields with one number, or one for each sample.
    const FEW: [u16; 13] = [256, 257, 258, 259, 262, 277, 278, 284, 317, 322, 323, 338, 339];
    /// Lists of strips and tiles, JPEG tables, subsampling.
    const MANY: [u16; 6] = [273, 279, 324, 325, 347, 530];
    for field in file.fields(page.at) {
        let few = FEW.contains(&field.tag);
        if few && field.count > usize::from(u16::MAX) {
            return Err(ImageError::corrupt(format!(
                "TIFF field {} states {} values",
                field.tag, field.count
            )));
        }
        let len = field.count.saturating_mul(type_bytes(field.kind).unwrap_or(0));
        if (few || MANY.contains(&field.tag)) && field.data.len() < len {
            return Err(ImageError::truncated(format!(
                "the data ends in TIFF field {}",
                field.tag
            )));
        }
    }
    Ok(())
}

/// JPEG strips and tiles are unpacked whole, at the size that they themselves state.
pub(super) fn check_jpeg(file: &File<'_>, page: &Page, most_bytes: u64) -> Result<(), ImageError> {
    const JPEG: u32 = 7;
    const JPEG_TABLES: u16 = 347;
    if file.number(page.at, 259) != Some(JPEG) {
        return Ok(());
    }
    let tables = file.field(page.at, JPEG_TABLES).map_or(&[][..], |field| field.data);
    let mut fits = largest_frame(tables) <= most_bytes;
    // Chunks may be the same, but if many overlap the search would cost without end.
    let mut budget = 2 * file.bytes.len();
    for (offset, count) in chunks(file, page) {
        let rest = usize::try_from(offset).ok().and_then(|offset| file.bytes.get(offset..));
        let rest = rest.unwrap_or(&[]);
        let data = &rest[..rest.len().min(usize::try_from(count).unwrap_or(usize::MAX))];
        budget = budget.checked_sub(data.len()).ok_or_else(|| {
            ImageError::corrupt("the JPEG strips or tiles of the TIFF file overlap")
        })?;
        fits &= largest_frame(data) <= most_bytes;
    }
    if !fits {
        return Err(ImageError::corrupt("a JPEG strip or tile is larger than the TIFF picture"));
    }
    Ok(())
}

/// The distinct strips or tiles: offset and length.
fn chunks(file: &File<'_>, page: &Page) -> BTreeSet<(u64, u64)> {
    let lists = [(273, 279), (324, 325)];
    let pairs = lists.into_iter().flat_map(|(offsets, counts)| {
        file.numbers(page.at, offsets).into_iter().zip(file.numbers(page.at, counts))
    });
    pairs.collect()
}

/// The bytes of the largest frame that JPEG data announce. Every header that stands anywhere
/// counts, as a decoder may jump over what is between; entropy-coded data hold none by chance,
/// as 0xff is followed by 0 or a restart marker there.
fn largest_frame(data: &[u8]) -> u64 {
    let frame = |at: usize| {
        let &[_, marker, _, _, _, h1, h0, w1, w0, components] = data[at..].first_chunk::<10>()?;
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        let side = |high, low| u64::from(u16::from_be_bytes([high, low]));
        is_frame.then(|| side(h1, h0) * side(w1, w0) * u64::from(components))
    };
    memchr::memchr_iter(0xff, data).filter_map(frame).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::codec::{Codec, DecodeOptions};
    use crate::{ImageErrorKind, Limits, Serial};

    /// A picture of 1 x 1 pixels with these fields: tag, type, count, value.
    fn tiff(fields: &[[u32; 4]], data: &[u8]) -> Vec<u8> {
        let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
        bytes.extend((fields.len() as u16).to_le_bytes());
        for &[tag, kind, count, value] in fields {
            bytes.extend((tag as u16).to_le_bytes());
            bytes.extend((kind as u16).to_le_bytes());
            bytes.extend(count.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend([0; 4]);
        bytes.extend(data);
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<(), (ImageErrorKind, String)> {
        let options = DecodeOptions::default();
        let decoded = super::super::Tiff.decode(bytes, &options, &Limits::default(), &Serial);
        decoded.map(|_| ()).map_err(|error| (error.kind(), error.to_string()))
    }

    /// Eight fields: the pixel is at offset 110.
    fn plain() -> Vec<[u32; 4]> {
        vec![
            [256, 3, 1, 1],
            [257, 3, 1, 1],
            [258, 3, 1, 8],
            [259, 3, 1, 1],
            [262, 3, 1, 1],
            [273, 4, 1, 110],
            [278, 3, 1, 1],
            [279, 4, 1, 1],
        ]
    }

    #[test]
    fn a_plain_picture_passes() {
        assert_eq!(decode(&tiff(&plain(), &[7])), Ok(()));
    }

    #[test]
    fn many_values_that_are_not_there_are_refused() {
        for (field, count) in [(0, 0x0037_0101), (5, 1 << 24)] {
            let mut fields = plain();
            fields[field][2] = count;
            fields[field][3] = 8;
            assert!(decode(&tiff(&fields, &[7])).is_err());
        }
        let mut fields = plain();
        fields[5][2] = 3_000_000;
        let (kind, message) = decode(&tiff(&fields, &[7])).unwrap_err();
        assert_eq!(kind, ImageErrorKind::Truncated, "{message}");
    }

    #[test]
    fn jpeg_larger_than_the_picture_is_refused() {
        let jpeg = |side: u8| {
            let mut fields = plain();
            fields[3][3] = 7;
            fields[7][2..].copy_from_slice(&[1, 12]);
            tiff(&fields, &[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, side, 0, side, 0, 1])
        };
        let (_, message) = decode(&jpeg(0x40)).unwrap_err();
        assert!(message.contains("larger than the TIFF picture"), "{message}");
        let (_, message) = decode(&jpeg(0)).unwrap_err();
        assert!(!message.contains("larger"), "{message}");
    }
}
