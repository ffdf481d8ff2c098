//! What the terminal says at start: where to go, and the one-time link while nobody is set up. Standard output is for
//! people; the log goes to standard error.

use std::io::Write as _;

/// What there is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Announcement {
    /// Where the admin pages are.
    pub admin: String,
    /// The one-time link to the set-up, while it is needed.
    pub setup: Option<String>,
    /// Where the sandbox's phones are.
    pub phone: Option<String>,
    /// Where the data is, and whether it stays.
    pub data: String,
}

impl Announcement {
    /// The text, a few lines between empty ones.
    pub(super) fn text(&self) -> String {
        let setup = match &self.setup {
            Some(setup) => {
                [("Set up", setup.as_str()), ("", "open this link in your browser; it works once, for an hour")]
            }
            None => [("Admin", self.admin.as_str()), ("", "sign in there")],
        };
        let phone = self
            .phone
            .as_deref()
            .map(|phone| [("Phone", phone), ("", "be a Telegram user there: scan, press Start, write back")]);
        let rest = [("Data", self.data.as_str()), ("Stop", "Ctrl+C")];
        let lines = setup.into_iter().chain(phone.into_iter().flatten()).chain(rest);
        let lines: Vec<String> = lines.map(|(name, value)| format!("  {name:<8}{value}")).collect();
        format!("\n{}\n\n", lines.join("\n"))
    }

    /// Prints it. A closed terminal is no reason to stop.
    pub(super) fn print(&self) {
        let mut out = std::io::stdout().lock();
        if out.write_all(self.text().as_bytes()).and_then(|()| out.flush()).is_err() {
            log::warn!("the addresses could not be printed to standard output");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_reads_where_to_begin_and_where_the_phone_is() {
        let announcement = Announcement {
            admin: "http://127.0.0.1:8080/admin".into(),
            setup: Some("http://127.0.0.1:8080/setup?token=abc".into()),
            phone: Some("http://127.0.0.1:8081/".into()),
            data: "a temporary folder, gone at the end".into(),
        };
        let text = announcement.text();
        assert!(text.contains("http://127.0.0.1:8080/setup?token=abc"), "{text}");
        assert!(text.contains("http://127.0.0.1:8081/"), "{text}");
        assert!(!text.contains("/admin\n"), "{text}");
    }
}
