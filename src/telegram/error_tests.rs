//! The table of Telegram's refusals, and what each is taken for.

use super::*;

fn class(code: u16, description: &str) -> Class {
    classify(&Refusal { code, description: description.to_owned(), ..Refusal::default() })
}

#[test]
fn each_known_refusal_has_its_class() {
    let table = [
        (401, "Unauthorized", Class::TokenRefused),
        (401, "Unauthorized: invalid token specified", Class::TokenRefused),
        (404, "Not Found", Class::TokenRefused),
        (421, "Misdirected Request", Class::TokenRefused),
        (403, "Forbidden: bot was blocked by the user", Class::Blocked),
        (403, "Forbidden: user is deactivated", Class::Deactivated),
        (400, "Bad Request: INPUT_USER_DEACTIVATED", Class::Deactivated),
        (403, "Forbidden: bot can't initiate conversation with a user", Class::CannotInitiate),
        (401, "Unauthorized: bot can't initiate conversation with a user", Class::CannotInitiate),
        (403, "Forbidden: bot was kicked from the group chat", Class::GroupLost),
        (403, "Forbidden: bot was kicked from the supergroup chat", Class::GroupLost),
        (403, "Forbidden: bot is not a member of the channel chat", Class::GroupLost),
        (403, "Forbidden: the group chat was deleted", Class::GroupLost),
        (400, "Bad Request: chat not found", Class::ChatNotFound),
        (400, "Bad Request: private chat not found", Class::ChatNotFound),
        (400, "Bad Request: PEER_ID_INVALID", Class::ChatNotFound),
        (400, "Bad Request: user not found", Class::ChatNotFound),
        (409, "Conflict: terminated by setWebhook request", Class::Conflict(Conflict::SetWebhook)),
        (
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            Class::Conflict(Conflict::OtherPoller),
        ),
        (
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            Class::Conflict(Conflict::Webhook),
        ),
    ];
    for (code, description, expected) in table {
        assert_eq!(class(code, description), expected, "{code} {description}");
    }
}

#[test]
fn broken_markup_is_told_from_refused_content() {
    let markup = "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"";
    assert_eq!(class(400, markup), Class::Markup { description: markup.to_owned() });
    for words in [
        "Bad Request: message is too long",
        "Bad Request: MESSAGE_TOO_LONG",
        "Bad Request: message text is empty",
        "Bad Request: BUTTON_URL_INVALID",
        "Bad Request: BUTTON_DATA_INVALID",
        "Bad Request: reply markup is too long",
        "Bad Request: wrong file identifier/HTTP URL specified",
        "Bad Request: failed to get HTTP URL content",
        "Bad Request: wrong type of the web page content",
        "Bad Request: wrong file_id or the file is temporarily unavailable",
        "Bad Request: wrong remote file identifier specified: can't unserialize it. Wrong last symbol",
        "Bad Request: invalid file_id",
        "Bad Request: type of file mismatch",
        "Bad Request: can't use file of type Document as Photo",
        "Bad Request: file is too big",
        "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
        "Bad Request: file must be non-empty",
        "Bad Request: there is no photo in the request",
        "Bad Request: PHOTO_INVALID_DIMENSIONS",
        "Bad Request: PHOTO_SAVE_FILE_INVALID",
        "Bad Request: IMAGE_PROCESS_FAILED",
        "Bad Request: message caption is too long",
    ] {
        assert_eq!(class(400, words), Class::Content { description: words.to_owned() });
    }
    let too_large = "Request Entity Too Large";
    assert_eq!(class(413, too_large), Class::Content { description: too_large.to_owned() });
    assert!(matches!(classify_foreign(413), Class::Content { .. }));
}

#[test]
fn the_code_decides_before_the_words() {
    assert_eq!(class(429, "Bad Request: chat not found"), Class::FloodWait { retry_after: Duration::from_secs(1) });
    assert!(matches!(class(500, "Forbidden: bot was blocked by the user"), Class::Unknown { .. }));
    assert!(matches!(class(403, "Forbidden: chat of some new kind"), Class::Rejected { code: 403, .. }));
    assert!(matches!(class(404, "Not Found: method not found"), Class::Rejected { code: 404, .. }));
    assert!(matches!(class(409, "Conflict: of some new kind"), Class::Rejected { code: 409, .. }));
    assert!(matches!(class(414, "URI Too Long"), Class::Rejected { code: 414, .. }));
}

#[test]
fn a_flood_wait_is_read_from_the_parameter_then_from_the_words_and_is_bounded() {
    let wait = |retry_after, description: &str| {
        let description = description.to_owned();
        let Class::FloodWait { retry_after } =
            classify(&Refusal { code: 429, description, retry_after, ..Refusal::default() })
        else {
            panic!("no flood wait")
        };
        retry_after.as_secs()
    };
    assert_eq!(wait(Some(37), "Too Many Requests: retry after 12"), 37);
    assert_eq!(wait(None, "Too Many Requests: retry after 12"), 12);
    assert_eq!(wait(None, "Too Many Requests"), 1);
    assert_eq!(wait(Some(0), ""), 1);
    assert_eq!(wait(Some(10_072), ""), 10_072);
    assert_eq!(wait(Some(u64::MAX), ""), 86_400);
}

#[test]
fn a_new_chat_id_is_taken_from_the_parameters() {
    let description = "Bad Request: group chat was upgraded to a supergroup chat".to_owned();
    let refusal = Refusal { code: 400, description, migrate_to: Some(-1_001_234_567_890), ..Refusal::default() };
    assert_eq!(classify(&refusal), Class::Migrated { to: ChatId(-1_001_234_567_890) });
}

#[test]
fn what_is_not_the_bot_api_is_unknown_unless_it_refused_to_pass_the_request_on() {
    for status in [200, 204, 408, 500, 502, 503, 504, 520] {
        assert!(matches!(classify_foreign(status), Class::Unknown { .. }), "{status}");
    }
    for status in [301, 302, 400, 403, 404, 407, 414, 429] {
        assert!(matches!(classify_foreign(status), Class::NotSent { .. }), "{status}");
    }
}

#[test]
fn an_error_names_the_method_and_says_what_to_do() {
    let error = CallError { method: "sendMessage", class: Class::FloodWait { retry_after: Duration::from_secs(37) } };
    assert_eq!(
        error.to_string(),
        "sendMessage: Telegram asked us to slow down for 37 s; sending goes on by itself after that"
    );
}
