//! The suite: one crate, a file per surface.

#![cfg(test)]

mod api;
mod architecture;
mod bot;
mod browser;
mod cli;
mod crash;
mod http;
mod outbox;
mod pages;
mod portal;
mod sandbox;
mod signin;
mod snippets;
mod store;
mod support;
mod telegram;
mod web;
mod webhooks;
