//! Every act in every state, as a table.

use super::*;

const NOW: Timestamp = Timestamp(5000);
const AT: Timestamp = Timestamp(9000);

fn paused(why: Pause) -> BroadcastState {
    BroadcastState::Paused { why, since: Timestamp(1) }
}

fn states() -> [BroadcastState; 9] {
    [
        BroadcastState::Draft,
        BroadcastState::Scheduled { at: Timestamp(2) },
        BroadcastState::Preparing,
        BroadcastState::Sending,
        paused(Pause::Person),
        paused(Pause::Markup("bad".into())),
        paused(Pause::Missed(Timestamp(2))),
        BroadcastState::Done { at: Timestamp(3) },
        BroadcastState::Cancelled { at: Timestamp(3) },
    ]
}

#[test]
fn what_can_be_done_and_what_follows() {
    const NO: &str = "-";
    let (same, draft, scheduled) = ("same", "draft", "scheduled");
    let (preparing, sending, paused, done, cancelled) = ("preparing", "sending", "paused", "done", "cancelled");
    let missed = Pause::Missed(Timestamp(2));
    let markup = Pause::Markup("bad".into());
    #[rustfmt::skip]
    let table = [
        //                              draft      scheduled  preparing  sending    person     markup     missed     done cancelled
        (Act::Edit,                     [same,      same,      NO,        NO,        NO,        NO,        NO,        NO, NO]),
        (Act::Remove,                   [same,      NO,        NO,        NO,        NO,        NO,        NO,        NO, NO]),
        (Act::Start,                    [preparing, preparing, NO,        NO,        NO,        NO,        NO,        NO, NO]),
        (Act::Schedule(AT),             [scheduled, scheduled, NO,        NO,        NO,        NO,        NO,        NO, NO]),
        (Act::Unschedule,               [NO,        draft,     NO,        NO,        NO,        NO,        draft,     NO, NO]),
        (Act::Launch,                   [NO,        preparing, NO,        NO,        NO,        NO,        NO,        NO, NO]),
        (Act::Pause(Pause::Person),     [NO,        NO,        paused,    paused,    NO,        NO,        NO,        NO, NO]),
        (Act::Pause(markup),            [NO,        NO,        paused,    paused,    NO,        NO,        NO,        NO, NO]),
        (Act::Pause(missed),            [NO,        paused,    NO,        NO,        NO,        NO,        NO,        NO, NO]),
        (Act::Resume { frozen: false }, [NO,        NO,        NO,        NO,        preparing, preparing, preparing, NO, NO]),
        (Act::Resume { frozen: true },  [NO,        NO,        NO,        NO,        sending,   sending,   sending,   NO, NO]),
        (Act::Cancel,                   [NO,        cancelled, cancelled, cancelled, cancelled, cancelled, cancelled, NO, NO]),
        (Act::SetRate,                  [same,      same,      same,      same,      same,      same,      same,      NO, NO]),
        (Act::Freeze,                   [NO,        NO,        sending,   NO,        NO,        NO,        NO,        NO, NO]),
        (Act::Finish,                   [NO,        NO,        done,      done,      done,      done,      done,      NO, NO]),
    ];
    for (act, row) in table {
        for (state, expected) in states().iter().zip(row) {
            let next = after(state, &act, NOW);
            let found = match &next {
                Ok(next) if next == state => same,
                Ok(next) => next.status().word(),
                Err(_) => NO,
            };
            assert_eq!(found, expected, "{act:?} in {state:?}");
        }
    }
}

#[test]
fn the_next_state_says_when_and_why() {
    let draft = BroadcastState::Draft;
    assert_eq!(after(&draft, &Act::Schedule(AT), NOW), Ok(BroadcastState::Scheduled { at: AT }));
    let pause = Act::Pause(Pause::Person);
    let waits = BroadcastState::Paused { why: Pause::Person, since: NOW };
    assert_eq!(after(&BroadcastState::Sending, &pause, NOW), Ok(waits));
    assert_eq!(after(&BroadcastState::Sending, &Act::Finish, NOW), Ok(BroadcastState::Done { at: NOW }));
    assert_eq!(after(&BroadcastState::Sending, &Act::Cancel, NOW), Ok(BroadcastState::Cancelled { at: NOW }));
}

#[test]
fn a_refusal_says_where_it_stands_and_what_that_means() {
    let refusal = after(&BroadcastState::Sending, &Act::Edit, NOW).unwrap_err();
    let expected = "This broadcast was started already: what people get must not change under them. \
                    Duplicate it to send something else.";
    assert_eq!(refusal.to_string(), expected);
    let refusal = after(&BroadcastState::Draft, &Act::Pause(Pause::Person), NOW).unwrap_err();
    assert_eq!(refusal.to_string(), "This broadcast is a draft: only one that is running can be paused.");
}
