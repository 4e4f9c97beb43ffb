//! What a job did, at its end.
use std::path::Path;
use std::time::Duration;

use pixloom::engine::Bytes;
use pixloom::job::{Failure, JobEntry, Report};
use pixloom::run::RECORD_DIR;
use serde_json::{Value, json};

use crate::context::document;
use crate::errors::{CANCELLED, FAILED};
use crate::style::Style;
use crate::words::{self, count, counted};

/// How the process ends.
pub(crate) fn exit_code(report: &Report) -> u8 {
    if report.cancelled {
        CANCELLED
    } else if report.counts.failed > 0 || !report.ok {
        FAILED
    } else {
        0
    }
}

/// The document of `--json`.
pub(crate) fn json(command: &str, report: &Report, plan: &[String]) -> Value {
    let mut fields = json!({
        "ok": exit_code(report) == 0,
        "run": report.run,
        "cancelled": report.cancelled,
        "counts": report.counts,
        "summary": report.summary,
        "items": report.items,
        "failures": report.failures,
        "resources": report.resources,
        "record_dir": report.record_dir.as_deref().map(|path| path.to_string_lossy()),
    });
    if !plan.is_empty() {
        fields["plan"] = json!(plan);
    }
    document(command, fields)
}

/// The last lines of a run, for people.
pub(crate) struct Summary<'a> {
    pub(crate) report: &'a Report,
    /// The job that it is of.
    pub(crate) job: Option<&'a JobEntry>,
    pub(crate) style: Style,
    /// Width of the terminal, if there is one.
    pub(crate) width: Option<usize>,
}

