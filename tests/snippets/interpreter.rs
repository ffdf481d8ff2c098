//! How a program of each language is started here, if it can be.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use startlink::view::snippets::{Filling, Language, Task, file_name, source};

/// The languages that can be executed here. The others are named, and those that always must be here are demanded.
pub fn languages(what: &str) -> Vec<Language> {
    let (here, missing): (Vec<_>, Vec<_>) = Language::ALL.into_iter().partition(|language| is_here(*language));
    for needed in [Language::Shell, Language::Python] {
        assert!(here.contains(&needed), "the tests need bash with curl and openssl, and python3");
    }
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|language| language.label()).collect();
        // Past the test harness, which keeps what passing tests print to itself.
        writeln!(std::io::stderr(), "snippets, {what}: NOT executed for want of an interpreter: {}", names.join(", "))
            .unwrap();
    }
    here
}

fn is_here(language: Language) -> bool {
    match language {
        Language::Shell => answers("bash") && answers("curl") && does("openssl", "version"),
        Language::Php => answers("php"),
        Language::Python => answers("python3"),
        // With fetch of its own.
        Language::JavaScript => major("node").is_some_and(|major| major >= 18),
        Language::CSharp => major("dotnet").is_some(),
        Language::Java => major("java").is_some_and(|major| major >= 17),
    }
}

fn answers(program: &str) -> bool {
    does(program, "--version")
}

fn does(program: &str, argument: &str) -> bool {
    let tried = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// The first number that `--version` prints.
fn major(program: &str) -> Option<u32> {
    let tried = Command::new(program).arg("--version").output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(tried.stdout).ok()?;
    text.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty())?.parse().ok()
}

/// A program in a folder of its own, removed when this is dropped.
pub struct Saved {
    pub folder: PathBuf,
    language: Language,
    file: String,
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

impl Saved {
    /// Saves a program with everything filled in.
    pub fn new(task: Task, language: Language, filling: &Filling) -> Self {
        let name = format!("startlink-snippet-{}-{}-{}", std::process::id(), task.word(), language.word());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let file = file_name(task, language);
        std::fs::write(folder.join(&file), filling.fill(source(task, language))).unwrap();
        if let (Language::CSharp, Some(major)) = (language, major("dotnet")) {
            let project = format!(
                "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType>\
                 <TargetFramework>net{major}.0</TargetFramework></PropertyGroup></Project>"
            );
            std::fs::write(folder.join("snippet.csproj"), project).unwrap();
        }
        Self { folder, language, file }
    }

    /// The command that starts it, as the page says it.
    pub fn command(&self) -> Command {
        let (program, before): (&str, &[&str]) = match self.language {
            Language::Shell => ("bash", &[]),
            Language::Php => ("php", &[]),
            // What is printed is to be seen at once, also in a pipe.
            Language::Python => ("python3", &["-u"]),
            Language::JavaScript => ("node", &[]),
            Language::CSharp => ("dotnet", &["run", "--project", "snippet.csproj", "--"]),
            Language::Java => ("java", &[]),
        };
        let mut command = Command::new(program);
        command.args(before).current_dir(&self.folder);
        if self.language != Language::CSharp {
            command.arg(&self.file);
        }
        for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command.env("DOTNET_NOLOGO", "1").env("DOTNET_CLI_TELEMETRY_OPTOUT", "1");
        command
    }

    /// Runs it to its end; what it printed. It has to work.
    pub fn run(&self, args: &[&str]) -> String {
        let ran = self.command().args(args).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        let complaint = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success(), "{}: {}\n{said}\n{complaint}", self.file, ran.status);
        said
    }
}
