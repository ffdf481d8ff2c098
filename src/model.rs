//! What things are, pure: no clock, no store, no network. States are enums with data; ruled texts are types built by `parse`.

pub mod account;
pub mod admin;
pub mod api_key;
pub mod broadcast;
pub mod change;
pub mod chat;
pub mod connect;
pub mod delivery;
pub mod document;
pub mod event;
pub mod link;
pub mod member;
pub mod message;
pub mod moving;
pub mod photo;
pub mod question;
pub mod quiet;
pub mod recipient;
pub mod repeat;
pub mod session;
pub mod settings;
pub mod talk;
pub mod text;
pub mod texts;
pub mod webhook;
