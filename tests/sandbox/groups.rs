//! Groups: what a bot in privacy mode hears of them, how it is added and removed, and what becomes of upgraded ones.

use serde_json::json;
use startlink::sandbox::{ADA, ActError, BEN, CHEN, Group, Pressed, Service, Which};

use super::*;

/// Ada's group with Ben in it and without the bot.
fn family(bench: &Bench) -> Group {
    bench.sandbox.set_limits(Limits::OFF);
    let group = bench.sandbox.add_group("Family", ADA);
    group.add_member(BEN).unwrap();
    group
}

#[test]
fn a_link_adds_the_bot_and_starts_it_with_the_code() {
    run(|bench| async move {
        let group = family(&bench);
        assert_eq!((group.title().as_deref(), group.has_bot()), (Some("Family"), false));
        assert!((-4_999_999_999..-4_000_000_000).contains(&group.id()));
        let told = json!({ "chat_id": group.id(), "text": "hi" });
        assert_eq!(bench.refusal("sendMessage", told.clone()).await, (400, "Bad Request: chat not found".to_owned()));
        assert_eq!(bench.updates().await.len(), 0, "a group without the bot is none of its business");
        let name = bench.sandbox.bot().username;
        assert_eq!(group.open(BEN, &format!("https://t.me/{name}?start=abc")), Err(ActError::NotAGroupLink));
        group.open(BEN, &format!("https://t.me/{name}?startgroup=abc-1")).unwrap();
        let updates = bench.updates().await;
        assert_eq!(updates.len(), 3, "{updates:?}");
        let change = &updates[0]["my_chat_member"];
        let chat = json!({ "id": group.id(), "type": "group", "title": "Family" });
        assert_eq!((&change["chat"], &change["from"]["id"]), (&chat, &json!(BEN)));
        let stood = (&change["old_chat_member"]["status"], &change["new_chat_member"]["status"]);
        assert_eq!(stood, (&json!("left"), &json!("member")));
        let members = &updates[1]["message"]["new_chat_members"];
        assert_eq!(members[0]["id"], json!(bench.sandbox.bot().id));
        let start = &updates[2]["message"];
        assert_eq!((&start["text"], &start["from"]["id"]), (&json!(format!("/start@{name} abc-1")), &json!(BEN)));
        assert_eq!(group.messages(0).last().unwrap().seen_text(), format!("/start@{name}"), "the code is hidden");
        assert_eq!(bench.result("sendMessage", told).await["chat"], chat);
        assert_eq!(group.add_bot(ADA, None), Err(ActError::MemberAlready));
        let other = bench.sandbox.add_group("Other", ADA);
        other.add_bot(ADA, None).unwrap();
        assert_eq!(bench.updates().await.len(), 2, "some clients lose the code");
        assert_eq!(bench.result("getMe", json!({})).await["can_join_groups"], json!(true));
    });
}

#[test]
fn privacy_mode_lets_commands_answers_and_reports_through() {
    run(|bench| async move {
        let group = family(&bench);
        group.add_bot(ADA, None).unwrap();
        bench.updates().await;
        let name = bench.sandbox.bot().username;
        let said = group.send(BEN, "between us").unwrap();
        group.send(BEN, "/help@other_bot").unwrap();
        group.reply(ADA, said, "yes").unwrap();
        assert_eq!(bench.updates().await.len(), 0);
        group.send(BEN, "/help").unwrap();
        group.send(BEN, &format!("/link@{name} code")).unwrap();
        let asked = bench.result("sendMessage", json!({ "chat_id": group.id(), "text": "How many?" })).await;
        group.reply(ADA, asked["message_id"].as_i64().unwrap(), "two").unwrap();
        group.add_member(CHEN).unwrap();
        let heard = bench.updates().await;
        let texts: Vec<_> = heard.iter().map(|update| update["message"]["text"].as_str().unwrap_or("")).collect();
        assert_eq!(texts, ["/help", &format!("/link@{name} code"), "two", ""]);
        assert_eq!(heard[2]["message"]["reply_to_message"]["text"], json!("How many?"));
        assert_eq!(heard[3]["message"]["new_chat_members"][0]["id"], json!(CHEN));
        assert_eq!(group.reply(ADA, 999, "x"), Err(ActError::NoSuchMessage));
        assert_eq!(group.send(startlink::sandbox::NOOR, "x"), Err(ActError::NotAMember));
        assert_eq!(bench.sandbox.group(-1).send(ADA, "x"), Err(ActError::NoSuchGroup));
    });
}

