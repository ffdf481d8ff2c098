//! The log sink: text or JSON lines, with tokens redacted as the last net.
