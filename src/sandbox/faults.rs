//! Misbehaviour on request: which calls it hits, how often, and what happens to them. Pure: chance is a sequence that
//! can be repeated.

use serde::{Deserialize, Serialize};

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trouble {
    /// 429 with `retry_after`; nothing is done.
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// A 5xx as JSON; nothing is done.
    ServerError {
        /// 500 to 599.
        status: u16,
    },
    /// 502 with an HTML page, as a proxy in front of Telegram answers; nothing is done.
    HtmlBadGateway,
    /// 200 with a body that is not JSON; the call was carried out.
    Garbage,
    /// The connection is closed without an answer; nothing is done.
    ResetBefore,
    /// The call is carried out, then the connection is closed without an answer.
    DropAnswer,
    /// The call is carried out, then half of the answer is sent and the connection closed.
    HalfAnswer,
    /// The call is carried out, but only after a while.
    Delay {
        /// Milliseconds to wait first.
        wait_ms: u64,
    },
    /// 401 Unauthorized, as after BotFather's /revoke; nothing is done.
    Unauthorized,
    /// 404 Not Found, as for a token that never was; nothing is done.
    NotFound,
    /// 403 bot was blocked by the user; nothing is done.
    Blocked,
    /// Any refusal, in Telegram's or in other words; nothing is done.
    Refuse {
        /// The status and `error_code`, 400 to 599.
        code: u16,
        /// The whole description, such as `Bad Request: chat not found`.
        description: String,
        /// `parameters.migrate_to_chat_id`, for a group that became a supergroup.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        migrate_to_chat_id: Option<i64>,
    },
    /// A 5xx as JSON, but the call was carried out.
    ServerErrorAfter {
        /// 500 to 599.
        status: u16,
    },
    /// The call is carried out and the head of the answer sent at once, its body only after a while.
    SlowBody {
        /// Milliseconds between the two.
        wait_ms: u64,
    },
}

/// Misbehaviour with its aim: all calls, or those of one method, to one chat, a share of them, for a number of times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub trouble: Trouble,
    /// Only calls of this method (any case), or of all that begin so when it ends in `*`: `send*`.
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls that name this chat.
    #[serde(default)]
    pub chat: Option<i64>,
    /// Only this share of those calls, in percent, drawn call by call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// How many calls are hit; `None`: until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// A fault that hits every call until it is cleared.
    #[must_use]
    pub fn new(trouble: Trouble) -> Self {
        Self { trouble, method: None, chat: None, percent: None, times: None }
    }

    /// The same for calls of one method only.
    #[must_use]
    pub fn on(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// The same for calls that name one chat only.
    #[must_use]
    pub fn to(self, chat: i64) -> Self {
        Self { chat: Some(chat), ..self }
    }

    /// The same for a share of the calls, in percent.
    #[must_use]
    pub fn percent(self, percent: u8) -> Self {
        Self { percent: Some(percent), ..self }
    }

    /// The same for a number of calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }
}

/// The faults in force, each with a number to clear it by.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<(u64, Fault)>,
    last: u64,
    /// Where the sequence of chance stands.
    chance: u64,
}

impl Faults {
    /// Starts the sequence of chance anew, so that the same calls are hit in the same order.
    pub fn seed(&mut self, seed: u64) {
        self.chance = seed;
    }

    /// Adds one; gives its number.
    pub fn add(&mut self, fault: Fault) -> u64 {
        self.last += 1;
        self.list.push((self.last, fault));
        self.last
    }

    /// Takes one out; false when there is none of that number.
    pub fn clear(&mut self, number: u64) -> bool {
        let before = self.list.len();
        self.list.retain(|(own, _)| *own != number);
        self.list.len() < before
    }

    /// Takes all out.
    pub fn clear_all(&mut self) {
        self.list.clear();
    }

    /// All in force, oldest first.
    #[must_use]
    pub fn list(&self) -> &[(u64, Fault)] {
        &self.list
    }

