//! A writer of LMDB's `data.mdb` for keys that come in order: leaves are written as they fill, the
//! branches above them as their leaves are finished, so memory does not grow with the entries.
//!
//! The layout is that of LMDB 0.9 on 64-bit little-endian machines with pages of 4 KiB (`mdb.c`:
//! `MDB_page`, `MDB_node`, `MDB_meta`): pages 0 and 1 are the metas, values that do not fit
//! twice into a page lie in pages of their own.
use std::io::{self, Seek, SeekFrom, Write};

const PAGE: usize = 4096;
/// Bytes of a page's header: number, padding, flags, lower and upper end of the free space.
const PAGE_HEADER: usize = 16;
/// Bytes of a node's header: size of the value or number of the page, flags, size of the key.
const NODE_HEADER: usize = 8;
/// Larger nodes keep their value in pages of its own (`me_nodemax`).
const LARGEST_NODE: usize = (((PAGE - PAGE_HEADER) / 2) & !1) - 2;
/// Longest key (`MDB_MAXKEYSIZE`).
const LONGEST_KEY: usize = 511;

const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const OVERFLOW: u16 = 4;
const META: u16 = 8;
/// A node whose value lies in pages of its own.
const BIG: u16 = 1;

/// A page that is being filled. Nodes grow down from its end, their places up from its header.
struct Open {
    nodes: Vec<Vec<u8>>,
    first_key: Vec<u8>,
    /// Bytes of header, places and nodes.
    used: usize,
}

impl Open {
    const fn new() -> Self {
        Self { nodes: Vec::new(), first_key: Vec::new(), used: PAGE_HEADER }
    }

    fn fits(&self, node: &[u8]) -> bool {
        self.used + node.len() + 2 <= PAGE
    }

    fn push(&mut self, node: Vec<u8>, key: &[u8]) {
        if self.nodes.is_empty() {
            key.clone_into(&mut self.first_key);
        }
        self.used += node.len() + 2;
        self.nodes.push(node);
    }

    fn bytes(&self, number: u64, flags: u16) -> Vec<u8> {
        let mut page = vec![0; PAGE];
        let mut upper = PAGE;
        for (at, node) in self.nodes.iter().enumerate() {
            upper -= node.len();
            page[upper..upper + node.len()].copy_from_slice(node);
            let place = PAGE_HEADER + 2 * at;
            page[place..place + 2].copy_from_slice(&(upper as u16).to_le_bytes());
        }
        let lower = (PAGE_HEADER + 2 * self.nodes.len()) as u16;
        header(&mut page, number, flags);
        page[12..14].copy_from_slice(&lower.to_le_bytes());
        page[14..16].copy_from_slice(&(upper as u16).to_le_bytes());
        page
    }
}

fn header(page: &mut [u8], number: u64, flags: u16) {
    page[..8].copy_from_slice(&number.to_le_bytes());
    page[10..12].copy_from_slice(&flags.to_le_bytes());
}

/// A node: `size` is the value's length in leaves, a page's number in branches.
fn node(size: u64, flags: u16, key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut node = Vec::with_capacity(NODE_HEADER + key.len() + value.len() + 1);
    node.extend_from_slice(&(size as u32).to_le_bytes());
    node.extend_from_slice(&flags.to_le_bytes());
    node.extend_from_slice(&(key.len() as u16).to_le_bytes());
    node.extend_from_slice(key);
    node.extend_from_slice(value);
    if node.len() % 2 == 1 {
        node.push(0);
    }
    node
}

fn branch_node(page: u64, key: &[u8]) -> Vec<u8> {
    node(page, (page >> 32) as u16, key, &[])
}

/// How many pages of each kind there are.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    branch: u64,
    leaf: u64,
    overflow: u64,
    entries: u64,
}

/// Writes one database; it is complete after [`Writer::finish`].
pub(super) struct Writer<W> {
    out: W,
    next: u64,
    /// The page that is open at each level, leaves first.
    levels: Vec<Open>,
    last_key: Vec<u8>,
    counts: Counts,
}

