//! Both sides over a real socket.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::*;
use crate::runtime::{self, Stop, Task};

/// A data folder that is removed again; `name` keeps tests apart.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("startlink-control-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// A server that tells what it was asked.
fn serve(folder: &Folder) -> (Stop, Task<()>) {
    let handler: Handler = Arc::new(|request| {
        Box::pin(async move {
            let response = match request {
                Request::Export => {
                    let (send, pieces) = async_channel::unbounded();
                    for piece in ["one\ntwo\n", "three\n"] {
                        send.try_send(piece.to_owned()).unwrap();
                    }
                    return Answer::Follows(pieces);
                }
                Request::Send { username, text } => {
                    Response::done(Reply::Text { text: format!("{username} is told {text}") })
                }
                Request::AdminPasswd { password, .. } => {
                    Response::done(Reply::Text { text: password.expose().to_owned() })
                }
                Request::SetupLink
                | Request::AdminAdd { .. }
                | Request::AdminResetSecondFactor { .. }
                | Request::AdminLogoutAll { .. }
                | Request::AdminList
                | Request::Check
                | Request::KeyCreate { .. }
                | Request::KeyList
                | Request::KeyRevoke { .. }
                | Request::Import { .. }
                | Request::Link { .. } => Response::refused("not here"),
            };
            response.into()
        })
    });
    let stop = Stop::new();
    let listener = Listener::bind(&folder.0).unwrap();
    (stop.clone(), runtime::spawn(listener.serve(handler, stop)))
}

fn text(text: &str) -> Response {
    Response::done(Reply::Text { text: text.to_owned() })
}

#[test]
fn a_command_reaches_the_running_server_and_is_answered() {
    let folder = Folder::new("answer");
    let (stop, task) = serve(&folder);
    let send = Request::Send { username: "ada".to_owned(), text: "two\nlines é".to_owned() };
    assert_eq!(call(&folder.0, &send).unwrap(), text("ada is told two\nlines é"));
    let passwd = Request::AdminPasswd { name: "ada".to_owned(), password: Secret::new("correct horse") };
    assert_eq!(call(&folder.0, &passwd).unwrap(), text("correct horse"));
    assert_eq!(call(&folder.0, &Request::Check).unwrap(), Response::refused("not here"));
    stop.raise();
    runtime::block_on(task);
    assert!(!socket_path(&folder.0).exists());
    assert!(matches!(call(&folder.0, &Request::Check), Err(ControlError::NotRunning)));
}

#[test]
fn a_folder_without_a_server_says_so() {
    let folder = Folder::new("nobody");
    assert!(matches!(call(&folder.0, &Request::Check), Err(ControlError::NotRunning)));
    assert!(matches!(call(Path::new("/nonexistent/folder"), &Request::Check), Err(ControlError::NotRunning)));
    drop(Listener::bind(&folder.0).unwrap());
    assert!(socket_path(&folder.0).exists());
    assert!(matches!(call(&folder.0, &Request::Check), Err(ControlError::NotRunning)));
}

#[test]
fn a_socket_left_by_a_dead_process_is_replaced() {
    let folder = Folder::new("stale");
    drop(Listener::bind(&folder.0).unwrap());
    let (stop, task) = serve(&folder);
    assert_eq!(call(&folder.0, &Request::Check).unwrap(), Response::refused("not here"));
    stop.raise();
    runtime::block_on(task);
}

#[test]
fn only_the_owner_may_open_the_socket() {
    let folder = Folder::new("mode");
    let _listener = Listener::bind(&folder.0).unwrap();
    let mode = std::fs::metadata(socket_path(&folder.0)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_is_no_command_is_refused_in_words_and_the_next_is_served() {
    let folder = Folder::new("malformed");
    let (stop, task) = serve(&folder);
    for line in ["hello\n", "{\"command\":\"format_disk\"}\n", "{\"command\":\"send\",\"username\":\"ada\"}\n"] {
        let mut stream = UnixStream::connect(socket_path(&folder.0)).unwrap();
        stream.write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("{\"result\":\"refused\",\"reason\":\"the command was not understood: "),
            "{answer}"
        );
    }
    drop(UnixStream::connect(socket_path(&folder.0)).unwrap());
    assert_eq!(call(&folder.0, &Request::Check).unwrap(), Response::refused("not here"));
    stop.raise();
    runtime::block_on(task);
}

#[test]
fn a_long_answer_comes_line_by_line_to_its_end_or_until_it_is_enough() {
    let folder = Folder::new("follow");
    let (stop, task) = serve(&folder);
    let read = |most: usize| {
        let mut lines = Vec::new();
        let answer = follow(&folder.0, &Request::Export, &mut |line| {
            lines.push(line.to_owned());
            lines.len() < most
        });
        assert_eq!(answer.unwrap(), Response::Follows);
        lines
    };
    assert_eq!(read(9), ["one\n", "two\n", "three\n"]);
    assert_eq!(read(2), ["one\n", "two\n"]);
    assert_eq!(call(&folder.0, &Request::Check).unwrap(), Response::refused("not here"));
    stop.raise();
    runtime::block_on(task);
}
