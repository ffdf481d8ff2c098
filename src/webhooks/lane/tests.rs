//! The order of what leaves, under any order of what happens, ends, fails and is forgotten.

use proptest::prelude::*;

use super::*;
use crate::actions::testing::{Desk, OWNER};
use crate::actions::webhooks::{NewEndpoint, create, find, send_again, settle};
use crate::config::WebhookAllow;
use crate::ids::ChatId;
use crate::model::account::Username;
use crate::model::event::{Event, EventKind};
use crate::store::faulty::Breaks;

struct Post {
    desk: Desk,
    id: EndpointId,
    chosen: Chosen,
    lane: Lane,
    flying: Vec<Turn>,
    delivered: Vec<Turn>,
    happened: Vec<Turn>,
}

impl Post {
    fn new() -> Self {
        Self::choosing(Chosen::All)
    }

    fn choosing(chosen: Chosen) -> Self {
        let desk = Desk::new();
        let asked = NewEndpoint { url: "https://example.org/".to_owned(), ..NewEndpoint::default() };
        let (id, ..) = desk.run(move |tx| create(tx, &OWNER, &WebhookAllow::default(), &asked));
        let lane = Lane::new(EventId(0));
        Self { desk, id, chosen, lane, flying: Vec::new(), delivered: Vec::new(), happened: Vec::new() }
    }

    fn happen(&mut self, account: u64) -> Turn {
        let whose = (account > 0).then(|| (AccountId(account), Username::parse("ada").unwrap()));
        let event = self.desk.run(move |tx| {
            let event = Event { at: tx.now(), account: whose.clone(), kind: EventKind::ChatLinked(ChatId(5)) };
            Ok(journal::record(tx, &event)?)
        });
        let turn = Turn { account: AccountId(account), event };
        self.happened.push(turn);
        turn
    }

    fn settle(&mut self) {
        while self.lane.must_settle() {
            self.write();
        }
    }

    fn write(&mut self) {
        let (id, round) = (self.id, self.lane.round());
        let written = round.clone();
        self.desk.run(move |tx| Ok(settle(tx, id, &written)?));
        self.lane.settled(&round);
    }

    /// As the loop does it: what leaves now.
    fn look(&mut self) -> Vec<Turn> {
        let mut left = Vec::new();
        loop {
            self.settle();
            let now = self.desk.clock.elapsed();
            let lane = &mut self.lane;
            let chosen = (self.id, &self.chosen);
            let picked = self.desk.read(|read| lane.pick(read, chosen, 99, now));
            left.extend(&picked.turns);
            if !picked.is_more && !self.lane.must_settle() {
                break;
            }
        }
        self.flying.extend(&left);
        left
    }

    fn end(&mut self, at: usize, outcome: Outcome) {
        if self.flying.is_empty() {
            return;
        }
        let turn = self.flying.remove(at % self.flying.len());
        if outcome == Outcome::Delivered {
            self.delivered.push(turn);
        }
        let ended = Ended { turn, at: self.desk.clock.now(), outcome, status: None, took: Duration::ZERO, wish: None };
        self.lane.take_back(ended, self.desk.clock.elapsed());
    }

    fn again(&mut self, at: usize) {
        let Some(turn) = self.happened.get(at).copied() else { return };
        let id = self.id;
        self.desk.run(move |tx| send_again(tx, &OWNER, id, turn.event));
    }

    fn crash(&mut self) {
        let progress = self.desk.read(|read| find(read, self.id)).unwrap().progress;
        self.lane = Lane::new(progress.cursor);
        self.flying.clear();
    }

    fn rows(&self) -> u64 {
        self.desk.read(|read| find(read, self.id)).unwrap().progress.waiting
    }
}

#[test]
fn events_of_one_account_leave_one_by_one_and_those_of_others_beside_them() {
    let mut post = Post::new();
    let (first, second, other, nobody) = (post.happen(1), post.happen(1), post.happen(2), post.happen(0));
    assert_eq!(post.look(), [first, other, nobody]);
    assert_eq!(post.look(), []);
    post.end(0, Outcome::Delivered);
    assert_eq!(post.look(), [second]);
    assert_eq!(post.rows(), 0, "what is well needs no rows");
}

