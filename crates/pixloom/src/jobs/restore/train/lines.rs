//! What a training says to people.
use pixloom_restore::learn::Kind;
use serde_json::Value;

use super::fit::name;
use super::policy::KINDS;

/// Of a training on the table of the forty.
pub(super) fn of_parameters(figures: &Value, chosen: Kind) -> Vec<String> {
    let (train, test) = (&figures["train"], &figures["test"]);
    let mut lines = vec![format!("{train} pairs learned from, {test} held out")];
    for kind in Kind::ALL {
        let own = &figures["models"][name(kind)];
        let mark = if kind == chosen { "*" } else { " " };
        let mean = |name: &str| own[name].as_f64().unwrap_or(0.0);
        lines.push(format!(
            "{mark} {:<18} R² {:>6.3} held out, {:>6.3} in cross-validation",
            name(kind),
            mean("r2_test_mean"),
            mean("r2_folds_mean"),
        ));
    }
    lines.extend(held_out(figures));
    lines.extend(warnings(figures));
    lines
}

/// Of a training on the table of a wide search.
pub(super) fn of_choices(figures: &Value) -> Vec<String> {
    let number = |name: &str| figures[name].as_u64().unwrap_or(0);
    let mut lines = vec![format!(
        "{} pairs in {} groups, {} states; {} groups held out",
        number("pairs"),
        number("groups"),
        number("states"),
        number("test")
    )];
    for kind in KINDS {
        let own = &figures["models"][name(kind)];
        let mean = |name: &str| own[name].as_f64().unwrap_or(0.0);
        let mark = if figures["chosen"] == name(kind) { "*" } else { " " };
        lines.push(format!(
            "{mark} {:<16} gains {:.4} of {:.4} a step in cross-validation, R² {:.3} held out",
            name(kind),
            mean("gain_folds_mean"),
            mean("gain_possible_mean"),
            mean("r2_test_mean"),
        ));
    }
    lines.extend(held_out(figures));
    lines.extend(warnings(figures));
    lines
}

fn warnings(figures: &Value) -> Vec<String> {
    let texts = figures["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(|text| format!("warning: {text}")).collect()
}

/// What predictions are worth on held-out pairs.
fn held_out(figures: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(held) = figures["held_out"].as_object() {
        for (name, means) in held {
            if let (Some(psnr), Some(ssim), Some(score)) =
                (means["psnr"].as_f64(), means["ssim"].as_f64(), means["score"].as_f64())
            {
                lines
                    .push(format!("  {name:<18} {psnr:>6.2} dB  SSIM {ssim:.4}  score {score:.4}"));
            }
        }
    }
    if let Some(score) = figures["oracle_score"].as_f64() {
        lines.push(format!("  {:<18} {:>24} score {score:.4}", "search (oracle)", ""));
    }
    if let Some(share) = figures["share_of_oracle_gain"].as_f64() {
        // Adding zero takes the sign off a zero.
        let percent = (share * 100.0).round() + 0.0;
        lines.push(format!("  the model gains {percent:.0} % of what the search gains"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_gained_has_no_sign() {
        let lines = held_out(&json!({"share_of_oracle_gain": -0.001}));
        assert_eq!(lines, ["  the model gains 0 % of what the search gains"]);
    }
}
