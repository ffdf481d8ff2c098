//! startlink connects the accounts of a website to Telegram chats by single-use deep links and QR codes,
//! and delivers messages to them that are all accounted for.
//!
//! # The map
//! | module | owns |
//! |---|---|
//! | [`clock`] [`rng`] [`ids`] [`secret`] [`runtime`] [`logging`] | leaves: time, chance, identifiers, secrets, tasks, the log |
//! | [`model`] | what things are, pure |
//! | [`wire`] | HTTP/1 on both sides, carried by hyper |
//! | [`store`] | the data file, and nobody else names redb |
//! | [`telegram`] | the Bot API client |
//! | [`actions`] | every change anyone can ask for, one transaction each |
//! | [`bot`] | updates in: poller, dispatch, intents, replies |
//! | [`outbox`] | messages out: lanes, limiter, retry, sender |
//! | [`webhooks`] | signed events out: lanes, attempts, sender |
//! | [`view`] | maud components |
//! | [`web`] | tide: guard, routes, pages, the portal, the link page |
//! | [`sandbox`] | the offline Bot API and the phone page |
//! | [`config`] | typed settings and where each comes from |
//! | [`control`] | the protocol and socket over which commands reach a running server |
//! | [`app`] [`cli`] | put together, commanded |
//!
//! # The import rule
//! Imports run downward only and siblings never import each other: leaves < model, wire < store, telegram < actions
//! < bot, outbox, webhooks < web, sandbox < app < cli. `config` and `control` see leaves and model only, so that `app` can be built
//! from the one and serve the other. `view` sees model and maud only; `sandbox` sees leaves, wire and view only, so that
//! it judges the bot by Telegram's rules. `tests/architecture.rs` keeps this.
//!
//! # The two routes
//! An update: fetched, named (pure), then one transaction for the batch: claims, chats, replies, events and the polling
//! offset; committed before anything is confirmed to Telegram. A send: leased (marked `sending` on disk), sent with no
//! transaction open, settled as sent, queued again, failed or uncertain.

pub mod actions;
pub mod app;
pub mod bot;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod ids;
pub mod logging;
pub mod model;
pub mod outbox;
pub mod rng;
pub mod runtime;
pub mod sandbox;
pub mod secret;
pub mod store;
pub mod telegram;
pub mod view;
pub mod web;
pub mod webhooks;
pub mod wire;
