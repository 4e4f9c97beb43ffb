//! Speaks to the user while a job runs.
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pixloom::engine::{Counts, Event};
use pixloom::job::{Face, JobEntry, Start};
use pixloom::jobs::JOBS;

use crate::events::Events;
use crate::progress::{Moment, memory_now};
use crate::style::{self, Style};
use crate::talk::Talk;
use crate::words;

/// The moving line is drawn at most this often.
const REDRAW: Duration = Duration::from_millis(100);
/// Without a terminal there is one line in this time.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A terminal, or a log.
pub(crate) struct Terminal {
    state: Mutex<State>,
}

struct State {
    style: Style,
    talk: Talk,
    is_terminal: bool,
    events: Events,
    start: Option<Start>,
    moment: Moment,
    phases: u32,
    began: Instant,
    drawn: Instant,
    line_is_up: bool,
    plan: Vec<String>,
    /// Said before the first line, which says what will happen; shown below it.
    early: Vec<String>,
}

impl Terminal {
    pub(crate) fn new(style: Style, talk: Talk, events: Events) -> Arc<Self> {
        let now = Instant::now();
        let state = State {
            style,
            talk,
            is_terminal: io::stderr().is_terminal(),
            events,
            start: None,
            moment: Moment::default(),
            phases: 0,
            began: now,
            drawn: now,
            line_is_up: false,
            plan: Vec::new(),
            early: Vec::new(),
        };
        Arc::new(Self { state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user asked to stop, for the first time or again.
    pub(crate) fn interrupted(&self, at_once: bool) {
        let mut state = self.state();
        let line = if at_once {
            "stopping at once; finished images are kept".to_owned()
        } else {
            let hand = state.in_hand();
            let hand = words::counted(hand, state.unit());
            if state.entry().is_none_or(|job| job.resumes) {
                format!("finishing {hand}; run the same command with --resume to go on")
            } else {
                "stopping; the same command begins anew".to_owned()
            }
        };
        state.say(&line);
    }

    /// Takes the moving line away and hands over the events and the plan.
    pub(crate) fn finish(&self) -> (Events, Vec<String>) {
        let mut state = self.state();
        state.say_early();
        let events = std::mem::replace(&mut state.events, Events::nowhere());
        (events, std::mem::take(&mut state.plan))
    }
}

impl State {
    /// The job that runs.
    fn entry(&self) -> Option<&'static JobEntry> {
        let start = self.start.as_ref()?;
        JOBS.iter().find(|job| job.name == start.job)
    }

    /// What its items are called.
    fn unit(&self) -> &'static str {
        self.entry().map_or("image", |job| job.unit)
    }

    /// The images that are being worked on, at most.
    fn in_hand(&self) -> u64 {
        let Some(start) = &self.start else { return 0 };
        start.items.saturating_sub(self.moment.counts.total()).min(start.workers as u64)
    }

    /// Prints a line above the moving one.
    fn say(&mut self, line: &str) {
        self.clear();
        write_stderr(&format!("{}\n", words::plain(line)));
    }

    fn say_early(&mut self) {
        self.clear();
        for line in std::mem::take(&mut self.early) {
            self.say(&line);
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.line_is_up) {
            write_stderr("\r\x1b[K");
        }
    }

    fn first_line(&self, start: &Start) -> String {
        let mut parts = vec![
            format!("pixloom {}", env!("CARGO_PKG_VERSION")),
            start.job.clone(),
            words::counted(start.items, self.unit()),
            words::counted(start.workers as u64, "worker"),
            format!("{} memory", start.memory),
            format!("seed {}", start.seed),
        ];
        parts.extend(start.shard.as_ref().map(|shard| format!("shard {shard}")));
        parts.join(self.style.dot())
    }

    fn phase(&mut self, name: &str, total: Option<u64>) {
        self.phases += 1;
        self.began = Instant::now();
        let phase = (self.phases > 1).then(|| name.to_owned());
        let input_bytes = self.start.as_ref().map_or(0, |start| start.input_bytes.0);
        let total = total.or_else(|| self.start.as_ref().map(|start| start.items));
        self.moment = Moment { phase, total, input_bytes, ..Moment::default() };
    }

    fn item(&mut self, counts: &Counts) {
        self.moment.counts = *counts;
        let pause = if self.is_terminal { REDRAW } else { LINE_EVERY };
        if self.talk.quiet || self.drawn.elapsed() < pause {
            return;
        }
        self.drawn = Instant::now();
        self.moment.elapsed = self.began.elapsed();
        self.moment.memory = memory_now();
        if self.is_terminal {
            let line = self.moment.bar_line(self.style, style::width().unwrap_or(80) - 1);
            write_stderr(&format!("\r{line}\x1b[K"));
            self.line_is_up = true;
        } else {
            write_stderr(&format!("{}\n", self.moment.plain_line(self.style)));
        }
    }
}

impl Face for Terminal {
    fn started(&self, start: &Start) {
        let mut state = self.state();
        state.events.started(start);
        state.start = Some(start.clone());
        (state.began, state.drawn) = (Instant::now(), Instant::now());
        if !state.talk.quiet {
            let line = state.first_line(start);
            state.say(&line);
            state.say_early();
        }
    }

    fn action(&self, line: &str) {
        let mut state = self.state();
        state.events.action(line);
        if state.talk.json {
            state.plan.push(line.to_owned());
        } else if !state.talk.events_to_stdout() {
            // Whoever reads the plan may close it early, as `head` does.
            let _closed = writeln!(io::stdout(), "{}", words::one_line(line));
        }
    }

    fn event(&self, event: &Event<'_>) {
        let mut state = self.state();
        state.events.event(event);
        match event {
            Event::Started { stage, total } => state.phase(stage, *total),
            Event::Item { counts, .. } => state.item(counts),
            _ => state.clear(),
        }
    }

    fn remark(&self, line: &str) {
        let mut state = self.state();
        state.events.remark(line);
        if state.talk.quiet {
            return;
        }
        if state.start.is_some() {
            state.say(line);
        } else {
            state.early.push(line.to_owned());
        }
    }
}

/// Nothing can be done about a standard error that is closed.
pub(crate) fn write_stderr(text: &str) {
    let mut stderr = io::stderr().lock();
    let _closed = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
