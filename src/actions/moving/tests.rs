//! Lists are planned line by line, carried out whole or not at all, and change nothing when they come again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::actions::Kind;
use crate::actions::links::issue;
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::actions::{chats, claims};
use crate::model::chat::Reachability;
use crate::model::event::{Actor, EventKind, Unlinked};
use crate::model::link::{LinkStatus, Target};
use crate::model::moving::Sheet::{Accounts, Chats, Codes};
use crate::store::{accounts, links};

const CODE: &str = "PRINTED-CODE-OF-ADA-1";

fn lists(texts: &[(Sheet, &str)]) -> Lists {
    let texts: BTreeMap<Sheet, String> = texts.iter().map(|(sheet, text)| (*sheet, (*text).to_owned())).collect();
    Lists::read(&texts)
}

fn bring(desk: &Desk, texts: &[(Sheet, &str)]) -> Report {
    let lists = Arc::new(lists(texts));
    let would = desk.read(|read| look(read, &lists));
    let did = desk.run(move |tx| bring_in(tx, &OWNER, &lists));
    assert_eq!(Report { applied: did.applied, ..would }, did, "a dry run says what a real one does");
    did
}

/// List, line, fate and sentence of the lines that have one.
fn said(report: &Report) -> Vec<(Sheet, u64, Fate, &str)> {
    let told = report.told.iter();
    told.filter_map(|told| Some((told.sheet, told.line, told.fate, told.text.as_deref()?))).collect()
}

fn fates(report: &Report, sheet: Sheet) -> Vec<Fate> {
    report.told.iter().filter(|told| told.sheet == sheet).map(|told| told.fate).collect()
}

fn account(desk: &Desk, name: &str) -> (crate::ids::AccountId, crate::model::account::Account) {
    let username = Username::parse(name).unwrap();
    desk.read(|read| accounts::find(read, &username)).unwrap()
}

#[test]
fn a_team_brings_all_it_has_and_brings_it_again() {
    let desk = Desk::new();
    let accounts = "username,name,tags\nada,Ada L,vip;beta\nben,,\n";
    let codes = format!("code,username\n{CODE},ada\n");
    let all = [(Accounts, accounts), (Codes, codes.as_str()), (Chats, "chat_id,username\n11,ben\n12,ben\n13,cleo\n")];
    let report = bring(&desk, &all);
    assert!(report.applied);
    assert_eq!(said(&report), [(Chats, 4, Fate::New, "The list of accounts does not have this one; it is made.")]);
    assert_eq!(report.made, 1);
    let (id, ada) = account(&desk, "ada");
    assert_eq!((ada.name.as_str(), ada.tags.len(), ada.chats), ("Ada L", 2, 0));
    assert_eq!((account(&desk, "ben").1.chats, account(&desk, "cleo").1.reachable), (2, 1));
    assert_eq!(desk.chat(ChatId(11)).reachability, Reachability::Unknown);
    let (_, link) = desk.read(|read| links::live_of_account(read, id)).unwrap();
    assert_eq!(link.expires, desk.clock.now().plus(CODE_LIFE));
    assert_eq!(desk.events(), [], "the website brought it and knows");
    assert_eq!(desk.audit(), ["import accounts: 2 new, 0 changed; codes: 1 new, 0 changed; chats: 3 new, 0 changed"]);
    let before = desk.store.changes().value();
    let again = bring(&desk, &all);
    assert!(Sheet::ALL.iter().all(|sheet| fates(&again, *sheet).iter().all(|fate| *fate == Fate::Unchanged)));
    assert_eq!(desk.store.changes().value(), before, "the same again writes nothing");
}

#[test]
fn one_wrong_line_keeps_all_of_them_out() {
    let desk = Desk::new();
    let before = desk.store.changes().value();
    let report = bring(&desk, &[(Accounts, "username\nada\n..\n"), (Chats, "chat_id,username\n11,ada\n")]);
    assert!(!report.applied);
    assert_eq!(said(&report), [(Accounts, 3, Fate::Wrong, "A username cannot be \".\" or \"..\".")]);
    assert_eq!(desk.store.changes().value(), before);
    let lists = lists(&[(Accounts, "username\nada\n")]);
    assert_eq!(desk.refused(move |tx| bring_in(tx, &VIEWER, &lists)).kind, Kind::Forbidden);
}

#[test]
fn what_contradicts_is_told_on_its_line() {
    let desk = Desk::new();
    desk.linked("zoe", 99);
    let report = bring(
        &desk,
        &[
            (Accounts, "username\nada\nada\n"),
            (Codes, &format!("code,username\n{CODE},ada\n{CODE},ben\n{CODE},ada\n{CODE}2,ada\n")),
            (Chats, "chat_id,username\n11,ada\n11,ben\n11,ada\n99,ada\n99,zoe\n"),
        ],
    );
    assert_eq!(fates(&report, Accounts), [Fate::New, Fate::Wrong]);
    assert_eq!(fates(&report, Codes), [Fate::New, Fate::Wrong, Fate::Unchanged, Fate::Wrong]);
    assert_eq!(fates(&report, Chats), [Fate::New, Fate::Wrong, Fate::Unchanged, Fate::Wrong, Fate::Wrong]);
    let sentences: Vec<&str> = said(&report).into_iter().map(|(.., text)| text).collect();
    assert!(sentences.contains(&"This chat is connected to the account \"zoe\"."), "{sentences:?}");
    assert!(sentences.contains(&"This code stands on line 2 for another account."), "{sentences:?}");
    assert!(!sentences.iter().any(|text| text.contains(CODE)), "a report holds no code");
}

