//! Attachments as forms and JSON describe them: one kind, and whatever fields that kind needs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::attachments::Attachment;

/// Something to attach, before it is known to make sense.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Order {
    /// `photo`, `document`, `voice`, `audio`, `video`, `location` or `contact`.
    pub(super) kind: String,
    /// Who attaches it, in a group.
    pub(super) by: i64,
    /// The message it answers.
    pub(super) reply_to: Option<i64>,
    #[serde(deserialize_with = "from_base64")]
    pub(super) file: Vec<u8>,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) caption: String,
    pub(super) duration: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) phone_number: String,
    pub(super) first_name: String,
    pub(super) user_id: Option<i64>,
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64.decode(text).map_err(|_| D::Error::custom("file: base64 is needed"))
}

impl Order {
    /// What is attached; `None` when there is no such kind.
    pub(super) fn attachment(self) -> Option<Attachment> {
        let Self { file: bytes, name, mime, caption, duration, width, height, .. } = self;
        Some(match self.kind.as_str() {
            "photo" => Attachment::Photo { bytes, caption },
            "document" => Attachment::Document { name, mime, bytes, caption },
            "voice" => Attachment::Voice { bytes, duration, caption },
            "audio" => Attachment::Audio { name, mime, bytes, duration, caption },
            "video" => Attachment::Video { name, mime, bytes, duration, width, height, caption },
            "location" => Attachment::Location { latitude: self.latitude, longitude: self.longitude },
            "contact" => Attachment::Contact {
                phone_number: self.phone_number,
                first_name: self.first_name,
                user_id: self.user_id,
            },
            _ => return None,
        })
    }
}
