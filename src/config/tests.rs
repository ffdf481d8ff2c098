//! The order of the sources, and that every mistake names its place.

use std::path::PathBuf;

use super::*;

const TOKEN: &str = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_";

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::new(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())))
}

fn load(flags: &[(Key, &str)], variables: &[(&str, &str)]) -> Result<Config, String> {
    let values = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    Config::load(&Flags { config: None, values }, &environment(variables)).map_err(|errors| errors.to_string())
}

/// A file that is removed again; `name` keeps tests apart.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("startlink-config-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

fn load_file(name: &str, content: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let file = TempFile::new(name, content);
    let flags = Flags { config: Some(file.0.clone()), values: BTreeMap::new() };
    Config::load(&flags, &environment(variables)).map_err(|errors| errors.to_string().replace(file.path(), "FILE"))
}

fn refused(result: Result<Config, String>) -> String {
    result.err().unwrap_or_else(|| panic!("accepted"))
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let config = load(&[], &[]).unwrap();
    assert_eq!(config.listen, Setting::default("127.0.0.1:8080".parse().unwrap()));
    assert_eq!(config.data_dir, Setting::default(PathBuf::from("./data")));
    assert_eq!(config.stop_timeout.value, Duration::from_secs(10));
    assert!(config.base_url.is_none() && config.bot_token.is_none() && config.rate_global.is_none());
    assert_eq!(
        load(&[], &[("STATE_DIRECTORY", "/var/lib/startlink:/x")]).unwrap().data_dir.value,
        PathBuf::from("/var/lib/startlink")
    );
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = TempFile::new("order", "log_level = 'error'\nrate_chat = 3\nrate_group = 4\n");
    let variables = environment(&[
        ("STARTLINK_CONFIG", file.path()),
        ("STARTLINK_LOG_LEVEL", "warn"),
        ("STARTLINK_RATE_CHAT", "2"),
    ]);
    let flags = Flags { config: None, values: BTreeMap::from([(Key::LogLevel, "debug".to_owned())]) };
    let config = Config::load(&flags, &variables).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.log_level, Setting { value: LevelFilter::Debug, source: Source::Flag("--log-level") });
    assert_eq!(config.rate_chat, Some(Setting { value: 2, source: Source::Env("STARTLINK_RATE_CHAT") }));
    assert_eq!(config.rate_group, Some(Setting { value: 4, source: Source::File }));
}

#[test]
fn what_the_ui_saved_counts_when_the_process_was_started_without_it() {
    let started = Setting { value: 1, source: Source::File };
    assert_eq!(Setting::settle(Some(started), Some(2), 3), started);
    assert_eq!(Setting::settle(None, Some(2), 3), Setting { value: 2, source: Source::Saved });
    assert_eq!(Setting::settle(None, None, 3), Setting::default(3));
    assert!(started.source.is_locked() && !Source::Saved.is_locked());
}

#[test]
fn a_file_variable_is_read_without_its_last_line_feed() {
    let file = TempFile::new("token", &format!("{TOKEN}\r\n"));
    let config = load(&[], &[("STARTLINK_BOT_TOKEN_FILE", file.path())]).unwrap();
    let token = config.bot_token.unwrap();
    assert_eq!((token.value.expose(), token.source), (TOKEN, Source::Env("STARTLINK_BOT_TOKEN_FILE")));
}

#[test]
fn a_value_and_a_file_for_the_same_setting_are_refused() {
    let said = refused(load(&[], &[("STARTLINK_BOT_TOKEN", TOKEN), ("STARTLINK_BOT_TOKEN_FILE", "/x")]));
    assert_eq!(said, "STARTLINK_BOT_TOKEN and STARTLINK_BOT_TOKEN_FILE are both set; keep one of them");
}

#[test]
fn an_unreadable_file_is_named_with_its_variable() {
    let said = refused(load(&[], &[("STARTLINK_SECRET_KEY_FILE", "/nonexistent/key")]));
    assert!(said.starts_with("STARTLINK_SECRET_KEY_FILE: cannot read /nonexistent/key: "), "{said}");
}

#[test]
fn unknown_variables_are_errors_with_the_nearest_name() {
    let said = refused(load(&[], &[("STARTLINK_BOTTOKEN", "x")]));
    assert_eq!(said, "STARTLINK_BOTTOKEN is not a setting of startlink; did you mean STARTLINK_BOT_TOKEN?");
    assert_eq!(
        refused(load(&[], &[("STARTLINK_ZZZZZZZZZ", "x")])),
        "STARTLINK_ZZZZZZZZZ is not a setting of startlink"
    );
    let said = refused(load(&[], &[("STARTLINK_TLS_CERT_FILE", "x")]));
    assert_eq!(said, "STARTLINK_TLS_CERT_FILE is not available in this version of startlink; remove it");
}

