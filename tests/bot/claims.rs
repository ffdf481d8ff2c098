//! Linking and leaving, as people do it on their phones.

use startlink::model::chat::Reachability;
use startlink::model::event::Unlinked;
use startlink::sandbox::Which;

use super::*;

#[test]
fn a_person_presses_start_is_greeted_and_may_take_it_back() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        let greeting = hear(&phone, "Hello ada, how are you?").await;
        assert_eq!(labels(&greeting), ["Not you? Disconnect"]);
        assert_eq!(bench.chat(ADA).unwrap().profile.name, phone.person().unwrap().name());
        phone.press(greeting.id, &Which::Place(0)).unwrap();
        hear(&phone, "Disconnected.").await;
        assert_eq!(bench.bound(ADA), None);
        assert!(bench.events().ends_with(&[EventKind::ChatUnlinked(ChatId(ADA), Unlinked::ByPerson)]));
        let tidied = |call: &startlink::sandbox::Call| call.method == "editMessageReplyMarkup" && call.was_done();
        bench.sandbox.wait_for_call(0, PATIENCE, tidied).await.expect("the button goes");
        let answered = |call: &startlink::sandbox::Call| call.method == "answerCallbackQuery" && call.was_done();
        bench.sandbox.wait_for_call(0, PATIENCE, answered).await.expect("the press is acknowledged");
        assert!(bench.read(|read| accounts::get(read, account)).is_some());
        bench
    });
}

#[test]
fn a_chat_is_asked_before_it_moves_and_the_link_waits_for_it() {
    run(|mut bench| async move {
        bench.start();
        let (phone, ada) = bench.linked("ada").await;
        let eve = bench.account("eve").await;
        let (link, address) = bench.link(eve).await;
        phone.open(&address).unwrap();
        let question = hear(&phone, "instead?").await;
        assert_eq!(labels(&question), ["Connect as eve", "Stay with ada"]);
        assert_eq!((bench.status(link), bench.bound(ADA)), (LinkStatus::Held, Some(ada)));
        let ben = bench.sandbox.add_person("Ben", "en");
        ben.open(&address).unwrap();
        hear(&ben, "being used in another chat").await;
        phone.press(question.id, &Which::Label("Connect as eve".into())).unwrap();
        hear(&phone, "now connected to").await;
        bench.until(|bench| bench.bound(ADA) == Some(eve)).await;
        assert_eq!(bench.status(link), LinkStatus::Used);
        bench
    });
}

#[test]
fn unknown_used_and_revoked_codes_are_told_apart() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        let first = hear(&phone, "Hello ada").await;
        let ben = bench.sandbox.add_person("Ben", "en");
        ben.press_start("abcdefghijklmnopqrstuv").unwrap();
        hear(&ben, "I have no clue who you are...").await;
        let old = bench.issue(account).await;
        let new = bench.issue(account).await;
        ben.press_start(old.code.expose()).unwrap();
        hear(&ben, "no longer valid").await;
        phone.press_start(new.code.expose()).unwrap();
        hear(&phone, "already connected").await;
        ben.press_start(new.code.expose()).unwrap();
        hear(&ben, "already used").await;
        assert!(first.id < phone.last_id());
        bench
    });
}

#[test]
fn a_code_that_is_pasted_works_in_every_form() {
    run(|mut bench| async move {
        bench.start();
        let account = bench.account("ada").await;
        let sandbox = bench.sandbox.clone();
        let bot = sandbox.bot().username;
        let forms: [fn(&str, &str) -> String; 5] = [
            |code, _| code.to_owned(),
            |code, _| format!("/start {code}"),
            |code, bot| format!("https://t.me/{bot}?start={code}"),
            |code, bot| format!("tg://resolve?domain={bot}&start={code}"),
            |code, _| format!("it says: /start {code}"),
        ];
        for (place, form) in forms.into_iter().enumerate() {
            let issued = bench.issue(account).await;
            let phone = sandbox.add_person(&format!("Person {place}"), "de");
            phone.press_start("").unwrap();
            phone.send(&form(issued.code.expose(), &bot)).unwrap();
            hear(&phone, "ada").await;
            assert_eq!(bench.bound(phone.id()), Some(account), "form {place}");
        }
        bench
    });
}

