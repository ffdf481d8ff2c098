//! Builds everything once from the settings; starts, supervises and stops the loops in order.
