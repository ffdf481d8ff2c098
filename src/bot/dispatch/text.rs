//! Commands, codes and links in what a person typed or pasted.

use super::{Ask, Said};
use crate::model::link::Code;

/// What Telegram itself puts behind `/start` when a bot is connected to a business account (Features, "Bots for business").
const TELEGRAMS_OWN: &str = "bizChat";

/// A command at the beginning of a text: `/name@bot rest`.
struct Command<'t> {
    name: &'t str,
    bot: Option<&'t str>,
    rest: &'t str,
}

fn command(text: &str) -> Option<Command<'_>> {
    let text = text.strip_prefix('/')?;
    let (head, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (name, bot) = head.split_once('@').map_or((head, None), |(name, bot)| (name, Some(bot)));
    Some(Command { name, bot, rest: rest.trim() })
}

/// What a text in a group asks the bot of this name for, if anything: commands that name it, and the code behind `/link`, which is
/// what its person was told to send there.
pub(super) fn in_group(text: &str, bot: &str) -> Option<Ask> {
    let command = command(text.trim())?;
    match command.bot {
        Some(named) => named.eq_ignore_ascii_case(bot).then(|| of_command(&command)),
        None if command.name.eq_ignore_ascii_case("link") => ours(command.rest).map(Ask::Claim),
        None => None,
    }
}

/// What the text of a person asks for; `said` is the text as an ordinary message.
pub(super) fn ask(text: &str, bot: &str, said: impl FnOnce() -> Said) -> Ask {
    let text = text.trim();
    if let Some(command) = command(text) {
        let ours = command.bot.is_none_or(|named| named.eq_ignore_ascii_case(bot));
        return if ours { of_command(&command) } else { Ask::UnknownCommand };
    }
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (Some(word), None) if let Some(code) = ours(word) => Ask::Paste(code, said()),
        _ => match link_in(text, bot) {
            Some(Found::Sure(code)) => Ask::Claim(code),
            Some(Found::Perhaps(code)) => Ask::Paste(code, said()),
            None => Ask::Words(said()),
        },
    }
}

fn of_command(command: &Command<'_>) -> Ask {
    match command.name.to_ascii_lowercase().as_str() {
        "link" if command.rest.is_empty() => Ask::Help,
        "start" | "link" => of_start(command.rest),
        "help" => Ask::Help,
        "status" => Ask::Status,
        "mute" => Ask::Mute,
        "unmute" => Ask::Unmute,
        "stop" => Ask::Stop,
        "privacy" => Ask::Privacy,
        "settings" => Ask::Settings,
        "delete" => Ask::Delete,
        _ => Ask::UnknownCommand,
    }
}

fn of_start(rest: &str) -> Ask {
    match rest.split_whitespace().next() {
        None => Ask::Start,
        Some(payload) if is_telegrams_own(payload) => Ask::Start,
        Some(payload) => Code::parse(payload).map_or(Ask::BadCode, Ask::Claim),
    }
}

fn is_telegrams_own(payload: &str) -> bool {
    let number = payload.strip_prefix(TELEGRAMS_OWN).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

/// A code with exactly the form of those that are made here.
fn ours(word: &str) -> Option<Code> {
    Code::parse(word).filter(Code::has_our_form)
}

enum Found {
    /// It says "start" and names this bot.
    Sure(Code),
    /// It looks like it.
    Perhaps(Code),
}

/// The first link or typed command among the words.
fn link_in(text: &str, bot: &str) -> Option<Found> {
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("/start")
            && let Some(code) = words.peek().and_then(|next| ours(next))
        {
            return Some(Found::Perhaps(code));
        }
        if let Some(code) = start_link(word, bot) {
            return Some(Found::Sure(code));
        }
        if let Some(code) = page_link(word) {
            return Some(Found::Perhaps(code));
        }
    }
    None
}

/// `https://t.me/BOT?start=CODE`, `BOT.t.me?start=CODE`, `tg://resolve?domain=BOT&start=CODE`, on whatever host.
fn start_link(word: &str, bot: &str) -> Option<Code> {
    let (place, query) = word.split_once('?')?;
    let query = query.split('#').next()?;
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let is_bot = |name: &str| name.eq_ignore_ascii_case(bot);
    let host = place.rsplit("//").next().unwrap_or(place);
    let names_bot = value("domain").is_some_and(is_bot)
        || place.trim_end_matches('/').rsplit('/').next().is_some_and(is_bot)
        || host.split('.').next().is_some_and(is_bot);
    value("start").filter(|_| names_bot).and_then(Code::parse)
}

/// `https://example.org/l/CODE`, the address of a link's page.
fn page_link(word: &str) -> Option<Code> {
    let path = word.split(['?', '#']).next()?;
    let (before, code) = path.trim_end_matches('/').rsplit_once('/')?;
    before.ends_with("/l").then_some(code).and_then(ours)
}
