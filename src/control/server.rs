//! The side of the server: accepts on a thread of its own and answers each request in a task.

use std::fs::{self, Permissions};
use std::future::Future;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{Answer, LONGEST_LINE, Pieces, Request, Response, socket_path};
use crate::runtime::{self, Stop};

/// A request is one short line; who does not send it in this time is not a command of ours.
const READ_DEADLINE: Duration = Duration::from_secs(5);
/// How long a command may take for a piece of what follows: it may stand before a slow disk, or a person who reads.
const POUR_DEADLINE: Duration = Duration::from_mins(10);
/// Pause after an accept that failed, because the reason (out of file descriptors) does not go away by trying harder.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Carries out requests.
pub type Handler = Arc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// The socket cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the control socket {path}: {error}")]
pub struct BindError {
    /// The socket.
    pub path: String,
    /// The operating system's reason.
    pub error: io::Error,
}

/// The socket of a data folder, made and not yet served.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Makes the socket, for its owner only. Call it while holding the lock of the data file: a socket that is there
    /// already was left by a dead process and is replaced.
    pub fn bind(data_dir: &Path) -> Result<Self, BindError> {
        let path = socket_path(data_dir);
        let socket = bind_private(&path).map_err(|error| BindError { path: path.display().to_string(), error })?;
        Ok(Self { socket, path })
    }

    /// Answers until `stop` is raised, then removes the socket. Requests that are under way are still answered.
    pub async fn serve(self, handler: Handler, stop: Stop) {
        let Self { socket, path } = self;
        let waker = path.clone();
        let accepting = runtime::blocking({
            let stop = stop.clone();
            move || accept(&socket, &handler, &stop)
        });
        let waking = async {
            stop.wait().await;
            // The thread sits in accept; a connection of our own makes it look at the flag.
            runtime::blocking(move || drop(UnixStream::connect(waker))).await;
        };
        // Whoever is first: should the socket's file be gone, the thread stays in accept until the process ends.
        runtime::race(accepting, waking).await;
        if let Err(error) = fs::remove_file(&path) {
            log::debug!(error:%; "The control socket could not be removed");
        }
    }
}

/// The name appears only when the mode is set, so that there is no moment in which others can connect.
fn bind_private(path: &Path) -> io::Result<UnixListener> {
    let unnamed = path.with_extension("new");
    match fs::remove_file(&unnamed) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = UnixListener::bind(&unnamed)?;
    fs::set_permissions(&unnamed, Permissions::from_mode(0o600))?;
    fs::rename(&unnamed, path)?;
    Ok(socket)
}

fn accept(socket: &UnixListener, handler: &Handler, stop: &Stop) {
    for stream in socket.incoming() {
        if stop.is_raised() {
            return;
        }
        match stream {
            Ok(stream) => drop(runtime::spawn(answer(stream, handler.clone()))),
            Err(error) => {
                log::warn!(error:%; "The control socket cannot accept a command");
                if runtime::block_on(stop.sleep(ACCEPT_PAUSE)) {
                    return;
                }
            }
        }
    }
}

async fn answer(stream: UnixStream, handler: Handler) {
    let (stream, request) = runtime::blocking(move || {
        let request = read_request(&stream);
        (stream, request)
    })
    .await;
    let answer = match request {
        Ok(Some(request)) => handler(request).await,
        Ok(None) => return,
        Err(error) => Response::refused(format!("the command was not understood: {error}")).into(),
    };
    let writing = runtime::blocking(move || match answer {
        Answer::Said(response) => write_response(&stream, &response),
        Answer::Follows(pieces) => pour(&stream, &pieces),
    });
    if let Err(error) = writing.await {
        log::debug!(error:%; "A command went away before its answer");
    }
}

/// `None` for a connection that closes without a word, as the one that ends [`accept`] does.
fn read_request(stream: &UnixStream) -> io::Result<Option<Request>> {
    stream.set_read_timeout(Some(READ_DEADLINE))?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line)?;
    if line.is_empty() { Ok(None) } else { Ok(Some(serde_json::from_str(&line)?)) }
}

fn pour(mut stream: &UnixStream, pieces: &Pieces) -> io::Result<()> {
    write_response(stream, &Response::Follows)?;
    stream.set_write_timeout(Some(POUR_DEADLINE))?;
    while let Ok(piece) = pieces.recv_blocking() {
        stream.write_all(piece.as_bytes())?;
    }
    Ok(())
}

fn write_response(mut stream: &UnixStream, response: &Response) -> io::Result<()> {
    stream.set_write_timeout(Some(READ_DEADLINE))?;
    stream.write_all(format!("{}\n", serde_json::to_string(response)?).as_bytes())
}
