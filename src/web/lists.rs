//! Lists that are brought in by a form: one part for each, by its name, from a file or from a field alike. The session's token,
//! where there is one, stands before the first.

use std::collections::BTreeMap;
use std::io;

use futures_lite::AsyncBufRead;
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::form::MOST_BYTES;
use super::upload::{broken, form_too_large, pieces, wrong_type};
use super::{Form, Problem};
use crate::model::moving::{BYTES_MAX, Sheet};

/// What came with the form.
#[derive(Default)]
pub struct Brought {
    /// What was typed in.
    pub form: Form,
    /// The lists that were chosen, as text; what is no UTF-8 is marked in it and refused on its line.
    pub lists: BTreeMap<Sheet, String>,
}

/// Reads the form. `may_go_on` looks at the fields that came before the first list, and at all of them when there is none.
pub(super) async fn read(
    body: impl AsyncBufRead + Send + Unpin + 'static,
    content_type: &str,
    may_go_on: impl Fn(&Form) -> Result<(), Problem>,
) -> Result<Brought, Problem> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| wrong_type())?;
    let whole = u64::try_from(BYTES_MAX + 2 * MOST_BYTES).unwrap_or(u64::MAX);
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(whole));
    let mut parts = Multipart::with_constraints(pieces(body), boundary, limits);
    let mut brought = Brought::default();
    let (mut typed, mut left, mut checked) = (0, BYTES_MAX, false);
    while let Some(part) = parts.next_field().await.map_err(|error| unread(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let Some(sheet) = Sheet::ALL.into_iter().find(|sheet| sheet.word() == name) else {
            let value = gather(part, MOST_BYTES.saturating_sub(typed), form_too_large).await?;
            typed += name.len() + value.len();
            brought.form.push(name, String::from_utf8(value).map_err(|_| Form::not_text())?)?;
            continue;
        };
        if !checked {
            may_go_on(&brought.form)?;
            checked = true;
        }
        let list = gather(part, left, too_large).await?;
        left = left.saturating_sub(list.len());
        // A browser sends an empty file where none was chosen.
        if list.is_empty() {
            continue;
        }
        let text =
            String::from_utf8(list).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        if brought.lists.insert(sheet, text).is_some() {
            return Err(Problem::bad_request(format!("The list \"{name}\" stands here twice. Nothing was changed.")));
        }
    }
    if !checked {
        may_go_on(&brought.form)?;
    }
    Ok(brought)
}

async fn gather(mut part: Field<'_>, most: usize, too_large: fn() -> Problem) -> Result<Vec<u8>, Problem> {
    let mut whole = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| unread(&error))? {
        if whole.len() + piece.len() > most {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

fn too_large() -> Problem {
    Problem::too_large("The lists have more than 64 MiB together. Bring them in parts. Nothing was changed.")
}

fn unread(error: &multer::Error) -> Problem {
    use multer::Error;
    if matches!(error, Error::StreamSizeExceeded { .. }) {
        return too_large();
    }
    let Error::StreamReadFailed(cause) = error else { return broken() };
    let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    if kind == Some(io::ErrorKind::FileTooLarge) {
        too_large()
    } else if kind == Some(io::ErrorKind::TimedOut) {
        Problem::too_slow("The lists did not arrive in time. Nothing was changed; bring them in parts.")
    } else {
        broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::block_on;

    fn part(name: &str, file: bool, value: &str) -> String {
        let file = if file { "; filename=\"a.csv\"\r\nContent-Type: text/csv" } else { "" };
        format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    }

    fn told(parts: &[String]) -> Result<Brought, u16> {
        let body = futures_lite::io::Cursor::new((parts.concat() + "--xyz--\r\n").into_bytes());
        let check = |form: &Form| if form.get("t") == "ok" { Ok(()) } else { Err(Problem::foreign_form()) };
        let read = read(body, "multipart/form-data; boundary=xyz", check);
        block_on(read).map_err(|problem| problem.answer(crate::web::error::Wants::Json, "").status().into())
    }

    #[test]
    fn lists_come_from_files_and_from_fields() {
        let token = part("t", false, "ok");
        let parts =
            [token, part("codes", true, "code,username\n"), part("chats", false, "x"), part("accounts", true, "")];
        let brought = told(&parts).unwrap();
        let lists: Vec<(Sheet, &str)> = brought.lists.iter().map(|(sheet, text)| (*sheet, text.as_str())).collect();
        assert_eq!(lists, [(Sheet::Codes, "code,username\n"), (Sheet::Chats, "x")], "none was chosen for the accounts");
        assert_eq!(brought.form.get("t"), "ok");
    }

    #[test]
    fn a_foreign_form_is_refused_before_its_lists() {
        assert_eq!(told(&[part("codes", true, "x"), part("t", false, "ok")]).err(), Some(403));
        let twice = [part("t", false, "ok"), part("codes", true, "x"), part("codes", true, "y")];
        assert_eq!(told(&twice).err(), Some(400));
    }
}
