//! HTTP/1 on both sides, carried by hyper: the listener under tide and the engine under surf.
