//! maud components, shared by web and sandbox.
