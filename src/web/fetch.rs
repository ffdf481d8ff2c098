//! The file of a message that came in: asked for at Telegram when somebody wants to see it, handed on as it comes, kept nowhere.

use futures_lite::io::Cursor;
use futures_lite::{AsyncRead, AsyncReadExt as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tide::http::Body;

use super::{Call, Problem, Response};
use crate::ids::MessageId;
use crate::model::message::{Carried, Media, Sent};
use crate::store::messages;
use crate::telegram::{NoFile, SERVED_MAX};

/// A file that is opened by itself runs nothing and belongs to nobody.
pub(super) const POLICY: &str = "default-src 'none'; sandbox";
/// What is enough to tell a picture.
const HEAD: usize = 16;
/// What stands for itself in a name (RFC 8187, section 3.2.1).
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// The answer with the file of a message.
pub(super) async fn serve(call: &Call, id: MessageId) -> Result<Response, Problem> {
    let found = call.state().store().read(|read| {
        let message = messages::get(read, id)?.filter(crate::model::message::Message::is_incoming);
        Ok::<_, Problem>(message.and_then(|message| messages::body(read, &message)))
    })?;
    let (Some(Carried::File(sent)), media) = found.map(|body| (body.carried, body.media)).unwrap_or_default() else {
        return Err(Problem::not_found());
    };
    if sent.size.is_some_and(|size| size > SERVED_MAX) {
        return Err(problem(&NoFile::TooBig));
    }
    let api = call.state().bot().api().ok_or_else(|| problem(&NoFile::Unreachable))?;
    let mut body = api.fetch(&sent.file).await.map_err(|why| problem(&why))?.body;
    let length = body.len();
    let head = head(&mut body).await.map_err(|_| problem(&NoFile::Unreachable))?;
    let picture = picture(&head);
    let name = name(&sent, media, picture);
    let mut response = Response::new(200);
    response.set_body(Body::from_reader(Cursor::new(head).chain(body), length));
    response.insert_header("content-type", picture.unwrap_or("application/octet-stream"));
    response.insert_header("content-disposition", disposition(&name, picture.is_some()));
    response.insert_header("content-security-policy", POLICY);
    response.insert_header("cache-control", "private, no-store");
    Ok(response)
}

/// The first bytes, as far as there are any.
async fn head(body: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    body.take(u64::try_from(HEAD).unwrap_or(0)).read_to_end(&mut head).await?;
    Ok(head)
}

/// The type of a picture that browsers show, by what it is and not by what was told.
fn picture(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

/// Its own name, or one after its kind.
fn name(sent: &Sent, media: Option<Media>, picture: Option<&str>) -> String {
    if let Some(name) = &sent.name {
        return name.clone();
    }
    let ending = match (picture, media) {
        (Some("image/png"), _) => ".png",
        (Some("image/webp"), _) => ".webp",
        (Some(_), _) => ".jpg",
        (None, Some(Media::Voice)) => ".ogg",
        (None, Some(Media::Audio)) => ".mp3",
        (None, Some(Media::Video)) => ".mp4",
        (None, Some(_) | None) => "",
    };
    format!("{}{ending}", media.map_or("file", Media::word))
}

/// The header `Content-Disposition` (RFC 6266): the name in plain letters, and as it is.
fn disposition(name: &str, is_shown: bool) -> String {
    let kind = if is_shown { "inline" } else { "attachment" };
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || " -._()".contains(letter) { letter } else { '_' })
        .collect();
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, NAME))
}

fn problem(why: &NoFile) -> Problem {
    let text = why.to_string();
    match why {
        NoFile::TooBig => {
            let text = format!("{text} The person's own Telegram has it.");
            Problem::told(409, "file_too_large", "This file is too large to be fetched", text)
        }
        NoFile::Gone => Problem::told(410, "file_gone", "This file is gone", text),
        NoFile::Unreachable => {
            Problem::told(503, "unreachable", "This file cannot be fetched now", format!("{text} Try again later."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_by_its_first_bytes() {
        assert_eq!(picture(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(picture(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(picture(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for other in [b"<svg xmlns".as_slice(), b"GIF89a", b"<html>", b"RIFF\0\0\0\0WAVE", b""] {
            assert_eq!(picture(other), None);
        }
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("ü\"; x=\r\n.pdf", false),
            "attachment; filename=\"___ x___.pdf\"; filename*=UTF-8''%C3%BC%22%3B%20x%3D%0D%0A.pdf"
        );
        assert!(disposition("a.jpg", true).starts_with("inline; filename=\"a.jpg\""));
    }

    #[test]
    fn a_file_without_a_name_is_called_after_its_kind() {
        let bare = Sent::default();
        assert_eq!(name(&bare, Some(Media::Photo), Some("image/jpeg")), "photo.jpg");
        assert_eq!(name(&bare, Some(Media::Voice), None), "voice.ogg");
        assert_eq!(name(&bare, Some(Media::Document), None), "document");
        let named = Sent { name: Some("a.pdf".into()), ..Sent::default() };
        assert_eq!(name(&named, Some(Media::Document), Some("image/png")), "a.pdf");
    }
}
