//! The data file: the only place that names redb.
