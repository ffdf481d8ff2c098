//! Typed settings: flag > environment > file > default.
