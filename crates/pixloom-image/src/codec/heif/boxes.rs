//! Just enough of the box structure (ISO/IEC 14496-12, 23008-12) to know whether a file is whole
//! and how its pictures are coded.
use crate::ImageError;

/// One box: its kind, its content, and whether the content is all there.
struct Part<'a> {
    kind: [u8; 4],
    body: &'a [u8],
    whole: bool,
    /// The bytes after the box.
    rest: &'a [u8],
}

/// The box at the beginning of `bytes`; `None` where not even its head is there.
fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let (head, after) = bytes.split_first_chunk::<8>()?;
    let [a, b, c, d, kind @ ..] = *head;
    let (len, after) = match u32::from_be_bytes([a, b, c, d]) {
        0 => (after.len() as u64, after), // as far as the file goes
        1 => {
            let (long, after) = after.split_first_chunk::<8>()?;
            (u64::from_be_bytes(*long).checked_sub(16)?, after)
        }
        len => (u64::from(len).checked_sub(8)?, after),
    };
    let whole = len <= after.len() as u64;
    let (body, rest) = if whole { after.split_at(len as usize) } else { (after, &[][..]) };
    Some(Part { kind, body, whole, rest })
}

fn parts(mut bytes: &[u8]) -> impl Iterator<Item = Part<'_>> {
    std::iter::from_fn(move || {
        let part = part(bytes)?;
        bytes = part.rest;
        Some(part)
    })
}

/// What can be told of a file without its decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outline {
    /// Length of the beginning of the file that describes the pictures.
    pub(super) description: usize,
    /// Whether every box is all there.
    pub(super) whole: bool,
    /// How the pictures are coded.
    pub(super) model: Model,
}

/// The colour models of the coded pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Model {
    /// Whether all pictures in the file are gray.
    pub(super) gray: bool,
    /// For people.
    pub(super) name: &'static str,
}

/// Walks over the boxes.
///
/// # Errors
/// `Truncated` if the description of the pictures is not all there, `Corrupt` if there is none.
pub(super) fn outline(bytes: &[u8]) -> Result<Outline, ImageError> {
    let (mut found, mut whole, mut end) = (None, true, 0);
    for part in parts(bytes) {
        whole &= part.whole;
        end = bytes.len() - part.rest.len();
        if part.kind == *b"meta" && part.whole && found.is_none() {
            found = Some((end, model(part.body)));
        }
    }
    whole &= end == bytes.len() || bytes[end..].iter().all(|&byte| byte == 0);
    match found {
        Some((description, model)) => Ok(Outline { description, whole, model }),
        None if whole => Err(ImageError::corrupt("the file describes no still picture")),
        None => Err(ImageError::truncated("the data ends in the description of the picture")),
    }
}

/// From the decoder configurations among the properties of the pictures.
fn model(meta: &[u8]) -> Model {
    let inside = |bytes, kind: [u8; 4]| parts(bytes).find(|part| part.kind == kind);
    let properties = meta
        .get(4..)
        .and_then(|boxes| inside(boxes, *b"iprp"))
        .and_then(|part| inside(part.body, *b"ipco"));
    let coded = properties.into_iter().flat_map(|part| parts(part.body)).filter_map(|part| {
        match &part.kind {
            b"av1C" => part.body.get(2).map(|&flags| av1(flags)),
            b"hvcC" => part.body.get(16).map(|&format| hevc(format & 3)),
            _ => None,
        }
    });
    // Alpha is a gray picture of its own: it says nothing about the others.
    let gray = Model { gray: true, name: "gray" };
    let mut best = None;
    for model in coded {
        best = if model.gray { best.or(Some(gray)) } else { Some(model) };
    }
    best.unwrap_or(Model { gray: false, name: "YCbCr" })
}

/// AV1 Codec ISO Media File Format Binding, section 2.3.3.
const fn av1(flags: u8) -> Model {
    match (flags >> 4 & 1, flags >> 3 & 1, flags >> 2 & 1) {
        (1, _, _) => Model { gray: true, name: "gray" },
        (_, 1, 1) => Model { gray: false, name: "YCbCr 4:2:0" },
        (_, 1, _) => Model { gray: false, name: "YCbCr 4:2:2" },
        _ => Model { gray: false, name: "YCbCr 4:4:4" },
    }
}

/// ISO/IEC 14496-15, section 8.3.3.1.
const fn hevc(format: u8) -> Model {
    match format {
        0 => Model { gray: true, name: "gray" },
        1 => Model { gray: false, name: "YCbCr 4:2:0" },
        2 => Model { gray: false, name: "YCbCr 4:2:2" },
        _ => Model { gray: false, name: "YCbCr 4:4:4" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], &kind, body].concat()
    }

    fn file(configurations: &[[u8; 4]]) -> Vec<u8> {
        let configurations: Vec<u8> =
            configurations.iter().flat_map(|body| boxed(*b"av1C", body)).collect();
        let properties = boxed(*b"iprp", &boxed(*b"ipco", &configurations));
        let meta = boxed(*b"meta", &[&[0; 4][..], &properties].concat());
        [boxed(*b"ftyp", b"avif"), meta, boxed(*b"mdat", &[7; 20])].concat()
    }

    #[test]
    fn color_wins_over_the_gray_of_alpha() {
        let (color, gray) = ([0x81, 0, 0x0c, 0], [0x81, 0, 0x1c, 0]);
        let model = |of: &[[u8; 4]]| outline(&file(of)).unwrap().model;
        assert_eq!(model(&[color, gray]).name, "YCbCr 4:2:0");
        assert_eq!(model(&[gray, color]).name, "YCbCr 4:2:0");
        assert!(model(&[gray, gray]).gray);
        assert!(!model(&[]).gray);
    }

    #[test]
    fn every_cut_is_noticed() {
        let file = file(&[[0x81, 0, 0x0c, 0]]);
        let full = outline(&file).unwrap();
        assert!(full.whole && full.description == file.len() - 28);
        for len in 0..file.len() {
            match outline(&file[..len]) {
                Ok(cut) => assert!(!cut.whole && len >= full.description || len == 0, "{len}"),
                Err(_) => assert!(len < full.description, "{len}"),
            }
        }
    }

    #[test]
    fn sizes_that_cannot_be_do_not_panic() {
        for size in [0u32, 1, 2, 7, 8, u32::MAX] {
            let bytes = [&size.to_be_bytes()[..], b"meta", &[0xff; 12]].concat();
            let _ = outline(&bytes);
        }
    }
}
