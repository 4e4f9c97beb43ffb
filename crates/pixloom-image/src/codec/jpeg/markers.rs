//! Marker segments (ITU-T T.81, annex B): tables, frame and scan headers.
use super::huffman::{HuffmanSpec, Table};
use super::metadata::AppData;
use super::tables;
use crate::{ImageError, Size};

/// Natural position of each zigzag index; indices that damaged data may reach fall on the last.
pub(super) const ZIGZAG: [u8; 80] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    63, 63, 63, 63, 63, 63,
];

/// One colour component of the frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Component {
    /// Identifier that scans refer to.
    pub id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub h: usize,
    /// Vertical sampling factor, 1 to 4.
    pub v: usize,
    /// Quantisation table, 0 to 3.
    pub quant: usize,
}

/// The frame header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    /// Size as stored.
    pub size: Size,
    /// Bits per sample.
    pub precision: u8,
    /// Whether scans refine the picture step by step.
    pub progressive: bool,
    /// Why the frame cannot be decoded here, if so.
    pub unsupported: Option<Unsupported>,
    /// The components in file order.
    pub components: Vec<Component>,
}

impl Frame {
    /// Largest horizontal and vertical sampling factors.
    pub(super) fn max_sampling(&self) -> (usize, usize) {
        let fold = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1);
        (fold(|c| c.h), fold(|c| c.v))
    }
}

/// A component of a scan and its Huffman tables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ScanComponent {
    /// Index into [`Frame::components`].
    pub index: usize,
    /// DC table; only looked at where it is used.
    pub dc: usize,
    /// AC table; only looked at where it is used.
    pub ac: usize,
}

/// A scan header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scan {
    /// The components in the scan, in order.
    pub components: Vec<ScanComponent>,
    /// First coefficient in zigzag order.
    pub first: usize,
    /// Last coefficient in zigzag order.
    pub last: usize,
    /// Bit position of the previous pass, 0 in the first.
    pub high: u32,
    /// Bit position of this pass.
    pub low: u32,
    /// Byte of the file at which entropy-coded data begins.
    pub data: usize,
}

/// Tables in force.
#[derive(Clone)]
pub(super) struct Tables {
    /// Quantisation tables in natural order.
    pub quant: [Option<[u16; 64]>; 4],
    /// DC Huffman tables.
    pub dc: [HuffmanSpec; 4],
    /// AC Huffman tables.
    pub ac: [HuffmanSpec; 4],
    /// MCUs between restart markers; 0: no restarts.
    pub restart_interval: usize,
}

/// What the parser stopped at.
pub(super) enum Event {
    /// A scan begins.
    Scan(Scan),
    /// The end marker.
    End,
}

/// Walks through the segments of a file.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    /// The next byte to look at.
    pub position: usize,
    /// The frame header, once seen.
    pub frame: Option<Frame>,
    /// Tables in force.
    pub tables: Tables,
    /// Application segments.
    pub app: AppData<'a>,
    /// Bytes between segments that belong to none.
    pub extraneous: u64,
}

impl Tables {
    /// DC table `number`, ready for decoding.
    pub(super) fn dc(&self, number: usize) -> Result<Table, ImageError> {
        Table::dc(self.dc.get(number).ok_or_else(no_table)?)
    }

    /// AC table `number`, ready for decoding.
    pub(super) fn ac(&self, number: usize) -> Result<Table, ImageError> {
        Table::new(self.ac.get(number).ok_or_else(no_table)?)
    }
}

fn no_table() -> ImageError {
    ImageError::corrupt("a scan names an impossible Huffman table")
}

