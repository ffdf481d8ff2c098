//! What a bubble shows beside its text: pictures, files to fetch, places, cards, and what a group reports.

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Response, Result};

use super::super::files::{FileKind, StoredFile};
use super::super::messages::{Attached, Message, Service};
use super::super::uploads;
use super::super::world::Core;
use super::nothing_here;

/// `GET /photo/NUMBER`: a picture for a phone's screen, never anything a browser would run.
pub(super) async fn photo(request: Request<Arc<Core>>) -> Result {
    let number = request.param("number")?.parse().unwrap_or(0);
    let world = request.state().world();
    let found = world.files.content(number).filter(|(file, _)| file.kind == FileKind::Photo);
    let Some((file, content)) = found else { return Ok(nothing_here()) };
    let response = Response::builder(200).content_type(file.mime.as_str()).body(uploads::body(content));
    Ok(response.header("cache-control", "no-cache").build())
}

/// `GET /attached/NUMBER`: a file to be saved, never to be shown.
pub(super) async fn file(request: Request<Arc<Core>>) -> Result {
    let number = request.param("number")?.parse().unwrap_or(0);
    let world = request.state().world();
    let Some((_, content)) = world.files.content(number) else { return Ok(nothing_here()) };
    let response = Response::builder(200).content_type("application/octet-stream").body(uploads::body(content));
    Ok(response.header("content-disposition", "attachment").header("cache-control", "no-cache").build())
}

/// What is attached to a message.
pub(super) fn attached(message: &Message) -> Markup {
    html! {
        @if let Some(photo) = &message.photo {
            img.photo src={ "/photo/" (photo.number) } width=(photo.width) height=(photo.height) alt="Photo" data-testid="photo";
        }
        @match &message.attached {
            Some(Attached::File(file)) => (card(file)),
            Some(Attached::Location { latitude, longitude }) => {
                div.file data-testid="location" {
                    span.icon aria-hidden="true" { "◎" }
                    span.file-text { strong { "Location" } small { (format!("{latitude:.5}, {longitude:.5}")) } }
                }
            }
            Some(Attached::Contact { phone_number, first_name, .. }) => {
                div.file data-testid="contact" {
                    span.icon aria-hidden="true" { "☺" }
                    span.file-text { strong { (first_name) } small { (phone_number) } }
                }
            }
            None => {}
        }
    }
}

fn card(file: &StoredFile) -> Markup {
    let name = file_name(file);
    let length = file.duration.map(|seconds| format!("{}:{:02} · ", seconds / 60, seconds % 60)).unwrap_or_default();
    html! {
        a.file href={ "/attached/" (file.number) } download=(name) data-testid="file" data-kind=(word(file.kind).to_lowercase()) {
            span.icon aria-hidden="true" { "↓" }
            span.file-text { strong { (name) } small { (length) (size(file.bytes)) } }
        }
    }
}

fn file_name(file: &StoredFile) -> String {
    let named = file.name.as_deref().filter(|name| !name.is_empty());
    named.map_or_else(|| word(file.kind).to_owned(), ToOwned::to_owned)
}

fn word(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Photo => "Photo",
        FileKind::Document => "Document",
        FileKind::Voice => "Voice message",
        FileKind::Audio => "Audio",
        FileKind::Video => "Video",
    }
}

/// A length for people, in the units of 1024 that clients show.
fn size(bytes: usize) -> String {
    let tenths = |unit: usize| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", tenths(1024)),
        _ => format!("{} MB", tenths(1_048_576)),
    }
}

/// What is attached, in a word or two for lists.
pub(super) fn label(message: &Message) -> Option<String> {
    match (&message.photo, &message.attached) {
        (Some(_), _) => Some("Photo".to_owned()),
        (None, Some(Attached::File(file))) => Some(file_name(file)),
        (None, Some(Attached::Location { .. })) => Some("Location".to_owned()),
        (None, Some(Attached::Contact { first_name, .. })) => Some(format!("Contact {first_name}")),
        (None, None) => None,
    }
}

/// What a group reports, as a sentence without its subject.
pub(super) fn report(service: &Service) -> String {
    match service {
        Service::Created => "made the group".to_owned(),
        Service::Added { name, .. } => format!("added {name}"),
        Service::Removed { name, .. } => format!("removed {name}"),
        Service::MigratedTo(_) | Service::MigratedFrom(_) => "upgraded the group to a supergroup".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        assert_eq!([0, 1023, 1536, 1_048_576, 5_400_000].map(size), ["0 B", "1023 B", "1.5 KB", "1.0 MB", "5.1 MB"]);
    }
}
