//! The Bot API client over surf: types, and errors as classes one can act on.
