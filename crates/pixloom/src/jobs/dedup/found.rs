//! What a run found, for people and for programs.
use std::collections::BTreeMap;

use pixloom_engine::Bytes;
use pixloom_match::{Class, Transform};
use serde_json::{Value, json};

use super::best::{Group, Judge, Member, Status};
use super::links::Link;
use super::stages::Stages;
use super::units::Unit;
use crate::jobs::csv;
use crate::jobs::features::{Picture, Scan};

/// How many groups are shown to people.
const SHOWN: usize = 20;
/// How many members of a group are shown to people.
const SHOWN_MEMBERS: usize = 8;
/// How many pairs of one scene are listed.
const SCENES: usize = 10_000;

/// Two different photographs of one scene.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) similarity: f32,
    pub(super) reason: String,
}

/// Everything that was found.
pub(super) struct Found<'a> {
    pub(super) scan: &'a Scan,
    pub(super) groups: Vec<Group>,
    pub(super) scenes: Vec<Scene>,
    pub(super) stages: Stages,
    pub(super) judge: Judge<'a>,
}

/// One line of a report: a file and what was found of it.
pub(super) struct Row<'a> {
    pub(super) path: &'a str,
    pub(super) score: Option<f64>,
    pub(super) group: Option<usize>,
    pub(super) size: usize,
    pub(super) status: &'static str,
    pub(super) member: Option<&'a Member>,
    pub(super) reason: &'a str,
}

/// Pairs of one scene whose pictures are in no common group.
pub(super) fn scenes(units: &[Unit], links: &[Link], groups: &[Group]) -> Vec<Scene> {
    let mut home = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        home.extend(group.members.iter().map(|member| (member.picture, number)));
    }
    let same = links.iter().filter(|link| link.verdict.class == Class::SameScene);
    let scene = |link: &Link| {
        let [a, b] = [link.a, link.b].map(|unit| units[unit as usize].first());
        let (similarity, reason) = (link.verdict.similarity, link.verdict.reason.clone());
        Scene { a, b, similarity, reason }
    };
    let apart =
        |scene: &Scene| home.get(&scene.a).is_none_or(|group| home.get(&scene.b) != Some(group));
    same.map(scene).filter(apart).take(SCENES).collect()
}

