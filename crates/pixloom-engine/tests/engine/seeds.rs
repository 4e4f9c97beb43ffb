//! Numbers that must never change: every drawn parameter depends on them.
use pixloom_engine::{Fingerprint, ItemKey, Seed, Shard};

#[test]
fn golden_numbers() {
    let root = Seed::root(42);
    let key = root.child("trip/IMG_0071.jpg");
    let mut rng = key.child("noise").rng();
    let drawn = (rng.next_u32(), rng.next_u64(), rng.range_u64(1000), rng.f64(), rng.normal());
    let seeds = (key.value(), root.child("").value(), root.child_index(7).value());
    assert_eq!(
        seeds,
        (215_537_646_940_200_217, 3_844_685_686_528_936_457, 2_814_947_016_809_087_014)
    );
    assert_eq!(
        drawn,
        (
            3_822_574_000,
            3_648_783_757_133_369_937,
            544,
            0.199_084_377_577_219_86,
            -0.399_597_164_450_126_16
        )
    );
}

#[test]
fn golden_fingerprints_and_shards() {
    let print = Fingerprint::builder("resize").field("settings", "{}").finish();
    assert_eq!(
        print.to_string(),
        "3a698eee21b698c617879824ba901aeadd5b73b029104485507d930b4d422839"
    );
    let owner =
        |key: &str| (1..=16).find(|index| Shard::new(*index, 16).unwrap().owns(&ItemKey::new(key)));
    assert_eq!([owner("a.jpg"), owner("b.jpg"), owner("c/ü.png")], [Some(3), Some(10), Some(7)]);
}
