//! Everything that the bot says, by key: where it appears and which placeholders it knows.

use crate::model::text::TEXT_LIMIT;

/// Where a text appears, which limits its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A message of its own, or a paragraph of one.
    Message,
    /// The label of a button.
    Button,
    /// A short notice at a button that was pressed (Bot API, `answerCallbackQuery`).
    Notice,
    /// A command's line in the menu (Bot API, `BotCommand.description`).
    Command,
}

impl Use {
    /// The most UTF-16 units, placeholders filled in.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Message => TEXT_LIMIT,
            // Telegram sets no limit; more cannot be read on a phone.
            Self::Button => 512,
            Self::Notice => 200,
            Self::Command => 256,
        }
    }
}

macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident = $word:literal, $use:ident, [$($placeholder:literal),*];)*) => {
        /// Something the bot says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TextKey {
            $($(#[$doc])* $key,)*
        }

        impl TextKey {
            /// All of them, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$key),*];

            /// Its stable name.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$key => $word,)* }
            }

            /// Where it appears.
            #[must_use]
            pub fn appears(self) -> Use {
                match self { $(Self::$key => Use::$use,)* }
            }

            /// The placeholders it may hold, without braces.
            #[must_use]
            pub fn placeholders(self) -> &'static [&'static str] {
                match self { $(Self::$key => &[$($placeholder),*],)* }
            }
        }
    };
}

