//! The methods that change or delete what the bot wrote.

use std::time::Duration;

use super::access::writable;
use super::keyboard::Keyboard;
use super::messages::Author;
use super::params::Params;
use super::refusal::Refusal;
use super::sending::{CAPTION, Content, TEXT, content, describe, markup};
use super::world::{Moment, World};

/// How old a message may be that the bot deletes.
const DELETABLE: Duration = Duration::from_hours(48);

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
    let (id, room) = writable(world, params)?;
    let Some(number) = params.int("message_id") else {
        return Err(Refusal::bad("message identifier is not specified"));
    };
    let Some(old) = room.find(number) else { return Err(Refusal::bad("message to edit not found")) };
    if old.author == Author::Person {
        return Err(Refusal::bad("message can't be edited"));
    }
    match (&edit.content, old.has_caption()) {
        (Some((_, false)), true) => return Err(Refusal::bad("there is no text in the message to edit")),
        (Some((_, true)), false) => return Err(Refusal::bad("there is no caption in the message to edit")),
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
    if let Some(message) = world.room_mut(id).and_then(|room| room.find_mut(number)) {
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
    let (id, room) = writable(world, params)?;
    let Some(old) = room.find(number) else { return Err(Refusal::bad("message to delete not found")) };
    // Only administrators delete what others wrote in a group, and this bot is none.
    let foreign = id < 0 && old.author == Author::Person;
    if foreign || moment.now.since(old.at) > DELETABLE {
        return Err(Refusal::bad("message can't be deleted"));
    }
    if let Some(room) = world.room_mut(id) {
        room.remove(number);
    }
    Ok(())
}
