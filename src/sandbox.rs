//! The offline stand-in for Telegram: a Bot API server and phones in the browser.
