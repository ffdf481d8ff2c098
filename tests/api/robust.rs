//! The contract tried out by schemathesis, a tool of others: thousands of requests made of it, right and wrong ones, against
//! the executable in the sandbox. Only in the long mode, `STARTLINK_TEST_LONG=1`; skipped where there is no Python with pip.

use std::path::{Path, PathBuf};
use std::process::Command;

use startlink::store;

use super::real::{Folder, furnish, open};
use crate::support::program::Program;

/// The version that the test was written with.
const TOOL: &str = "schemathesis==4.32.5";
/// What it looks at: nothing breaks, and everything is as the contract says.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,negative_data_rejection,\
                      missing_required_header,unsupported_method,ignored_auth,use_after_free,ensure_resource_availability";

/// The tool in an environment of its own; nothing where it cannot be had.
fn tool(folder: &Path) -> Option<PathBuf> {
    let home = folder.join("python");
    let made = Command::new("python3").args(["-m", "venv"]).arg(&home).output().ok()?;
    let pip = made.status.success().then(|| home.join("bin/pip"))?;
    let got = Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", TOOL]).output().ok()?;
    got.status.success().then(|| home.join("bin/schemathesis"))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how the tests are run is not a setting of the program")]
fn whatever_the_contract_allows_and_forbids_is_answered_as_it_says() {
    if std::env::var_os("STARTLINK_TEST_LONG").is_none() {
        return;
    }
    let folder = Folder::new("contract");
    std::fs::create_dir_all(folder.0.join("data")).unwrap();
    let Some(tool) = tool(&folder.0) else {
        eprintln!("skipped: there is no python3 with venv and pip here, or {TOOL} cannot be had");
        return;
    };
    let data = folder.0.join("data");
    let secret = furnish(&data, None);
    let mut program = Program::sandbox_in(&data, &[("STARTLINK_LOG_LEVEL", "warn")]);
    let site = program.announced("Admin").trim_end_matches("/admin").to_owned();
    // A method that nobody knows yet, such as QUERY, is answered 501 (RFC 9110, section 9.1), which the tool takes for a fault.
    let methods =
        "[phases.coverage]\nunexpected-methods = [\"DELETE\", \"OPTIONS\", \"PATCH\", \"POST\", \"PUT\", \"TRACE\"]\n";
    std::fs::write(folder.0.join("schemathesis.toml"), methods).unwrap();
    let ran = Command::new(tool)
        .current_dir(&folder.0)
        .args(["run", &format!("{site}/api/v1/openapi.json"), "--header"])
        .arg(format!("Authorization: Bearer {secret}"))
        .args(["--checks", CHECKS, "--max-examples", "40", "--request-timeout", "40", "--seed", "1"])
        // It writes no JSON lines.
        .args(["--workers", "4", "--no-color", "--exclude-operation-id", "putAccounts"])
        .output()
        .unwrap();
    let [out, err] = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(ran.status.success(), "{out}\n{err}\n{}", program.log());
    assert_eq!(program.terminate(), 0);
    let report = open(&data).read(store::check::check).unwrap();
    assert!(report.is_clean(), "{:#?}", report.findings);
}
