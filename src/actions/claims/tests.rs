//! Claims in a store in memory, which is checked after each.

mod bench;

use std::time::Duration;

use super::*;
use crate::model::chat::{CODE_WINDOW, Reachability, WRONG_CODES};
use crate::model::event::EventKind;
use crate::model::link::Revocation;
use crate::store::deliveries;
use bench::{ADA, Act, BEN, Bench, LIFETIME};

#[test]
fn a_code_connects_the_chat_greets_the_person_and_tells_the_website() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (link, code) = bench.link(ada);
    let said = bench.start(ADA, &code);
    assert!(said.starts_with("Hello ada, how are you?"), "{said}");
    assert_eq!(bench.bound(ADA), Some(ada));
    assert_eq!(bench.status(link), LinkStatus::Used);
    assert_eq!(bench.buttons(ADA), [Press::Undo(link)]);
    let expected = [EventKind::LinkCreated(link), EventKind::LinkUsed(link, ADA), EventKind::ChatLinked(ADA)];
    assert_eq!(bench.events(), expected);
}

#[test]
fn unknown_expired_used_and_revoked_codes_get_different_answers() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (_, used) = bench.link(ada);
    bench.start(BEN, &used);
    let (_, revoked) = bench.link(ada);
    let (_, expired) = bench.link(ada);
    bench.clock.advance(LIFETIME);
    let mut answers = vec![
        bench.start(ADA, "abcdefghijklmnopqrstuv"),
        bench.start(ADA, &used),
        bench.start(ADA, &revoked),
        bench.start(ADA, &expired),
    ];
    assert!(answers[0].starts_with("I have no clue who you are..."), "{}", answers[0]);
    assert!(answers[3].contains("expired"), "{}", answers[3]);
    answers.dedup();
    assert_eq!(answers.len(), 4, "{answers:?}");
    assert_eq!(bench.bound(ADA), None);
}

#[test]
fn two_chats_cannot_claim_one_code() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let said = bench.start(BEN, &code);
    assert!(said.contains("already used"), "{said}");
    assert_eq!((bench.bound(ADA), bench.bound(BEN)), (Some(ada), None));
}

#[test]
fn a_chat_that_repeats_its_code_hears_that_it_is_connected() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let events = bench.events().len();
    let said = bench.start(ADA, &code);
    assert!(said.contains("already connected") && said.contains("ada"), "{said}");
    assert_eq!(bench.events().len(), events);
    let (newer, code) = bench.link(ada);
    assert!(bench.start(ADA, &code).contains("already connected"));
    assert_eq!(bench.status(newer), LinkStatus::Used);
}

#[test]
fn after_five_unknown_codes_a_chat_is_asked_to_wait_once_and_then_hears_nothing() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    for n in 0..WRONG_CODES {
        assert!(bench.start(ADA, &format!("nonsense{n}")).starts_with("I have no clue"));
    }
    let (_, code) = bench.link(ada);
    assert_eq!(bench.start(ADA, &code), "Too many unknown codes. Wait 10 min, then try again.");
    let told = bench.waiting(ADA);
    bench.start(ADA, &code);
    bench.act(ADA, &Act::Paste(code.clone()));
    assert_eq!(bench.waiting(ADA), told);
    assert_eq!(bench.bound(ADA), None);
    assert!(bench.start(BEN, &code).starts_with("Hello"), "another chat is not asked to wait");
    bench.clock.advance(CODE_WINDOW);
    let (_, code) = bench.link(ada);
    assert!(bench.start(ADA, &code).starts_with("Hello"));
}

#[test]
fn many_unknown_codes_over_all_chats_raise_an_alarm() {
    let bench = Bench::new();
    for n in 0..ALARM {
        assert_eq!(bench.read(alarm), None);
        bench.start(ChatId(100 + i64::from(n / WRONG_CODES)), "nonsense");
    }
    assert_eq!(bench.read(alarm), Some(bench.clock.now()));
}

#[test]
fn a_pasted_code_connects_and_a_pasted_word_is_not_counted() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (_, code) = bench.link(ada);
    bench.act(ADA, &Act::Paste(code));
    assert_eq!(bench.bound(ADA), Some(ada));
    let found = bench.write(|tx| {
        let voice = Voice::load(tx)?;
        let chat = store::chats::get(tx, ADA)?.unwrap();
        paste(tx, &Asker { id: ADA, chat: &chat, voice: &voice }, &Code::parse("abcdefghijklmnopqrstuv").unwrap())
    });
    assert!(!found);
    assert_eq!(bench.read(|read| store::chats::get(read, ADA)).unwrap().wrong_codes.count, 0);
}

