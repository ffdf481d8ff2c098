//! Ports for servers that are not started yet, or are gone for a while.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use startlink::clock::Clock;

/// Below what systems choose from for port 0 and for outgoing connections (Linux 32,768 and up, IANA 49,152 and up), so that
/// nothing takes such a port by chance while nobody listens on it.
const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;
/// How long a program may take to listen on a busy machine.
const SOON: Duration = Duration::from_mins(1);

/// A port of this machine on which nobody listens; each call names another one.
pub fn quiet() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Another run of the tests at the same time begins elsewhere.
    let begin = std::process::id().wrapping_mul(7919) % u32::from(COUNT);
    loop {
        let step = u32::from(NEXT.fetch_add(1, Ordering::SeqCst));
        let port = FIRST + u16::try_from((begin + step) % u32::from(COUNT)).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Waits until somebody listens there.
pub fn await_listener(address: SocketAddr, who: &str) {
    let (clock, begin) = (Clock::system(), Clock::system().now());
    while TcpStream::connect(address).is_err() {
        assert!(clock.now().since(begin) < SOON, "{who} does not listen");
        std::thread::sleep(Duration::from_millis(25));
    }
}
