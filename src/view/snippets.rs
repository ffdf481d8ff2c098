//! The programs that the page "Connect your website" shows: one for each task in each language, as files under
//! `assets/snippets/` that the tests execute. This file owns their places, what is filled in, and how they are shown.

use maud::{Markup, html};

use super::reveal::copy_button;

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Makes a link, shows it, waits for its outcome.
    Link,
    /// Sends a message to an account.
    Message,
    /// Receives webhooks and checks their signature.
    Webhook,
    /// Signs the address that leads a user here without a call to the API.
    Address,
}

impl Task {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Link, Self::Message, Self::Webhook, Self::Address];

    /// The name of its files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Message => "message",
            Self::Webhook => "webhook",
            Self::Address => "address",
        }
    }
}

/// The language of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// curl in a shell.
    Shell,
    /// PHP.
    Php,
    /// Python.
    Python,
    /// JavaScript, for Node.
    JavaScript,
    /// C#.
    CSharp,
    /// Java.
    Java,
}

impl Language {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 6] = [Self::Shell, Self::Php, Self::Python, Self::JavaScript, Self::CSharp, Self::Java];

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Shell => "curl",
            Self::Php => "PHP",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::CSharp => "C#",
            Self::Java => "Java",
        }
    }

    /// The word for it in addresses and classes; also how its files end.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Shell => "sh",
            Self::Php => "php",
            Self::Python => "py",
            Self::JavaScript => "mjs",
            Self::CSharp => "cs",
            Self::Java => "java",
        }
    }

    /// The language with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.word() == word)
    }

    /// What it needs, and how a program is started.
    fn needs(self, file: &str) -> String {
        match self {
            Self::Shell => format!("bash {file}"),
            Self::Php => format!("php {file}"),
            Self::Python => format!("python3 {file}"),
            Self::JavaScript => format!("node {file}"),
            Self::CSharp => format!("dotnet run {file}"),
            Self::Java => format!("java {file}"),
        }
    }
}

macro_rules! files {
    ($($task:ident $name:literal),*) => {
        /// The program as it lies in the source tree, with its placeholders.
        #[must_use]
        pub fn source(task: Task, language: Language) -> &'static str {
            match (task, language) {
                $(
                    (Task::$task, Language::Shell) => include_str!(concat!("../../assets/snippets/", $name, ".sh")),
                    (Task::$task, Language::Php) => include_str!(concat!("../../assets/snippets/", $name, ".php")),
                    (Task::$task, Language::Python) => include_str!(concat!("../../assets/snippets/", $name, ".py")),
                    (Task::$task, Language::JavaScript) => include_str!(concat!("../../assets/snippets/", $name, ".mjs")),
                    (Task::$task, Language::CSharp) => include_str!(concat!("../../assets/snippets/", $name, ".cs")),
                    (Task::$task, Language::Java) => include_str!(concat!("../../assets/snippets/", $name, ".java")),
                )*
            }
        }
    };
}
files!(Link "link", Message "message", Webhook "webhook", Address "address");

/// The name a program is saved under.
#[must_use]
pub fn file_name(task: Task, language: Language) -> String {
    format!("{}.{}", task.word(), language.word())
}

/// What stands in the place of the placeholders. None of the values has a quote, a backslash or a line feed in it, so that
/// they mean the same in every language.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// Where this instance is, without a slash at its end.
    pub address: &'a str,
    /// The secret of a key.
    pub key: &'a str,
    /// The secret that signs addresses.
    pub connect_secret: &'a str,
    /// The secret of a webhook endpoint.
    pub webhook_secret: &'a str,
    /// The account.
    pub username: &'a str,
    /// What is sent.
    pub text: &'a str,
    /// Where a user comes back to.
    pub return_url: &'a str,
    /// Where webhooks are received.
    pub port: u16,
}

impl<'a> Filling<'a> {
    /// Of an instance, with words that say what belongs into the other places.
    #[must_use]
    pub fn at(address: &'a str) -> Self {
        Self {
            address,
            key: "slk_your-key",
            connect_secret: "scs_your-connect-secret",
            webhook_secret: "whsec_your-webhook-secret",
            username: "ada",
            text: "Your parcel arrives today.",
            return_url: "https://www.example.org/account",
            port: 8090,
        }
    }

    /// A program with everything in its place.
    #[must_use]
    pub fn fill(&self, source: &str) -> String {
        let port = self.port.to_string();
        let places = [
            ("__ADDRESS__", self.address),
            ("__KEY__", self.key),
            ("__CONNECT_SECRET__", self.connect_secret),
            ("__WEBHOOK_SECRET__", self.webhook_secret),
            ("__USERNAME__", self.username),
            ("__TEXT__", self.text),
            ("__RETURN_URL__", self.return_url),
            ("__PORT__", port.as_str()),
        ];
        places.iter().fold(source.to_owned(), |text, (place, value)| text.replace(place, value))
    }
}

/// The buttons that choose the language of all programs on a page; without style rules all programs are shown.
#[must_use]
pub fn languages(chosen: Language) -> Markup {
    html! {
        fieldset.languages {
            legend { "Language" }
            div { @for language in Language::ALL {
                @let id = format!("lang-{}", language.word());
                input id=(id) type="radio" name="lang" value=(language.word()) checked[language == chosen] autocomplete="off";
                label for=(id) { (language.label()) }
            } }
        }
    }
}

/// A task's program in every language, of which the chosen one is seen.
#[must_use]
pub fn programs(task: Task, filling: &Filling) -> Markup {
    html! { @for language in Language::ALL { (program(task, language, filling)) } }
}

fn program(task: Task, language: Language, filling: &Filling) -> Markup {
    let (file, id) = (file_name(task, language), format!("code-{}-{}", task.word(), language.word()));
    html! {
        figure.snippet.{"in-" (language.word())} {
            figcaption {
                span.snippet-language { (language.label()) }
                code { (language.needs(&file)) }
                (copy_button(&id))
            }
            pre id=(id) tabindex="0" aria-label={ (file) " in " (language.label()) } { code { (filling.fill(source(task, language)).trim_end()) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        let filling = Filling::at("https://links.example.org");
        for (task, language) in Task::ALL.into_iter().flat_map(|task| Language::ALL.map(|language| (task, language))) {
            let source = source(task, language);
            let filled = filling.fill(source);
            let left = filled.split("__").nth(1).filter(|word| word.bytes().all(|byte| byte.is_ascii_uppercase()));
            assert_eq!(left, None, "{task:?} in {language:?}");
            assert!(source.lines().all(|line| line.chars().count() <= 120), "{task:?} in {language:?} is too wide");
        }
    }

    #[test]
    fn programs_are_escaped_and_can_be_copied() {
        let html = programs(Task::Link, &Filling { key: "slk_<b>", ..Filling::at("https://links.example.org") });
        let html = html.into_string();
        assert!(html.contains("slk_&lt;b&gt;") && !html.contains("<b>"));
        assert_eq!(html.matches("data-copy=\"code-link-").count(), Language::ALL.len());
    }
}
