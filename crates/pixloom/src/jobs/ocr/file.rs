//! Reading the configuration's file, and finding the lines of its keys.
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use super::config::Config;
use super::problem::Problem;

/// Tables whose values know their line.
type Lines = BTreeMap<String, Spanned<Value>>;

#[derive(Deserialize)]
struct Specifications {
    #[serde(default)]
    specifications: Vec<Lines>,
}

/// Reads a configuration and everything that is wrong with it, by line.
pub(super) fn read(path: &Path) -> (Option<Config>, Vec<Problem>) {
    let failed = |message: String| (None, vec![Problem::new("batch_config", message)]);
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text),
        Err(error) => failed(format!("`{}` cannot be read: {error}", path.display())),
    }
}

/// As [`read`], from text. YAML holds JSON, too.
pub(super) fn parse(text: &str) -> (Option<Config>, Vec<Problem>) {
    let top: Lines = match serde_saphyr::from_str(text) {
        Ok(top) => top,
        Err(error) => return (None, vec![syntax(&error)]),
    };
    let specs: Specifications = match serde_saphyr::from_str(text) {
        Ok(specs) => specs,
        Err(error) => return (None, vec![syntax(&error)]),
    };
    let plain = |lines: &Lines| -> Map<String, Value> {
        lines.iter().map(|(key, value)| (key.clone(), value.value.clone())).collect()
    };
    let tables: Vec<Map<String, Value>> = specs.specifications.iter().map(plain).collect();
    let mut problems = Vec::new();
    let config = Config::from_tables(&plain(&top), &tables, &mut problems);
    for problem in &mut problems {
        let lines = problem.specification.map_or(Some(&top), |at| specs.specifications.get(at));
        problem.line =
            line_of(lines, &problem.key).or_else(|| lines.and_then(first_line)).unwrap_or_default();
    }
    problems.sort_by_key(|problem| problem.line);
    (problems.is_empty().then_some(config), problems)
}

fn line_of(lines: Option<&Lines>, key: &str) -> Option<u64> {
    Some(lines?.get(key)?.referenced.line())
}

fn first_line(lines: &Lines) -> Option<u64> {
    lines.values().map(|value| value.referenced.line()).min()
}

fn syntax(error: &serde_saphyr::Error) -> Problem {
    let text = error.to_string();
    let message = text.lines().next().unwrap_or("is no YAML").to_owned();
    let line = error.location().map_or(0, |location| location.line());
    Problem { line, ..Problem::new("batch_config", message) }
}

#[cfg(test)]
mod tests {
    use super::super::config::{ColorMode, TextDirection};
    use super::super::distribution::Distribution;
    use super::super::knob::K;
    use super::*;

    const GOOD: &str = "\
total_images: 12
specifications:
  - name: plain
    proportion: 0.5
    text_direction: left_to_right
    corpus_file: eng.txt
    font_filter: null
    blur_radius_min: 0
    blur_radius_max: 2.5
    blur_radius_distribution: beta
  - name: red
    proportion: 0.5
    text_direction: right_to_left
    corpus_file: arb.txt
    color_mode: gradient
    gradient_end_color_max: [255, 0, 0]
";

    #[test]
    fn document_001s_keys_are_read() {
        let (config, problems) = parse(GOOD);
        assert_eq!(problems, []);
        let config = config.unwrap();
        assert_eq!((config.total_images, config.specifications.len()), (12, 2));
        let blur = config.specifications[0].ranges[K::Blur as usize];
        assert_eq!((blur.high, blur.distribution), (2.5, Distribution::Beta));
        let red = &config.specifications[1];
        assert_eq!(red.text_direction, TextDirection::RightToLeft);
        assert_eq!(
            (red.color_mode, red.gradient_end_color_max),
            (ColorMode::Gradient, [255, 0, 0])
        );
        assert_eq!((red.min_text_length, red.max_text_length), (10, 50));
    }

    #[test]
    fn all_problems_come_at_once_with_their_lines() {
        let wrong = GOOD
            .replace("blur_radius_min: 0", "blur_radiuss_min: 0")
            .replace("2.5", "-1")
            .replace("color_mode: gradient", "color_mode: gradiant")
            .replace("total_images", "total_image")
            .replace(
                "proportion: 0.5\n    text_direction: r",
                "proportion: 0.6\n    text_direction: r",
            );
        let (config, problems) = parse(&wrong);
        assert!(config.is_none());
        let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for (line, part) in [
            ("line 1: ", "did you mean `total_images`?"),
            ("line 8: ", "did you mean `blur_radius_min`?"),
            ("line 9: ", "-1 is not between 0 and 50"),
            ("line 15: ", "did you mean `gradient`?"),
            ("line ", "sum to 1.1000"),
        ] {
            assert!(found.iter().any(|f| f.starts_with(line) && f.contains(part)), "{found:#?}");
        }
    }

    #[test]
    fn curves_that_would_not_show_are_named() {
        let text = GOOD.replace("color_mode: gradient", "arc_radius_max: 50");
        let (_, problems) = parse(&text);
        assert!(problems[0].message.contains("curve_type: arc"), "{problems:?}");
    }

    #[test]
    fn text_that_is_no_table_is_refused() {
        for text in ["", "[1]", "a: b: c", "total_images: [", "\0", "- x"] {
            let (config, problems) = parse(text);
            assert!(config.is_none() && !problems.is_empty(), "{text}");
        }
    }
}
