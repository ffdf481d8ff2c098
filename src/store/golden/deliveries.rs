//! Deliveries, and what is asked for after they were sent.

use super::{AT, golden, numbers, older};
use crate::ids::{AccountId, TelegramMessageId};
use crate::model::change::{Change, Deed, Progress};
use crate::model::delivery::{Delivery, DeliveryState, Lane, Policy, Reason};

#[test]
fn deliveries() {
    let delivery = Delivery {
        state: DeliveryState::Queued { not_before: AT },
        lane: Lane::Single,
        policy: Policy::AtLeastOnce,
        account: Some(AccountId(7)),
        queued: AT,
        expires: AT,
        attempts: 2,
        unknowns: 1,
        as_plain: true,
        change: None,
    };
    golden(&delivery, "0200f6a1abfef96201010107f6a1abfef962f6a1abfef96202010100");
    older(&delivery, "0100f6a1abfef96201010107f6a1abfef962f6a1abfef962020101");
    let change = Change { number: 3, tries: 1, unknowns: 1, edited: Some(AT), ..Change::asked(Deed::Edit, None, AT) };
    golden(
        &Delivery { change: Some(change), ..delivery },
        "0200f6a1abfef96201010107f6a1abfef962f6a1abfef962020101010000f6a1abfef962f6a1abfef96203010101f6a1abfef962",
    );
    numbers(
        &[
            Progress::Waiting { not_before: AT },
            Progress::Done { at: AT },
            Progress::Failed { reason: Reason::NotLinked, at: AT },
            Progress::Uncertain { at: AT },
        ],
        &["00f6a1abfef962", "01f6a1abfef962", "0200f6a1abfef962", "03f6a1abfef962"],
    );
    numbers(&[Deed::Edit, Deed::Delete], &["00", "01"]);
    numbers(
        &[
            DeliveryState::Sending { since: AT, due: AT },
            DeliveryState::Sent { telegram: TelegramMessageId(4), at: AT },
            DeliveryState::Failed { reason: Reason::NotLinked, at: AT },
            DeliveryState::Uncertain { at: AT },
            DeliveryState::Cancelled { at: AT },
            DeliveryState::Expired { at: AT },
            DeliveryState::Skipped { at: AT },
        ],
        &[
            "01f6a1abfef962f6a1abfef962",
            "0208f6a1abfef962",
            "0300f6a1abfef962",
            "04f6a1abfef962",
            "05f6a1abfef962",
            "06f6a1abfef962",
            "07f6a1abfef962",
        ],
    );
    numbers(
        &[
            Reason::Blocked,
            Reason::Deactivated,
            Reason::NeverStarted,
            Reason::ChatNotFound,
            Reason::GroupLost,
            Reason::Content("x".into()),
            Reason::Rejected(400, "x".into()),
        ],
        &["01", "02", "03", "04", "05", "060178", "0790030178"],
    );
    numbers(&Lane::ALL, &["00", "01", "02"]);
}
