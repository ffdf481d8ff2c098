//! The Bot API's objects as JSON, with all the fields its description requires.

use serde::Serialize;

use super::entities::Entity;
use super::files::{FileKind, StoredFile};
use super::groups::{GroupChat, Membership};
use super::keyboard::Keyboard;
use super::messages::{Attached, Message, Service};
use super::people::{Chat, Person};
use super::photos::{self, Size};
use super::rooms::Room;
use super::world::World;
use crate::clock::Timestamp;

/// Who Telegram says writes in the name of a supergroup.
const ANONYMOUS: User<'_> =
    User::Bot { id: 1_087_968_824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" };

#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
enum User<'a> {
    Person(&'a Person),
    Bot { id: i64, is_bot: bool, first_name: &'a str, username: &'a str },
}

#[derive(Serialize)]
struct ChatShape<'a> {
    id: i64,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
}

#[derive(Serialize)]
struct MessageShape<'a> {
    message_id: i64,
    from: User<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_chat: Option<ChatShape<'a>>,
    chat: ChatShape<'a>,
    date: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    edit_date: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to_message: Option<Box<MessageShape<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_protected_content: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Entity]>::is_empty")]
    entities: &'a [Entity],
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Option<Vec<Size>>,
    #[serde(flatten)]
    attached: Option<AttachedShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Entity]>::is_empty")]
    caption_entities: &'a [Entity],
    #[serde(flatten)]
    service: Option<ServiceShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_preview_options: Option<Preview>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<&'a Keyboard>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum AttachedShape<'a> {
    Document(FileShape<'a>),
    Voice(FileShape<'a>),
    Audio(FileShape<'a>),
    Video(FileShape<'a>),
    Location { latitude: f64, longitude: f64 },
    Contact(ContactShape<'a>),
}

#[derive(Serialize)]
struct FileShape<'a> {
    file_id: String,
    file_unique_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<&'a str>,
    mime_type: &'a str,
    file_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
}

#[derive(Serialize)]
struct ContactShape<'a> {
    phone_number: &'a str,
    first_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ServiceShape<'a> {
    GroupChatCreated(bool),
    NewChatMembers([User<'a>; 1]),
    LeftChatMember(User<'a>),
    MigrateToChatId(i64),
    MigrateFromChatId(i64),
}

#[derive(Serialize)]
struct Preview {
    is_disabled: bool,
}

#[derive(Serialize)]
struct MemberChange<'a> {
    chat: ChatShape<'a>,
    from: User<'a>,
    date: i64,
    old_chat_member: MemberShape<'a>,
    new_chat_member: MemberShape<'a>,
}

/// How somebody stands in a chat (Bot API, `ChatMember`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// Made the group.
    Creator,
    /// Is in it.
    In,
    /// Is not in it.
    Left,
    /// Was removed, or blocked the bot.
    Kicked,
}

#[derive(Serialize)]
struct MemberShape<'a> {
    status: &'static str,
    user: User<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_anonymous: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_date: Option<i64>,
}

impl Member {
    fn shape(self, user: User<'_>) -> MemberShape<'_> {
        let status = match self {
            Self::Creator => "creator",
            Self::In => "member",
            Self::Left => "left",
            Self::Kicked => "kicked",
        };
        let (anonymous, kicked) = (self == Self::Creator, self == Self::Kicked);
        MemberShape { status, user, is_anonymous: anonymous.then_some(false), until_date: kicked.then_some(0) }
    }
}

#[derive(Serialize)]
struct Query<'a> {
    id: &'a str,
    from: User<'a>,
    message: MessageShape<'a>,
    chat_instance: String,
    data: &'a str,
}

fn bot(world: &World) -> User<'_> {
    User::Bot { id: world.bot.id, is_bot: true, first_name: world.profile.name(), username: &world.bot.username }
}

fn user(world: &World, id: i64) -> Option<User<'_>> {
    if id == world.bot.id { Some(bot(world)) } else { world.chats.get(&id).map(|chat| User::Person(&chat.person)) }
}

fn chat(world: &World, id: i64) -> Option<ChatShape<'_>> {
    if let Some(group) = world.groups.get(&id) {
        let title = Some(group.title.as_str());
        return Some(ChatShape { id, r#type: group.kind(), title, first_name: None, last_name: None, username: None });
    }
    let person = &world.chats.get(&id)?.person;
    Some(ChatShape {
        id,
        r#type: "private",
        title: None,
        first_name: Some(&person.first_name),
        last_name: person.last_name.as_deref(),
        username: person.username.as_deref(),
    })
}

fn shape<'a>(world: &'a World, of: i64, message: &'a Message, room: Option<&'a Room>) -> Option<MessageShape<'a>> {
    let answered = message.reply_to.and_then(|id| room?.find(id));
    let anonymous = matches!(message.service, Some(Service::MigratedFrom(_)));
    let captioned = message.has_caption();
    let plain = !captioned && message.attached.is_none() && message.service.is_none();
    Some(MessageShape {
        message_id: message.id,
        from: if anonymous { ANONYMOUS } else { user(world, message.from)? },
        sender_chat: if anonymous { chat(world, of) } else { None },
        chat: chat(world, of)?,
        date: message.at.seconds(),
        edit_date: message.edited.map(Timestamp::seconds),
        reply_to_message: answered.and_then(|reply| shape(world, of, reply, None)).map(Box::new),
        has_protected_content: message.manner.protected.then_some(true),
        text: plain.then_some(message.text.as_str()),
        entities: if plain { &message.entities } else { &[] },
        photo: message.photo.map(|photo| photos::sizes(&world.files, photo)),
        attached: message.attached.as_ref().map(|attached| attachment(world, attached)),
        caption: Some(message.text.as_str()).filter(|text| captioned && !text.is_empty()),
        caption_entities: if captioned { &message.entities } else { &[] },
        service: message.service.as_ref().and_then(|service| report(world, service)),
        link_preview_options: message.manner.no_preview.then_some(Preview { is_disabled: true }),
        reply_markup: message.keyboard.as_ref(),
    })
}

