//! Which addresses count, that each makes one link, and that a replaced secret counts for a day.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::*;
use crate::actions::Kind;
use crate::actions::links::mark_used;
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::ids::{ChatId, UserId};
use crate::model::event::EventKind;
use crate::model::link::LinkStatus;
use crate::model::settings::{BotIdentity, LINK_LIFETIME};
use crate::store::accounts;

fn signed(secret: &Secret, lines: [&str; 4]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).unwrap();
    mac.update(lines.join("\n").as_bytes());
    mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn address(desk: &Desk, secret: &Secret, username: &str, span: Duration) -> Asked {
    let expires = desk.clock.now().plus(span).seconds().to_string();
    let return_url = "https://www.example.org/me?tab=1#here";
    let signature = signed(secret, ["connect", username, &expires, return_url]);
    Asked { username: username.into(), expires, return_url: return_url.into(), signature }
}

fn desk() -> (Desk, Secret) {
    let desk = Desk::new();
    desk.run(|tx| {
        let bot = BotIdentity { id: UserId(1), username: "b".into(), name: "B".into(), seen: tx.now() };
        Ok(meta::put_bot(tx, &bot)?)
    });
    let secret = desk.run(|tx| renew(tx, &OWNER));
    (desk, secret)
}

#[track_caller]
fn vouched(desk: &Desk, asked: &Asked) -> Vouched {
    desk.read(|read| vouch(read, asked)).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

fn wrong(desk: &Desk, asked: &Asked) -> Option<Wrong> {
    desk.read(|read| vouch(read, asked)).err()
}

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn an_address_makes_one_link_and_the_account() {
    let (desk, secret) = desk();
    let first = vouched(&desk, &address(&desk, &secret, "ada", HOUR));
    assert!(!desk.read(|read| is_made(read, &first)));
    for _ in 0..3 {
        let again = first.clone();
        desk.run(move |tx| open(tx, &again, LINK_LIFETIME));
    }
    let (id, link) = desk.read(|read| links::find(read, first.code.hash())).unwrap();
    assert_eq!(
        (link.issued_by, link.return_url.as_deref()),
        (Actor::Website, Some("https://www.example.org/me?tab=1#here"))
    );
    assert_eq!(link.status(desk.clock.now()), LinkStatus::Open);
    assert_eq!(desk.read(|read| links::code(read, &link).map(Ok).transpose()).unwrap().expose(), first.code.expose());
    assert_eq!(desk.events().len(), 1, "one link: {:?}", desk.events());
    let chat = desk.heard(5);
    desk.run(move |tx| Ok(mark_used(tx, id, &link, chat).map(drop)?));
    let again = first.clone();
    desk.run(move |tx| open(tx, &again, LINK_LIFETIME));
    let (_, link) = desk.read(|read| links::find(read, first.code.hash())).unwrap();
    assert_eq!(link.status(desk.clock.now()), LinkStatus::Used, "a used link stays used");
    assert_eq!(desk.events().last().map(|(_, kind)| *kind), Some(EventKind::LinkUsed(id, ChatId(5))));
    assert_eq!(desk.audit(), ["link.create ada", "account.create ada", "connect.create "]);
}

#[test]
fn a_newer_address_takes_the_place_of_an_open_one() {
    let (desk, secret) = desk();
    let (first, second) = (
        vouched(&desk, &address(&desk, &secret, "ada", HOUR)),
        vouched(&desk, &address(&desk, &secret, "ada", 2 * HOUR)),
    );
    for each in [&first, &second, &first] {
        let each = each.clone();
        desk.run(move |tx| open(tx, &each, LINK_LIFETIME));
    }
    let status = |code: &Code| desk.read(|read| links::find(read, code.hash())).unwrap().1.status(desk.clock.now());
    assert_eq!((status(&first.code), status(&second.code)), (LinkStatus::Revoked, LinkStatus::Open));
}

#[test]
fn what_is_not_signed_or_out_of_time_leads_nowhere() {
    let (desk, secret) = desk();
    let good = address(&desk, &secret, "ada", HOUR);
    assert_eq!(wrong(&desk, &good), None);
    assert_eq!(wrong(&desk, &Asked { username: "bob".into(), ..good.clone() }), Some(Wrong::Signature));
    assert_eq!(wrong(&desk, &Asked { return_url: String::new(), ..good.clone() }), Some(Wrong::Signature));
    assert_eq!(wrong(&desk, &Asked { signature: String::new(), ..good.clone() }), Some(Wrong::Incomplete));
    assert_eq!(wrong(&desk, &address(&desk, &secret, "ada", Duration::from_hours(25))), Some(Wrong::Ahead));
    assert_eq!(wrong(&desk, &address(&desk, &secret, "..", HOUR)), Some(Wrong::Name));
    assert_eq!(wrong(&desk, &address(&desk, &secret, "Jose\u{301}", HOUR)), Some(Wrong::Name), "not in form NFC");
    desk.pass(HOUR);
    assert_eq!(wrong(&desk, &good), Some(Wrong::Expired));
    desk.run(|tx| forget(tx, &OWNER));
    assert_eq!(wrong(&desk, &good), Some(Wrong::Signature));
    assert_eq!(desk.refused(|tx| forget(tx, &OWNER)).kind, Kind::Conflict);
    for refused in [desk.refused(|tx| renew(tx, &VIEWER)), desk.refused(|tx| forget(tx, &VIEWER))] {
        assert_eq!(refused.kind, Kind::Forbidden);
    }
}

#[test]
fn an_address_to_come_back_to_that_cannot_be_leaves_nothing_behind() {
    let (desk, secret) = desk();
    let expires = desk.clock.now().plus(HOUR).seconds().to_string();
    let signature = signed(&secret, ["connect", "ada", &expires, "javascript:alert(1)"]);
    let asked = Asked { username: "ada".into(), expires, return_url: "javascript:alert(1)".into(), signature };
    let vouched = vouched(&desk, &asked);
    assert_eq!(desk.refused(move |tx| open(tx, &vouched, LINK_LIFETIME)).field, Some("return_url"));
    assert!(desk.read(|read| accounts::find(read, &Username::parse("ada").unwrap())).is_none());
}

#[test]
fn a_replaced_secret_counts_for_a_day() {
    let (desk, older) = desk();
    let newer = desk.run(|tx| renew(tx, &OWNER));
    let old = vouched(&desk, &address(&desk, &older, "ada", HOUR));
    assert_eq!(vouched(&desk, &address(&desk, &newer, "ada", HOUR)).code.expose(), old.code.expose());
    desk.run(move |tx| open(tx, &old, LINK_LIFETIME));
    let (name, at) = (Username::parse("ada").unwrap(), desk.clock.now());
    let back = || desk.read(|read| way_back(read, ("https://a.example/?x=1#top", &name), at)).unwrap();
    let expected = |secret: &Secret| {
        let signature = connect::outcome(secret, "ada", at);
        let at = at.seconds();
        format!("https://a.example/?x=1&startlink=connected&startlink_at={at}&startlink_signature={signature}#top")
    };
    assert_eq!(back(), expected(&older), "the website has not changed its secret yet");
    desk.pass(Duration::from_mins(10));
    let new = vouched(&desk, &address(&desk, &newer, "ada", HOUR));
    desk.run(move |tx| open(tx, &new, LINK_LIFETIME));
    assert_eq!(back(), expected(&newer));
    desk.pass(OVERLAP);
    assert_eq!(wrong(&desk, &address(&desk, &older, "ada", HOUR)), Some(Wrong::Signature));
    assert_eq!(wrong(&desk, &address(&desk, &newer, "ada", HOUR)), None);
}