impl Found<'_> {
    pub(super) fn picture(&self, number: u32) -> &Picture {
        &self.scan.pictures[number as usize]
    }

    /// Members that are neither the best of their group nor in a folder that is never touched.
    pub(super) fn duplicates(&self) -> impl Iterator<Item = &Member> {
        let members = self.groups.iter().flat_map(|group| &group.members);
        members.filter(|member| member.status == Status::Duplicate)
    }

    /// Every file once: groups first, then the others by name.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        let mut grouped = vec![false; self.scan.pictures.len()];
        for (number, group) in self.groups.iter().enumerate() {
            for member in &group.members {
                grouped[member.picture as usize] = true;
                rows.push(Row {
                    path: &self.picture(member.picture).key,
                    score: Some(self.judge.score(member.picture)),
                    group: Some(number + 1),
                    size: group.members.len(),
                    status: member.status.name(),
                    member: Some(member),
                    reason: &member.reason,
                });
            }
        }
        let mut rest = Vec::new();
        for (number, picture) in self.scan.pictures.iter().enumerate() {
            if !grouped[number] {
                rest.push(Row {
                    path: &picture.key,
                    score: Some(self.judge.score(number as u32)),
                    group: None,
                    size: 1,
                    status: "Unique",
                    member: None,
                    reason: "",
                });
            }
        }
        rest.extend(self.scan.failed.iter().map(|(path, reason)| Row {
            path,
            score: None,
            group: None,
            size: 0,
            status: "Failed",
            member: None,
            reason,
        }));
        rest.sort_by(|a, b| a.path.cmp(b.path));
        rows.extend(rest);
        rows
    }

    /// The table of document 004 and what we add to it.
    pub(super) fn csv(&self) -> String {
        let mut text = "Image Path,Quality Score,Group ID,Group Size,Status,Similarity,Stage,\
                        Class,Transform,Compared With,Reason\n"
            .to_owned();
        for row in self.rows() {
            let bond = row.member.and_then(|member| member.bond.as_ref());
            let fields = [
                row.path.to_owned(),
                row.score.map(|score| format!("{score:.2}")).unwrap_or_default(),
                row.group.map(|group| group.to_string()).unwrap_or_default(),
                row.size.to_string(),
                row.status.to_owned(),
                bond.map(|bond| format!("{:.4}", bond.similarity)).unwrap_or_default(),
                bond.map(|bond| bond.stage.to_string()).unwrap_or_default(),
                bond.map(|bond| bond.class.name().to_owned()).unwrap_or_default(),
                bond.and_then(|bond| bond.transform.as_ref()).map(described).unwrap_or_default(),
                bond.map(|bond| self.picture(bond.with).key.to_string()).unwrap_or_default(),
                row.reason.to_owned(),
            ];
            text.push_str(&csv::joined(fields.iter().map(String::as_str)));
            text.push('\n');
        }
        text
    }

    /// The list of `--json`: every file once.
    pub(super) fn items(&self) -> Vec<Value> {
        let item = |row: Row<'_>| {
            let mut item = json!({
                "path": row.path,
                "ok": row.status != "Failed",
                "status": row.status.to_lowercase(),
                "group": row.group,
                "group_size": row.size,
                "score": row.score.map(|score| (score * 100.0).round() / 100.0),
                "reason": row.reason,
            });
            if let Some(bond) = row.member.and_then(|member| member.bond.as_ref()) {
                item["similarity"] = json!((f64::from(bond.similarity) * 1e4).round() / 1e4);
                item["stage"] = json!(bond.stage);
                item["class"] = json!(bond.class.name());
                item["compared_with"] = json!(self.picture(bond.with).key);
                item["transform"] = json!(bond.transform.map(|map| map.coefficients));
            }
            if let Some(figure) = row.member.and_then(|member| member.ssimulacra2) {
                item["ssimulacra2"] = json!((figure * 100.0).round() / 100.0);
            }
            item
        };
        self.rows().into_iter().map(item).collect()
    }

    /// For programs.
    pub(super) fn summary(&self) -> Value {
        let duplicates: Vec<&Member> = self.duplicates().collect();
        let bytes: u64 = duplicates.iter().map(|m| self.picture(m.picture).facts.bytes).sum();
        let mut classes: BTreeMap<&str, u64> = BTreeMap::new();
        for bond in self.groups.iter().flat_map(|g| &g.members).filter_map(|m| m.bond.as_ref()) {
            *classes.entry(bond.class.name()).or_default() += 1;
        }
        let scene = |scene: &Scene| {
            json!({
                "a": self.picture(scene.a).key,
                "b": self.picture(scene.b).key,
                "similarity": (f64::from(scene.similarity) * 1e4).round() / 1e4,
                "reason": scene.reason,
            })
        };
        json!({
            "pictures": self.scan.pictures.len(),
            "failed": self.scan.failed.len(),
            "groups": self.groups.len(),
            "duplicates": duplicates.len(),
            "duplicate_bytes": bytes,
            "classes": classes,
            "known": self.scan.known,
            "same_scene": self.scenes.iter().map(scene).collect::<Vec<_>>(),
            "stages": self.stages.rows,
        })
    }

    /// For people.
    pub(super) fn lines(&self, with_stages: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (number, group) in self.groups.iter().take(SHOWN).enumerate() {
            lines.push(format!("group {} · {} pictures", number + 1, group.members.len()));
            for member in group.members.iter().take(SHOWN_MEMBERS) {
                lines.push(self.line(member));
            }
            if group.members.len() > SHOWN_MEMBERS {
                lines.push(format!("  and {} more", group.members.len() - SHOWN_MEMBERS));
            }
        }
        if self.groups.len() > SHOWN {
            let more = self.groups.len() - SHOWN;
            lines.push(format!("and {more} more groups; --csv, --html or --json have them all"));
        }
        if with_stages {
            lines.extend(self.stages.lines());
        }
        lines.extend(
            self.scan
                .failed
                .iter()
                .take(SHOWN)
                .map(|(path, reason)| format!("not compared: {path}: {reason}")),
        );
        if !self.scenes.is_empty() {
            lines.push(format!(
                "{} pairs show one scene but are different pictures; --json lists them",
                self.scenes.len()
            ));
        }
        lines.push(self.verdict());
        lines
    }

    fn line(&self, member: &Member) -> String {
        let picture = self.picture(member.picture);
        let [width, height] = picture.facts.size;
        let size = if width > 0 { format!("{width}×{height} ") } else { String::new() };
        let bytes = Bytes(picture.facts.bytes);
        let class = match (member.status, &member.bond) {
            (Status::Best, _) | (_, None) => String::new(),
            (_, Some(bond)) => format!("{} {:.3}, ", bond.class.name(), bond.similarity),
        };
        let (status, key) = (member.status.name().to_lowercase(), &picture.key);
        format!("  {status:<9}  {key}  {size}{bytes}  {class}{}", member.reason)
    }

    fn verdict(&self) -> String {
        let duplicates = self.duplicates().count();
        let bytes: u64 = self.duplicates().map(|m| self.picture(m.picture).facts.bytes).sum();
        if self.groups.is_empty() {
            return format!("no duplicates among {} pictures", self.scan.pictures.len());
        }
        format!(
            "{} duplicates in {} groups among {} pictures, {}",
            duplicates,
            self.groups.len(),
            self.scan.pictures.len(),
            Bytes(bytes)
        )
    }
}

/// A transform in words: `mirrored, turned 90°, scaled 0.50×`.
pub(super) fn described(map: &Transform) -> String {
    let mut parts = Vec::new();
    if map.determinant() < 0.0 {
        parts.push("mirrored".to_owned());
    }
    let angle = map.angle_degrees();
    if angle.abs() >= 0.25 {
        parts.push(format!("turned {angle:.1}°"));
    }
    let [large, small] = map.stretches();
    if (large - small).abs() > 0.02 * large {
        parts.push(format!("scaled {large:.2}× and {small:.2}×"));
    } else if (large - 1.0).abs() > 0.005 {
        parts.push(format!("scaled {large:.2}×"));
    }
    let [x, y] = map.map([0.0, 0.0]);
    if parts.is_empty() && (x.abs() >= 1.0 || y.abs() >= 1.0) {
        parts.push(format!("shifted by {x:.0}, {y:.0}"));
    }
    if parts.is_empty() { "in place".to_owned() } else { parts.join(", ") }
}