impl<'a> Parser<'a> {
    /// Checks the start marker.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, ImageError> {
        match bytes {
            [0xFF, 0xD8, ..] => {}
            [] | [0xFF] => return Err(ends()),
            _ => return Err(ImageError::corrupt("the file does not begin as a JPEG")),
        }
        // Motion JPEG leaves the tables out where they are those of T.81 annex K.
        let standard = |tables: [&tables::Standard; 2]| {
            let [luma, chroma] = tables.map(tables::Standard::spec);
            [luma.clone(), chroma.clone(), luma, chroma]
        };
        let tables = Tables {
            quant: [None; 4],
            dc: standard([&tables::DC_LUMA, &tables::DC_CHROMA]),
            ac: standard([&tables::AC_LUMA, &tables::AC_CHROMA]),
            restart_interval: 0,
        };
        let app = AppData::default();
        Ok(Self { bytes, position: 2, frame: None, tables, app, extraneous: 0 })
    }

    /// Reads up to the next scan or the end of the picture.
    pub(super) fn next_event(&mut self) -> Result<Event, ImageError> {
        loop {
            let marker = self.next_marker()?;
            match marker {
                0xD9 => return Ok(Event::End),
                0x01 | 0xD0..=0xD7 => continue,
                0xC0..=0xFE if marker != 0xC8 && !(0xF0..0xFE).contains(&marker) => {}
                _ => {
                    return Err(ImageError::corrupt(format!("unknown marker 0x{marker:02X}")));
                }
            }
            let body = self.body()?;
            match marker {
                0xC4 => self.huffman(body)?,
                0xDB => self.quantisation(body)?,
                0xDD => self.tables.restart_interval = u16_at(body, 0)?,
                0xDA => return self.scan(body).map(Event::Scan),
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                    self.frame(marker, body)?;
                }
                0xE0..=0xEF => self.app.segment(marker, body),
                0xD8 => return Err(ImageError::corrupt("a second start marker")),
                _ => {}
            }
        }
    }

    fn next_marker(&mut self) -> Result<u8, ImageError> {
        loop {
            let rest = self.bytes.get(self.position..).unwrap_or_default();
            let skipped = memchr::memchr(0xFF, rest).ok_or_else(ends)?;
            self.extraneous += skipped as u64;
            self.position += skipped;
            match rest.get(skipped + 1).copied() {
                None => return Err(ends()),
                Some(0xFF) => self.position += 1,
                Some(0) => {
                    self.extraneous += 2;
                    self.position += 2;
                }
                Some(marker) => {
                    self.position += 2;
                    return Ok(marker);
                }
            }
        }
    }

    fn body(&mut self) -> Result<&'a [u8], ImageError> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let length = rest.first_chunk::<2>().map(|b| u16::from_be_bytes(*b)).ok_or_else(ends)?;
        if length < 2 {
            return Err(ImageError::corrupt("a marker segment has an impossible length"));
        }
        let body = rest.get(2..length as usize).ok_or_else(ends)?;
        self.position += length as usize;
        Ok(body)
    }

    fn quantisation(&mut self, mut body: &[u8]) -> Result<(), ImageError> {
        while let Some((&head, rest)) = body.split_first() {
            let bytes = if head >> 4 == 0 { 1 } else { 2 };
            let values = rest.get(..64 * bytes).ok_or_else(|| short("quantisation table"))?;
            let mut table = [0; 64];
            for (value, &at) in values.chunks_exact(bytes).zip(&ZIGZAG) {
                table[at as usize] = value.iter().fold(0, |sum, &b| sum << 8 | u16::from(b));
            }
            let slot = self.tables.quant.get_mut(head as usize & 15);
            *slot.ok_or_else(|| {
                ImageError::corrupt("a quantisation table has a number above 3")
            })? = Some(table);
            body = &rest[64 * bytes..];
        }
        Ok(())
    }

    fn huffman(&mut self, mut body: &[u8]) -> Result<(), ImageError> {
        while let Some((&head, rest)) = body.split_first() {
            let (counts, rest) =
                rest.split_first_chunk::<16>().ok_or_else(|| short("Huffman table"))?;
            let total = counts.iter().map(|&n| n as usize).sum();
            let values = rest.get(..total).ok_or_else(|| short("Huffman table"))?;
            let is_dc = head >> 4 == 0;
            if total > 256 || head >> 4 > 1 {
                return Err(ImageError::corrupt("a Huffman table is malformed"));
            }
            let tables = if is_dc { &mut self.tables.dc } else { &mut self.tables.ac };
            let slot = tables.get_mut(head as usize & 15);
            *slot.ok_or_else(|| ImageError::corrupt("a Huffman table has a number above 3"))? =
                HuffmanSpec { counts: *counts, values: values.to_vec() };
            body = &rest[total..];
        }
        Ok(())
    }

    fn frame(&mut self, marker: u8, body: &[u8]) -> Result<(), ImageError> {
        if self.frame.is_some() {
            return Err(ImageError::corrupt("two frame headers"));
        }
        let size = Size::new(u16_at(body, 3)? as u32, u16_at(body, 1)? as u32);
        let (precision, count) =
            (body[0], usize::from(*body.get(5).ok_or_else(|| short("frame"))?));
        if body.len() != 6 + 3 * count || count == 0 {
            return Err(short("frame"));
        }
        let component = |c: &[u8]| Component {
            id: c[0],
            h: usize::from(c[1] >> 4),
            v: usize::from(c[1] & 15),
            quant: usize::from(c[2]),
        };
        let mut components: Vec<_> = body[6..].chunks_exact(3).map(component).collect();
        let legal = |c: &Component| (1..=4).contains(&c.h) && (1..=4).contains(&c.v) && c.quant < 4;
        if !components.iter().all(legal) {
            return Err(ImageError::corrupt("the frame header has impossible sampling factors"));
        }
        if let [only] = &mut components[..] {
            // The factors of a single component mean nothing (T.81, A.2.2).
            (only.h, only.v) = (1, 1);
        }
        if size.width == 0 {
            return Err(ImageError::corrupt("the picture has no columns"));
        }
        let unsupported = Unsupported::of(marker, precision, count, size);
        let progressive = matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
        self.frame = Some(Frame { size, precision, progressive, unsupported, components });
        Ok(())
    }

    fn scan(&self, body: &[u8]) -> Result<Scan, ImageError> {
        let frame = self.frame.as_ref();
        let frame = frame.ok_or_else(|| ImageError::corrupt("a scan before the frame header"))?;
        let count = usize::from(*body.first().ok_or_else(|| short("scan"))?);
        if !(1..=4).contains(&count) || body.len() != 4 + 2 * count {
            return Err(short("scan"));
        }
        let mut components: Vec<ScanComponent> = Vec::with_capacity(count);
        for pair in body[1..=2 * count].chunks_exact(2) {
            // In the order of the frame (B.2.3).
            let first = components.last().map_or(0, |c| c.index + 1);
            let index = (first..frame.components.len())
                .find(|&i| frame.components[i].id == pair[0])
                .ok_or_else(|| {
                    ImageError::corrupt(
                        "a scan names an unknown component, or names them out of order",
                    )
                })?;
            let (dc, ac) = (usize::from(pair[1] >> 4), usize::from(pair[1] & 15));
            components.push(ScanComponent { index, dc, ac });
        }
        let blocks = |c: &ScanComponent| frame.components[c.index].h * frame.components[c.index].v;
        if count > 1 && components.iter().map(blocks).sum::<usize>() > 10 {
            return Err(ImageError::corrupt("a scan has more than 10 blocks in an MCU"));
        }
        let tail = &body[1 + 2 * count..];
        let (first, last) = (usize::from(tail[0]), usize::from(tail[1]));
        let (high, low) = (u32::from(tail[2] >> 4), u32::from(tail[2] & 15));
        Ok(Scan { components, first, last, high, low, data: self.position })
    }
}

