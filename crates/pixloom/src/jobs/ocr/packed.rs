//! Exports that hold the pictures themselves: archives, LMDB, Parquet.
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::export::{complete, each, partial};
use super::parquet::{Cell, Column, Kind};
use super::{lmdb, parquet};

/// Images and labels of one archive.
const PER_ARCHIVE: u64 = 1000;

/// Archives in `webdataset/`: images and labels, 1,000 in each.
pub(super) fn webdataset(output: &Path) -> io::Result<&'static str> {
    let folder = output.join("webdataset");
    std::fs::create_dir_all(&folder)?;
    let mut archive: Option<(PathBuf, BufWriter<File>)> = None;
    let mut count = 0_u64;
    each(output, &mut |record| {
        if count.is_multiple_of(PER_ARCHIVE) {
            close(archive.take())?;
            let path = folder.join(format!("{:06}.tar", count / PER_ARCHIVE));
            let out = BufWriter::new(File::create(partial(&path))?);
            archive = Some((path, out));
        }
        count += 1;
        let Some((_, out)) = archive.as_mut() else { return Ok(()) };
        let stem = record.file.trim_end_matches(".png");
        let label = serde_json::to_vec(&record)?;
        member(out, &record.file, &std::fs::read(output.join(&record.file))?)?;
        member(out, &format!("{stem}.txt"), record.text.as_bytes())?;
        member(out, &format!("{stem}.json"), &label)
    })?;
    close(archive)?;
    Ok("webdataset/")
}

fn close(archive: Option<(PathBuf, BufWriter<File>)>) -> io::Result<()> {
    let Some((path, mut out)) = archive else { return Ok(()) };
    out.write_all(&[0; 1024])?;
    complete(out, &path)
}

/// One member of a tar archive (POSIX.1-1988 ustar), always the same bytes for the same content.
fn member(out: &mut impl Write, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(0, &name.as_bytes()[..name.len().min(100)]);
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", bytes.len()).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.write_all(&header)?;
    out.write_all(bytes)?;
    out.write_all(&[0; 512][..(512 - bytes.len() % 512) % 512])
}

/// LMDB as text recognisers read it (Baek et al. 2019): the keys come in order, pictures first.
pub(super) fn lmdb(output: &Path) -> io::Result<&'static str> {
    let folder = output.join("lmdb");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("data.mdb");
    let mut writer = lmdb::Writer::new(BufWriter::new(File::create(partial(&path))?))?;
    let mut count = 0_u64;
    each(output, &mut |record| {
        count += 1;
        let picture = std::fs::read(output.join(&record.file))?;
        writer.put(format!("image-{count:09}").as_bytes(), &picture)
    })?;
    let mut number = 0_u64;
    each(output, &mut |record| {
        number += 1;
        writer.put(format!("label-{number:09}").as_bytes(), record.text.as_bytes())
    })?;
    writer.put(b"num-samples", count.to_string().as_bytes())?;
    complete(writer.finish()?, &path)?;
    Ok("lmdb/")
}

/// The columns of `labels.parquet`; `image` is the structure that the datasets library of Hugging
/// Face shows as a picture.
static COLUMNS: &[Column] = &[
    Column { name: "bytes", group: Some("image"), kind: Kind::Bytes },
    Column { name: "path", group: Some("image"), kind: Kind::Text },
    Column { name: "text", group: None, kind: Kind::Text },
    Column { name: "script", group: None, kind: Kind::Text },
    Column { name: "width", group: None, kind: Kind::Int },
    Column { name: "height", group: None, kind: Kind::Int },
    Column { name: "record", group: None, kind: Kind::Text },
];

/// What each column is, for that library.
const FEATURES: &str = r#"{"info": {"features": {"image": {"_type": "Image"}, "text": {"dtype": "string", "_type": "Value"}, "script": {"dtype": "string", "_type": "Value"}, "width": {"dtype": "int32", "_type": "Value"}, "height": {"dtype": "int32", "_type": "Value"}, "record": {"dtype": "string", "_type": "Value"}}}}"#;

/// Parquet: one file.
pub(super) fn parquet(output: &Path) -> io::Result<&'static str> {
    let name = "labels.parquet";
    let path = output.join(name);
    let file = BufWriter::new(File::create(partial(&path))?);
    let mut writer = parquet::Writer::new(file, COLUMNS)?;
    each(output, &mut |record| {
        let picture = std::fs::read(output.join(&record.file))?;
        let whole = serde_json::to_vec(&record)?;
        writer.row(&[
            Cell::Bytes(&picture),
            Cell::Bytes(record.file.as_bytes()),
            Cell::Bytes(record.text.as_bytes()),
            Cell::Bytes(record.script.as_bytes()),
            Cell::Int(record.width as i32),
            Cell::Int(record.height as i32),
            Cell::Bytes(&whole),
        ])
    })?;
    complete(writer.finish(("huggingface", FEATURES))?, &path)?;
    Ok(name)
}