keys! {
    /// The first words to a person who was just connected, or who is and presses Start.
    Greeting = "greeting", Message, ["username", "site"];
    /// Which site and account a chat was connected to.
    Connected = "connected", Message, ["username", "site"];
    /// The button under it that takes it back.
    ConnectedButton = "connected_button", Button, ["username", "site"];
    /// Nobody issued this code.
    UnknownCode = "unknown_code", Message, ["site"];
    /// The code's time is over.
    ExpiredCode = "expired_code", Message, ["site"];
    /// Another chat used the code.
    UsedCode = "used_code", Message, ["site"];
    /// The code was taken back, or a newer one took its place.
    RevokedCode = "revoked_code", Message, ["site"];
    /// Another chat is being asked about this code.
    HeldCode = "held_code", Message, ["site"];
    /// This chat used this code before, and is connected.
    AlreadyConnected = "already_connected", Message, ["username", "site"];
    /// Too many unknown codes came from this chat.
    Wait = "wait", Message, ["minutes"];
    /// A start without a code, in a chat that is not connected.
    VisitSite = "visit_site", Message, ["site"];
    /// The button that leads back to the website.
    OpenSiteButton = "open_site_button", Button, ["site"];
    /// Whether a connected chat is to be moved to another account.
    AskMove = "ask_move", Message, ["username", "other", "site"];
    /// Yes, move it.
    MoveButton = "move_button", Button, ["username", "other", "site"];
    /// No, leave it.
    KeepButton = "keep_button", Button, ["username", "other", "site"];
    /// Whether a chat is to be connected, for sites that want it confirmed.
    AskConfirm = "ask_confirm", Message, ["username", "site"];
    /// Yes, connect it.
    ConfirmButton = "confirm_button", Button, ["username", "site"];
    /// No, do not.
    DeclineButton = "decline_button", Button, ["username", "site"];
    /// The chat was moved.
    Moved = "moved", Message, ["username", "other", "site"];
    /// The chat stays with its account.
    Kept = "kept", Message, ["username", "other", "site"];
    /// The chat was not connected, as its person wished.
    Declined = "declined", Message, ["username", "site"];
    /// The question was not answered in time.
    Lapsed = "lapsed", Message, ["site"];
    /// Another chat of the same account is told of a new one.
    AnotherChat = "another_chat", Message, ["username", "site"];
    /// The chat was disconnected by its person.
    Disconnected = "disconnected", Message, ["username", "site"];
    /// There is nothing to disconnect.
    NotConnected = "not_connected", Message, ["site"];
    /// The website disconnected the chat.
    DisconnectedBySite = "disconnected_by_site", Message, ["username", "site"];
    /// The account was deleted.
    AccountDeleted = "account_deleted", Message, ["username", "site"];
    /// What a connected chat is connected to.
    StatusConnected = "status_connected", Message, ["username", "site"];
    /// Broadcasts are no longer sent to the chat.
    Muted = "muted", Message, ["site"];
    /// The chat is asked to be muted and is.
    AlreadyMuted = "already_muted", Message, ["site"];
    /// Broadcasts are sent to the chat again.
    Unmuted = "unmuted", Message, ["site"];
    /// The chat is not muted, whether asked for how it stands or told to undo it.
    NotMuted = "not_muted", Message, ["site"];
    /// The chat is muted, beside what it is connected to.
    StatusMuted = "status_muted", Message, ["site"];
    /// What a chat that is not connected can do about it.
    StatusNotConnected = "status_not_connected", Message, ["site"];
    /// What the bot is for, and its commands.
    Help = "help", Message, ["site"];
    /// What is stored, for how long, and how it is deleted.
    Privacy = "privacy", Message, ["site", "days"];
    /// What a connected person wrote went to the website.
    PassedOn = "passed_on", Message, ["site"];
    /// A command the bot does not know.
    UnknownCommand = "unknown_command", Message, ["site"];
    /// What is asked for is possible in private chats only.
    PrivateOnly = "private_only", Message, ["site"];
    /// An admin's own chat was connected.
    AdminConnected = "admin_connected", Message, ["name", "site"];
    /// An admin's own chat was disconnected.
    AdminDisconnected = "admin_disconnected", Message, ["name", "site"];
    /// In which time zone the quiet hours are.
    AskZone = "ask_zone", Message, [];
    /// The quiet hours of a chat, in which news waits.
    QuietWaits = "quiet_waits", Message, ["from", "until", "zone", "site"];
    /// The quiet hours of a chat, in which news comes without a sound.
    QuietSilent = "quiet_silent", Message, ["from", "until", "zone", "site"];
    /// No quiet hours any more.
    QuietOffButton = "quiet_off_button", Button, [];
    /// News waits in the quiet hours.
    QuietWaitButton = "quiet_wait_button", Button, [];
    /// News comes without a sound in the quiet hours.
    QuietSilentButton = "quiet_silent_button", Button, [];
    /// Another time zone.
    ZoneButton = "zone_button", Button, [];
    /// No news at all.
    MuteButton = "mute_button", Button, [];
    /// News again.
    UnmuteButton = "unmute_button", Button, [];
    /// Whether everything that is stored about a person is to be deleted.
    AskErase = "ask_erase", Message, ["username", "site"];
    /// Yes, delete it.
    EraseButton = "erase_button", Button, [];
    /// No, keep it.
    EraseKeepButton = "erase_keep_button", Button, [];
    /// Nothing was deleted, as the person wished.
    EraseKept = "erase_kept", Message, ["site"];
    /// That question is no longer open.
    EraseLapsed = "erase_lapsed", Message, ["site"];
    /// A chat that is connected to nothing wants everything deleted.
    EraseNothing = "erase_nothing", Message, ["site"];
    /// How a group is connected.
    GroupHint = "group_hint", Message, ["site"];
    /// Whether a group that the person added the bot to is to be connected.
    AskGroup = "ask_group", Message, ["group", "username", "site"];
    /// The group was connected.
    GroupConnected = "group_connected", Message, ["group", "username", "site"];
    /// The group was not connected, as the person wished.
    GroupDeclined = "group_declined", Message, ["group", "username", "site"];
    /// A question was answered.
    AnswerNoted = "answer_noted", Notice, ["answer"];
    /// It was answered before, with this answer.
    AnswerGiven = "answer_given", Notice, ["answer"];
    /// The time in which it could be answered is over.
    AnswerLate = "answer_late", Notice, [];
    /// It was asked of somebody else, or of an account that the chat is not connected to any more.
    AnswerForeign = "answer_foreign", Notice, [];
    /// The menu's line for `/start`.
    CommandStart = "command_start", Command, [];
    /// The menu's line for `/help`.
    CommandHelp = "command_help", Command, [];
    /// The menu's line for `/status`.
    CommandStatus = "command_status", Command, [];
    /// The menu's line for `/mute`.
    CommandMute = "command_mute", Command, [];
    /// The menu's line for `/unmute`.
    CommandUnmute = "command_unmute", Command, [];
    /// The menu's line for `/stop`.
    CommandStop = "command_stop", Command, [];
    /// The menu's line for `/settings`.
    CommandSettings = "command_settings", Command, [];
    /// The menu's line for `/delete`.
    CommandDelete = "command_delete", Command, [];
    /// The menu's line for `/privacy`.
    CommandPrivacy = "command_privacy", Command, [];
}