#[test]
fn what_overtook_a_slow_event_is_not_sent_twice_after_a_crash() {
    let mut post = Post::new();
    let (slow, behind, quick) = (post.happen(1), post.happen(1), post.happen(2));
    post.look();
    post.end(1, Outcome::Delivered);
    post.settle();
    assert_eq!((post.delivered.as_slice(), post.rows()), ([quick].as_slice(), 2));
    post.crash();
    assert_eq!(post.look(), [slow]);
    post.end(0, Outcome::Delivered);
    assert_eq!(post.look(), [behind]);
}

#[test]
fn an_endpoint_in_trouble_is_asked_about_one_thing_at_a_time() {
    let mut post = Post::new();
    for account in 1..=20 {
        post.happen(account);
    }
    assert_eq!(post.look().len(), AT_ONCE);
    for _ in 0..AT_ONCE {
        post.end(0, Outcome::NoConnection);
    }
    assert_eq!(post.look(), []);
    post.desk.pass(REST);
    assert_eq!(post.look(), [], "what is new stays in the log");
    post.desk.pass(Duration::from_secs(5));
    assert_eq!(post.look().len(), 1);
    assert_eq!(post.look().len(), 0);
    post.end(0, Outcome::Delivered);
    assert_eq!(post.look().len(), AT_ONCE);
}

#[test]
fn what_is_not_chosen_is_passed_and_that_is_remembered_once_in_a_while() {
    let mut post = Post::choosing(Chosen::Only(vec!["link.used".to_owned()]));
    post.happen(1);
    assert_eq!(post.look(), []);
    assert!(post.lane.is_ahead() && !post.lane.must_settle());
    for _ in 0..LAG {
        post.happen(1);
    }
    post.look();
    let progress = post.desk.read(|read| find(read, post.id)).unwrap().progress;
    assert!(progress.cursor.0 >= LAG, "{progress:?}");
}

#[test]
fn a_crowd_behind_one_slow_account_does_not_hold_up_the_others() {
    let mut post = Post::new();
    for _ in 0..=AHEAD {
        post.happen(1);
    }
    let other = post.happen(2);
    let first = post.happened[0];
    assert_eq!(post.look(), [first, other], "nothing overtakes the slow one");
    assert!(post.rows() > 0);
    post.end(0, Outcome::Delivered);
    let second = post.happened[1];
    assert_eq!(post.look(), [second]);
}

#[test]
fn an_event_that_is_sent_again_before_its_time_leaves_once() {
    let mut post = Post::new();
    let turn = post.happen(1);
    post.again(0);
    assert_eq!(post.look(), [turn]);
    post.end(0, Outcome::Delivered);
    assert_eq!(post.look(), []);
}

#[test]
fn the_log_of_an_endpoint_in_trouble_is_not_copied_and_what_is_new_makes_it_tried() {
    let mut post = Post::new();
    let first = post.happen(1);
    for _ in 1..TROUBLED {
        post.look();
        post.end(0, Outcome::NoConnection);
        post.desk.pass(Duration::from_mins(12));
    }
    post.look();
    post.end(0, Outcome::NoConnection);
    for _ in 0..300 {
        post.happen(1);
    }
    post.desk.pass(PROBE.saturating_sub(REST));
    assert_eq!((post.look(), post.rows()), (Vec::new(), 1));
    post.desk.pass(REST);
    assert_eq!((post.look(), post.rows()), (vec![first], 1), "half an hour before its time");
    post.end(0, Outcome::Delivered);
    let second = post.happened[1];
    assert_eq!(post.look(), [second]);
}

#[test]
fn another_address_is_not_blamed_for_the_one_before() {
    let mut post = Post::new();
    post.lane.aim("https://example.org/");
    post.happen(1);
    for _ in 0..TROUBLED {
        post.look();
        post.end(0, Outcome::NoConnection);
        post.desk.pass(Duration::from_hours(1));
    }
    post.lane.aim("https://example.org/");
    assert!(post.lane.is_troubled());
    post.lane.aim("https://example.com/");
    assert!(!post.lane.is_troubled() && post.lane.rests_until(post.desk.clock.elapsed()).is_none());
}

