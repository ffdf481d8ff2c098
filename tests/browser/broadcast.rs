//! A broadcast, end to end: written, looked at, tested, started, watched, paused, accounted for, sent again.

mod after;
mod compose;
mod crowd;
mod run;
mod short;

use crowd::Crowd;

use super::newcomer::Newcomer;
use super::setup;
use crate::support::chromium::{Screen, Script};

/// Accounts with a chat, one of them Noor's; more than may be started without typing their number.
const MANY: usize = 112;

#[test]
fn a_broadcast_is_written_sent_and_accounted_for() {
    let mut newcomer = Newcomer::start("broadcast", Screen::Desktop, Script::On);
    setup::go_through(&mut newcomer);
    compose::see_none_yet(&newcomer);
    let crowd = Crowd::gather(&newcomer, MANY);
    let photo = compose::write(&newcomer, &crowd);
    compose::test(&newcomer, photo);
    run::start(&newcomer, &crowd);
    let trouble = run::watch(&newcomer, &crowd);
    after::read_the_report(&newcomer, &crowd, &trouble);
    after::send_again(&newcomer, &crowd, &trouble);
    after::schedule_a_copy(&newcomer, &crowd);
    after::cancel_a_copy(&newcomer, &crowd);
    after::mute(&newcomer, &crowd);
    newcomer.finish();
}

#[test]
fn a_broadcast_works_without_script() {
    short::travel("broadcast-no-script", Screen::Desktop, Script::Off);
}

#[test]
fn a_broadcast_fits_on_a_phone_screen() {
    short::travel("broadcast-small", Screen::Phone, Script::On);
}
