//! The methods that write into chats: sendMessage, its edits and deletions, and the answer to a pressed button.

use std::time::Duration;

use super::arrivals::Arrival;
use super::entities::{self, Entity, units};
use super::html;
use super::keyboard::{self, Keyboard};
use super::params::Params;
use super::people::{Author, Chat, Manner, Message, Standing, Toast};
use super::photos::Photo;
use super::refusal::Refusal;
use super::shapes;
use super::world::{Moment, World};

/// A text parameter with its rules.
struct Rules {
    name: &'static str,
    entities: &'static str,
    /// After entities are parsed, in UTF-16 units.
    longest: usize,
    too_long: &'static str,
    may_be_empty: bool,
}

const TEXT: Rules =
    Rules { name: "text", entities: "entities", longest: 4096, too_long: "message is too long", may_be_empty: false };
const CAPTION: Rules = Rules {
    name: "caption",
    entities: "caption_entities",
    longest: 1024,
    too_long: "message caption is too long",
    may_be_empty: true,
};
/// How long a press of a button can be answered.
const QUERY_LIVES: Duration = Duration::from_mins(1);
/// How old a message may be that the bot deletes.
const DELETABLE: Duration = Duration::from_hours(48);

/// A text with its formatting, ready to be kept.
struct Content {
    text: String,
    entities: Vec<Entity>,
}

fn content(params: &Params, rules: &Rules) -> Result<Content, Refusal> {
    let raw: String = params
        .text(rules.name)
        .chars()
        .filter(|c| *c != '\r')
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect();
    let mode = params.text("parse_mode").to_ascii_lowercase();
    let (text, found) = match mode.as_str() {
        "" => {
            let given = params.find(rules.entities).map(|json| entities::parse(json, &raw)).transpose();
            let given = given.map_err(|why| Refusal::bad(&why))?.unwrap_or_default();
            (raw, given)
        }
        "html" => html::parse(&raw).map_err(|why| Refusal::bad(&format!("can't parse entities: {why}")))?,
        "markdown" | "markdownv2" => return Err(Refusal::bad("the sandbox reads parse_mode HTML only")),
        _ => return Err(Refusal::bad("unsupported parse_mode")),
    };
    let (text, found) = entities::trim(&text, found);
    if text.is_empty() && !rules.may_be_empty {
        let why = if mode.is_empty() || params.text(rules.name).is_empty() {
            "message text is empty"
        } else {
            "text must be non-empty"
        };
        return Err(Refusal::bad(why));
    }
    if units(&text) > rules.longest {
        return Err(Refusal::bad(rules.too_long));
    }
    let entities = entities::detect(&text, found);
    Ok(Content { text, entities })
}

fn markup(params: &Params) -> Result<Option<Keyboard>, Refusal> {
    keyboard::parse(params.text("reply_markup")).map_err(|why| Refusal::bad(&why))
}

/// The id of the chat that a call names, when the bot may know that chat at all.
pub(super) fn known_chat(world: &World, params: &Params) -> Result<i64, Refusal> {
    let named = params.text("chat_id");
    if named.is_empty() {
        return Err(Refusal::bad("chat_id is empty"));
    }
    // `@username` addresses public groups and channels only, and there are none here.
    let id = named.parse::<i64>().ok().filter(|id| world.chats.contains_key(id));
    id.ok_or_else(|| Refusal::bad("chat not found"))
}

/// Refuses what Telegram refuses because of how the person stands to the bot.
fn check_standing(chat: &Chat) -> Result<(), Refusal> {
    match chat.standing {
        Standing::Started => Ok(()),
        Standing::Stranger => Err(Refusal::forbidden("bot can't initiate conversation with a user")),
        Standing::Blocked => Err(Refusal::forbidden("bot was blocked by the user")),
        Standing::Deactivated => Err(Refusal::forbidden("user is deactivated")),
    }
}

/// A chat the bot may write to.
fn writable<'a>(world: &'a World, params: &Params) -> Result<&'a Chat, Refusal> {
    let id = known_chat(world, params)?;
    let chat = world.chats.get(&id).ok_or_else(|| Refusal::bad("chat not found"))?;
    check_standing(chat)?;
    Ok(chat)
}

