//! Shaping in many scripts, with the fonts of `../shared/data/fonts` where they are there.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use pixloom_text::{
    Base, Block, BlockStyle, Chain, Face, FontError, Growth, Line, LineStyle, OutlineCache, Shapes,
    ShapesRequest, Writing, clusters, face_count, shape_line,
};

fn fonts() -> Option<PathBuf> {
    pixloom_testkit::shared_data("fonts")
}

fn bytes(file: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(fonts()?.join(file)).unwrap())
}

fn face(file: &str) -> Option<Face> {
    Some(Face::read(Arc::new(bytes(file)?), 0).unwrap())
}

fn style(writing: Writing) -> LineStyle {
    LineStyle { size: 40.0, writing, base: Base::Auto, ..LineStyle::default() }
}

fn shaped(text: &str, face: &Face) -> Line {
    shape_line(text, std::slice::from_ref(face), &style(Writing::Horizontal))
}

fn texts<'a>(line: &Line, text: &'a str) -> Vec<&'a str> {
    line.clusters.iter().map(|cluster| &text[cluster.bytes.clone()]).collect()
}

fn ids(line: &Line) -> Vec<u32> {
    line.glyphs.iter().map(|glyph| glyph.id).collect()
}

#[test]
fn arabic_letters_join_and_lam_alef_is_one_cluster() {
    let Some(face) = face("fonts-noto-core/NotoNaskhArabic-Regular.ttf") else { return };
    let (alone, joined) = (shaped("ب", &face), shaped("ببب", &face));
    assert_eq!(joined.clusters.len(), 3);
    assert!(!ids(&joined).contains(&ids(&alone)[0]), "letters are joined");
    // The text begins at the right.
    assert!(joined.clusters[0].start > joined.clusters[2].start && joined.clusters[0].rtl);
    // This font draws both letters as one glyph; others keep two that fit together.
    let Some(face) = self::face("fonts-dejavu-core/DejaVuSans.ttf") else { return };
    let text = "سلام";
    assert_eq!(texts(&shaped(text, &face), text), ["س", "لا", "م"]);
}

#[test]
fn devanagari_syllables_are_clusters() {
    let Some(face) = face("fonts-noto-core/NotoSansDevanagari-Regular.ttf") else { return };
    for (text, expected) in [("क्षि", vec!["क्षि"]), ("हिन्दी", vec!["हि", "न्दी"])]
    {
        let line = shaped(text, &face);
        assert_eq!(texts(&line, text), expected);
        assert!(line.missing.is_none());
    }
    // The vowel sign of हि stands before its letter: two glyphs, the first further left.
    let line = shaped("हि", &face);
    assert_eq!((line.clusters.len(), line.glyphs.len()), (1, 2));
}

#[test]
fn thai_marks_belong_to_their_letters() {
    let Some(face) = face("fonts-noto-core/NotoSansThai-Regular.ttf") else { return };
    let text = "ที่นี่";
    let line = shaped(text, &face);
    assert_eq!(texts(&line, text), ["ที่", "นี่"]);
    assert_eq!(line.glyphs.iter().filter(|glyph| glyph.cluster == 0).count(), 3);
}

#[test]
fn digits_in_hebrew_keep_their_order() {
    let Some(face) = face("fonts-noto-core/NotoSansHebrew-Regular.ttf") else { return };
    let text = "אב 1357 גד";
    let line = shaped(text, &face);
    let start = |wanted: &str| {
        let at = texts(&line, text).iter().position(|part| *part == wanted).unwrap();
        line.clusters[at].start
    };
    assert!(start("1") < start("3") && start("3") < start("5") && start("5") < start("7"));
    assert!(start("א") > start("ב") && start("ב") > start("1") && start("1") > start("ג"));
}

#[test]
fn vertical_lines_take_vertical_forms() {
    let Some(bytes) = bytes("fonts-wqy-microhei/wqy-microhei.ttc") else { return };
    let bytes = Arc::new(bytes);
    assert_eq!(face_count(&bytes), Ok(2));
    let face = Face::read(Arc::clone(&bytes), 0).unwrap();
    assert_eq!(Face::read(bytes, 2).unwrap_err(), FontError::NoSuchFace);
    let text = "人人「生」而。";
    let down = shape_line(text, std::slice::from_ref(&face), &style(Writing::Down));
    let tops: Vec<f32> = down.clusters.iter().map(|cluster| cluster.start).collect();
    assert!(tops.windows(2).all(|pair| pair[0] < pair[1]), "{tops:?}");
    let up = shape_line(text, std::slice::from_ref(&face), &style(Writing::Up));
    assert!(up.clusters[0].start > up.clusters[5].start);
    assert!(down.advance > 6.0 * 30.0);
}

