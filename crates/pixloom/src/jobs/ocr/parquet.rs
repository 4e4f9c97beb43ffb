//! A writer of Parquet files: columns of text, bytes and whole numbers, all of them required, plain
//! and not compressed, as pictures are compressed already. Memory holds one group of rows.
//!
//! After the format's specification 2.10 (`parquet.thrift`), its footer in Thrift's compact
//! protocol.
use std::io::{self, Write};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whole numbers of 32 bits.
    Int,
    /// Bytes.
    Bytes,
    /// UTF-8.
    Text,
}

/// A column; `group` is the structure that it is part of, if any. Columns of a group are
/// neighbours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Its name.
    pub name: &'static str,
    /// The structure around it.
    pub group: Option<&'static str>,
    /// What it holds.
    pub kind: Kind,
}

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// Of [`Kind::Int`].
    Int(i32),
    /// Of [`Kind::Bytes`] or [`Kind::Text`].
    Bytes(&'a [u8]),
}

/// A group of rows is written when it holds this many bytes.
const GROUP_BYTES: usize = 16 << 20;

/// A finished group of rows.
struct Group {
    rows: u64,
    /// Where each column begins, and its bytes.
    chunks: Vec<(u64, u64)>,
}

/// Writes one file; it is complete after [`Writer::finish`].
pub(super) struct Writer<W> {
    out: W,
    at: u64,
    columns: &'static [Column],
    /// The open group: plain values of each column.
    open: Vec<Vec<u8>>,
    rows: u64,
    groups: Vec<Group>,
}

