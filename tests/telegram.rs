//! The Bot API client over the real engine, against the sandbox as Telegram: what it sends is taken without a warning,
//! and each misbehaviour is read as what it means.

mod files;

use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use startlink::clock::{Clock, Timestamp};
use startlink::ids::{ChatId, TelegramMessageId};
use startlink::model::message::{Button, ButtonAction, Format};
use startlink::model::text::{MessageText, check_html, html_to_plain};
use startlink::rng::Rng;
use startlink::runtime::{Stop, block_on};
use startlink::sandbox::{ADA, BEN, Fault, Limits, Sandbox, SandboxOptions, Trouble, Which};
use startlink::telegram::{
    Api, CallError, Class, Command, Content, EditText, GetUpdates, Manner, MemberStatus, PhotoSource, SendMessage,
    SendPhoto, SentMessage, Token, UpdateKind,
};
use startlink::wire::{Engine, EngineOptions};

use crate::support::ports;
use crate::support::scripted::{Caller, Scripted};

struct Bench {
    sandbox: Sandbox,
    api: Api,
    stop: Stop,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

fn client(url: &str, token: &str) -> Api {
    let client = Engine::new(EngineOptions::default()).unwrap().client();
    Api::new(client, url, Token::parse(token).unwrap()).unwrap()
}

impl Bench {
    async fn new() -> Self {
        let stop = Stop::new();
        let clock = Clock::manual(Timestamp(1_790_000_000_000));
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let sandbox =
            Sandbox::start(SandboxOptions { listen, clock, rng: Rng::seeded(7) }, stop.clone()).await.unwrap();
        sandbox.set_limits(Limits::OFF);
        sandbox.phone(ADA).press_start("").unwrap();
        let api = client(&sandbox.url(), sandbox.token().expose());
        Self { sandbox, api, stop }
    }

    async fn send(&self, text: &str, format: Format) -> Result<SentMessage, CallError> {
        self.api.send_message(&SendMessage::new(ChatId(ADA), text, format)).await
    }

