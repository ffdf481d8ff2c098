//! Every table of the data file, named key to value. Numbers are big-endian, so that ranges follow their order.

use std::marker::PhantomData;

use crate::clock::Timestamp;
use crate::ids::{
    AccountId, AdminId, AttemptId, AuditId, BroadcastId, ChatId, DeliveryId, DocumentId, EndpointId, EventId, KeyId,
    LinkId, MessageId, PhotoId, SessionId, UpdateId,
};
use crate::model::account::Account;
use crate::model::admin::Admin;
use crate::model::api_key::ApiKey;
use crate::model::broadcast::{Broadcast, Figures};
use crate::model::chat::Chat;
use crate::model::delivery::Delivery;
use crate::model::document::Document;
use crate::model::event::{Audit, Event};
use crate::model::link::Link;
use crate::model::member::Member;
use crate::model::message::Message;
use crate::model::photo::Photo;
use crate::model::recipient::Recipient;
use crate::model::repeat::Repeat;
use crate::model::session::{Bucket, Device, Session};
use crate::model::talk::Talk;
use crate::model::webhook::{Attempt, Endpoint, Progress, Waiting};
use crate::secret::Hash;
use crate::store::codec::{Blob, Count, SetAside, Tail};

/// A table: its place in [`NAMES`], its key and its value.
pub struct Table<K, V> {
    pub(super) place: usize,
    types: PhantomData<fn(K) -> V>,
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Table<K, V> {}

#[cfg(test)]
impl<K, V> Table<K, V> {
    /// The same rows as bytes, so that a test can damage one.
    pub(super) fn raw(self) -> Table<K, Blob> {
        Table { place: self.place, types: PhantomData }
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $constant:ident: $key:ty => $value:ty;)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the variants are named as the tables")]
        enum Place { $($constant),* }
        $(
            $(#[$doc])*
            pub const $constant: Table<$key, $value> = Table { place: Place::$constant as usize, types: PhantomData };
        )*
        /// The tables' names in the file.
        pub const NAMES: &[&str] = &[$(stringify!($constant)),*];
    };
}

tables! {
    /// Single values, by name: schema, settings, the bot, sequences.
    META: Tail => Blob;
    /// Kept counts, by counter.
    COUNTS: Tail => Count;
    /// Accounts.
    ACCOUNTS: AccountId => Account;
    /// Account by username.
    ACCOUNT_BY_NAME: Tail => AccountId;
    /// Accounts by listed state, then username.
    ACCOUNTS_BY_STATE: (u8, Tail) => AccountId;
    /// Accounts by tag, a zero byte, then username.
    ACCOUNTS_BY_TAG: Tail => AccountId;
    /// Accounts that are gone and still have messages to be removed.
    LEFTOVERS: AccountId => ();
    /// Links.
    LINKS: LinkId => Link;
    /// Link by the hash of its code.
    LINK_BY_HASH: Hash => LinkId;
    /// Links by account.
    LINKS_BY_ACCOUNT: (AccountId, LinkId) => ();
    /// Links by the admin whose own chat they bind.
    LINKS_BY_ADMIN: (AdminId, LinkId) => ();
    /// Links by stored state, then the moment they lapse (open, held) or ended (used, expired, revoked).
    LINKS_BY_STATE: (u8, Timestamp, LinkId) => ();
    /// Chats the bot knows.
    CHATS: ChatId => Chat;
    /// Chats by the account they are bound to.
    CHATS_BY_ACCOUNT: (AccountId, ChatId) => ();
    /// Chats of admins.
    CHATS_BY_ADMIN: (AdminId, ChatId) => ();
    /// Messages, in and out.
    MESSAGES: MessageId => Message;
    /// Messages by the account whose conversation they belong to; those of nobody stand under account 0.
    CONVERSATIONS: (AccountId, MessageId) => ();
    /// How the team stands to a conversation, by its account.
    TALKS: AccountId => Talk;
    /// Conversations by list, then the moment their people wrote last.
    TALKS_BY_LIST: (u8, Timestamp, AccountId) => ();
    /// Open conversations by the admin who cares for them, then the same moment.
    TALKS_BY_ADMIN: (AdminId, Timestamp, AccountId) => ();
    /// Deliveries: a message's deliveries stand together.
    DELIVERIES: DeliveryId => Delivery;
    /// Deliveries that are queued or being sent, by lane and the moment they are due.
    DUE: (u8, Timestamp, DeliveryId) => ();
    /// The same by chat, answers left out: what an unbinding cancels.
    PENDING_BY_CHAT: (ChatId, DeliveryId) => ();
    /// Broadcasts.
    BROADCASTS: BroadcastId => Broadcast;
    /// Broadcasts by status.
    BROADCASTS_BY_STATE: (u8, BroadcastId) => ();
    /// What broadcasts say, sealed.
    BROADCAST_BODIES: BroadcastId => Blob;
    /// How far broadcasts are; one row, because it is written with every handful of recipients.
    FIGURES: BroadcastId => Figures;
    /// The frozen audience of a broadcast: one row for each chat, in the order of their accounts.
    RECIPIENTS: (BroadcastId, u32) => Recipient;
    /// Recipients that wait again, or are being sent again: by the moment they are due.
    RETURNED: (BroadcastId, Timestamp, u32) => ();
    /// Recipients that did not get it, by standing.
    OUTCOMES: (BroadcastId, u8, u32) => ();
    /// Pictures that messages carry.
    PHOTOS: PhotoId => Photo;
    /// Their bytes, sealed.
    PHOTO_BYTES: PhotoId => Blob;
    /// Files of any kind that messages carry.
    DOCUMENTS: DocumentId => Document;
    /// Their pieces in order, sealed.
    DOCUMENT_PIECES: (DocumentId, u32) => Blob;
    /// Documents that are gone and still have pieces to be removed.
    DOCUMENT_LEFTOVERS: DocumentId => ();
    /// Updates that could not be worked on, for a person to look at.
    SET_ASIDE: UpdateId => SetAside;
    /// Events for the website.
    EVENTS: EventId => Event;
    /// Webhook endpoints.
    ENDPOINTS: EndpointId => Endpoint;
    /// How far each of them is in the events.
    PROGRESS: EndpointId => Progress;
    /// Events that an endpoint gets later, by account; those of nobody stand under account 0.
    WAITING: (EndpointId, AccountId, EventId) => Waiting;
    /// The next of them for each account, by the moment it may be tried.
    WAITING_DUE: ((EndpointId, Timestamp), (AccountId, EventId)) => ();
    /// What came of attempts.
    ATTEMPTS: (EndpointId, AttemptId) => Attempt;
    /// Who did what.
    AUDIT: AuditId => Audit;
    /// Admins.
    ADMINS: AdminId => Admin;
    /// Admin by folded name.
    ADMIN_BY_NAME: Tail => AdminId;
    /// Sessions by the hash of the cookie's secret.
    SESSIONS: Hash => Session;
    /// Sessions by admin.
    SESSIONS_BY_ADMIN: (AdminId, SessionId) => Hash;
    /// Browsers that signed in before, by the hash of the cookie's secret.
    DEVICES: Hash => Device;
    /// People of accounts who may come into the portal.
    MEMBERS: AccountId => Member;
    /// Their sessions by the hash of the cookie's secret.
    MEMBER_SESSIONS: Hash => Session<AccountId>;
    /// Their sessions by account.
    MEMBER_SESSIONS_BY_ACCOUNT: (AccountId, SessionId) => Hash;
    /// Browsers that signed in to the portal before, by the hash of the cookie's secret.
    MEMBER_DEVICES: Hash => Device<AccountId>;
    /// The same by account.
    MEMBER_DEVICES_BY_ACCOUNT: (AccountId, Hash) => ();
    /// Throttling buckets, by name.
    BUCKETS: Tail => Bucket;
    /// Keys of the HTTP API.
    API_KEYS: KeyId => ApiKey;
    /// Key by the hash of its secret.
    KEY_BY_HASH: Hash => KeyId;
    /// Answers that are given again, by key and the hash of the name that its holder chose.
    REPEATS: (KeyId, Hash) => Repeat;
    /// The same by the moment they were given first.
    REPEATS_BY_TIME: (Timestamp, KeyId, Hash) => ();
    /// The bot's texts that were changed, by language, a slash, and key.
    TEXTS: Tail => Blob;
    /// Daily figures, by metric and day since 1970.
    DAILY: (u8, u32) => Count;
}
