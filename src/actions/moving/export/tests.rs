//! An export tells everything and no secret, and what it tells of accounts and chats can be brought in again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::actions::broadcasts::{Draft, create};
use crate::actions::keys::NewKey;
use crate::actions::links::issue;
use crate::actions::messages::{SendOptions, To, receive, send};
use crate::actions::moving::{Lists, bring_in};
use crate::actions::testing::{Desk, OWNER, VIEWER, config};
use crate::actions::{Kind, accounts::NewAccount};
use crate::ids::{ChatId, TelegramMessageId};
use crate::model::broadcast::Audience;
use crate::model::link::Target;
use crate::model::message::Body;
use crate::model::moving::{EXPORT_ENDING, Sheet};
use crate::model::recipient::Recipient;
use crate::store::recipients::Ledger;

fn lines(desk: &Desk) -> Vec<Value> {
    text(desk).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(desk: &Desk) -> String {
    let mut all = String::new();
    desk.read(|read| {
        export(read, &mut |piece| {
            assert!(piece.ends_with('\n'), "whole lines");
            all.push_str(&piece);
            true
        })
    });
    all
}

fn of<'l>(lines: &'l [Value], kind: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

#[test]
fn everything_goes_out_and_no_secret() {
    let desk = Desk::new();
    desk.admin("root");
    let (ada, chat) = desk.linked("ada", 11);
    let issued = desk.run(move |tx| issue(tx, &OWNER, Target::Account(ada), Duration::from_hours(1)));
    let code = issued.code.expose().to_owned();
    let (_, key, secret) = desk.run(|tx| {
        let new = NewKey { name: "shop", scopes: "all", ..NewKey::default() };
        crate::actions::keys::create(tx, &OWNER, new)
    });
    desk.run(move |tx| send(tx, &OWNER, To::Account(ada), Body::plain("for ada"), SendOptions::default()));
    desk.run(move |tx| receive(tx, chat, Some(ada), TelegramMessageId(5), &Body::plain("from ada")));
    let lines = lines(&desk);
    let header = &lines[0];
    assert_eq!((&header["type"], &header["version"]), (&json!("header"), &json!(VERSION)));
    assert_eq!(header["counts"], json!({ "accounts": 1, "chats": 1, "links": 1, "messages": 2 }));
    let end = lines.last().unwrap();
    assert_eq!(end["type"], EXPORT_END);
    for (kind, count) in end["lines"].as_object().unwrap() {
        assert_eq!(json!(of(&lines, kind).len()), *count, "{kind}");
    }
    assert_eq!(of(&lines, "account")[0]["username"], "ada");
    assert_eq!((&of(&lines, "chat")[0]["chat_id"], &of(&lines, "chat")[0]["username"]), (&json!(11), &json!("ada")));
    assert_eq!((&of(&lines, "link")[0]["state"], &of(&lines, "link")[0]["by"]), (&json!("open"), &json!("admin:root")));
    let said = of(&lines, "message");
    assert_eq!((&said[0]["text"], &said[0]["deliveries"][0]["state"]), (&json!("for ada"), &json!("queued")));
    assert_eq!((&said[1]["kind"], &said[1]["telegram_message_id"]), (&json!("incoming"), &json!(5)));
    assert!(
        of(&lines, "event")
            .iter()
            .any(|event| event["event"] == "link.created" && event["username"] == "ada" && event["at"].is_string())
    );
    assert!(of(&lines, "audit").iter().any(|entry| entry["action"] == "key.create" && entry["by"] == "admin:root"));
    let all = text(&desk);
    assert!(all.lines().last().unwrap().starts_with(EXPORT_ENDING) && all.starts_with("{\"type\":\"header\","));
    let sealed = [code.as_str(), secret.expose(), "password", "totp", "hash", "sealed"];
    assert!(sealed.iter().all(|secret| !all.contains(secret)) && all.contains(&key.hint));
}

#[test]
fn nobody_below_an_operator_takes_it_and_whoever_does_is_written_down() {
    let desk = Desk::new();
    assert_eq!(desk.refused(|tx| begin(tx, &VIEWER)).kind, Kind::Forbidden);
    desk.run(|tx| begin(tx, &OWNER));
    assert_eq!(desk.audit(), ["export everything"]);
}

#[test]
fn broadcasts_go_out_with_what_they_say() {
    let desk = Desk::new();
    let (ada, _) = desk.linked("ada", 11);
    let draft = Draft { body: Body::plain("News"), audience: Audience::Picked(vec![ada]), rate: None, paid: false };
    let id = desk.run(move |tx| create(tx, &OWNER, &config(&[]), &draft));
    desk.run(move |tx| {
        let mut ledger = Ledger::open(tx, id)?;
        ledger.append(tx, Recipient::queued(ChatId(11), ada))?;
        Ok(ledger.close(tx)?)
    });
    let lines = lines(&desk);
    let told = of(&lines, "broadcast")[0];
    assert_eq!(
        (&told["text"], &told["audience"], &told["state"]),
        (&json!("News"), &json!({ "usernames": ["ada"] }), &json!("draft"))
    );
    let row = of(&lines, "recipient")[0];
    assert_eq!((&row["broadcast_id"], &row["username"], &row["chat_id"]), (&json!(id.0), &json!("ada"), &json!(11)));
    assert_eq!((&row["state"], &row["reason"]), (&json!("queued"), &Value::Null));
}

#[test]
fn a_reader_that_leaves_ends_it() {
    let desk = Desk::new();
    desk.run(|tx| {
        for number in 0..2_000 {
            let username = format!("person-{number:04}");
            let new = NewAccount { username: &username, name: "Somebody with a name of some length", tags: "" };
            crate::actions::accounts::create(tx, &OWNER, new)?;
        }
        Ok(())
    });
    let mut pieces = 0;
    desk.read(|read| {
        export(read, &mut |_| {
            pieces += 1;
            false
        })
    });
    assert_eq!(pieces, 1);
}

/// The list of accounts or chats as an export tells it.
fn csv_of(lines: &[Value], kind: &str, columns: &[&str]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    // Numbers are given anew, in the order of the names.
    let mut rows = of(lines, kind);
    rows.sort_by_key(|line| line["username"].to_string());
    for line in rows {
        let cell = |column: &&str| {
            let value = &line[*column];
            let listed = value.as_array().map(|list| list.iter().map(|one| one.as_str().unwrap()).collect::<Vec<_>>());
            match (value.as_str(), listed) {
                (Some(text), _) => text.to_owned(),
                (None, Some(list)) => list.join(" "),
                (None, None) => value.to_string(),
            }
        };
        writer.write_record(columns.iter().map(cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_goes_out_comes_in_again(
        people in proptest::collection::btree_map("[a-zA-Z0-9,;\"' ü_-]{1,12}", ("[^\\p{C}\u{FFFD}]{0,20}", "[a-z]{0,4}( [a-z0-9]{1,4}){0,3}"), 1..12)
    ) {
        let desk = Desk::new();
        let mut chat = 100;
        for (username, (name, tags)) in people {
            let Ok(username) = crate::model::account::Username::parse(username.trim()) else { continue };
            let name = crate::model::account::parse_name(&name).unwrap_or_default();
            let told = crate::actions::accounts::Brought {
                username,
                name: Some(name),
                tags: Some(crate::model::account::Tag::parse_list(&tags).unwrap()),
            };
            let (id, ..) = desk.run(move |tx| crate::actions::accounts::bring(tx, &OWNER, &told));
            chat += 1;
            let heard = desk.heard(chat);
            desk.run(move |tx| crate::actions::chats::bind(tx, heard, id));
        }
        let out = lines(&desk);
        let accounts = csv_of(&out, "account", &["username", "name", "tags"]);
        let chats = csv_of(&out, "chat", &["chat_id", "username"]);
        let lists = Arc::new(Lists::read(&BTreeMap::from([(Sheet::Accounts, accounts.clone()), (Sheet::Chats, chats.clone())])));
        let other = Desk::new();
        let report = other.run(move |tx| bring_in(tx, &OWNER, &lists));
        prop_assert_eq!(report.wrong(), 0, "{:?}", report.brief().told);
        let back = lines(&other);
        prop_assert_eq!(csv_of(&back, "account", &["username", "name", "tags", "state"]), csv_of(&out, "account", &["username", "name", "tags", "state"]));
        prop_assert_eq!(csv_of(&back, "chat", &["chat_id", "username"]), chats);
    }
}
