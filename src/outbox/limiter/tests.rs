//! The limiter under any arrivals, clocks and limits, judged by the windows that Telegram counts.

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn limits(global: u32, chat: u32, group: u32) -> Limits {
    Limits { global_per_second: global, chat_per_second: chat, group_per_minute: group, ..Limits::default() }
}

/// The most of `taken` (ascending) that fall into any half-open window of `span`.
fn densest(taken: &[Duration], span: Duration) -> usize {
    let within = |(first, from): (usize, &Duration)| taken[first..].iter().take_while(|at| **at < *from + span).count();
    taken.iter().enumerate().map(within).max().unwrap_or(0)
}

/// Whether a bucket of a second's worth, refilled at the rate, would have had room for each arrival.
fn a_bucket_takes(arrivals: &[Duration], rate: u32) -> bool {
    let (rate, mut tokens, mut last) = (f64::from(rate), f64::from(rate), Duration::ZERO);
    arrivals.iter().all(|at| {
        tokens = (tokens + at.saturating_sub(last).as_secs_f64() * rate).min(rate) - 1.0;
        last = *at;
        tokens > -1e-6
    })
}

/// Sends as early as the limiter allows to chats that are all different.
fn flat_out(limiter: &mut Limiter, count: usize) -> Vec<Duration> {
    let (mut now, mut taken) = (SECOND, Vec::new());
    for chat in 1..=i64::try_from(count).unwrap() {
        while let Err(wait) = limiter.try_take(now, ChatId(chat)) {
            assert!(wait.at > now, "the moment told is in the future");
            now = wait.at;
        }
        taken.push(now);
    }
    taken
}

#[test]
fn a_burst_leaves_at_once_and_then_the_rate_is_reached() {
    let taken = flat_out(&mut Limiter::new(Limits::default()), 1000);
    assert_eq!(taken[26], SECOND, "27 leave without any delay");
    assert_eq!(densest(&taken, SECOND), 30);
    let (took, ideal) = (taken[999].saturating_sub(taken[0]).as_secs_f64(), 999.0 / 30.0);
    assert!(took <= ideal * 1.005, "{took} against {ideal}");
}

#[test]
fn what_did_not_leave_holds_nobody_back() {
    let mut limiter = Limiter::new(Limits::default());
    for chat in 1..=1000 {
        limiter.try_take(SECOND, ChatId(chat)).expect("every slot was given back");
        limiter.give_back(ChatId(chat), Fare::Free);
    }
    assert_eq!(limiter.check(SECOND, ChatId(1000)), Ok(()));
    let taken = flat_out(&mut limiter, 100);
    assert_eq!(densest(&taken, SECOND), 30);
}

#[test]
fn a_tenth_of_a_second_of_jitter_overflows_no_bucket_of_a_seconds_worth() {
    let taken = flat_out(&mut Limiter::new(Limits::default()), 1000);
    // The worst case: everything is delayed most until a moment, and not at all from then on.
    for turn in 0..taken.len() {
        let delay = |(nth, at): (usize, &Duration)| if nth < turn { *at + ms(99) } else { *at };
        let mut arrivals: Vec<_> = taken.iter().enumerate().map(delay).collect();
        arrivals.sort_unstable();
        assert!(a_bucket_takes(&arrivals, 30), "from {turn} on");
    }
}

#[test]
fn one_busy_group_waits_alone_until_another_chat_is_flooded_too() {
    let mut limiter = Limiter::new(Limits::default());
    assert_eq!(limiter.flooded(SECOND, ChatId(-5), ms(30_000)), Scope::Chat);
    assert_eq!(limiter.check(SECOND, ChatId(-5)), Err(NotBefore { at: ms(31_000), scope: Scope::Chat }));
    assert_eq!(limiter.check(SECOND, ChatId(7)), Ok(()));
    assert_eq!(limiter.flooded(SECOND * 2, ChatId(-5), ms(30_000)), Scope::Chat);
    assert_eq!(limiter.flooded(SECOND * 3, ChatId(-6), ms(10_000)), Scope::All);
    assert_eq!(limiter.check(SECOND * 3, ChatId(7)), Err(NotBefore { at: ms(13_000), scope: Scope::All }));
    assert_eq!(limiter.held_until(SECOND * 3), Some(ms(13_000)));
    assert_eq!(limiter.held_until(SECOND * 13), None);
}