#[test]
fn latin_ligatures_and_accents() {
    let Some(face) = face("fonts-noto-core/NotoSerif-Regular.ttf") else { return };
    let (composed, decomposed) = ("café über", "cafe\u{301} u\u{308}ber");
    let (one, other) = (shaped(composed, &face), shaped(decomposed, &face));
    assert_eq!((one.clusters.len(), other.clusters.len()), (9, 9));
    assert!((one.advance - other.advance).abs() < 1.0);
    let Some(serif) = self::face("fonts-hosny-amiri/Amiri-Regular.ttf") else { return };
    for text in ["office", "ffi"] {
        let line = shaped(text, &serif);
        let characters: usize = line
            .clusters
            .iter()
            .map(|cluster| clusters(&text[cluster.bytes.clone()]).count())
            .sum();
        assert_eq!(characters, clusters(text).count());
        assert_eq!(line.glyphs.iter().map(|g| g.cluster).max(), Some(line.clusters.len() - 1));
    }
}

#[test]
fn missing_characters_are_told_or_come_from_other_fonts() {
    let (Some(latin), Some(thai)) = (
        face("fonts-noto-core/NotoSans-Regular.ttf"),
        face("fonts-noto-core/NotoSansThai-Regular.ttf"),
    ) else {
        return;
    };
    let text = "abc กข 12";
    assert_eq!(shaped(text, &latin).missing, Some('ก'));
    let both = shape_line(text, &[latin, thai], &style(Writing::Horizontal));
    assert_eq!(both.missing, None);
    assert!(both.glyphs.iter().any(|glyph| glyph.face == 1));
    assert!(both.glyphs.iter().filter(|glyph| glyph.cluster < 3).all(|glyph| glyph.face == 0));
}

#[test]
fn ten_thousand_characters_are_one_line() {
    let Some(face) = face("fonts-noto-core/NotoSans-Regular.ttf") else { return };
    let text = "The quick brown fox. ".repeat(500);
    let line = shaped(&text, &face);
    assert!(line.clusters.len() > 10_000 && line.advance > 100_000.0);
    let block = Block::new(vec![line], &BlockStyle::default());
    let (faces, chain) = ([(1, face)], Chain::new());
    let request = ShapesRequest { block: &block, faces: &faces, size: 40.0, chain: &chain };
    let shapes = Shapes::build(&request, &mut OutlineCache::default());
    let last = shapes.clusters.iter().rposition(pixloom_text::ClusterShape::has_ink).unwrap();
    let quad = shapes.quad(&shapes.clusters[last..=last], Growth::default());
    assert!(quad[0][0] > 100_000.0);
}

#[test]
fn every_font_of_the_collection_can_be_read() {
    let Some(folder) = fonts() else { return };
    let mut read = 0;
    for package in std::fs::read_dir(folder).unwrap() {
        let package = package.unwrap().path();
        if !package.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(package).unwrap() {
            let file = file.unwrap().path();
            let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
            if !["ttf", "otf", "ttc"].contains(&extension) {
                continue;
            }
            let face = Face::read(Arc::new(std::fs::read(&file).unwrap()), 0);
            let face = face.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let text: String =
                face.coverage().chars().filter(|c| c.is_alphabetic()).take(40).collect();
            let line = shaped(&text, &face);
            assert_eq!(line.missing, None, "{}", file.display());
            read += 1;
        }
    }
    assert!(read > 30, "{read}");
}

#[test]
fn broken_fonts_are_refused() {
    for bytes in [
        vec![],
        vec![0; 3],
        vec![0xff; 4096],
        b"OTTO\0\x10".to_vec(),
        b"ttcf\0\x01\0\0\xff\xff\xff\xff".to_vec(),
    ] {
        assert!(Face::read(Arc::new(bytes), 0).is_err());
    }
    let Some(whole) = bytes("fonts-noto-core/NotoSansHebrew-Regular.ttf") else { return };
    for part in 1..40 {
        let cut = whole[..whole.len() * part / 40].to_vec();
        if let Ok(face) = Face::read(Arc::new(cut), 0) {
            let line = shaped("שלום", &face);
            assert!(line.clusters.len() <= 4);
        }
    }
}
