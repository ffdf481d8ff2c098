//! The Bot API's objects as JSON, with all the fields its description requires.

use serde::Serialize;

use super::entities::Entity;
use super::keyboard::Keyboard;
use super::people::{Author, Chat, Message, Person};
use super::photos::Size;
use super::world::World;
use crate::clock::Timestamp;

#[derive(Serialize)]
#[serde(untagged)]
enum User<'a> {
    Person(&'a Person),
    Bot { id: i64, is_bot: bool, first_name: &'a str, username: &'a str },
}

#[derive(Serialize)]
struct ChatShape<'a> {
    id: i64,
    r#type: &'static str,
    first_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
}

#[derive(Serialize)]
struct MessageShape<'a> {
    message_id: i64,
    from: User<'a>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Entity]>::is_empty")]
    caption_entities: &'a [Entity],
    #[serde(skip_serializing_if = "Option::is_none")]
    link_preview_options: Option<Preview>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<&'a Keyboard>,
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
    old_chat_member: Member<'a>,
    new_chat_member: Member<'a>,
}

#[derive(Serialize)]
struct Member<'a> {
    status: &'static str,
    user: User<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_date: Option<i64>,
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

fn chat(person: &Person) -> ChatShape<'_> {
    ChatShape {
        id: person.id,
        r#type: "private",
        first_name: &person.first_name,
        last_name: person.last_name.as_deref(),
        username: person.username.as_deref(),
    }
}

fn shape<'a>(world: &'a World, of: &'a Chat, message: &'a Message, with_reply: bool) -> MessageShape<'a> {
    let answered = message.reply_to.filter(|_| with_reply).and_then(|id| of.find(id));
    MessageShape {
        message_id: message.id,
        from: match message.author {
            Author::Bot => bot(world),
            Author::Person => User::Person(&of.person),
        },
        chat: chat(&of.person),
        date: message.at.seconds(),
        edit_date: message.edited.map(Timestamp::seconds),
        reply_to_message: answered.map(|reply| Box::new(shape(world, of, reply, false))),
        has_protected_content: message.manner.protected.then_some(true),
        text: message.photo.is_none().then_some(message.text.as_str()),
        entities: if message.photo.is_none() { &message.entities } else { &[] },
        photo: message.photo.map(|photo| world.photos.sizes(photo)),
        caption: Some(message.text.as_str()).filter(|text| message.photo.is_some() && !text.is_empty()),
        caption_entities: if message.photo.is_some() { &message.entities } else { &[] },
        link_preview_options: message.manner.no_preview.then_some(Preview { is_disabled: true }),
        reply_markup: message.keyboard.as_ref(),
    }
}

fn write(value: &impl Serialize) -> String {
    // Plain structs with text keys always serialise.
    serde_json::to_string(value).unwrap_or_default()
}

/// A `Message`.
pub(super) fn message(world: &World, of: &Chat, message: &Message) -> String {
    write(&shape(world, of, message, true))
}

/// A `CallbackQuery`. `chat_instance` only has to be the same for the same chat.
pub(super) fn query(world: &World, of: &Chat, under: &Message, id: &str, data: &str) -> String {
    let chat_instance = format!("-{}", of.person.id.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1);
    write(&Query { id, from: User::Person(&of.person), message: shape(world, of, under, true), chat_instance, data })
}

/// A `ChatMemberUpdated`: the person blocked the bot, or unblocked it.
pub(super) fn member_change(world: &World, of: &Chat, date: i64, blocked: bool) -> String {
    let member = |kicked: bool| Member {
        status: if kicked { "kicked" } else { "member" },
        user: bot(world),
        until_date: kicked.then_some(0),
    };
    write(&MemberChange {
        chat: chat(&of.person),
        from: User::Person(&of.person),
        date,
        old_chat_member: member(!blocked),
        new_chat_member: member(blocked),
    })
}

/// The bot as `getMe` shows it.
pub(super) fn me(world: &World) -> String {
    serde_json::json!({
        "id": world.bot.id, "is_bot": true, "first_name": world.profile.name(), "username": world.bot.username,
        "can_join_groups": false, "can_read_all_group_messages": false, "supports_guest_queries": false,
        "supports_inline_queries": false, "can_connect_to_business": false, "has_main_web_app": false,
        "has_topics_enabled": false, "allows_users_to_create_topics": false, "can_manage_bots": false,
        "supports_join_request_queries": false
    })
    .to_string()
}

/// A `ChatFullInfo`.
pub(super) fn full_chat(person: &Person) -> String {
    let mut info = serde_json::json!({
        "id": person.id, "type": "private", "first_name": person.first_name,
        "accent_color_id": 3, "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true, "premium_subscription": true,
            "gifts_from_channels": true
        }
    });
    if let Some(info) = info.as_object_mut() {
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

/// A `ChatMember`: the bot or the person in their private chat.
pub(super) fn member(world: &World, of: &Chat, user: i64) -> Option<String> {
    let user = if user == world.bot.id {
        bot(world)
    } else if user == of.person.id {
        User::Person(&of.person)
    } else {
        return None;
    };
    Some(write(&Member { status: "member", user, until_date: None }))
}
