//! The compact row of a recipient, because a broadcast has a million of them: 37 bytes, and the words of a refusal behind.
//! `version, standing, detail, attempts, flags, account (8), chat (8), at (8), number (8), words`.

use super::{Key, Undecodable, Value, take};
use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, TelegramMessageId};
use crate::model::delivery::Reason;
use crate::model::recipient::{Recipient, RecipientState, Skip};

const VERSION: u8 = 1;
const SIZE: usize = 37;
/// The flag of [`Recipient::shares_account`]. Above it stands [`Recipient::answer`], counted from 1.
const SHARES: u8 = 1;
/// Stands for a moment that is not set.
const UNSET: i64 = i64::MIN;

/// The parts of a row that depend on the state.
struct Parts<'a> {
    standing: u8,
    detail: u8,
    at: i64,
    number: i64,
    words: &'a str,
}

impl<'a> Parts<'a> {
    fn of(state: &'a RecipientState) -> Self {
        let plain = |standing, at: Timestamp| Parts { standing, detail: 0, at: at.0, number: 0, words: "" };
        let moment = |at: Option<Timestamp>| at.map_or(UNSET, |at| at.0);
        match state {
            RecipientState::Queued { not_before } => Parts { at: moment(*not_before), ..plain(0, Timestamp(0)) },
            RecipientState::Sending { since, due } => Parts { number: moment(*due), ..plain(1, *since) },
            RecipientState::Sent { telegram, at } => Parts { number: telegram.0, ..plain(2, *at) },
            RecipientState::Failed { reason, at } => {
                let (detail, number, words) = of_reason(reason);
                Parts { detail, number, words, ..plain(3, *at) }
            }
            RecipientState::Uncertain { at } => plain(4, *at),
            RecipientState::Cancelled { at } => plain(5, *at),
            RecipientState::Skipped { why, at } => Parts { detail: why.number(), ..plain(6, *at) },
        }
    }

    fn state(&self) -> Option<RecipientState> {
        let at = Timestamp(self.at);
        let moment = |value: i64| (value != UNSET).then_some(Timestamp(value));
        Some(match self.standing {
            0 => RecipientState::Queued { not_before: moment(self.at) },
            1 => RecipientState::Sending { since: at, due: moment(self.number) },
            2 => RecipientState::Sent { telegram: TelegramMessageId(self.number), at },
            3 => RecipientState::Failed { reason: reason(self.detail, self.number, self.words)?, at },
            4 => RecipientState::Uncertain { at },
            5 => RecipientState::Cancelled { at },
            6 => RecipientState::Skipped { why: Skip::ALL.into_iter().find(|why| why.number() == self.detail)?, at },
            _ => return None,
        })
    }
}

fn of_reason(reason: &Reason) -> (u8, i64, &str) {
    match reason {
        Reason::NotLinked => (0, 0, ""),
        Reason::Blocked => (1, 0, ""),
        Reason::Deactivated => (2, 0, ""),
        Reason::NeverStarted => (3, 0, ""),
        Reason::ChatNotFound => (4, 0, ""),
        Reason::GroupLost => (5, 0, ""),
        Reason::Content(words) => (6, 0, words),
        Reason::Rejected(code, words) => (7, (*code).into(), words),
    }
}

fn reason(detail: u8, number: i64, words: &str) -> Option<Reason> {
    Some(match detail {
        0 => Reason::NotLinked,
        1 => Reason::Blocked,
        2 => Reason::Deactivated,
        3 => Reason::NeverStarted,
        4 => Reason::ChatNotFound,
        5 => Reason::GroupLost,
        6 => Reason::Content(words.to_owned()),
        7 => Reason::Rejected(u16::try_from(number).ok()?, words.to_owned()),
        _ => return None,
    })
}

impl Value for Recipient {
    fn encode(&self) -> Result<Vec<u8>, Undecodable> {
        let parts = Parts::of(&self.state);
        let mut out = Vec::with_capacity(SIZE + parts.words.len());
        let answer = self.answer.map_or(0, |answer| answer + 1);
        let flags = u8::from(self.shares_account) | (answer << 1);
        out.extend([VERSION, parts.standing, parts.detail, self.attempts, flags]);
        Key::encode(&self.account, &mut out);
        Key::encode(&self.chat, &mut out);
        Key::encode(&parts.at, &mut out);
        Key::encode(&parts.number, &mut out);
        out.extend(parts.words.as_bytes());
        Ok(out)
    }

    fn decode(mut bytes: &[u8]) -> Result<Self, Undecodable> {
        let input = &mut bytes;
        let head = take::<5>(input).filter(|[version, ..]| *version == VERSION);
        let [_, standing, detail, attempts, flags] = head.ok_or(Undecodable)?;
        let account = <AccountId as Key>::decode(input).ok_or(Undecodable)?;
        let chat = <ChatId as Key>::decode(input).ok_or(Undecodable)?;
        let at = <i64 as Key>::decode(input).ok_or(Undecodable)?;
        let number = <i64 as Key>::decode(input).ok_or(Undecodable)?;
        let words = std::str::from_utf8(input).map_err(|_| Undecodable)?;
        let state = Parts { standing, detail, at, number, words }.state().ok_or(Undecodable)?;
        let answer = (flags >> 1).checked_sub(1);
        Ok(Self { chat, account, shares_account: flags & SHARES != 0, attempts, state, answer })
    }
}