#[test]
fn a_button_is_pressed_by_one_of_them_who_alone_sees_the_note() {
    run(|bench| async move {
        let group = family(&bench);
        group.add_bot(ADA, None).unwrap();
        bench.updates().await;
        let button = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
        let ask = json!({ "chat_id": group.id(), "text": "Sure?", "reply_markup": button });
        bench.result("sendMessage", ask).await;
        let asked = group.next_from_bot(0, SOON).await.unwrap();
        let pressed = group.press(BEN, asked.id, &Which::Label("Yes".to_owned())).unwrap();
        assert!(matches!(pressed, Pressed::Query(_)));
        let query = bench.updates().await[0]["callback_query"].clone();
        assert_eq!((&query["from"]["id"], &query["message"]["chat"]["id"]), (&json!(BEN), &json!(group.id())));
        bench.result("answerCallbackQuery", json!({ "callback_query_id": query["id"], "text": "Noted" })).await;
        assert_eq!((group.toast(BEN).map(|toast| toast.text), group.toast(ADA)), (Some("Noted".to_owned()), None));
        let edit = json!({ "chat_id": group.id(), "message_id": asked.id, "text": "Done" });
        bench.result("editMessageText", edit).await;
        assert_eq!(group.wait_for(SOON, |message| message.keyboard.is_none()).await.unwrap().text, "Done");
        let theirs = group.send(BEN, "/x").unwrap();
        let foreign = json!({ "chat_id": group.id(), "message_id": theirs });
        assert_eq!(bench.refusal("deleteMessage", foreign).await.1, "Bad Request: message can't be deleted");
        bench.result("deleteMessage", json!({ "chat_id": group.id(), "message_id": asked.id })).await;
    });
}

#[test]
fn a_removed_bot_is_told_and_may_not_write_any_more() {
    run(|bench| async move {
        let group = family(&bench);
        group.add_bot(ADA, None).unwrap();
        let member = json!({ "chat_id": group.id(), "user_id": ADA });
        assert_eq!(bench.result("getChatMember", member).await["status"], json!("creator"));
        let absent = json!({ "chat_id": group.id(), "user_id": CHEN });
        assert_eq!(bench.result("getChatMember", absent).await["status"], json!("left"));
        let info = bench.result("getChat", json!({ "chat_id": group.id() })).await;
        assert_eq!((&info["type"], &info["title"]), (&json!("group"), &json!("Family")));
        bench.updates().await;
        group.remove_bot(BEN).unwrap();
        let updates = bench.updates().await;
        assert_eq!(updates[0]["message"]["left_chat_member"]["id"], json!(bench.sandbox.bot().id));
        let change = &updates[1]["my_chat_member"];
        assert_eq!((&change["new_chat_member"]["status"], &change["from"]["id"]), (&json!("kicked"), &json!(BEN)));
        group.send(ADA, "/help").unwrap();
        assert_eq!((bench.updates().await.len(), group.remove_bot(ADA)), (0, Err(ActError::BotNotThere)));
        for method in ["sendMessage", "getChat"] {
            let refused = bench.refusal(method, json!({ "chat_id": group.id(), "text": "hi" })).await;
            assert_eq!(refused, (403, "Forbidden: bot was kicked from the group chat".to_owned()));
        }
        group.add_bot(ADA, None).unwrap();
        assert_eq!(bench.updates().await[0]["my_chat_member"]["old_chat_member"]["status"], json!("kicked"));
    });
}

