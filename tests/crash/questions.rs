//! Questions across kills: each that arrived is answered once, whatever its person pressed while the process was dead, and the phone
//! shows what the file says.

use std::time::Duration;

use startlink::model::event::EventKind;
use startlink::model::message::{Button, ButtonAction};
use startlink::sandbox::{Message, Phone, Which};
use startlink::store::{journal, messages};

use super::*;
use crate::bot::labels;

/// Who is asked.
const ASKED: u32 = 60;
/// How often the process is killed.
const LIVES: u32 = 8;

struct Asked {
    stage: Stage,
    ids: Vec<DeliveryId>,
}

impl Asked {
    fn new() -> Self {
        let stage = Stage::new("asked", ASKED);
        let bot = stage.bot();
        let ids = block_on(open(&stage.folder).write(move |tx| ask(tx, bot))).unwrap();
        Self { stage, ids }
    }

    fn phone(&self, id: DeliveryId) -> Phone {
        self.stage.sandbox.phone(id.chat.0)
    }

    /// The question on somebody's phone, once it is there.
    fn seen(&self, id: DeliveryId) -> Option<Message> {
        self.phone(id).messages(0).into_iter().find(|message| message.text == WORD)
    }

    /// Everyone who sees the question with both answers presses one of them; some try the other one, too.
    fn press(&self, pressed: &mut BTreeMap<i64, usize>) {
        for id in &self.ids {
            let Some(message) = self.seen(*id).filter(|message| labels(message).len() == 2) else { continue };
            let times = pressed.entry(id.chat.0).or_default();
            if *times < 2 && (*times == 0 || id.chat.0 % 3 == 0) {
                let place = usize::try_from(id.chat.0).unwrap().wrapping_add(*times) % 2;
                *times += 1;
                self.phone(*id).press(message.id, &Which::Place(place)).unwrap();
            }
        }
    }

    /// Whether what arrived shows one chosen button.
    fn is_over(&self) -> bool {
        self.ids.iter().filter_map(|id| self.seen(*id)).all(|message| labels(&message).len() == 1)
    }
}

fn ask(tx: &mut store::Tx<'_>, bot: UserId) -> Result<Vec<DeliveryId>, Error> {
    know(tx, bot)?;
    let caller = Caller::internal(Actor::Operator);
    let button = |label: &str| Button { label: label.into(), action: ButtonAction::Answer(label.to_lowercase()) };
    let body = Body::plain(WORD).with_row(vec![button("Yes"), button("No")]);
    // What is uncertain stays so until a press proves that it arrived.
    let options = SendOptions { policy: Policy::AtMostOnce, ..SendOptions::default() };
    let mut ids = Vec::new();
    for n in 0..ASKED {
        let (account, _) = person(tx, &caller, n)?;
        let (_, rows) = send(tx, &caller, To::Account(account), body.clone(), options)?;
        ids.push(rows.first().expect("one chat").0);
    }
    Ok(ids)
}

#[test]
fn a_question_is_answered_once_whenever_the_process_was_killed() {
    let scene = Asked::new();
    let sends =
        |trouble, percent| scene.stage.sandbox.add_fault(Fault::new(trouble).on("sendMessage").percent(percent));
    sends(Trouble::DropAnswer, 10);
    sends(Trouble::Delay { wait_ms: 40 }, 50);
    let (chance, clock, mut pressed) = (Rng::system(), Clock::system(), BTreeMap::new());
    for _ in 0..LIVES {
        let life = Life::start(&scene.stage);
        let end = clock.elapsed() + Duration::from_millis(300 + chance.below(LONGEST_LIFE));
        while clock.elapsed() < end {
            scene.press(&mut pressed);
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(life);
        // Who presses now is heard by the next life.
        scene.press(&mut pressed);
        assert!(store::check::check(&open(&scene.stage.folder).snapshot().unwrap()).unwrap().is_clean());
    }
    scene.stage.sandbox.clear_faults();
    let (mut life, deadline) = (Life::start(&scene.stage), clock.elapsed() + PATIENCE);
    // Its answer shows that this life is up, and can be asked to end.
    let first = scene.phone(scene.ids[0]);
    let before = first.last_id();
    first.send("/help").unwrap();
    let answered = || first.messages(before).iter().any(|message| message.is_new_from_bot(before));
    while !(answered() && scene.is_over() && scene.stage.sandbox.waiting_updates().is_empty()) {
        assert!(clock.elapsed() < deadline, "some question is never marked");
        scene.press(&mut pressed);
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = Command::new("kill").args(["-TERM", &life.0.id().to_string()]).status().unwrap();
    assert!(ended.success() && life.0.wait().unwrap().success(), "it drains and ends well");
    compare(&scene);
}

/// The phones against the file.
fn compare(scene: &Asked) {
    let store = open(&scene.stage.folder);
    let read = store.snapshot().unwrap();
    assert!(store::check::check(&read).unwrap().is_clean());
    let events = journal::events(&read, None, usize::MAX).unwrap();
    let mut answered = 0;
    for id in &scene.ids {
        let row = messages::get(&read, id.message).unwrap().unwrap();
        let body = messages::body(&read, &row).unwrap();
        let told = |kind: &EventKind| *kind == EventKind::ButtonPressed(id.message, id.chat);
        let told = events.iter().filter(|(_, event)| told(&event.kind)).count();
        let state = deliveries::get(&read, *id).unwrap().unwrap().state;
        let Some(shown) = scene.seen(*id) else {
            assert_eq!((row.answer, told), (None, 0), "nobody could press it");
            continue;
        };
        let answer = row.answer.and_then(|answer| body.button(answer.button)).expect("what was pressed is stored");
        assert_eq!(labels(&shown), [format!("\u{2713} {}", answer.label)]);
        assert_eq!(told, 1, "the website hears of it once");
        assert_eq!(state.standing(), Standing::Sent, "a press proves that it arrived");
        answered += 1;
    }
    assert!(answered > ASKED / 2, "only {answered} arrived");
}
