//! Shaping in many scripts, with the fonts of `../shared/data/fonts` where they are there.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use pixloom_text::{
    Base, Block, BlockStyle, Chain, ClusterShape, Face, FontError, Growth, Line, LineStyle, Map,
    OutlineCache, Raster, Shapes, ShapesRequest, Writing, clusters, face_count, shape_line,
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
    let request = ShapesRequest { block: &block, faces: &faces, chain: &chain };
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

/// A font of a Debian package, if it is installed.
fn installed(package: &str, file: &str) -> Option<Arc<Vec<u8>>> {
    let found = std::fs::read(PathBuf::from("/usr/share/fonts").join(file));
    if found.is_err() {
        println!("skipped: the package {package} is not installed");
    }
    found.ok().map(Arc::new)
}

#[test]
fn vertical_chinese_takes_the_forms_of_its_font() {
    let file = "opentype/noto/NotoSansCJK-Regular.ttc";
    let Some(bytes) = installed("fonts-noto-cjk", file) else { return };
    assert!(face_count(&bytes).unwrap() >= 4);
    let face = Face::read(bytes, 2).unwrap();
    let text = "「人」生。ー";
    let across = shaped(text, &face);
    let down = shape_line(text, std::slice::from_ref(&face), &style(Writing::Down));
    assert_eq!((down.clusters.len(), down.missing), (6, None));
    // Brackets, full stop and the long vowel have other forms; the rest stays upright as it is.
    for (at, other) in [(0, true), (1, false), (2, true), (3, false), (4, true), (5, true)] {
        assert_eq!(ids(&across)[at] != ids(&down)[at], other, "{at}");
    }
    // Each takes one em, and the ink is in its own em and around the middle of the line.
    let block = Block::new(vec![down], &BlockStyle::default());
    let (faces, chain) = ([(1, face)], Chain::new());
    let request = ShapesRequest { block: &block, faces: &faces, chain: &chain };
    let shapes = Shapes::build(&request, &mut OutlineCache::default());
    for (number, cluster) in shapes.clusters.iter().enumerate() {
        let quad = shapes.quad(std::slice::from_ref(cluster), Growth::default());
        let (top, bottom) = (quad[0][1], quad[2][1]);
        assert!(top >= 40.0 * number as f32 - 2.0 && bottom <= 40.0 * (number + 1) as f32 + 2.0);
        assert!(quad[0][0] >= -22.0 && quad[2][0] <= 22.0, "{quad:?}");
    }
}

/// A text in a colour font, bent by a chain.
fn colored(text: &str, face: Face, chain: &Chain) -> Shapes {
    let line = shaped(text, &face);
    assert_eq!(line.missing, None);
    let block = Block::new(vec![line], &BlockStyle::default());
    let faces = [(1, face)];
    let request = ShapesRequest { block: &block, faces: &faces, chain };
    Shapes::build(&request, &mut OutlineCache::default())
}

/// Every glyph with colours is painted where its quad is, and has more than one colour.
fn check_colors(shapes: &mut Shapes, glyphs: usize) {
    shapes.transform(1.0, [60.0, 80.0]);
    assert_eq!(shapes.colors.len(), glyphs);
    let size = [400, 200];
    for place in &shapes.colors {
        let sheet = shapes.paint(place, size, ([0; 3], &mut Raster::default()));
        let cluster: &ClusterShape = &shapes.clusters[place.cluster];
        let quad = shapes.quad(std::slice::from_ref(cluster), Growth::default());
        let side = |axis: usize| {
            let values = quad.map(|corner| corner[axis]);
            let low = values.into_iter().fold(f32::INFINITY, f32::min);
            (low, values.into_iter().fold(f32::NEG_INFINITY, f32::max))
        };
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        let mut seen = std::collections::BTreeSet::new();
        for (at, pixel) in sheet.pixels.iter().enumerate().filter(|(_, pixel)| pixel[3] >= 128) {
            seen.insert([pixel[0] / 32, pixel[1] / 32, pixel[2] / 32]);
            let centre = [sheet.at[0] + at % sheet.width, sheet.at[1] + at / sheet.width];
            for axis in 0..2 {
                low[axis] = low[axis].min(centre[axis] as f32 + 0.5);
                high[axis] = high[axis].max(centre[axis] as f32 + 0.5);
            }
        }
        assert!(seen.len() > 3, "{} colours", seen.len());
        for axis in 0..2 {
            let (from, to) = side(axis);
            assert!((low[axis] - from).abs() < 1.6 && (high[axis] - to).abs() < 1.6);
        }
    }
}