/// Sends what is paid for as early as the limiter allows.
fn flat_out_paid(limiter: &mut Limiter, count: i64) -> Vec<Duration> {
    let (mut now, mut taken) = (SECOND, Vec::new());
    for chat in 1..=count {
        while let Err(wait) = limiter.check_all(now, Fare::Paid) {
            assert!(wait.at > now, "the moment told is in the future");
            now = wait.at;
        }
        limiter.take(now, ChatId(chat), Fare::Paid);
        taken.push(now);
    }
    taken
}

#[test]
fn what_is_paid_for_has_a_limit_of_its_own_and_leaves_the_free_one_alone() {
    let mut limiter = Limiter::new(Limits::default());
    let taken = flat_out_paid(&mut limiter, 3000);
    assert_eq!(densest(&taken, SECOND), 1000);
    let now = taken[2999];
    assert!(limiter.check_all(now, Fare::Paid).is_err());
    assert_eq!(limiter.check(now, ChatId(5000)), Ok(()), "answers go on");
    assert!(limiter.check_chat(now, ChatId(3000)).is_err(), "a chat's own limit counts for both");
}

#[test]
fn a_flood_lowers_the_rate_to_three_quarters_and_it_recovers_slowly() {
    let mut limiter = Limiter::new(Limits::default());
    limiter.flooded(SECOND, ChatId(7), SECOND);
    // Refusals of what had left before the first one was heard tell nothing new.
    limiter.flooded(SECOND, ChatId(8), SECOND);
    limiter.flooded(ms(1500), ChatId(9), SECOND);
    let at = |limiter: &Limiter, s: u64| limiter.effective(Duration::from_secs(s)).global_per_second;
    assert_eq!([3, 33, 78, 153].map(|s| at(&limiter, s)), [22, 24, 26, 30]);
    assert_eq!(limiter.effective(SECOND * 2).paid_per_second, 750);
    limiter.flooded(SECOND * 3, ChatId(7), SECOND);
    assert_eq!(at(&limiter, 4), 16, "three quarters of what it was");
    assert_eq!(limiter.whole_at(SECOND * 1000), None);
}

#[test]
fn the_rate_never_falls_below_one_a_second_and_no_limit_stays_none() {
    let (mut limiter, mut none) = (Limiter::new(Limits::default()), Limiter::new(limits(0, 0, 0)));
    for nth in 1..100 {
        for limiter in [&mut limiter, &mut none] {
            limiter.flooded(SECOND * 2 * nth, ChatId(7), SECOND);
        }
    }
    assert_eq!(limiter.effective(SECOND * 200).global_per_second, 1);
    assert_eq!(none.effective(SECOND * 200).global_per_second, 0);
}

#[test]
fn a_group_that_is_busy_alone_lowers_nothing() {
    let mut limiter = Limiter::new(Limits::default());
    limiter.flooded(SECOND, ChatId(-5), SECOND);
    assert_eq!(limiter.effective(SECOND).global_per_second, 30);
    limiter.flooded(SECOND, ChatId(-6), SECOND);
    assert!(limiter.effective(SECOND).global_per_second < 30);
}

#[test]
fn a_flood_in_a_private_chat_holds_everyone() {
    let mut limiter = Limiter::new(limits(0, 0, 0));
    assert_eq!(limiter.flooded(SECOND, ChatId(7), ms(5000)), Scope::All);
    assert_eq!(limiter.check(SECOND, ChatId(8)), Err(NotBefore { at: ms(6000), scope: Scope::All }));
    assert_eq!(limiter.check(ms(6000), ChatId(8)), Ok(()));
}