    fn warnings(&self) -> Vec<String> {
        self.sandbox.journal(0).into_iter().flat_map(|call| call.warnings).collect()
    }
}

#[test]
fn every_call_is_taken_without_a_warning() {
    block_on(async {
        let bench = Bench::new().await;
        let api = &bench.api;
        assert_eq!(api.get_me().await.unwrap().id, api.token().bot());
        assert_eq!(api.get_webhook_info().await.unwrap().url, "");
        api.delete_webhook().await.unwrap();
        let commands = [Command { command: "stop", description: "Disconnect" }];
        api.set_my_commands(&commands, None).await.unwrap();
        api.set_my_commands(&commands, Some("de")).await.unwrap();
        api.set_my_description("What it does", Some("de")).await.unwrap();
        api.set_my_short_description("What it is", None).await.unwrap();
        let button = |label: &str, action| Button { label: label.into(), action };
        let rows = [vec![
            button("Yes", ButtonAction::Tell("move:1".into())),
            button("Site", ButtonAction::Open("https://a.example/".into())),
        ]];
        let message = SendMessage {
            manner: Manner {
                format: Format::Html,
                buttons: &rows,
                silent: true,
                protect_content: true,
                ..Manner::default()
            },
            no_link_preview: true,
            ..SendMessage::new(ChatId(ADA), "<b>Move</b> it?", Format::Html)
        };
        let sent = api.send_message(&message).await.unwrap();
        bench.sandbox.phone(ADA).press(sent.id.0, &Which::Label("Yes".into())).unwrap();
        let batch = api.get_updates(&GetUpdates::long(None, 1)).await.unwrap();
        let UpdateKind::CallbackQuery(query) = &batch.updates.last().unwrap().kind else { panic!("{batch:?}") };
        assert_eq!(query.data.as_deref(), Some("move:1"));
        assert_eq!(query.message.as_ref().unwrap().id, sent.id);
        api.answer_callback_query(&query.id, Some("Moved")).await.unwrap();
        api.edit_buttons(ChatId(ADA), sent.id, &[]).await.unwrap();
        api.edit_buttons(ChatId(ADA), sent.id, &[]).await.unwrap();
        let (chat_id, message_id) = (ChatId(ADA), sent.id);
        let edit = EditText { chat_id, message_id, text: "Moved <i>it</i>", format: Format::Html, buttons: &[] };
        api.edit_message_text(&edit).await.unwrap();
        api.edit_message_text(&edit).await.unwrap();
        let shown = bench.sandbox.phone(ADA).messages(sent.id.0 - 1);
        assert_eq!(shown[0].text, "Moved it");
        assert_eq!(bench.warnings(), Vec::<String>::new());
    });
}

/// A message's text or the bot's new standing.
fn told(kind: &UpdateKind) -> String {
    if let UpdateKind::MyChatMember(change) = kind {
        return format!("{:?}", change.new);
    }
    let UpdateKind::Message(message) = kind else { panic!("{kind:?}") };
    let Content::Text(text) = &message.content else { panic!("{message:?}") };
    text.clone()
}

#[test]
fn what_people_do_arrives_as_updates_and_is_confirmed_by_the_next_poll() {
    block_on(async {
        let bench = Bench::new().await;
        let ada = bench.sandbox.phone(ADA);
        ada.press_start("a-code").unwrap();
        ada.block().unwrap();
        ada.unblock().unwrap();
        let batch = bench.api.get_updates(&GetUpdates::long(None, 1)).await.unwrap();
        let told: Vec<_> = batch.updates.iter().map(|update| told(&update.kind)).collect();
        let status = |status: MemberStatus| format!("{status:?}");
        let expected = ["/start", "/start a-code", &status(MemberStatus::Kicked), &status(MemberStatus::Member)];
        assert_eq!(told, expected);
        let next = batch.next_offset();
        let empty = bench.api.get_updates(&GetUpdates { timeout: 0, ..GetUpdates::long(next, 0) }).await.unwrap();
        assert!(empty.updates.is_empty());
        assert!(bench.sandbox.waiting_updates().is_empty());
    });
}

#[test]
fn each_misbehaviour_is_read_as_what_it_means_for_the_message() {
    let flood = Class::FloodWait { retry_after: Duration::from_secs(37) };
    let table = [
        (Trouble::TooManyRequests { retry_after: 37 }, Some(flood), 0),
        (Trouble::Unauthorized, Some(Class::TokenRefused), 0),
        (Trouble::NotFound, Some(Class::TokenRefused), 0),
        (Trouble::Blocked, Some(Class::Blocked), 0),
        // The outcome is open: whether the message arrived cannot be told from here.
        (Trouble::ServerError { status: 503 }, None, 0),
        (Trouble::HtmlBadGateway, None, 0),
        (Trouble::Garbage, None, 1),
        (Trouble::ResetBefore, None, 0),
        (Trouble::DropAnswer, None, 1),
        (Trouble::HalfAnswer, None, 1),
    ];
    block_on(async {
        let bench = Bench::new().await;
        for (trouble, class, arrived) in table {
            let before = bench.sandbox.phone(ADA).last_id();
            bench.sandbox.add_fault(Fault::new(trouble.clone()).on("sendMessage").times(1));
            let error = bench.send("x", Format::Plain).await.unwrap_err();
            match class {
                Some(class) => assert_eq!(error.class, class, "{trouble:?}"),
                None => assert!(matches!(error.class, Class::Unknown { .. }), "{trouble:?}: {error:?}"),
            }
            assert!(!format!("{error} {error:?}").contains(bench.sandbox.token().expose()));
            assert_eq!(bench.sandbox.phone(ADA).messages(before).len(), arrived, "{trouble:?}");
            bench.send("x", Format::Plain).await.unwrap();
        }
    });
}

#[test]
fn refusals_of_chats_and_content_have_their_classes() {
    block_on(async {
        let bench = Bench::new().await;
        let refused = |class: Result<SentMessage, CallError>| class.unwrap_err().class;
        let to = async |chat| bench.api.send_message(&SendMessage::new(ChatId(chat), "x", Format::Plain)).await;
        assert!(matches!(refused(to(BEN).await), Class::CannotInitiate | Class::ChatNotFound));
        assert_eq!(refused(to(999_999).await), Class::ChatNotFound);
        assert!(matches!(refused(bench.send("<b>x", Format::Html).await), Class::Markup { .. }));
        assert!(matches!(refused(bench.send(" ", Format::Plain).await), Class::Content { .. }));
        assert!(matches!(refused(bench.send(&"x".repeat(4097), Format::Plain).await), Class::Content { .. }));
        bench.sandbox.phone(ADA).block().unwrap();
        assert_eq!(refused(to(ADA).await), Class::Blocked);
        bench.sandbox.phone(ADA).deactivate().unwrap();
        assert_eq!(refused(to(ADA).await), Class::Deactivated);
        let gone = bench.api.edit_buttons(ChatId(ADA), TelegramMessageId(12_345), &[]).await;
        assert!(matches!(gone.unwrap_err().class, Class::Rejected { .. } | Class::Deactivated));
    });
}

#[test]
fn where_nobody_listens_nothing_was_sent() {
    let api = client(&format!("http://{}", ports::quiet()), "42:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
    let error = block_on(api.get_me()).unwrap_err();
    assert!(matches!(error.class, Class::NotSent { .. }), "{error:?}");
    assert!(!error.to_string().contains("AAHdq"), "{error}");
}

/// Uploads five megabytes to a server of which every connection does the same; what it is taken for.
fn upload_to(address: SocketAddr) -> Class {
    let api = client(&format!("http://{address}"), "42:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
    let bytes = vec![7; 5 << 20];
    let photo = PhotoSource::Upload { bytes: &bytes, mime: "image/jpeg" };
    block_on(api.send_photo(&SendPhoto::new(ChatId(ADA), photo))).unwrap_err().class
}

#[test]
fn an_upload_is_in_doubt_from_its_first_byte_on() {
    let refused = upload_to(ports::quiet());
    assert!(matches!(refused, Class::NotSent { .. }), "{refused:?}");
    let deaths: [fn(&mut Caller); 4] = [
        |caller| drop(caller.bytes(1)),
        |caller| drop(caller.head()),
        |caller| {
            caller.head();
            caller.bytes(1 << 20);
        },
        |caller| assert!(caller.request()),
    ];
    for (number, death) in deaths.into_iter().enumerate() {
        let server = Scripted::start(death);
        let class = upload_to(server.address);
        assert!(matches!(class, Class::Unknown { .. }), "{number}: {class:?}");
        assert_eq!(server.arrivals(), usize::from(number == 3), "{number}");
    }
}

#[test]
fn a_photo_is_uploaded_once_and_named_from_then_on() {
    block_on(async {
        let bench = Bench::new().await;
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0".to_vec();
        bytes.resize(3 << 20, b'-');
        let rows = [vec![Button { label: "Go".into(), action: ButtonAction::Tell("go".into()) }]];
        let upload = SendPhoto {
            caption: "<b>Ä</b> caption",
            manner: Manner {
                format: Format::Html,
                buttons: &rows,
                silent: true,
                protect_content: true,
                paid: true,
                answers: None,
            },
            ..SendPhoto::new(ChatId(ADA), PhotoSource::Upload { bytes: &bytes, mime: "image/png" })
        };
        let first = bench.api.send_photo(&upload).await.unwrap();
        let id = first.file_id.unwrap();
        let named = SendPhoto { photo: PhotoSource::Id(&id), ..upload };
        let second = bench.api.send_photo(&named).await.unwrap();
        assert_eq!(second.file_id, Some(id));
        let shown = bench.sandbox.phone(ADA).messages(first.id.0 - 1);
        assert_eq!((shown.len(), shown[0].text.as_str(), shown[1].id), (2, "Ä caption", second.id.0));
        assert_eq!((&shown[0].photo, &shown[0].keyboard), (&shown[1].photo, &shown[1].keyboard));
        assert!(shown.iter().all(|message| message.manner.silent && message.manner.protected));
        assert_eq!((bench.sandbox.paid().messages, bench.warnings()), (2, Vec::new()));
        let broken = SendPhoto::new(ChatId(ADA), PhotoSource::Upload { bytes: b"%PDF", mime: "image/jpeg" });
        let refused = bench.api.send_photo(&broken).await.unwrap_err().class;
        assert!(matches!(refused, Class::Content { .. }), "{refused:?}");
    });
}

#[test]
fn a_refusal_in_the_middle_of_an_upload_is_read() {
    let server = Scripted::start(|caller| {
        caller.head();
        let body = r#"{"ok":false,"error_code":413,"description":"Request Entity Too Large"}"#;
        caller.say(format!("HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        caller.wait_for_close();
    });
    assert_eq!(upload_to(server.address), Class::Content { description: "Request Entity Too Large".to_owned() });
}

/// Markup from a small alphabet, so that whole tags, broken ones, entities and attributes are all common.
fn markup() -> impl Strategy<Value = String> {
    let bits = [
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<B >",
        "<a href=\"https://a.example/?x=1&amp;y\">",
        "<a href='http://b.example'>",
        "<a>",
        "</a>",
        "<code>",
        "</code>",
        "<pre>",
        "</pre>",
        "<span class=\"tg-spoiler\">",
        "<span>",
        "</span>",
        "<blockquote expandable>",
        "</blockquote>",
        "<tg-emoji emoji-id=\"5368324170671202286\">",
        "</tg-emoji>",
        "<br>",
        "<",
        ">",
        "&",
        "&amp;",
        "&lt;",
        "&#128512;",
        "&#x41;",
        "&nbsp;",
        "x",
        "é😀",
        " ",
        "\n",
        "word ",
        "\"",
        "'",
        "/",
    ];
    prop::collection::vec(prop::sample::select(bits.to_vec()), 0..14).prop_map(|bits| bits.concat())
}

/// What passes our check is taken by the sandbox's parser, which knows nothing of it, and shows the same characters.
#[test]
fn markup_that_passes_the_check_is_taken_and_shows_what_was_counted() {
    block_on(async {
        let bench = Bench::new().await;
        bench.sandbox.keep_journal(1);
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut taken = 0;
        for _ in 0..20_000 {
            let html = markup().new_tree(&mut runner).unwrap().current();
            if check_html(&html).is_err() || MessageText::parse(&html, Format::Html).is_err() {
                continue;
            }
            let sent = bench.send(&html, Format::Html).await.unwrap_or_else(|error| panic!("{html:?}: {error}"));
            let shown = bench.sandbox.phone(ADA).messages(sent.id.0 - 1).remove(0).text;
            let bare = ["<a href=\"https://a.example/?x=1&amp;y\">", "<a href='http://b.example'>"];
            let without_links = bare.iter().fold(html.clone(), |html, tag| html.replace(tag, "<a>"));
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeeze(&shown), squeeze(&html_to_plain(&without_links)), "{html:?}");
            taken += 1;
        }
        assert!(taken > 500, "the markup is rarely whole: {taken}");
    });
}