#[test]
fn an_upgraded_group_goes_on_under_another_id() {
    run(|bench| async move {
        let group = family(&bench);
        group.add_bot(ADA, None).unwrap();
        bench.updates().await;
        let new = bench.sandbox.group(group.migrate().unwrap());
        assert!(new.id() < -1_000_000_000_000 && new.has_bot());
        assert_eq!(group.migrated_to(), Some(new.id()));
        let updates = bench.updates().await;
        let (old_says, new_says) = (&updates[0]["message"], &updates[1]["message"]);
        assert_eq!((&old_says["chat"]["id"], &old_says["migrate_to_chat_id"]), (&json!(group.id()), &json!(new.id())));
        assert_eq!((&new_says["chat"]["type"], &new_says["chat"]["id"]), (&json!("supergroup"), &json!(new.id())));
        assert_eq!(new_says["migrate_from_chat_id"], json!(group.id()));
        assert_eq!(new.messages(0)[0].service, Some(Service::MigratedFrom(group.id())));
        let (status, answer) = bench.call("sendMessage", json!({ "chat_id": group.id(), "text": "hi" })).await;
        assert_eq!((status, &answer["parameters"]), (400, &json!({ "migrate_to_chat_id": new.id() })));
        assert_eq!(answer["description"], json!("Bad Request: group chat was upgraded to a supergroup chat"));
        bench.result("sendMessage", json!({ "chat_id": new.id(), "text": "hi" })).await;
        assert_eq!((group.send(ADA, "x"), group.migrate()), (Err(ActError::Upgraded), Err(ActError::Upgraded)));
        assert_eq!(new.migrate(), Err(ActError::Upgraded));
        new.remove_bot(ADA).unwrap();
        let refused = bench.refusal("sendMessage", json!({ "chat_id": new.id(), "text": "hi" })).await;
        assert_eq!(refused, (403, "Forbidden: bot was kicked from the supergroup chat".to_owned()));
        let left = bench.updates().await;
        assert_eq!(
            (left.len(), left[0]["my_chat_member"].is_object()),
            (1, true),
            "supergroups do not show it the rest"
        );
    });
}

#[test]
fn a_group_takes_twenty_messages_a_minute() {
    run(|bench| async move {
        let group = bench.sandbox.add_group("Busy", ADA);
        group.add_bot(ADA, None).unwrap();
        let hi = json!({ "chat_id": group.id(), "text": "hi" });
        for _ in 0..20 {
            bench.result("sendMessage", hi.clone()).await;
        }
        assert_eq!(bench.refusal("sendMessage", hi.clone()).await.0, 429);
        bench.clock.advance(Duration::from_mins(1));
        bench.result("sendMessage", hi).await;
    });
}

#[test]
fn a_link_leads_over_the_choice_of_a_phone_and_a_group() {
    run(|bench| async move {
        let choice = bench.get(&format!("/{}?startgroup=abc-1", bench.sandbox.bot().username)).await.body;
        assert!(choice.contains(&format!("href=\"/phone/{ADA}/add-to-group?startgroup=abc-1\"")), "{choice}");
        let pasted = format!(
            "/phone/{ADA}/link?link=https%3A%2F%2Ft.me%2F{}%3Fstartgroup%3Dabc-1",
            bench.sandbox.bot().username
        );
        let groups = format!("/phone/{ADA}/add-to-group");
        assert_eq!(bench.get(&pasted).await.location, format!("{groups}?startgroup=abc-1"));
        assert!(bench.get(&format!("{groups}?startgroup=abc-1")).await.body.contains("A new group"));
        let added = bench.post(&groups, "startgroup=abc-1&group=&title=Choir").await;
        let choir = bench.sandbox.groups().pop().unwrap();
        assert_eq!((added.status, added.location), (303, format!("/phone/{ADA}/group/{}", choir.id())));
        assert!(choir.messages(0).last().unwrap().text.ends_with(" abc-1"));
        choir.remove_bot(ADA).unwrap();
        bench.updates().await;
        bench.post(&groups, &format!("startgroup=abc-1&group={}&lost=yes", choir.id())).await;
        assert!(choir.has_bot() && bench.updates().await.iter().all(|update| update["message"]["text"].is_null()));
        let twice = bench.post(&groups, &format!("startgroup=abc-1&group={}", choir.id())).await;
        assert!(twice.status == 422 && twice.body.contains("in the group already"));
    });
}