#[test]
fn zero_switches_each_limit_off() {
    let mut limiter = Limiter::new(limits(0, 0, 0));
    for _ in 0..1000 {
        limiter.try_take(SECOND, ChatId(7)).unwrap();
        limiter.try_take(SECOND, ChatId(-7)).unwrap();
    }
    assert_eq!(limiter.remembered(), 0);
}

#[test]
fn limits_change_while_it_runs_and_what_has_left_still_counts() {
    let mut limiter = Limiter::new(limits(30, 0, 0));
    for _ in 0..20 {
        limiter.try_take(SECOND, ChatId(7)).unwrap();
    }
    limiter.set_limits(limits(10, 0, 0));
    assert!(limiter.check_all(SECOND + ms(900), Fare::Free).is_err());
    assert!(limiter.check_all(SECOND + GLOBAL_WINDOW + SECOND, Fare::Free).is_ok());
    limiter.set_limits(limits(0, 0, 0));
    assert_eq!(limiter.check_all(SECOND, Fare::Free), Ok(()));
}

#[test]
fn chats_at_rest_are_forgotten() {
    let mut limiter = Limiter::new(limits(0, 1, 20));
    for nth in 0..10_000_u32 {
        limiter.take(ms(10) * nth, ChatId(i64::from(nth) + 1), Fare::Free);
        limiter.take(ms(10) * nth, ChatId(-i64::from(nth) - 1), Fare::Free);
    }
    assert!(limiter.remembered() < 100 * (61 + 5) + 100 * (2 + 5), "{}", limiter.remembered());
    limiter.hold_chat(ChatId(5), SECOND * 10_000);
    limiter.take(SECOND * 9000, ChatId(6), Fare::Free);
    assert_eq!(limiter.remembered(), 2, "a chat that is held is not forgotten");
}

#[derive(Debug, Clone)]
struct Arrival {
    pause_ms: u64,
    chat: ChatId,
    patient: bool,
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let chat = prop_oneof![(1..6_i64), (-4..0_i64), (100..200_i64)].prop_map(ChatId);
    let pause_ms = prop_oneof![4 => Just(0), 4 => 0..40_u64, 1 => 0..3000_u64, 1 => 0..90_000_u64];
    let one = (pause_ms, chat, any::<bool>()).prop_map(|(pause_ms, chat, patient)| Arrival { pause_ms, chat, patient });
    prop::collection::vec(one, 1..400)
}

