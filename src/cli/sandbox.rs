//! `sandbox`: the whole appliance with a stand-in for Telegram, nothing to configure.

use std::net::SocketAddr;

use super::exit::Failure;
use super::flags::{LogFlags, given};
use super::serve::start_log;
use crate::app::SandboxOptions;
use crate::config::{Config, ConfigErrors, Environment, Key, Setting, Source};
use crate::{app, runtime};

const PHONE_FLAG: &str = "--phone-listen";
const DEFAULT_PHONE_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8081);

/// The arguments of `sandbox`.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  startlink sandbox --data-dir ./try    keeps its data in ./try; without it, nothing is kept\n\nThe bot's settings are not looked at: the sandbox brings its own bot."
)]
pub(super) struct Args {
    /// Where the web server listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Where the phones (and the stand-in's Bot API) listen [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS:PORT")]
    phone_listen: Option<SocketAddr>,
    /// Keep the data in this folder instead of a temporary one
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,
    #[command(flatten)]
    log: LogFlags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<(), Failure> {
    let config = load(args, environment)?;
    let phone_listen = match args.phone_listen {
        Some(value) => Setting { value, source: Source::Flag(PHONE_FLAG) },
        None => Setting::default(DEFAULT_PHONE_LISTEN),
    };
    for (flag, address) in [("--listen", config.listen.value), (PHONE_FLAG, phone_listen.value)] {
        if !address.ip().is_loopback() {
            let why = "the sandbox lets everyone be anyone, so it listens on this machine only";
            return Err(Failure::Usage(format!("{flag}: {address} is reachable from other machines; {why}")));
        }
    }
    start_log(&config, config.log_level.value, environment);
    Ok(runtime::block_on(app::sandbox(SandboxOptions { config, phone_listen }))?)
}

/// The settings: flags, and of the environment only what concerns the log. A token, an address or a typing mistake meant
/// for a real instance has no effect here.
fn load(args: &Args, environment: &Environment) -> Result<Config, ConfigErrors> {
    let place = [(Key::Listen, args.listen.as_ref()), (Key::DataDir, args.data_dir.as_ref())];
    let log_only = environment.filtered(|name| name.starts_with("STARTLINK_LOG_"));
    Config::load(&given(None, args.log.pairs().into_iter().chain(place)), &log_only)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_real_instance_have_no_effect() {
        let token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_";
        let variables = [
            ("STARTLINK_BOT_TOKEN", token),
            ("STARTLINK_BASE_URL", "https://links.example.org"),
            ("STARTLINK_DATA_DIR", "/var/lib/startlink"),
            ("STATE_DIRECTORY", "/var/lib/startlink"),
            ("STARTLINK_TYPO", "x"),
            ("STARTLINK_LOG_LEVEL", "debug"),
        ];
        let environment = Environment::new(variables.map(|(name, value)| (name.into(), value.into())));
        let args = Args { listen: None, phone_listen: None, data_dir: None, log: LogFlags::default() };
        let config = load(&args, &environment).unwrap();
        assert!(config.bot_token.is_none() && config.base_url.is_none());
        assert_eq!(config.data_dir.source, Source::Default);
        assert_eq!(config.log_level.value, log::LevelFilter::Debug);
    }
}
