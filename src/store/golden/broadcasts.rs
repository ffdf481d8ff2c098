//! The bytes of broadcasts and their recipients.

use super::{AT, golden, numbers, older};
use crate::ids::{AccountId, BroadcastId, ChatId, TelegramMessageId, UserId};
use crate::model::account::Tag;
use crate::model::broadcast::{Audience, Broadcast, BroadcastState, Figures, Pause, TagFilter};
use crate::model::delivery::{Reason, Standing};
use crate::model::document::Document;
use crate::model::event::Actor;
use crate::model::photo::{Mime, Photo};
use crate::model::recipient::{Recipient, RecipientState, Skip};

#[test]
fn broadcasts() {
    let broadcast = Broadcast {
        state: BroadcastState::Paused { why: Pause::Markup("no".into()), since: AT },
        audience: Audience::Tags(TagFilter { any: Tag::parse_list("vip").unwrap(), ..TagFilter::default() }),
        rate: Some(20),
        paid: true,
        started: Some(AT),
        ..Broadcast::draft(Actor::Operator, AT)
    };
    golden(&broadcast, "010401026e6ff6a1abfef962010001037669700001140101f6a1abfef96201f6a1abfef962");
    numbers(
        &[
            BroadcastState::Draft,
            BroadcastState::Scheduled { at: AT },
            BroadcastState::Preparing,
            BroadcastState::Sending,
            BroadcastState::Paused { why: Pause::Missed(AT), since: AT },
            BroadcastState::Done { at: AT },
            BroadcastState::Cancelled { at: AT },
        ],
        &["00", "01f6a1abfef962", "02", "03", "0402f6a1abfef962f6a1abfef962", "05f6a1abfef962", "06f6a1abfef962"],
    );
    numbers(
        &[
            Audience::Everyone,
            Audience::Picked(vec![AccountId(3)]),
            Audience::Again { of: BroadcastId(4), ended: Standing::Uncertain },
        ],
        &["00", "020103", "030404"],
    );
    let mut figures = Figures::default();
    (figures.looked, figures.frozen, figures.rows, figures.accounts) = (9, true, 5, 4);
    (figures.reached, figures.next) = (3, 2);
    figures.add(Standing::Sent, 3);
    golden(&figures, "020901050403000200000300000000000000000000000000000000000000000000000000");
    older(&figures, "01090105040300020000030000000000");
    let photo = Photo {
        mime: Mime::Png,
        width: 300,
        height: 200,
        size: 9,
        file: Some((UserId(5), "f".into())),
        uses: 1,
        created: AT,
    };
    golden(&photo, "0101ac02c80109010a016601f6a1abfef962");
    let document = Document {
        size: 300,
        file: Some((UserId(5), "f".into())),
        uses: 2,
        whole: true,
        ..Document::arriving("a.pdf", "application/pdf", AT)
    };
    golden(&document, "0105612e7064660f6170706c69636174696f6e2f706466ac02010a016602f6a1abfef96201");
}

#[test]
fn recipients() {
    let row =
        |state| Recipient { shares_account: true, attempts: 2, state, ..Recipient::queued(ChatId(-5), AccountId(7)) };
    golden(
        &Recipient::queued(ChatId(-5), AccountId(7)),
        "010000000000000000000000077ffffffffffffffb00000000000000008000000000000000",
    );
    let states = [
        RecipientState::Queued { not_before: Some(AT) },
        RecipientState::Sending { since: AT, due: None },
        RecipientState::Sending { since: AT, due: Some(AT) },
        RecipientState::Sent { telegram: TelegramMessageId(4), at: AT },
        RecipientState::Failed { reason: Reason::Blocked, at: AT },
        RecipientState::Failed { reason: Reason::Rejected(400, "no".into()), at: AT },
        RecipientState::Uncertain { at: AT },
        RecipientState::Cancelled { at: AT },
        RecipientState::Skipped { why: Skip::Muted, at: AT },
    ];
    let bytes = [
        "010000020100000000000000077ffffffffffffffb8000018bcfe5687b8000000000000000",
        "010100020100000000000000077ffffffffffffffb8000018bcfe5687b0000000000000000",
        "010100020100000000000000077ffffffffffffffb8000018bcfe5687b8000018bcfe5687b",
        "010200020100000000000000077ffffffffffffffb8000018bcfe5687b8000000000000004",
        "010301020100000000000000077ffffffffffffffb8000018bcfe5687b8000000000000000",
        "010307020100000000000000077ffffffffffffffb8000018bcfe5687b80000000000001906e6f",
        "010400020100000000000000077ffffffffffffffb8000018bcfe5687b8000000000000000",
        "010500020100000000000000077ffffffffffffffb8000018bcfe5687b8000000000000000",
        "010602020100000000000000077ffffffffffffffb8000018bcfe5687b8000000000000000",
    ];
    assert_eq!(states.len(), bytes.len());
    for (state, expected) in states.into_iter().zip(bytes) {
        golden(&row(state), expected);
    }
    let answered =
        Recipient { answer: Some(19), ..row(RecipientState::Sent { telegram: TelegramMessageId(4), at: AT }) };
    golden(&answered, "010200022900000000000000077ffffffffffffffb8000018bcfe5687b8000000000000004");
}
