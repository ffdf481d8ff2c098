//! Webhook endpoints, how far they are, and what came of attempts.

use super::{AT, golden, numbers};
use crate::ids::EventId;
use crate::model::event::Actor;
use crate::model::webhook::{self, Attempt, Chosen, Endpoint, Progress, Waiting, Why};

#[test]
fn webhooks() {
    let endpoint = Endpoint {
        name: "shop".into(),
        url: "https://a.example/".into(),
        events: Chosen::Only(vec!["link.used".into()]),
        state: webhook::State::Active,
        secret_sealed: vec![1, 2],
        previous: Some((vec![3], AT)),
        mark: 5,
        created: AT,
        created_by: Actor::Operator,
    };
    golden(
        &endpoint,
        "010473686f701268747470733a2f2f612e6578616d706c652f0101096c696e6b2e7573656400020102010103f6a1abfef96205f6a1abfef96201",
    );
    golden(
        &Endpoint { events: Chosen::All, previous: None, ..endpoint },
        "010473686f701268747470733a2f2f612e6578616d706c652f00000201020005f6a1abfef96201",
    );
    let off = |why| webhook::State::Off { at: AT, why };
    numbers(
        &[
            off(Why::Asked(Actor::Operator)),
            off(Why::Failing { since: AT, last: webhook::Outcome::TimedOut }),
            off(Why::Gone),
        ],
        &["01f6a1abfef9620001", "01f6a1abfef96201f6a1abfef96208", "01f6a1abfef96202"],
    );
    golden(&Progress { cursor: EventId(9), waiting: 2, failing: Some(AT), delivered: None }, "01090201f6a1abfef96200");
    golden(&Waiting { since: Some(AT), tries: 3, ..Waiting::new(AT) }, "01f6a1abfef962f6a1abfef96201f6a1abfef9620300");
    let attempt = Attempt {
        at: AT,
        event: EventId(9),
        is_test: false,
        number: 2,
        outcome: webhook::Outcome::Refused,
        status: Some(500),
        took_ms: 12,
    };
    golden(&attempt, "01f6a1abfef9620900020101f4030c");
    let numbered: Vec<String> = (0..11).map(|number| format!("{number:02x}")).collect();
    numbers(&webhook::Outcome::ALL, &numbered.iter().map(String::as_str).collect::<Vec<_>>());
}