#[test]
fn a_chat_of_another_account_is_asked_and_moves_only_when_it_agrees() {
    let bench = Bench::new();
    let (ada, eve) = (bench.account("ada"), bench.account("eve"));
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let (link, code) = bench.link(eve);
    let said = bench.start(ADA, &code);
    assert!(said.contains("as ada") && said.contains("as eve"), "{said}");
    assert_eq!((bench.bound(ADA), bench.status(link)), (Some(ada), LinkStatus::Held));
    assert!(bench.start(BEN, &code).contains("another chat"), "a held link is nobody else's");
    let [yes, _] = bench.buttons(ADA)[..] else { panic!("two buttons") };
    let said = bench.press(ADA, yes);
    assert!(said.contains("as eve") && said.contains("no longer as ada"), "{said}");
    assert_eq!((bench.bound(ADA), bench.status(link)), (Some(eve), LinkStatus::Used));
    let events = bench.events();
    let moved =
        [EventKind::LinkUsed(link, ADA), EventKind::ChatUnlinked(ADA, Unlinked::Moved), EventKind::ChatLinked(ADA)];
    assert!(events.ends_with(&moved), "{events:?}");
    assert_eq!(bench.act(ADA, &Act::Press(yes)), None, "the same button twice");
    assert_eq!(bench.bound(ADA), Some(eve));
}

#[test]
fn a_chat_that_stays_leaves_the_link_open_for_others() {
    let bench = Bench::new();
    let (ada, eve) = (bench.account("ada"), bench.account("eve"));
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let (link, code) = bench.link(eve);
    bench.start(ADA, &code);
    let [_, no] = bench.buttons(ADA)[..] else { panic!("two buttons") };
    let said = bench.press(ADA, no);
    assert!(said.contains("stays connected") && said.contains("ada"), "{said}");
    assert_eq!((bench.bound(ADA), bench.status(link)), (Some(ada), LinkStatus::Open));
    assert!(bench.start(BEN, &code).starts_with("Hello eve"));
    assert!(bench.press(ADA, no).contains("no longer open"));
}

#[test]
fn a_question_that_is_asked_again_does_not_last_longer() {
    let bench = Bench::new();
    let (ada, eve) = (bench.account("ada"), bench.account("eve"));
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let (link, code) = bench.link(eve);
    bench.start(ADA, &code);
    let [yes, _] = bench.buttons(ADA)[..] else { panic!("two buttons") };
    bench.clock.advance(HOLD.checked_sub(Duration::from_secs(1)).unwrap());
    assert!(bench.start(ADA, &code).contains("instead?"));
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.status(link), LinkStatus::Open);
    assert!(bench.press(ADA, yes).contains("no longer open"));
    assert_eq!(bench.bound(ADA), Some(ada));
    assert!(bench.start(BEN, &code).starts_with("Hello eve"), "it is free again");
}

#[test]
fn nobody_else_can_answer_a_question() {
    let bench = Bench::new();
    let (ada, eve) = (bench.account("ada"), bench.account("eve"));
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let (link, code) = bench.link(eve);
    bench.start(ADA, &code);
    for press in bench.buttons(ADA) {
        assert!(bench.press(BEN, press).contains("no longer open"));
    }
    assert_eq!((bench.bound(BEN), bench.status(link)), (None, LinkStatus::Held));
}

#[test]
fn a_chat_that_changed_meanwhile_is_asked_about_what_is_so_now() {
    let bench = Bench::new();
    let (ada, eve, cat) = (bench.account("ada"), bench.account("eve"), bench.account("cat"));
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let (link, code) = bench.link(eve);
    bench.start(ADA, &code);
    let [yes, _] = bench.buttons(ADA)[..] else { panic!("two buttons") };
    bench.write(move |tx| chats::bind(tx, ADA, cat));
    assert!(bench.press(ADA, yes).contains("as cat"), "not the account the first question named");
    assert_eq!((bench.bound(ADA), bench.status(link)), (Some(cat), LinkStatus::Held));
    bench.write(|tx| chats::unbind(tx, &Caller::internal(Actor::Chat(ADA)), ADA, Unlinked::ByPerson));
    let [yes, _] = bench.buttons(ADA)[..] else { panic!("two buttons") };
    assert!(bench.press(ADA, yes).starts_with("Hello eve"));
}

#[test]
fn a_site_that_wants_it_has_every_chat_confirm() {
    let bench = Bench::new();
    bench.change_settings(|saved| saved.confirm_before_link = true);
    let ada = bench.account("ada");
    let (link, code) = bench.link(ada);
    assert!(bench.start(ADA, &code).contains("connect this chat"));
    let [yes, no] = bench.buttons(ADA)[..] else { panic!("two buttons") };
    assert!(bench.press(ADA, no).starts_with("Cancelled"));
    assert_eq!((bench.bound(ADA), bench.status(link)), (None, LinkStatus::Open));
    bench.start(ADA, &code);
    assert!(bench.press(ADA, yes).starts_with("Hello ada"));
    assert_eq!(bench.bound(ADA), Some(ada));
}

