//! The truth table of one send, row by row.

use proptest::prelude::*;

use super::*;
use crate::rng::Rng;
use crate::telegram::Conflict;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const DAY: Duration = Duration::from_hours(24);

fn delivery(lane: Lane, policy: Policy) -> Delivery {
    Delivery { attempts: 1, ..Delivery::queued(lane, policy, None, NOW) }
}

fn single() -> Delivery {
    delivery(Lane::Single, Policy::AtLeastOnce)
}

fn broadcast() -> Delivery {
    delivery(Lane::Broadcast, Policy::AtMostOnce)
}

fn verdict(delivery: &Delivery, class: &Class, now: Timestamp) -> Verdict {
    decide(ChatId(-5), delivery, class, now, &Rng::seeded(1))
}

fn words() -> String {
    "words".to_owned()
}

#[test]
fn what_did_not_leave_is_tried_again_under_either_policy() {
    for delivery in [single(), broadcast()] {
        let Verdict::Requeue { at } = verdict(&delivery, &Class::NotSent { reason: words() }, NOW) else { panic!() };
        assert!(at > NOW && at <= NOW.plus(Duration::from_secs(1)));
    }
}

#[test]
fn an_unknown_outcome_follows_the_policy() {
    let unknown = Class::Unknown { reason: words() };
    assert_eq!(verdict(&broadcast(), &unknown, NOW), Verdict::Uncertain);
    assert!(matches!(verdict(&single(), &unknown, NOW), Verdict::RequeueInDoubt { at } if at > NOW));
}

#[test]
fn a_refused_token_halts_and_loses_nothing() {
    assert_eq!(verdict(&single(), &Class::TokenRefused, NOW), Verdict::TokenRefused { at: NOW });
    assert_eq!(verdict(&broadcast(), &Class::TokenRefused, NOW), Verdict::TokenRefused { at: NOW });
}

#[test]
fn a_flood_wait_goes_back_to_the_queue_for_as_long_as_telegram_says() {
    let retry_after = Duration::from_secs(10_072);
    let class = Class::FloodWait { retry_after };
    assert_eq!(verdict(&broadcast(), &class, NOW), Verdict::Flooded { at: NOW.plus(retry_after), retry_after });
}

#[test]
fn a_lost_chat_is_final_and_marks_the_chat() {
    let table = [
        (Class::Blocked, Reason::Blocked, Reachability::Blocked),
        (Class::Deactivated, Reason::Deactivated, Reachability::Deactivated),
        (Class::CannotInitiate, Reason::NeverStarted, Reachability::Unknown),
        (Class::ChatNotFound, Reason::ChatNotFound, Reachability::Unknown),
        (Class::GroupLost, Reason::GroupLost, Reachability::Left),
    ];
    for (class, reason, chat) in table {
        assert_eq!(verdict(&single(), &class, NOW), Verdict::Failed { reason, chat: Some(chat) });
    }
}

#[test]
fn other_refusals_are_final_with_telegrams_words() {
    let table = [
        (Class::Content { description: words() }, Reason::Content(words())),
        (Class::Rejected { code: 418, description: words() }, Reason::Rejected(418, words())),
        (Class::Conflict(Conflict::Webhook), Reason::Rejected(409, Conflict::Webhook.to_string())),
    ];
    for (class, reason) in table {
        assert_eq!(verdict(&broadcast(), &class, NOW), Verdict::Failed { reason, chat: None });
    }
}

#[test]
fn broken_markup_is_sent_once_more_as_plain_text_and_pauses_a_broadcast() {
    let markup = Class::Markup { description: words() };
    assert_eq!(verdict(&single(), &markup, NOW), Verdict::AsPlain);
    let plain = Delivery { as_plain: true, ..single() };
    assert_eq!(verdict(&plain, &markup, NOW), Verdict::Failed { reason: Reason::Content(words()), chat: None });
    assert_eq!(verdict(&broadcast(), &markup, NOW), Verdict::PauseBroadcast { description: words() });
}

