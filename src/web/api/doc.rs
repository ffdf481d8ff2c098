//! What the contract says of a route: it stands beside the route's row, so that neither is without the other.

/// One route in the contract.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// Its name in generated clients.
    pub id: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// More about it; may be empty.
    pub text: &'static str,
    /// The query's parameters.
    pub query: &'static [Param],
    /// What is sent.
    pub body: Option<Sent>,
    /// What comes back when all is well.
    pub answers: &'static [Answer],
}

/// A parameter of the query.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// What it is.
    pub text: &'static str,
}

/// What may stand in a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
}

/// What is sent with a request.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// In which type.
    pub media_type: &'static str,
    /// The name of its schema.
    pub schema: &'static str,
    /// One as it may be sent.
    pub example: &'static str,
    /// Whether it may come in a form, with a file beside it.
    pub file: bool,
    /// Whether it may be left out.
    pub optional: bool,
}

/// An answer when all is well.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The type of its body and the name of that body's schema; nothing without a body.
    pub body: Option<(&'static str, &'static str)>,
    /// When it is given.
    pub text: &'static str,
}

impl Sent {
    /// JSON.
    #[must_use]
    pub const fn json(schema: &'static str, example: &'static str) -> Self {
        Self { media_type: "application/json", schema, example, file: false, optional: false }
    }

    /// The same, or a form with it in the part `json` and a file in the part `photo` or `document`.
    #[must_use]
    pub const fn with_file(self) -> Self {
        Self { file: true, ..self }
    }

    /// The same, or nothing.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

impl Answer {
    /// JSON.
    #[must_use]
    pub const fn json(status: u16, schema: &'static str, text: &'static str) -> Self {
        Self { status, body: Some(("application/json", schema)), text }
    }

    /// Without a body.
    #[must_use]
    pub const fn empty(text: &'static str) -> Self {
        Self { status: 204, body: None, text }
    }
}

impl Param {
    /// A text.
    #[must_use]
    pub const fn text(name: &'static str, text: &'static str) -> Self {
        Self { name, kind: Kind::Text, text }
    }

    /// A whole number between two.
    #[must_use]
    pub const fn number(name: &'static str, (least, most): (u64, u64), text: &'static str) -> Self {
        Self { name, kind: Kind::Number(least, most), text }
    }

    /// One of some words.
    #[must_use]
    pub const fn word(name: &'static str, words: fn() -> Vec<&'static str>, text: &'static str) -> Self {
        Self { name, kind: Kind::Word(words), text }
    }
}

/// How many rows a page has.
pub const LIMIT: Param = Param::number("limit", (1, 200), "Rows of a page: 1 to 200, 50 unless given.");
/// Where a page begins.
pub const CURSOR: Param = Param::text("cursor", "Where the page begins: the field `next` of the page before.");
/// How long to wait.
pub const WAIT: Param = Param::number("wait", (0, 25), "Seconds to wait for news: 0 to 25, 0 unless given.");