    /// What the oldest fitting fault whose chance comes up does to a call; counts it.
    pub fn strike(&mut self, method: &str, chat: Option<i64>) -> Option<Trouble> {
        let chance = &mut self.chance;
        let place = self.list.iter().position(|(_, fault)| {
            fault.method.as_ref().is_none_or(|wanted| is_meant(wanted, method))
                && fault.chat.is_none_or(|wanted| chat == Some(wanted))
                && fault.percent.is_none_or(|percent| draw(chance) < u64::from(percent))
        })?;
        let (_, fault) = self.list.get_mut(place)?;
        let trouble = fault.trouble.clone();
        match &mut fault.times {
            None => {}
            Some(left @ 2..) => *left -= 1,
            Some(_) => {
                self.list.remove(place);
            }
        }
        Some(trouble)
    }
}

/// Whether `wanted`, a method or a beginning of methods with a `*`, means this method.
fn is_meant(wanted: &str, method: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => method.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning)),
        None => wanted.eq_ignore_ascii_case(method),
    }
}

/// The next number below 100 of a sequence (the mixer called `SplitMix64`).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_only_what_it_is_aimed_at_and_as_often_as_told() {
        let mut faults = Faults::default();
        faults.add(Fault::new(Trouble::Blocked).on("sendmessage").to(7).times(2));
        assert_eq!(faults.strike("getUpdates", None), None);
        assert_eq!(faults.strike("sendMessage", Some(8)), None);
        assert_eq!(faults.strike("sendMessage", Some(7)), Some(Trouble::Blocked));
        assert_eq!(faults.strike("sendMessage", Some(7)), Some(Trouble::Blocked));
        assert_eq!(faults.strike("sendMessage", Some(7)), None);
        faults.add(Fault::new(Trouble::Garbage).on("send*"));
        let struck = ["sendPhoto", "SENDMESSAGE", "sen", "getMe"].map(|method| faults.strike(method, None).is_some());
        assert_eq!(struck, [true, true, false, false]);
        faults.clear_all();
        assert!(faults.list().is_empty());
    }

    #[test]
    fn a_share_of_the_calls_is_hit_and_the_same_ones_again_after_the_same_seed() {
        let run = |seed: u64, percent: u8| {
            let mut faults = Faults::default();
            faults.seed(seed);
            faults.add(Fault::new(Trouble::DropAnswer).percent(percent).to(7));
            (0..1000).map(|_| faults.strike("sendMessage", Some(7)).is_some()).collect::<Vec<_>>()
        };
        let hits = |calls: &[bool]| calls.iter().filter(|hit| **hit).count();
        let quarter = run(1, 25);
        assert!((200..300).contains(&hits(&quarter)), "{}", hits(&quarter));
        assert_eq!(quarter, run(1, 25));
        assert_ne!(quarter, run(2, 25));
        assert_eq!((hits(&run(1, 0)), hits(&run(1, 100))), (0, 1000));
    }

    #[test]
    fn a_share_counts_its_hits_only_and_leaves_the_rest_to_the_next_fault() {
        let mut faults = Faults::default();
        faults.add(Fault::new(Trouble::Blocked).percent(50).times(5));
        faults.add(Fault::new(Trouble::Garbage));
        let met: Vec<_> = (0..100).filter_map(|_| faults.strike("getMe", None)).collect();
        assert_eq!(met.len(), 100);
        assert_eq!(met.iter().filter(|trouble| **trouble == Trouble::Blocked).count(), 5);
    }

    #[test]
    fn a_fault_without_a_count_lasts_until_it_is_cleared() {
        let mut faults = Faults::default();
        let number = faults.add(Fault::new(Trouble::DropAnswer));
        for _ in 0..5 {
            assert_eq!(faults.strike("getMe", None), Some(Trouble::DropAnswer));
        }
        assert!(faults.clear(number));
        assert!(!faults.clear(number));
        assert_eq!(faults.strike("getMe", None), None);
    }
}
