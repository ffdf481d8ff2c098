//! What an incoming message carries, detail by detail. Whatever is missing or not as documented is simply absent: no detail is
//! worth losing a message for.

use serde_json::Value;

use super::types::MediaKind;
use crate::model::document::{clean_mime, clean_name};
use crate::model::message::{Carried, Sent};

/// Bytes of a `file_id` that are believed.
const FILE_ID_MAX: usize = 1024;
/// Characters of a contact's name or number.
const CONTACT_MAX: usize = 128;

/// What stands in the field of this kind, which is JSON.
pub(super) fn carried(kind: MediaKind, json: &str) -> Option<Carried> {
    of(kind, &serde_json::from_str(json).ok()?)
}

fn of(kind: MediaKind, field: &Value) -> Option<Carried> {
    match kind {
        MediaKind::Photo => largest(field).and_then(|size| file(size, Some("image/jpeg"))),
        MediaKind::Animation
        | MediaKind::Audio
        | MediaKind::Document
        | MediaKind::Sticker
        | MediaKind::Video
        | MediaKind::VideoNote
        | MediaKind::Voice => file(field, None),
        MediaKind::Location => place(field),
        MediaKind::Venue => place(field.get("location")?),
        MediaKind::Contact => contact(field),
        MediaKind::Dice | MediaKind::Poll | MediaKind::Story => None,
    }
}

/// The largest of a photo's sizes (Bot API, `Message.photo`).
fn largest(sizes: &Value) -> Option<&Value> {
    let side = |size: &Value, name| size.get(name).and_then(Value::as_u64).unwrap_or(0);
    sizes.as_array()?.iter().max_by_key(|size| side(size, "width").saturating_mul(side(size, "height")))
}

/// Anything with a `file_id`.
fn file(field: &Value, mime: Option<&str>) -> Option<Carried> {
    let text = |name| field.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let file = text("file_id").filter(|id| id.len() <= FILE_ID_MAX)?.to_owned();
    let size = field.get("file_size").and_then(Value::as_u64);
    Some(Carried::File(Sent {
        file,
        name: text("file_name").map(clean_name),
        mime: text("mime_type").or(mime).map(clean_mime),
        size,
    }))
}

fn place(field: &Value) -> Option<Carried> {
    let degrees = |name, most: f64| {
        let value = field.get(name)?;
        value.as_f64().filter(|degrees| degrees.abs() <= most).map(|_| value.to_string())
    };
    Some(Carried::Place(degrees("latitude", 90.0)?, degrees("longitude", 180.0)?))
}

fn contact(field: &Value) -> Option<Carried> {
    let text = |name| -> String {
        let text = field.get(name).and_then(Value::as_str).unwrap_or_default();
        text.chars().filter(|letter| !letter.is_control()).take(CONTACT_MAX).collect()
    };
    let name = [text("first_name"), text("last_name")].join(" ");
    let (name, phone) = (name.trim().to_owned(), text("phone_number"));
    (!name.is_empty() || !phone.is_empty()).then_some(Carried::Contact(name, phone))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_largest_size_of_a_photo_is_the_file() {
        let sizes = json!([
            { "file_id": "s", "width": 90, "height": 60, "file_size": 900 },
            { "file_id": "l", "width": 900, "height": 600, "file_size": 90_000 },
            { "file_id": "m", "width": 300 },
        ]);
        let sent = Sent { file: "l".into(), name: None, mime: Some("image/jpeg".into()), size: Some(90_000) };
        assert_eq!(of(MediaKind::Photo, &sizes), Some(Carried::File(sent)));
        assert_eq!(of(MediaKind::Photo, &json!([])), None);
        assert_eq!(of(MediaKind::Photo, &json!("odd")), None);
    }

    #[test]
    fn a_file_has_what_is_told_of_it_cleaned() {
        let field = json!({ "file_id": "d", "file_name": "../a\n.pdf", "mime_type": "x", "file_size": 7 });
        let sent = Sent {
            file: "d".into(),
            name: Some("a.pdf".into()),
            mime: Some("application/octet-stream".into()),
            size: Some(7),
        };
        assert_eq!(of(MediaKind::Document, &field), Some(Carried::File(sent)));
        let bare = Sent { file: "v".into(), ..Sent::default() };
        let odd = json!({ "file_id": "v", "file_name": 7, "mime_type": null, "file_size": "many" });
        assert_eq!(of(MediaKind::Voice, &odd), Some(Carried::File(bare)));
        for none in [json!({}), json!({ "file_id": "" }), json!({ "file_id": 7 }), json!(null)] {
            assert_eq!(of(MediaKind::Video, &none), None);
        }
    }

    #[test]
    fn places_and_contacts_are_taken_when_they_make_sense() {
        let place = json!({ "latitude": 52.5, "longitude": -13 });
        let found = Some(Carried::Place("52.5".into(), "-13".into()));
        assert_eq!(of(MediaKind::Location, &place), found);
        assert_eq!(of(MediaKind::Venue, &json!({ "location": place, "title": "x" })), found);
        assert_eq!(of(MediaKind::Location, &json!({ "latitude": 91, "longitude": 0 })), None);
        assert_eq!(of(MediaKind::Location, &json!({ "latitude": "1", "longitude": 0 })), None);
        assert_eq!(carried(MediaKind::Location, "{\"latitude\": 1e999, \"longitude\": 1}"), None, "no number");
        let contact = json!({ "first_name": "Ada", "phone_number": "+44\u{7} 1" });
        assert_eq!(of(MediaKind::Contact, &contact), Some(Carried::Contact("Ada".into(), "+44 1".into())));
        assert_eq!(of(MediaKind::Contact, &json!({})), None);
    }
}
