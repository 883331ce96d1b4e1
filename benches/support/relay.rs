//! A relay between a client and the server: it counts round trips, and can be as slow as a link.
//!
//! It looks at the direction of what passes and at nothing else, so that it counts alike whatever
//! the client speaks and however it packs its messages.

#![allow(dead_code, unreachable_pub)] // Every benchmark uses a part of it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Forwards every connection to one port of this machine, until the process ends.
///
/// It accepts a connection at once: the round trip that TCP itself takes to connect is not there.
pub struct Relay {
    port: u16,
    trips: Arc<AtomicU64>,
}

impl Relay {
    /// A relay in front of `server` that passes everything on `delay` after it came, each way.
    pub fn start(server: u16, delay: Duration) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let trips = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&trips);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                forward(&client, server, delay, &counter);
            }
        });
        Relay { port, trips }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The round trips of all connections since this was last asked.
    ///
    /// One is counted when something is about to reach the client and the client has sent something
    /// since the last time. A farewell that nobody answers is none, and neither is an answer in many
    /// pieces. A client that goes on sending while answers come in is charged for more than it
    /// waits; what that is worth only the time over a slow link tells.
    pub fn trips(&self) -> u64 {
        self.trips.swap(0, Ordering::SeqCst)
    }
}

fn forward(client: &TcpStream, server: u16, delay: Duration, trips: &Arc<AtomicU64>) {
    let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
    for stream in [client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let copy = |stream: &TcpStream| stream.try_clone().unwrap();
    let asked = Arc::new(AtomicBool::new(false));
    let asks = Arc::clone(&asked);
    let sends = move || asks.store(true, Ordering::SeqCst);
    let trips = Arc::clone(trips);
    let answers = move || {
        if asked.swap(false, Ordering::SeqCst) {
            trips.fetch_add(1, Ordering::SeqCst);
        }
    };
    pass(copy(client), copy(&server), delay, sends, || {});
    pass(server, copy(client), delay, || {}, answers);
}

/// Passes one direction on, in threads of its own.
///
/// What was read waits in a queue for its time, and the next is read meanwhile: a link that is long
/// is not narrow for that.
fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    delay: Duration,
    read: impl Fn() + Send + 'static,
    writes: impl Fn() + Send + 'static,
) {
    let (queue, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            read();
            if queue.send((Instant::now() + delay, buffer[..count].to_vec())).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        for (at, bytes) in due {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            writes();
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