impl<W: Write + Seek> Writer<W> {
    /// Begins a database; `out` must be empty.
    ///
    /// # Errors
    /// If nothing can be written.
    pub(super) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&[0; 2 * PAGE])?;
        let levels = vec![Open::new()];
        Ok(Self { out, next: 2, levels, last_key: Vec::new(), counts: Counts::default() })
    }

    /// Adds an entry; its key must be larger than the one before.
    ///
    /// # Errors
    /// `InvalidInput` for a key that is out of order, empty or too long, or a value above 4 GiB.
    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let ordered = self.counts.entries == 0 || key > self.last_key.as_slice();
        let wrong = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        if !ordered || key.is_empty() || key.len() > LONGEST_KEY {
            return wrong("a key of the database is out of order, empty or too long");
        }
        if u32::try_from(value.len()).is_err() {
            return wrong("a value of the database is larger than 4 GiB");
        }
        let entry = if NODE_HEADER + key.len() + value.len() > LARGEST_NODE {
            let page = self.big(value)?;
            node(value.len() as u64, BIG, key, &page.to_le_bytes())
        } else {
            node(value.len() as u64, 0, key, value)
        };
        if !self.levels[0].fits(&entry) {
            self.close(0)?;
        }
        self.levels[0].push(entry, key);
        key.clone_into(&mut self.last_key);
        self.counts.entries += 1;
        Ok(())
    }

    /// Writes a value into pages of its own; the number of the first.
    fn big(&mut self, value: &[u8]) -> io::Result<u64> {
        let pages = (PAGE_HEADER - 1 + value.len()) / PAGE + 1;
        let mut head = [0; PAGE_HEADER];
        header(&mut head, self.next, OVERFLOW);
        head[12..16].copy_from_slice(&(pages as u32).to_le_bytes());
        self.out.write_all(&head)?;
        self.out.write_all(value)?;
        self.out.write_all(&vec![0; pages * PAGE - PAGE_HEADER - value.len()])?;
        self.counts.overflow += pages as u64;
        Ok(self.take(pages as u64))
    }

    fn take(&mut self, pages: u64) -> u64 {
        let first = self.next;
        self.next += pages;
        first
    }

    /// Writes the open page of a level and tells the level above; the number of the page.
    fn close(&mut self, level: usize) -> io::Result<u64> {
        let page = std::mem::replace(&mut self.levels[level], Open::new());
        let number = self.write(&page, level)?;
        self.up(level + 1, number, &page.first_key)?;
        Ok(number)
    }

    fn write(&mut self, page: &Open, level: usize) -> io::Result<u64> {
        let number = self.take(1);
        let flags = if level == 0 { LEAF } else { BRANCH };
        *(if level == 0 { &mut self.counts.leaf } else { &mut self.counts.branch }) += 1;
        self.out.write_all(&page.bytes(number, flags))?;
        Ok(number)
    }

    /// Adds a finished page to the branch at `level`.
    fn up(&mut self, level: usize, page: u64, key: &[u8]) -> io::Result<()> {
        if self.levels.len() == level {
            self.levels.push(Open::new());
        }
        if !self.levels[level].fits(&branch_node(page, key)) {
            // No branch may end with a single page below it: the last one begins the next.
            let moved = self.levels[level].nodes.pop();
            self.close(level)?;
            if let Some(moved) = moved {
                let (key, page) = read_branch(&moved);
                self.first(level, page, &key);
            }
        }
        if self.levels[level].nodes.is_empty() {
            self.first(level, page, key);
        } else {
            self.levels[level].push(branch_node(page, key), key);
        }
        Ok(())
    }

    /// The first node of a branch: its key is known to the level above and left empty.
    fn first(&mut self, level: usize, page: u64, key: &[u8]) {
        self.levels[level].push(branch_node(page, &[]), key);
    }

    /// Writes what is open and the metas; hands back what was written to.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let mut level = 0;
        let (root, depth) = loop {
            let top = level + 1 == self.levels.len();
            if top && self.counts.entries == 0 {
                break (u64::MAX, 0);
            }
            if top {
                let page = std::mem::replace(&mut self.levels[level], Open::new());
                break (self.write(&page, level)?, level + 1);
            }
            self.close(level)?;
            level += 1;
        };
        let metas = [self.meta(0, (u64::MAX, 0), 1), self.meta(1, (root, depth), self.next - 1)];
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&metas.concat())?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// A meta page: as of transaction 0, when nothing was there, or 1.
    fn meta(&self, number: u64, (root, depth): (u64, usize), last: u64) -> Vec<u8> {
        let counts = if number == 0 { Counts::default() } else { self.counts };
        let mut page = vec![0; PAGE_HEADER];
        header(&mut page, number, META);
        page.extend_from_slice(&0xBEEF_C0DE_u32.to_le_bytes());
        page.extend_from_slice(&1_u32.to_le_bytes());
        page.extend_from_slice(&0_u64.to_le_bytes());
        page.extend_from_slice(&(self.next * PAGE as u64).to_le_bytes());
        // The list of free pages: empty, with whole numbers as keys; it also says the page size.
        let free = (PAGE as u32, 8_u16, 0, Counts::default(), u64::MAX);
        for (pad, flags, depth, counts, root) in [free, (0, 0, depth as u16, counts, root)] {
            page.extend_from_slice(&pad.to_le_bytes());
            page.extend_from_slice(&flags.to_le_bytes());
            page.extend_from_slice(&depth.to_le_bytes());
            for count in [counts.branch, counts.leaf, counts.overflow, counts.entries, root] {
                page.extend_from_slice(&count.to_le_bytes());
            }
        }
        page.extend_from_slice(&last.to_le_bytes());
        page.extend_from_slice(&number.to_le_bytes());
        page.resize(PAGE, 0);
        page
    }
}

