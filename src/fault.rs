//! The one seam through which every database call and file access of a run goes.
//!
//! Knows: how many points were passed. Must never know: what happens at them. In release builds
//! the seam is empty; in debug builds `arm` makes the n-th point fail or end the process, so that
//! a test can try n = 1, 2, 3 … until none is hit and thereby walk every crash window there is.

use crate::error::Result;

/// What happens at the armed point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call reports an error.
    Fail,
    /// The process ends at once, as by `kill -9`.
    Exit,
}

#[cfg(debug_assertions)]
mod armed {
    use super::{Fault, Result};
    use crate::error::{Error, Kind};
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    static COUNT: AtomicU64 = AtomicU64::new(0);
    static AT: AtomicU64 = AtomicU64::new(0);
    static EXIT: AtomicBool = AtomicBool::new(false);

    pub(super) fn arm(at: u64, fault: Fault) {
        EXIT.store(fault == Fault::Exit, Ordering::Relaxed);
        AT.store(at, Ordering::Relaxed);
    }

    pub(super) fn point(name: &'static str) -> Result<()> {
        let at = AT.load(Ordering::Relaxed);
        if at == 0 || COUNT.fetch_add(1, Ordering::Relaxed) + 1 != at {
            return Ok(());
        }
        if EXIT.load(Ordering::Relaxed) {
            // Without unwinding, destructors or exit handlers: what a kill would leave.
            std::process::abort();
        }
        Err(Error::new(Kind::Database, "fault.injected", format!("injected fault {at} at {name}")))
    }
}

/// Makes the `at`-th point passed from now on (counted from 1) fail or end the process.
#[cfg_attr(not(debug_assertions), allow(unused_variables))]
pub fn arm(at: u64, fault: Fault) {
    #[cfg(debug_assertions)]
    armed::arm(at, fault);
}

/// Passes one point of the seam; `name` says which call is about to be made.
///
/// # Errors
/// Only when armed to fail here (debug builds).
#[inline]
#[cfg_attr(not(debug_assertions), allow(unused_variables, clippy::unnecessary_wraps))]
pub fn point(name: &'static str) -> Result<()> {
    #[cfg(debug_assertions)]
    armed::point(name)?;
    Ok(())
}