proptest! {
    #[test]
    fn no_window_ever_exceeds_its_limit(
        arrivals in arrivals(), global in 1..40_u32, chat in 1..4_u32, group in 1..25_u32, start in any::<u32>(),
    ) {
        let mut limiter = Limiter::new(limits(global, chat, group));
        let (mut now, mut all, mut by_chat) = (ms(u64::from(start)), Vec::new(), HashMap::<_, Vec<_>>::new());
        for arrival in arrivals {
            now += ms(arrival.pause_ms);
            let mut outcome = limiter.try_take(now, arrival.chat);
            while let (Err(wait), true) = (outcome, arrival.patient) {
                prop_assert!(wait.at > now);
                now = wait.at;
                outcome = limiter.try_take(now, arrival.chat);
            }
            if outcome.is_ok() {
                all.push(now);
                by_chat.entry(arrival.chat).or_default().push(now);
            }
        }
        prop_assert!(densest(&all, SECOND) <= usize::try_from(global).unwrap());
        prop_assert!(a_bucket_takes(&all, global));
        for (id, taken) in by_chat {
            prop_assert!(densest(&taken, SECOND) <= usize::try_from(chat).unwrap());
            prop_assert!(id.is_private() || densest(&taken, MINUTE) <= usize::try_from(group).unwrap());
        }
    }

    #[test]
    fn the_rate_is_reached_at_every_limit(global in 1..200_u32) {
        let count = usize::try_from(global).unwrap() * 10;
        let taken = flat_out(&mut Limiter::new(limits(global, 1, 20)), count);
        let took = taken[count - 1].saturating_sub(taken[0]).as_secs_f64();
        prop_assert!(took <= 9.0 * 1.005 + 1.005, "{took}");
    }

    #[test]
    fn no_second_exceeds_its_limit_however_slow_the_commits_are(
        steps in prop::collection::vec((0..40_u64, 0..60_u64, 1..9_usize), 1..200), rate in 1..40_u32,
    ) {
        let mut limiter = Limiter::new(Limits { paid_per_second: rate, ..limits(rate, 0, 0) });
        let (mut now, mut left) = (SECOND, [Vec::new(), Vec::new()]);
        for (pause_ms, commit_ms, handful) in steps {
            now += ms(pause_ms);
            let mut taken = Vec::new();
            for fare in [Fare::Free, Fare::Paid] {
                for _ in 0..handful {
                    if limiter.check_all(now, fare).is_ok() {
                        limiter.take(now, ChatId(1), fare);
                        taken.push((ChatId(1), fare));
                    }
                }
            }
            now += ms(commit_ms);
            limiter.left(now, &taken);
            for (_, fare) in taken {
                left[usize::from(fare == Fare::Paid)].push(now);
            }
        }
        for moments in left {
            prop_assert!(densest(&moments, SECOND) <= usize::try_from(rate).unwrap());
        }
    }

    #[test]
    fn no_second_of_either_fare_exceeds_the_rate_that_floods_leave(
        steps in prop::collection::vec((0..100_u64, any::<bool>(), 0..60_u8), 1..400), free in 1..40_u32, paid in 1..80_u32,
    ) {
        let mut limiter = Limiter::new(Limits { paid_per_second: paid, ..limits(free, 0, 0) });
        let (mut now, mut taken) = (SECOND, [Vec::new(), Vec::new()]);
        for (pause_ms, is_paid, flood) in steps {
            now += ms(pause_ms);
            if flood == 0 {
                limiter.flooded(now, ChatId(1), ms(500));
            }
            let fare = if is_paid { Fare::Paid } else { Fare::Free };
            if limiter.check_all(now, fare).is_ok() {
                limiter.take(now, ChatId(1), fare);
                taken[usize::from(is_paid)].push(now);
            }
            prop_assert!(limiter.effective(now).global_per_second >= 1);
        }
        prop_assert!(densest(&taken[0], SECOND) <= usize::try_from(free).unwrap());
        prop_assert!(densest(&taken[1], SECOND) <= usize::try_from(paid).unwrap());
    }

    #[test]
    fn a_hold_only_moves_forward(steps in prop::collection::vec((0..3_u8, 0..100_000_u64, 0..3_i64), 1..60)) {
        let mut limiter = Limiter::new(limits(0, 0, 0));
        let (mut all, mut one) = (Duration::ZERO, Duration::ZERO);
        for (what, until, chat) in steps {
            match what {
                0 => limiter.hold_all(ms(until)),
                1 => limiter.hold_chat(ChatId(chat + 1), ms(until)),
                _ => {
                    limiter.flooded(ms(until), ChatId(chat - 1), SECOND);
                }
            }
            let held = limiter.chats.get(&ChatId(1)).map_or(Duration::ZERO, |state| state.hold);
            prop_assert!(limiter.hold >= all && held >= one);
            (all, one) = (limiter.hold, held);
        }
    }

    #[test]
    fn a_clock_that_goes_back_frees_nobody(times in prop::collection::vec(0..5000_u64, 1..200)) {
        let mut limiter = Limiter::new(limits(5, 1, 20));
        let (mut latest, mut taken) = (Duration::ZERO, Vec::new());
        for (chat, time) in (1..).zip(times) {
            let now = ms(time);
            if limiter.try_take(now, ChatId(chat)).is_ok() {
                latest = latest.max(now);
                taken.push(latest);
            }
        }
        prop_assert!(densest(&taken, SECOND) <= 5);
    }
}
