//! Our own icons, drawn on a grid of 20 with one stroke, and the mark: a link that becomes a paper plane.

use maud::{Markup, PreEscaped, Render, html};

/// A small drawing beside a word; never alone, so it is hidden from screen readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is drawn")]
pub enum Icon {
    Overview,
    Inbox,
    Account,
    Chain,
    Settings,
    Shield,
    Pulse,
    Plug,
    Megaphone,
    Pencil,
    Play,
    Picture,
    More,
    Search,
    Copy,
    Plus,
    Back,
    Next,
    SignOut,
    Phone,
    Plane,
    Warning,
    Trash,
    Print,
    Lock,
    /// A full disc with a tick: done, good.
    Tick,
    /// A dial: waiting.
    Dial,
    /// A lozenge with a question mark: doubtful.
    Lozenge,
    /// A square with a cross: failed.
    Cross,
    /// A ring with a bar: ended, nothing to do.
    Bar,
    /// A ring: open.
    Ring,
    /// Two bars: held, paused.
    Pause,
    /// A letter with an i: for your information.
    Info,
}

impl Icon {
    fn shapes(self) -> &'static str {
        match self {
            Self::Overview => r#"<path d="M3 10.5 5 4h10l2 6.5V16H3zM3 10.5h4l1.2 2.2h3.6L13 10.5h4"/>"#,
            Self::Inbox => r#"<path d="M3 4.5h14v9.5H9.5l-3.7 3v-3H3zM6.2 7.8h7.6M6.2 10.6h5"/>"#,
            Self::Account => {
                r#"<circle cx="10" cy="6.8" r="3.3"/><path d="M3.5 17c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5"/>"#
            }
            Self::Chain => {
                r#"<path d="m8.3 11.7 3.4-3.4M9 6.2l2-2a3.4 3.4 0 0 1 4.8 4.8l-2 2M11 13.8l-2 2A3.4 3.4 0 0 1 4.2 11l2-2"/>"#
            }
            Self::Settings => {
                r#"<path d="M3 6h7M14 6h3M3 14h3M10 14h7"/><circle cx="12" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>"#
            }
            Self::Shield => {
                r#"<path d="M10 2.5 4 4.7v4.6c0 3.7 2.5 6.7 6 8.2 3.5-1.5 6-4.5 6-8.2V4.7z"/><path d="m7.5 9.8 1.8 1.8 3.2-3.4"/>"#
            }
            Self::Pulse => r#"<path d="M2.5 10.5h3.2L8 4.5l3.8 11 2.2-5h3.5"/>"#,
            Self::Plug => r#"<path d="M7 2.5v4M13 2.5v4M4.5 6.5h11v2.8a5.5 5.5 0 0 1-11 0zM10 14.8v2.7"/>"#,
            Self::Megaphone => r#"<path d="M3 8v4h3l8.5 4V4L6 8zM6.3 12.2l1.2 4.3h2.3l-1-3.2M17 8.3v3.4"/>"#,
            Self::Pencil => r#"<path d="m4 16 .9-3.8L13.2 4a1.9 1.9 0 0 1 2.7 2.7l-8.2 8.3zM11.6 5.6l2.7 2.7"/>"#,
            Self::Play => r#"<circle cx="10" cy="10" r="7.2"/><path d="M8.4 7.2v5.6l4.4-2.8z"/>"#,
            Self::Picture => {
                r#"<rect x="3" y="4" width="14" height="12" rx="1.6"/><path d="m3.4 14 4.1-4.2 3 3 2.2-2 3.9 3.6"/><circle cx="13" cy="7.6" r="1.1"/>"#
            }
            Self::More => r#"<path d="M4 10h.01M10 10h.01M16 10h.01" stroke-width="2.6"/>"#,
            Self::Search => r#"<circle cx="9" cy="9" r="5.2"/><path d="m13 13 4 4"/>"#,
            Self::Copy => r#"<rect x="7" y="7" width="9.5" height="9.5" rx="1.6"/><path d="M4.6 13H3.5V3.5H13v1.1"/>"#,
            Self::Plus => r#"<path d="M10 4v12M4 10h12"/>"#,
            Self::Back => r#"<path d="M16 10H4.5M9 5l-5 5 5 5"/>"#,
            Self::Next => r#"<path d="M4 10h11.5M11 5l5 5-5 5"/>"#,
            Self::SignOut => r#"<path d="M8 3.5H3.5v13H8M8.5 10H17M13.5 6.5 17 10l-3.5 3.5"/>"#,
            Self::Phone => r#"<rect x="5.5" y="2.5" width="9" height="15" rx="1.8"/><path d="M9 15h2"/>"#,
            Self::Plane => r#"<path d="M17.5 2.5 2.5 8.3l5.2 3 3 5.2zM17.5 2.5l-9.8 8.8"/>"#,
            Self::Warning => r#"<path d="M10 3 2.5 16.5h15zM10 8.2v4M10 14.4v.1"/>"#,
            Self::Trash => r#"<path d="M3.5 5.5h13M8 5.5V3.5h4v2M5 5.5l.8 11h8.4l.8-11"/>"#,
            Self::Print => r#"<path d="M5.5 7V3h9v4M5.5 13.5H3V7h14v6.5h-2.5M5.5 11.5h9V17h-9z"/>"#,
            Self::Lock => {
                r#"<rect x="4" y="9" width="12" height="8" rx="1.6"/><path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9"/>"#
            }
            Self::Tick => {
                r#"<circle class="solid" cx="10" cy="10" r="8"/><path class="cut" d="m6.4 10.3 2.5 2.5 4.8-5.3"/>"#
            }
            Self::Dial => r#"<circle cx="10" cy="10" r="7.2"/><path d="M10 5.8V10l2.8 1.9"/>"#,
            Self::Lozenge => {
                r#"<path class="solid" d="m10 1 9 9-9 9-9-9z"/><path class="cut" d="M8 8.2a2 2 0 1 1 2.9 1.8c-.7.4-.9.7-.9 1.5M10 13.9v.1"/>"#
            }
            Self::Cross => {
                r#"<rect class="solid" x="2.5" y="2.5" width="15" height="15" rx="2"/><path class="cut" d="m7 7 6 6M13 7l-6 6"/>"#
            }
            Self::Bar => r#"<circle cx="10" cy="10" r="7.2"/><path d="M6.8 10h6.4"/>"#,
            Self::Ring => r#"<circle cx="10" cy="10" r="6.6" stroke-width="2.4"/>"#,
            Self::Pause => r#"<circle cx="10" cy="10" r="7.2"/><path d="M8 7.2v5.6M12 7.2v5.6"/>"#,
            Self::Info => r#"<circle cx="10" cy="10" r="7.2"/><path d="M10 9.4v4M10 6.6v.1"/>"#,
        }
    }
}