impl Summary<'_> {
    /// What happened; with `quiet` only what failed.
    pub(crate) fn text(&self, quiet: bool) -> String {
        let mut text = String::new();
        if !quiet && !self.report.run.is_empty() {
            text.push_str(&self.result());
        }
        if self.report.counts.failed > 0 {
            text.push_str(&self.failures());
        }
        text
    }

    fn result(&self) -> String {
        let counts = &self.report.counts;
        let mut text = format!("{} {}\n", self.sign(), self.first_line());
        if counts.resumed > 0 && counts.done > 0 {
            text.extend([format!("  {} finished by an earlier run\n", count(counts.resumed))]);
        }
        if counts.skipped > 0 {
            text.extend([format!("  {} skipped\n", count(counts.skipped))]);
        }
        text.extend(self.notes());
        text
    }

    /// How many warnings there were, by their codes, and where they stand.
    fn notes(&self) -> Option<String> {
        let notes = self.report.summary["notes"].as_object()?;
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        let total: u64 = notes.values().map(number).sum();
        if total == 0 {
            return None;
        }
        let kinds = notes.iter().map(|(code, times)| format!("{} {code}", count(number(times))));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let log = self.report.record_dir.as_deref()?.join("log.txt");
        Some(format!("  {}, listed in {}: {kinds}\n", counted(total, "note"), log.display()))
    }

    /// Success needs something to show for it.
    fn sign(&self) -> String {
        let counts = &self.report.counts;
        let stopped = self.report.cancelled || counts.failed > 0 && counts.done == 0;
        if stopped { self.style.pick("•", "-").to_owned() } else { self.style.good() }
    }

    /// What the items are called.
    fn unit(&self) -> &'static str {
        self.job.map_or("image", |job| job.unit)
    }

    fn first_line(&self) -> String {
        let counts = &self.report.counts;
        let (done, resumed) = (count(counts.done), counts.resumed);
        if self.report.cancelled {
            if let Some(actions) = self.applied() {
                return format!("stopped; {actions}");
            }
            if self.job.is_some_and(|job| !job.resumes) {
                return "stopped; nothing was written".to_owned();
            }
            let kept = counted(counts.done + resumed, self.unit());
            return format!("stopped; {kept} finished, --resume goes on with the others");
        }
        if counts.total() == 0 {
            return format!("nothing to do: there are no {}s to read", self.unit());
        }
        if counts.done == 0 && resumed > 0 {
            let all = counted(resumed, self.unit());
            let what = if counts.failed > 0 { "no new results" } else { "nothing left to do" };
            return format!("{what}: {all} finished by an earlier run");
        }
        match self.output() {
            Some(output) => {
                // One picture can become several files, or none.
                let files = self.report.summary["files"].as_u64().unwrap_or(counts.done);
                let what = if files == counts.done + resumed {
                    done
                } else {
                    let images = counted(counts.done + resumed, self.unit());
                    let arrow = self.style.pick("→", "->");
                    format!("{images} {arrow} {}", counted(files, "file"))
                };
                format!("{what} written to {output}{}", self.speed())
            }
            None => match self.applied() {
                Some(actions) => format!("{done} looked at, {actions}{}", self.speed()),
                None => format!("{done} done{}", self.speed()),
            },
        }
    }

    /// What was done to originals, by jobs that do something to them.
    fn applied(&self) -> Option<String> {
        let actions = self.report.summary["applied"].as_u64()?;
        Some(format!("{} done", counted(actions, "action")))
    }

    /// The folder that holds the results, if the run's record lies in one.
    fn output(&self) -> Option<String> {
        let record_dir = self.report.record_dir.as_deref()?;
        let is_record = |path: &&Path| path.file_name().is_some_and(|name| name == RECORD_DIR);
        let output = record_dir.ancestors().find(is_record)?.parent()?;
        let text = output.display().to_string();
        Some(if text.is_empty() {
            "./".to_owned()
        } else {
            format!("{}/", text.trim_end_matches('/'))
        })
    }

    /// Time, rate, speed-up and memory, as measured.
    fn speed(&self) -> String {
        let figure = |name: &str| self.report.resources[name].as_f64();
        let Some(wall) = figure("wall_secs") else { return String::new() };
        let worked = self.report.counts.done + self.report.counts.failed;
        let mut figures = Vec::new();
        if wall > 0.0 {
            figures.push(format!("{} img/s", words::rate(worked as f64 / wall)));
        }
        if let (Some(share), Some(workers)) = (figure("utilisation"), figure("workers")) {
            let times = self.style.pick("×", "x");
            let workers_text = counted(workers as u64, "worker");
            figures.push(format!("{:.2}{times} of {workers_text}", share * workers));
        }
        if let Some(peak) = figure("peak_rss_bytes").filter(|peak| *peak > 0.0) {
            figures.push(format!("peak {}", Bytes(peak as u64)));
        }
        let wall = words::time(Duration::try_from_secs_f64(wall).unwrap_or_default());
        format!(" in {wall} ({})", figures.join(", "))
    }

    fn failures(&self) -> String {
        let (report, failed) = (self.report, self.report.counts.failed);
        let listed = report
            .record_dir
            .as_ref()
            .map(|folder| format!(", listed in {}", folder.join("errors.jsonl").display()));
        let sign = self.style.bad();
        // The ASCII sign already says `failed`.
        let what = if self.style.unicode {
            format!("{} failed", count(failed))
        } else {
            counted(failed, self.unit())
        };
        let mut text = format!("{sign} {what}{}\n", listed.unwrap_or_default());
        text.push_str(&self.table(&report.failures));
        let more = failed.saturating_sub(report.failures.len() as u64);
        if more > 0 && !report.failures.is_empty() {
            text.extend([format!("    and {} more\n", count(more))]);
        }
        text
    }

    fn table(&self, failures: &[Failure]) -> String {
        let width = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max();
        let mark = self.style.pick('…', '~');
        let shown = |failure: &Failure| words::shorten(&words::one_line(&failure.path), 48, mark);
        let paths: Vec<String> = failures.iter().map(shown).collect();
        let what: Vec<String> = failures.iter().map(message).collect();
        let (path_width, what_width) = (width(&paths).unwrap_or(0), width(&what).unwrap_or(0));
        let mut text = String::new();
        for ((path, what), failure) in paths.iter().zip(&what).zip(failures) {
            let line = format!("    {path:path_width$}  {what}");
            text.push_str(&self.with_hint(
                &line,
                failure.hint.as_deref(),
                (path_width, what_width),
            ));
        }
        text
    }

    /// Puts the hint behind the line, or below it where there is no room.
    fn with_hint(&self, line: &str, hint: Option<&str>, (path, what): (usize, usize)) -> String {
        let Some(hint) = hint else { return format!("{line}\n") };
        let column = 4 + path + 2 + what + 2;
        let length = column + "hint: ".len() + hint.chars().count();
        let hint = self.style.dim(&format!("hint: {hint}"));
        if length <= self.width.unwrap_or(160) {
            return format!("{line:column$}{hint}\n");
        }
        format!("{line}\n{}{hint}\n", " ".repeat(4 + path + 2))
    }
}