fn manner(params: &Params) -> Result<Manner, Refusal> {
    let options = match params.find("link_preview_options").filter(|json| !json.is_empty()) {
        None => serde_json::Value::Null,
        Some(json) => {
            serde_json::from_str(json).map_err(|_| Refusal::bad("can't parse link preview options JSON object"))?
        }
    };
    for name in ["is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"] {
        if options.get(name).is_some_and(|value| !value.is_boolean()) {
            return Err(Refusal::bad(&format!("field \"{name}\" must be of type Boolean")));
        }
    }
    Ok(Manner {
        silent: params.flag("disable_notification"),
        protected: params.flag("protect_content"),
        no_preview: options.get("is_disabled").and_then(serde_json::Value::as_bool).unwrap_or(false),
    })
}

fn reply(chat: &Chat, params: &Params) -> Result<Option<i64>, Refusal> {
    let Some(json) = params.find("reply_parameters").filter(|json| !json.is_empty()) else { return Ok(None) };
    let reply: serde_json::Value =
        serde_json::from_str(json).map_err(|_| Refusal::bad("can't parse reply parameters JSON object"))?;
    let Some(id) = reply.get("message_id").and_then(serde_json::Value::as_i64) else { return Ok(None) };
    let may_miss = reply.get("allow_sending_without_reply").and_then(serde_json::Value::as_bool).unwrap_or(false);
    match chat.find(id) {
        Some(_) => Ok(Some(id)),
        None if may_miss => Ok(None),
        None => Err(Refusal::bad("message to be replied not found")),
    }
}

/// `sendMessage`.
pub(super) fn send_message(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let content = content(params, &TEXT)?;
    post(world, params, moment, content, None)
}

/// `sendPhoto`: an upload, or a photo that was uploaded before.
pub(super) fn send_photo(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let content = content(params, &CAPTION)?;
    // Telegram looks at the chat before it looks at the file.
    writable(world, params)?;
    let named = params.text("photo");
    let photo = if let Some(file) = params.file("photo") {
        world.photos.upload(file)?
    } else if named.is_empty() {
        return Err(Refusal::bad("there is no photo in the request"));
    } else if named.starts_with("http://") || named.starts_with("https://") {
        return Err(Refusal::bad("failed to get HTTP URL content"));
    } else {
        world.photos.find(named)?
    };
    post(world, params, moment, content, Some(photo))
}

fn post(
    world: &mut World,
    params: &Params,
    moment: Moment,
    content: Content,
    photo: Option<Photo>,
) -> Result<String, Refusal> {
    let keyboard = markup(params)?;
    let manner = manner(params)?;
    let chat = writable(world, params)?;
    let (id, reply_to) = (chat.person.id, reply(chat, params)?);
    // This bot counts as one that has enabled paid broadcasts at @BotFather.
    let paid = params.flag("allow_paid_broadcast");
    let limiter = &mut world.limiter;
    let admitted = if paid { limiter.admit_paid(moment.elapsed, id) } else { limiter.admit(moment.elapsed, id) };
    admitted.map_err(Refusal::too_many)?;
    let arrival = Arrival {
        number: 0,
        chat: id,
        message_id: 0,
        at: moment.now,
        text: content.text.as_str().into(),
        photo: photo.is_some(),
        paid,
    };
    let message = Message {
        id: 0,
        at: moment.now,
        author: Author::Bot,
        text: content.text,
        entities: content.entities,
        photo,
        keyboard,
        edited: None,
        reply_to,
        manner,
    };
    let number = world.chats.get_mut(&id).map_or(0, |chat| chat.append(message));
    world.arrivals.write(Arrival { message_id: number, ..arrival });
    describe(world, id, number)
}

fn describe(world: &World, chat: i64, message: i64) -> Result<String, Refusal> {
    let chat = world.chats.get(&chat);
    let shown = chat.and_then(|chat| chat.find(message).map(|message| shapes::message(world, chat, message)));
    shown.ok_or_else(|| Refusal::new(500, "Internal Server Error: message not kept"))
}

/// What an edit puts in place of what was there.
struct Edit {
    /// Another text or caption, and whether it is the latter.
    content: Option<(Content, bool)>,
    keyboard: Option<Keyboard>,
}