/// A feature that keeps a frame from being decoded here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unsupported {
    /// Here only.
    Here(&'static str),
    /// In common decoders as well.
    Anywhere(&'static str),
}

impl Unsupported {
    fn of(marker: u8, precision: u8, count: usize, size: Size) -> Option<Self> {
        use Unsupported::{Anywhere, Here};
        Some(match marker {
            0xC5..=0xC7 | 0xCD..=0xCF => Anywhere("hierarchical JPEG"),
            _ if precision == 12 => Anywhere("12 bits per sample"),
            _ if precision != 8 => Anywhere("a number of bits per sample other than 8"),
            0xC3 | 0xCB => Here("lossless JPEG"),
            0xC9 | 0xCA => Here("arithmetic coding"),
            _ if !matches!(count, 1 | 3 | 4) => Here("a number of components other than 1, 3 or 4"),
            _ if size.height == 0 => Here("a height given after the picture (DNL)"),
            _ => return None,
        })
    }

    /// The error that names it.
    pub(super) fn error(self) -> ImageError {
        match self {
            Self::Here(feature) => ImageError::unsupported(format!("{feature} is not supported")),
            Self::Anywhere(feature) => {
                ImageError::rare_coding(format!("{feature} is not supported, nor is it elsewhere"))
            }
        }
    }
}

fn u16_at(body: &[u8], at: usize) -> Result<usize, ImageError> {
    let bytes = body.get(at..).and_then(|rest| rest.first_chunk::<2>());
    bytes.map(|b| u16::from_be_bytes(*b).into()).ok_or_else(|| short("marker segment"))
}

fn short(what: &str) -> ImageError {
    ImageError::corrupt(format!("a {what} header has the wrong length"))
}

fn ends() -> ImageError {
    ImageError::truncated("the data ends between two segments")
}
