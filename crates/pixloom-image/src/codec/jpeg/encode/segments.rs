//! Marker segments of a file to be written.
use std::ops::Range;

use super::super::markers::ZIGZAG;
use super::super::metadata::{EXIF, ICC, XMP, oriented_exif};
use super::entropy::Code;
use super::forward::Forward;
use crate::buffer::ColorSpace;
use crate::codec::EncodeHeader;

/// Most bytes of the body of a segment.
const BODY: usize = 65533;

fn segment(file: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    file.extend([0xFF, marker]);
    file.extend(((length + 2) as u16).to_be_bytes());
    for part in parts {
        file.extend_from_slice(part);
    }
}

/// Everything up to and including the frame header. EXIF and XMP blocks that do not fit a
/// segment are left out.
pub(super) fn header(header: &EncodeHeader, forward: &Forward, progressive: bool) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    segment(&mut file, 0xE0, &[b"JFIF\0", &[1, 1, 0, 0, 1, 0, 1, 0, 0]]);
    let exif = oriented_exif(&header.metadata);
    for (name, block) in [(EXIF, exif.as_deref()), (XMP, header.metadata.xmp.as_deref())] {
        if let Some(block) = block.filter(|block| name.len() + block.len() <= BODY) {
            segment(&mut file, 0xE1, &[name, block]);
        }
    }
    if let ColorSpace::Icc(profile) = &header.color_space {
        let pieces = profile.chunks(BODY - ICC.len() - 2);
        let total = pieces.len();
        if total <= 255 {
            for (number, piece) in (1..).zip(pieces) {
                segment(&mut file, 0xE2, &[ICC, &[number, total as u8], piece]);
            }
        }
    }
    for (number, table) in forward.quant.iter().enumerate().take(forward.components.len()) {
        let steps: Vec<u8> = ZIGZAG[..64].iter().map(|&at| table[at as usize]).collect();
        segment(&mut file, 0xDB, &[&[number as u8], &steps]);
    }
    let (w, h) = (header.size.width as u16, header.size.height as u16);
    let mut frame = vec![8];
    frame.extend(h.to_be_bytes());
    frame.extend(w.to_be_bytes());
    frame.push(forward.components.len() as u8);
    for (i, component) in forward.components.iter().enumerate() {
        let factors = (component.h << 4 | component.v) as u8;
        frame.extend([i as u8 + 1, factors, i.min(1) as u8]);
    }
    segment(&mut file, if progressive { 0xC2 } else { 0xC0 }, &[&frame]);
    file
}

/// Huffman tables that have codes; chrominance only in colour pictures.
pub(super) fn huffman(codes: &[Code; 4], color: bool) -> Vec<u8> {
    let mut file = Vec::new();
    for (number, code) in codes.iter().enumerate() {
        if !code.spec.values.is_empty() && (color || number % 2 == 0) {
            let head = [((number as u8 / 2) << 4) | (number as u8 % 2)];
            segment(&mut file, 0xC4, &[&head, &code.spec.counts, &code.spec.values]);
        }
    }
    file
}

/// A scan header.
pub(super) fn scan(components: &Range<usize>, band: (usize, usize)) -> Vec<u8> {
    let mut body = vec![components.len() as u8];
    for i in components.clone() {
        let table = i.min(1) as u8;
        body.extend([i as u8 + 1, table << 4 | table]);
    }
    body.extend([band.0 as u8, band.1 as u8, 0]);
    let mut file = Vec::new();
    segment(&mut file, 0xDA, &[&body]);
    file
}
