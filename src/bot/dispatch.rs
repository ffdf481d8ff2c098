//! What an update asks for, pure: no store, no clock. Who somebody is is read in private chats only, and never of bots: in a group
//! the group itself speaks, whoever of it wrote.
//! Whether something is granted is decided later, inside the transaction.

mod text;

use crate::actions::claims::Press;
use crate::actions::wishes::Wish;
use crate::clock::Timestamp;
use crate::ids::{ChatId, TelegramMessageId};
use crate::model::chat::{Profile, Reachability};
use crate::model::link::Code;
use crate::model::message::{Body, Media};
use crate::model::question::Ballot;
use crate::telegram::{
    CallbackQuery, Chat, ChatKind, Content, MediaKind, MemberStatus, MembershipChange, Message, Update, UpdateKind,
    User,
};

/// A person in their private chat with the bot, or a group.
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
    /// `/delete`.
    Delete,
    /// A command nobody knows.
    UnknownCommand,
    /// Anything else a person says.
    Words(Said),
    /// A service message, or content newer than this program: kept, not answered.
    Unclear(Said),
}

/// What a pressed button of ours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tap {
    /// About a code.
    Claim(Press),
    /// The answer to a question.
    Ballot(Ballot),
    /// What the person wishes for their chat or account.
    Wish(Wish),
}

impl Tap {
    fn parse(data: &str) -> Option<Self> {
        let wish = || Wish::parse(data).map(Self::Wish);
        let ballot = || Ballot::parse(data).map(Self::Ballot);
        Press::parse(data).map(Self::Claim).or_else(ballot).or_else(wish)
    }
}

/// A pressed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// What `answerCallbackQuery` wants.
    pub query: String,
    /// The message with the button.
    pub message: TelegramMessageId,
    /// Whether the bot can still change that message.
    pub is_within_reach: bool,
    /// What it says, if it is one of ours.
    pub tap: Option<Tap>,
}

/// What an update asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Intent {
    /// A person's message in their private chat.
    Person(Person, Ask),
    /// What somebody in a group asks the bot for.
    Group(Person, Ask),
    /// A button under a message in a private chat or a group.
    Button(Person, Pressed),
    /// A button elsewhere: only its waiting state is ended.
    StrayButton(String),
    /// The chat blocked, unblocked, removed or added the bot.
    Standing(ChatId, Reachability),
    /// Somebody added the bot to a group.
    Added {
        /// The group.
        group: Person,
        /// The private chat of who did it.
        by: ChatId,
    },
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
        return in_group(message, bot);
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

/// In a group the bot hears commands that name it, the code behind `/link`, and answers to its own messages; and it follows a
/// change of number. A code is the proof of who may connect, so it does not matter who of the group sends it.
fn in_group(message: Message, bot: &str) -> Intent {
    let id = message.chat.id;
    match message.content {
        Content::MigratedTo(to) => return Intent::Migrated { from: id, to },
        Content::MigratedFrom(from) => return Intent::Migrated { from, to: id },
        Content::Text(_) | Content::Media { .. } | Content::Other => {}
    }
    if !is_group(&message.chat) {
        return Intent::Nothing;
    }
    let author = message.from.as_ref().filter(|user| !user.is_bot).map(User::name);
    let answers = message.answers.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(bot));
    let group = group(&message.chat, message.from.as_ref());
    let (number, at) = (message.id.unwrap_or(TelegramMessageId(0)), message.date);
    let words = |text: String, media, carried| {
        let body = Body { media, carried, author: author.clone(), ..Body::plain(text) };
        Ask::Words(Said { message: number, at, body })
    };
    let ask = match message.content {
        Content::Text(text) => text::in_group(&text, bot).or_else(|| answers.then(|| words(text, None, None))),
        Content::Media { kind, caption, carried } if answers => {
            Some(words(caption.unwrap_or_default(), Some(media(kind)), carried))
        }
        Content::Media { .. } | Content::Other | Content::MigratedTo(_) | Content::MigratedFrom(_) => None,
    };
    ask.map_or(Intent::Nothing, |ask| Intent::Group(group, ask))
}

fn is_group(chat: &Chat) -> bool {
    matches!(chat.kind, ChatKind::Group | ChatKind::Supergroup)
}

fn pressed(query: CallbackQuery) -> Intent {
    let Some(message) = query.message else { return Intent::StrayButton(query.id) };
    let person = match message.chat.kind {
        ChatKind::Private => person(message.chat.id, query.from),
        ChatKind::Group | ChatKind::Supergroup => Some(group(&message.chat, Some(&query.from))),
        ChatKind::Channel | ChatKind::Other => None,
    };
    let Some(person) = person else { return Intent::StrayButton(query.id) };
    let tap = query.data.as_deref().and_then(Tap::parse);
    let is_within_reach = message.date.is_some();
    Intent::Button(person, Pressed { query: query.id, message: message.id, is_within_reach, tap })
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
    let came =
        reachability == Reachability::Reachable && matches!(change.old, MemberStatus::Left | MemberStatus::Kicked);
    if came && is_group(&change.chat) && !change.from.is_bot {
        // In a private chat the chat has the number of its person.
        return Intent::Added { group: group(&change.chat, Some(&change.from)), by: ChatId(change.from.id.0) };
    }
    Intent::Standing(change.chat.id, reachability)
}

fn person(chat: ChatId, user: User) -> Option<Person> {
    if user.is_bot {
        return None;
    }
    let name = user.name();
    Some(Person { chat, profile: Profile { name, username: user.username, language: user.language_code } })
}

/// A group by its title, in the language of who speaks there.
fn group(chat: &Chat, speaker: Option<&User>) -> Person {
    let language = speaker.and_then(|user| user.language_code.clone());
    let profile = Profile { name: chat.title.clone().unwrap_or_default(), username: None, language };
    Person { chat: chat.id, profile }
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
