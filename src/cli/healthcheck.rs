//! `healthcheck`: asks the web server of this machine, for containers and monitors.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::exit::Failure;
use super::flags::ServeFlags;
use super::output::Output;
use crate::config::{Config, Environment};

const DEADLINE: Duration = Duration::from_secs(5);
/// A status line is shorter; what is longer comes from something else.
const LONGEST_LINE: u64 = 1024;

/// The arguments of `healthcheck`.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  startlink healthcheck --ready\n\nExit code 0 when the server is well, 1 when not.")]
pub(super) struct Args {
    /// Ask whether it does its work (database, poller, sender), not only whether it lives
    #[arg(long)]
    ready: bool,
    #[command(flatten)]
    flags: ServeFlags,
}

pub(super) fn run(args: &Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let config = Config::load(&args.flags.to_flags(), environment)?;
    let address = reachable(config.listen.value);
    let path = if args.ready { "/readyz" } else { "/healthz" };
    match status(address, path) {
        Ok(200..=299) => {
            output.line("well");
            Ok(())
        }
        Ok(status) => Err(Failure::Refused(format!("http://{address}{path} answered {status}"))),
        Err(error) => Err(Failure::Refused(format!("http://{address}{path} did not answer: {error}"))),
    }
}

/// The address to ask: one that listens everywhere is asked on this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn status(address: SocketAddr, path: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line)?;
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.trim().parse().ok());
    status.ok_or_else(|| io::Error::other("what answered is not a web server"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// The status that a server answering with `answer` is understood to have.
    fn asked(answer: &'static str) -> io::Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 512];
            let length = stream.read(&mut head).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(head[..length].to_vec()).unwrap()
        });
        let status = status(address, "/healthz");
        assert!(server.join().unwrap().starts_with(&format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n")));
        status
    }

    #[test]
    fn the_status_of_the_answer_counts() {
        assert_eq!(asked("HTTP/1.1 200 OK\r\n\r\n").unwrap(), 200);
        assert_eq!(asked("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap(), 503);
        assert!(asked("SSH-2.0-OpenSSH\r\n").is_err());
        assert!(asked("").is_err());
    }

    #[test]
    fn an_address_that_listens_everywhere_is_asked_here() {
        assert_eq!(reachable("0.0.0.0:80".parse().unwrap()), "127.0.0.1:80".parse().unwrap());
        assert_eq!(reachable("[::]:80".parse().unwrap()), "[::1]:80".parse().unwrap());
        assert_eq!(reachable("10.0.0.1:80".parse().unwrap()), "10.0.0.1:80".parse().unwrap());
    }
}
