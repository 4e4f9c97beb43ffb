//! Whether the name says what the content is.
use pixloom_image::codec;

use super::Subject;
use crate::finding::{Finding, Kind, Repair};
use crate::jobs::validate::findings::extension;

pub(super) fn check(subject: &mut Subject<'_>, found: &mut Vec<Finding>) {
    if subject.bytes.is_empty() {
        let finding = Finding::new(Kind::Empty, "the file is empty");
        found.push(finding.with_hint("fetch the file again, or delete it"));
        return;
    }
    let Some(codec) = codec::detect(subject.bytes) else {
        return found.push(unknown(subject.bytes));
    };
    subject.codec = Some(codec);
    let info = codec.info();
    match extension(subject.relative) {
        Some(said) if info.extensions.contains(&said.as_str()) => {}
        Some(said) if codec::by_name(&said).is_some() => {
            let message = format!("the content is {}, the name says .{said}", info.name);
            let hint = format!("rename it to .{}, as --repair does", info.extensions[0]);
            let finding = Finding::new(Kind::WrongExtension, message).with_hint(hint);
            found.push(finding.with_repair(Repair::Rename));
        }
        said => {
            let said = said.map_or_else(|| "nothing".to_owned(), |said| format!(".{said}"));
            let message = format!("the content is {}, the name says {said}", info.name);
            found.push(Finding::new(Kind::UnknownExtension, message));
        }
    }
}

/// Content of no known format: what it looks like instead.
fn unknown(bytes: &[u8]) -> Finding {
    let head = &bytes[..bytes.len().min(512)];
    let text = String::from_utf8_lossy(head).trim_start().to_ascii_lowercase();
    let looks = if text.starts_with("<!doctype html") || text.starts_with("<html") {
        Some("a web page")
    } else if text.starts_with('{') || text.starts_with('[') {
        Some("JSON")
    } else if text.starts_with("<?xml") {
        Some("XML")
    } else if head.starts_with(b"PK\x03\x04") {
        Some("a ZIP archive")
    } else if head.iter().all(|byte| *byte == 0) {
        Some("zeros")
    } else if !head.contains(&0) && std::str::from_utf8(head).is_ok() {
        Some("text")
    } else {
        None
    };
    let message = match looks {
        Some(looks) => format!("the content is of no known image format, it looks like {looks}"),
        None => "the content is of no known image format".to_owned(),
    };
    Finding::new(Kind::UnknownFormat, message).with_hint("fetch the file again, or delete it")
}
