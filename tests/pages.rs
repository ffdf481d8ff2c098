//! The admin's pages and the public page of a link: what they show, what their forms do, who may, how they keep up to date.

mod accounts;
mod broadcasts;
mod connect;
mod documents;
pub mod given;
mod inbox;
mod keys;
mod link_page;
pub mod live;
mod moving;
mod others;
mod questions;
mod report;
mod talk;
mod token;
mod webhooks;