#[test]
fn undo_takes_back_what_its_link_did_and_nothing_newer() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (first, code) = bench.link(ada);
    bench.start(ADA, &code);
    assert!(bench.press(ADA, Press::Undo(first)).starts_with("Disconnected."));
    assert_eq!(bench.bound(ADA), None);
    assert!(bench.events().ends_with(&[EventKind::ChatUnlinked(ADA, Unlinked::ByPerson)]));
    assert!(bench.start(ADA, &code).contains("already used"), "disconnected, so no longer by this code");
    bench.clock.advance(Duration::from_secs(1));
    let (second, code) = bench.link(ada);
    bench.start(ADA, &code);
    let notice = bench.act(ADA, &Act::Press(Press::Undo(first))).unwrap();
    assert!(notice.contains("connected to") && notice.encode_utf16().count() <= 200, "{notice}");
    assert_eq!(bench.bound(ADA), Some(ada));
    assert!(bench.act(BEN, &Act::Press(Press::Undo(second))).unwrap().contains("not connected"));
    assert_eq!(bench.bound(ADA), Some(ada));
}

#[test]
fn the_other_chats_of_an_account_hear_of_a_new_one() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let (_, code) = bench.link(ada);
    bench.start(BEN, &code);
    let told = bench.read(|read| deliveries::pending_of_chat(read, ADA));
    assert_eq!(told.len(), 1);
    let body = bench.read(|read| {
        let row = store::messages::get(read, told[0].0.message)?.unwrap();
        Ok(store::messages::body(read, &row).unwrap())
    });
    assert!(body.text.starts_with("Another Telegram chat"), "{}", body.text);
    assert_eq!(bench.read(|read| deliveries::pending_of_chat(read, BEN)).len(), 0);
}

#[test]
fn a_masked_username_is_not_said_whole() {
    let bench = Bench::new();
    bench.change_settings(|saved| saved.mask_username = true);
    let (_, code) = bench.link(bench.account("ada.lovelace"));
    let said = bench.start(ADA, &code);
    assert!(said.starts_with("Hello a…e") && !said.contains("lovelace"), "{said}");
}

#[test]
fn an_admin_links_a_chat_of_their_own_beside_its_account() {
    let bench = Bench::new();
    let admin = bench.write(|tx| {
        let row = crate::model::admin::Admin {
            name: crate::model::admin::AdminName::parse("Olga").unwrap(),
            role: crate::model::admin::Role::Owner,
            credentials: crate::model::session::Credentials::default(),
            created: tx.now(),
        };
        Ok(admins::insert(tx, &row)?)
    });
    let ada = bench.account("ada");
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let issued = bench.issue(Target::Admin(admin));
    assert!(bench.start(ADA, issued.code.expose()).contains("Olga"));
    assert!(bench.start(ADA, issued.code.expose()).contains("Olga"), "the same code again");
    let chat = bench.read(|read| store::chats::get(read, ADA)).unwrap();
    assert_eq!((chat.admin, chat.account()), (Some(admin), Some(ada)));
    assert!(bench.press(ADA, Press::Undo(issued.id)).contains("no longer arrive"));
    let chat = bench.read(|read| store::chats::get(read, ADA)).unwrap();
    assert_eq!((chat.admin, chat.account()), (None, Some(ada)));
}

#[test]
fn a_code_of_an_account_that_goes_is_revoked_while_it_is_held() {
    let bench = Bench::new();
    let (ada, eve) = (bench.account("ada"), bench.account("eve"));
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    let (link, code) = bench.link(eve);
    bench.start(ADA, &code);
    let [yes, _] = bench.buttons(ADA)[..] else { panic!("two buttons") };
    bench.write(move |tx| links::revoke(tx, &Caller::internal(Actor::System), link).map(|_| ()));
    assert!(bench.press(ADA, yes).contains("no longer open"));
    assert_eq!(bench.bound(ADA), Some(ada));
    assert!(bench.start(ADA, &code).contains("no longer valid"));
    assert!(bench.events().contains(&EventKind::LinkRevoked(link, Revocation::Asked)));
}

#[test]
fn a_code_makes_a_blocked_chat_reachable_again() {
    let bench = Bench::new();
    let ada = bench.account("ada");
    let (_, code) = bench.link(ada);
    bench.start(ADA, &code);
    bench.write(|tx| chats::set_reachability(tx, ADA, Reachability::Blocked));
    let (_, code) = bench.link(ada);
    assert!(bench.start(ADA, &code).contains("already connected"));
    assert_eq!(bench.read(|read| store::chats::get(read, ADA)).unwrap().reachability, Reachability::Reachable);
}