/// Key and page of a branch's node.
fn read_branch(node: &[u8]) -> (Vec<u8>, u64) {
    let number = |at: usize| u64::from(u16::from_le_bytes([node[at], node[at + 1]]));
    let key = node[NODE_HEADER..NODE_HEADER + number(6) as usize].to_vec();
    (key, number(0) | (number(2) << 16) | (number(4) << 32))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Reads entries in order, by walking the tree from the newer meta.
    fn entries(bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let root = long(bytes, PAGE + PAGE_HEADER + 24 + 48 + 40);
        let mut found = Vec::new();
        if root != u64::MAX {
            walk(bytes, root, &mut found);
        }
        found
    }

    fn long(bytes: &[u8], at: usize) -> u64 {
        u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
    }

    fn short(bytes: &[u8], at: usize) -> usize {
        usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
    }

    fn walk(bytes: &[u8], number: u64, found: &mut Vec<(Vec<u8>, Vec<u8>)>) {
        let page = &bytes[number as usize * PAGE..][..PAGE];
        assert_eq!(long(page, 0), number);
        let count = (short(page, 12) - PAGE_HEADER) / 2;
        let leaf = short(page, 10) == usize::from(LEAF);
        assert!(leaf || count > 1, "a branch of one page");
        for at in 0..count {
            let node = &page[short(page, PAGE_HEADER + 2 * at)..];
            if !leaf {
                walk(bytes, read_branch(node).1, found);
                continue;
            }
            let (key, len) = (short(node, 6), short(node, 0) + (short(node, 2) << 16));
            let inside = &node[NODE_HEADER + key..];
            let value = if short(node, 4) == usize::from(BIG) {
                let start = long(inside, 0) as usize * PAGE + PAGE_HEADER;
                &bytes[start..start + len]
            } else {
                &inside[..len]
            };
            found.push((node[NODE_HEADER..NODE_HEADER + key].to_vec(), value.to_vec()));
        }
    }

    #[test]
    fn entries_come_back_at_any_depth() {
        for count in [0_usize, 1, 2, 30, 130, 5_000, 30_000] {
            let mut writer = Writer::new(Cursor::new(Vec::new())).unwrap();
            let entry = |at: usize| {
                let len = [0, 1, 5, 900, 2031, 2032, 4080, 4081, 9000][at * at % 9];
                (
                    format!("key-{at:09}").into_bytes(),
                    vec![at as u8; if at < 300 { len } else { 2 }],
                )
            };
            let expected: Vec<_> = (0..count).map(entry).collect();
            for (key, value) in &expected {
                writer.put(key, value).unwrap();
            }
            let bytes = writer.finish().unwrap().into_inner();
            assert_eq!(bytes.len() % PAGE, 0);
            assert_eq!(bytes.len() as u64 / PAGE as u64, long(&bytes, PAGE + 136) + 1);
            assert!(entries(&bytes) == expected, "{count}");
        }
    }

    #[test]
    fn keys_out_of_order_are_refused() {
        let mut writer = Writer::new(Cursor::new(Vec::new())).unwrap();
        writer.put(b"b", b"").unwrap();
        for key in [&b"a"[..], b"b", b"", &[b'c'; 512]] {
            assert!(writer.put(key, b"").is_err());
        }
    }
}