/// `editMessageText`.
pub(super) fn edit_text(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let edit = Edit { content: Some((content(params, &TEXT)?, false)), keyboard: markup(params)? };
    apply(world, params, moment, edit)
}

/// `editMessageCaption`.
pub(super) fn edit_caption(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let edit = Edit { content: Some((content(params, &CAPTION)?, true)), keyboard: markup(params)? };
    apply(world, params, moment, edit)
}

/// `editMessageReplyMarkup`.
pub(super) fn edit_markup(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let edit = Edit { content: None, keyboard: markup(params)? };
    apply(world, params, moment, edit)
}

fn apply(world: &mut World, params: &Params, moment: Moment, edit: Edit) -> Result<String, Refusal> {
    let chat = writable(world, params)?;
    let id = chat.person.id;
    let Some(number) = params.int("message_id") else {
        return Err(Refusal::bad("message identifier is not specified"));
    };
    let Some(old) = chat.find(number) else { return Err(Refusal::bad("message to edit not found")) };
    if old.author == Author::Person {
        return Err(Refusal::bad("message can't be edited"));
    }
    match (&edit.content, &old.photo) {
        (Some((_, false)), Some(_)) => return Err(Refusal::bad("there is no text in the message to edit")),
        (Some((_, true)), None) => return Err(Refusal::bad("there is no caption in the message to edit")),
        (Some(_) | None, _) => {}
    }
    let same_text = edit.content.as_ref().is_none_or(|(new, _)| new.text == old.text && new.entities == old.entities);
    if same_text && edit.keyboard == old.keyboard {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current \
             content and reply markup of the message",
        ));
    }
    world.limiter.admit(moment.elapsed, id).map_err(Refusal::too_many)?;
    if let Some(message) = world.chats.get_mut(&id).and_then(|chat| chat.find_mut(number)) {
        if let Some((content, _)) = edit.content {
            (message.text, message.entities) = (content.text, content.entities);
            message.edited = Some(moment.now);
        }
        message.keyboard = edit.keyboard;
    }
    describe(world, id, number)
}

/// `deleteMessage`.
pub(super) fn delete(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let number = params.int("message_id");
    let Some(number) = number else { return Err(Refusal::bad("message identifier is not specified")) };
    remove(world, params, moment, number)?;
    Ok("true".to_owned())
}

/// `deleteMessages`: those that are not there are passed over.
pub(super) fn delete_many(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let numbers: Vec<i64> = serde_json::from_str(params.text("message_ids"))
        .map_err(|_| Refusal::bad("can't parse message identifiers: expected an Array of Integer"))?;
    if numbers.is_empty() || numbers.len() > 100 {
        return Err(Refusal::bad("message identifiers are not specified"));
    }
    for number in numbers {
        match remove(world, params, moment, number) {
            Err(refusal) if !refusal.description.ends_with("message to delete not found") => return Err(refusal),
            Ok(()) | Err(_) => {}
        }
    }
    Ok("true".to_owned())
}

fn remove(world: &mut World, params: &Params, moment: Moment, number: i64) -> Result<(), Refusal> {
    let id = writable(world, params)?.person.id;
    let Some(chat) = world.chats.get_mut(&id) else { return Err(Refusal::bad("chat not found")) };
    match chat.find(number).map(|message| moment.now.since(message.at)) {
        None => Err(Refusal::bad("message to delete not found")),
        Some(age) if age > DELETABLE => Err(Refusal::bad("message can't be deleted")),
        Some(_) => {
            chat.remove(number);
            Ok(())
        }
    }
}

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// `sendChatAction`.
pub(super) fn chat_action(world: &World, params: &Params) -> Result<String, Refusal> {
    if !ACTIONS.contains(&params.text("action")) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    writable(world, params)?;
    Ok("true".to_owned())
}

/// `answerCallbackQuery`.
pub(super) fn answer_query(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    world.queries.retain(|_, query| query.at + QUERY_LIVES > moment.elapsed);
    let text = params.text("text");
    if units(text) > 200 {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let Some(query) = world.queries.remove(params.text("callback_query_id")) else {
        return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
    };
    if let Some(chat) = world.chats.get_mut(&query.chat).filter(|_| !text.is_empty()) {
        chat.show(Some(Toast { text: text.to_owned(), alert: params.flag("show_alert") }));
    }
    Ok("true".to_owned())
}
