//! A picture that messages carry: uploaded to Telegram once, then named by Telegram's number of it.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::UserId;

/// The largest picture that Telegram takes (Bot API, "Sending files"), in bytes.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// The longest caption, in UTF-16 code units after the markup is taken out (Bot API, `sendPhoto`).
pub const CAPTION_LIMIT: usize = 1024;

/// How the bytes of a picture are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mime {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
}

impl Mime {
    /// The media type (RFC 6838).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// One picture; its bytes stand beside it, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// How to read the bytes.
    pub mime: Mime,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In bytes.
    pub size: u32,
    /// Telegram's number of the file, and the bot it is good for (`file_id` is of one bot only).
    pub file: Option<(UserId, String)>,
    /// Messages and broadcasts that carry it; the last one takes it away.
    pub uses: u32,
    /// When it was uploaded.
    pub created: Timestamp,
}

impl Photo {
    /// What the bytes are sealed for.
    pub const PURPOSE: &'static str = "photo.bytes";

    /// Telegram's number of the file, where this bot may use it; without one the bytes have to be uploaded.
    #[must_use]
    pub fn file_of(&self, bot: UserId) -> Option<&str> {
        self.file.as_ref().filter(|(owner, _)| *owner == bot).map(|(_, file)| file.as_str())
    }
}