#[test]
fn a_new_group_id_is_followed_unless_it_is_the_old_one() {
    assert_eq!(verdict(&single(), &Class::Migrated { to: ChatId(-9) }, NOW), Verdict::Migrate { to: ChatId(-9) });
    assert!(matches!(verdict(&single(), &Class::Migrated { to: ChatId(-5) }, NOW), Verdict::Failed { .. }));
}

#[test]
fn only_a_number_that_telegram_does_not_know_is_worth_another_upload() {
    let content = |words: &str| Class::Content { description: words.to_owned() };
    assert!(is_wrong_file(&content("Bad Request: wrong file identifier/HTTP URL specified")));
    assert!(is_wrong_file(&content("Bad Request: FILE_REFERENCE_EXPIRED")));
    assert!(!is_wrong_file(&content("Bad Request: PHOTO_INVALID_DIMENSIONS")));
    assert!(!is_wrong_file(&Class::Blocked));
}

#[test]
fn what_never_left_expires_and_what_may_have_left_becomes_uncertain() {
    let late = NOW.plus(DAY);
    let doubtful = Delivery { unknowns: 1, ..single() };
    for class in [Class::NotSent { reason: words() }, Class::Unknown { reason: words() }] {
        assert_eq!(verdict(&doubtful, &class, late), Verdict::Uncertain);
    }
    assert_eq!(verdict(&single(), &Class::NotSent { reason: words() }, late), Verdict::Expired);
    assert_eq!(verdict(&single(), &Class::Unknown { reason: words() }, late), Verdict::Uncertain);
    assert_eq!(overdue(&single(), late), Some(Verdict::Expired));
    assert_eq!(overdue(&doubtful, late), Some(Verdict::Uncertain));
    assert_eq!(overdue(&doubtful, Timestamp(late.0 - 1)), None);
}

#[test]
fn three_outcomes_without_an_answer_ask_for_a_probe_and_any_answer_ends_it() {
    let (mut silence, unknown) = (Silence::default(), Class::Unknown { reason: words() });
    for _ in 0..2 {
        silence.note(Some(&unknown));
    }
    silence.note(Some(&Class::Blocked));
    for probe in [false, false, true, true] {
        silence.note(Some(&unknown));
        assert_eq!(silence.must_probe(), probe);
    }
    silence.broken();
    assert!(!silence.must_probe());
    silence.note(Some(&unknown));
    silence.note(None);
    assert_eq!(silence, Silence::default());
}

proptest! {
    #[test]
    fn pauses_grow_up_to_their_longest_and_never_vanish(before in 0..80_u32, seed in any::<u64>()) {
        let chance = Rng::seeded(seed);
        for (first, longest) in [NOT_SENT, UNKNOWN] {
            let waited = pause((first, longest), before, &chance);
            let full = first.saturating_mul(2_u32.saturating_pow(before)).min(longest);
            prop_assert!(waited <= full && waited + Duration::from_millis(1) >= full * 2 / 3);
        }
    }

    #[test]
    fn at_least_once_tries_until_it_expires_and_then_ends(seed in any::<u64>(), lifetime_s in 2..200_000_u64) {
        let chance = Rng::seeded(seed);
        let expires = NOW.plus(Duration::from_secs(lifetime_s));
        let (mut delivery, mut now, mut tries) = (Delivery { expires, ..single() }, NOW, 1);
        while let Verdict::RequeueInDoubt { at } = in_doubt(&delivery, now, &chance) {
            prop_assert!(at > now && at < expires);
            (now, tries) = (at, tries + 1);
            delivery.unknowns += 1;
        }
        prop_assert_eq!(in_doubt(&delivery, now, &chance), Verdict::Uncertain);
        prop_assert!(expires.since(now) <= LAST_CALL, "the last try is right before the end");
        prop_assert!(tries < 20 + lifetime_s / 1200);
    }
}
