//! The part of zip that PyTorch writes: stored files, without compression.
use crate::NnError;

/// Most files.
const MAX_FILES: usize = 100_000;

/// Name and bytes of every stored file.
///
/// # Errors
/// `Broken` if the directory does not fit the file; `Unsupported` for compressed files.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<(String, &[u8])>, NnError> {
    let end = end_record(bytes)?;
    let directory = bytes.get(end.1..).ok_or_else(|| broken("the directory is missing"))?;
    let mut rest = directory;
    let mut files = Vec::new();
    for _ in 0..end.0 {
        if files.len() >= MAX_FILES {
            return Err(NnError::limit("too many files in the zip file"));
        }
        let (file, next) = entry(bytes, rest)?;
        files.push(file);
        rest = next;
    }
    Ok(files)
}

fn broken(message: &str) -> NnError {
    NnError::broken(format!("not a whole zip file: {message}"))
}

fn number(bytes: &[u8], at: usize, length: usize) -> Result<u64, NnError> {
    let slice = bytes.get(at..at + length).ok_or_else(|| broken("it ends too early"))?;
    Ok(slice.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

/// The number of files and where the directory starts. Large archives have a second record.
fn end_record(bytes: &[u8]) -> Result<(u64, usize), NnError> {
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = &bytes[from..];
    let at = (0..tail.len().saturating_sub(21))
        .rev()
        .find(|&at| tail[at..].starts_with(b"PK\x05\x06"))
        .ok_or_else(|| broken("its end is missing"))?
        + from;
    let (mut count, mut start) = (number(bytes, at + 10, 2)?, number(bytes, at + 16, 4)?);
    if (count == 0xffff || start == 0xffff_ffff) && at >= 20 {
        let large = usize::try_from(number(bytes, at - 12, 8)?).unwrap_or(usize::MAX);
        if bytes.get(large..).is_some_and(|rest| rest.starts_with(b"PK\x06\x06")) {
            count = number(bytes, large + 32, 8)?;
            start = number(bytes, large + 48, 8)?;
        }
    }
    Ok((count, usize::try_from(start).unwrap_or(usize::MAX)))
}

type Entry<'a> = ((String, &'a [u8]), &'a [u8]);

/// One file of the directory, and the rest of it.
fn entry<'a>(bytes: &'a [u8], directory: &'a [u8]) -> Result<Entry<'a>, NnError> {
    if !directory.starts_with(b"PK\x01\x02") {
        return Err(broken("the directory is damaged"));
    }
    let short = |at: usize| number(directory, at, 2).map(|n| n as usize);
    let (names, extras, comment) = (short(28)?, short(30)?, short(32)?);
    let name = directory.get(46..46 + names).ok_or_else(|| broken("a name ends too early"))?;
    let name = String::from_utf8_lossy(name).into_owned();
    if short(10)? != 0 {
        return Err(NnError::unsupported(format!("{name} is compressed inside of the zip file")));
    }
    let extra = directory.get(46 + names..46 + names + extras).unwrap_or_default();
    let mut large = large_numbers(extra);
    let mut field = |at: usize| -> Result<usize, NnError> {
        let n = number(directory, at, 4)?;
        let n = if n == 0xffff_ffff { large.next().unwrap_or(n) } else { n };
        usize::try_from(n).map_err(|_too_large| broken("a size is absurd"))
    };
    let (_unpacked, size, start) = (field(24)?, field(20)?, field(42)?);
    let local = bytes.get(start..).ok_or_else(|| broken("a file is missing"))?;
    let skip = 30 + number(local, 26, 2)? as usize + number(local, 28, 2)? as usize;
    let end = skip.checked_add(size).ok_or_else(|| broken("a size is absurd"))?;
    let data = local.get(skip..end).ok_or_else(|| broken(&format!("{name} ends too early")))?;
    let next = directory.get(46 + names + extras + comment..).unwrap_or_default();
    Ok(((name, data), next))
}

/// The 8-byte numbers of the zip64 field.
fn large_numbers(mut extra: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let mut found: &[u8] = &[];
    while let [a, b, c, d, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*c, *d])).min(rest.len());
        if (*a, *b) == (1, 0) {
            found = &rest[..length];
        }
        extra = &rest[length..];
    }
    found.chunks_exact(8).map(|b| b.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}