#[test]
fn a_column_that_is_left_out_leaves_what_is_there() {
    let desk = Desk::new();
    bring(&desk, &[(Accounts, "username,name,tags\nada,Ada,vip\n")]);
    let report = bring(&desk, &[(Accounts, "username,tags\nada,beta\n")]);
    assert_eq!(fates(&report, Accounts), [Fate::Changed]);
    let (_, ada) = account(&desk, "ada");
    assert_eq!((ada.name.as_str(), ada.tags[0].as_str()), ("Ada", "beta"));
    bring(&desk, &[(Accounts, "username,name\nada,\n")]);
    assert_eq!(account(&desk, "ada").1.name, "", "an empty cell empties");
}

#[test]
fn short_and_old_codes_are_told_about() {
    let desk = Desk::new();
    let ada = desk.account("ada");
    desk.run(move |tx| issue(tx, &OWNER, Target::Account(ada), Duration::from_hours(1)));
    let past = desk.clock.now().minus(Duration::from_secs(1)).rfc3339();
    let far = desk.clock.now().plus(CODE_LIFE_MAX + Duration::from_secs(1)).rfc3339();
    let text = format!("code,username,expires_at\nCARD-0001,ada,\nCARD-0002,ben,{past}\n");
    let report = bring(&desk, &[(Codes, &text)]);
    assert_eq!(fates(&report, Codes), [Fate::New, Fate::Unchanged]);
    let told = said(&report);
    assert!(told[0].3.contains("which is revoked") && told[0].3.contains("easier to guess"), "{told:?}");
    assert_eq!(told[1].3, "This code has expired; it is left out.");
    let kinds: Vec<EventKind> = desk.events().into_iter().map(|(_, kind)| kind).collect();
    assert!(matches!(kinds.as_slice(), [EventKind::LinkCreated(_), EventKind::LinkRevoked(..)]), "{kinds:?}");
    let report = bring(&desk, &[(Codes, &format!("code,username,expires_at\n32345678,ben,{far}\n"))]);
    assert_eq!(fates(&report, Codes), [Fate::Wrong]);
}

#[test]
fn a_code_gets_another_end_and_an_ended_one_stays_ended() {
    let desk = Desk::new();
    bring(&desk, &[(Codes, &format!("code,username\n{CODE},ada\n"))]);
    let (id, _) = account(&desk, "ada");
    let until = desk.clock.now().plus(Duration::from_hours(2));
    let dated = format!("code,username,expires_at\n{CODE},ada,{}\n", until.rfc3339());
    assert_eq!(fates(&bring(&desk, &[(Codes, &dated)]), Codes), [Fate::Changed]);
    let (link, row) = desk.read(|read| links::live_of_account(read, id)).unwrap();
    assert_eq!(row.expires, until);
    desk.heard(11);
    desk.run(move |tx| Ok(crate::actions::links::mark_used(tx, link, &row, ChatId(11))?));
    let report = bring(&desk, &[(Codes, &dated)]);
    assert_eq!(said(&report)[0].3, "This code was used; it stays so.");
    let report = bring(&desk, &[(Codes, &format!("code,username\n{CODE},ben\n"))]);
    assert_eq!(said(&report)[0].3, "This code belongs to another account.");
}

#[test]
fn who_disconnected_is_not_connected_again_by_a_list() {
    let desk = Desk::new();
    let list = [(Chats, "chat_id,username\n11,ada\n12,ada\n")];
    desk.heard(12);
    assert_eq!(fates(&bring(&desk, &list), Chats), [Fate::New, Fate::New], "a stranger who wrote is no refusal");
    let person = Caller::internal(Actor::Chat(ChatId(11)));
    desk.run(move |tx| chats::unbind(tx, &person, ChatId(11), Unlinked::ByPerson));
    desk.run(|tx| chats::unbind(tx, &OWNER, ChatId(12), Unlinked::BySite));
    let report = bring(&desk, &list);
    assert_eq!(fates(&report, Chats), [Fate::Unchanged, Fate::New]);
    assert!(said(&report)[0].3.starts_with("The person disconnected this chat"));
    assert_eq!(desk.chat(ChatId(11)).binding, None);
    desk.run(|tx| {
        let row = crate::store::chats::get(tx, ChatId(11))?.unwrap();
        Ok(crate::store::chats::remove(tx, ChatId(11), &row)?)
    });
    assert_eq!(fates(&bring(&desk, &list), Chats), [Fate::Unchanged; 2], "nor when the chat itself is forgotten");
}

#[test]
fn a_printed_code_is_claimed_like_any_other() {
    let desk = Desk::new();
    bring(&desk, &[(Codes, "code,username\nCARD-0042,ada\n")]);
    let chat = desk.heard(11);
    desk.run(move |tx| {
        let voice = crate::actions::settings::Voice::load(tx)?;
        let row = crate::store::chats::get(tx, chat)?.unwrap();
        let asker = claims::Asker { id: chat, chat: &row, voice: &voice };
        claims::claim(tx, &asker, Code::parse("CARD-0042").as_ref())
    });
    let (id, ada) = account(&desk, "ada");
    assert_eq!((ada.chats, desk.chat(chat).account()), (1, Some(id)));
    let link = desk.read(|read| links::of_account(read, id, 1)).remove(0).1;
    assert_eq!(link.status(desk.clock.now()), LinkStatus::Used);
    let kinds: Vec<EventKind> = desk.events().into_iter().map(|(_, kind)| kind).collect();
    assert!(matches!(kinds.as_slice(), [EventKind::LinkUsed(..), EventKind::ChatLinked(_)]), "{kinds:?}");
}