const MAGIC: &[u8] = b"PAR1";

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// If nothing can be written.
    pub(super) fn new(mut out: W, columns: &'static [Column]) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        let open = vec![Vec::new(); columns.len()];
        Ok(Self { out, at: MAGIC.len() as u64, columns, open, rows: 0, groups: Vec::new() })
    }

    /// Adds a row: a value for each column, in their order.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        for (values, cell) in self.open.iter_mut().zip(cells) {
            match cell {
                Cell::Int(value) => values.extend_from_slice(&value.to_le_bytes()),
                Cell::Bytes(bytes) => {
                    values.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                    values.extend_from_slice(bytes);
                }
            }
        }
        self.rows += 1;
        let held: usize = self.open.iter().map(Vec::len).sum();
        if held >= GROUP_BYTES { self.close_group() } else { Ok(()) }
    }

    /// Writes the open group, one page a column.
    fn close_group(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = Group { rows: self.rows, chunks: Vec::new() };
        for values in &mut self.open {
            let head = page_header(self.rows, values.len());
            self.out.write_all(&head)?;
            self.out.write_all(values)?;
            let bytes = (head.len() + values.len()) as u64;
            group.chunks.push((self.at, bytes));
            self.at += bytes;
            values.clear();
        }
        self.groups.push(group);
        self.rows = 0;
        Ok(())
    }

    /// Writes what is open and the footer, with `notes` as its key and value; hands back what
    /// was written to.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn finish(mut self, notes: (&str, &str)) -> io::Result<W> {
        self.close_group()?;
        let footer = self.footer(notes);
        self.out.write_all(&footer)?;
        self.out.write_all(&(footer.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// `FileMetaData`.
    fn footer(&self, (key, value): (&str, &str)) -> Vec<u8> {
        let mut out = Thrift::default();
        out.int(1, 2);
        self.schema(&mut out);
        out.long(3, self.groups.iter().map(|group| group.rows).sum());
        out.list(4, STRUCT, self.groups.len());
        for group in &self.groups {
            self.row_group(&mut out, group);
        }
        out.list(5, STRUCT, 1);
        out.begin();
        out.text(1, key);
        out.text(2, value);
        out.end();
        out.text(6, concat!("pixloom version ", env!("CARGO_PKG_VERSION")));
        out.end();
        out.bytes
    }

    /// The tree of columns in depth-first order: `SchemaElement`s.
    fn schema(&self, out: &mut Thrift) {
        let starts = |at: usize| {
            let group = self.columns[at].group;
            group.is_none() || at == 0 || self.columns[at - 1].group != group
        };
        let tops = (0..self.columns.len()).filter(|at| starts(*at)).count();
        let groups =
            (0..self.columns.len()).filter(|at| starts(*at) && self.columns[*at].group.is_some());
        out.list(2, STRUCT, 1 + self.columns.len() + groups.count());
        branch(out, "schema", tops);
        for (at, column) in self.columns.iter().enumerate() {
            if let (true, Some(group)) = (starts(at), column.group) {
                let own = self.columns[at..].iter().take_while(|c| c.group == column.group);
                branch(out, group, own.count());
            }
            out.begin();
            out.int(1, column.kind.physical());
            out.int(3, 0);
            out.text(4, column.name);
            if column.kind == Kind::Text {
                out.int(6, 0);
                // LogicalType with its first member, StringType.
                out.structure(10);
                out.structure(1);
                out.end();
                out.end();
            }
            out.end();
        }
    }

    /// `RowGroup` with its `ColumnChunk`s and their `ColumnMetaData`.
    fn row_group(&self, out: &mut Thrift, group: &Group) {
        out.begin();
        out.list(1, STRUCT, self.columns.len());
        for (column, (start, bytes)) in self.columns.iter().zip(&group.chunks) {
            out.begin();
            out.long(2, *start);
            out.structure(3);
            out.int(1, column.kind.physical());
            out.list(2, INT, 2);
            out.zigzag(PLAIN);
            out.zigzag(RLE);
            let path: Vec<&str> = column.group.into_iter().chain([column.name]).collect();
            out.list(3, BINARY, path.len());
            for part in path {
                out.raw_text(part);
            }
            out.int(4, 0);
            out.long(5, group.rows);
            out.long(6, *bytes);
            out.long(7, *bytes);
            out.long(9, *start);
            out.end();
            out.end();
        }
        out.long(2, group.chunks.iter().map(|(_, bytes)| bytes).sum());
        out.long(3, group.rows);
        out.end();
    }
}

/// A `SchemaElement` with children.
fn branch(out: &mut Thrift, name: &str, children: usize) {
    out.begin();
    out.int(3, 0);
    out.text(4, name);
    out.int(5, children as i32);
    out.end();
}

/// `PageHeader` of a data page without levels.
fn page_header(rows: u64, bytes: usize) -> Vec<u8> {
    let mut out = Thrift::default();
    out.int(1, 0);
    out.int(2, bytes as i32);
    out.int(3, bytes as i32);
    out.structure(5);
    out.int(1, rows as i32);
    out.int(2, PLAIN as i32);
    out.int(3, RLE as i32);
    out.int(4, RLE as i32);
    out.end();
    out.end();
    out.bytes
}

impl Kind {
    const fn physical(self) -> i32 {
        match self {
            Self::Int => 1,
            Self::Bytes | Self::Text => 6,
        }
    }
}

/// Encodings.
const PLAIN: i64 = 0;
const RLE: i64 = 3;

/// Types of the compact protocol.
const INT: u8 = 5;
const LONG: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// Thrift's compact protocol. The outermost structure is open from the start.
#[derive(Default)]
struct Thrift {
    bytes: Vec<u8>,
    last: i16,
    outer: Vec<i16>,
}

impl Thrift {
    fn field(&mut self, id: i16, kind: u8) {
        // Fields come in ascending order and close together.
        self.bytes.push((((id - self.last) as u8) << 4) | kind);
        self.last = id;
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    fn int(&mut self, id: i16, value: i32) {
        self.field(id, INT);
        self.zigzag(i64::from(value));
    }

    fn long(&mut self, id: i16, value: u64) {
        self.field(id, LONG);
        self.zigzag(value as i64);
    }

    fn text(&mut self, id: i16, text: &str) {
        self.field(id, BINARY);
        self.raw_text(text);
    }

    fn raw_text(&mut self, text: &str) {
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn list(&mut self, id: i16, kind: u8, len: usize) {
        self.field(id, LIST);
        if len < 15 {
            self.bytes.push(((len as u8) << 4) | kind);
        } else {
            self.bytes.push(0xf0 | kind);
            self.varint(len as u64);
        }
    }

    /// A field that is a structure; ended by [`Thrift::end`].
    fn structure(&mut self, id: i16) {
        self.field(id, STRUCT);
        self.begin();
    }

    /// A structure that is a member of a list.
    fn begin(&mut self) {
        self.outer.push(self.last);
        self.last = 0;
    }

    fn end(&mut self) {
        self.bytes.push(0);
        self.last = self.outer.pop().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static COLUMNS: &[Column] = &[
        Column { name: "bytes", group: Some("image"), kind: Kind::Bytes },
        Column { name: "path", group: Some("image"), kind: Kind::Text },
        Column { name: "width", group: None, kind: Kind::Int },
    ];

    fn file(rows: i32) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), COLUMNS).unwrap();
        for row in 0..rows {
            let path = format!("{row}.png");
            let picture = vec![row as u8; 40_000];
            let cells = [Cell::Bytes(&picture), Cell::Bytes(path.as_bytes()), Cell::Int(row)];
            writer.row(&cells).unwrap();
        }
        writer.finish(("note", "value")).unwrap()
    }

    #[test]
    fn a_small_file_is_as_the_specification_says() {
        let bytes = file(0);
        let footer = u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().unwrap());
        assert_eq!(bytes.len(), 4 + footer as usize + 8);
        assert!(bytes.starts_with(MAGIC) && bytes.ends_with(MAGIC));
        // Version 2, then a list of five schema elements: root, group, three columns.
        assert_eq!(bytes[4..8], [0x15, 4, 0x19, 0x5c]);
        // The root: required, its name, two children.
        assert_eq!(bytes[8..19], *b"\x35\x00\x18\x06schema\x15");
        let page = page_header(3, 300);
        assert_eq!(
            page,
            [0x15, 0, 0x15, 0xd8, 4, 0x15, 0xd8, 4, 0x2c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]
        );
    }

    #[test]
    fn rows_are_written_in_groups() {
        let bytes = file(1000);
        let values = bytes.len() - 1000 * (40_000 + 4 + 4 + 4);
        assert!(values < 12_000, "{values} bytes beside the values");
        // Three groups, each with a page of pictures.
        let page = |rows: u64| page_header(rows, rows as usize * 40_004);
        let count = |part: &[u8]| bytes.windows(part.len()).filter(|w| *w == part).count();
        assert_eq!((count(&page(420)), count(&page(160))), (2, 1));
    }
}