fn attachment<'a>(world: &World, attached: &'a Attached) -> AttachedShape<'a> {
    match attached {
        Attached::File(stored) => match stored.kind {
            FileKind::Photo | FileKind::Document => AttachedShape::Document(file(world, stored)),
            FileKind::Voice => AttachedShape::Voice(file(world, stored)),
            FileKind::Audio => AttachedShape::Audio(file(world, stored)),
            FileKind::Video => AttachedShape::Video(file(world, stored)),
        },
        Attached::Location { latitude, longitude } => {
            AttachedShape::Location { latitude: *latitude, longitude: *longitude }
        }
        Attached::Contact { phone_number, first_name, user_id } => {
            AttachedShape::Contact(ContactShape { phone_number, first_name, user_id: *user_id })
        }
    }
}

fn file<'a>(world: &World, stored: &'a StoredFile) -> FileShape<'a> {
    let (file_id, file_unique_id) = world.files.identifiers(stored, None);
    let StoredFile { duration, width, height, .. } = *stored;
    let (file_name, mime_type) = (stored.name.as_deref(), stored.mime.as_str());
    FileShape { file_id, file_unique_id, file_name, mime_type, file_size: stored.bytes, duration, width, height }
}

fn report<'a>(world: &'a World, service: &Service) -> Option<ServiceShape<'a>> {
    Some(match service {
        Service::Created => ServiceShape::GroupChatCreated(true),
        Service::Added { id, .. } => ServiceShape::NewChatMembers([user(world, *id)?]),
        Service::Removed { id, .. } => ServiceShape::LeftChatMember(user(world, *id)?),
        Service::MigratedTo(id) => ServiceShape::MigrateToChatId(*id),
        Service::MigratedFrom(id) => ServiceShape::MigrateFromChatId(*id),
    })
}

