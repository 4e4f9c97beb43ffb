//! Texts of any size: a place is drawn, and only what is needed from there is read.
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use pixloom_engine::{ErrorKind, Fingerprint, ItemError, Rng};

/// A file of text.
#[derive(Debug)]
pub(super) struct Corpus {
    /// What it is called in records.
    pub name: String,
    bytes: Bytes,
    len: u64,
}

#[derive(Debug)]
enum Bytes {
    Held(Vec<u8>),
    Embedded(&'static [u8]),
    File(File),
}

/// Files up to this size are held in memory.
const HELD: u64 = 1 << 20;

/// Bytes from which the encoding is judged.
const LOOKED_AT: usize = 64 << 10;

/// A piece of white space longer than this is stepped over in several reads.
const WINDOW: usize = 8 << 10;

/// How far beyond a wanted text is read, at most, in bytes for each cluster.
const BYTES_PER_CLUSTER: usize = 64;

impl Corpus {
    /// A file; nothing of a large one is read yet.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(super) fn open(path: &Path, name: String) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        let bytes = if len <= HELD { Bytes::Held(std::fs::read(path)?) } else { Bytes::File(file) };
        let len = if let Bytes::Held(bytes) = &bytes { bytes.len() as u64 } else { len };
        Ok(Self { name, bytes, len })
    }

    /// Text that is part of the program.
    pub(super) fn embedded(name: &str, text: &'static str) -> Self {
        let len = text.len() as u64;
        Self { name: name.to_owned(), bytes: Bytes::Embedded(text.as_bytes()), len }
    }

    /// Whether there is nothing in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Why its beginning is no UTF-8 text, if it is none. A few broken bytes are let pass.
    pub(super) fn problem(&self) -> Option<String> {
        let head = match self.read(0, LOOKED_AT) {
            Ok(head) => head,
            Err(error) => return Some(format!("cannot be read: {error}")),
        };
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Some("is UTF-16".to_owned());
        }
        let broken: usize = head.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
        // The last character may be cut.
        (broken > 3 + head.len() / 1000).then(|| "is not UTF-8 text".to_owned())
    }

    /// What tells it from others: its content, or for large files its length and time of change.
    pub(super) fn identity(&self) -> [u8; 32] {
        match &self.bytes {
            Bytes::Held(bytes) => Fingerprint::of(bytes).0,
            Bytes::Embedded(bytes) => Fingerprint::of(bytes).0,
            Bytes::File(file) => {
                let changed = file.metadata().and_then(|meta| meta.modified()).ok();
                Fingerprint::of(format!("{} {changed:?}", self.len).as_bytes()).0
            }
        }
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let len = len.min(self.len.saturating_sub(at) as usize);
        match &self.bytes {
            Bytes::Held(bytes) => Ok(bytes[at as usize..at as usize + len].to_vec()),
            Bytes::Embedded(bytes) => Ok(bytes[at as usize..at as usize + len].to_vec()),
            Bytes::File(file) => {
                let mut buffer = vec![0; len];
                file.read_exact_at(&mut buffer, at)?;
                Ok(buffer)
            }
        }
    }

    /// A text of exactly `length` grapheme clusters, beginning with a word; runs of white space
    /// count as one space, and neither end is one. At its end the corpus begins anew.
    ///
    /// # Errors
    /// `bad-input` if the corpus has nothing to show, `io` if it cannot be read.
    pub(super) fn draw(&self, length: usize, rng: &mut Rng) -> Result<String, ItemError> {
        let mut reader = Reader { corpus: self, at: rng.range_u64(self.len.max(1)), begun: false };
        let mut text = String::new();
        let mut rounds = 0;
        // One cluster more shows where the last one ends.
        while pixloom_text::clusters(&text).count() <= length + 1 {
            let wanted = (length * BYTES_PER_CLUSTER / 16).clamp(256, WINDOW);
            let before = text.len();
            let wrapped = reader.append(wanted, &mut text).map_err(ItemError::from)?;
            rounds += u32::from(wrapped);
            if rounds > 1 && text.trim().is_empty() {
                let message = format!("the corpus {} holds no text", self.name);
                return Err(ItemError::new(ErrorKind::BadInput, message).with_code("empty-corpus"));
            }
            if rounds as usize > length + 2 && text.len() == before {
                break;
            }
        }
        Ok(exactly(&text, length))
    }
}

/// The first `length` clusters, shifted so that neither end is a space.
fn exactly(text: &str, length: usize) -> String {
    let clusters: Vec<&str> = pixloom_text::clusters(text).map(|range| &text[range]).collect();
    let space = |at: usize| clusters.get(at).is_none_or(|cluster| *cluster == " ");
    let starts = 0..=clusters.len().saturating_sub(length);
    let word = |start: &usize| *start == 0 || space(start - 1);
    let fits = |start: &usize| !space(*start) && !space(start + length - 1);
    let good = starts.clone().filter(word).find(fits).or_else(|| starts.clone().find(fits));
    if let Some(start) = good {
        return clusters.iter().skip(start).take(length).copied().collect();
    }
    // Words of one letter have no piece of this length between spaces.
    let shown = clusters.iter().filter(|cluster| **cluster != " ").copied();
    shown.clone().cycle().take(if shown.count() > 0 { length } else { 0 }).collect()
}

