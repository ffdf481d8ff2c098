//! Updates as they should not be, twice, and left over from a process that died.

use serde_json::json;
use startlink::telegram::GetUpdates;

use super::*;

/// Updates that are not as documented; each has a number, added by the test.
const MALFORMED: [&str; 14] = [
    r#""message":{"message_id":1,"date":1}"#,
    r#""message":{"message_id":"one","date":1,"chat":{"id":7,"type":"private"}}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":"seven","type":"private"}}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":99999999999999999999999,"type":"private"}}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":7},"text":"x"}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"text":5}"#,
    r#""message":[]"#,
    r#""message":"text""#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"from":{"first_name":"no id"}}"#,
    r#""callback_query":{"id":"1"}"#,
    r#""callback_query":{"id":7,"from":{"id":7,"first_name":"A"}}"#,
    r#""my_chat_member":{"chat":{"id":7,"type":"private"}}"#,
    r#""my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"first_name":"A"},"date":1,"old_chat_member":{},"new_chat_member":{}}"#,
    r#""message":{"message_id":1,"date":1.5,"chat":{"id":7,"type":"private"}}"#,
];

/// Updates that are as documented, or newer than this program, and ask for nothing.
const HARMLESS: [&str; 10] = [
    r#""some_new_kind":{"a":1}"#,
    r#""message":null"#,
    r#""edited_message":{"message_id":1}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"text":"nobody"}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"from":{"id":7,"is_bot":true,"first_name":"B"},"text":"/start x"}"#,
    r#""message":{"date":1,"chat":{"id":-5,"type":"group","title":"G"},"text":"hello"}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":-5,"type":"a_new_type"},"text":"/start"}"#,
    r#""callback_query":{"id":"1","from":{"id":7,"is_bot":false,"first_name":"A"},"inline_message_id":"x","data":"undo:1"}"#,
    r#""message":{"message_id":1,"date":1,"chat":{"id":-5,"type":"group"},"migrate_to_chat_id":-100500}"#,
    r#""my_chat_member":{"chat":{"id":-5,"type":"group"},"from":{"id":7,"first_name":"A"},"date":1,"old_chat_member":{"status":"left"},"new_chat_member":{"status":"member"}}"#,
];

fn inject(bench: &Bench, fields: &str) {
    let next = bench.sandbox.inject("{}");
    // The number of the placeholder tells what comes next; the placeholder itself has none.
    bench.sandbox.inject(&format!(r#"{{"update_id":{},{fields}}}"#, next + 1));
}

#[test]
fn malformed_updates_are_set_aside_and_stop_nobody() {
    run(|mut bench| async move {
        for fields in MALFORMED.iter().chain(&HARMLESS) {
            inject(&bench, fields);
        }
        bench.start();
        let (phone, _) = bench.linked("ada").await;
        hear(&phone, "Hello ada").await;
        bench.confirmed().await;
        assert_eq!(bench.set_asides(), MALFORMED.len());
        assert_eq!(bench.chat(7), None, "nobody is known by what could not be read");
        assert_eq!(bench.bot.health().report().state, State::Polling);
        bench
    });
}

#[test]
fn a_code_in_a_group_counts_when_the_bot_is_named_and_binds_the_group_alone() {
    run(|mut bench| async move {
        let account = bench.account("ada").await;
        let issued = bench.issue(account).await;
        let (bot, code) = (bench.sandbox.bot().username, issued.code);
        let text = |text: String| {
            json!({ "message_id": 1, "date": 1, "text": text, "chat": { "id": -500, "type": "supergroup", "title": "G" },
                    "from": { "id": ADA, "is_bot": false, "first_name": "Ada" } })
        };
        // It may be meant for another bot.
        inject(&bench, &format!(r#""message":{}"#, text(format!("/start {}", code.expose()))));
        bench.start_bot();
        bench.confirmed().await;
        assert_eq!((bench.bound(-500), bench.status(issued.id)), (None, LinkStatus::Open));
        inject(&bench, &format!(r#""message":{}"#, text(format!("/start@{bot} {}", code.expose()))));
        bench.until(|bench| bench.bound(-500) == Some(account)).await;
        bench.confirmed().await;
        assert_eq!((bench.bound(ADA), bench.status(issued.id)), (None, LinkStatus::Used));
        bench
    });
}

#[test]
fn what_a_dead_process_had_fetched_is_done_once() {
    run(|mut bench| async move {
        let account = bench.account("ada").await;
        let (link, address) = bench.link(account).await;
        let phone = bench.sandbox.phone(ADA);
        phone.open(&address).unwrap();
        let token = Token::parse(bench.sandbox.token().expose()).unwrap();
        let dead = Connector::new(&bench.sandbox.url(), EngineOptions::default()).unwrap().api(token);
        assert_eq!(dead.get_updates(&GetUpdates::long(None, 0)).await.unwrap().updates.len(), 1);
        drop(dead);
        bench.start();
        hear(&phone, "Hello ada").await;
        bench.confirmed().await;
        let used = bench.events().into_iter().filter(|kind| *kind == EventKind::LinkUsed(link, ChatId(ADA))).count();
        assert_eq!(used, 1);
        bench
    });
}

#[test]
fn a_restart_goes_on_where_the_last_process_stopped() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        hear(&phone, "Hello ada").await;
        bench.end().await;
        assert_eq!(bench.bot.health().report().state, State::Stopped);
        phone.send("written while nobody polled").unwrap();
        bench.start();
        hear(&phone, "Passed on").await;
        bench.confirmed().await;
        let talk = bench.read(|read| store::messages::conversation(read, account, None, 100));
        assert_eq!(talk.iter().filter(|opened| opened.message.is_incoming()).count(), 1);
        let greetings = phone.messages(0).into_iter().filter(|message| message.text.starts_with("Hello")).count();
        assert_eq!(greetings, 1);
        bench
    });
}

#[test]
fn a_hundred_claims_at_once_are_all_done() {
    run(|mut bench| async move {
        let mut phones = Vec::new();
        for number in 0..150 {
            let account = bench.account(&format!("person{number}")).await;
            let (_, address) = bench.link(account).await;
            let phone = bench.sandbox.add_person("Person", "en");
            phone.open(&address).unwrap();
            phones.push((phone, account));
        }
        bench.start_bot();
        bench.confirmed().await;
        for (phone, account) in &phones {
            assert_eq!(bench.bound(phone.id()), Some(*account));
        }
        bench
    });
}