#[test]
fn every_command_is_answered() {
    run(|mut bench| async move {
        bench.start();
        let phone = bench.sandbox.add_person("Ben", "en");
        // As many as a chat is answered in a minute.
        for (command, answer) in [
            ("/start", "Please visit me via a provided URL from the website."),
            ("/help", "/mute - get no news"),
            ("/status", "not connected"),
            ("/settings", "not connected"),
            ("/mute", "not connected"),
            ("/privacy", "Stored are"),
        ] {
            let before = phone.last_id();
            phone.send(command).unwrap();
            let heard = phone.next_from_bot(before, PATIENCE).await.unwrap();
            assert!(heard.text.contains(answer), "{command}: {}", heard.text);
        }
        bench
    });
}

#[test]
fn words_of_a_linked_person_reach_the_site_and_stop_ends_it() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        hear(&phone, "Hello ada").await;
        phone.send("is anybody there?").unwrap();
        hear(&phone, "Passed on to").await;
        phone.send("hello?").unwrap();
        bench.confirmed().await;
        let talk = bench.read(|read| store::messages::conversation(read, account, None, 100));
        let heard: Vec<_> = talk
            .iter()
            .filter(|opened| opened.message.is_incoming())
            .map(|opened| opened.body.clone().unwrap().text)
            .collect();
        assert_eq!(heard, ["hello?", "is anybody there?"]);
        phone.send("/stop").unwrap();
        hear(&phone, "Disconnected.").await;
        assert_eq!(bench.bound(ADA), None);
        let passed_on = phone.messages(0).into_iter().filter(|message| message.text.starts_with("Passed on")).count();
        assert_eq!(passed_on, 1, "once an hour");
        bench
    });
}

#[test]
fn a_person_mutes_the_news_and_gets_it_back() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        hear(&phone, "Hello ada").await;
        let listening = |bench: &Bench| bench.read(accounts::listening);
        for (command, answer, reached) in [
            ("/mute", "no longer sent here", 0),
            ("/mute", "muted already", 0),
            ("/status", "This chat is muted:", 0),
            ("/unmute", "is sent here again", 1),
            ("/unmute", "This chat is not muted", 1),
        ] {
            let before = phone.last_id();
            phone.send(command).unwrap();
            let heard = phone.next_from_bot(before, PATIENCE).await.unwrap();
            assert!(heard.text.contains(answer), "{command}: {}", heard.text);
            assert_eq!(listening(&bench), (reached, reached), "{command}");
        }
        assert_eq!(bench.bound(ADA), Some(account));
        bench
    });
}

#[test]
fn a_muted_chat_that_moves_stays_muted_and_is_told() {
    run(|mut bench| async move {
        bench.start();
        let (phone, _) = bench.linked("ada").await;
        hear(&phone, "Hello ada").await;
        phone.send("/mute").unwrap();
        hear(&phone, "no longer sent here").await;
        let eve = bench.account("eve").await;
        phone.open(&bench.link(eve).await.1).unwrap();
        let question = hear(&phone, "instead?").await;
        phone.press(question.id, &Which::Label("Connect as eve".into())).unwrap();
        let moved = hear(&phone, "now connected to").await;
        assert!(moved.text.contains("as eve") && moved.text.contains("This chat is muted:"), "{}", moved.text);
        assert_eq!(bench.bound(ADA), Some(eve));
        assert!(bench.chat(ADA).unwrap().muted.is_some());
        bench
    });
}

#[test]
fn blocking_and_starting_again_shows_and_binds_nothing() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        hear(&phone, "Hello ada").await;
        phone.block().unwrap();
        bench.until(|bench| bench.chat(ADA).is_some_and(|chat| chat.reachability == Reachability::Blocked)).await;
        assert!(bench.events().ends_with(&[EventKind::ChatLost(ChatId(ADA), Reachability::Blocked)]));
        phone.unblock().unwrap();
        bench.until(|bench| bench.chat(ADA).is_some_and(|chat| chat.reachability == Reachability::Reachable)).await;
        assert_eq!(bench.bound(ADA), Some(account));
        bench
    });
}