#[test]
fn emoji_are_painted_in_their_colours() {
    let file = "truetype/noto/NotoColorEmoji.ttf";
    let Some(bytes) = installed("fonts-noto-color-emoji", file) else { return };
    let face = Face::read(bytes, 0).unwrap();
    assert!(face.has_colors());
    // A family is one cluster of seven characters, a flag one of two.
    let text = "😀🇩🇪👨\u{200d}👩\u{200d}👧";
    check_colors(&mut colored(text, face.clone(), &Chain::new()), 3);
    let mut chain = Chain::new();
    chain.push(Map::affine([0.9, 0.3, 0.0, -0.3, 0.9, 0.0]));
    chain.push(Map::Sine { amplitude: 5.0, frequency: 0.05, phase: 0.0, vertical: false });
    let mut turned = colored(text, face, &chain);
    turned.transform(1.0, [20.0, 80.0]);
    for place in &turned.colors {
        let sheet = turned.paint(place, [400, 200], ([0; 3], &mut Raster::default()));
        let own = std::slice::from_ref(&turned.clusters[place.cluster]);
        let quad = turned.quad(own, Growth::default());
        let mut inked = 0;
        for (at, _) in sheet.pixels.iter().enumerate().filter(|(_, pixel)| pixel[3] >= 128) {
            let [x, y] = [at % sheet.width, at / sheet.width];
            let p = [(sheet.at[0] + x) as f32 + 0.5, (sheet.at[1] + y) as f32 + 0.5];
            for (a, b) in (0..4).map(|side| (quad[side], quad[(side + 1) % 4])) {
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                let outside = dy * (p[0] - a[0]) - dx * (p[1] - a[1]);
                assert!(outside <= dx.hypot(dy), "{p:?} is outside of {quad:?}");
            }
            inked += 1;
        }
        assert!(inked > 300, "{inked}");
    }
}

#[test]
fn layers_of_colour_fonts_are_painted() {
    let Some(face) = face("fonts-hosny-amiri/AmiriQuranColored.ttf") else { return };
    assert!(face.has_colors());
    let mut shapes = colored("بِسْمِ ٱللَّهِ", face, &Chain::new());
    shapes.transform(1.0, [60.0, 80.0]);
    let (mut inked, mut colors) = (0, 0);
    for place in &shapes.colors {
        let ink = [0, 0, 255];
        let sheet = shapes.paint(place, [400, 200], (ink, &mut Raster::default()));
        for pixel in sheet.pixels.iter().filter(|pixel| pixel[3] > 200) {
            // Letters take the colour of the text, marks have their own.
            *(if pixel[2] > 180 { &mut inked } else { &mut colors }) += 1;
        }
    }
    assert!(shapes.colors.len() >= 4 && inked + colors > 20, "{inked} {colors}");
    assert!(colors > 0);
}

#[test]
fn variable_fonts_change_with_their_axes() {
    let file = "truetype/inter-vf/Inter-roman.var.ttf";
    let Some(bytes) = installed("fonts-inter-variable", file) else { return };
    let face = Face::read(bytes, 0).unwrap();
    let axis = face.axes().into_iter().find(|axis| axis.tag == *b"wght").unwrap();
    assert!(axis.min < axis.max);
    let area = |face: &Face| {
        let line = shaped("Hamburg", face);
        let block = Block::new(vec![line], &BlockStyle::default());
        let (faces, chain) = ([(1, face.clone())], Chain::new());
        let request = ShapesRequest { block: &block, faces: &faces, chain: &chain };
        let mut shapes = Shapes::build(&request, &mut OutlineCache::default());
        shapes.transform(1.0, [10.0, 60.0]);
        let mut raster = Raster::default();
        raster.reset(300, 100);
        shapes.polygons(&shapes.clusters).for_each(|polygon| raster.add(polygon));
        raster.mask().samples.iter().map(|sample| u32::from(*sample)).sum::<u32>()
    };
    let light = area(&face.with_variations(&[(*b"wght", axis.min)]));
    let heavy = area(&face.with_variations(&[(*b"wght", axis.max)]));
    assert!(heavy > light * 3 / 2, "{light} {heavy}");
    // Values outside of the axis count as its ends, other axes as none.
    let beyond = area(&face.with_variations(&[(*b"wght", 1e9), (*b"xxxx", 1.0)]));
    assert_eq!(beyond, heavy);
}
