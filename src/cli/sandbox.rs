//! `sandbox`: the whole appliance with a stand-in for Telegram, nothing to configure.

use std::net::SocketAddr;

use super::exit::Failure;
use super::flags::{LogFlags, given};
use super::serve::start_log;
use crate::app::SandboxOptions;
use crate::config::{Config, Environment, Key, Setting, Source};
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
    let config = Config::load(
        &given(
            None,
            args.log
                .pairs()
                .into_iter()
                .chain([(Key::Listen, args.listen.as_ref()), (Key::DataDir, args.data_dir.as_ref())]),
        ),
        &environment.filtered(|name| name.starts_with("STARTLINK_LOG_") || name == "NO_COLOR"),
    )?;
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
