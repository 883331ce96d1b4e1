//! The `change` command: arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    settle_allocator();
    ExitCode::from(change::cli::main(std::env::args_os()))
}

/// Keeps memory that is freed and soon needed again.
///
/// The C library gives free memory at the heap's end back to the system from 128 KiB on, and SQLite
/// frees and takes that much with every change: thousands of page faults. Freeing one large block,
/// which was never touched, makes the GNU library raise that limit to twice the block's size.
fn settle_allocator() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20)));
}
