//! A page with the groups side by side that needs nothing else.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pixloom_engine::Bytes;
use pixloom_image::Size;
use serde_json::json;

use super::best::{Group, Member, Status};
use super::found::{Found, described};
use crate::job::{JobCx, JobError};
use crate::jobs::analyze::html::thumbnails::{Shown, shrunk};
use crate::jobs::analyze::html::{STYLE, escaped};
use crate::jobs::features::Folders;
use crate::run::RunSettings;

const OWN_STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Longer side of a small picture, in pixels.
const SIDE: u32 = 256;
/// Small pictures of the whole page.
const PICTURES: usize = 1200;
/// Members of a group that are shown.
const MEMBERS: usize = 12;

/// Small pictures by number.
type Small = BTreeMap<u32, Shown>;

/// The whole page.
///
/// # Errors
/// `Run` if the small pictures cannot be made.
pub(super) fn page(
    title: &str,
    found: &Found<'_>,
    folders: &Folders,
    (run, cx): (&RunSettings, &JobCx),
) -> Result<String, JobError> {
    let mut groups: Vec<&Group> = Vec::new();
    let mut numbers = Vec::new();
    for group in &found.groups {
        if numbers.len() >= PICTURES {
            break;
        }
        groups.push(group);
        numbers.extend(group.members.iter().take(MEMBERS).map(|member| member.picture));
    }
    let wanted: Vec<_> = numbers
        .iter()
        .map(|number| {
            let picture = found.picture(*number);
            let [width, height] = picture.facts.size;
            (folders.locate(picture.folder, &picture.key), Size::new(width.max(1), height.max(1)))
        })
        .collect();
    let made = shrunk(&wanted, SIDE, run, cx)?;
    let small: Small =
        numbers.into_iter().zip(made).filter_map(|(number, made)| Some((number, made?))).collect();
    let mut body = String::new();
    for (number, group) in groups.iter().enumerate() {
        body.push_str(&section(number + 1, group, found, &small));
    }
    if groups.len() < found.groups.len() {
        let _ = write!(
            body,
            "<p class=\"note\">The first {} of {} groups are shown; --csv has them all.</p>",
            groups.len(),
            found.groups.len()
        );
    }
    Ok(whole(&escaped(title), &header(found), &body))
}

fn whole(title: &str, header: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title} · pixloom dedup</title>\n<style>\n{STYLE}{OWN_STYLE}</style>\n</head>\n\
         <body>\n<a class=\"skip\" href=\"#groups\">Skip to the groups</a>\n\
         <header><p class=\"kicker\">pixloom dedup</p><h1>{title}</h1>\n{header}</header>\n\
         <main id=\"groups\">\n{body}</main>\n\
         <dialog id=\"view\" aria-label=\"Comparison\"><canvas id=\"canvas\"></canvas>\
         <form method=\"dialog\" class=\"bar\"><output id=\"what\"></output>\
         <button type=\"button\" data-mode=\"blink\">Blink</button>\
         <button type=\"button\" data-mode=\"difference\">Difference</button>\
         <button>Close</button></form></dialog>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

fn header(found: &Found<'_>) -> String {
    let bytes: u64 = found.duplicates().map(|m| found.picture(m.picture).facts.bytes).sum();
    let cards = [
        ("pictures", found.scan.pictures.len().to_string()),
        ("groups", found.groups.len().to_string()),
        ("duplicates", found.duplicates().count().to_string()),
        ("in duplicates", Bytes(bytes).to_string()),
        ("not compared", found.scan.failed.len().to_string()),
        ("pairs of one scene", found.scenes.len().to_string()),
    ];
    let mut out = "<dl class=\"cards\">".to_owned();
    for (name, value) in cards {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    let mut classes = BTreeSet::new();
    for member in found.groups.iter().flat_map(|group| &group.members) {
        classes.extend(member.bond.as_ref().map(|bond| bond.class.name()));
    }
    out.push_str(
        "</dl>\n<h2>Groups</h2>\n<p class=\"bar\"><label>Show <select id=\"class\">\
         <option value=\"\">all</option>",
    );
    for class in classes {
        let _ = write!(out, "<option>{class}</option>");
    }
    out + "</select></label> <output id=\"shown\" aria-live=\"polite\"></output></p>\n"
}

fn section(number: usize, group: &Group, found: &Found<'_>, small: &Small) -> String {
    let classes: BTreeSet<&str> =
        group.members.iter().filter_map(|m| m.bond.as_ref()).map(|b| b.class.name()).collect();
    let classes = classes.into_iter().collect::<Vec<_>>().join(" ");
    let mut out = format!(
        "<section class=\"group\" data-classes=\"{classes}\" aria-label=\"Group {number}\">\
         <h3>Group {number} · {} pictures</h3><ul class=\"members\">",
        group.members.len()
    );
    for (at, member) in group.members.iter().take(MEMBERS).enumerate() {
        out.push_str(&item(&format!("g{number}m{at}"), member, group, (found, small)));
    }
    let more = group.members.len().saturating_sub(MEMBERS);
    let rest =
        if more > 0 { format!("<p class=\"note\">and {more} more</p>") } else { String::new() };
    out + "</ul>" + &rest + "</section>\n"
}

fn item(id: &str, member: &Member, group: &Group, (found, small): (&Found<'_>, &Small)) -> String {
    let picture = found.picture(member.picture);
    let name = escaped(&picture.key);
    let [width, height] = picture.facts.size;
    let best = member.status == Status::Best;
    let image = match small.get(&member.picture) {
        Some(((width, height), base64)) => format!(
            "<img src=\"data:image/jpeg;base64,{base64}\" width=\"{width}\" height=\"{height}\" \
             alt=\"{name}\" loading=\"lazy\">"
        ),
        None => "<div class=\"none\">no picture</div>".to_owned(),
    };
    let relation = member.bond.as_ref().map_or_else(String::new, |bond| {
        let way = bond.transform.as_ref().map(described).unwrap_or_default();
        let comma = if way.is_empty() { "" } else { ", " };
        format!("{} {:.3}{comma}{way} · ", bond.class.name(), bond.similarity)
    });
    let can_compare = !best
        && small.contains_key(&member.picture)
        && small.contains_key(&group.members[0].picture);
    let buttons = if can_compare {
        "<p><button type=\"button\" data-mode=\"blink\">Blink</button> \
         <button type=\"button\" data-mode=\"difference\">Difference</button></p>"
    } else {
        ""
    };
    format!(
        "<li id=\"{id}\" class=\"{class}\" data-name=\"{name}\"{map}>{image}\
         <p><span class=\"tag {class}\">{status}</span> <b>{name}</b></p>\
         <p class=\"note\">{width}×{height} · {bytes} · score {score:.0}<br>{relation}{reason}</p>\
         {buttons}</li>",
        class = member.status.name().to_lowercase(),
        status = member.status.name(),
        bytes = Bytes(picture.facts.bytes),
        score = found.judge.score(member.picture),
        reason = escaped(&member.reason),
        map = map(member, group, found),
    )
}

/// How the copy lies on the best, for the script; nothing where they were not compared directly.
fn map(member: &Member, group: &Group, found: &Found<'_>) -> String {
    let best = &group.members[0];
    let direct = |bond: &&super::groups::Bond| bond.with == best.picture;
    let onto = member.bond.as_ref().filter(direct).and_then(|bond| bond.transform?.inverse());
    let Some(map) = onto else { return String::new() };
    let widths = [best.picture, member.picture].map(|number| found.picture(number).facts.size[0]);
    format!(" data-map=\"{}\" data-sizes=\"{}\"", json!(map.coefficients), json!(widths))
}
