//! One page that needs nothing else: charts, samples and a table to search.
mod charts;
mod rows;
pub(in crate::jobs) mod thumbnails;

use std::fmt::Write as _;

use pixloom_engine::Bytes;
use serde_json::json;

use self::charts::{counts, histogram, scatter};
use self::rows::Rows;
use self::thumbnails::{Candidates, Thumbnail};
use super::facts::Facts;
use super::measure::Measure;
use super::summary::Summary;
use super::text::{figure, grouped, label, percent, with_unit};
use crate::job::{JobCx, JobError};
use crate::run::RunSettings;

use crate::source::Roots;

pub(crate) const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the page shows beyond the summary.
#[derive(Debug, Default)]
pub(super) struct Page {
    rows: Rows,
    candidates: Candidates,
}

impl Page {
    /// Takes one picture.
    pub(super) fn add(&mut self, path: &str, facts: &Facts) {
        self.rows.add(path, facts);
        self.candidates.add(path, facts);
    }

    /// Makes the small pictures.
    pub(super) fn thumbnails(
        &self,
        roots: &Roots,
        run: &RunSettings,
        cx: &JobCx,
    ) -> Result<Vec<Thumbnail>, JobError> {
        self.candidates.make(roots, run, cx)
    }
}

/// Text that cannot end an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Characters that turn the direction of text could disguise a name.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The whole page.
pub(super) fn page(
    title: &str,
    summary: &Summary,
    page: &Page,
    thumbnails: &[Thumbnail],
) -> String {
    let title = escaped(title);
    let sections = [
        section("consistency", "Consistency", &consistency(summary)),
        section("distributions", "Distributions", &distributions(summary)),
        section("sizes", "Sizes", &scatter(&summary.sizes)),
        section("values", "Values", &values(summary)),
        section("samples", "Samples by size", &samples(thumbnails)),
        section("extremes", "Extremes", &extremes(summary)),
        section("failures", "Unreadable files", &failures(summary)),
        section("images", "Images", &table(summary, page)),
    ];
    let body = sections.concat();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title} · pixloom analyze</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#images\">Skip to the table</a>\n\
         <header><p class=\"kicker\">pixloom analyze</p><h1>{title}</h1>\n{cards}</header>\n\
         <main>\n{body}</main>\n\
         <script type=\"application/json\" id=\"rows\">{rows}</script>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        cards = cards(summary),
        rows = page.rows.json(),
    )
}

/// Nothing where there is nothing to show.
pub(crate) fn section(id: &str, title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!(
        "<section aria-labelledby=\"h-{id}\"><h2 id=\"h-{id}\">{title}</h2>\n{body}</section>\n"
    )
}

