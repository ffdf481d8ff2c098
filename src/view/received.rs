//! What a person sent besides words: a file that is fetched when somebody wants it, a place on a map, a contact.

use maud::{Markup, html};

use super::Href;
use super::document::Shown;
use crate::model::message::{Carried, Media, Sent};

/// The map on which a place is looked up.
const MAP: &str = "https://www.openstreetmap.org/";

/// What is carried; `file` is where a file is fetched.
#[must_use]
pub fn carried(carried: &Carried, media: Option<Media>, file: &Href) -> Markup {
    match carried {
        Carried::File(sent) => of_file(sent, media, file),
        Carried::Place(latitude, longitude) => {
            let map = Href::from(MAP).with("mlat", latitude).with("mlon", longitude);
            html! { p.bubble-document { a href=(map) rel="noreferrer nofollow" { (latitude) ", " (longitude) } span.sub { " on the map" } } }
        }
        Carried::Contact(name, phone) => html! {
            p.bubble-document { span dir="auto" { (name) } @if !phone.is_empty() { " " span.sub { (phone) } } }
        },
    }
}

fn of_file(sent: &Sent, media: Option<Media>, file: &Href) -> Markup {
    let word = media.map_or("file", Media::word);
    let name = sent.name.clone().unwrap_or_else(|| format!("A {word}"));
    let shown = Shown { name, size: sent.size };
    html! {
        (shown)
        @if media == Some(Media::Photo) {
            // Fetched only when it is opened: a picture that is not seen is not loaded.
            details.bubble-fetched {
                summary { "Show the photo" }
                img src=(file) alt="The photo that was sent" loading="lazy";
            }
        }
        p { a href=(file) { "Open" span.hidden { " " (shown.name) } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(what: &Carried, media: Media) -> String {
        carried(what, Some(media), &Href::from("/f")).into_string()
    }

    #[test]
    fn a_file_is_named_and_fetched_only_on_demand() {
        let sent = Sent { file: "secret".into(), name: Some("<a>.pdf".into()), mime: None, size: Some(2048) };
        let html = shown(&Carried::File(sent), Media::Document);
        assert!(html.contains("&lt;a&gt;.pdf") && html.contains("2 KB") && html.contains("href=\"/f\""));
        assert!(!html.contains("secret") && !html.contains("<img"));
        let html = shown(&Carried::File(Sent::default()), Media::Photo);
        assert!(html.contains("<details") && html.contains("loading=\"lazy\"") && html.contains("A photo"));
    }

    #[test]
    fn places_lead_to_a_map_and_contacts_are_words() {
        let html = shown(&Carried::Place("52.5".into(), "-13".into()), Media::Location);
        assert!(html.contains("https://www.openstreetmap.org/?mlat=52.5&amp;mlon=-13"), "{html}");
        let html = shown(&Carried::Contact("<Ben>".into(), "+44".into()), Media::Contact);
        assert!(html.contains("&lt;Ben&gt;") && html.contains("+44"));
    }
}
