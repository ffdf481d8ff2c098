//! What an update asks for, pure: no store, no clock. Identity is read in private chats only, and never of bots.
//! Whether something is granted is decided later, inside the transaction.

mod text;

use crate::actions::claims::Press;
use crate::clock::Timestamp;
use crate::ids::{ChatId, TelegramMessageId};
use crate::model::chat::{Profile, Reachability};
use crate::model::link::Code;
use crate::model::message::{Body, Media};
use crate::telegram::{
    CallbackQuery, Chat, ChatKind, Content, MediaKind, MemberStatus, MembershipChange, Message, Update, UpdateKind,
    User,
};

/// A person in their private chat with the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The chat.
    pub chat: ChatId,
    /// What Telegram tells of them.
    pub profile: Profile,
}

/// What a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Telegram's number of it; 0 when it has none.
    pub message: TelegramMessageId,
    /// When it was written.
    pub at: Timestamp,
    /// The text and what it carries.
    pub body: Body,
}

/// What a person's message asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// `/start` alone, or with a payload that Telegram itself made.
    Start,
    /// `/start CODE`, or a pasted link to this bot.
    Claim(Code),
    /// `/start` with something that cannot be a code.
    BadCode,
    /// Words that may hold a code: a claim when the code exists, an ordinary message otherwise.
    Paste(Code, Said),
    /// `/help`.
    Help,
    /// `/status`.
    Status,
    /// `/mute`.
    Mute,
    /// `/unmute`.
    Unmute,
    /// `/stop`.
    Stop,
    /// `/privacy`.
    Privacy,
    /// `/settings`.
    Settings,
    /// A command nobody knows.
    UnknownCommand,
    /// Anything else a person says.
    Words(Said),
    /// A service message, or content newer than this program: kept, not answered.
    Unclear(Said),
}

/// A pressed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// What `answerCallbackQuery` wants.
    pub query: String,
    /// The message with the button, while the bot can change it.
    pub message: Option<TelegramMessageId>,
    /// What it says, if it is one of ours.
    pub press: Option<Press>,
}

/// What an update asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Intent {
    /// A person's message in their private chat.
    Person(Person, Ask),
    /// A button under a message in a private chat.
    Button(Person, Pressed),
    /// A button elsewhere: only its waiting state is ended.
    StrayButton(String),
    /// The chat blocked, unblocked, removed or added the bot.
    Standing(ChatId, Reachability),
    /// A command to this bot in a group.
    GroupCommand(ChatId, Profile),
    /// A group has another number from now on.
    Migrated {
        /// The number it had.
        from: ChatId,
        /// The number it has.
        to: ChatId,
    },
    /// A known kind of update that does not look as documented: set aside for a person.
    Malformed {
        /// What is missing or wrong, without any value.
        reason: String,
        /// Field names and types without any value.
        shape: String,
    },
    /// Nothing for this bot.
    Nothing,
}

/// Names the intent of an update to the bot called `bot` (its username without `@`).
#[must_use]
pub fn intent(update: Update, bot: &str) -> Intent {
    match update.kind {
        UpdateKind::Message(message) => said(*message, bot),
        UpdateKind::CallbackQuery(query) => pressed(*query),
        UpdateKind::MyChatMember(change) => standing(&change),
        UpdateKind::Other { .. } => Intent::Nothing,
        UpdateKind::Malformed { reason, shape } => Intent::Malformed { reason, shape },
    }
}

fn said(message: Message, bot: &str) -> Intent {
    if message.chat.kind != ChatKind::Private {
        return in_group(&message, bot);
    }
    let Some(person) = message.from.and_then(|user| person(message.chat.id, user)) else { return Intent::Nothing };
    let (id, at) = (message.id.unwrap_or(TelegramMessageId(0)), message.date);
    let said = |text: String, media| Said { message: id, at, body: Body { media, ..Body::plain(text) } };
    let ask = match message.content {
        Content::Text(text) => text::ask(&text, bot, || said(text.clone(), None)),
        Content::Media { kind, caption, carried } => {
            let said = said(caption.unwrap_or_default(), Some(media(kind)));
            Ask::Words(Said { body: Body { carried, ..said.body }, ..said })
        }
        Content::Other | Content::MigratedTo(_) | Content::MigratedFrom(_) => {
            Ask::Unclear(said(String::new(), Some(Media::Other)))
        }
    };
    Intent::Person(person, ask)
}

/// In groups the bot answers commands that name it, and follows a change of number.
fn in_group(message: &Message, bot: &str) -> Intent {
    match &message.content {
        Content::MigratedTo(to) => Intent::Migrated { from: message.chat.id, to: *to },
        Content::MigratedFrom(from) => Intent::Migrated { from: *from, to: message.chat.id },
        Content::Text(text) if text::names(text, bot) => Intent::GroupCommand(message.chat.id, group(&message.chat)),
        Content::Text(_) | Content::Media { .. } | Content::Other => Intent::Nothing,
    }
}

fn pressed(query: CallbackQuery) -> Intent {
    let Some(message) = query.message.filter(|message| message.chat.kind == ChatKind::Private) else {
        return Intent::StrayButton(query.id);
    };
    let Some(person) = person(message.chat.id, query.from) else { return Intent::StrayButton(query.id) };
    let press = query.data.as_deref().and_then(Press::parse);
    let message = message.date.map(|_| message.id);
    Intent::Button(person, Pressed { query: query.id, message, press })
}

/// The status is taken from the update, never toggled, so that a repeated or late one does no harm.
fn standing(change: &MembershipChange) -> Intent {
    let private = change.chat.kind == ChatKind::Private;
    let reachability = match (private, change.new) {
        (true, MemberStatus::Kicked) => Reachability::Blocked,
        (false, MemberStatus::Kicked | MemberStatus::Left) => Reachability::Left,
        (_, MemberStatus::Member)
        | (false, MemberStatus::Creator | MemberStatus::Administrator | MemberStatus::Restricted) => {
            Reachability::Reachable
        }
        (true, MemberStatus::Creator | MemberStatus::Administrator | MemberStatus::Restricted | MemberStatus::Left)
        | (_, MemberStatus::Other) => return Intent::Nothing,
    };
    Intent::Standing(change.chat.id, reachability)
}

fn person(chat: ChatId, user: User) -> Option<Person> {
    if user.is_bot {
        return None;
    }
    let name = user.name();
    Some(Person { chat, profile: Profile { name, username: user.username, language: user.language_code } })
}

fn group(chat: &Chat) -> Profile {
    Profile { name: chat.title.clone().unwrap_or_default(), username: None, language: None }
}

fn media(kind: MediaKind) -> Media {
    match kind {
        MediaKind::Photo => Media::Photo,
        MediaKind::Document => Media::Document,
        MediaKind::Audio => Media::Audio,
        MediaKind::Voice => Media::Voice,
        MediaKind::Video | MediaKind::VideoNote | MediaKind::Animation => Media::Video,
        MediaKind::Sticker => Media::Sticker,
        MediaKind::Location | MediaKind::Venue => Media::Location,
        MediaKind::Contact => Media::Contact,
        MediaKind::Dice | MediaKind::Poll | MediaKind::Story => Media::Other,
    }
}

#[cfg(test)]
mod tests;
