//! The side of the command: connects, asks, reads the answer.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::{LONGEST_LINE, Request, Response, socket_path};

/// How long a request may take; the check of a large data file is the slowest.
const PATIENCE: Duration = Duration::from_mins(10);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody listens on the socket of this data folder.
    #[error("startlink is not running with this data folder")]
    NotRunning,
    /// The socket belongs to somebody else.
    #[error("no permission to talk to the running startlink; run this as the user it runs as")]
    Denied,
    /// The connection broke.
    #[error("the running startlink did not answer: {0}")]
    Broken(#[source] io::Error),
    /// The answer is of another version, or not ours.
    #[error("the answer of the running startlink was not understood; is it another version?")]
    Foreign,
}

/// Asks the server that runs with this data folder. Blocks; not for the executor.
pub fn call(data_dir: &Path, request: &Request) -> Result<Response, ControlError> {
    follow(data_dir, request, &mut |_| false)
}

/// The same for a request that is answered by more than a line: what follows is handed to `each` line by line, until that
/// wants no more. Whether it came whole is for the reader to know.
pub fn follow(
    data_dir: &Path,
    request: &Request,
    each: &mut dyn FnMut(&str) -> bool,
) -> Result<Response, ControlError> {
    let stream = UnixStream::connect(socket_path(data_dir)).map_err(|error| unreachable_because(&error))?;
    let mut answers = exchange(stream, request).map_err(ControlError::Broken)?;
    let line = next_line(&mut answers).map_err(ControlError::Broken)?;
    let line = line.ok_or_else(|| ControlError::Broken(io::ErrorKind::UnexpectedEof.into()))?;
    let response = serde_json::from_str(&line).map_err(|_| ControlError::Foreign)?;
    if response == Response::Follows {
        while let Some(line) = next_line(&mut answers).map_err(ControlError::Broken)? {
            if !each(&line) {
                break;
            }
        }
    }
    Ok(response)
}

fn exchange(mut stream: UnixStream, request: &Request) -> io::Result<BufReader<UnixStream>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{}\n", serde_json::to_string(request)?).as_bytes())?;
    Ok(BufReader::new(stream))
}

/// The next line with its end; nothing when the connection was closed.
fn next_line(answers: &mut BufReader<UnixStream>) -> io::Result<Option<String>> {
    let mut line = String::new();
    answers.take(LONGEST_LINE).read_line(&mut line)?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// A missing socket and one that nobody listens on (left by a process that was killed) mean the same. So does a path
/// that is too long for a socket, because then none was made.
fn unreachable_because(error: &io::Error) -> ControlError {
    let kind = error.kind();
    if kind == io::ErrorKind::PermissionDenied {
        ControlError::Denied
    } else if matches!(
        kind,
        io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidInput
    ) {
        ControlError::NotRunning
    } else {
        ControlError::Broken(io::Error::new(kind, error.to_string()))
    }
}
