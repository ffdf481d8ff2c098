//! What the engine makes of servers that behave and of servers that do not.

use startlink::runtime;
use startlink::wire::{Engine, EngineOptions};

use super::server::Served;

#[test]
fn the_engine_carries_a_request_and_its_answer() {
    let served = Served::start();
    let client = Engine::new(EngineOptions::default()).unwrap().client();
    let url = format!("http://{}/echo", served.address);
    let text = runtime::block_on(async { client.post(&url).body("said").recv_string().await });
    assert_eq!(text.unwrap(), "said");
}
