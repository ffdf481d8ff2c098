//! Forms that carry a file: `multipart/form-data` (RFC 7578), read as it comes. The session's token has to come before the file,
//! so that nothing of a foreign form is kept; no more than the limits is ever in memory, and of a document one piece.

use std::io;

use futures_lite::{AsyncBufRead, AsyncReadExt as _, Stream, future, stream};
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::form::MOST_BYTES;
use super::{Arrived, Form, Keeper, Problem, arrival};
use crate::model::document;
use crate::view;

/// The field of a document, where a form may carry one.
pub const DOCUMENT: &str = "document";
/// The longest file, in bytes: what Telegram takes as a photo (Bot API, `sendPhoto`).
pub const FILE_BYTES: usize = 10 * 1024 * 1024;
/// How much is asked of the body at once.
const PIECE: usize = 64 * 1024;

/// What came with a form.
#[derive(Default)]
pub struct Upload {
    /// What was typed in.
    pub form: Form,
    /// The picture, if one was chosen. Its name and type are the sender's word, and dropped.
    pub file: Option<Vec<u8>>,
    /// The document, if one was chosen; it is in the data file already.
    pub document: Option<Arrived>,
}

/// The longest form, in bytes, and what is said of a longer one. With somebody to keep it, a form may carry a document.
pub(super) fn most(keeper: Option<&Keeper>) -> (usize, fn() -> Problem) {
    let (file, too_large): (usize, fn() -> Problem) = match keeper {
        Some(_) => (usize::try_from(document::BYTES_MAX).unwrap_or(usize::MAX), arrival::too_large),
        None => (FILE_BYTES, file_too_large),
    };
    (file.saturating_add(2 * MOST_BYTES), too_large)
}

/// Reads the form. `may_go_on` looks at the fields that came before the file, and at all of them when there is none.
pub(super) async fn read(
    body: impl AsyncBufRead + Send + Unpin + 'static,
    content_type: &str,
    keeper: Option<&Keeper>,
    may_go_on: impl Fn(&Form) -> Result<(), Problem>,
) -> Result<Upload, Problem> {
    let (whole, too_large) = most(keeper);
    let boundary = multer::parse_boundary(content_type).map_err(|error| unread(&error, too_large))?;
    let whole = u64::try_from(whole).unwrap_or(u64::MAX);
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(whole));
    let mut parts = Multipart::with_constraints(pieces(body), boundary, limits);
    let mut upload = Upload::default();
    let (mut typed, mut checked) = (0, false);
    while let Some(field) = parts.next_field().await.map_err(|error| unread(&error, too_large))? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_none() {
            let value = gather(field, MOST_BYTES.saturating_sub(typed), form_too_large).await?;
            typed += name.len() + value.len();
            let value = String::from_utf8(value).map_err(|_| Form::not_text())?;
            upload.form.push(name, value)?;
            continue;
        }
        if !checked {
            may_go_on(&upload.form)?;
            checked = true;
        }
        if let (Some(keeper), DOCUMENT) = (keeper, name.as_str()) {
            let arrived = keeper.receive(field).await?;
            if arrived.is_some() && upload.document.is_some() {
                return Err(one_file());
            }
            upload.document = arrived.or(upload.document);
            continue;
        }
        let file = gather(field, FILE_BYTES, file_too_large).await?;
        // A browser sends an empty file where none was chosen.
        if file.is_empty() {
            continue;
        }
        if upload.file.replace(file).is_some() {
            return Err(one_file());
        }
    }
    if upload.file.is_some() && upload.document.is_some() {
        return Err(Problem::bad_request("A message carries a photo or a document, not both. Nothing was changed."));
    }
    if !checked {
        may_go_on(&upload.form)?;
    }
    Ok(upload)
}

fn one_file() -> Problem {
    Problem::bad_request("A form takes one file at a time. Nothing was changed.")
}

async fn gather(mut field: Field<'_>, most: usize, too_large: fn() -> Problem) -> Result<Vec<u8>, Problem> {
    let mut whole = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| unread(&error, too_large))? {
        if whole.len() + piece.len() > most {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

pub(super) fn pieces(
    body: impl AsyncBufRead + Send + Unpin + 'static,
) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    stream::try_unfold(body, |mut body| async move {
        // The reader of forms takes what there is: without a pause it would take all of it before it looks at any.
        future::yield_now().await;
        let mut piece = vec![0; PIECE];
        let count = body.read(&mut piece).await?;
        piece.truncate(count);
        Ok((count > 0).then_some((piece, body)))
    })
}

pub(super) fn form_too_large() -> Problem {
    Problem::too_large(format!("A form has at most {MOST_BYTES} bytes beside its file. Nothing was changed."))
}

/// Also told where a file's length was announced.
pub(super) fn file_too_large() -> Problem {
    let limit = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX);
    Problem::too_large(format!(
        "The file is larger than {} bytes (10 MB), which is the most that Telegram takes as a photo. Nothing was changed.",
        view::number(limit)
    ))
}

