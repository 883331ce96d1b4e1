//! Ctrl-C and the other signals that ask to stop.
//!
//! Ending the program is safe at any moment. But while changes are being worked on, the first
//! signal only asks to stop after the change at hand, and says so.

use super::ui;
use crate::error::Kind;
use crate::event::{Event, Listener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Nothing is being changed: questions, waiting, checks.
const IDLE: u8 = 0;
/// Change after change is worked on.
const AT_WORK: u8 = 1;
/// What a failed run did is being taken back, which no first signal stops.
const TAKING_BACK: u8 = 2;

/// What signals asked for, and what they would interrupt.
#[derive(Debug, Default)]
pub struct Signals {
    /// Set by the first signal; looked at between changes.
    pub interrupted: AtomicBool,
    phase: AtomicU8,
}

impl Signals {
    /// From now on signals are heard.
    pub fn watch(self: &Arc<Self>, terminal: bool) {
        let signals = Arc::clone(self);
        // On a terminal the cursor stands behind what is being drawn, and "^C".
        let line = if terminal { "\n" } else { "" };
        // Without a handler a signal ends the program at once, which is safe too.
        let _ = ctrlc::set_handler(move || match signals.first_at_work() {
            Some(told) => ui::complain(&format!("{line}{told}; press Ctrl-C again to stop at once\n")),
            None => {
                ui::complain(line);
                std::process::exit(i32::from(Kind::Interrupted.exit_status()));
            }
        });
    }

    /// What the run does about a first signal; none if the program ends.
    fn first_at_work(&self) -> Option<&'static str> {
        let again = self.interrupted.swap(true, Ordering::Relaxed);
        match self.phase.load(Ordering::Relaxed) {
            AT_WORK if !again => Some("stopping after this change"),
            TAKING_BACK if !again => Some("taking back what this run did"),
            _ => None,
        }
    }

    /// Passes everything on to `listener`, and learns from it what the run is at.
    pub fn beside(self: &Arc<Self>, listener: Box<dyn Listener>) -> Box<dyn Listener> {
        Box::new(Beside { signals: Arc::clone(self), listener })
    }
}

struct Beside {
    signals: Arc<Signals>,
    listener: Box<dyn Listener>,
}

impl Listener for Beside {
    fn tell(&mut self, event: &Event) {
        match event {
            Event::Started { .. } => self.signals.phase.store(AT_WORK, Ordering::Relaxed),
            Event::RollingBack { .. } => self.signals.phase.store(TAKING_BACK, Ordering::Relaxed),
            Event::Finished { .. } => self.signals.phase.store(IDLE, Ordering::Relaxed),
            _ => {}
        }
        self.listener.tell(event);
    }
}
