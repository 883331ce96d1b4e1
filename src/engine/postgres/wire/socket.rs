//! A socket to a server, over TCP or in a folder, that never makes anybody wait unasked.
//!
//! Knows: the operating system's sockets. Must never know: what the bytes mean, TLS.
//!
//! The socket does not block; whoever has nothing else to do calls `wait`. That is what lets the
//! writer go on reading while the server is busy writing to us.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Where a server listens, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// An address and a port.
    Tcp(SocketAddr),
    /// The path of a socket; on Linux one that begins with `@` has no file.
    #[cfg(unix)]
    Unix(String),
}

/// How a TCP connection is kept alive; what is not given is the operating system's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeepAlive {
    /// Whether it is at all.
    pub(crate) on: bool,
    /// Silence before the first probe.
    pub(crate) idle: Option<Duration>,
    /// Silence between probes.
    pub(crate) interval: Option<Duration>,
    /// Unanswered probes before the connection counts as lost.
    pub(crate) count: Option<u32>,
    /// Milliseconds that sent data may stay unacknowledged.
    pub(crate) user_timeout: Option<u32>,
}

impl Default for KeepAlive {
    fn default() -> Self {
        KeepAlive { on: true, idle: None, interval: None, count: None, user_timeout: None }
    }
}

/// The longest single wait; a longer one is several, for systems that count in small numbers.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// An open socket.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    /// Connects, until `deadline` at most.
    pub(crate) fn connect(
        address: &Address,
        keep: &KeepAlive,
        deadline: Option<Instant>,
    ) -> io::Result<Socket> {
        let socket = match address {
            Address::Tcp(address) => {
                let stream = match deadline {
                    Some(deadline) => TcpStream::connect_timeout(address, remaining(deadline)?)?,
                    None => TcpStream::connect(address)?,
                };
                stream.set_nodelay(true)?;
                keep_alive(&stream, keep)?;
                stream.set_nonblocking(true)?;
                Socket::Tcp(stream)
            }
            #[cfg(unix)]
            Address::Unix(path) => {
                let stream = connect_local(path)?;
                stream.set_nonblocking(true)?;
                Socket::Unix(stream)
            }
        };
        Ok(socket)
    }

    /// Waits until the socket can be read, or written if that is asked for too. `false` if nothing
    /// happened until the deadline.
    pub(crate) fn wait(&self, writable: bool, deadline: Option<Instant>) -> io::Result<bool> {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let patience = left.map(|left| left.min(LONGEST_WAIT));
            match self.poll(writable, patience) {
                Ok(true) => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(false) if left.is_some_and(|left| left.is_zero()) => return Ok(false),
                Ok(false) => {}
            }
        }
    }

    #[cfg(unix)]
    fn poll(&self, writable: bool, patience: Option<Duration>) -> io::Result<bool> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let flags = if writable { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let timeout = patience.map(|patience| Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        });
        let mut watched = [match self {
            Socket::Tcp(stream) => PollFd::new(stream, flags),
            Socket::Unix(stream) => PollFd::new(stream, flags),
        }];
        Ok(poll(&mut watched, timeout.as_ref())? > 0)
    }

    /// Without poll: a look ahead that blocks for as long as there is patience; when writing is
    /// asked for too, naps, for nothing here can wait for both.
    #[cfg(not(unix))]
    fn poll(&self, writable: bool, patience: Option<Duration>) -> io::Result<bool> {
        let Socket::Tcp(stream) = self;
        if writable {
            std::thread::sleep(Duration::from_millis(1));
            return Ok(true);
        }
        if patience.is_some_and(|patience| patience.is_zero()) {
            return match stream.peek(&mut [0]) {
                Ok(_) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
                Err(error) => Err(error),
            };
        }
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(patience)?;
        let seen = stream.peek(&mut [0]);
        stream.set_nonblocking(true)?;
        match seen {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The user id of the process at the other end of a local socket.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn peer_user(&self) -> io::Result<Option<u32>> {
        match self {
            Socket::Tcp(_) => Ok(None),
            Socket::Unix(stream) => Ok(Some(rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw())),
        }
    }

    /// Closes both directions; the server notices at once.
    pub(crate) fn shut_down(&self) {
        // It may be closed already, which is what is wanted.
        let _ = match self {
            Socket::Tcp(stream) => stream.shutdown(std::net::Shutdown::Both),
            #[cfg(unix)]
            Socket::Unix(stream) => stream.shutdown(std::net::Shutdown::Both),
        };
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => stream.read(buffer),
            #[cfg(unix)]
            Socket::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Socket::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The time left, which is more than none.
fn remaining(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

#[cfg(target_os = "linux")]
fn connect_local(path: &str) -> io::Result<UnixStream> {
    use std::os::linux::net::SocketAddrExt;
    match path.strip_prefix('@') {
        Some(name) => {
            UnixStream::connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name.as_bytes())?)
        }
        None => UnixStream::connect(path),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn connect_local(path: &str) -> io::Result<UnixStream> {
    UnixStream::connect(path)
}

#[cfg(target_os = "linux")]
fn keep_alive(stream: &TcpStream, keep: &KeepAlive) -> io::Result<()> {
    use rustix::net::sockopt;
    sockopt::set_socket_keepalive(stream, keep.on)?;
    if let (true, Some(idle)) = (keep.on, keep.idle) {
        sockopt::set_tcp_keepidle(stream, idle)?;
    }
    if let (true, Some(interval)) = (keep.on, keep.interval) {
        sockopt::set_tcp_keepintvl(stream, interval)?;
    }
    if let (true, Some(count)) = (keep.on, keep.count) {
        sockopt::set_tcp_keepcnt(stream, count)?;
    }
    if let Some(milliseconds) = keep.user_timeout {
        sockopt::set_tcp_user_timeout(stream, milliseconds)?;
    }
    Ok(())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn keep_alive(stream: &TcpStream, keep: &KeepAlive) -> io::Result<()> {
    Ok(rustix::net::sockopt::set_socket_keepalive(stream, keep.on)?)
}

#[cfg(not(unix))]
fn keep_alive(_: &TcpStream, _: &KeepAlive) -> io::Result<()> {
    Ok(())
}
