//! Signs and colours, plain where the terminal or the user asks for it.
use std::io::IsTerminal;

/// What the output may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether signs beyond ASCII may be used.
    pub(crate) unicode: bool,
    /// Whether colours may be used.
    pub(crate) color: bool,
}

impl Style {
    /// For standard error: plain with `NO_COLOR` or on a dumb terminal.
    pub(crate) fn of_stderr() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let unicode = !is_set("NO_COLOR") && !dumb;
        Self { unicode, color: unicode && std::io::stderr().is_terminal() }
    }

    /// `unicode`, or `ascii` where only that may be used.
    pub(crate) const fn pick<T: Copy>(self, unicode: T, ascii: T) -> T {
        if self.unicode { unicode } else { ascii }
    }

    /// The sign of success.
    pub(crate) fn good(self) -> String {
        self.paint("32", self.pick("✓", "ok:"))
    }

    /// The sign of failure.
    pub(crate) fn bad(self) -> String {
        self.paint("31", self.pick("✗", "failed:"))
    }

    /// What separates the parts of a line.
    pub(crate) const fn dot(self) -> &'static str {
        self.pick(" · ", " - ")
    }

    /// Text that matters less.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// The word `error`.
    pub(crate) fn error(self) -> String {
        self.paint("1;31", "error:")
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The width of the terminal on standard error.
pub(crate) fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok()?;
    Some(usize::from(size.ws_col)).filter(|width| *width > 0)
}
