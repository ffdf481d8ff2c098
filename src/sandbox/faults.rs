//! Misbehaviour on request: which calls it hits, how often, and what happens to them. Pure.

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
}

/// Misbehaviour with its aim: all calls, or those of one method, to one chat, for a number of times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub trouble: Trouble,
    /// Only calls of this method (any case).
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls that name this chat.
    #[serde(default)]
    pub chat: Option<i64>,
    /// How many calls are hit; `None`: until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// A fault that hits every call until it is cleared.
    #[must_use]
    pub fn new(trouble: Trouble) -> Self {
        Self { trouble, method: None, chat: None, times: None }
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
}

impl Faults {
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

    /// What the oldest fitting fault does to a call; counts it.
    pub fn strike(&mut self, method: &str, chat: Option<i64>) -> Option<Trouble> {
        let place = self.list.iter().position(|(_, fault)| {
            fault.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fault.chat.is_none_or(|wanted| chat == Some(wanted))
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
        assert!(faults.list().is_empty());
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
