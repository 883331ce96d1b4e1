//! The face on a terminal: a line per change with a spinner, time and verdict, a bar on long
//! plans, and a closing line that says what is next.

use super::diagnostic;
use super::plain::{headline, sign};
use crate::event::{Action, Event, Listener, Verdict};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Plans from this length on get an overall bar.
const LONG: usize = 8;
const TICK: Duration = Duration::from_millis(100);

/// Draws progress on the terminal.
pub struct Terminal {
    colour: bool,
    quiet: bool,
    width: usize,
    line: Option<ProgressBar>,
    /// What stands at the left of the current line.
    label: String,
    remarks: Vec<String>,
    total: usize,
    done: usize,
}

impl Terminal {
    /// A listener for a terminal of this many columns.
    #[must_use]
    pub fn new(colour: bool, quiet: bool, width: usize) -> Self {
        Terminal {
            colour,
            quiet,
            width,
            line: None,
            label: String::new(),
            remarks: Vec::new(),
            total: 0,
            done: 0,
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn green(&self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    fn red(&self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Prints a line above whatever is being drawn.
    fn print(&self, text: &str) {
        match &self.line {
            Some(bar) => bar.suspend(|| anstream::println!("{text}")),
            None => anstream::println!("{text}"),
        }
    }

    fn start(&mut self, action: Action, label: &str, width: usize) {
        let pad = " ".repeat(width.saturating_sub(label.chars().count()));
        self.label = format!("  {} {label}{pad}", sign(action));
        self.remarks.clear();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let count = if self.total >= LONG {
            format!("  {}/{} {{bar}}", self.done + 1, self.total)
        } else {
            String::new()
        };
        let bar_text = count.replace("{bar}", &meter(self.done, self.total));
        let template = format!("{}  {{spinner}} {{elapsed}}{bar_text}", escape(&self.label));
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        self.line = Some(bar);
    }

    fn finish(&mut self, verdict: Verdict, duration_ms: u128) {
        if let Some(bar) = self.line.take() {
            bar.finish_and_clear();
        }
        self.done += 1;
        let mark = if verdict == Verdict::Ok { self.green("ok") } else { self.red("not ok") };
        let time = self.dim(&elapsed(duration_ms));
        let remarks: String = self.remarks.iter().map(|remark| format!("  # {remark}")).collect();
        anstream::println!("{}  {mark}  {time}{remarks}", self.label);
    }

    fn closing(&self, action: Action, changes: usize, duration_ms: u128, next: Option<&str>) -> String {
        let done = match action {
            Action::Deploy => "deployed",
            Action::Revert => "reverted",
            Action::Verify => "verified",
        };
        let noun = if changes == 1 { "change" } else { "changes" };
        let next = next.map(|next| self.dim(&format!("  next: {next}"))).unwrap_or_default();
        format!("{} in {}.{next}", self.green(&format!("{changes} {noun} {done}")), elapsed(duration_ms))
    }
}

/// Ten cells of a bar.
fn meter(done: usize, total: usize) -> String {
    let cells = (done * 10).checked_div(total).unwrap_or(0);
    format!("{}{}", "█".repeat(cells), "░".repeat(10 - cells.min(10)))
}

/// Braces in a name are no placeholders.
fn escape(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// `7 ms`, `1.2 s`, `3 min 5 s`
fn elapsed(ms: u128) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

impl Listener for Terminal {
    fn tell(&mut self, event: &Event) {
        match event {
            Event::Started { action, destination, limit, changes, asked } => {
                self.total = *changes;
                self.done = 0;
                if !self.quiet && !asked {
                    self.print(&headline(*action, destination, limit.as_deref()));
                }
            }
            Event::ChangeStarted { action, label, width, .. } => {
                if !self.quiet || *action == Action::Verify {
                    self.start(*action, label, *width);
                }
            }
            Event::ChangeFinished { action, verdict, duration_ms, .. } => {
                if !self.quiet || *action == Action::Verify {
                    self.finish(*verdict, *duration_ms);
                }
            }
            Event::Remark { text } => self.remarks.push(text.clone()),
            Event::Output { text, .. } => self.print(text.trim_end_matches('\n')),
            Event::Warning { text } => {
                let warning = self.paint(AnsiColor::Yellow.on_default().bold(), "warning");
                self.print(&format!("{warning}: {text}"));
            }
            Event::Trouble { error } => self.print(&diagnostic::render(error, self.colour, self.width)),
            Event::RollingBack { to } => self.print(&match to {
                Some(to) => format!("Reverting to {to}"),
                None => "Reverting all changes of this run".to_owned(),
            }),
            Event::Waiting { holder, seconds, .. } => {
                self.print(&format!("Waiting up to {seconds} s for another runner: {holder}"));
            }
            Event::Undeployed { changes } => {
                self.print(if changes.len() == 1 { "Undeployed change:" } else { "Undeployed changes:" });
                for change in changes {
                    self.print(&format!("  * {change}"));
                }
            }
            Event::VerifyReport { changes, errors } => {
                self.print(&format!("{} in {changes} changes", self.red(&format!("{errors} errors"))));
            }
            Event::VerifyPassed => {}
            Event::AddingRegistry { destination } if !self.quiet => {
                self.print(&format!("Adding registry tables to {destination}"));
            }
            Event::Info { text } | Event::Nothing { text } if !self.quiet => self.print(text),
            Event::AddingRegistry { .. } | Event::Info { .. } | Event::Nothing { .. } => {}
            Event::Finished { action, changes, duration_ms, next } => {
                if !self.quiet {
                    self.print(&self.closing(*action, *changes, *duration_ms, next.as_deref()));
                }
            }
        }
    }
}
