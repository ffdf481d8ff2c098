//! How keys and values become bytes. Keys sort as what they stand for; values carry their version in the first byte.

mod recipient;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{
    AccountId, AdminId, AttemptId, AuditId, BroadcastId, ChatId, DeliveryId, DocumentId, EndpointId, EventId, KeyId,
    LinkId, MessageId, PhotoId, SessionId, TelegramMessageId, UpdateId,
};
use crate::model::message::BUTTONS_MAX;
use crate::secret::Hash;

/// Something that names a row. The encoding keeps the order of the values.
pub trait Key: Sized {
    /// Appends the bytes.
    fn encode(&self, out: &mut Vec<u8>);
    /// Takes the bytes off the front; `None` when they are not of this shape.
    fn decode(input: &mut &[u8]) -> Option<Self>;

    /// The bytes alone.
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(40);
        self.encode(&mut out);
        out
    }
}

fn take<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = input.split_first_chunk::<N>()?;
    *input = rest;
    Some(*head)
}

impl Key for u8 {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        take::<1>(input).map(|[byte]| byte)
    }
}

impl Key for u32 {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        take(input).map(Self::from_be_bytes)
    }
}

impl Key for u64 {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        take(input).map(Self::from_be_bytes)
    }
}

/// Signed numbers sort by flipping the sign bit.
impl Key for i64 {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.cast_unsigned() ^ (1 << 63)).encode(out);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        u64::decode(input).map(|bits| (bits ^ (1 << 63)).cast_signed())
    }
}

macro_rules! wrapped {
    ($($name:ident),*) => {$(
        impl Key for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                self.0.encode(out);
            }
            fn decode(input: &mut &[u8]) -> Option<Self> {
                Key::decode(input).map($name)
            }
        }
    )*};
}
wrapped!(
    AccountId,
    AdminId,
    AttemptId,
    AuditId,
    BroadcastId,
    ChatId,
    DocumentId,
    EndpointId,
    EventId,
    KeyId,
    LinkId,
    MessageId,
    PhotoId,
    SessionId,
    TelegramMessageId,
    UpdateId,
    Timestamp
);

impl Key for DeliveryId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.message.encode(out);
        self.chat.encode(out);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        Some(Self { message: Key::decode(input)?, chat: Key::decode(input)? })
    }
}

impl Key for Hash {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.0);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        take(input).map(Self)
    }
}

/// Text that fills the rest of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tail(pub String);

impl Tail {
    /// The key with this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Key for Tail {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.0.as_bytes());
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(input).ok()?.to_owned();
        *input = &[];
        Some(Self(text))
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        Some((A::decode(input)?, B::decode(input)?))
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
        self.2.encode(out);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        Some((A::decode(input)?, B::decode(input)?, C::decode(input)?))
    }
}

/// Something stored under a key.
pub trait Value: Sized {
    /// The bytes of the newest version.
    fn encode(&self) -> Result<Vec<u8>, Undecodable>;
    /// Reads any version that was ever written.
    fn decode(bytes: &[u8]) -> Result<Self, Undecodable>;
}

/// Bytes of a row that this program does not understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored value is not of a known shape")]
pub struct Undecodable;

/// A struct stored as `version byte || postcard`.
pub trait Record: Serialize + DeserializeOwned {
    /// The version that is written today.
    const VERSION: u8 = 1;

    /// Brings an older version up to today's shape.
    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, Undecodable> {
        let _ = (version, bytes);
        Err(Undecodable)
    }
}

/// An older version's bytes with what was added since: postcard writes nothing, zero and an empty list as one zero byte.
fn grown<R: Record>(today: u8, version: u8, bytes: &[u8]) -> Result<R, Undecodable> {
    let added = today.checked_sub(version).filter(|_| version > 0).ok_or(Undecodable)?;
    let mut whole = bytes.to_vec();
    whole.resize(bytes.len() + usize::from(added), 0);
    postcard::from_bytes(&whole).map_err(|_| Undecodable)
}

impl<R: Record> Value for R {
    fn encode(&self) -> Result<Vec<u8>, Undecodable> {
        let mut out = Vec::with_capacity(128);
        out.push(R::VERSION);
        postcard::to_extend(self, out).map_err(|_| Undecodable)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        match bytes.split_first() {
            Some((version, rest)) if *version == R::VERSION => postcard::from_bytes(rest).map_err(|_| Undecodable),
            Some((version, rest)) => R::upgrade(*version, rest),
            None => Err(Undecodable),
        }
    }
}

impl Value for () {
    fn encode(&self) -> Result<Vec<u8>, Undecodable> {
        Ok(Vec::new())
    }
    fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        if bytes.is_empty() { Ok(()) } else { Err(Undecodable) }
    }
}