impl Render for Icon {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">"#);
        buffer.push_str(self.shapes());
        buffer.push_str("</svg>");
    }
}

/// The link's near half, and the bar that turns into the plane's fold.
const LINK: &str =
    r#"<path class="mark-link" d="M17.7 22.1 14.4 25.3A5.45 5.45 0 0 1 6.7 17.6L9.9 14.3M12 20 18.5 13.5"/>"#;
const PLANE: &str = r#"<path class="mark-plane" d="M29 3 12.5 8.7 18.5 13.5 23.3 19.5ZM29 3 18.5 13.5"/>"#;
/// The link's far half, seen only before it opens.
const FAR: &str = r#"<path class="mark-far" d="M14.3 9.9 17.6 6.7A5.45 5.45 0 0 1 25.3 14.4L22.1 17.7"/>"#;

/// The mark in the colour of the text around it.
#[must_use]
pub fn mark() -> Markup {
    html! { svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false" { (PreEscaped(LINK)) (PreEscaped(PLANE)) } }
}

/// The mark whose far half opens into the plane: only where something has just been connected.
#[must_use]
pub fn mark_flying() -> Markup {
    html! {
        svg class="mark flying" viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            (PreEscaped(LINK))
            (PreEscaped(FAR))
            (PreEscaped(PLANE))
        }
    }
}