pub(super) fn unread(error: &multer::Error, too_large: fn() -> Problem) -> Problem {
    use multer::Error;
    if matches!(error, Error::StreamSizeExceeded { .. }) {
        return too_large();
    }
    if matches!(error, Error::NoMultipart | Error::DecodeContentType(_) | Error::NoBoundary) {
        return wrong_type();
    }
    let Error::StreamReadFailed(cause) = error else { return broken() };
    let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    if kind == Some(io::ErrorKind::FileTooLarge) {
        too_large()
    } else if kind == Some(io::ErrorKind::TimedOut) {
        Problem::too_slow("The file did not arrive in time. Nothing was changed; try again, or choose a smaller one.")
    } else {
        broken()
    }
}

/// For another type than the form's own.
pub(super) fn wrong_type() -> Problem {
    Problem::media_type("A form with a file is sent as multipart/form-data. Nothing was changed.")
}

pub(super) fn broken() -> Problem {
    Problem::bad_request("The form did not arrive whole. Nothing was changed.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::block_on;

    const TYPE: &str = "multipart/form-data; boundary=xyz";

    fn part(name: &str, file: Option<&str>, value: &str) -> String {
        let file = file.map(|name| format!("; filename=\"{name}\"\r\nContent-Type: image/png")).unwrap_or_default();
        format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    }

    fn told(body: String, content_type: &str) -> Result<Upload, u16> {
        let check = |form: &Form| if form.get("t") == "ok" { Ok(()) } else { Err(Problem::foreign_form()) };
        let read = read(io_of(body), content_type, None, check);
        block_on(read).map_err(|problem| problem.answer(crate::web::error::Wants::Json, "").status().into())
    }

    fn io_of(body: String) -> impl AsyncBufRead + Send + Unpin + 'static {
        futures_lite::io::Cursor::new(body.into_bytes())
    }

    #[test]
    fn fields_and_one_file_are_read() {
        let body =
            [part("t", None, "ok"), part("text", None, "a\r\nb ü"), part("photo", Some("a.png"), "PNG")].concat();
        let upload = told(body + "--xyz--\r\n", TYPE).unwrap();
        assert_eq!((upload.form.get("text"), upload.file.as_deref()), ("a\r\nb ü", Some("PNG".as_bytes())));
        let body = [part("t", None, "ok"), part("photo", Some(""), "")].concat();
        assert_eq!(told(body + "--xyz--\r\n", TYPE).unwrap().file, None, "no file was chosen");
    }

    #[test]
    fn a_foreign_form_is_refused_before_its_file() {
        let late = [part("photo", Some("a.png"), "PNG"), part("t", None, "ok")].concat() + "--xyz--\r\n";
        assert_eq!(told(late, TYPE).err(), Some(403));
        assert_eq!(told(part("text", None, "x") + "--xyz--\r\n", TYPE).err(), Some(403));
    }

    #[test]
    fn what_is_too_large_broken_or_of_another_type_is_refused() {
        let token = part("t", None, "ok");
        let large = part("photo", Some("a"), &"x".repeat(FILE_BYTES + 1));
        assert_eq!(told(token.clone() + &large + "--xyz--\r\n", TYPE).err(), Some(413));
        let fits = part("photo", Some("a"), &"x".repeat(FILE_BYTES));
        assert_eq!(told(token.clone() + &fits + "--xyz--\r\n", TYPE).unwrap().file.unwrap().len(), FILE_BYTES);
        let wordy = part("text", None, &"x".repeat(MOST_BYTES + 1));
        assert_eq!(told(token.clone() + &wordy + "--xyz--\r\n", TYPE).err(), Some(413));
        assert_eq!(told(token.clone() + &part("photo", Some("a"), "PNG"), TYPE).err(), Some(400), "it broke off");
        let two = [part("photo", Some("a"), "1"), part("other", Some("b"), "2")].concat();
        assert_eq!(told(token + &two + "--xyz--\r\n", TYPE).err(), Some(400));
        for other in ["multipart/form-data", "text/plain", "multipart/mixed; boundary=xyz", ""] {
            assert_eq!(told(String::new(), other).err(), Some(415), "{other}");
        }
    }
}