#[test]
fn an_event_that_was_asked_for_does_not_overtake_earlier_ones() {
    let mut post = Post::new();
    let (first, second) = (post.happen(1), post.happen(1));
    post.again(1);
    assert_eq!(post.look(), [first]);
    post.again(1);
    assert_eq!(post.look(), []);
    post.end(0, Outcome::Delivered);
    assert_eq!(post.look(), [second]);
    post.end(0, Outcome::Delivered);
    assert_eq!(post.look(), []);
}

#[test]
fn an_event_that_was_passed_by_is_sent_when_it_is_asked_for() {
    let mut post = Post::choosing(Chosen::Only(vec!["link.used".to_owned()]));
    let event = post.happen(1);
    assert_eq!(post.look(), []);
    post.chosen = Chosen::All;
    post.again(0);
    assert_eq!(post.look(), [event]);
}

#[test]
fn a_read_that_fails_loses_nothing() {
    for reads in 0..40 {
        let mut post = Post::new();
        let all = [post.happen(1), post.happen(2), post.happen(1), post.happen(0), post.happen(3)];
        post.again(1);
        let (lane, chosen) = (&mut post.lane, (post.id, &post.chosen));
        let now = post.desk.clock.elapsed();
        let picked = post.desk.read(|read| Ok(lane.pick(&Breaks::after(reads, read), chosen, 99, now)));
        post.flying.extend(picked.map(|picked| picked.turns).unwrap_or_default());
        for _ in 0..4 {
            while !post.flying.is_empty() {
                post.end(0, Outcome::Delivered);
            }
            post.look();
        }
        post.delivered.sort();
        let mut all = all.to_vec();
        all.sort();
        assert_eq!(post.delivered, all, "after {reads} reads");
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Happen(u64),
    Look,
    End(usize, bool),
    Settle,
    Crash,
    Again(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_u64).prop_map(Step::Happen),
        3 => Just(Step::Look),
        4 => (0..9_usize, any::<bool>()).prop_map(|(at, good)| Step::End(at, good)),
        1 => Just(Step::Settle),
        1 => Just(Step::Crash),
        1 => (0..99_usize).prop_map(Step::Again),
        2 => (1..600_u64).prop_map(Step::Pass),
    ]
}

/// No event of an account leaves before all earlier ones of it arrived.
fn in_order(post: &Post, left: &[Turn]) -> Result<(), TestCaseError> {
    for turn in left.iter().filter(|turn| turn.account != NOBODY) {
        let earlier = post.happened.iter().filter(|other| other.account == turn.account && other.event < turn.event);
        for other in earlier {
            prop_assert!(post.delivered.contains(other), "{turn:?} left before {other:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_event_arrives_and_in_order_for_each_account(steps in proptest::collection::vec(step(), 1..90)) {
        let mut post = Post::new();
        for step in steps {
            match step {
                Step::Happen(account) => {
                    post.happen(account);
                }
                Step::Look => {
                    let left = post.look();
                    in_order(&post, &left)?;
                }
                Step::End(at, good) => post.end(at, if good { Outcome::Delivered } else { Outcome::Refused }),
                Step::Settle => post.settle(),
                Step::Crash => post.crash(),
                Step::Again(at) => post.again(at),
                Step::Pass(seconds) => post.desk.pass(Duration::from_secs(seconds)),
            }
        }
        for _ in 0..500 {
            let left = post.look();
            in_order(&post, &left)?;
            while !post.flying.is_empty() {
                post.end(0, Outcome::Delivered);
            }
            post.desk.pass(Duration::from_mins(1));
        }
        for turn in &post.happened {
            prop_assert!(post.delivered.contains(turn), "{turn:?} never arrived");
        }
        prop_assert_eq!(post.rows(), 0);
        prop_assert!(post.desk.read(|read| find(read, post.id)).unwrap().endpoint.is_active());
    }
}