fn cards(summary: &Summary) -> String {
    let found = summary.counted("findings").total();
    let cards = [
        ("images", grouped(summary.images), false),
        ("on disk", Bytes(summary.bytes).to_string(), false),
        ("megapixels", figure(summary.pixels as f64 / 1e6), false),
        ("different sizes", grouped(summary.sizes.distinct() as u64), false),
        ("remarks", grouped(found), found > 0),
        ("unreadable", grouped(summary.failures.total()), summary.failures.total() > 0),
    ];
    let mut out = String::from("<dl class=\"cards\">");
    for (name, value, bad) in cards {
        let class = if bad { " class=\"bad\"" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(out, "<div{class}><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out + "</dl>\n"
}

fn consistency(summary: &Summary) -> String {
    let mut out = String::new();
    for agreement in summary.agreements() {
        let (class, verdict) =
            if agreement.holds() { ("good", "same") } else { ("mixed", "mixed") };
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td><span class=\"tag {class}\">{verdict}</span></td>\
             <td>{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
            agreement.property.replace('_', " "),
            escaped(or_none(&agreement.dominant)),
            percent(agreement.share),
            grouped(agreement.values as u64),
        );
    }
    if out.is_empty() {
        return out;
    }
    format!(
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Property</th>\
         <th scope=\"col\">All alike</th><th scope=\"col\">Most frequent</th>\
         <th scope=\"col\" class=\"num\">Share</th><th scope=\"col\" class=\"num\">Values</th></tr>\
         </thead><tbody>{out}</tbody></table></div>\n<p class=\"note\">{} of the pictures have an \
         aspect ratio within 0.01 of the mean, {}.</p>\n",
        percent(summary.share_near_mean_ratio()),
        figure(summary.measures[3].mean()),
    )
}

pub(super) fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn distributions(summary: &Summary) -> String {
    let shown = summary.measures.iter().filter(|measure| measure.count() > 0);
    let figures: String = shown.map(histogram).collect();
    if figures.is_empty() { figures } else { format!("<div class=\"grid\">{figures}</div>\n") }
}

fn values(summary: &Summary) -> String {
    let titles = [
        ("format", "Format"),
        ("mode", "Mode"),
        ("bit_depth", "Bits per sample"),
        ("extension", "Extension"),
        ("color_model", "Colour model in the file"),
        ("subsampling", "Chroma subsampling"),
        ("orientation", "EXIF orientation"),
        ("icc", "Colour profile"),
        ("camera", "Camera"),
        ("shape", "Shape"),
        ("frames", "Frames"),
        ("findings", "Remarks"),
    ];
    let lists: String =
        titles.iter().map(|(name, title)| counts(title, summary.counted(name))).collect();
    if lists.is_empty() { lists } else { format!("<div class=\"grid\">{lists}</div>\n") }
}

fn samples(thumbnails: &[Thumbnail]) -> String {
    let mut out = String::new();
    let mut bucket = None;
    for thumbnail in thumbnails {
        if bucket != Some(thumbnail.bucket) {
            let end = if bucket.is_some() { "</ul>" } else { "" };
            let _ = write!(out, "{end}<h3>{}</h3><ul class=\"samples\">", thumbnail.bucket);
            bucket = Some(thumbnail.bucket);
        }
        let (name, size) = (escaped(&thumbnail.path), &thumbnail.size);
        let (w, h) = thumbnail.shown;
        let _ = write!(
            out,
            "<li><img src=\"data:image/jpeg;base64,{}\" width=\"{w}\" height=\"{h}\" \
             alt=\"{name}\" title=\"{name}\"><span>{size}</span></li>",
            thumbnail.base64
        );
    }
    if out.is_empty() { out } else { out + "</ul>\n" }
}

fn extremes(summary: &Summary) -> String {
    let row = |measure: &Measure| {
        let (least, most) = measure.extremes()?;
        let cell = |value: f64, path: &str| {
            let path = escaped(path);
            format!(
                "<td><b>{}</b> <span class=\"path\">{path}</span></td>",
                with_unit(measure, value)
            )
        };
        let (low, high) = (cell(least.value, &least.path), cell(most.value, &most.path));
        Some(format!("<tr><th scope=\"row\">{}</th>{low}{high}</tr>", label(measure)))
    };
    let rows: String = summary.measures.iter().filter_map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Of</th>\
         <th scope=\"col\">Least</th><th scope=\"col\">Most</th></tr></thead>\
         <tbody>{rows}</tbody></table></div>\n"
    )
}

fn failures(summary: &Summary) -> String {
    let total = summary.failures.total();
    if total == 0 {
        return String::new();
    }
    let mut rows = String::new();
    for trouble in &summary.listed_failures {
        let hint = trouble.hint.as_deref().map(escaped).unwrap_or_default();
        let _ = write!(
            rows,
            "<tr><td class=\"path\">{}</td><td><span class=\"tag bad\">{}</span></td>\
             <td>{}</td><td>{hint}</td></tr>",
            escaped(&trouble.path),
            escaped(&trouble.kind),
            escaped(&trouble.message),
        );
    }
    let shown = summary.listed_failures.len() as u64;
    let more = if shown < total {
        format!("<p class=\"note\">The first {shown} of {} are listed.</p>", grouped(total))
    } else {
        String::new()
    };
    format!(
        "<div class=\"grid\">{}</div>\n<div class=\"scroll\"><table><thead><tr>\
         <th scope=\"col\">File</th><th scope=\"col\">Kind</th><th scope=\"col\">What is wrong</th>\
         <th scope=\"col\">What to do</th></tr></thead><tbody>{rows}</tbody></table></div>{more}\n",
        counts("Kinds", &summary.failures)
    )
}

/// The table is filled by the script from the rows at the end of the page.
fn table(summary: &Summary, page: &Page) -> String {
    let shown = page.rows.len();
    let note = if shown < summary.images {
        format!(
            "<p class=\"note\">A random {} of {} images are listed; --csv has them all.</p>",
            grouped(shown),
            grouped(summary.images)
        )
    } else {
        String::new()
    };
    let head = [
        ("Path", ""),
        ("Width", "num"),
        ("Height", "num"),
        ("Format", ""),
        ("Mode", ""),
        ("Bits", "num"),
        ("Bytes", "num"),
        ("Quality", "num"),
        ("Remarks", ""),
    ];
    let head = head.iter().fold(String::new(), |mut out, (name, class)| {
        let _ = write!(
            out,
            "<th scope=\"col\" class=\"{class}\"><button type=\"button\">{name}</button></th>"
        );
        out
    });
    format!(
        "{note}<noscript><p class=\"note\">The table needs scripts; everything above does not.</p>\
         </noscript>\n<form class=\"filter\" role=\"search\"><label>Filter <input type=\"search\" \
         id=\"filter\" placeholder=\"name, format, remark …\" autocomplete=\"off\"></label>\
         <output id=\"shown\" aria-live=\"polite\"></output></form>\n\
         <div class=\"scroll\" id=\"images\" tabindex=\"0\" role=\"region\" \
         aria-labelledby=\"h-images\"><table id=\"table\"><thead><tr>{head}</tr></thead>\
         <tbody></tbody></table></div>\n<nav class=\"pages\" aria-label=\"Pages of the table\">\
         <button type=\"button\" id=\"back\">Back</button> <span id=\"page\"></span> \
         <button type=\"button\" id=\"next\">Next</button></nav>\n"
    )
}

/// JSON that cannot end the script element around it.
pub(super) fn json_text(text: &str) -> String {
    json!(text).to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        let name = "</script><script>alert(1)</script>\"'&\u{202e}.png";
        assert!(!escaped(name).contains(['<', '>', '"', '\'', '\u{202e}']));
        assert!(!json_text(name).contains('<'));
        let mut summary = Summary::new();
        summary.fail(super::super::facts::Trouble {
            path: name.to_owned(),
            kind: name.to_owned(),
            message: name.to_owned(),
            hint: Some(name.to_owned()),
        });
        let html = page(name, &summary, &Page::default(), &[]);
        assert_eq!(html.matches("<script").count(), 2);
        assert_eq!(html.matches("</script>").count(), 2);
    }
}