fn write(value: &impl Serialize) -> String {
    // Plain structs with text keys always serialise.
    serde_json::to_string(value).unwrap_or_default()
}

/// A `Message` that lies in a chat.
pub(super) fn message(world: &World, of: i64, id: i64) -> Option<String> {
    let room = world.room(of)?;
    shape(world, of, room.find(id)?, Some(room)).map(|shape| write(&shape))
}

/// A `CallbackQuery` of a person. `chat_instance` only has to be the same for the same chat.
pub(super) fn query(world: &World, of: i64, by: i64, under: i64, id: &str, data: &str) -> Option<String> {
    let chat_instance = format!("-{}", of.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1);
    let room = world.room(of)?;
    let message = shape(world, of, room.find(under)?, Some(room))?;
    Some(write(&Query { id, from: user(world, by)?, message, chat_instance, data }))
}

/// A `ChatMemberUpdated`: a person changed how the bot stands in a chat.
pub(super) fn member_change(
    world: &World,
    of: i64,
    by: i64,
    date: i64,
    (old, new): (Member, Member),
) -> Option<String> {
    let (old_chat_member, new_chat_member) = (old.shape(bot(world)), new.shape(bot(world)));
    let (chat, from) = (chat(world, of)?, user(world, by)?);
    Some(write(&MemberChange { chat, from, date, old_chat_member, new_chat_member }))
}

/// The bot as `getMe` shows it.
pub(super) fn me(world: &World) -> String {
    serde_json::json!({
        "id": world.bot.id, "is_bot": true, "first_name": world.profile.name(), "username": world.bot.username,
        "can_join_groups": true, "can_read_all_group_messages": false, "supports_guest_queries": false,
        "supports_inline_queries": false, "can_connect_to_business": false, "has_main_web_app": false,
        "has_topics_enabled": false, "allows_users_to_create_topics": false, "can_manage_bots": false,
        "supports_join_request_queries": false
    })
    .to_string()
}

/// What every `ChatFullInfo` has.
fn full(id: i64, kind: &str) -> serde_json::Value {
    serde_json::json!({
        "id": id, "type": kind, "accent_color_id": 3, "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true, "premium_subscription": true,
            "gifts_from_channels": true
        }
    })
}

/// A `ChatFullInfo` of a private chat.
pub(super) fn full_chat(person: &Person) -> String {
    let mut info = full(person.id, "private");
    if let Some(info) = info.as_object_mut() {
        info.insert("first_name".to_owned(), person.first_name.as_str().into());
        for (name, value) in [("last_name", &person.last_name), ("username", &person.username)] {
            if let Some(value) = value {
                info.insert(name.to_owned(), value.as_str().into());
            }
        }
        if let Some(username) = &person.username {
            info.insert("active_usernames".to_owned(), serde_json::json!([username]));
        }
    }
    info.to_string()
}

/// A `ChatFullInfo` of a group.
pub(super) fn full_group(group: &GroupChat) -> String {
    let mut info = full(group.id, group.kind());
    if let Some(info) = info.as_object_mut() {
        info.insert("title".to_owned(), group.title.as_str().into());
        info.insert("permissions".to_owned(), serde_json::json!({ "can_send_messages": true }));
    }
    info.to_string()
}

/// A `ChatMember`: the bot or the person in their private chat.
pub(super) fn member(world: &World, of: &Chat, id: i64) -> Option<String> {
    let known = id == world.bot.id || id == of.person.id;
    let user = user(world, id).filter(|_| known)?;
    Some(write(&Member::In.shape(user)))
}

/// A `ChatMember` of a group.
pub(super) fn group_member(world: &World, of: &GroupChat, id: i64) -> Option<String> {
    let bot = id == world.bot.id;
    let standing = if id == of.creator {
        Member::Creator
    } else if of.members.contains(&id) || (bot && of.bot == Membership::Member) {
        Member::In
    } else if bot && of.bot == Membership::Kicked {
        Member::Kicked
    } else {
        Member::Left
    };
    user(world, id).map(|user| write(&standing.shape(user)))
}
