//! Whether the blocks of a file fit together, as far as that shows without decoding.
use super::Subject;
use crate::finding::{Finding, Kind, Repair};
use crate::jobs::validate::layout::Layout;

pub(super) fn check(subject: &mut Subject<'_>, found: &mut Vec<Finding>) {
    let Some(codec) = subject.codec else { return };
    let Some(mut layout) = Layout::read(codec.info().name, subject.bytes) else { return };
    found.append(&mut layout.problems);
    found.extend(behind(&layout, subject.bytes));
    subject.layout = Some(layout);
}

/// What lies behind the end of the picture.
fn behind(layout: &Layout<'_>, bytes: &[u8]) -> Option<Finding> {
    let end = layout.end?;
    let rest = bytes.get(end..).filter(|rest| !rest.is_empty())?;
    let length = rest.len();
    if let Some(what) = meaning(rest, layout.more_pictures) {
        let message = format!("{what} ({length} bytes) follows the picture");
        return Some(Finding::new(Kind::AppendedData, message).at_byte(end));
    }
    if bytes.starts_with(b"\xFF\xD8") && memchr::memmem::find(rest, b"\xFF\xD9").is_some() {
        // Cutting there could lose a part of the picture.
        let message = format!("an end mark is followed by {length} bytes and another end mark");
        return Some(Finding::new(Kind::Damaged, message).at_byte(end));
    }
    let message = format!("{length} bytes behind the end of the picture mean nothing");
    let finding = Finding::new(Kind::TrailingData, message).at_byte(end);
    Some(finding.with_hint("--repair cuts them off").with_repair(Repair::CutTrailing))
}

/// What is known to be put behind pictures on purpose; cutting it would lose it.
fn meaning(rest: &[u8], more_pictures: bool) -> Option<&'static str> {
    let has = |mark: &[u8]| memchr::memmem::find(rest, mark).is_some();
    if more_pictures || has(b"\xFF\xD8\xFF") || has(b"\x89PNG\r\n") {
        Some("another picture")
    } else if has(b"ftyp") {
        Some("a film")
    } else if has(b"PK\x03\x04") || has(b"Rar!\x1A") || has(b"7z\xBC\xAF") {
        Some("an archive")
    } else if has(b"SEFT") {
        Some("a maker's block")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_there_on_purpose_is_not_garbage() {
        let layout = Layout { end: Some(3), ..Layout::default() };
        let kind = |rest: &[u8]| {
            let bytes = [b"abc".as_slice(), rest].concat();
            behind(&layout, &bytes).map(|finding| finding.kind)
        };
        assert_eq!(kind(b""), None);
        assert_eq!(kind(b"\0\0\0\0"), Some(Kind::TrailingData));
        assert_eq!(kind(b"\0\0\0\x18ftypmp42"), Some(Kind::AppendedData));
        assert_eq!(kind(b"\xFF\xD8\xFF\xE0"), Some(Kind::AppendedData));
        let jpeg = Layout { end: Some(4), ..Layout::default() };
        let twice = behind(&jpeg, b"\xFF\xD8\xFF\xD9data\xFF\xD9").unwrap();
        assert_eq!((twice.kind, twice.repair), (Kind::Damaged, None));
    }
}
