//! The bot's texts in English.

use super::TextKey;

#[expect(clippy::too_many_lines, reason = "a table: one entry for each text")]
pub(super) fn text(key: TextKey) -> &'static str {
    match key {
        TextKey::Greeting => "Hello {username}, how are you?",
        TextKey::Connected => {
            "This chat is now connected to {site} as {username}. Messages from {site} will arrive here; what you write \
             here goes to {site}.\n\nTo disconnect, send /stop."
        }
        TextKey::ConnectedButton => "Not you? Disconnect",
        TextKey::UnknownCode => "I have no clue who you are...",
        TextKey::ExpiredCode => "This link has expired. Get a new one from {site} and open it in time.",
        TextKey::UsedCode => "This link was already used; each one works once. Get a new one from {site}.",
        TextKey::RevokedCode => {
            "This link is no longer valid. If there is a newer one, use that; otherwise get a new one from {site}."
        }
        TextKey::HeldCode => "This link is being used in another chat. Get a new one from {site}.",
        TextKey::AlreadyConnected => "You are already connected to {site} as {username}. There is nothing left to do.",
        TextKey::Wait => "Too many unknown codes. Wait {minutes} min, then try again.",
        TextKey::VisitSite => "Please visit me via a provided URL from the website.",
        TextKey::OpenSiteButton => "Open {site}",
        TextKey::AskMove => {
            "This chat is connected to {site} as {other}. Do you want to connect it as {username} instead? {other} will \
             no longer get messages here."
        }
        TextKey::MoveButton => "Connect as {username}",
        TextKey::KeepButton => "Stay with {other}",
        TextKey::AskConfirm => "Do you want to connect this chat to {site} as {username}?",
        TextKey::ConfirmButton => "Connect",
        TextKey::DeclineButton => "Cancel",
        TextKey::Moved => {
            "Done. This chat is now connected to {site} as {username}, and no longer as {other}.\n\nTo disconnect, send \
             /stop."
        }
        TextKey::Kept => "Nothing was changed. This chat stays connected to {site} as {other}.",
        TextKey::Declined => "Cancelled. This chat was not connected to {site}.",
        TextKey::Lapsed => "This question is no longer open, nothing was changed. Get a new link from {site}.",
        TextKey::AnotherChat => {
            "Another Telegram chat was just connected to {site} as {username}. If that was not you, tell {site}."
        }
        TextKey::Disconnected => {
            "Disconnected. Messages of {site} for {username} no longer arrive here. To connect again, get a new link from \
             {site}."
        }
        TextKey::NotConnected => "This chat is not connected, so there is nothing to disconnect.",
        TextKey::DisconnectedBySite => {
            "This chat was disconnected from {username} by {site}. To connect again, get a new link from {site}."
        }
        TextKey::AccountDeleted => {
            "The account {username} was deleted at {site}. This chat is no longer connected, and its messages were \
             deleted there."
        }
        TextKey::StatusConnected => "This chat is connected to {site} as {username}.\n\nTo disconnect, send /stop.",
        TextKey::Muted => {
            "Muted. News of {site} is no longer sent here; answers and personal messages still come.\n\nTo get news \
             again, send /unmute."
        }
        TextKey::AlreadyMuted => {
            "This chat is muted already: news of {site} is not sent here. To get it again, send /unmute."
        }
        TextKey::Unmuted => "News of {site} is sent here again.\n\nTo get no more of it, send /mute.",
        TextKey::NotMuted => "This chat is not muted: news of {site} is sent here. To get none, send /mute.",
        TextKey::StatusMuted => {
            "This chat is muted: news of {site} is not sent here, answers and personal messages are. To get news \
             again, send /unmute."
        }
        TextKey::StatusNotConnected => {
            "This chat is not connected. To connect it, open the link or scan the code that {site} shows you."
        }
        TextKey::Help => {
            "I connect this chat with your account at {site}: messages from there arrive here, and what you write \
             here goes there.\n\nTo connect, open the link or scan the code that {site} shows you.\n\n/status - what \
             this chat is connected to\n/mute - get no news, only answers and personal messages\n/unmute - get news \
             again\n/settings - news and quiet hours\n/stop - disconnect this chat\n/privacy - what is stored about \
             you\n/delete - delete all of it\n/help - this list"
        }
        TextKey::Privacy => {
            "This bot writes to you for {site}. Stored are the number of this chat, your name, username and language \
             as Telegram shows them, and the messages that are exchanged here, which are deleted after {days} \
             days.\n\n/stop disconnects this chat at once. To have everything deleted, send /delete. Codes that \
             Telegram sends you are never asked for here."
        }
        TextKey::PassedOn => "Passed on to {site}.",
        TextKey::UnknownCommand => "I do not know this command. Send /help for those I know.",
        TextKey::PrivateOnly => "This works in a private chat only. Open a chat with me and do it there.",
        TextKey::AdminConnected => {
            "You are connected, {name}. Test messages and notices of {site} arrive here.\n\nTo disconnect, send /stop."
        }
        TextKey::AdminDisconnected => {
            "Disconnected. Test messages and notices of {site} no longer arrive here, {name}."
        }
        TextKey::AskZone => {
            "What time is it where you are? Choose a place with your time; the quiet hours follow its clock."
        }
        TextKey::QuietWaits => {
            "Quiet hours are from {from} to {until} ({zone}): news waits until they are over. Answers and personal messages come at once."
        }
        TextKey::QuietSilent => {
            "Quiet hours are from {from} to {until} ({zone}): news comes without a sound then. Answers and personal messages come as always."
        }
        TextKey::QuietOffButton => "No quiet hours",
        TextKey::QuietWaitButton => "Let news wait",
        TextKey::QuietSilentButton => "News without a sound",
        TextKey::ZoneButton => "Another time zone",
        TextKey::MuteButton => "No news at all",
        TextKey::UnmuteButton => "News again",
        TextKey::AskErase => {
            "This deletes the account {username} at {site} and everything that is stored about it: its chats are disconnected, what waits is not sent, and all messages are deleted. {site} is told. It cannot be undone.\n\nDo you want that?"
        }
        TextKey::EraseButton => "Delete everything",
        TextKey::EraseKeepButton => "Keep it",
        TextKey::EraseKept => "Nothing was deleted.",
        TextKey::EraseLapsed => "This question is no longer open, nothing was deleted. Send /delete to be asked again.",
        TextKey::EraseNothing => {
            "This chat is not connected, so nothing is stored for {site}. What is known of the chat itself is deleted within a week of your last message."
        }
        TextKey::GroupHint => {
            "To connect this group to an account at {site}, send /link here with the code that {site} shows you: /link CODE"
        }
        TextKey::AskGroup => {
            "You added me to the group \"{group}\". Shall it be connected to {site} as {username}? Messages for {username} then arrive there too, for everyone in the group."
        }
        TextKey::GroupConnected => {
            "Done. The group \"{group}\" is connected to {site} as {username}.\n\nTo disconnect it, send /stop there with my name, or remove me."
        }
        TextKey::GroupDeclined => "Nothing was changed. The group \"{group}\" is not connected to {site}.",
        TextKey::AnswerNoted => "Noted: {answer}",
        TextKey::AnswerGiven => "This was answered already: {answer}",
        TextKey::AnswerLate => "The time to answer this is over. Nothing was changed.",
        TextKey::AnswerForeign => "This question is not for this chat. Nothing was changed.",
        TextKey::CommandStart => "Begin",
        TextKey::CommandHelp => "What I can do",
        TextKey::CommandStatus => "What this chat is connected to",
        TextKey::CommandMute => "Get no news here",
        TextKey::CommandUnmute => "Get news here again",
        TextKey::CommandStop => "Disconnect this chat",
        TextKey::CommandSettings => "News and quiet hours",
        TextKey::CommandDelete => "Delete all about you",
        TextKey::CommandPrivacy => "What is stored about you",
    }
}