#[test]
fn people_meet_in_a_group_without_script() {
    run(|bench| async move {
        let group = family(&bench);
        group.add_bot(ADA, None).unwrap();
        let path = |act: &str| format!("/phone/{BEN}/group/{}{act}", group.id());
        assert!(
            bench.get("/").await.body.contains("Family")
                && bench.get(&format!("/phone/{BEN}")).await.body.contains("Family")
        );
        bench.post(&path("/send"), "text=Hello+%3Call%3E").await;
        let adas = bench.get(&format!("/phone/{ADA}/group/{}", group.id())).await.body;
        assert!(adas.contains("Hello &lt;all&gt;") && adas.contains("<strong class=\"author\">Ben Okafor</strong>"));
        assert!(adas.contains("Ada Lindqvist added Startlink Sandbox"), "{adas}");
        let button = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
        let ask = json!({ "chat_id": group.id(), "text": "Sure?", "reply_markup": button });
        let asked = bench.result("sendMessage", ask).await["message_id"].as_i64().unwrap();
        bench.updates().await;
        assert_eq!(bench.post(&path("/press"), &format!("message={asked}&place=0")).await.status, 303);
        assert!(bench.get(&path(&format!("?reply={asked}"))).await.body.contains("Answering: Sure?"));
        bench.post(&path("/send"), &format!("text=Quite&reply={asked}")).await;
        let heard = bench.updates().await;
        assert_eq!((heard.len(), &heard[1]["message"]["text"]), (2, &json!("Quite")));
        assert_eq!(bench.post(&path("/add-member"), &format!("person={CHEN}")).await.status, 303);
        bench.post(&path("/remove-bot"), "").await;
        assert!(!group.has_bot());
        let moved = bench.post(&path("/migrate"), "").await;
        assert_eq!(moved.location, format!("/phone/{BEN}/group/{}", group.migrated_to().unwrap()));
        assert!(bench.get(&path("")).await.body.contains("Go to the supergroup"));
        assert_eq!(bench.get(&format!("/phone/7100000004/group/{}", group.id())).await.status, 404, "not Noor's");
    });
}

#[test]
fn programs_make_and_use_groups() {
    run(|bench| async move {
        let post = async |path: &str, body: Value| bench.control(surf::http::Method::Post, path, body).await;
        let (status, made) = post("groups", json!({ "title": "Team", "creator": ADA, "members": [BEN] })).await;
        assert_eq!((status, &made["members"], &made["bot"]), (201, &json!([ADA, BEN]), &json!(false)));
        let id = made["id"].as_i64().unwrap();
        let act = |name: &str| format!("groups/{id}/{name}");
        let link = bench.sandbox.group_link("abc");
        let (status, opened) = post(&act("open"), json!({ "by": BEN, "link": link })).await;
        assert_eq!((status, opened["message_id"].is_i64()), (200, true));
        bench.result("sendMessage", json!({ "chat_id": id, "text": "hi" })).await;
        let path = act(&format!("messages?after={}&wait=10&person={BEN}", opened["message_id"]));
        let (_, read) = bench.control(surf::http::Method::Get, &path, json!({})).await;
        let hi = &read["messages"][0];
        assert_eq!((&hi["text"], &hi["author"], &read["group"]["bot"]), (&json!("hi"), &json!("bot"), &json!(true)));
        let answer = json!({ "by": BEN, "message": hi["id"], "text": "hello" });
        assert_eq!(post(&act("reply"), answer).await.0, 200);
        let place = json!({ "kind": "location", "by": BEN, "reply_to": hi["id"], "latitude": 1.5, "longitude": -2.25 });
        assert_eq!(post(&act("attach"), place).await.0, 200);
        let heard = bench.updates().await;
        assert_eq!(heard.last().unwrap()["message"]["location"], json!({ "latitude": 1.5, "longitude": -2.25 }));
        assert_eq!(post(&act("send"), json!({ "by": CHEN, "text": "x" })).await.0, 409);
        let (_, moved) = post(&act("migrate"), json!({})).await;
        let (_, state) = bench.control(surf::http::Method::Get, "state", json!({})).await;
        let listed: Vec<_> = state["groups"].as_array().unwrap().iter().map(|group| &group["id"]).collect();
        assert!(listed.contains(&&moved["id"]) && moved["id"] != json!(id));
        assert_eq!(post("groups/-7/send", json!({ "by": ADA, "text": "x" })).await.0, 404);
        assert_eq!(post(&act("send"), json!({ "bye": ADA })).await.0, 422);
        assert_eq!(post("groups", json!({ "title": " ", "creator": ADA })).await.0, 409);
    });
}
