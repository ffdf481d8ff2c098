//! The benchmarks: `cargo bench` runs all, `cargo bench -- links` one of `api`, `links`, `fsyncs`, `start`, `web`,
//! `broadcast`, `broadcast-fsyncs`, `replies`, `expand`, `import`, `export`, `webhooks`, `document`, `inbox`,
//! `press`.
//! They print medians and the machine; they never fail for being slow.

#![expect(
    clippy::disallowed_methods,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measuring program reads clocks, computes with floats, prints, and ends at the first surprise"
)]

mod api;
mod broadcast;
mod client;
mod document;
mod door;
mod expand;
mod inbox;
mod links;
mod moving;
mod start;
mod support;
mod web;
mod webhooks;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let all: [(&str, fn()); 15] = [
        ("api", api::run),
        ("links", links::run),
        ("fsyncs", links::count_fsyncs),
        ("start", start::run),
        ("web", web::run),
        ("broadcast", broadcast::run),
        ("broadcast-fsyncs", broadcast::syncs),
        ("replies", broadcast::replies),
        ("expand", expand::run),
        ("import", moving::import),
        ("export", moving::export),
        ("webhooks", webhooks::run),
        ("document", document::run),
        ("inbox", inbox::run),
        ("press", inbox::press),
    ];
    println!("machine: {}", support::machine());
    for (name, bench) in all {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            bench();
        }
    }
}
