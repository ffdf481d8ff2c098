//! `/setup`: from the one-time link to a delivered message. Before there is an admin the browser is known by a cookie of its own;
//! the later steps go on under the session.

mod bot;
mod chat;
mod first;

use tide::http::Method;

use super::super::Row;
use crate::model::admin::Role;

/// The routes of the set-up.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::setup(Method::Get, "/setup", first::start),
        Row::setup(Method::Post, "/setup", first::begin),
        Row::setup(Method::Get, "/setup/password", first::ask_password),
        Row::setup(Method::Post, "/setup/password", first::take_password),
        Row::setup(Method::Get, "/setup/second-factor", first::ask_code),
        Row::setup(Method::Post, "/setup/second-factor", first::take_code),
        Row::step_up(Method::Get, "/setup/bot", Role::Owner, bot::ask),
        Row::step_up(Method::Post, "/setup/bot", Role::Owner, bot::take),
        Row::signed(Method::Get, "/setup/chat", Role::Viewer, chat::ask),
        Row::signed(Method::Post, "/setup/chat", Role::Viewer, chat::new_code),
        Row::signed(Method::Get, "/setup/chat/live", Role::Viewer, chat::live_part),
    ]
}
