//! The client against a transport of its own: what leaves, and what each answer is taken for.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use surf::http::{Request, Response};

use super::*;
use crate::ids::{ChatId, TelegramMessageId, UpdateId, UserId};
use crate::model::message::{Button, ButtonAction, Format};

const TOKEN: &str = "42:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

enum Answer {
    Body(u16, String),
    Broken(wire::Fault),
    Leaky,
    Never,
}

/// Gives one answer to every call and keeps the last request.
struct Line {
    answer: Answer,
    last: Arc<Mutex<Option<(String, String, String)>>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl surf::HttpClient for Line {
    fn send<'a, 't>(&'a self, mut request: Request) -> Pin<Box<dyn Future<Output = surf::Result<Response>> + Send + 't>>
    where
        'a: 't,
        Self: 't,
    {
        Box::pin(async move {
            let body = request.body_string().await?;
            let kind = request.content_type().map(|mime| mime.to_string()).unwrap_or_default();
            *self.last.lock().unwrap() = Some((request.url().to_string(), kind, body));
            match &self.answer {
                Answer::Body(status, body) => {
                    let mut response = Response::new(*status);
                    response.set_body(body.as_str());
                    Ok(response)
                }
                Answer::Broken(fault) => Err(fault.clone().into()),
                Answer::Leaky => Err(surf::Error::from_str(500, format!("cannot reach http://x/bot{TOKEN}/getMe"))),
                Answer::Never => std::future::pending().await,
            }
        })
    }
}

type Last = Arc<Mutex<Option<(String, String, String)>>>;

fn api(answer: Answer) -> (Api, Last) {
    let last = Last::default();
    let client = surf::Client::with_http_client(Line { answer, last: last.clone() });
    (Api::new(client, "http://127.0.0.1:8081/", Token::parse(TOKEN).unwrap()).unwrap(), last)
}

fn answering(status: u16, body: &str) -> Api {
    api(Answer::Body(status, body.to_owned())).0
}

fn poll(json: &str) -> Result<Batch, CallError> {
    runtime::block_on(answering(200, json).get_updates(&GetUpdates::long(None, 50)))
}

fn send(answer: Answer) -> Result<SentMessage, CallError> {
    runtime::block_on(api(answer).0.send_message(&SendMessage::new(ChatId(7), "hi", Format::Plain)))
}

fn kinds(elements: &str) -> Vec<(i64, UpdateKind)> {
    let batch = poll(&format!(r#"{{"ok":true,"result":[{elements}]}}"#)).unwrap();
    assert!(batch.strays.is_empty(), "{:?}", batch.strays);
    assert_eq!(batch.raws.len(), batch.updates.len());
    assert!(batch.raws.iter().all(|raw| elements.contains(&**raw)));
    batch.updates.into_iter().map(|update| (update.id.0, update.kind)).collect()
}

#[test]
fn a_send_is_one_post_of_json_without_what_is_not_set() {
    let (api, last) =
        api(Answer::Body(200, r#"{"ok":true,"result":{"message_id":99,"date":1,"new_field":[]}}"#.into()));
    let button = |label: &str, action| Button { label: label.into(), action };
    let rows = [vec![
        button("Yes", ButtonAction::Tell("move:1".into())),
        button("Site", ButtonAction::Open("https://a.example".into())),
    ]];
    let plain = SendMessage::new(ChatId(7), "a \"b\" é", Format::Plain);
    let rich = SendMessage {
        manner: Manner {
            format: Format::Html,
            buttons: &rows,
            silent: true,
            protect_content: true,
            paid: true,
            answers: None,
        },
        no_link_preview: true,
        ..plain
    };
    let sent = runtime::block_on(api.send_message(&plain)).unwrap();
    assert_eq!(sent.id, TelegramMessageId(99));
    let (url, kind, body) = last.lock().unwrap().take().unwrap();
    assert_eq!(url, format!("http://127.0.0.1:8081/bot{TOKEN}/sendMessage"));
    assert_eq!(kind, "application/json");
    assert_eq!(body, r#"{"chat_id":7,"text":"a \"b\" é"}"#);
    runtime::block_on(api.send_message(&rich)).unwrap();
    let (_, _, body) = last.lock().unwrap().take().unwrap();
    assert_eq!(
        body,
        r#"{"chat_id":7,"text":"a \"b\" é","parse_mode":"HTML","reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"move:1"},{"text":"Site","url":"https://a.example"}]]},"disable_notification":true,"protect_content":true,"allow_paid_broadcast":true,"link_preview_options":{"is_disabled":true}}"#
    );
}

#[test]
fn a_known_photo_is_json_and_a_new_one_a_form_with_the_same_fields() {
    let (api, last) = api(Answer::Body(200, photo_answer()));
    let known = SendPhoto::new(ChatId(7), PhotoSource::Id("AgAC"));
    let sent = runtime::block_on(api.send_photo(&known)).unwrap();
    assert_eq!(sent, SentPhoto { id: TelegramMessageId(99), file_id: Some("large".into()) });
    let (url, kind, body) = last.lock().unwrap().take().unwrap();
    assert_eq!(url, format!("http://127.0.0.1:8081/bot{TOKEN}/sendPhoto"));
    assert_eq!((kind.as_str(), body.as_str()), ("application/json", r#"{"chat_id":7,"photo":"AgAC"}"#));
    let rows = [vec![Button { label: "Yes".into(), action: ButtonAction::Tell("y".into()) }]];
    let new = SendPhoto {
        caption: "<b>é</b>",
        manner: Manner {
            format: Format::Html,
            buttons: &rows,
            silent: true,
            protect_content: true,
            paid: true,
            answers: None,
        },
        ..SendPhoto::new(ChatId(7), PhotoSource::Upload { bytes: b"the photo", mime: "image/png" })
    };
    assert_eq!(runtime::block_on(api.send_photo(&new)).unwrap(), sent);
    let (_, kind, body) = last.lock().unwrap().take().unwrap();
    let boundary = kind.strip_prefix("multipart/form-data;boundary=").unwrap_or_else(|| panic!("{kind}"));
    let part =
        |head: &str, value: &str| format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n");
    let keys = r#"{"inline_keyboard":[[{"callback_data":"y","text":"Yes"}]]}"#;
    let mut expected: Vec<_> = [
        ("allow_paid_broadcast", "true"),
        ("caption", "<b>é</b>"),
        ("chat_id", "7"),
        ("disable_notification", "true"),
        ("parse_mode", "HTML"),
        ("protect_content", "true"),
        ("reply_markup", keys),
    ]
    .map(|(name, value)| part(&format!("name=\"{name}\""), value))
    .to_vec();
    let file = "name=\"photo\"; filename=\"photo.png\"\r\nContent-Type: image/png";
    expected.extend([part(file, "the photo"), format!("--{boundary}--\r\n")]);
    assert_eq!(body, expected.concat());
}

#[test]
fn a_photo_that_telegram_took_is_sent_even_if_its_sizes_cannot_be_read() {
    for (body, id) in [
        (r#"{"ok":true}"#, 0),
        (r#"{"ok":true,"result":{"message_id":4,"photo":"x"}}"#, 4),
        (r#"{"ok":true,"result":{"message_id":4,"photo":[]}}"#, 4),
        (r#"{"ok":true,"result":{"message_id":4,"document":{}}}"#, 4),
    ] {
        let photo = SendPhoto::new(ChatId(7), PhotoSource::Id("AgAC"));
        let sent = runtime::block_on(answering(200, body).send_photo(&photo)).unwrap();
        assert_eq!(sent, SentPhoto { id: TelegramMessageId(id), file_id: None }, "{body}");
    }
    let refused =
        answering(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: PHOTO_INVALID_DIMENSIONS"}"#);
    let photo = SendPhoto::new(ChatId(7), PhotoSource::Upload { bytes: b"x", mime: "image/jpeg" });
    let error = runtime::block_on(refused.send_photo(&photo)).unwrap_err();
    assert_eq!((error.method, matches!(error.class, Class::Content { .. })), ("sendPhoto", true));
}

#[test]
fn an_upload_is_given_the_time_of_a_slow_line() {
    assert_eq!(upload_deadline(1000), CALL_DEADLINE);
    assert_eq!(upload_deadline(10 * 1024 * 1024), Duration::from_secs(20 + 320));
}

fn photo_answer() -> String {
    let size = |id: &str, width: u32, height: u32| {
        format!(r#"{{"file_id":"{id}","file_unique_id":"u","width":{width},"height":{height},"file_size":1}}"#)
    };
    let sizes = [size("small", 90, 60), size("large", 1280, 853), size("middle", 320, 213)].join(",");
    format!(r#"{{"ok":true,"result":{{"message_id":99,"date":1,"photo":[{sizes}]}}}}"#)
}

#[test]
fn a_poll_asks_for_its_kinds_and_waits_longer_than_telegram() {
    let (api, last) = api(Answer::Body(200, r#"{"ok":true,"result":[]}"#.into()));
    let batch = runtime::block_on(api.get_updates(&GetUpdates::long(Some(12), 50))).unwrap();
    assert_eq!(batch.next_offset(), None);
    let (_, _, body) = last.lock().unwrap().take().unwrap();
    assert_eq!(
        body,
        r#"{"offset":12,"limit":100,"timeout":50,"allowed_updates":["message","callback_query","my_chat_member"]}"#
    );
}

#[test]
fn messages_are_read_with_their_sender_and_text() {
    let updates = kinds(
        r#"{"update_id":5,"message":{"message_id":1,"date":1700000000,"text":"/start abc","entities":[{"type":"bot_command"}],
           "chat":{"id":7,"type":"private","first_name":"Ann"},
           "from":{"id":7,"is_bot":false,"first_name":"Ann","last_name":"Lee","username":"ann","language_code":"de"}}},
           {"update_id":6,"message":{"message_id":2,"date":0,"caption":"look","document":{},"animation":{},"chat":{"id":-1,"type":"supergroup","title":"G"}}},
           {"update_id":7,"message":{"message_id":3,"date":0,"migrate_to_chat_id":-100,"chat":{"id":-1,"type":"group"}}},
           {"update_id":8,"message":{"message_id":4,"date":0,"some_new_thing":{},"chat":{"id":-1,"type":"a_new_type"}}}"#,
    );
    let messages: Vec<_> = updates
        .into_iter()
        .map(|(_, kind)| if let UpdateKind::Message(message) = kind { *message } else { panic!("{kind:?}") })
        .collect();
    let from = messages[0].from.as_ref().unwrap();
    assert_eq!((from.id, from.name().as_str()), (UserId(7), "Ann Lee"));
    assert_eq!(from.language_code.as_deref(), Some("de"));
    assert_eq!(messages[0].date.seconds(), 1_700_000_000);
    assert_eq!(messages[0].content, Content::Text("/start abc".into()));
    assert_eq!(
        messages[1].content,
        Content::Media { kind: MediaKind::Animation, caption: Some("look".into()), carried: None }
    );
    assert_eq!(messages[2].content, Content::MigratedTo(ChatId(-100)));
    assert_eq!((&messages[3].content, messages[3].chat.kind), (&Content::Other, ChatKind::Other));
}

#[test]
fn presses_and_membership_are_read() {
    let updates = kinds(
        r#"{"update_id":5,"callback_query":{"id":"q","data":"move:1","from":{"id":7,"first_name":"A"},"chat_instance":"x",
           "message":{"chat":{"id":7,"type":"private"},"message_id":3,"date":0}}},
           {"update_id":6,"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"first_name":"A"},"date":9,
           "old_chat_member":{"status":"member","user":{}},"new_chat_member":{"status":"kicked","until_date":0}}}"#,
    );
    let UpdateKind::CallbackQuery(query) = &updates[0].1 else { panic!() };
    assert_eq!((query.id.as_str(), query.data.as_deref()), ("q", Some("move:1")));
    let message = query.message.as_ref().unwrap();
    assert_eq!((message.id, message.date), (TelegramMessageId(3), None));
    let UpdateKind::MyChatMember(change) = &updates[1].1 else { panic!() };
    assert_eq!((change.old, change.new), (MemberStatus::Member, MemberStatus::Kicked));
}

#[test]
fn an_update_that_is_not_understood_still_yields_its_id_and_none_of_its_words() {
    let updates = kinds(
        r#"{"update_id":5,"subscription":{"a":1}},
           {"update_id":6,"message":{"text":"secret words","chat":{"id":"secret words, expected by nobody"}}},
           {"update_id":7,"message":{"message_id":3,"date":"soon","chat":{"id":7,"type":"private"}}},
           {"update_id":"8","message":{}},
           {"update_id":9,"message":"secret words"},
           {"update_id":10},
           {"update_id":11,"message":{"message_id":3,"date":1,"text":"ok","chat":{"id":7,"type":"private"}}}"#,
    );
    assert_eq!(updates.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5, 6, 7, 8, 9, 10, 11]);
    assert_eq!(updates[0].1, UpdateKind::Other { name: "subscription".into() });
    assert_eq!(updates[5].1, UpdateKind::Other { name: String::new() });
    for (id, kind) in &updates[1..5] {
        let UpdateKind::Malformed { reason, shape } = kind else { panic!("{id}") };
        assert!(!format!("{reason}{shape}").contains("secret"), "{reason} {shape}");
    }
    let UpdateKind::Malformed { shape, .. } = &updates[1].1 else { panic!() };
    assert_eq!(shape, "{message:{chat:{id:string},text:string},update_id:number}");
    assert!(matches!(updates[6].1, UpdateKind::Message(_)));
}

#[test]
fn an_element_without_an_id_does_not_stop_the_others() {
    let batch = poll(r#"{"ok":true,"result":[{"message":{}},17,null,{"update_id":3,"x":{}},{"update_id":-9,"x":{}}]}"#)
        .unwrap();
    assert_eq!(batch.strays, ["{message:{}}", "number", "null"]);
    assert_eq!(batch.updates.iter().map(|update| update.id).collect::<Vec<_>>(), [UpdateId(3), UpdateId(-9)]);
    assert_eq!(batch.next_offset(), Some(-8), "the last id counts, not the highest");
}

#[test]
fn a_refusal_is_read_from_the_answer_and_not_from_the_status() {
    let flood = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7,"x":1}}"#;
    let error = send(Answer::Body(200, flood.into())).unwrap_err();
    assert_eq!(
        error,
        CallError { method: "sendMessage", class: Class::FloodWait { retry_after: Duration::from_secs(7) } }
    );
    let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}}"#;
    let error = send(Answer::Body(400, moved.into())).unwrap_err();
    assert_eq!(error.class, Class::Migrated { to: ChatId(-1_001_234_567_890) });
    let bare = send(Answer::Body(403, r#"{"ok":false,"description":"Forbidden: bot was blocked by the user"}"#.into()));
    assert_eq!(bare.unwrap_err().class, Class::Blocked);
}

#[test]
fn whatever_is_no_whole_answer_leaves_the_outcome_open() {
    for (status, body) in [
        (502, "<html><body>502 Bad Gateway</body></html>"),
        (500, r#"{"ok":false,"error_code":500,"description":"Internal Server Error"}"#),
        (200, "<html>captive portal</html>"),
        (200, ""),
        (200, r#"{"ok":true,"result":{"message_id":4"#),
        (200, "[]"),
    ] {
        let error = send(Answer::Body(status, body.into())).unwrap_err();
        assert!(matches!(error.class, Class::Unknown { .. }), "{status} {body}: {error:?}");
    }
}

#[test]
fn a_message_that_telegram_took_is_sent_even_if_its_number_cannot_be_read() {
    for body in [r#"{"ok":true}"#, r#"{"ok":true,"result":{"message_id":"x"}}"#] {
        assert_eq!(send(Answer::Body(200, body.into())), Ok(SentMessage { id: TelegramMessageId(0) }), "{body}");
    }
}

#[test]
fn the_engine_says_whether_a_request_left() {
    let error = send(Answer::Broken(wire::Fault::NotSent { cause: wire::Cause::Connect, reason: "refused".into() }))
        .unwrap_err();
    assert_eq!(error.class, Class::NotSent { reason: "refused".into() });
    let error = send(Answer::Broken(wire::Fault::Unknown { reason: "reset".into() })).unwrap_err();
    assert_eq!(error.class, Class::Unknown { reason: "reset".into() });
}

#[test]
fn a_deadline_that_passes_leaves_the_outcome_open() {
    let (api, _) = api(Answer::Never);
    let error = runtime::block_on(api.post("getMe", &(), Duration::from_millis(1))).err().unwrap();
    assert_eq!(error.class, Class::Unknown { reason: "no answer within 0.001 s".into() });
}

#[test]
fn no_error_and_no_debug_output_carries_the_token() {
    let (api, _) = api(Answer::Leaky);
    let error = runtime::block_on(api.get_me()).unwrap_err();
    for text in [format!("{error} {error:?}"), format!("{api:?}")] {
        assert!(!text.contains("AAHdq"), "{text}");
    }
    assert!(error.to_string().contains("[token]"));
}

#[test]
fn an_edit_that_changes_nothing_is_done() {
    let same = r#"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified new message content is the same"}"#;
    runtime::block_on(answering(400, same).edit_buttons(ChatId(1), TelegramMessageId(2), &[])).unwrap();
    let gone = r#"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#;
    runtime::block_on(answering(400, gone).edit_buttons(ChatId(1), TelegramMessageId(2), &[])).unwrap_err();
}

#[test]
fn the_bot_and_its_webhook_are_read() {
    let me = r#"{"ok":true,"result":{"id":42,"is_bot":true,"first_name":"Post","username":"post_bot","can_join_groups":true,"new":1}}"#;
    let info = runtime::block_on(answering(200, me).get_me()).unwrap();
    assert_eq!((info.id, info.username.as_str()), (UserId(42), "post_bot"));
    let hook = r#"{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":3}}"#;
    let info = runtime::block_on(answering(200, hook).get_webhook_info()).unwrap();
    assert_eq!((info.url.as_str(), info.pending_update_count), ("", 3));
}

#[test]
fn only_a_plain_http_address_is_an_api_url() {
    let client = || surf::Client::with_http_client(Line { answer: Answer::Never, last: Last::default() });
    let token = || Token::parse(TOKEN).unwrap();
    for url in ["", "api.telegram.org", "ftp://x", "https://x/?a=1", "https://x/#a", "mailto:a@b"] {
        assert_eq!(Api::new(client(), url, token()).err(), Some(BadApiUrl), "{url}");
    }
    for url in ["https://api.telegram.org", "http://127.0.0.1:8081/", " https://proxy.example/telegram/ "] {
        assert!(Api::new(client(), url, token()).is_ok(), "{url}");
    }
}
