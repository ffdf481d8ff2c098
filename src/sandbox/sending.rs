//! The methods that write into chats: sendMessage, sendPhoto, sendDocument, and the answer to a pressed button.

use std::time::Duration;

use super::access::writable;
use super::arrivals::Arrival;
use super::attachments::named;
use super::entities::{self, Entity, units};
use super::files::FileKind;
use super::html;
use super::keyboard::{self, Keyboard};
use super::messages::{Attached, Manner, Message};
use super::params::{Params, Upload};
use super::photos;
use super::refusal::Refusal;
use super::rooms::{Room, Toast};
use super::shapes;
use super::world::{Moment, World};

/// The largest file that bots send, in bytes.
const LARGEST_UPLOAD: usize = 50 * 1024 * 1024;

/// A text parameter with its rules.
pub(super) struct Rules {
    name: &'static str,
    entities: &'static str,
    /// After entities are parsed, in UTF-16 units.
    longest: usize,
    too_long: &'static str,
    may_be_empty: bool,
}

pub(super) const TEXT: Rules =
    Rules { name: "text", entities: "entities", longest: 4096, too_long: "message is too long", may_be_empty: false };
pub(super) const CAPTION: Rules = Rules {
    name: "caption",
    entities: "caption_entities",
    longest: 1024,
    too_long: "message caption is too long",
    may_be_empty: true,
};
/// How long a press of a button can be answered.
const QUERY_LIVES: Duration = Duration::from_mins(1);

/// A text with its formatting, ready to be kept.
pub(super) struct Content {
    pub(super) text: String,
    pub(super) entities: Vec<Entity>,
}

pub(super) fn content(params: &Params, rules: &Rules) -> Result<Content, Refusal> {
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

pub(super) fn markup(params: &Params) -> Result<Option<Keyboard>, Refusal> {
    keyboard::parse(params.text("reply_markup")).map_err(|why| Refusal::bad(&why))
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

fn reply(room: &Room, params: &Params) -> Result<Option<i64>, Refusal> {
    let Some(json) = params.find("reply_parameters").filter(|json| !json.is_empty()) else { return Ok(None) };
    let reply: serde_json::Value =
        serde_json::from_str(json).map_err(|_| Refusal::bad("can't parse reply parameters JSON object"))?;
    let Some(id) = reply.get("message_id").and_then(serde_json::Value::as_i64) else { return Ok(None) };
    let may_miss = reply.get("allow_sending_without_reply").and_then(serde_json::Value::as_bool).unwrap_or(false);
    match room.find(id) {
        Some(_) => Ok(Some(id)),
        None if may_miss => Ok(None),
        None => Err(Refusal::bad("message to be replied not found")),
    }
}

/// `sendMessage`.
pub(super) fn send_message(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let content = content(params, &TEXT)?;
    post(world, params, moment, content, Message::by_bot(moment.now, world.bot.id))
}

/// The file that a parameter uploads, or the identifier by which it names one.
enum Source<'a> {
    Upload(&'a Upload),
    Named(&'a str),
}

fn source<'a>(params: &'a Params, name: &str) -> Result<Source<'a>, Refusal> {
    let named = params.text(name);
    if let Some(upload) = params.file(name) {
        Ok(Source::Upload(upload))
    } else if named.is_empty() {
        Err(Refusal::bad(&format!("there is no {name} in the request")))
    } else if named.starts_with("http://") || named.starts_with("https://") {
        Err(Refusal::bad("failed to get HTTP URL content"))
    } else {
        Ok(Source::Named(named))
    }
}

/// `sendPhoto`: an upload, or a photo that was uploaded before.
pub(super) fn send_photo(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let content = content(params, &CAPTION)?;
    // Telegram looks at the chat before it looks at the file.
    writable(world, params)?;
    let photo = match source(params, "photo")? {
        Source::Upload(upload) => photos::upload(&mut world.files, upload.bytes.clone())?,
        Source::Named(named) => photos::find(&world.files, named)?,
    };
    let message = Message { photo: Some(photo), ..Message::by_bot(moment.now, world.bot.id) };
    post(world, params, moment, content, message)
}

/// `sendDocument`: an upload, or a file that was uploaded before.
pub(super) fn send_document(world: &mut World, params: &Params, moment: Moment) -> Result<String, Refusal> {
    let content = content(params, &CAPTION)?;
    writable(world, params)?;
    let file = match source(params, "document")? {
        Source::Upload(upload) if upload.bytes.is_empty() => return Err(Refusal::bad("file must be non-empty")),
        Source::Upload(upload) if upload.bytes.len() > LARGEST_UPLOAD => {
            return Err(Refusal::new(413, "Request Entity Too Large"));
        }
        Source::Upload(upload) => {
            let about = named(FileKind::Document, upload.name.clone(), &upload.mime);
            world.files.keep(about, upload.bytes.clone())
        }
        Source::Named(named) => world.files.find_as(named, FileKind::Document)?.clone(),
    };
    let message = Message { attached: Some(Attached::File(file)), ..Message::by_bot(moment.now, world.bot.id) };
    post(world, params, moment, content, message)
}

/// Puts a message into its chat, with its text or caption.
fn post(
    world: &mut World,
    params: &Params,
    moment: Moment,
    content: Content,
    message: Message,
) -> Result<String, Refusal> {
    let keyboard = markup(params)?;
    let manner = manner(params)?;
    let (id, room) = writable(world, params)?;
    let reply_to = reply(room, params)?;
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
        photo: message.photo.is_some(),
        paid,
    };
    let Content { text, entities } = content;
    let message = Message { text, entities, keyboard, reply_to, manner, ..message };
    let number = world.room_mut(id).map_or(0, |room| room.append(message));
    world.arrivals.write(Arrival { message_id: number, ..arrival });
    describe(world, id, number)
}

pub(super) fn describe(world: &World, chat: i64, message: i64) -> Result<String, Refusal> {
    let shown = shapes::message(world, chat, message);
    shown.ok_or_else(|| Refusal::new(500, "Internal Server Error: message not kept"))
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
    if let Some(room) = world.room_mut(query.chat).filter(|_| !text.is_empty()) {
        room.show(query.person, Some(Toast { text: text.to_owned(), alert: params.flag("show_alert") }));
    }
    Ok("true".to_owned())
}