/// Kind and message, each said once.
fn message(failure: &Failure) -> String {
    let message = words::one_line(&failure.message);
    if message.starts_with(failure.kind.as_str()) {
        message
    } else {
        format!("{}: {message}", failure.kind)
    }
}

#[cfg(test)]
mod tests {
    use pixloom::engine::Counts;

    use super::*;

    const RICH: Style = Style { unicode: true, color: false };

    fn report(counts: Counts) -> Report {
        let failure = |path: &str, message: &str, hint: Option<&str>| Failure {
            path: path.to_owned(),
            kind: "truncated".to_owned(),
            message: message.to_owned(),
            hint: hint.map(str::to_owned),
        };
        Report {
            run: "20251014-094912-1a2b3".to_owned(),
            ok: counts.failed == 0,
            counts,
            summary: json!({}),
            lines: Vec::new(),
            items: Vec::new(),
            failures: vec![
                failure("trip/a.jpg", "3 of 5 scans present", Some("--tolerant keeps it")),
                failure("b.jpg", "no end", None),
            ],
            resources: json!({"wall_secs": 10.2, "utilisation": 0.97, "workers": 2,
                "peak_rss_bytes": 38_000_000}),
            record_dir: Some("out/.pixloom".into()),
            cancelled: false,
        }
    }

    fn text(report: &Report, quiet: bool) -> String {
        Summary { report, job: None, style: RICH, width: None }.text(quiet)
    }

    #[test]
    fn the_end_of_a_run() {
        let report = report(Counts { done: 1_202, failed: 2, ..Counts::default() });
        let failures = "✗ 2 failed, listed in out/.pixloom/errors.jsonl\n    \
            trip/a.jpg  truncated: 3 of 5 scans present  hint: --tolerant keeps it\n    \
            b.jpg       truncated: no end\n";
        let first =
            "✓ 1,202 written to out/ in 10.2 s (118 img/s, 1.94× of 2 workers, peak 38.0 MB)\n";
        assert_eq!(text(&report, false), format!("{first}{failures}"));
        assert_eq!(text(&report, true), failures);
        assert_eq!(exit_code(&report), 1);
    }

    #[test]
    fn resumed_and_skipped_are_told() {
        let mut report = report(Counts { resumed: 1_204, ..Counts::default() });
        let nothing = "✓ nothing left to do: 1,204 images finished by an earlier run\n";
        assert_eq!(text(&report, false), nothing);
        report.counts = Counts { done: 4, resumed: 3, skipped: 2, ..Counts::default() };
        let lines = text(&report, false);
        assert!(lines.ends_with("  3 finished by an earlier run\n  2 skipped\n"), "{lines}");
        assert_eq!(exit_code(&report), 0);
    }

    #[test]
    fn a_stopped_run_says_how_to_go_on() {
        let counts = Counts { done: 3, resumed: 4, ..Counts::default() };
        let report = Report { cancelled: true, ok: false, ..report(counts) };
        let expected = "• stopped; 7 images finished, --resume goes on with the others\n";
        assert!(text(&report, false).starts_with(expected));
        assert_eq!(exit_code(&report), 130);
        assert_eq!(json("transform", &report, &[])["ok"], false);
    }

    #[test]
    fn a_job_that_cannot_go_on_does_not_say_so() {
        let report = Report { cancelled: true, ok: false, ..report(Counts::default()) };
        let job = pixloom::jobs::JOBS.iter().find(|job| job.name == "train restore");
        let text = Summary { report: &report, job, style: RICH, width: None }.text(false);
        assert_eq!(text, "• stopped; nothing was written\n");
    }

    #[test]
    fn narrow_terminals_put_hints_below() {
        let report = report(Counts { done: 1, failed: 2, ..Counts::default() });
        let text = Summary { report: &report, job: None, style: RICH, width: Some(60) }.text(true);
        assert!(text.contains("scans present\n                hint: --tolerant"), "{text}");
    }
}