#[test]
fn empty_variables_and_those_of_the_tests_are_left_alone() {
    assert!(
        load(&[], &[("STARTLINK_BASE_URL", ""), ("STARTLINK_TEST_LONG", "1"), ("OTHER", "x")])
            .unwrap()
            .base_url
            .is_none()
    );
}

#[test]
fn all_mistakes_are_reported_together() {
    let said =
        refused(load(&[(Key::StopTimeout, "soon")], &[("STARTLINK_LISTEN", "8080"), ("STARTLINK_RATE_CHAT", "-1")]));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].starts_with("STARTLINK_LISTEN: `8080` is not an address with a port"), "{said}");
    assert!(lines[1].starts_with("STARTLINK_RATE_CHAT: `-1` is not a whole number from 0"), "{said}");
    assert!(lines[2].starts_with("--stop-timeout: `soon` is not a time"), "{said}");
}

#[test]
fn the_file_takes_texts_numbers_flags_and_lists() {
    let config = load_file(
        "types",
        "# comment\nlisten = \"0.0.0.0:80\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nrate_global = 0\ninsecure_http = true\n",
        &[],
    )
    .unwrap();
    assert_eq!(config.trusted_proxies.value.len(), 2);
    assert_eq!(config.rate_global.map(|rate| rate.value), Some(0));
    assert_eq!(config.plain_http.value, PlainHttp::Anywhere);
}

#[test]
fn mistakes_in_the_file_name_the_line() {
    let said = refused(load_file("unknown", "listen = '127.0.0.1:80'\n\nlissten = 'x'\n", &[]));
    assert_eq!(said, "FILE, line 3, lissten is not a setting of startlink; did you mean listen?");
    let said = refused(load_file("value", "\nrate_chat = 'fast'\n", &[]));
    assert!(said.starts_with("FILE, line 2, rate_chat: `fast` is not a whole number"), "{said}");
    let said = refused(load_file("type", "listen = { port = 80 }\n", &[]));
    assert!(said.starts_with("FILE, line 1, listen: must be a text"), "{said}");
    let said = refused(load_file("syntax", "listen = \n", &[]));
    assert!(said.starts_with("FILE, line 1: "), "{said}");
    let said = refused(load_file("later", "metrics_listen = 'x'\n", &[]));
    assert_eq!(said, "FILE, line 1, metrics_listen is not available in this version of startlink; remove it");
}

#[test]
fn a_public_bind_in_clear_is_refused_unless_it_is_meant() {
    let serve = |flags: &[(Key, &str)], variables: &[(&str, &str)]| {
        load(flags, variables).unwrap().fit_to_serve().map_err(|errors| errors.to_string())
    };
    let said = serve(&[(Key::Listen, "0.0.0.0:8080")], &[]).unwrap_err();
    assert!(said.starts_with("listen (set by --listen): 0.0.0.0:8080 is reachable from other machines"), "{said}");
    assert!(serve(&[(Key::Listen, "0.0.0.0:8080"), (Key::InsecureHttp, "true")], &[]).is_ok());
    assert!(serve(&[(Key::Listen, "0.0.0.0:8080")], &[("STARTLINK_TRUSTED_PROXIES", "10.0.0.1")]).is_ok());
    assert!(serve(&[(Key::Listen, "[::1]:8080")], &[]).is_ok());
}

#[test]
fn rows_show_value_and_source_and_hide_secrets() {
    let key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let config = load(
        &[],
        &[
            ("STARTLINK_BOT_TOKEN", TOKEN),
            ("STARTLINK_SECRET_KEY", key),
            ("STARTLINK_PROXY", "socks5://u:hunter2@10.0.0.1:1080"),
        ],
    )
    .unwrap();
    let rows = config.rows();
    let value = |key| rows.iter().find(|row| row.key == key).and_then(|row| row.value.clone());
    assert_eq!(value(Key::BotToken).as_deref(), Some("123456789:(hidden)"));
    assert_eq!(value(Key::SecretKey).as_deref(), Some("(hidden)"));
    assert_eq!(value(Key::Proxy).as_deref(), Some("socks5://(hidden)@10.0.0.1:1080"));
    assert_eq!(value(Key::RateGlobal).as_deref(), Some("30"));
    assert_eq!(value(Key::BaseUrl), None);
    assert_eq!(rows.len(), Key::ALL.len());
}

#[test]
fn every_name_follows_from_the_name_in_the_file() {
    for key in Key::ALL {
        assert_eq!(key.variable(), format!("STARTLINK_{}", key.name().to_uppercase()));
        assert_eq!(key.file_variable(), format!("{}_FILE", key.variable()));
        if let Some(flag) = key.flag() {
            assert_eq!(flag, format!("--{}", key.name().replace('_', "-")));
        }
    }
}