/// A kept count, as eight bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub u64);

/// Bytes that carry their own form: a record inside, or sealed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

/// An update that could not be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// When.
    pub at: Timestamp,
    /// What went wrong.
    pub reason: String,
    /// The update as it came, sealed.
    pub sealed: Vec<u8>,
}

impl Value for Count {
    fn encode(&self) -> Result<Vec<u8>, Undecodable> {
        Ok(self.0.to_be_bytes().to_vec())
    }
    fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        bytes.try_into().map(|bytes| Self(u64::from_be_bytes(bytes))).map_err(|_| Undecodable)
    }
}

impl Value for Blob {
    fn encode(&self) -> Result<Vec<u8>, Undecodable> {
        Ok(self.0.clone())
    }
    fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        Ok(Self(bytes.to_vec()))
    }
}

macro_rules! number_values {
    ($($name:ident),*) => {$(
        /// Stored as the same bytes as in keys.
        impl Value for $name {
            fn encode(&self) -> Result<Vec<u8>, Undecodable> {
                Ok(self.bytes())
            }
            fn decode(mut bytes: &[u8]) -> Result<Self, Undecodable> {
                Key::decode(&mut bytes).ok_or(Undecodable)
            }
        }
    )*};
}
number_values!(AccountId, LinkId, AdminId, KeyId, Timestamp, Hash);

macro_rules! records {
    ($($path:path),* $(,)?) => {$(impl Record for $path {})*};
}

/// Records that got one field more at their end in each version; in older rows those fields are empty or zero.
macro_rules! grown_records {
    ($($path:path: $version:literal),* $(,)?) => {$(
        impl Record for $path {
            const VERSION: u8 = $version;

            fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, Undecodable> {
                grown(Self::VERSION, version, bytes)
            }
        }
    )*};
}
grown_records!(
    crate::model::account::Account: 2,
    // Version 3 was never written: two fields came at once.
    crate::model::chat::Chat: 4,
    crate::model::delivery::Delivery: 2,
    // Version 2 was never written: two fields came at once.
    crate::model::link::Link: 3,
    crate::model::message::Message: 2,
    // Nor here.
    crate::model::settings::Saved: 3,
);
records!(
    crate::model::admin::Admin,
    crate::model::session::Bucket,
    crate::model::admin::SetupDraft,
    crate::model::admin::SetupTicket,
    crate::model::api_key::ApiKey,
    crate::model::broadcast::Broadcast,
    crate::model::connect::Secrets,
    crate::model::document::Document,
    crate::model::event::Audit,
    crate::model::event::Event,
    crate::model::member::Member,
    crate::model::photo::Photo,
    crate::model::repeat::Repeat,
    crate::model::settings::BotIdentity,
    crate::model::talk::Talk,
    crate::model::webhook::Attempt,
    crate::model::webhook::Endpoint,
    crate::model::webhook::Progress,
    crate::model::webhook::Waiting,
    SetAside,
);

impl<I: Serialize + DeserializeOwned> Record for crate::model::session::Session<I> {}
impl<I: Serialize + DeserializeOwned> Record for crate::model::session::Device<I> {}

/// Version 2 added the counts of answers: as many zero bytes as there are buttons.
impl Record for crate::model::broadcast::Figures {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, Undecodable> {
        if version != 1 {
            return Err(Undecodable);
        }
        let mut whole = bytes.to_vec();
        whole.resize(bytes.len() + BUTTONS_MAX, 0);
        postcard::from_bytes(&whole).map_err(|_| Undecodable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_values() {
        let ordered = [i64::MIN, -5, -1, 0, 1, 7, i64::MAX].map(|n| ChatId(n).bytes());
        assert!(ordered.is_sorted());
        assert!((1_u8, Tail::of("b")).bytes() < (1_u8, Tail::of("ba")).bytes());
    }

    #[test]
    fn keys_come_back_as_they_went_in() {
        let key = (3_u8, Timestamp(-4), DeliveryId { message: MessageId(9), chat: ChatId(-100) });
        let bytes = key.bytes();
        assert_eq!(Key::decode(&mut bytes.as_slice()), Some(key));
        assert_eq!(<(u8, Timestamp)>::decode(&mut [1_u8, 2].as_slice()), None);
    }

    #[test]
    fn a_value_of_an_unknown_version_is_refused() {
        let bucket = crate::model::session::Bucket { failures: 2, last: Timestamp(5) };
        let mut bytes = bucket.encode().unwrap();
        assert_eq!(Value::decode(&bytes), Ok(bucket));
        bytes[0] = 99;
        assert_eq!(crate::model::session::Bucket::decode(&bytes), Err(Undecodable));
    }
}
