//! The methods the sandbox knows, with their parameters and types, taken from the Bot API's description (10.2, and what
//! 10.3 changed). A compact table: what stands here is what the journal does not warn about.

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A whole number.
    Int,
    /// True or false.
    Bool,
    /// Text.
    Text,
    /// A chat: a number or `@username`.
    Chat,
    /// An object, as JSON.
    Object,
    /// A list, as JSON.
    List,
    /// A file to upload.
    File,
}

/// A method the sandbox carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    GetMe,
    LogOut,
    Close,
    GetUpdates,
    SetWebhook,
    DeleteWebhook,
    GetWebhookInfo,
    SendMessage,
    SendPhoto,
    SendDocument,
    GetFile,
    SendChatAction,
    EditMessageText,
    EditMessageCaption,
    EditMessageReplyMarkup,
    DeleteMessage,
    DeleteMessages,
    AnswerCallbackQuery,
    SetMyCommands,
    GetMyCommands,
    DeleteMyCommands,
    SetMyName,
    GetMyName,
    SetMyDescription,
    GetMyDescription,
    SetMyShortDescription,
    GetMyShortDescription,
    GetChat,
    GetChatMember,
}

type Row = (&'static str, Method, &'static [(&'static str, Type)]);

use Type::{Bool, Chat, File, Int, List, Object, Text};

const TABLE: &[Row] = &[
    ("getMe", Method::GetMe, &[]),
    ("logOut", Method::LogOut, &[]),
    ("close", Method::Close, &[]),
    ("getUpdates", Method::GetUpdates, &[("offset", Int), ("limit", Int), ("timeout", Int), ("allowed_updates", List)]),
    (
        "setWebhook",
        Method::SetWebhook,
        &[
            ("url", Text),
            ("certificate", File),
            ("ip_address", Text),
            ("max_connections", Int),
            ("allowed_updates", List),
            ("drop_pending_updates", Bool),
            ("secret_token", Text),
        ],
    ),
    ("deleteWebhook", Method::DeleteWebhook, &[("drop_pending_updates", Bool)]),
    ("getWebhookInfo", Method::GetWebhookInfo, &[]),
    (
        "sendMessage",
        Method::SendMessage,
        &[
            ("business_connection_id", Text),
            ("chat_id", Chat),
            ("message_thread_id", Int),
            ("direct_messages_topic_id", Int),
            ("ephemeral_message_parameters", Object),
            ("text", Text),
            ("parse_mode", Text),
            ("entities", List),
            ("link_preview_options", Object),
            ("disable_notification", Bool),
            ("protect_content", Bool),
            ("allow_paid_broadcast", Bool),
            ("message_effect_id", Text),
            ("suggested_post_parameters", Object),
            ("reply_parameters", Object),
            ("reply_markup", Object),
        ],
    ),
    (
        "sendPhoto",
        Method::SendPhoto,
        &[
            ("business_connection_id", Text),
            ("chat_id", Chat),
            ("message_thread_id", Int),
            ("direct_messages_topic_id", Int),
            ("ephemeral_message_parameters", Object),
            ("photo", File),
            ("caption", Text),
            ("parse_mode", Text),
            ("caption_entities", List),
            ("show_caption_above_media", Bool),
            ("has_spoiler", Bool),
            ("disable_notification", Bool),
            ("protect_content", Bool),
            ("allow_paid_broadcast", Bool),
            ("message_effect_id", Text),
            ("suggested_post_parameters", Object),
            ("reply_parameters", Object),
            ("reply_markup", Object),
        ],
    ),
    (
        "sendDocument",
        Method::SendDocument,
        &[
            ("business_connection_id", Text),
            ("chat_id", Chat),
            ("message_thread_id", Int),
            ("direct_messages_topic_id", Int),
            ("ephemeral_message_parameters", Object),
            ("document", File),
            ("thumbnail", File),
            ("caption", Text),
            ("parse_mode", Text),
            ("caption_entities", List),
            ("disable_content_type_detection", Bool),
            ("disable_notification", Bool),
            ("protect_content", Bool),
            ("allow_paid_broadcast", Bool),
            ("message_effect_id", Text),
            ("suggested_post_parameters", Object),
            ("reply_parameters", Object),
            ("reply_markup", Object),
        ],
    ),
    ("getFile", Method::GetFile, &[("file_id", Text)]),
    (
        "sendChatAction",
        Method::SendChatAction,
        &[("business_connection_id", Text), ("chat_id", Chat), ("message_thread_id", Int), ("action", Text)],
    ),
    (
        "editMessageText",
        Method::EditMessageText,
        &[
            ("business_connection_id", Text),
            ("chat_id", Chat),
            ("message_id", Int),
            ("inline_message_id", Text),
            ("text", Text),
            ("parse_mode", Text),
            ("entities", List),
            ("link_preview_options", Object),
            ("rich_message", Object),
            ("reply_markup", Object),
        ],
    ),
    (
        "editMessageCaption",
        Method::EditMessageCaption,
        &[
            ("business_connection_id", Text),
            ("chat_id", Chat),
            ("message_id", Int),
            ("inline_message_id", Text),
            ("caption", Text),
            ("parse_mode", Text),
            ("caption_entities", List),
            ("show_caption_above_media", Bool),
            ("reply_markup", Object),
        ],
    ),
    (
        "editMessageReplyMarkup",
        Method::EditMessageReplyMarkup,
        &[
            ("business_connection_id", Text),
            ("chat_id", Chat),
            ("message_id", Int),
            ("inline_message_id", Text),
            ("reply_markup", Object),
        ],
    ),
    ("deleteMessage", Method::DeleteMessage, &[("chat_id", Chat), ("message_id", Int)]),
    ("deleteMessages", Method::DeleteMessages, &[("chat_id", Chat), ("message_ids", List)]),
    (
        "answerCallbackQuery",
        Method::AnswerCallbackQuery,
        &[("callback_query_id", Text), ("text", Text), ("show_alert", Bool), ("url", Text), ("cache_time", Int)],
    ),
    ("setMyCommands", Method::SetMyCommands, &[("commands", List), ("scope", Object), ("language_code", Text)]),
    ("getMyCommands", Method::GetMyCommands, &[("scope", Object), ("language_code", Text)]),
    ("deleteMyCommands", Method::DeleteMyCommands, &[("scope", Object), ("language_code", Text)]),
    ("setMyName", Method::SetMyName, &[("name", Text), ("language_code", Text)]),
    ("getMyName", Method::GetMyName, &[("language_code", Text)]),
    ("setMyDescription", Method::SetMyDescription, &[("description", Text), ("language_code", Text)]),
    ("getMyDescription", Method::GetMyDescription, &[("language_code", Text)]),
    ("setMyShortDescription", Method::SetMyShortDescription, &[("short_description", Text), ("language_code", Text)]),
    ("getMyShortDescription", Method::GetMyShortDescription, &[("language_code", Text)]),
    ("getChat", Method::GetChat, &[("chat_id", Chat)]),
    ("getChatMember", Method::GetChatMember, &[("chat_id", Chat), ("user_id", Int)]),
];

/// Finds a method by its name in any case, as Telegram does.
#[must_use]
pub fn find(name: &str) -> Option<Method> {
    TABLE.iter().find(|(own, _, _)| own.eq_ignore_ascii_case(name)).map(|(_, method, _)| *method)
}

/// The type of a parameter of a method; `None` when Telegram knows no such parameter.
#[must_use]
pub fn parameter(method: Method, name: &str) -> Option<Type> {
    let (_, _, parameters) = TABLE.iter().find(|(_, own, _)| *own == method)?;
    parameters.iter().find(|(own, _)| *own == name).map(|(_, kind)| *kind)
}