struct Reader<'a> {
    corpus: &'a Corpus,
    at: u64,
    begun: bool,
}

impl Reader<'_> {
    /// Adds about `wanted` bytes of clean text; says whether the end of the corpus was passed.
    fn append(&mut self, wanted: usize, text: &mut String) -> io::Result<bool> {
        let mut raw = self.corpus.read(self.at, wanted)?;
        let mut next = self.at + raw.len() as u64;
        let wrapped = next >= self.corpus.len;
        if wrapped {
            next = 0;
            raw.push(b' ');
        } else {
            // Do not cut a character.
            let mut end = raw.len();
            while end > 0 && raw.len() - end < 4 && raw[end - 1] & 0xc0 == 0x80 {
                end -= 1;
            }
            if end > 0 && raw[end - 1] >= 0xc0 {
                end -= 1;
            }
            if end > 0 && raw.len() - end < 4 {
                next -= (raw.len() - end) as u64;
                raw.truncate(end);
            }
        }
        let from_start = self.at == 0;
        let decoded = String::from_utf8_lossy(&raw);
        let mut part: &str = &decoded;
        if !self.begun && !from_start {
            // Begin with the next word, or, where there are no words, with the next character.
            let cut = part.find(char::is_whitespace).filter(|cut| *cut + 1 < part.len());
            part = &part[cut.unwrap_or(0)..];
        }
        self.begun = true;
        self.at = next;
        clean_into(part, text);
        Ok(wrapped)
    }
}

/// Appends text with runs of white space as one space, and without what cannot be shown: control
/// characters, byte order marks, marks of direction, private and unassigned ones.
fn clean_into(part: &str, text: &mut String) {
    for c in part.chars() {
        if c.is_whitespace() {
            if !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
        } else if is_shown(c) {
            text.push(c);
        }
    }
}

fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{fffd}' | '\u{feff}' | '\u{00ad}' | '\u{061c}' | '\u{200b}' | '\u{200e}'
            | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffc}' | '\u{f0000}'..='\u{10ffff}')
}

/// The text files of a folder, or the one that `file` names below it; sorted by name.
///
/// # Errors
/// If a file or folder cannot be read.
pub(super) fn corpus_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_text =
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
        if is_text && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use pixloom_engine::Seed;
    use pixloom_text::clusters;

    use super::*;

    fn held(bytes: &[u8]) -> Corpus {
        let len = bytes.len() as u64;
        Corpus { name: "test".to_owned(), bytes: Bytes::Held(bytes.to_vec()), len }
    }

    #[test]
    fn lengths_are_exact_whatever_the_corpus() {
        let long =
            "Zwölf Boxkämpfer jagen e\u{301}Viktor quer\r\nüber den großen\tDeich. ".repeat(40);
        let bom = "\u{feff}one\r\n\r\n two\u{0} three\n".to_owned();
        for corpus in ["x", "a b", "人人生而自由在尊嚴", "\u{feff}\n", &bom, &long] {
            let corpus = held(corpus.as_bytes());
            for length in [1, 2, 5, 17, 200] {
                for seed in 0..20 {
                    let drawn = corpus.draw(length, &mut Seed::root(seed).rng());
                    let Ok(text) = drawn else {
                        assert!(corpus.len < 6, "{drawn:?}");
                        continue;
                    };
                    assert_eq!(clusters(&text).count(), length, "{text:?}");
                    assert_eq!(text.trim(), text);
                    assert!(!text.contains(['\r', '\n', '\0', '\u{feff}']), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn broken_bytes_and_empty_files_do_no_harm() {
        let broken = held(b"\xff\xfeab\xc3 cd\x80\x80 ef");
        for seed in 0..50 {
            let text = broken.draw(4, &mut Seed::root(seed).rng()).unwrap();
            assert_eq!(clusters(&text).count(), 4, "{text:?}");
        }
        for empty in [b"".as_slice(), b" \n \n", b"\0\0\0"] {
            let error = held(empty).draw(3, &mut Seed::root(1).rng()).unwrap_err();
            assert_eq!(error.code, "empty-corpus");
        }
    }

    #[test]
    fn large_files_are_read_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big.txt");
        let text = "some words of a long text ".repeat(100_000);
        pixloom_engine::files::write_atomic(&path, text.as_bytes()).unwrap();
        let file = Corpus::open(&path, "big".to_owned()).unwrap();
        assert!(matches!(file.bytes, Bytes::File(_)));
        let memory = held(text.as_bytes());
        for seed in 0..20 {
            let draw = |corpus: &Corpus| corpus.draw(33, &mut Seed::root(seed).rng()).unwrap();
            assert_eq!(draw(&file), draw(&memory));
        }
    }
}
